"""What a figure draws now, apart from how it draws: rows by dataset and values by parameter.

A page builds a figure's spec once; whatever moves under a slider then travels as a feed alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import polars as pl

from twocurves.charts.number_text import round_figures

Row = dict[str, Any]

_EPOCH = dt.date(1970, 1, 1)
_MILLISECONDS_A_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Feed:
    """The moving part of a figure.

    Attributes
    ----------
    datasets
        Rows by the name of the dataset in the spec. Dates are milliseconds since 1970 (UTC).
    params
        Values by the name of the parameter in the spec: ends, ticks and tick labels of axes that move.
    description
        What the figure shows now, in sentences, for those who do not see it.
    """

    datasets: dict[str, list[Row]] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    description: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the feed as JSON holds it."""
        return {"datasets": self.datasets, "params": self.params, "description": self.description}


def joined(feeds: Iterable[Feed]) -> Feed:
    """Return several feeds as one; their names are apart."""
    datasets: dict[str, list[Row]] = {}
    params: dict[str, Any] = {}
    words: list[str] = []
    for feed in feeds:
        datasets |= feed.datasets
        params |= feed.params
        words += [feed.description] if feed.description else []
    return Feed(datasets, params, " ".join(words))


def named(dataset: str) -> alt.NamedData:
    """Return a reference to a dataset of the feed; its rows are taken as they are."""
    return alt.NamedData(name=dataset, format=alt.DataFormat(parse=None))


def feed_rows(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return rows fit for a feed: dates in milliseconds, numbers to five figures."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def table_rows(table: pl.DataFrame) -> list[Row]:
    """Return a table as rows fit for a feed."""
    columns: list[list[Any]] = []
    for column in table.iter_columns():
        if column.dtype == pl.Date:
            columns.append([day * _MILLISECONDS_A_DAY for day in column.to_physical().to_list()])
        elif column.dtype == pl.Float64:
            columns.append([None if value is None else round_figures(value) for value in column.to_list()])
        else:
            columns.append(column.to_list())
    names = table.columns
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def parameters(feed: Feed) -> list[alt.VariableParameter]:
    """Return the parameters of a feed, with their present values, for a spec."""
    return [alt.VariableParameter(name=name, value=value) for name, value in feed.params.items()]


def milliseconds(day: dt.date) -> int:
    """Return a day as milliseconds since 1970 (UTC), as feeds and drawings have it."""
    return (day - _EPOCH).days * _MILLISECONDS_A_DAY


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return milliseconds(value)
    return round_figures(value) if isinstance(value, float) else value
