"""Checks on the tables that figures draw: what is wrong is said before anything is drawn."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.charts.palette import ECONOMIES
from twocurves.charts.ticks import ScaleName
from twocurves.errors import BadInputError, unknown


class NothingToDrawError(BadInputError):
    """The tables of a figure hold no row to draw; the message begins with "nothing to draw"."""


def require(
    frame: pl.DataFrame,
    table: str,
    *,
    dates: Sequence[str] = (),
    texts: Sequence[str] = (),
    numbers: Sequence[str] = (),
    gaps_allowed: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the named columns of a table, typed, in its row order.

    Parameters
    ----------
    frame
        The table.
    table
        What it is called in a fault ("dots", "quantiles").
    dates, texts, numbers
        Columns that must be there; dates as ``pl.Date``, without missing values.
    gaps_allowed
        Numeric columns that may hold missing values, or be missing altogether (then all null).

    Raises
    ------
    BadInputError
        The table is empty, a column is missing or of the wrong type, a value is missing, NaN or infinite.
    """
    if frame.height == 0:
        raise NothingToDrawError(f"nothing to draw: the table of {table} has no rows.", field=table, given=0)
    for name in (*dates, *texts, *numbers):
        if name not in frame.columns:
            raise unknown("column", name, frame.columns, field=f"{table}.{name}")
        if frame[name].null_count():
            raise BadInputError(
                f"{table}: column {name!r} has no value in row {_first_true(frame[name].is_null())}.",
                field=f"{table}.{name}",
            )
    for name in dates:
        if frame[name].dtype != pl.Date:
            raise BadInputError(
                f"{table}: column {name!r} must hold dates; it holds {frame[name].dtype}.",
                field=f"{table}.{name}",
                given=str(frame[name].dtype),
                allowed="Date",
            )
    # Column by column: a figure that follows a slider has no time for a query plan per check.
    columns = [frame[name] for name in dates]
    columns += [frame[name].cast(pl.String) for name in texts]
    for name in (*numbers, *gaps_allowed):
        if name not in frame.columns:
            columns.append(pl.Series(name, [None] * frame.height, dtype=pl.Float64))
            continue
        if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Null):
            raise BadInputError(
                f"{table}: column {name!r} must hold numbers; it holds {frame[name].dtype}.",
                field=f"{table}.{name}",
                given=str(frame[name].dtype),
                allowed="numbers",
            )
        column = frame[name].cast(pl.Float64)
        bad = ~np.isfinite(column.to_numpy())
        if column.null_count():
            bad &= column.is_not_null().to_numpy()
        if bad.any():
            raise BadInputError(
                f"{table}: column {name!r} is not a finite number in row {_first_true(bad)}.",
                field=f"{table}.{name}",
            )
        columns.append(column)
    return pl.DataFrame(columns)


def require_economies(frame: pl.DataFrame, table: str) -> None:
    """Refuse an ``economy`` that is neither closed nor open."""
    for name in frame["economy"].unique(maintain_order=True):
        if name not in ECONOMIES:
            raise unknown("economy", str(name), ECONOMIES, field=f"{table}.economy")


def require_positive(frame: pl.DataFrame, table: str, columns: Iterable[str], scale: ScaleName) -> None:
    """Refuse zero and negative values on a log scale, naming the row; nothing is refused on a linear one."""
    if scale == "linear":
        return
    for name in columns:
        bad = frame[name].to_numpy() <= 0
        if bad.any():
            row = _first_true(bad)
            raise BadInputError(
                f"{table}: column {name!r} must be above 0 on a log scale; "
                f"row {row} has {frame[name][row]:g}. Use scale 'linear' or leave the row out.",
                field=f"{table}.{name}",
                given=frame[name][row],
                allowed="above 0",
            )


def require_order(frame: pl.DataFrame, table: str, columns: Sequence[str]) -> None:
    """Refuse rows whose columns do not rise from left to right (low, value, high); gaps are skipped."""
    for lower, upper in itertools.pairwise(columns):
        bad = frame[lower].to_numpy() > frame[upper].to_numpy()
        if bad.any():
            row = _first_true(bad)
            raise BadInputError(
                f"{table}: {lower!r} is above {upper!r} in row {row} "
                f"({frame[lower][row]:g} and {frame[upper][row]:g}).",
                field=f"{table}.{lower}",
                given=frame[lower][row],
                allowed=f"at most {frame[upper][row]:g}",
            )


def check_scale(scale: str) -> None:
    """Refuse a scale that is neither linear nor log."""
    if scale not in ("linear", "log"):
        raise unknown("scale", scale, ("linear", "log"))


def finite_values(frame: pl.DataFrame, columns: Iterable[str]) -> list[float]:
    """Return all values of some columns, without gaps."""
    return [value for name in columns for value in frame[name].to_list() if value is not None]


def days_of(frame: pl.DataFrame, column: str) -> list[dt.date]:
    """Return a date column as Python dates."""
    return frame[column].to_list()


def in_order(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return a table sorted by a column, rows that tie in their order; as it is where it is sorted."""
    if frame[column].is_sorted():
        return frame
    return frame.sort(column, maintain_order=True)


def rows_where(frame: pl.DataFrame, column: str, value: str | None) -> pl.DataFrame:
    """Return the rows of a table whose text column is a value (or null), without that column."""
    here = frame[column].is_null() if value is None else (frame[column] == value).fill_null(value=False)
    return pl.DataFrame([frame[name].filter(here) for name in frame.columns if name != column])


def _first_true(mask: pl.Series | NDArray[np.bool_]) -> int:
    return int(np.argmax(np.asarray(mask)))
