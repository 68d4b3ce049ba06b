"""Questions held against observations: what has been answered by a day, and by which rows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.claims.ledger import SIGNS, Question
from twocurves.claims.nodes import COMPARISON
from twocurves.claims.schema import Observed, Statistic
from twocurves.claims.units import factor, read_unit, shown
from twocurves.errors import BadFileError
from twocurves.months import Month
from twocurves.observed.tables import Observations

#: A series by which a person may answer any question: the entity is the question's id, the value 1, 0 or
#: 0.5 (ambiguous). It comes before every rule.
BY_HAND = "claim_outcome"

State = Literal["true", "false", "ambiguous", "open"]

#: What a state scores as; an open question does not score.
SCORED_AS: dict[State, float | None] = {"true": 1.0, "false": 0.0, "ambiguous": 0.5, "open": None}

#: Mean length of a year, for slopes over days.
DAYS_A_YEAR = 365.25

_SHOWN = ("series", "entity", "date", "value", "unit", "known_on", "source", "row")


@dataclass(frozen=True)
class Outcome:
    """What reality said to a question by a day.

    Attributes
    ----------
    id
        The question.
    state
        true, false, ambiguous, or open when nothing can be said yet.
    value
        The number held against the threshold, in its unit; None where there is none.
    rows
        The observations used, with their source.
    why
        One sentence.
    as_of
        The day.
    """

    id: str
    state: State
    value: float | None
    rows: pl.DataFrame
    why: str
    as_of: dt.date

    @property
    def score_value(self) -> float | None:
        """1, 0, or one half where ambiguous; None where open."""
        return SCORED_AS[self.state]

    def as_record(self) -> dict[str, Any]:
        """Return the outcome as ``--json`` prints it."""
        return {
            "id": self.id,
            "state": self.state,
            "outcome": self.score_value,
            "value": self.value,
            "why": self.why,
            "as_of": str(self.as_of),
            "rows": self.rows["row"].to_list(),
            "sources": sorted({text for text in self.rows["source"].to_list() if text}),
        }


def resolve(question: Question, held: Observations, as_of: dt.date | None = None) -> Outcome:
    """Hold a question against the observations.

    Parameters
    ----------
    question
        The question, as of its own date.
    held
        The observations; what was not known by ``as_of`` is left out.
    as_of
        The day; when left out, the observations' own limit or the last day they describe.

    Raises
    ------
    BadFileError
        The rule of the question names a unit that cannot be compared with its threshold.
    """
    day = as_of or held.as_of or held.data_to
    seen = held.until(day)
    by_hand = seen.frame.filter(pl.col("series") == BY_HAND, pl.col("entity") == question.id)
    if by_hand.height:
        return _by_hand(question, by_hand, day)
    if day < question.date.last_day:
        return _open(question, f"{question.id} is asked for {question.date}, which is not over.", day)
    if not question.observed:
        return _open(
            question,
            f"No series answers {question.id} by itself; import one called {BY_HAND} with its outcome.",
            day,
        )
    answers = [_answer(question, one, seen) for one in question.observed]
    spoken = [one for one in answers if one is not None]
    if not spoken:
        names = " or ".join(one.series for one in question.observed)
        return _open(question, f"There are too few rows of {names} up to {question.date}.", day)
    return _judged(question, spoken, day)


def resolve_all(
    questions: Iterable[Question], held: Observations, as_of: dt.date | None = None
) -> dict[str, Outcome]:
    """Hold several questions against the observations; see :func:`resolve`."""
    return {question.id: resolve(question, held, as_of) for question in questions}


@dataclass(frozen=True)
class _Answer:
    """What one series says: its numbers (several when its rows contradict each other) and its rows."""

    values: tuple[float, ...]
    rows: pl.DataFrame


def _answer(question: Question, rule: Observed, seen: Observations) -> _Answer | None:
    scale = _scale(question, rule)
    rows = seen.frame.filter(
        pl.col("series") == rule.series,
        pl.col("exclude").is_null(),
        pl.col("value").is_not_null(),
        pl.col("date").is_not_null(),
        pl.col("date") <= question.date.last_day,
    ).sort("date", "row")
    if rule.entity:
        rows = rows.filter(pl.col("entity") == rule.entity)
    if rule.economy is not None:
        rows = rows.filter(pl.col("economy") == rule.economy)
    if rule.basis:
        rows = rows.filter(pl.col("basis") == rule.basis)
    months = [Month(int(question.date) - back) for back in reversed(range(rule.months))]
    window = rows.filter(pl.col("date") >= months[0].first_day)
    if window.height < rule.fewest_rows:
        return None
    if rule.record:
        return _record(rule, rows, months, scale)
    if rule.statistic == "last":
        window = window.filter(pl.col("date") == window["date"].max())
        return _Answer(tuple(scale * value for value in window["value"].unique().sort()), window)
    years = (window["date"] - window["date"][0]).dt.total_days().to_numpy() / DAYS_A_YEAR
    return _Answer((scale * _statistic(rule.statistic, years, window["value"].to_numpy()),), window)


def _record(rule: Observed, rows: pl.DataFrame, months: list[Month], scale: float) -> _Answer | None:
    """Answer by the highest value so far, taken at the end of each month as the model's measures are."""
    records = rows.filter(pl.col("value") > pl.col("value").cum_max().shift(1).fill_null(-math.inf))
    standing = [records.filter(pl.col("date") <= month.last_day)["value"].max() for month in months]
    known = [float(value) for value in standing if isinstance(value, int | float)]
    if len(known) < len(months):
        return None
    used = pl.concat(
        [
            records.filter(pl.col("date") < months[0].first_day).tail(1),
            records.filter(pl.col("date") >= months[0].first_day),
        ]
    )
    return _Answer((scale * _statistic(rule.statistic, np.arange(len(known)) / 12.0, np.array(known)),), used)


