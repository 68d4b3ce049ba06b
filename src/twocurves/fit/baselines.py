"""Baseline forecasts from one series' own past: what a model must beat to be worth its trouble.

Three, each with the spread that its past supports:

``persistence``
    It stays where the last month left it.
``damped_trend``
    It goes on from there along its recent trend, of which a constant share is lost each month (Gardner &
    McKenzie 1985, doi:10.1287/mnsc.31.10.1237): in ``h`` months it moves ``b (1 - phi^h) / (-ln phi)``.
``exponential``
    It follows the straight line through all its past on the working scale: without an end, as naive
    extrapolation has it.

The centre of each is a weighted sum of past figures. Its error is reckoned as if the series were that
centre's trend plus a random walk plus noise of single figures. How large the two are is inferred from the
past by restricted likelihood over a grid, with a prior that speaks where two points say nothing. Given both,
errors at several months are jointly normal with a known covariance, so a forecast is joint over months.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

from twocurves.beliefs.schema import Evidence
from twocurves.fit.scales import Scale
from twocurves.randomness import MONTHS_PER_DRAW, normals, uniforms

FloatArray = NDArray[np.float64]

Baseline = Literal["persistence", "damped_trend", "exponential"]

#: Which prior of spread applies: that of the scale; of fractions on a linear scale, such as margins, one of
#: their own.
Kind = Literal["log", "logit", "linear", "fraction"]

#: Units of fractions.
FRACTIONS: Final = ("1", "fraction")

#: The baselines that need nothing but a series' past, the plainest first.
BASELINES: Final[tuple[Baseline, ...]] = get_args(Baseline)

#: Points of the grid along the logarithm of each spread, and how many prior deviations it reaches.
_GRID: Final = 17
_REACH: Final = 3.0


class Trend(BaseModel):
    """How trends are taken and damped; see the head of ``baselines.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    damping_a_year: float = Field(gt=0, lt=1)
    recent_months: float = Field(gt=0)
    fewest_recent: int = Field(ge=2)
    shortest_span_months: float = Field(gt=0)
    evidence: Evidence
    source: str
    note: str


class SpreadPrior(BaseModel):
    """What is thought of a series' spread before its past is seen; see the head of ``baselines.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    walk_without_trend: float = Field(gt=0)
    walk_with_trend: float = Field(gt=0)
    walk_log_sd: float = Field(gt=0)
    noise: float = Field(gt=0)
    noise_log_sd: float = Field(gt=0)
    evidence: Evidence
    source: str


class Given(BaseModel):
    """What ``baselines.toml`` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trend: Trend
    spread: dict[Kind, SpreadPrior]


@cache
def given() -> Given:
    """Read ``data/baselines.toml`` once."""
    text = resources.files("twocurves.fit").joinpath("data", "baselines.toml").read_text("utf-8")
    return Given.model_validate(tomllib.loads(text))


def kind_of(scale: Scale, unit: str) -> Kind:
    """Return which prior of spread applies to a series of this working scale and unit."""
    return "fraction" if scale == "linear" and unit in FRACTIONS else scale


@dataclass(frozen=True)
class Past:
    """The figures of one series by which a baseline forecasts it.

    Attributes
    ----------
    series
        Its name, which is part of the names of its random streams.
    kind
        Which prior of spread applies; see :func:`kind_of`.
    months
        When, in months since January 2023; whole or not, in any order, several in a month or at one time.
    values
        On the working scale.

    Raises
    ------
    ValueError
        There is no figure, the lengths differ, or a number is not finite.
    """

    series: str
    kind: Kind
    months: FloatArray
    values: FloatArray

    def __post_init__(self) -> None:
        months, values = np.asarray(self.months, dtype=np.float64), np.asarray(self.values, dtype=np.float64)
        if months.ndim != 1 or months.shape != values.shape or not months.size:
            raise ValueError(f"{self.series} needs as many months as values, and at least one")
        if not (np.isfinite(months).all() and np.isfinite(values).all()):
            raise ValueError(f"a month or value of {self.series} is not finite")
        order = np.lexsort((values, months))
        object.__setattr__(self, "months", months[order])
        object.__setattr__(self, "values", values[order])

    def until(self, month: float) -> Past:
        """Return what was there by a month, that included."""
        kept = self.months <= month
        return Past(self.series, self.kind, self.months[kept], self.values[kept])


