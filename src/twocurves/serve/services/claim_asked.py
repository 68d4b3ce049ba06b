"""A question asked with another threshold or date, answered from the stored draws of the run shown.

What a question reads is read from the run once and kept; each further threshold or date is then a comparison
of arrays, a few milliseconds, so that the answer follows a dragged line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.charts.number_text import say
from twocurves.claims import MeasureShape, MeasureTable, Probability, Question, Tally, compile_question
from twocurves.claims.compiling import UNDETERMINED, CompiledQuestion
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.results import StoredRun
from twocurves.errors import BadInputError, Fault
from twocurves.months import Month
from twocurves.serve.house import House
from twocurves.serve.remembered import Remembered
from twocurves.serve.sliders import unit_words

if TYPE_CHECKING:
    from twocurves.serve.services.run_view import RunView

#: Questions whose measures are kept in memory, and answers.
_QUESTIONS, _ANSWERS = 8, 512

#: Quantiles of the outcome between which the threshold's slider runs.
_REACH = (0.01, 0.99)

#: Points of the curve over thresholds.
_POINTS = 25

_SHARES = re.compile(r"share|lerner|margin|subsidy")

#: Number styles of units, and the units in words beside a field.
_STYLES = {
    "trillion_usd": "${}tn",
    "billion_usd": "${}bn",
    "usd / month": "${} a month",
    "month": "{} months",
    "eci": "{} points",
    "eci / year": "{} points a year",
}
UNITS = {
    "trillion_usd": "trillion dollars",
    "billion_usd": "billion dollars",
    "usd / month": "dollars a month",
    "month": "months",
    "eci": "points",
    "eci / year": "points a year",
}


@dataclass(frozen=True)
class StoredMeasures:
    """What a question reads, for every run that came through.

    Attributes
    ----------
    table
        Measures and months of the run.
    values
        Arrays of shape ``(runs, months, *axes)`` by measure.
    draw
        Number of each run, ``(runs,)``.
    failed
        Numbers of the runs that failed.
    """

    table: MeasureTable
    values: dict[str, NDArray[np.floating]]
    draw: NDArray[np.int64]
    failed: NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """An answer.

    Attributes
    ----------
    question
        As asked: with its threshold and date.
    usual
        As it stands in the ledger.
    found
        Its probability.
    outcome
        The number held against the threshold in each run, None where the question is a truth.
    number
        How that number is written.
    """

    question: Question
    usual: Question
    found: Probability
    outcome: NDArray[np.float64] | None
    number: str

    @property
    def above(self) -> bool:
        """Whether it holds above the threshold."""
        return self.question.sense in ("above", "at_least")

    @property
    def changed(self) -> bool:
        """Whether it is asked otherwise than it stands."""
        return (self.question.threshold, self.question.date) != (self.usual.threshold, self.usual.date)

    def said(self, threshold: float | None) -> str:
        """Write a threshold."""
        return "" if threshold is None else say(threshold, self.number)

    @property
    def threshold_said(self) -> str:
        """The threshold as asked, in words."""
        return self.said(self.question.threshold)

    @property
    def reach(self) -> tuple[float, float]:
        """Between which thresholds the slider runs; both of the question's stand inside."""
        own = [one for one in (self.question.threshold, self.usual.threshold) if one is not None]
        if not own:
            return 0.0, 1.0
        ends = list(own)
        if self.outcome is not None:
            held = self.outcome[np.isfinite(self.outcome)]
            if len(held):
                ends += [float(end) for end in np.quantile(held, _REACH)]
        else:
            ends += [0.0, 2.0 * max(abs(one) for one in own) or 1.0]
        low, high = min(ends), max(ends)
        return (low, high) if high > low else (low - 1.0, high + 1.0)