def _statistic(name: Statistic, years: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    match name:
        case "last":
            return float(values[-1])
        case "mean":
            return float(values.mean())
        case "max":
            return float(values.max())
        case "min":
            return float(values.min())
    centred = years - years.mean()
    squares = float(np.square(centred).sum())
    return float((centred * values).sum() / squares) if squares > 0.0 else math.nan


def _scale(question: Question, rule: Observed) -> float:
    """Return what a row's value is multiplied by to be in the unit of the threshold."""
    given = read_unit(rule.unit)
    if rule.statistic == "slope":
        given = given / read_unit("year")
    wanted = read_unit(question.unit)
    found = factor(given, wanted)
    if found is None:
        raise BadFileError(
            f"{question.where}: {question.id}: {rule.series} gives {shown(given)} and the threshold is in "
            f"{shown(wanted)}; they cannot be compared.",
            field=question.where,
            given=shown(given),
            allowed=shown(wanted),
        )
    return found


def _holds(question: Question, value: float) -> bool:
    if question.sense is None or question.threshold is None:
        raise ValueError(f"{question.id} has no threshold")  # the schema allows no series without one
    return bool(COMPARISON[SIGNS[question.sense]](np.asarray(value), np.asarray(question.threshold)))


def _judged(question: Question, answers: list[_Answer], day: dt.date) -> Outcome:
    first = answers[0]
    rows = pl.concat([one.rows.select(_SHOWN) for one in answers])
    if any(math.isnan(value) for value in first.values):
        return _open(question, f"The rows for {question.id} are of one day and give no slope.", day)
    sides = {_holds(question, value) for value in first.values}
    value = first.values[-1]
    if len(sides) > 1:
        why = f"Rows of one day contradict each other: {', '.join(f'{one:g}' for one in first.values)}."
        return Outcome(question.id, "ambiguous", value, rows, why, day)
    side = sides.pop()
    for other in answers[1:]:
        second = other.values[-1]
        apart = abs(value - second) / max(abs(value), abs(second)) if value != second else 0.0
        if _holds(question, second) != side and apart > question.resolution.ambiguous_beyond:
            why = f"Two sources are on different sides and {apart:.0%} apart: {value:g} and {second:g}."
            return Outcome(question.id, "ambiguous", value, rows, why, day)
    unit = "" if question.unit == "1" else f" {question.unit}"
    asked = f"{str(question.sense).replace('_', ' ')} {question.threshold:g}{unit}"
    why = f"Observed {value:.4g}{unit}, where {asked} was asked."
    return Outcome(question.id, "true" if side else "false", value, rows, why, day)


def _by_hand(question: Question, rows: pl.DataFrame, day: dt.date) -> Outcome:
    last = rows.sort("known_on", "date", nulls_last=False).tail(1)
    value = float(last["value"][0]) if last["value"][0] is not None else math.nan
    states: dict[float, State] = {1.0: "true", 0.0: "false", 0.5: "ambiguous"}
    if value not in states:
        where = str(last["row"][0])
        raise BadFileError(
            f"{where}: {BY_HAND} of {question.id} must be 1, 0 or 0.5, not {value:g}.",
            field=where,
            given=value,
            allowed=[1, 0, 0.5],
        )
    return Outcome(question.id, states[value], None, last.select(_SHOWN), "Resolved by hand.", day)


def _open(question: Question, why: str, day: dt.date) -> Outcome:
    empty = pl.DataFrame(schema=dict.fromkeys(_SHOWN, pl.String)).with_columns(
        pl.col("date").cast(pl.Date), pl.col("value").cast(pl.Float64)
    )
    return Outcome(question.id, "open", None, empty, why, day)
