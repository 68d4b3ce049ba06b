"""Straight-line trends through short, noisy, autocorrelated series, with intervals that own up to it.

The estimator is generalised least squares averaged over how long the noise remembers. For each of a few
memory times (none, and a fortieth to four fifths of the span of the series) the errors are taken to have
correlation ``exp(-gap / memory)``; each memory time counts by its prior weight times its restricted
likelihood, and the slope's distribution is the mixture of the Student distributions that they give. With
few points the data can say little about memory, and the mixture stays wide for that reason.

Why this one: in a study of 24 designs (6 to 26 points, regular and irregular dates, correlation 0 to 0.6
at the spacing, 200 replications each), its nominal 90% interval covered 92% on average and 76% at worst.
Least squares with an effective number of points covered 86% and 71%, ordinary least squares 75% and 50%,
Newey-West with fixed-b critical values 75% and 58%, a moving-block bootstrap 65% and 40%, a dependent wild
bootstrap 60% and 34%. ``tests/measures/test_trend.py`` repeats the study.

Restricted likelihood: Patterson and Thompson (1971), doi:10.1093/biomet/58.3.545.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from twocurves.observed.measures.measure import LEVEL

DAYS_PER_YEAR = 365.25

#: Memory times as parts of the span of the series, beside no memory at all.
MEMORY_SPANS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8)

#: Prior weight of no memory; the rest is shared evenly among the memory times.
PRIOR_WITHOUT_MEMORY = 0.3

#: Fewest dates through which a trend with an interval is drawn.
FEWEST_DATES = 3

_BISECTIONS = 60
_DIFFERENCE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Trend:
    """What is believed about a slope: a mixture of Student distributions.

    Attributes
    ----------
    weights, centres, scales
        The parts of the mixture, shape ``(parts,)``; the centres and scales per year.
    freedom
        Degrees of freedom of every part.
    n
        Dates used (rows of one date count once).
    first, last
        First and last date, in years.
    """

    weights: NDArray[np.float64]
    centres: NDArray[np.float64]
    scales: NDArray[np.float64]
    freedom: int
    n: int
    first: float
    last: float

    @property
    def slope(self) -> float:
        """The mixture's median, per year."""
        return self.quantile(0.5)

    def probability_above(self, value: float) -> float:
        """Return the probability that the slope is above ``value``."""
        return 1.0 - float(self._below(np.array([value]))[0])

    def quantile(self, share: float) -> float:
        """Return the slope below which this share of the mixture lies."""
        return float(self.quantiles(np.array([share]))[0])

    def quantiles(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the slopes below which these shares of the mixture lie, shape as given."""
        reach = stdtrit(self.freedom, np.clip(shares, 1e-12, 1 - 1e-12))[:, None] * self.scales + self.centres
        low, high = reach.min(axis=1), reach.max(axis=1)
        weights, centres, scales = self.weights, self.centres, self._scales_above_zero
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            under = stdtr(self.freedom, (middle[:, None] - centres) / scales) @ weights < shares
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray(0.5 * (low + high), dtype=np.float64)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the equal-tailed interval of this level."""
        tail = 0.5 * (1.0 - level)
        low, high = self.quantiles(np.array([tail, 1.0 - tail]))
        return float(low), float(high)

    def _below(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = (values[:, None] - self.centres) / self._scales_above_zero
        return np.asarray(stdtr(self.freedom, scaled) @ self.weights, dtype=np.float64)

    @property
    def _scales_above_zero(self) -> NDArray[np.float64]:
        return np.maximum(self.scales, np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two independent slopes.

    Attributes
    ----------
    estimate, low, high
        Median and interval, per year.
    probability_above_zero
        Probability that the first slope is the larger.
    """

    estimate: float
    low: float
    high: float
    probability_above_zero: float


def years(days: Sequence[dt.date]) -> NDArray[np.float64]:
    """Return days as years since January 1970."""
    return np.asarray(days, dtype="datetime64[D]").astype(np.float64) / DAYS_PER_YEAR


def linear_trend(
    at: ArrayLike,
    values: ArrayLike,
    covariates: Sequence[ArrayLike] = (),
) -> Trend | None:
    """Fit the slope of ``values`` over time.

    Parameters
    ----------
    at
        When, in years, shape ``(n,)``, in any order.
    values
        What was seen then, shape ``(n,)``.
    covariates
        Other explanations, each of shape ``(n,)``, held fixed. With them every row counts by itself and
        half of the error variance is taken to be its own; without them, rows of one date are averaged.

    Returns
    -------
    Trend | None
        None when there are too few dates, a value is not finite, or the covariates explain all dates.
    """
    when, seen = np.asarray(at, dtype=np.float64), np.asarray(values, dtype=np.float64)
    beside = [np.asarray(column, dtype=np.float64) for column in covariates]
    if not all(np.isfinite(column).all() for column in (when, seen, *beside)):
        return None
    if not beside:
        when, seen = _one_per_date(when, seen)
    dates = len(np.unique(when))
    if dates < FEWEST_DATES or len(when) < FEWEST_DATES + len(beside):
        return None
    design = np.column_stack([when - when.mean(), np.ones_like(when), *(c - c.mean() for c in beside)])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    return _mixture(when, seen, design, own=0.5 if beside else 0.0)


def steady_level(at: ArrayLike, values: ArrayLike) -> Trend | None:
    """Fit one level to a stretch without a trend; the level stands where a trend has its slope.

    None when there are fewer than three dates or a value is not finite.
    """
    when, seen = np.asarray(at, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if not (np.isfinite(when).all() and np.isfinite(seen).all()):
        return None
    when, seen = _one_per_date(when, seen)
    if len(when) < FEWEST_DATES:
        return None
    return _mixture(when, seen, np.ones((len(when), 1)), own=0.0)


def log_linear_trend(at: ArrayLike, values: ArrayLike, covariates: Sequence[ArrayLike] = ()) -> Trend | None:
    """Fit exponential growth: the slope of the natural logarithm, per year.

    None as for :func:`linear_trend`, and when a value is zero or less: whether such a row is a fault or
    stands outside the series is for the caller to say.
    """
    seen = np.asarray(values, dtype=np.float64)
    if seen.size == 0 or not (seen > 0).all():
        return None
    return linear_trend(at, np.log(seen), covariates)


def logit_trend(at: ArrayLike, shares: ArrayLike) -> Trend | None:
    """Fit logistic growth of a share: the slope of ``log(share / (1 - share))``, per year.

    It is the growth of the one side less the growth of the other. Shares of exactly 0 or 1 are set half as
    far from the edge as the nearest share that is not there; None when a share lies outside 0 to 1 or
    none lies strictly inside.
    """
    seen = np.asarray(shares, dtype=np.float64)
    inside = seen[(seen > 0) & (seen < 1)]
    if inside.size == 0 or not ((seen >= 0) & (seen <= 1)).all():
        return None
    floor, ceiling = 0.5 * inside.min(), 1.0 - 0.5 * (1.0 - inside.max())
    held = np.clip(seen, floor, ceiling)
    return linear_trend(at, np.log(held / (1.0 - held)))


def difference(first: Trend, second: Trend, level: float = LEVEL) -> Difference:
    """Return the first slope less the second, taking their errors as independent."""
    shares = (np.arange(_DIFFERENCE_POINTS) + 0.5) / _DIFFERENCE_POINTS
    apart = np.sort(np.subtract.outer(first.quantiles(shares), second.quantiles(shares)).ravel())
    tail = 0.5 * (1.0 - level)
    low, middle, high = np.quantile(apart, [tail, 0.5, 1.0 - tail])
    above = float(np.mean(apart > 0) + 0.5 * np.mean(apart == 0))
    return Difference(float(middle), float(low), float(high), above)


def doubling_months(slope: float) -> float | None:
    """Return the months to a doubling at this logarithmic slope (per year); None when there is none."""
    return None if slope <= 0 else 12.0 * math.log(2.0) / slope


def _mixture(
    when: NDArray[np.float64], seen: NDArray[np.float64], design: NDArray[np.float64], own: float
) -> Trend:
    """Average the fits over memory times; ``own`` is the part of the variance that is each row's own."""
    gaps = np.abs(when[:, None] - when[None, :])
    span = float(when.max() - when.min())
    fits = [(math.log(PRIOR_WITHOUT_MEMORY), *_fit(design, seen, np.eye(len(when))))]
    share = math.log((1.0 - PRIOR_WITHOUT_MEMORY) / len(MEMORY_SPANS))
    for part in MEMORY_SPANS:
        correlation = (1.0 - own) * np.exp(-gaps / (part * span)) + own * np.eye(len(when))
        fits.append((share, *_fit(design, seen, correlation)))
    prior, likelihood, centres, scales = np.array(fits).T
    weights = np.exp(prior + likelihood - np.max(prior + likelihood))
    return Trend(
        weights=weights / weights.sum(),
        centres=centres,
        scales=scales,
        freedom=len(when) - design.shape[1],
        n=len(np.unique(when)),
        first=float(when.min()),
        last=float(when.max()),
    )


def _one_per_date(
    when: NDArray[np.float64], seen: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    dates, group = np.unique(when, return_inverse=True)
    total = np.bincount(group, weights=seen, minlength=len(dates))
    return dates, total / np.maximum(np.bincount(group, minlength=len(dates)), 1)


def _fit(
    design: NDArray[np.float64], seen: NDArray[np.float64], correlation: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return restricted log-likelihood, slope and its standard error under one correlation matrix."""
    rows, columns = design.shape
    factor = np.linalg.cholesky(correlation + 1e-9 * np.eye(rows))
    whitened = np.linalg.solve(factor, np.column_stack([design, seen]))
    left, right = whitened[:, :columns], whitened[:, columns]
    information = left.T @ left
    coefficients = np.linalg.solve(information, left.T @ right)
    # A series that lies exactly on its line has no residuals; the floor keeps its logarithm finite.
    residual = max(float(np.sum((right - left @ coefficients) ** 2)), 1e-24 * (1.0 + float(right @ right)))
    likelihood = (
        -float(np.log(np.diag(factor)).sum())
        - 0.5 * float(np.linalg.slogdet(information)[1])
        - 0.5 * (rows - columns) * math.log(residual)
    )
    variance = residual / (rows - columns) * float(np.linalg.inv(information)[0, 0])
    return likelihood, float(coefficients[0]), math.sqrt(variance)
