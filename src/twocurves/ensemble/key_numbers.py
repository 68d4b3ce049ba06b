"""Key numbers of a run at several dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twocurves.ensemble.columns import columns, unit_of
from twocurves.ensemble.outcome_table import Outcome, outcome_table
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.spread import Spread
from twocurves.months import Month

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class OutcomeInMonth:
    """Which outcome in which month.

    Attributes
    ----------
    outcome, unit, month
        What, in which unit, when.
    """

    outcome: Outcome
    unit: str
    month: Month

    def as_record(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {"name": self.outcome.name, "unit": self.unit, "month": str(self.month)}


@dataclass(frozen=True)
class OutcomeRow(OutcomeInMonth):
    """An outcome in a month, over the draws of a run.

    Attributes
    ----------
    spread
        Over the draws.
    """

    spread: Spread

    def as_record(self) -> dict[str, Any]:
        """Return the row as ``--json`` prints it."""
        return {**super().as_record(), **self.spread.as_record()}


def outcomes_kept(run: StoredRun) -> list[Outcome]:
    """Return the outcomes whose measure a run keeps, in the order of the table."""
    there = {column.name for column in run.layout.columns}
    return [outcome for outcome in outcome_table().outcome if outcome.name in there]


def dates_kept(run: StoredRun) -> list[Month]:
    """Return the dates of the table of outcomes that a run keeps, and its last month."""
    wished = [Month.parse(text) for text in outcome_table().dates]
    found = [month for month in wished if month in run.months and month < run.months[-1]]
    last = run.months[-1]
    return [*found, *([last] if last in wished or not found else [])]


def outcome_rows(run: StoredRun) -> list[OutcomeRow]:
    """Return the key numbers of a run at several dates; one outcome is in memory at a time."""
    dates = dates_kept(run)
    rows = []
    for outcome in outcomes_kept(run):
        _, found = columns(run, [outcome.name], dates)
        rows += [
            OutcomeRow(outcome, unit_of(run, outcome.name), month, Spread.of(found[outcome.name][:, place]))
            for place, month in enumerate(dates)
        ]
    return rows


def outcome_frame(rows: Iterable[OutcomeRow]) -> pl.DataFrame:
    """Return key numbers as a table."""
    import polars as pl

    return pl.DataFrame([row.as_record() for row in rows]).with_columns(
        month=pl.col("month").str.to_date("%Y-%m")
    )
