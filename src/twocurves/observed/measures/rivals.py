"""Rival curves through one series, and how much each of them deserves to be believed beside the others.

Three curves are fitted on the scale on which the errors of a series are about even:

``steady``
    a straight line there: exponential growth of money, prices and counts, a straight line of index points,
    logistic growth to the whole of a share.
``logistic``
    the same at first, then levelling off at a ceiling (at a floor, where the series falls) that is fitted.
``break``
    two straight lines that meet at a moment that is fitted.

Errors are normal with correlation ``exp(-gap / memory)``; the memory time is fitted too, over the times of
:mod:`twocurves.observed.measures.trend`, so that a slow wave about one line is a rival of every other curve.
The weight of a curve is its Akaike weight, ``exp(-AICc / 2)`` over the sum of all (Akaike 1973; the
correction for few points by Hurvich and Tsai 1989, doi:10.1093/biomet/76.2.297; weights by Burnham and
Anderson 2002).
The moment of a break counts as two parameters: in simulated series without one, of 12 to 40 dates, the best
break gained 2.8 to 3.3 in twice the log-likelihood, where a slope and one ordinary parameter would gain 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from twocurves.observed.measures.trend import MEMORY_SPANS

Numbers = NDArray[np.float64]

Rival = Literal["steady", "logistic", "break"]
ScaleName = Literal["linear", "log", "logit"]

#: The curves, the plainest first.
RIVALS: Final[tuple[Rival, ...]] = get_args(Rival)

#: Fewest dates on either side of a break.
LEAST_SIDE: Final = 3

#: Dates that a curve needs beyond its parameters.
_SPARE = 3

#: Shares stand this far from zero and one before a logit.
_EDGE = 0.005

#: Steepness and middle of a logistic, in spans of the series: where the search begins, and its ends.
_STEEP_STARTS = (1.5, 3.0, 6.0, 12.0, 24.0)
_MIDDLE_STARTS = (-0.4, -0.2, 0.0, 0.2, 0.4, 0.8, 1.5)
_STEEP_ENDS = (0.3, 60.0)
_MIDDLE_ENDS = (-1.0, 3.0)
_CEILING_STARTS = (1.02, 1.2, 2.0)
_BREAK_PLACES = 120

#: A ceiling this many times the last value (on a log scale) was not found in the figures.
_NO_CEILING = 10.0


@dataclass(frozen=True, slots=True)
class RivalFit:
    """One curve, fitted.

    Attributes
    ----------
    name
        Which curve.
    weight
        Akaike weight among the curves that could be fitted.
    aicc
        Its information criterion; lower is better.
    free
        Parameters counted: those of the curve, the size of the errors and how long they are remembered.
    sigma
        Standard deviation of the errors, on the scale.
    memory
        Years over which errors are remembered; 0 for none.
    figures
        What describes the curve: ``slope`` a year on the scale; ``before`` and ``after`` and ``at`` (year) of
        a break; ``ceiling`` (natural units; missing where none was found), ``middle`` (year).
    """

    name: Rival
    weight: float
    aicc: float
    free: int
    sigma: float
    memory: float
    figures: Mapping[str, float]
    _curve: Callable[[Numbers], Numbers]

    def on_scale(self, years: ArrayLike) -> Numbers:
        """Return the curve at some years, on the scale."""
        return self._curve(np.asarray(years, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Rivals:
    """Every curve through one series.

    Attributes
    ----------
    fits
        Those that could be fitted, in the order of :data:`RIVALS`.
    missing
        The others, and why.
    scale
        ``linear``, ``log`` or ``logit``.
    n
        Dates used; figures of one date are averaged on the scale.
    """

    fits: tuple[RivalFit, ...]
    missing: Mapping[Rival, str]
    scale: ScaleName
    n: int

    def value(self, fit: RivalFit, years: ArrayLike) -> Numbers:
        """Return a curve at some years, in natural units."""
        return _natural(self.scale, fit.on_scale(years))

    def residuals(self, fit: RivalFit, years: ArrayLike, values: ArrayLike) -> Numbers:
        """Return how far values lie from a curve, on the scale."""
        return placed(self.scale, values) - fit.on_scale(years)


def placed(scale: ScaleName, values: ArrayLike) -> Numbers:
    """Return values on a scale; shares at the very ends stand just inside."""
    given = np.asarray(values, dtype=np.float64)
    if scale == "linear":
        return given
    if scale == "log":
        return np.asarray(np.log(given), dtype=np.float64)
    return np.asarray(logit(np.clip(given, _EDGE, 1.0 - _EDGE)), dtype=np.float64)


def rival_fits(years: ArrayLike, values: ArrayLike, scale: ScaleName) -> Rivals:
    """Fit the three curves to one series.

    Parameters
    ----------
    years
        When, in years, shape ``(n,)``, in any order.
    values
        What was seen, in natural units, shape ``(n,)``.
    scale
        The scale on which errors are about even.

    Raises
    ------
    ValueError
        A value is not finite, or has no place on the scale.
    """
    when, seen = np.asarray(years, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if not (np.isfinite(when).all() and np.isfinite(seen).all()):
        raise ValueError("years and values must be finite")
    if scale == "log" and not (seen > 0).all():
        raise ValueError("values must be above 0 on a log scale")
    if scale == "logit" and not ((seen >= 0) & (seen <= 1)).all():
        raise ValueError("shares must lie between 0 and 1")
    dates, y = _one_per_date(when, placed(scale, seen))
    n = len(dates)
    span = float(dates[-1] - dates[0]) if n else 0.0
    if span <= 0.0:
        why = "fewer than two dates"
        return Rivals((), dict.fromkeys(RIVALS, why), scale, n)
    middle = 0.5 * float(dates[0] + dates[-1])
    series = _Series((dates - middle) / span, y, middle, span, scale)
    found: list[tuple[Rival, _Best]] = []
    missing: dict[Rival, str] = {}
    for name in RIVALS:
        free = _CURVE_PARAMETERS[name, scale] + 2
        if n < free + _SPARE:
            missing[name] = f"{n} dates; it needs {free + _SPARE}"
            continue
        best = _FITTERS[name](series)
        if best is None:
            missing[name] = f"fewer than {LEAST_SIDE} dates on either side of any moment"
            continue
        found.append((name, best))
    criteria = np.array(
        [_aicc(best.likelihood, _CURVE_PARAMETERS[name, scale] + 2, n) for name, best in found]
    )
    weights = np.exp(-0.5 * (criteria - criteria.min())) if found else criteria
    fits = tuple(
        RivalFit(
            name=name,
            weight=float(weight / weights.sum()),
            aicc=float(criterion),
            free=_CURVE_PARAMETERS[name, scale] + 2,
            sigma=best.sigma,
            memory=best.memory * span,
            figures=best.figures,
            _curve=best.curve,
        )
        for (name, best), criterion, weight in zip(found, criteria, weights, strict=True)
    )
    return Rivals(fits, missing, scale, n)


#: What each curve counts for, without the size and the memory of the errors.
_CURVE_PARAMETERS: Mapping[tuple[Rival, ScaleName], int] = {
    ("steady", "linear"): 2,
    ("steady", "log"): 2,
    ("steady", "logit"): 2,
    ("logistic", "linear"): 4,
    ("logistic", "log"): 3,
    ("logistic", "logit"): 3,
    ("break", "linear"): 5,
    ("break", "log"): 5,
    ("break", "logit"): 5,
}


@dataclass(frozen=True, slots=True)
class _Best:
    """The best of one curve over all memory times."""

    likelihood: float
    sigma: float
    memory: float
    figures: Mapping[str, float]
    curve: Callable[[Numbers], Numbers]


@dataclass(frozen=True, slots=True)
class _Series:
    """A series in spans of its own length around its middle."""

    t: Numbers
    y: Numbers
    middle: float
    span: float
    scale: ScaleName

    def whiteners(self) -> list[tuple[float, Numbers, float]]:
        """Return each memory time (in spans) with the inverse Cholesky factor and its log determinant."""
        gaps = np.abs(self.t[:, None] - self.t[None, :])
        one = np.eye(len(self.t))
        found = [(0.0, one, 0.0)]
        for memory in MEMORY_SPANS:
            factor = np.linalg.cholesky(np.exp(-gaps / memory) + 1e-9 * one)
            found.append((memory, np.linalg.solve(factor, one), float(np.log(np.diag(factor)).sum())))
        return found

    def scaled(self, years: Numbers) -> Numbers:
        """Return years as times of the series."""
        return (years - self.middle) / self.span

    def year(self, t: float) -> float:
        """Return a time of the series as a year."""
        return self.middle + self.span * t


def _likelihood(residual: float, n: int, determinant: float) -> float:
    """Return the largest log-likelihood of normal errors with this sum of squared whitened residuals."""
    return -0.5 * n * (math.log(2.0 * math.pi * residual / n) + 1.0) - determinant


def _aicc(likelihood: float, free: int, n: int) -> float:
    return -2.0 * likelihood + 2.0 * free + 2.0 * free * (free + 1.0) / (n - free - 1.0)


def _linear_fit(whitener: Numbers, basis: Numbers, y: Numbers, floor: float) -> tuple[float, Numbers]:
    """Return the sum of squared whitened residuals and the coefficients."""
    design, target = whitener @ basis, whitener @ y
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    residual = float(np.sum((target - design @ coefficients) ** 2))
    return max(residual, floor), np.asarray(coefficients, dtype=np.float64)


def _floor(y: Numbers) -> float:
    """Return the least sum of squares: a series exactly on its curve has no residuals to take the log of."""
    return 1e-18 * len(y) * (1.0 + float(np.mean(y**2)))


def _steady(series: _Series) -> _Best:
    basis = np.column_stack([np.ones_like(series.t), series.t])
    floor = _floor(series.y)
    fits = [
        (_likelihood(rss, len(series.y), determinant), memory, rss, beta)
        for memory, whitener, determinant in series.whiteners()
        for rss, beta in [_linear_fit(whitener, basis, series.y, floor)]
    ]
    likelihood, memory, rss, beta = max(fits, key=lambda one: one[0])

    def curve(years: Numbers) -> Numbers:
        return np.asarray(beta[0] + beta[1] * series.scaled(years))

    return _Best(
        likelihood, math.sqrt(rss / len(series.y)), memory, {"slope": float(beta[1]) / series.span}, curve
    )


def _broken(series: _Series) -> _Best | None:
    t, n = series.t, len(series.t)
    first, last = t[LEAST_SIDE - 1], t[n - LEAST_SIDE]
    if n < 2 * LEAST_SIDE or not first < last:
        return None
    floor = _floor(series.y)

    def basis(place: float) -> Numbers:
        return np.column_stack([np.ones_like(t), t, np.maximum(t - place, 0.0)])

    places = np.linspace(first, last, _BREAK_PLACES)
    best: tuple[float, float, float, float, Numbers] | None = None
    for memory, whitener, determinant in series.whiteners():
        for place in places:
            rss, beta = _linear_fit(whitener, basis(float(place)), series.y, floor)
            likelihood = _likelihood(rss, n, determinant)
            if best is None or likelihood > best[0]:
                best = (likelihood, memory, float(place), rss, beta)
    assert best is not None  # noqa: S101  (there are places and memory times)
    likelihood, memory, place, rss, beta = best

    def curve(years: Numbers) -> Numbers:
        at = series.scaled(years)
        return np.asarray(beta[0] + beta[1] * at + beta[2] * np.maximum(at - place, 0.0))

    figures = {
        "before": float(beta[1]) / series.span,
        "after": float(beta[1] + beta[2]) / series.span,
        "at": series.year(place),
    }
    return _Best(likelihood, math.sqrt(rss / n), memory, figures, curve)


def _logistic(series: _Series) -> _Best:
    """Fit the levelling curve: its shape by Nelder and Mead from a grid, the rest by least squares."""
    from scipy.optimize import minimize

    sign = 1.0 if np.polyfit(series.t, series.y, 1)[0] >= 0.0 else -1.0
    shape = _LEVELLING[series.scale]
    floor, n = _floor(series.y), len(series.y)
    starts, bounds = _starts(series, sign)

    def residual(given: Sequence[float] | Numbers, whitener: Numbers) -> tuple[float, Numbers]:
        offset, basis = shape(np.asarray(given, dtype=np.float64), series.t, sign)
        if basis.shape[1] == 0:
            left = whitener @ (series.y - offset)
            return max(float(left @ left), floor), np.zeros(0)
        return _linear_fit(whitener, basis, series.y - offset, floor)

    best: tuple[float, float, float, Numbers, Numbers] | None = None
    for memory, whitener, determinant in series.whiteners():
        start = min(starts, key=lambda one: residual(one, whitener)[0])
        found = minimize(  # type: ignore[call-overload]
            lambda given: math.log(residual(given, whitener)[0]),  # noqa: B023  (used inside this turn only)
            np.asarray(start, dtype=np.float64),
            method="Nelder-Mead",
            bounds=bounds,
            options={"maxiter": 200, "xatol": 1e-3, "fatol": 1e-5},
        )
        rss, beta = residual(found.x, whitener)
        likelihood = _likelihood(rss, n, determinant)
        if best is None or likelihood > best[0]:
            best = (likelihood, memory, rss, np.asarray(found.x, dtype=np.float64), beta)
    assert best is not None  # noqa: S101  (there are memory times)
    likelihood, memory, rss, given, beta = best

    def curve(years: Numbers) -> Numbers:
        offset, basis = shape(given, series.scaled(years), sign)
        return np.asarray(offset + basis @ beta)

    figures = {"middle": series.year(float(given[1]))}
    level = _level(series, given, beta, sign)
    if level is not None:
        figures["ceiling"] = level
    return _Best(likelihood, math.sqrt(rss / n), memory, figures, curve)


def _starts(series: _Series, sign: float) -> tuple[list[tuple[float, ...]], list[tuple[float, float]]]:
    """Return starts and bounds for a logistic: log steepness, middle and, for shares, the ceiling."""
    steep = [(math.log(one), middle) for one in _STEEP_STARTS for middle in _MIDDLE_STARTS]
    bounds = [(math.log(_STEEP_ENDS[0]), math.log(_STEEP_ENDS[1])), _MIDDLE_ENDS]
    if series.scale != "logit":
        return [tuple(one) for one in steep], bounds
    share = expit(sign * series.y)
    top = float(share.max())
    ceilings = sorted({min(1.0, top * times) for times in _CEILING_STARTS} | {1.0})
    return [(*one, ceiling) for one in steep for ceiling in ceilings], [*bounds, (0.5 * top, 1.0)]


def _of_logs(given: Numbers, t: Numbers, sign: float) -> tuple[Numbers, Numbers]:
    """Give ``log K - log(1 + exp(-r (t - m)))``, mirrored where the series falls; ``log K`` is linear."""
    offset = -sign * np.logaddexp(0.0, -math.exp(given[0]) * (t - given[1]))
    return np.asarray(offset), np.ones((len(t), 1))


def _of_points(given: Numbers, t: Numbers, sign: float) -> tuple[Numbers, Numbers]:
    """Give ``a + h / (1 + exp(-r (t - m)))``; ``a`` and ``h`` are linear."""
    del sign
    rise = expit(math.exp(given[0]) * (t - given[1]))
    return np.zeros_like(t), np.column_stack([np.ones_like(t), rise])


def _of_shares(given: Numbers, t: Numbers, sign: float) -> tuple[Numbers, Numbers]:
    """Give ``logit(c / (1 + exp(-r (t - m))))``, mirrored where the series falls; nothing is linear."""
    share = np.clip(given[2] * expit(math.exp(given[0]) * (t - given[1])), 1e-9, 1.0 - 1e-9)
    return np.asarray(sign * logit(share)), np.zeros((len(t), 0))


_LEVELLING: Mapping[ScaleName, Callable[[Numbers, Numbers, float], tuple[Numbers, Numbers]]] = {
    "log": _of_logs,
    "linear": _of_points,
    "logit": _of_shares,
}


def _level(series: _Series, given: Numbers, beta: Numbers, sign: float) -> float | None:
    """Return the ceiling or floor in natural units; None where the figures do not tell one."""
    if series.scale == "log":
        last = series.y[-1]
        if abs(float(beta[0]) - last) > math.log(_NO_CEILING):
            return None
        return math.exp(float(beta[0]))
    if series.scale == "linear":
        level = float(beta[0] + beta[1])
        reach = _NO_CEILING * float(np.ptp(series.y))
        return level if abs(level - series.y[-1]) <= reach else None
    return float(given[2]) if sign > 0 else 1.0 - float(given[2])


_FITTERS: Mapping[Rival, Callable[[_Series], _Best | None]] = {
    "steady": _steady,
    "logistic": _logistic,
    "break": _broken,
}


def _natural(scale: ScaleName, values: Numbers) -> Numbers:
    if scale == "linear":
        return values
    return np.asarray(np.exp(values) if scale == "log" else expit(values), dtype=np.float64)


def _one_per_date(when: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    dates, group = np.unique(when, return_inverse=True)
    total = np.bincount(group, weights=y, minlength=len(dates))
    return dates, total / np.maximum(np.bincount(group, minlength=len(dates)), 1)
