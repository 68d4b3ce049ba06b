"""What stands below a figure of the catalogue: notes, the period and the day asked for, and the credits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport

#: Sources named in full; of the rest their number is said.
MOST_SOURCES = 6

_PUBLISHER = re.compile(r"[^,(|]+")
_DAYS = re.compile(r"\d{4}-\d{2}-\d{2}(?: to \d{4}-\d{2}-\d{2})?")


def caption(
    report: MeasureReport,
    *notes: str,
    measures: Iterable[Measure | None],
    series: Sequence[str] = (),
    at_most: int = MOST_SOURCES,
    rest_in: str = "",
    period_of: str = "Period",
) -> str:
    """Join notes on a figure with its period, the day of knowledge and the credits due.

    Parameters
    ----------
    report
        Where the figure's numbers come from.
    notes
        Sentences; empty ones are left out.
    measures
        The measures that the figure states or draws; their sources are named. None is passed over.
    series
        Series of observations whose credit the catalogue of series asks for.
    at_most
        Sources to name beside the credits.
    rest_in
        Name of the measures that list the sources beyond those.
    period_of
        What the period limits.
    """
    found = [row for row in measures if row is not None]
    parts = [
        *notes,
        period_said(report, period_of),
        knowledge_said(report, found),
        credits_said(found, series, at_most, rest_in),
    ]
    return " ".join(part for part in parts if part)


def period_said(report: MeasureReport, of: str = "Period") -> str:
    """Say which months a report is limited to; empty when to none."""
    start, end = report.window.start, report.window.end
    if start is not None and end is not None:
        return f"{of}: {start} to {end}."
    if start is not None:
        return f"{of}: from {start}."
    return "" if end is None else f"{of}: to {end}."


def knowledge_said(report: MeasureReport, measures: Iterable[Measure]) -> str:
    """Say the day of knowledge, and the day of a later fit or count where figures rest on one."""
    from twocurves.observed.measures.rows import PSEUDO_REAL_TIME

    notes = [row.note for row in measures if PSEUDO_REAL_TIME in row.note]
    fits = sorted({match[0] for note in notes if (match := _DAYS.search(_about_the_fit(note)))})
    of_fit = f" ({', '.join(fits)})" if fits else ""
    if report.as_of is None:
        return f"Values of one later fit or count{of_fit}." if notes else ""
    later = f", by dates described in one later fit or count{of_fit}: {PSEUDO_REAL_TIME}" if notes else ""
    return f"As known on {report.as_of}{later}."


def credits_said(
    measures: Iterable[Measure],
    series: Sequence[str] = (),
    at_most: int = MOST_SOURCES,
    rest_in: str = "",
) -> str:
    """Name the credits that the catalogue of series asks for, then other publishers, each once."""
    from twocurves.observed.series import series_catalogue

    catalogue = series_catalogue()
    due = list(dict.fromkeys(catalogue[name].credit for name in series if catalogue[name].credit))
    known = {entry.credit for entry in catalogue.values() if entry.credit}
    publishers = {_publisher(credit) for credit in due}
    others: dict[str, None] = {}
    for row in measures:
        for source in row.sources:
            if source in known and source not in due:
                due.append(source)
                publishers.add(_publisher(source))
            elif _publisher(source) not in publishers:
                others[source.partition(" | ")[0].strip()] = None
    named = [*due, *list(others)[:at_most]]
    more = len(others) - at_most
    if not named and more <= 0:
        return ""
    if more > 0:
        named.append(f"{more} more, named by twocurves measure {rest_in}".rstrip())
    return f"Data: {'; '.join(named)}."


def _about_the_fit(note: str) -> str:
    """Return the sentence of a note that tells of a later fit or count."""
    return note[note.rfind("From one later fit") :]


def _publisher(source: str) -> str:
    found = _PUBLISHER.match(source)
    return found[0].strip() if found else source
