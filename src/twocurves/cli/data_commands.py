"""``twocurves data``: the observations and the catalogues, their sources and how fresh they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, console, number, print_csv, print_json, table
from twocurves.cli.options import AsOf, Csv, Json, as_day

app = typer.Typer(
    no_args_is_help=True, help="Observations and catalogues: list, show, check, import, update."
)


@app.command("list")
def list_series(as_of: AsOf = None, as_json: Json = False, as_csv: Csv = False) -> None:
    """List every observed series: rows, dates, freshness, source."""
    from twocurves.observed.series import describe_series
    from twocurves.observed.tables import observations

    held = observations(as_day(as_of, "--as-of"))
    frame = describe_series(held)
    if as_json:
        print_json({"data_to": held.data_to.isoformat(), "series": frame.to_dicts()})
        return
    if as_csv:
        print_csv(frame)
        return
    out = console()
    for (family,), rows in frame.group_by("family", maintain_order=True):
        drawn = table(str(family), ("rows", "right"), "from", "to", ("days old", "right"), "unit", "")
        for row in rows.iter_rows(named=True):
            drawn.add_row(
                row["series"],
                str(row["rows"]),
                str(row["from"] or "–"),
                str(row["to"] or "–"),
                str(row["days_old"]) if row["days_old"] is not None else "–",
                Text(row["unit"], style=MUTED),
                Text(row["title"]),
            )
        out.print()
        out.print(drawn)
    out.print()
    out.print(
        Text(
            f"{frame.height} series, {frame['rows'].sum():,} observations to {held.data_to}. "
            "Days old are counted from then.",
            style=MUTED,
        )
    )
    out.print(Text("Next: twocurves data show SERIES · twocurves data check", style=MUTED))


@app.command("show")
def show_series(
    series: Annotated[str, typer.Argument(help="A series of `twocurves data list`.")],
    as_of: AsOf = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show one series: every observation with its interval, source, and what to know before using it."""
    from twocurves.observed.series import series_catalogue, series_rows
    from twocurves.observed.tables import observations

    rows = series_rows(series, observations(as_day(as_of, "--as-of")))
    about = series_catalogue().get(series)
    if as_json:
        described = (
            {"title": about.title, "meaning": about.meaning, "caveat": about.caveat, "credit": about.credit}
            if about
            else {}
        )
        print_json({"series": series, **described, "observations": rows.to_dicts()})
        return
    if as_csv:
        print_csv(rows)
        return
    out = console()
    out.print()
    if about is not None:
        out.print(Text.assemble((about.title, "bold"), f"   {series}"))
        for words in (about.meaning, about.caveat, about.credit):
            if words:
                out.print(Text(words))
        out.print()
    drawn = table("date", "entity", ("value", "right"), "interval", "unit", "row", "note")
    for row in rows.iter_rows(named=True):
        bounds = (
            ""
            if row["low"] is None and row["high"] is None
            else f"{number(row['low'])} to {number(row['high'])}"
        )
        remarks = [
            row["exclude"] and f"left out: {row['exclude']}",
            "conflict" if row["conflict"] else None,
            row["note"],
        ]
        drawn.add_row(
            _written(row["date"], row["date_precision"]),
            row["entity"],
            number(row["value"]),
            bounds,
            Text(row["unit"] or "", style=MUTED),
            Text(row["row"], style=MUTED),
            "; ".join(word for word in remarks if word),
        )
    out.print(drawn)
    sources = sorted(set(rows["source"].drop_nulls()))
    out.print()
    out.print(Text(f"{rows.height} observations from {len(sources)} sources:", style=MUTED))
    for source in sources[:12]:
        out.print(Text(f"  {source}", style=MUTED))
    if len(sources) > 12:
        out.print(Text(f"  and {len(sources) - 12} more (--csv has them all)", style=MUTED))


@app.command("check")
def check(as_json: Json = False) -> None:
    """Check every table and catalogue: broken rows, conflicts, overrides, age. Exit code 1 if broken."""
    from twocurves.observed.catalogues.offers import overrides
    from twocurves.observed.catalogues.report import catalogue_report
    from twocurves.observed.check import check_observations
    from twocurves.observed.tables import observations

    checked = check_observations()
    catalogue = catalogue_report()
    overridden = overrides()
    if as_json:
        print_json(
            {
                "observations": checked.as_record(),
                "catalogue": catalogue.as_record(),
                "overrides": overridden.to_dicts(),
            }
        )
    else:
        out = console()
        out.print()
        for line in checked.lines():
            out.print(Text(line))
        out.print()
        for line in catalogue.lines(observations().data_to):
            out.print(Text(line))
        out.print(Text(f"Every override of the open flag ({overridden.height}) is in --json.", style=MUTED))
    if checked.broken:
        raise typer.Exit(1)


@app.command("import")
def import_observations(
    path: Annotated[
        Path,
        typer.Argument(
            help="A CSV or Parquet file: series, entity, date, value, unit, low, high, source, note."
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", help="Name of the table; the file's own if left out.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a table of your own observations and, if it is sound, set it beside the others."""
    from twocurves.observed.importing import import_table

    report = import_table(path, name)
    if as_json:
        print_json(report.as_record())
        return
    for line in report.lines():
        console().print(Text(line))


@app.command("update")
def update(
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="SOURCE", help="Fetch this source only; may be repeated.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch newer data from the named sources; nothing is replaced that does not pass the checks."""
    from twocurves.observed.updating import update as fetch_newer

    report = fetch_newer(only=only or None)
    if as_json:
        print_json(report.as_record())
    else:
        for line in report.lines():
            console().print(Text(line))
    report.raise_if_all_failed()


def _written(day: object, precision: str) -> str:
    text = str(day or "undated")
    return {"day": text, "month": text[:7], "year": text[:4]}.get(precision, f"{text[:7]} ({precision})")
