"""``twocurves measure``: where both economies stand and how fast each moves."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from twocurves.cli.console import (
    MUTED,
    Column,
    Listing,
    console,
    estimate,
    interval,
    number,
    print_csv,
    print_json,
    strip,
    table,
)
from twocurves.cli.options import AsOf, Csv, From, Json, To, as_day, known_on, one_format
from twocurves.errors import BadInputError
from twocurves.months import Month

#: Characters for title, estimate, unit, interval and number of observations.
_COLUMN_WIDTHS = (46, 7, 22, 16, 5)
_WIDEST_WITHOUT_IDS = sum(_COLUMN_WIDTHS) + 2 * len(_COLUMN_WIDTHS)

#: From this width on a table also names each measure.
_WIDE = _WIDEST_WITHOUT_IDS + 34

if TYPE_CHECKING:
    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport


def measure(
    identifier: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="One measure, all variants of one (the part before a colon), or a family."
        ),
    ] = None,
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every measure, not only the chief ones.")
    ] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Measure both economies from real data: capability, lag, prices, shares, revenue, compute.

    Every figure comes with a 90% interval, its method, the number of observations and its sources.
    Name one to see all that is known of it: twocurves measure lag_months:weekly
    """
    from twocurves.observed.measures.report import measure_all

    one_format(as_json=as_json, as_csv=as_csv)
    report = measure_all(
        start=Month.parse(start, "--from") if start else None,
        end=Month.parse(end, "--to") if end else None,
        as_of=as_day(as_of, "--as-of"),
    )
    chosen = report.find(identifier) if identifier else report.measures
    _refuse_empty(report)
    if as_json:
        print_json(report.as_record(chosen))
    elif as_csv:
        print_csv(report.frame(chosen))
    elif identifier:
        _print_details(chosen)
    else:
        _print_overview(report, report.measures if everything else report.chief())


def _print_overview(report: MeasureReport, chosen: Sequence[Measure]) -> None:
    from twocurves.observed.measures.report import families

    out = console()
    out.print()
    out.print(Text(report.sentence, style="bold"))
    out.print()
    out.print(_headline_table(report))
    out.print()
    kept = set(chosen) - set(report.results["headline"].measures)
    longest_id = max((len(measure.id) for measure in kept), default=0)
    for family in families():
        rows = [measure for measure in report.results[family.id].measures if measure in kept]
        if rows:
            out.print(Text(family.title, style="underline"))
            out.print(_family_table(rows, out.width, longest_id))
            out.print()
    out.print(Text(_provenance(report, len(report.measures) - len(chosen)), style=MUTED))
    out.print(
        Text(
            "Next: twocurves measure lag_months · twocurves measure --all · twocurves data list · "
            "twocurves plot frontier -o frontier.svg"
        )
    )


def _headline_table(report: MeasureReport) -> Listing:
    """Return the verdict in each dimension: growth of both, their difference, how sure, in words."""
    from twocurves.observed.measures.headline import probability_faster

    drawn = table(
        Column(""),
        Column("closed", "right", drop=1),
        Column("open", "right", drop=2),
        Column("closed less open", "right", drop=4),
        Column("90% interval", drop=3),
        Column("", drop=0),
        "verdict",
    )
    for row in report.table("headline").iter_rows(named=True):
        chance = probability_faster(row)
        sure = "" if chance is None else f", {row['faster'] or 'closed'} faster with probability {chance:.2g}"
        drawn.add_row(
            Text(row["subject"][:1].upper() + row["subject"][1:]),
            number(row["closed"]),
            number(row["open"]),
            Text(estimate(row["difference"], row["low"], row["high"]), style="bold"),
            interval(row["low"], row["high"]),
            Text(row["unit"] or "", style=MUTED),
            Text(f"{row['verdict']}{sure}: {row['short']}" if row["short"] else f"{row['verdict']}{sure}"),
        )
    return drawn


