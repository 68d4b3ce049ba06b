"""The families that are not split normal: uniform, zero-inflated exponential and fixed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from twocurves.beliefs.tails import PRIOR_TAIL, RANGE_TAIL, FloatArray, Tails, mean_of


@dataclass(frozen=True)
class Uniform:
    """Every value from ``low`` to ``high`` alike.

    ``low`` and ``high`` may lie beyond the bounds after :meth:`anchored`; the tails then end at the bounds.
    """

    low: float
    high: float
    bounds: tuple[float, float]

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low must be less than high, not {self.low:g} and {self.high:g}")
        _ = self.tails

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return max(self.low, self.bounds[0]), min(self.high, self.bounds[1])

    @cached_property
    def tails(self) -> Tails:
        """How the tails are ended at the bounds."""
        width = self.high - self.low
        below = max(0.0, self.bounds[0] - self.low) / width
        above = max(0.0, self.high - self.bounds[1]) / width
        return Tails(below, above, RANGE_TAIL, 1.0 - RANGE_TAIL)

    @property
    def moved_mass(self) -> float:
        """Probability that lay beyond the bounds."""
        return self.tails.moved_mass

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """None: the distribution is continuous."""
        return ()

    @cached_property
    def mean(self) -> float:
        """Expected value."""
        if self.tails.moved_mass == 0.0:
            return 0.5 * (self.low + self.high)
        return mean_of(self.quantile, (RANGE_TAIL, 0.5, 1.0 - RANGE_TAIL))

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the values below which the probabilities ``u`` lie."""
        u = self.tails.unbounded(np.asarray(u, dtype=np.float64))
        return np.asarray(np.clip(self.low + (self.high - self.low) * u, *self.support), dtype=np.float64)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value at or below each ``x``."""
        x = np.asarray(x, dtype=np.float64)
        inside = np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)
        return self.tails.bounded(np.asarray(inside, dtype=np.float64))

    def density(self, x: FloatArray) -> FloatArray:
        """Return the probability density at each ``x``."""
        x = np.asarray(x, dtype=np.float64)
        v = np.asarray((x - self.low) / (self.high - self.low), dtype=np.float64)
        inside = (x >= self.support[0]) & (x <= self.support[1])
        flat = self.tails.stretch(v) / (self.high - self.low)
        return np.asarray(np.where(inside, flat, 0.0), dtype=np.float64)

    def scaled(self, factor: float) -> Uniform:
        """Return the distribution from ``low`` to ``high``, each times ``factor``."""
        low, high = self.low * factor, self.high * factor
        if low < self.bounds[0] or high > self.bounds[1]:
            raise ValueError(f"{low:g} to {high:g} must lie inside {self.bounds[0]:g} to {self.bounds[1]:g}")
        return replace(self, low=low, high=high)

    def anchored(self, p10: float, p90: float) -> Uniform:
        """Return the uniform distribution with these 10th and 90th percentiles."""
        return uniform_through(p10, p90, self.bounds)


@dataclass(frozen=True)
class ZeroInflatedExponential:
    """Zero with probability ``zero_mass``, else exponential with ``mean_above_zero``."""

    zero_mass: float
    mean_above_zero: float
    bounds: tuple[float, float]

    def __post_init__(self) -> None:
        if self.bounds[0] > 0.0:
            raise ValueError("a zero-inflated exponential needs a lower bound of zero or less")
        _ = self.tails

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        return 0.0, self.bounds[1]

    @cached_property
    def tails(self) -> Tails:
        """How the upper tail is ended at the bound."""
        above = (1.0 - self.zero_mass) * math.exp(-self.bounds[1] / self.mean_above_zero)
        return Tails(0.0, above, PRIOR_TAIL, max(1.0 - PRIOR_TAIL, self.zero_mass))

    @property
    def moved_mass(self) -> float:
        """Probability that lay beyond the bound."""
        return self.tails.moved_mass

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """The probability at zero."""
        return ((0.0, self.zero_mass),) if self.zero_mass > 0.0 else ()

    @cached_property
    def mean(self) -> float:
        """Expected value, zeros included."""
        return mean_of(self.quantile, (self.zero_mass, self.tails.high))

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the values below which the probabilities ``u`` lie."""
        u = self.tails.unbounded(np.asarray(u, dtype=np.float64))
        survival = np.minimum(1.0, (1.0 - u) / (1.0 - self.zero_mass))
        return np.asarray(
            np.clip(-self.mean_above_zero * np.log(survival) + 0.0, *self.support), dtype=np.float64
        )

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value at or below each ``x``."""
        x = np.asarray(x, dtype=np.float64)
        v = self._unbounded_cdf(x)
        reached = np.where(x >= self.bounds[1], 1.0, self.tails.bounded(v))
        return np.asarray(np.where(x < 0.0, 0.0, reached), dtype=np.float64)

    def density(self, x: FloatArray) -> FloatArray:
        """Return the probability density at each ``x``, the zeros left out."""
        x = np.asarray(x, dtype=np.float64)
        above_zero = np.maximum(x, 0.0) / self.mean_above_zero
        flat = (1.0 - self.zero_mass) / self.mean_above_zero * np.exp(-above_zero)
        stretched = flat * self.tails.stretch(self._unbounded_cdf(x))
        inside = (x >= 0.0) & (x <= self.bounds[1])
        return np.asarray(np.where(inside, stretched, 0.0), dtype=np.float64)

    def scaled(self, factor: float) -> ZeroInflatedExponential:
        """Return the distribution of the value times ``factor``; the probability of zero stays."""
        return replace(self, mean_above_zero=self.mean_above_zero * factor)

    def anchored(self, p10: float, p90: float) -> ZeroInflatedExponential:
        """Return the distribution with this 90th percentile; the 10th has to be the zero that it is."""
        if p10 != 0.0 or not RANGE_TAIL <= self.zero_mass < 1.0 - RANGE_TAIL:
            raise ValueError(
                f"{self.zero_mass:.0%} of its probability is at zero, "
                "so its range can only be 0 to a new 90th percentile"
            )
        if p90 > self.bounds[1]:
            raise ValueError(f"percentile {p90:g} must be at most {self.bounds[1]:g}")
        return replace(self, mean_above_zero=p90 / math.log((1.0 - self.zero_mass) / RANGE_TAIL))

    def _unbounded_cdf(self, x: FloatArray) -> FloatArray:
        above_zero = np.maximum(x, 0.0) / self.mean_above_zero
        return np.asarray(1.0 - (1.0 - self.zero_mass) * np.exp(-above_zero), dtype=np.float64)


@dataclass(frozen=True)
class Fixed:
    """One value, certain."""

    value: float
    bounds: tuple[float, float]

    def __post_init__(self) -> None:
        if not self.bounds[0] <= self.value <= self.bounds[1]:
            raise ValueError(f"{self.value:g} must lie inside {self.bounds[0]:g} to {self.bounds[1]:g}")

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    @property
    def support(self) -> tuple[float, float]:
        """The value, twice."""
        return self.value, self.value

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """The value, with all the probability."""
        return ((self.value, 1.0),)

    @property
    def moved_mass(self) -> float:
        """Nothing is moved."""
        return 0.0

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the value for every ``u``."""
        return np.full(np.shape(u), self.value)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return 0 below the value and 1 from it on."""
        return np.asarray(np.asarray(x) >= self.value, dtype=np.float64)

    def density(self, x: FloatArray) -> FloatArray:
        """Return zeros: all the probability is in the atom."""
        return np.zeros(np.shape(x))

    def scaled(self, factor: float) -> Fixed:
        """Return the value times ``factor``."""
        return replace(self, value=self.value * factor)

    def anchored(self, p10: float, p90: float) -> Uniform:
        """Return a uniform distribution: a range for what was certain says nothing more."""
        return uniform_through(p10, p90, self.bounds)


def uniform_through(p10: float, p90: float, bounds: tuple[float, float]) -> Uniform:
    """Return the uniform distribution with these 10th and 90th percentiles.

    Raises
    ------
    ValueError
        The percentiles do not rise or lie outside the bounds.
    """
    if not bounds[0] <= p10 < p90 <= bounds[1]:
        raise ValueError(f"percentiles {p10:g} and {p90:g} must lie inside {bounds[0]:g} to {bounds[1]:g}")
    beyond = (p90 - p10) * RANGE_TAIL / (1.0 - 2.0 * RANGE_TAIL)
    return Uniform(p10 - beyond, p90 + beyond, bounds)