@dataclass(frozen=True)
class BaselineForecast:
    """A baseline's forecast of one series.

    Attributes
    ----------
    name
        Which baseline.
    months
        Months forecast, as asked.
    centre
        Its median on the working scale, shape ``(months,)``.
    samples
        Joint draws on the working scale, shape ``(draws, months)``.
    """

    name: Baseline
    months: FloatArray
    centre: FloatArray
    samples: FloatArray


def forecast(name: Baseline, past: Past, months: ArrayLike, *, draws: int, seed: int) -> BaselineForecast:
    """Forecast a series by a baseline.

    Parameters
    ----------
    name
        Which baseline.
    past
        What it may look at, and nothing else.
    months
        Months to forecast, none before the last of the past; a month asked twice is two figures of it.
    draws
        How many; the first of more draws are the same.
    seed
        Of the streams ``baselines/<name>/<series>/...``.

    Raises
    ------
    ValueError
        A month lies before the last of the past, which would be no forecast.
    """
    wanted = np.atleast_1d(np.asarray(months, dtype=np.float64))
    if wanted.ndim != 1 or not np.isfinite(wanted).all() or (wanted < past.months[-1]).any():
        raise ValueError(
            f"{past.series} is known to {past.months[-1]:g}; no month before that can be forecast"
        )
    with_trend = name != "persistence"
    centre, weights = _LINES[name](past, wanted)
    stream = f"baselines/{name}/{past.series}"
    walk, noise = _spreads(past, with_trend, draws, seed, stream)
    start = past.months[0]
    between = np.minimum(past.months[:, None], past.months) - start
    across = np.minimum(wanted[:, None], past.months) - start
    beyond = np.minimum(wanted[:, None], wanted) - start
    crossed = weights @ across.T
    wandered = beyond - crossed - crossed.T + weights @ between @ weights.T
    scattered = np.eye(wanted.size) + weights @ weights.T
    samples = (
        centre
        + walk[:, None] * (_standard(seed, f"{stream}/walk", draws, wanted.size) @ _root(wandered))
        + noise[:, None] * (_standard(seed, f"{stream}/noise", draws, wanted.size) @ _root(scattered))
    )
    return BaselineForecast(name, wanted, centre, samples)


def forecasts(past: Past, months: ArrayLike, *, draws: int, seed: int) -> dict[str, FloatArray]:
    """Return the samples of every baseline by name, each ``(draws, months)``; see :func:`forecast`."""
    return {name: forecast(name, past, months, draws=draws, seed=seed).samples for name in BASELINES}


