"""The distributions of the priors, each with a vectorised quantile, distribution function and density.

The families are those of :data:`twocurves.beliefs.schema.Family`. Arrays are float64 of any shape and
everything is elementwise.

*Bounds.* Where a tail would reach past a bound, that tail alone (beyond its stated percentile) is compressed
so that it ends at the bound: probabilities are mapped linearly inside the tail. The stated percentiles stay
exact. How much probability was moved is ``moved_mass``; a prior in a file may move at most
:data:`MOST_MOVED_IN_FILES`. A changed range says nothing about its tails but that they end at the bounds, so
it may move any part of a tail.
"""

from __future__ import annotations

import math
from typing import Protocol

from twocurves.beliefs.plain_families import Fixed, Uniform, ZeroInflatedExponential, uniform_through
from twocurves.beliefs.schema import Family, Prior
from twocurves.beliefs.split_normal import Scale, SplitNormal, split_normal_through
from twocurves.beliefs.tails import FloatArray

#: The probability that a prior in a file may have beyond its bounds before its tails are compressed.
MOST_MOVED_IN_FILES = 0.01

_SCALE_OF_FAMILY: dict[str, Scale] = {
    "split_normal": "identity",
    "split_lognormal": "log",
    "split_logitnormal": "logit",
}


class Distribution(Protocol):
    """What every prior can do."""

    @property
    def mean(self) -> float:
        """Expected value."""
        ...

    @property
    def support(self) -> tuple[float, float]:
        """The lowest and the highest possible value."""
        ...

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """Values with a probability of their own, as ``(value, probability)``; the density omits them."""
        ...

    @property
    def moved_mass(self) -> float:
        """The probability that compressing the tails at the bounds moved."""
        ...

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the values below which the probabilities ``u``, strictly between 0 and 1, lie."""
        ...

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value at or below each ``x``."""
        ...

    def density(self, x: FloatArray) -> FloatArray:
        """Return the probability density at each ``x``; zero outside the support, atoms left out."""
        ...

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution of the value times ``factor``, within the same bounds.

        Raises
        ------
        ValueError
            The percentiles would lie outside the bounds.
        """
        ...

    def anchored(self, p10: float, p90: float) -> Distribution:
        """Return the same family with these 10th and 90th percentiles, its asymmetry kept.

        Raises
        ------
        ValueError
            The family cannot have these percentiles within its bounds.
        """
        ...


def of_prior(prior: Prior, family: Family, bounds: tuple[float, float]) -> Distribution:
    """Build the distribution that a prior states.

    Parameters
    ----------
    prior
        Percentiles or the family's own numbers; its ``distribution`` wins over ``family``.
    family
        The parameter's family.
    bounds
        The parameter's bounds.

    Raises
    ------
    ValueError
        Numbers are missing, out of order, not of this family or outside the bounds; or more than
        :data:`MOST_MOVED_IN_FILES` of the probability lies beyond the bounds.
    """
    family = prior.distribution or family
    numbers = _numbers(prior, family)
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError(f"{' and '.join(numbers)} must be finite numbers")
    built: Distribution
    if family == "fixed":
        built = Fixed(numbers["value"], bounds)
    elif family == "uniform":
        if numbers["low"] < bounds[0] or numbers["high"] > bounds[1]:
            raise ValueError(f"low and high must lie inside {bounds[0]:g} to {bounds[1]:g}")
        built = Uniform(numbers["low"], numbers["high"], bounds)
    elif family == "zero_inflated_exponential":
        built = ZeroInflatedExponential(numbers["zero_mass"], numbers["mean"], bounds)
    else:
        built = SplitNormal(_SCALE_OF_FAMILY[family], numbers["p05"], numbers["p50"], numbers["p95"], bounds)
    if built.moved_mass > MOST_MOVED_IN_FILES:
        raise ValueError(
            f"{built.moved_mass:.1%} of the probability lies beyond the bounds {bounds[0]:g} to "
            f"{bounds[1]:g}; at most {MOST_MOVED_IN_FILES:.0%} may"
        )
    return built


def of_range(family: Family, p10: float, p90: float, bounds: tuple[float, float]) -> Distribution:
    """Build the distribution of a family with these 10th and 90th percentiles, symmetric on its scale.

    For parameters that have no prior of their own to keep the shape of. A ``fixed`` or
    ``zero_inflated_exponential`` family gives a uniform distribution.

    Raises
    ------
    ValueError
        The family cannot have these percentiles within the bounds.
    """
    if family in _SCALE_OF_FAMILY:
        return split_normal_through(_SCALE_OF_FAMILY[family], p10, p90, bounds, share_below=0.5)
    return uniform_through(p10, p90, bounds)


def _numbers(prior: Prior, family: Family) -> dict[str, float]:
    """Return the numbers that a family needs, and refuse missing or foreign ones."""
    needed = {
        "fixed": ("value",),
        "uniform": ("low", "high"),
        "zero_inflated_exponential": ("zero_mass", "mean"),
    }.get(family, ("p05", "p50", "p95"))
    every = ("p05", "p50", "p95", "low", "high", "zero_mass", "mean", "value")
    given = {name: getattr(prior, name) for name in every if getattr(prior, name) is not None}
    missing = [name for name in needed if name not in given]
    if missing:
        raise ValueError(f"a {family} prior needs {', '.join(needed)}; {', '.join(missing)} is missing")
    foreign = [name for name in given if name not in needed]
    if foreign:
        raise ValueError(f"a {family} prior has {', '.join(needed)}, not {', '.join(foreign)}")
    return given
