"""From rows of observations to a measure: which rows count, and what is said of where they come from."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import polars as pl

from twocurves.months import Month
from twocurves.observed.measures.intervals import Interval
from twocurves.observed.measures.measure import Measure, Window
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import Observations

#: The credit that stands first wherever figures of Epoch AI are used.
EPOCH_CREDIT = "Epoch AI (CC BY 4.0)"

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
    frame = observations.frame.filter(
        pl.col("series").is_in(series),
        pl.col("date").is_not_null(),
        pl.col("value").is_finite(),
        pl.col("exclude").is_null() | pl.col("exclude").is_in(list(also)),
    )
    if window.start is not None:
        frame = frame.filter(pl.col("date") >= window.start.first_day)
    if window.end is not None:
        frame = frame.filter(pl.col("date") <= window.end.last_day)
    return frame.sort("date", maintain_order=True)


def sources_of(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return who published these rows, each once: credits that licences ask for, then name and address."""
    catalogue = series_catalogue()
    due = [catalogue[name].credit for name in frame["series"].unique().sort() if name in catalogue]
    listed = frame["source"].drop_nulls().unique(maintain_order=True).to_list()
    if any("Epoch" in source for source in listed):
        due.append(EPOCH_CREDIT)
    return tuple(dict.fromkeys(text for text in (*due, *listed) if text))


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
    sources: tuple[str, ...] | None = None,
) -> Measure:
    """Build a measure from its interval and the rows behind it.

    Parameters
    ----------
    found
        None when the data give no figure; ``note`` must then say why.
    frame
        The rows used: their count, months and sources are taken from here.
    n, sources
        To be said in place of what ``frame`` gives.
    """
    dates = frame["date"].drop_nulls() if "date" in frame.columns else pl.Series([], dtype=pl.Date)
    first, last = dates.min(), dates.max()
    return Measure(
        id=identifier,
        title=title,
        estimate=None if found is None else found.estimate,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        unit=unit,
        method=method,
        n=frame.height if n is None else n,
        start=None if first is None else Month.containing(first),  # type: ignore[arg-type]
        end=None if last is None else Month.containing(last),  # type: ignore[arg-type]
        sources=sources_of(frame) if sources is None else sources,
        note=note,
    )


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
        note="A probability has no interval of its own." if probability is not None else of.note,
    )
