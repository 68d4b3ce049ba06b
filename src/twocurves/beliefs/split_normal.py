"""The split normal on a scale: two halves of a normal distribution that meet at the median.

With ``g`` the scale (identity, logarithm, or logit between the bounds), ``m = g(p50)`` and ``z`` the standard
normal quantile,

    x(u) = g^-1( m + s(u) z(u) ),   s(u) = s_low where u < 1/2, s_high where u >= 1/2,

and ``s_low``, ``s_high`` are such that the outer percentiles are met. So the three percentiles that a file
states are recovered exactly; the density may step at the median. (This is not the classical two-piece normal
of Gibbons and Mylroie 1973, whose density is continuous and whose median is not its mode.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.special import expit, ndtr, ndtri

from twocurves.beliefs.tails import PRIOR_TAIL, RANGE_TAIL, FloatArray, Tails, mean_of

Scale = Literal["identity", "log", "logit"]


@dataclass(frozen=True)
class SplitNormal:
    """Two-piece normal on a scale, through three percentiles.

    Attributes
    ----------
    scale
        ``"identity"``, ``"log"`` or ``"logit"`` (between the bounds).
    low, median, high
        The percentiles at ``tail``, one half and ``1 - tail``, in the parameter's unit.
    bounds
        Lowest and highest possible value.
    tail
        Probability below ``low`` and above ``high``.
    """

    scale: Scale
    low: float
    median: float
    high: float
    bounds: tuple[float, float]
    tail: float = PRIOR_TAIL

    def __post_init__(self) -> None:
        floor, ceiling = self.support
        if not self.low < self.median < self.high:
            raise ValueError(f"percentiles must rise, not {self.low:g}, {self.median:g}, {self.high:g}")
        if self.low <= floor or self.high >= ceiling:
            stated = f"percentiles {self.low:g} and {self.high:g}"
            raise ValueError(f"{stated} must lie strictly inside {floor:g} to {ceiling:g}")
        if self.scale == "logit" and not all(map(math.isfinite, self.bounds)):
            raise ValueError("a logit scale needs two finite bounds")
        _ = self.tails  # refuses where a whole tail lies beyond a bound

    @cached_property
    def support(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        floor, ceiling = self.bounds
        return (max(floor, 0.0), ceiling) if self.scale == "log" else (floor, ceiling)

    @cached_property
    def centre(self) -> float:
        """The median on the scale."""
        return self._on_scale(self.median)

    @cached_property
    def spreads(self) -> tuple[float, float]:
        """Standard deviations below and above the median, on the scale."""
        z = -float(ndtri(self.tail))
        return (self.centre - self._on_scale(self.low)) / z, (self._on_scale(self.high) - self.centre) / z

    @cached_property
    def tails(self) -> Tails:
        """How the tails are ended at the bounds."""
        floor, ceiling = self.support
        below = float(ndtr((self._on_scale(floor) - self.centre) / self.spreads[0]))
        above = float(ndtr((self.centre - self._on_scale(ceiling)) / self.spreads[1]))
        return Tails(below, above, self.tail, 1.0 - self.tail)

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
        return mean_of(self.quantile, (self.tail, 0.5, 1.0 - self.tail))

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the values below which the probabilities ``u`` lie."""
        z = ndtri(self.tails.unbounded(np.asarray(u, dtype=np.float64)))
        on_scale = self.centre + np.where(z < 0.0, *self.spreads) * z
        if self.scale == "log":
            x = np.exp(on_scale)
        elif self.scale == "logit":
            floor, ceiling = self.bounds
            x = floor + (ceiling - floor) * expit(on_scale)
        else:
            x = on_scale
        return np.asarray(np.clip(x, *self.support), dtype=np.float64)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability of a value at or below each ``x``."""
        x = np.asarray(x, dtype=np.float64)
        below, above = x < self.support[0], x >= self.support[1]
        inside = self.tails.bounded(np.asarray(ndtr(self._z(x)), dtype=np.float64))
        return np.asarray(np.where(below, 0.0, np.where(above, 1.0, inside)), dtype=np.float64)

    def density(self, x: FloatArray) -> FloatArray:
        """Return the probability density at each ``x``."""
        x = np.asarray(x, dtype=np.float64)
        z = self._z(x)
        spread = np.where(z < 0.0, *self.spreads)
        normal = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / spread
        stretched = normal * self._slope(x) * self.tails.stretch(np.asarray(ndtr(z)))
        inside = (x > self.support[0]) & (x < self.support[1])
        return np.asarray(np.where(inside, stretched, 0.0), dtype=np.float64)

    def scaled(self, factor: float) -> SplitNormal:
        """Return the distribution with every percentile times ``factor``."""
        return replace(self, low=self.low * factor, median=self.median * factor, high=self.high * factor)

    def anchored(self, p10: float, p90: float) -> SplitNormal:
        """Return the same scale and the same ratio of the two spreads, through new percentiles."""
        share_below = self.spreads[0] / (self.spreads[0] + self.spreads[1])
        return split_normal_through(self.scale, p10, p90, self.bounds, share_below=share_below)

    def _z(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.scale == "log":
                on_scale = np.log(np.maximum(x, 0.0))
            elif self.scale == "logit":
                clipped = np.clip(x, *self.bounds)
                on_scale = np.log(clipped - self.bounds[0]) - np.log(self.bounds[1] - clipped)
            else:
                on_scale = x
        apart = on_scale - self.centre
        return np.asarray(apart / np.where(apart < 0.0, *self.spreads), dtype=np.float64)

    def _slope(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            if self.scale == "log":
                return np.asarray(1.0 / np.maximum(x, 0.0))
            if self.scale == "logit":
                clipped = np.clip(x, *self.bounds)
                return np.asarray(1.0 / (clipped - self.bounds[0]) + 1.0 / (self.bounds[1] - clipped))
        return np.ones_like(x)

    def _on_scale(self, value: float) -> float:
        return _to_scale(self.scale, value, self.bounds)


def split_normal_through(
    scale: Scale, p10: float, p90: float, bounds: tuple[float, float], *, share_below: float
) -> SplitNormal:
    """Return the split normal with these 10th and 90th percentiles.

    Parameters
    ----------
    scale
        The scale on which it is normal.
    p10, p90
        The percentiles, in the parameter's unit.
    bounds
        Lowest and highest possible value.
    share_below
        Where the median lies between the percentiles, on the scale: one half is symmetric.

    Raises
    ------
    ValueError
        The percentiles do not rise or lie outside the bounds.
    """
    floor, ceiling = (max(bounds[0], 0.0), bounds[1]) if scale == "log" else bounds
    start, end = _to_scale(scale, p10, bounds), _to_scale(scale, p90, bounds)
    if not (floor <= p10 < p90 <= ceiling and math.isfinite(start) and math.isfinite(end)):
        raise ValueError(f"percentiles {p10:g} and {p90:g} must lie strictly inside {floor:g} to {ceiling:g}")
    median = _from_scale(scale, start + share_below * (end - start), bounds)
    return SplitNormal(scale, p10, median, p90, bounds, RANGE_TAIL)


def _to_scale(scale: Scale, value: float, bounds: tuple[float, float]) -> float:
    if scale == "identity":
        return value
    if scale == "log":
        return math.log(value) if value > 0.0 else -math.inf
    floor, ceiling = bounds
    if not floor < value < ceiling:
        return -math.inf if value <= floor else math.inf
    return math.log(value - floor) - math.log(ceiling - value)


def _from_scale(scale: Scale, value: float, bounds: tuple[float, float]) -> float:
    if scale == "identity":
        return value
    if scale == "log":
        return math.exp(value)
    return bounds[0] + (bounds[1] - bounds[0]) * float(expit(value))
