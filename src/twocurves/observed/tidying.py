"""From text to the one long table: typed columns, dates, identities, and what to leave out."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import polars as pl

from twocurves.errors import BadDataError
from twocurves.observed.aliases import resolve_maker, resolve_model
from twocurves.observed.series import series_catalogue
from twocurves.observed.traps import corrected_days, set_traps

#: Columns of the long table and their types.
COLUMNS: dict[str, pl.DataType] = {
    "table": pl.String(),
    "series": pl.String(),
    "entity": pl.String(),
    "organisation": pl.String(),
    "access": pl.String(),
    "licence_class": pl.String(),
    "economy": pl.String(),
    "model": pl.String(),
    "maker": pl.String(),
    "date": pl.Date(),
    "date_precision": pl.String(),
    "date_listed": pl.Date(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "interval_kind": pl.String(),
    "known_on": pl.Date(),
    "pseudo_real_time": pl.Boolean(),
    "price_as_of": pl.Date(),
    "conflict": pl.Boolean(),
    "basis": pl.String(),
    "note": pl.String(),
    "source": pl.String(),
    "url": pl.String(),
    "row": pl.String(),
    "exclude": pl.String(),
}

#: How exact a date is.
PRECISIONS = ("day", "month", "quarter", "half", "year", "undated")

#: Values of ``access``.
ACCESS = ("open", "closed")

#: What makes two rows speak of the same thing, so that different values contradict each other.
SAME_THING = ("series", "entity", "date", "date_precision", "unit")

_NUMBERS = ("value", "low", "high")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00:00(?:\.0+)?)?\Z")
_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])\Z")
_HALF = re.compile(r"(\d{4})-?[Hh]([12])\Z")
_YEAR = re.compile(r"(\d{4})\Z")


class Period(NamedTuple):
    """A date as read: the day it stands at, the last day of its period, and how exact it is."""

    at: dt.date
    end: dt.date
    precision: str


@lru_cache(maxsize=16_384)
def read_period(text: str) -> Period | None:
    """Read a day, month, quarter, half-year or year; None when the text is none of these.

    A month stands at its 15th, a quarter at the 15th of its middle month, a half at the first day of its
    fourth month, a year at 1 July.

    >>> read_period("2026-Q1")
    Period(at=datetime.date(2026, 2, 15), end=datetime.date(2026, 3, 31), precision='quarter')
    """
    try:
        if found := _DAY.match(text):
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
            return Period(day, day, "day")
        if found := _MONTH.match(text):
            year, month = int(found[1]), int(found[2])
            return Period(dt.date(year, month, 15), _last_day(year, month), "month")
        if found := _QUARTER.match(text):
            year, last = int(found[1]), 3 * int(found[2])
            return Period(dt.date(year, last - 1, 15), _last_day(year, last), "quarter")
        if found := _HALF.match(text):
            year, last = int(found[1]), 6 * int(found[2])
            return Period(dt.date(year, last - 2, 1), _last_day(year, last), "half")
        if found := _YEAR.match(text):
            year = int(found[1])
            return Period(dt.date(year, 7, 1), dt.date(year, 12, 31), "year")
    except ValueError:  # a month or day that no calendar has
        return None
    return None


def tidy(text: pl.DataFrame, table: str | None = None) -> pl.DataFrame:
    """Turn a text table into rows of the long table.

    Dates are read by :func:`read_period`; a ``date_precision`` in the file overrides the one read.
    ``known_on`` is what the file says (a month means its last day), else the last day of the period that
    the date names. A row with neither a date nor a ``known_on`` counts as known from the last day that the
    whole table mentions, which can only be too late, never too early. Known traps are marked by the rules of
    ``data/traps.toml`` and days put right by ``data/releases.toml``.

    Parameters
    ----------
    text
        As :func:`twocurves.observed.reading.read_text_table` returns it.
    table
        Name of the table; left out, ``text`` has a column ``table``.

    Raises
    ------
    BadDataError
        A cell cannot be read as the number or the date that its column holds; the message names the row.
    """
    frame = text if table is None else text.with_columns(table=pl.lit(table, pl.String))
    frame = _with_numbers(_in_our_words(set_traps(frame)))
    frame = _with_dates(frame)
    frame = corrected_days(frame)
    frame = frame.with_columns(
        conflict=pl.col("conflict").is_not_null(),
        url=pl.col("source").str.extract(r"(https?://[^\s|)]+)"),
    )
    return _with_identity(frame).select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())


def flag_conflicts(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark rows that another row contradicts: the same of :data:`SAME_THING`, another value."""
    apart = pl.col("value").n_unique().over(SAME_THING) > 1
    return frame.with_columns(
        conflict=pl.col("conflict") | (apart & pl.col("date").is_not_null() & pl.col("value").is_not_null())
    )


