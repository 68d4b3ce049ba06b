"""From rows of observations to a measure: which rows count, and what is said of where they come from."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import polars as pl

from twocurves.months import Month
from twocurves.observed.measures.intervals import Interval
from twocurves.observed.measures.measure import Measure, Window
from twocurves.observed.measures.thin import too_wide, without_degenerate, yearly_footing
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import Observations

#: The word by which a note tells that a past is seen with the figures of a later fit or count.
PSEUDO_REAL_TIME = "pseudo-real-time"

#: Periods that a row may stand for, by their ``date_precision``: months in it, months before the one in which
#: the row stands, and the day of that month (:func:`twocurves.observed.tidying.read_period`).
_PERIODS = {"quarter": (3, 1, 15), "half": (6, 3, 1), "year": (12, 6, 1)}

_NOT_ID = re.compile(r"[^a-z0-9.]+")


def slug(name: str) -> str:
    """Return a name as it stands in a measure's id.

    >>> slug("Together AI"), slug("GPQA Diamond >=33")
    ('together_ai', 'gpqa_diamond_33')
    """
    return _NOT_ID.sub("_", name.lower()).strip("_")


def rows(
    observations: Observations, *series: str, window: Window, also: Collection[str] = ()
) -> pl.DataFrame:
    """Return the dated rows of these series that may be used, by date.

    Parameters
    ----------
    observations
        Limited by what was known already.
    series
        Names of series; one that has no rows adds none.
    window
        Limits the dates.
    also
        Reasons for exclusion that do not matter here (``"later price"``).
    """
    wanted = [
        pl.col("series").is_in(series),
        pl.col("date").is_not_null(),
        pl.col("value").is_finite(),
        pl.col("exclude").is_null() | pl.col("exclude").is_in(list(also)),
    ]
    if window.start is not None:
        wanted.append(pl.col("date") >= window.start.first_day)
    if window.end is not None:
        wanted.append(pl.col("date") <= window.end.last_day)
    return observations.frame.lazy().filter(wanted).sort("date", maintain_order=True).collect()


def sources_of(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return who published these rows, each once: the credits of their series, then name and address."""
    # Plain sets and dicts: every measure comes here with few rows, for which a query costs more than it does.
    catalogue = series_catalogue()
    due = [catalogue[name].credit for name in sorted(catalogue.keys() & set(frame["series"].to_list()))]
    listed = dict.fromkeys(frame["source"].to_list())
    return tuple(dict.fromkeys(text for text in (*due, *listed) if text))


def hindsight(frame: pl.DataFrame, as_of: dt.date | None = None) -> str:
    """Say that rows come from one later fit or count, so that a past is seen with hindsight.

    Parameters
    ----------
    frame
        Rows of observations; empty text when none of them is ``pseudo_real_time``.
    as_of
        The day asked for.
    """
    if "pseudo_real_time" not in frame.columns:
        return ""
    seen_later = zip(frame["pseudo_real_time"].to_list(), frame["known_on"].to_list(), strict=True)
    known = sorted({str(day) for later, day in seen_later if later and day is not None})
    if not known:
        return ""
    days = known[0] if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
    asked = "" if as_of is None else f", here {as_of} by the days described"
    return f"From one later fit or count ({days}): {PSEUDO_REAL_TIME} for any earlier day{asked}."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where figures come from whose rows were joined and summarised before they were measured.

    Attributes
    ----------
    sources
        As :func:`sources_of` returns.
    seen_with
        What every figure from there must say: what :func:`hindsight` returns, or that prices are of a later
        day than the period asked for.
    """

    sources: tuple[str, ...]
    seen_with: str = ""


def measure(
    identifier: str,
    title: str,
    found: Interval | None,
    *,
    unit: str,
    method: str,
    frame: pl.DataFrame,
    note: str,
    n: int | None = None,
    origin: Origin | None = None,
    details: Mapping[str, float | int | None] | None = None,
    yearly: bool = False,
) -> Measure:
    """Build a measure from its interval and the rows behind it.

    The note of a figure begins with what :func:`~twocurves.observed.measures.thin.too_wide` says of its
    interval and ends in what :func:`hindsight` says of its rows. An interval without width is left out.

    Parameters
    ----------
    found
        None when the data give no figure; ``note`` must then say why.
    frame
        The rows used: their count, months and sources are taken from here.
    n, origin
        To be said in place of what ``frame`` gives.
    details
        As :class:`~twocurves.observed.measures.measure.Measure` has them.
    yearly
        The figure is a rate a year made from the days of ``frame``; the note says so where they span less
        than a year.
    """
    found = without_degenerate(found)
    where = Origin(sources_of(frame), hindsight(frame)) if origin is None else origin
    told = where.seen_with if found is not None else ""
    footing = yearly_footing(span_days(frame)) if yearly and found is not None else ""
    first, last = months_covered(frame)
    return Measure(
        id=identifier,
        title=title,
        estimate=None if found is None else found.estimate,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        unit=unit,
        method=method,
        n=frame.height if n is None else n,
        start=first,
        end=last,
        sources=where.sources,
        note=" ".join(part for part in (too_wide(found, unit), footing, note.strip(), told) if part),
        details={} if details is None else details,
    )


def span_days(frame: pl.DataFrame) -> int:
    """Return the days from the first to the last row; 0 without dated rows."""
    first, last = frame["date"].min(), frame["date"].max()
    return (last - first).days if isinstance(first, dt.date) and isinstance(last, dt.date) else 0


def months_covered(frame: pl.DataFrame) -> tuple[Month | None, Month | None]:
    """Return the first and last month that rows describe; None both without dated rows.

    A quarter, a half and a year stand at a day in their middle, but describe all of their months.
    """
    if "date" not in frame.columns:
        return None, None
    if "date_precision" not in frame.columns:
        first, last = frame["date"].min(), frame["date"].max()
        if not isinstance(first, dt.date) or not isinstance(last, dt.date):
            return None, None
        return Month.containing(first), Month.containing(last)
    dated = [
        _months_of(day, precision)
        for day, precision in zip(frame["date"].to_list(), frame["date_precision"].to_list(), strict=True)
        if day is not None
    ]
    if not dated:
        return None, None
    return min(first for first, _ in dated), max(last for _, last in dated)


def _months_of(day: dt.date, precision: str) -> tuple[Month, Month]:
    """Return the first and last month of the period that a row stands for."""
    month = Month.containing(day)
    length, middle, stands_at = _PERIODS.get(precision, (1, 0, day.day))
    first = month + -(int(month) % length)
    # A day that its source gives, though vaguely, is taken as it stands.
    if (month - first, day.day) != (middle, stands_at):
        return month, month
    return first, first + (length - 1)


def probability_measure(of: Measure, probability: float | None) -> Measure:
    """Build the measure that says how likely a difference is above zero; its id ends in ``_probability``."""
    return replace(
        of,
        id=f"{of.id}_probability",
        title=f"Probability that it is above zero: {of.title[0].lower()}{of.title[1:]}",
        estimate=probability,
        low=None,
        high=None,
        unit="probability",
        note=f"A probability has no interval of its own. {of.note}".strip()
        if probability is not None
        else of.note,
    )
