"""``twocurves measure``: where both economies stand and how fast each moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twocurves.cli.console import (
    MUTED,
    console,
    estimate,
    interval,
    number,
    print_csv,
    print_json,
    strip,
    table,
)
from twocurves.cli.options import AsOf, Csv, From, Json, To, as_day
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

    if as_json and as_csv:
        raise BadInputError("Give --json or --csv, not both.", field="--csv", given=True, allowed=False)
    report = measure_all(
        start=Month.parse(start, "--from") if start else None,
        end=Month.parse(end, "--to") if end else None,
        as_of=as_day(as_of, "--as-of"),
    )
    chosen = report.find(identifier) if identifier else report.measures
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
    for family in families():
        rows = [measure for measure in report.results[family.id].measures if measure in kept]
        if rows:
            out.print(Text(family.title, style="underline"))
            out.print(_family_table(rows, out.width))
            out.print()
    out.print(Text(_provenance(report, len(report.measures) - len(chosen)), style=MUTED))
    out.print(
        Text(
            "Next: twocurves measure lag_months · twocurves measure --all · twocurves data list · "
            "twocurves plot frontier -o frontier.svg"
        )
    )


def _headline_table(report: MeasureReport) -> Table:
    """Return the verdict in each dimension: growth of both, their difference, how sure, in words."""
    drawn = table(
        "",
        ("closed", "right"),
        ("open", "right"),
        ("closed less open", "right"),
        "90% interval",
        "",
        "verdict",
    )
    for row in report.table("headline").iter_rows(named=True):
        chance = row["probability_closed_faster"]
        sure = "" if chance is None else f", closed faster with probability {chance:.2g}"
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


def _family_table(rows: Sequence[Measure], width: int) -> Table:
    """Return the rows of a family; the columns are as wide in each, so that the families line up."""
    with_ids = width >= _WIDE
    drawn = table("", ("", "right"), "unit", "90% interval", ("n", "right"))
    for column, wanted in zip(drawn.columns, _COLUMN_WIDTHS, strict=True):
        column.width = wanted if width >= _WIDEST_WITHOUT_IDS else None
    drawn.show_header = False
    if with_ids:
        drawn.add_column("measure", style=MUTED, overflow="fold")
    for row in rows:
        cells = [
            Text(row.title),
            Text(estimate(row.estimate, row.low, row.high), style="bold"),
            Text(row.unit, style=MUTED),
            Text(interval(row.low, row.high)),
            Text(f"n {row.n}", style=MUTED),
        ]
        drawn.add_row(*cells, *([row.id] if with_ids else []))
    return drawn


def _provenance(report: MeasureReport, left_out: int) -> str:
    parts = [f"Observations to {report.data_to}"]
    if report.as_of:
        parts.append(f"as known on {report.as_of} (the capability index pseudo-real-time)")
    if report.window.start or report.window.end:
        parts.append(f"{report.window.start or 'from the start'} to {report.window.end or 'the end'}")
    parts.append(f"{len(report.measures)} measures" + (f", {left_out} not shown" if left_out else ""))
    parts.append("capability index: Epoch AI, CC BY 4.0")
    return " · ".join(parts)


def _print_details(chosen: Sequence[Measure]) -> None:
    out = console()
    for row in chosen:
        ends = [
            value for value in (row.low, row.estimate, row.high) if value is not None and math.isfinite(value)
        ]
        room = (max(ends) - min(ends)) * 0.25 or 1.0 if ends else 1.0
        bounds = (min(ends) - room, max(ends) + room) if ends else (0.0, 1.0)
        lines = [
            Text.assemble(
                (estimate(row.estimate, row.low, row.high), "bold"),
                f" {row.unit}   ",
                strip(row.estimate, row.low, row.high, bounds),
                f"   {row.level:.0%} interval {interval(row.low, row.high)}",
            ),
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
