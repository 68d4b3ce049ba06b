"""Intervals for proportions, dispersion, concentration and averages of a few firms."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtri, stdtrit

from twocurves.observed.measures.measure import LEVEL

#: An upper end of a coefficient of variation beyond this says nothing, and is left open.
WIDEST_VARIATION = 10.0

#: Points between the ends of each range when a figure is computed over all combinations.
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its ends; an end is None where the data give none."""

    estimate: float
    low: float | None
    high: float | None


def proportion(hits: int, trials: int, level: float = LEVEL) -> Interval:
    """Return a proportion with Wilson's interval (1927, doi:10.1080/01621459.1927.10502953).

    Raises
    ------
    ValueError
        There are no trials, or more hits than trials.
    """
    if trials < 1 or not 0 <= hits <= trials:
        raise ValueError(f"hits must lie between 0 and trials, which is at least 1; got {hits} of {trials}")
    z = float(ndtri(0.5 + 0.5 * level))
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def variation(values: ArrayLike, level: float = LEVEL) -> Interval | None:
    """Return the coefficient of variation (standard deviation over mean) of positive values.

    The interval is Bonett's for a variance (2006, doi:10.1016/j.csda.2004.10.003), taken on the scale of
    logarithms and carried over by ``cv**2 = exp(variance) - 1``. Fewer than three values, or values that are
    all alike, have no interval; an upper end beyond :data:`WIDEST_VARIATION` is left open. None when there
    are fewer than two values or one is not positive.
    """
    seen = np.asarray(values, dtype=np.float64)
    n = seen.size
    if n < 2 or not (np.isfinite(seen) & (seen > 0)).all():
        return None
    estimate = float(seen.std(ddof=1) / seen.mean())
    logs = np.log(seen)
    spread = float(logs.var(ddof=1))
    if n < 3 or spread < 1e-12:
        return Interval(estimate if spread >= 1e-12 else 0.0, None, None)
    z = float(ndtri(0.5 + 0.5 * level))
    correction = n / (n - z)
    tails = n * float(((logs - np.median(logs)) ** 4).sum()) / ((n - 1) * spread) ** 2
    error = correction * math.sqrt(max((tails - (n - 3) / n) / (n - 1), 0.0))
    variance = math.log1p(estimate**2) * correction
    low = math.sqrt(math.expm1(variance * math.exp(-z * error)))
    upper = variance * math.exp(z * error)
    high = math.sqrt(math.expm1(upper)) if upper < math.log1p(WIDEST_VARIATION**2) else None
    return Interval(estimate, min(low, estimate), None if high is None else max(high, estimate))


def herfindahl(sizes: ArrayLike) -> float:
    """Return the Herfindahl-Hirschman index of sizes: the sum of squared shares, from 1/n to 1."""
    shares = _shares(sizes)
    return float(np.sum(shares**2))


def largest_share(sizes: ArrayLike, count: int = 3) -> float:
    """Return the share that the ``count`` largest hold together."""
    shares = np.sort(_shares(sizes))[::-1]
    return float(min(1.0, shares[:count].sum()))


def over_ranges(
    ranges: Sequence[tuple[float, float, float]], figure: Callable[[NDArray[np.float64]], float]
) -> Interval:
    """Return a figure at the middles of ranges, and its smallest and largest value over their combinations.

    Parameters
    ----------
    ranges
        For each size its low end, its estimate and its high end.
    figure
        A function of the sizes.
    """
    grids = [sorted({*np.linspace(low, high, _STEPS), middle}) for low, middle, high in ranges]
    values = [float(figure(np.array(combination))) for combination in itertools.product(*grids)]
    return Interval(float(figure(np.array([middle for _, middle, _ in ranges]))), min(values), max(values))


def median(values: ArrayLike, level: float = LEVEL) -> Interval | None:
    """Return a median with the interval between order statistics that covers at least ``level``.

    Few values give no such interval (five are needed for 90%). None when there are no values.
    """
    seen = np.sort(np.asarray(values, dtype=np.float64))
    n = seen.size
    if n == 0 or not np.isfinite(seen).all():
        return None
    tail = 0.5 * (1.0 - level)
    # The k-th smallest and k-th largest cover 1 - 2 P(Binomial(n, 1/2) <= k - 1).
    fitting = [k for k in range(1, n // 2 + 1) if float(bdtr(k - 1, n, 0.5)) <= tail]
    if not fitting:
        return Interval(float(np.median(seen)), None, None)
    k = fitting[-1]
    return Interval(float(np.median(seen)), float(seen[k - 1]), float(seen[n - k]))


def weighted_mean(
    values: ArrayLike, weights: ArrayLike | None = None, level: float = LEVEL
) -> Interval | None:
    """Return a weighted mean over firms with a Student interval from their differences.

    The variance is ``n/(n-1) * sum(w**2 (x - mean)**2) / sum(w)**2`` with ``n - 1`` degrees of freedom, so
    what firms have in common is estimated and what sets them apart is its uncertainty. One value has no
    interval. None when there is no value or a weight is not positive.
    """
    seen = np.asarray(values, dtype=np.float64)
    weight = np.ones_like(seen) if weights is None else np.asarray(weights, dtype=np.float64)
    if seen.size == 0 or not np.isfinite(seen).all() or not (weight > 0).all():
        return None
    mean = float(np.average(seen, weights=weight))
    n = seen.size
    if n == 1:
        return Interval(mean, None, None)
    variance = n / (n - 1) * float(np.sum((weight * (seen - mean)) ** 2)) / float(weight.sum()) ** 2
    half = float(stdtrit(n - 1, 0.5 + 0.5 * level)) * math.sqrt(variance)
    return Interval(mean, mean - half, mean + half)


def _shares(sizes: ArrayLike) -> NDArray[np.float64]:
    held = np.asarray(sizes, dtype=np.float64)
    if held.size == 0 or not (np.isfinite(held) & (held >= 0)).all() or held.sum() <= 0:
        raise ValueError("sizes must be finite and not negative, and one must be above zero")
    shares: NDArray[np.float64] = held / held.sum()
    return shares