class Asking:
    """Answers of one run."""

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._measures: Remembered[StoredMeasures] = Remembered(_QUESTIONS)
        self._answers: Remembered[Asked] = Remembered(_ANSWERS)

    def ask(self, usual: Question, threshold: float | None = None, date: Month | None = None) -> Asked:
        """Return the answer to a question with another threshold or date.

        Raises
        ------
        BadInputError
            The question has no threshold, or the run has not the months for that date.
        """
        asked = usual.varied(threshold=threshold, date=date)
        key = (usual.id, asked.threshold, asked.date)
        return self._answers.once(key, lambda: self._asked(usual, asked))

    def by_date(self, usual: Question, threshold: float | None, own: Month, first: Month) -> pl.DataFrame:
        """Return the probability for the ends of years, and for the date in question.

        Returns
        -------
        polars.DataFrame
            ``month`` (text), ``value`` (a date in years), ``chance``; without dates that the run has not the
            months for.
        """
        last = self._run.months[-1]
        months = {Month.of(year, 12) for year in range(first.year, last.year + 1)} | {own}
        rows = []
        for month in sorted(months):
            if not first <= month <= last:
                continue
            try:
                found = self.ask(usual, threshold, month).found
            except Fault:
                continue
            if found.probability is not None:
                rows.append({"month": str(month), "value": years(month), "chance": found.probability})
        schema = {"month": pl.String, "value": pl.Float64, "chance": pl.Float64}
        return pl.DataFrame(rows, schema=schema)

    def by_threshold(self, asked: Asked) -> pl.DataFrame:
        """Return the probability over thresholds: ``value``, ``chance``."""
        low, high = asked.reach
        points = {float(one) for one in np.linspace(low, high, _POINTS)}
        if asked.question.threshold is not None:
            points.add(asked.question.threshold)
        rows = [
            {"value": point, "chance": found.probability}
            for point in sorted(points)
            if (found := self.ask(asked.usual, point, asked.question.date).found).probability is not None
        ]
        return pl.DataFrame(rows, schema={"value": pl.Float64, "chance": pl.Float64})

    def _asked(self, usual: Question, asked: Question) -> Asked:
        stored = self._measures.once(usual.id, lambda: self._stored(usual))
        compiled = compile_question(asked, stored.table)
        runs = len(stored.draw)
        truth = compiled.truth(stored.values, runs)
        tally = Tally()
        tally.add(truth, np.ones(runs, dtype=bool), stored.draw)
        none = len(stored.failed)
        tally.add(np.full(none, UNDETERMINED), np.zeros(none, dtype=bool), stored.failed)
        outcome = compiled.outcome(stored.values, runs)
        return Asked(asked, usual, tally.probability(asked.id), outcome, number_of(usual, compiled))

    def _stored(self, question: Question) -> StoredMeasures:
        run = self._run
        if len(run.months) != run.plan.months_simulated:
            raise BadInputError(
                f"{run.name} keeps {len(run.months)} of {run.plan.months_simulated} months, so a question "
                "cannot be asked otherwise; make a run with --keep all.",
                field="run",
                given=run.plan.months_kept,
                allowed="a run that keeps all months",
            )
        shapes = {info.name: MeasureShape(info.unit, info.axes, info.meaning) for info in run.measures}
        table = MeasureTable(shapes, run.manifest.description.axes, run.months[0], run.months[-1])
        named = {
            name: [column.name for column in run.layout.columns_of(name)]
            for name in sorted(compile_question(question, table).measures)
        }
        parts: dict[str, list[NDArray[np.floating]]] = {name: [] for name in named}
        draws: list[NDArray[np.int64]] = []
        for piece in run.iterate_paths(["draw", *(one for names in named.values() for one in names)]):
            draw = from_column(piece["draw"])[:: len(run.months)]
            draws += [draw]
            for name, columns in named.items():
                parts[name].append(
                    np.stack(
                        [from_column(piece[column]).reshape(len(draw), -1) for column in columns], axis=-1
                    ).reshape(table.shape_of(name, len(draw)))
                )
        failed = [
            from_column(piece["draw"])[~np.asarray(from_column(piece["ok"]), dtype=bool)]
            for piece in run.iterate_draws(["draw", "ok"])
        ]
        return StoredMeasures(
            table,
            {name: np.concatenate(found) for name, found in parts.items()},
            np.concatenate(draws),
            np.concatenate([np.empty(0, np.int64), *failed]),
        )


def asking(house: House, view: RunView) -> Asking:
    """Return what answers questions of the run shown."""
    return house.once(f"asking|{view.run.name}", lambda: Asking(view.run))


def number_of(question: Question, compiled: CompiledQuestion) -> str:
    """Return the number style in which a question's threshold is written."""
    if question.unit != "1":
        return _STYLES.get(question.unit, f"{{}} {unit_words(question.unit)}")
    text = question.expression.text
    plain = not any(word in text for word in ("count_", "growth(", "/"))
    shares = all(_SHARES.search(name) for name in compiled.measures)
    return "share" if plain and shares and question.sense is not None else "number"


def years(month: Month) -> float:
    """Return a month as a date in years, at its beginning."""
    return month.year + (month.month - 1) / 12.0
