"""What a linked cursor needs of a figure over time: where its months lie, and what is read at each.

It travels in the spec as ``usermeta``, which Vega-Lite passes on and does not look at, so that a page finds
it in a drawing that came from the server and in a live view alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from twocurves.charts.feed import Feed, milliseconds
from twocurves.charts.number_text import round_figures
from twocurves.charts.ticks import ScaleName, TimeSpan


@dataclass(frozen=True, slots=True)
class Reading:
    """One series of a figure, as a cursor reads it.

    Attributes
    ----------
    name
        What it is called beside the chart.
    number
        Number style of its values.
    dataset
        The dataset of the feed that holds its rows; empty where they do not move.
    rows
        Rows that do not move: day in milliseconds, value, low and high.
    scale
        On a log axis what is too small lies on the lower edge, and is read as such.
    spread
        What the range read with a value is.
    """

    name: str
    number: str
    dataset: str = ""
    rows: tuple[tuple[int, float, float | None, float | None], ...] = ()
    scale: ScaleName = "linear"
    spread: str = "80% of runs"

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        record: dict[str, Any] = {
            "name": self.name,
            "number": self.number,
            "scale": self.scale,
            "spread": self.spread,
        }
        return record | (
            {"dataset": self.dataset} if self.dataset else {"rows": [list(row) for row in self.rows]}
        )


def measured_reading(table: pl.DataFrame, name: str, number: str) -> Reading:
    """Return what was measured as a reading: ``date``, ``value``, ``low`` and ``high``, in order of time."""
    rows = [
        (
            milliseconds(row["date"]),
            round_figures(row["value"]),
            None if row["low"] is None else round_figures(row["low"]),
            None if row["high"] is None else round_figures(row["high"]),
        )
        for row in table.iter_rows(named=True)
    ]
    return Reading(name, number, rows=tuple(rows), spread="interval")


def cursor_meta(x: TimeSpan, readings: Iterable[Reading]) -> dict[str, Any]:
    """Return the ends of a time axis (milliseconds since 1970, UTC) and the series read along it."""
    return {
        "from": milliseconds(x.first),
        "to": milliseconds(x.last),
        "readings": [one.as_record() for one in readings],
    }


def cursor_of(spec: Mapping[str, Any], moving: Feed | None = None) -> dict[str, Any] | None:
    """Return what a page needs to put a linked cursor over a drawn spec; None where it has no time axis.

    Parameters
    ----------
    spec
        A figure's Vega-Lite spec.
    moving
        The feed that was drawn in place of the spec's own data.

    Returns
    -------
    dict or None
        ``from``, ``to`` and ``readings``; each reading has its ``rows``: month, median, low and high.
    """
    meta = spec.get("usermeta", {}).get("cursor")
    if not meta:
        return None
    datasets = {**spec.get("datasets", {}), **({} if moving is None else moving.datasets)}
    return {**meta, "readings": [_with_rows(one, datasets) for one in meta["readings"]]}


def _with_rows(reading: Mapping[str, Any], datasets: Mapping[str, Any]) -> dict[str, Any]:
    if "rows" in reading:
        return dict(reading)
    rows = [[row["month"], row["p50"], row["p10"], row["p90"]] for row in datasets[reading["dataset"]]]
    return {**{name: value for name, value in reading.items() if name != "dataset"}, "rows": rows}
