"""All measures at once: the families in order, one call, one report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import polars as pl

from twocurves.errors import BadInputError, unknown
from twocurves.months import Month
from twocurves.observed.measures.headline import headline, headline_sentence
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.rows import PSEUDO_REAL_TIME
from twocurves.observed.tables import Observations, observations

#: Modules of this package that hold a family each, in the order of the report.
_MODULES = ("headline", "capability", "lag", "prices", "premium", "commodity", "shares", "revenue", "compute")


@cache
def families() -> tuple[Family, ...]:
    """Return the families of measures in the order in which they are reported."""
    return tuple(import_module(f"twocurves.observed.measures.{name}").FAMILY for name in _MODULES)


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """What was measured, from which data.

    Attributes
    ----------
    sentence
        The answer to "are the two on different exponentials?", computed from the figures.
    data_to
        Last day that the observations describe.
    results
        What each family returned, by its id.
    """

    sentence: str
    data_to: dt.date
    as_of: dt.date | None
    window: Window
    results: Mapping[str, Measured]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure, in order."""
        return tuple(measure for result in self.results.values() for measure in result.measures)

    def chief(self) -> tuple[Measure, ...]:
        """Return the measures that a first look shows."""
        named = {identifier for family in families() for identifier in family.chief}
        return tuple(measure for measure in self.measures if measure.id in named)

    def find(self, wanted: str) -> tuple[Measure, ...]:
        """Return the measures of an id, of a family, or of all ids that begin with ``wanted:``.

        Raises
        ------
        BadInputError
            Nothing has that name; the nearest is suggested.
        """
        exact = tuple(measure for measure in self.measures if measure.id == wanted)
        variants = tuple(
            measure for measure in self.measures if measure.id.startswith((f"{wanted}:", f"{wanted}@"))
        )
        if exact or variants:
            return exact + variants
        if wanted in self.results:
            return self.results[wanted].measures
        raise unknown("measure", wanted, {measure.id for measure in self.measures} | set(self.results))

    def pseudo_real_time(self) -> tuple[str, ...]:
        """Return the families in which a figure rests on a later fit or count, in order."""
        return tuple(
            name
            for name, result in self.results.items()
            if any(one.estimate is not None and PSEUDO_REAL_TIME in one.note for one in result.measures)
        )

    def table(self, name: str) -> pl.DataFrame:
        """Return a table that the figures draw, by its name."""
        tables = {key: table for result in self.results.values() for key, table in result.tables.items()}
        if name not in tables:
            raise unknown("table", name, tables)
        return tables[name]

    def frame(self, measures: Sequence[Measure] | None = None) -> pl.DataFrame:
        """Return measures as a table, one row each."""
        return frame_of(self.measures if measures is None else measures)

    def as_record(self, measures: Sequence[Measure] | None = None) -> dict[str, Any]:
        """Return the report as ``--json`` prints it."""
        chosen = self.measures if measures is None else measures
        return {
            "data_to": self.data_to.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of is not None else None,
            "sentence": self.sentence,
            "measures": [measure.as_record() for measure in chosen],
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the figure of both frontiers for notebooks, with the sentence for consoles."""
        from twocurves.charts.catalogue import draw
        from twocurves.charts.notebook import notebook_bundle

        return dict(notebook_bundle(lambda: draw("frontier", self), self.sentence))


def measure_all(
    *,
    start: Month | None = None,
    end: Month | None = None,
    as_of: dt.date | None = None,
    table: Observations | None = None,
) -> MeasureReport:
    """Run every family of measures.

    Parameters
    ----------
    start, end
        Limit what is described to these months, both included.
    as_of
        Use only what was known by this day.
    table
        Observations to use in place of the packaged and the user's own.

    Raises
    ------
    BadInputError
        ``start`` lies after ``end``.
    """
    if start is not None and end is not None and start > end:
        raise BadInputError(
            f"--from {start} lies after --to {end}.", field="--from", given=str(start), allowed=f"up to {end}"
        )
    held = observations(as_of) if table is None else (table if as_of is None else table.until(as_of))
    window = Window(start, end)
    results = {family.id: family.run(held, window) for family in families() if family.id != "headline"}
    head = headline(results)
    return MeasureReport(
        sentence=headline_sentence(head),
        data_to=held.data_to,
        as_of=as_of,
        window=window,
        results={"headline": head, **results},
    )


def frame_of(measures: Sequence[Measure]) -> pl.DataFrame:
    """Return measures as a table: the columns of ``--csv``.

    Behind the fields of each measure stands one column for every name in the details of any of them.
    """
    named = dict.fromkeys(name for measure in measures for name in measure.details)
    return pl.DataFrame(
        [{**measure.as_record(), **measure.details} for measure in measures],
        schema={
            "id": pl.String,
            "title": pl.String,
            "estimate": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "level": pl.Float64,
            "unit": pl.String,
            "method": pl.String,
            "n": pl.Int64,
            "from": pl.String,
            "to": pl.String,
            "sources": pl.List(pl.String),
            "note": pl.String,
            **dict.fromkeys(named, pl.Float64()),
        },
    )