def _family_table(rows: Sequence[Measure], width: int, longest_id: int) -> Listing:
    """Return the rows of a family; the columns are as wide in each, so that the families line up."""
    with_ids = width >= _WIDE
    wide = _COLUMN_WIDTHS if width >= _WIDEST_WITHOUT_IDS else (None,) * len(_COLUMN_WIDTHS)
    title, figure, unit, between, count = wide
    drawn = table(
        Column("", width=title),
        Column("", "right", width=figure),
        Column("unit", drop=2, width=unit),
        Column("90% interval", width=between),
        Column("n", "right", drop=1, width=count),
        *([Column("measure", whole=True, drop=0, width=longest_id)] if with_ids else []),
    )
    drawn.show_header = False
    for row in rows:
        cells = [
            Text(row.title),
            Text(_figure(row), style="bold"),
            Text("" if _is_month(row) else row.unit, style=MUTED),
            Text(_interval(row)),
            Text(f"n {row.n}", style=MUTED),
        ]
        drawn.add_row(*cells, *([Text(row.id, style=MUTED)] if with_ids else []))
    return drawn


def _figure(row: Measure) -> str:
    """Write a measure's estimate; a point in time as its month."""
    if _is_month(row):
        return _month(row.estimate)
    return estimate(row.estimate, row.low, row.high)


def _interval(row: Measure) -> str:
    """Write a measure's interval; of a point in time as months."""
    if _is_month(row) and (row.low is not None or row.high is not None):
        return f"{_month(row.low)} to {_month(row.high)}"
    return interval(row.low, row.high)


def _is_month(row: Measure) -> bool:
    from twocurves.observed.measures.measure import CALENDAR_YEAR

    return row.unit == CALENDAR_YEAR


def _month(year: float | None) -> str:
    from twocurves.observed.measures.measure import month_of_year

    return "–" if year is None or not math.isfinite(year) else str(month_of_year(year))


def _provenance(report: MeasureReport, left_out: int) -> str:
    parts = [f"Observations to {report.data_to}"]
    if report.as_of:
        later = [name for name in report.pseudo_real_time() if name != "headline"]
        seen = f" (pseudo-real-time, by scores or counts of a later fit: {', '.join(later)})" if later else ""
        parts.append(f"{known_on(report.as_of)}{seen}")
    if report.window.start or report.window.end:
        parts.append(f"{report.window.start or 'from the start'} to {report.window.end or 'the end'}")
    parts.append(f"{len(report.measures)} measures" + (f", {left_out} not shown" if left_out else ""))
    parts.append("capability index: Epoch AI, CC BY 4.0")
    return " · ".join(parts)


def _refuse_empty(report: MeasureReport) -> None:
    """Refuse a period in which there is nothing to measure.

    Raises
    ------
    BadInputError
        ``--from`` or ``--to`` is given and no measure has an estimate; the message names the span of data.
    """
    start, end = report.window.start, report.window.end
    if (start is None and end is None) or any(row.estimate is not None for row in report.measures):
        return
    from twocurves.observed.tables import observations

    dates = observations(report.as_of).frame["date"].drop_nulls()
    ends = (day for day in (dates.min(), dates.max()) if isinstance(day, dt.date))
    span = " to ".join(str(Month.containing(day)) for day in ends)
    given = " ".join(f"{name} {month}" for name, month in (("--from", start), ("--to", end)) if month)
    raise BadInputError(
        f"There is nothing to measure with {given}: the observations describe {span}.",
        field="--from" if start else "--to",
        given=given,
        allowed=span,
    )


def _print_details(chosen: Sequence[Measure]) -> None:
    out = console()
    for row in chosen:
        ends = [
            value for value in (row.low, row.estimate, row.high) if value is not None and math.isfinite(value)
        ]
        room = (max(ends) - min(ends)) * 0.25 or 1.0 if ends else 1.0
        bounds = (min(ends) - room, max(ends) + room) if ends else (0.0, 1.0)
        spread = (
            Text("no interval")
            if row.low is None and row.high is None
            else Text.assemble(
                strip(row.estimate, row.low, row.high, bounds),
                f"   {row.level:.0%} interval {_interval(row)}",
            )
        )
        lines = [
            Text.assemble((_figure(row), "bold"), "   " if _is_month(row) else f" {row.unit}   ", spread),
            Text(f"How: {row.method}"),
            Text(f"From {row.n} observations, {row.start or '–'} to {row.end or '–'}."),
        ]
        if row.note:
            lines.append(Text(f"Note: {row.note}"))
        lines += [Text(f"Source: {source}", style=MUTED) for source in row.sources]
        out.print()
        out.print(Text.assemble((row.title, "bold"), f"   {row.id}"))
        out.print(Padding(Group(*lines), (0, 0, 0, 2)))
    out.print()