def _persistence(past: Past, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the centre, and the weights of past figures in it, shape ``(months, figures)``."""
    level = _level(past)
    weights = np.tile(level, (wanted.size, 1))
    return weights @ past.values, weights


def _damped_trend(past: Past, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
    rule = given().trend
    level = _level(past)
    recent = _recent(past, rule)
    ahead = wanted - float(level @ past.months)
    rate = -np.log(rule.damping_a_year) / 12.0
    moved = -np.expm1(-rate * ahead) / rate
    span = float(np.ptp(past.months[recent]))
    held = min(1.0, span / rule.shortest_span_months)
    slope = held * _median_slope(past.months[recent], past.values[recent])
    # The spread takes the weights of least squares: a median of slopes has none, and is about as sure.
    slope_weights = np.zeros(past.months.size)
    slope_weights[recent] = held * _slope_weights(past.months[recent])
    centre = level @ past.values + slope * moved
    return centre, level + moved[:, None] * slope_weights


def _exponential(past: Past, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
    rule = given().trend
    held = min(1.0, float(np.ptp(past.months)) / rule.shortest_span_months)
    slope = held * _slope_weights(past.months)
    even = np.full(past.months.size, 1.0 / past.months.size)
    weights = even + (wanted - past.months.mean())[:, None] * slope
    return weights @ past.values, weights


_LINES: Final = {
    "persistence": _persistence,
    "damped_trend": _damped_trend,
    "exponential": _exponential,
}


def _level(past: Past) -> FloatArray:
    """Return the weights of the mean over the last calendar month that has figures."""
    last = np.floor(past.months) == np.floor(past.months[-1])
    return np.asarray(last / last.sum(), dtype=np.float64)


def _recent(past: Past, rule: Trend) -> NDArray[np.bool_]:
    times = np.unique(past.months)
    first = past.months[-1] - rule.recent_months
    enough = times.size >= rule.fewest_recent
    return np.asarray(past.months >= (min(first, times[-rule.fewest_recent]) if enough else times[0]))


def _median_slope(months: FloatArray, values: FloatArray) -> float:
    """Return the median of the slopes of all pairs (Theil 1950, Sen 1968); 0 where all are of one time."""
    first, second = np.triu_indices(months.size, 1)
    apart = months[second] - months[first]
    pairs = apart > 0.0
    if not pairs.any():
        return 0.0
    return float(np.median((values[second] - values[first])[pairs] / apart[pairs]))


def _slope_weights(months: FloatArray) -> FloatArray:
    """Return the weights of figures in the least-squares slope; zero where all are of one time."""
    centred = months - months.mean()
    squares = float(np.square(centred).sum())
    return centred / squares if squares > 0.0 else np.zeros(months.size)


def _spreads(
    past: Past, with_trend: bool, draws: int, seed: int, stream: str
) -> tuple[FloatArray, FloatArray]:
    """Draw the walk (per root of a month) and the noise from their posterior over a grid, each ``(draws,)``.

    Contrasts that the level (and a line) do not touch are normal with variance ``walk^2 lambda + noise^2``
    in the directions in which the random walk's covariance is diagonal: Patterson & Thompson (1971).
    """
    prior = given().spread[past.kind]
    centre = prior.walk_with_trend if with_trend else prior.walk_without_trend
    steps = np.linspace(-_REACH, _REACH, _GRID)
    walks = centre * np.exp(prior.walk_log_sd * steps)
    noises = prior.noise * np.exp(prior.noise_log_sd * steps)
    weight = -0.5 * np.square(steps)[:, None] - 0.5 * np.square(steps)
    start, spread = past.months[0], float(np.ptp(past.months))
    touched = np.ones((past.months.size, 1))
    if with_trend and spread > 0.0:
        touched = np.column_stack([touched, (past.months - start) / spread])
    free = np.linalg.qr(touched, mode="complete")[0][:, touched.shape[1] :]
    if free.shape[1]:
        wandered = free.T @ (np.minimum(past.months[:, None], past.months) - start) @ free
        lengths, directions = np.linalg.eigh(wandered)
        seen = directions.T @ (free.T @ past.values)
        variance = np.square(walks)[:, None, None] * np.maximum(lengths, 0.0) + np.square(noises)[:, None]
        weight = weight - 0.5 * (np.log(variance) + np.square(seen) / variance).sum(axis=-1)
    heap = np.cumsum(np.exp(weight - weight.max()).ravel())
    drawn = uniforms(seed, f"{stream}/spread", 0, draws)[:, 0]
    cell = np.minimum(np.searchsorted(heap, drawn * heap[-1]), heap.size - 1)
    return walks[cell // _GRID], noises[cell % _GRID]


def _root(covariance: FloatArray) -> FloatArray:
    """Return the symmetric root of a covariance, which may be singular (a month asked twice)."""
    lengths, directions = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return np.asarray((directions * np.sqrt(np.maximum(lengths, 0.0))) @ directions.T, dtype=np.float64)


def _standard(seed: int, name: str, draws: int, width: int) -> FloatArray:
    """Return standard normal numbers of any width: streams of :data:`MONTHS_PER_DRAW` beside each other."""
    parts: Sequence[FloatArray] = [
        normals(seed, f"{name}/{start}", 0, draws, min(MONTHS_PER_DRAW, width - start))
        for start in range(0, width, MONTHS_PER_DRAW)
    ]
    return np.concatenate(parts, axis=1) if parts else np.zeros((draws, 0))
