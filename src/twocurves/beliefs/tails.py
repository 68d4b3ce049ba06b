"""Tails that end at a bound, and the arithmetic that every family shares."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

FloatArray: TypeAlias = NDArray[np.float64]

#: The lower of the two probabilities at which a prior states its spread, and a changed range its own.
PRIOR_TAIL = 0.05
RANGE_TAIL = 0.10


@dataclass(frozen=True)
class Tails:
    """The linear map of probabilities that ends both tails at the bounds.

    Attributes
    ----------
    below, above
        Probability that the unbounded distribution has beyond the lower and the upper bound.
    low, high
        The probabilities between which nothing changes.
    """

    below: float
    above: float
    low: float
    high: float

    def __post_init__(self) -> None:
        most = 1.0 - 1e-9  # of a tail: with all of it gone there is nothing left to compress
        if self.below > most * self.low or self.above > most * (1.0 - self.high):
            raise ValueError("a percentile on a bound leaves no room for the tail beyond it")

    @property
    def moved_mass(self) -> float:
        """Probability that lay beyond the bounds."""
        return self.below + self.above

    def unbounded(self, u: FloatArray) -> FloatArray:
        """Return the probabilities of the unbounded distribution for those of the bounded one."""
        if self.moved_mass == 0.0:
            return u
        from_below = self.below + u * (1.0 - self.below / self.low)
        from_above = 1.0 - (self.above + (1.0 - u) * (1.0 - self.above / (1.0 - self.high)))
        mapped: FloatArray = np.where(u < self.low, from_below, np.where(u > self.high, from_above, u))
        return mapped

    def bounded(self, v: FloatArray) -> FloatArray:
        """Undo :meth:`unbounded`; probabilities beyond the bounds become 0 and 1."""
        if self.moved_mass == 0.0:
            return v
        from_below = (v - self.below) / (1.0 - self.below / self.low)
        from_above = 1.0 - (1.0 - v - self.above) / (1.0 - self.above / (1.0 - self.high))
        mapped: FloatArray = np.where(v < self.low, from_below, np.where(v > self.high, from_above, v))
        return np.clip(mapped, 0.0, 1.0)

    def stretch(self, v: FloatArray) -> FloatArray:
        """Return the factor on the unbounded density where its distribution function is ``v``."""
        in_lower = self.low / (self.low - self.below)
        in_upper = (1.0 - self.high) / (1.0 - self.high - self.above)
        factor: FloatArray = np.where(v < self.low, in_lower, np.where(v > self.high, in_upper, 1.0))
        return factor


#: Normal quantiles beyond which double precision knows no probability.
_FARTHEST_Z = 8.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def mean_of(quantile: Callable[[FloatArray], FloatArray], kinks: tuple[float, ...]) -> float:
    """Return the expected value of a distribution from its quantile function.

    Gauss-Legendre quadrature of the quantile against the normal density, in pieces at most one standard
    deviation long that do not cross the probabilities ``kinks``, where the quantile is not smooth.
    """
    inner = sorted({float(ndtri(kink)) for kink in kinks if 0.0 < kink < 1.0})
    ends = [-_FARTHEST_Z, *inner, _FARTHEST_Z]
    total = 0.0
    for start, end in itertools.pairwise(ends):
        edges = np.linspace(start, end, max(1, math.ceil(end - start)) + 1)
        half = 0.5 * (edges[1:] - edges[:-1])[:, None]
        z = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * _NODES
        weights = half * _WEIGHTS * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        total += float(np.sum(weights * quantile(np.asarray(ndtr(z), dtype=np.float64))))
    return total
