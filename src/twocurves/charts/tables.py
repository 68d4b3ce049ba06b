"""Checks on the tables that figures draw: what is wrong is said before anything is drawn."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence

import polars as pl

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
    columns: list[pl.Expr] = [pl.col(name) for name in dates]
    columns += [pl.col(name).cast(pl.String) for name in texts]
    for name in (*numbers, *gaps_allowed):
        if name not in frame.columns:
            columns.append(pl.lit(None, dtype=pl.Float64).alias(name))
            continue
        if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Null):
            raise BadInputError(
                f"{table}: column {name!r} must hold numbers; it holds {frame[name].dtype}.",
                field=f"{table}.{name}",
                given=str(frame[name].dtype),
                allowed="numbers",
            )
        bad = ~frame[name].cast(pl.Float64).is_finite().fill_null(value=True)
        if bad.any():
            raise BadInputError(
                f"{table}: column {name!r} is not a finite number in row {_first_true(bad)}.",
                field=f"{table}.{name}",
            )
        columns.append(pl.col(name).cast(pl.Float64))
    return frame.select(columns)


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
        bad = (frame[name] <= 0).fill_null(value=False)
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
        bad = (frame[lower] > frame[upper]).fill_null(value=False)
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
    return [value for name in columns for value in frame[name].drop_nulls().to_list()]


def days_of(frame: pl.DataFrame, column: str) -> list[dt.date]:
    """Return a date column as Python dates."""
    return frame[column].to_list()


def _first_true(mask: pl.Series) -> int:
    position = mask.arg_max()
    return 0 if position is None else position