def _in_our_words(text: pl.DataFrame) -> pl.DataFrame:
    """Bring units and access into our spelling; a row without a value is an event where it may be one."""
    spelt = {name.lower(): unit for name, unit in _synonyms().items()}
    ours = pl.col("unit").str.to_lowercase().replace_strict(spelt, default=None, return_dtype=pl.String)
    unknown = ~pl.col("series").is_in(list(series_catalogue()))
    event = pl.col("value").is_null() & unknown & pl.col("exclude").is_null()
    text = text.with_columns(
        access=pl.col("access").str.to_lowercase(),
        exclude=pl.when(event).then(pl.lit("event")).otherwise("exclude"),
    )
    unitless = pl.col("unit").is_null() & (pl.col("exclude") == "event")
    return text.with_columns(
        unit=pl.when(unitless).then(pl.lit("event")).otherwise(pl.coalesce(ours, "unit"))
    )


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    raw = (resources.files("twocurves.observed") / "data" / "limits.toml").read_text(encoding="utf-8")
    synonyms: dict[str, str] = tomllib.loads(raw)["synonyms"]
    return synonyms


def _with_numbers(text: pl.DataFrame) -> pl.DataFrame:
    read = text.with_columns(pl.col(_NUMBERS).cast(pl.Float64, strict=False))
    for column in _NUMBERS:
        unread = text[column].is_not_null() & (read[column].is_null() | ~read[column].is_finite())
        _refuse(text.filter(unread), column, "a number")
    return read


def _with_dates(text: pl.DataFrame) -> pl.DataFrame:
    periods = {
        column: _periods(text, column) for column in ("date", "known_on", "date_listed", "price_as_of")
    }
    date, known = periods["date"], periods["known_on"]
    last = max([period.end for period in (*date.values(), *known.values())], default=None)
    read = {text_: period.precision for text_, period in date.items()}
    return text.with_columns(
        date=_days(text["date"], {text_: period.at for text_, period in date.items()}),
        known_on=_days(text["known_on"], {text_: period.end for text_, period in known.items()})
        .fill_null(_days(text["date"], {text_: period.end for text_, period in date.items()}))
        .fill_null(pl.lit(last, pl.Date)),
        date_listed=_days(
            text["date_listed"], {t: period.at for t, period in periods["date_listed"].items()}
        ),
        price_as_of=_days(
            text["price_as_of"], {t: period.end for t, period in periods["price_as_of"].items()}
        ),
        date_precision=text["date_precision"]
        .fill_null(text["date"].replace_strict(read, default=None, return_dtype=pl.String))
        .fill_null("undated"),
    )


def _periods(text: pl.DataFrame, column: str) -> dict[str, Period]:
    given = text[column].drop_nulls().unique().to_list()
    read = {cell: read_period(cell) for cell in given}
    unread = [cell for cell, period in read.items() if period is None]
    if unread:
        bad = text.filter(pl.col(column).is_in(unread))
        _refuse(bad, column, "a date such as 2026-06-30, 2026-06, 2026-Q2 or 2026")
    return {cell: period for cell, period in read.items() if period is not None}


def _days(column: pl.Series, days: dict[str, dt.date]) -> pl.Series:
    return column.replace_strict(days, default=None, return_dtype=pl.Date)


def _refuse(bad: pl.DataFrame, column: str, what: str) -> None:
    if not bad.height:
        return
    row, given = bad["row"][0], bad[column][0]
    more = f" ({bad.height - 1} more rows like it)" if bad.height > 1 else ""
    raise BadDataError(
        f"{row}: {column} must be {what}; it is {given!r}{more}.",
        field=f"{row} {column}",
        given=given,
        allowed=what,
    )


def _with_identity(frame: pl.DataFrame) -> pl.DataFrame:
    refits = [name for name, entry in series_catalogue().items() if entry.single_refit]
    names = frame["entity"].drop_nulls().unique().to_list()
    identities = {name: found for name in names if (found := resolve_model(name)) is not None}
    entity, organisation = pl.col("entity"), pl.col("organisation")
    makers = {name: maker for name in names if (maker := resolve_maker(name)) is not None}
    organisations = {
        name: maker
        for name in frame["organisation"].drop_nulls().unique().to_list()
        if (maker := resolve_maker(name)) is not None
    }
    licence = pl.col("licence_class").str.to_lowercase()
    return frame.with_columns(
        model=_mapped(entity, {name: found.model for name, found in identities.items()}),
        maker=pl.coalesce(
            _mapped(organisation, organisations),
            _mapped(entity, {name: found.maker for name, found in identities.items()}),
            _mapped(entity, makers),
        ),
        economy=pl.when(pl.col("access").is_in(ACCESS))
        .then("access")
        .when(licence.str.starts_with("open"))
        .then(pl.lit("open"))
        .when(licence.str.starts_with("closed"))
        .then(pl.lit("closed"))
        .otherwise(_mapped(entity, {name: found.economy for name, found in identities.items()})),
        pseudo_real_time=pl.col("series").is_in(refits).fill_null(value=False),
    )


def _mapped(column: pl.Expr, names: dict[str, str]) -> pl.Expr:
    return column.replace_strict(names, default=None, return_dtype=pl.String)


def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])
