"""What a measure is: an estimate with its interval, and everything needed to doubt it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from twocurves.months import Month

#: The unit of a figure that is a point in time: 2024.25 is the start of April 2024.
CALENDAR_YEAR = "calendar year"

#: Every interval printed by ``measure`` holds this share unless ``Measure.level`` says otherwise.
LEVEL = 0.90


def month_of_year(year: float) -> Month:
    """Return the month at whose start a point in time in calendar years lies, the nearest one.

    >>> str(month_of_year(2024.25))
    '2024-04'
    """
    return Month(round(12 * (year - 1970)))


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured figure.

    Attributes
    ----------
    id
        Stable name, with the definition inside where several exist (``lag_months:weekly``).
    title
        What it is, in a few words for a table row.
    estimate, low, high
        The figure and its interval at ``level``, in ``unit``; None where the data give none, and then
        ``note`` says why.
    unit
        In words a reader understands ("ECI points a year").
    method
        One line: how the estimate and the interval were made.
    n
        Observations used.
    start, end
        First and last month covered, None when ``n`` is 0.
    sources
        Who published the figures, with the address; the credit due comes first.
    note
        What to know before quoting it: the definition, a conflict, a bias, pseudo-real-time.
    details
        Other numbers of the same thing, by name with the unit inside: ``hosts``,
        ``median_usd_per_million_output_tokens``.
    """

    id: str
    title: str
    estimate: float | None
    low: float | None
    high: float | None
    unit: str
    method: str
    n: int
    start: Month | None
    end: Month | None
    sources: tuple[str, ...]
    note: str = ""
    level: float = LEVEL
    details: Mapping[str, float | int | None] = field(default_factory=dict, hash=False)

    def as_record(self) -> dict[str, Any]:
        """Return the measure as ``--json`` prints it."""
        return {
            "id": self.id,
            "title": self.title,
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "unit": self.unit,
            "method": self.method,
            "n": self.n,
            "from": str(self.start) if self.start is not None else None,
            "to": str(self.end) if self.end is not None else None,
            "sources": list(self.sources),
            "note": self.note,
            "details": dict(self.details),
        }


@dataclass(frozen=True, slots=True)
class Window:
    """The period that an estimate is limited to, both ends included; None leaves an end open.

    (What was known by a day is a matter of the observations: ``Observations.until``.)
    """

    start: Month | None = None
    end: Month | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a family of measures returns: the figures, and the tables that its charts draw."""

    measures: tuple[Measure, ...]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """A family of measures that share data and method.

    ``run`` takes the observations (already limited by ``as_of``) and a window. ``figures`` names the
    figures of :mod:`twocurves.charts` that can be drawn from its tables. ``chief`` lists the ids that a
    first look shows; the others are printed when asked for.
    """

    id: str
    title: str
    run: Callable[..., Measured]
    figures: tuple[str, ...] = ()
    chief: tuple[str, ...] = ()
