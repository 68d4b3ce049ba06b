"""``twocurves data``: the observations and the catalogues, their sources and how fresh they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, Column, console, number, print_csv, print_json, table
from twocurves.cli.options import AsOf, Csv, Json, as_day, known_on, one_format
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.observed.tables import Observations

app = typer.Typer(
    no_args_is_help=True, help="Observations and catalogues: list, show, check, import, remove, update."
)


@app.command("list")
def list_series(as_of: AsOf = None, as_json: Json = False, as_csv: Csv = False) -> None:
    """List every observed series: rows, dates, freshness, source."""
    one_format(as_json=as_json, as_csv=as_csv)
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
        drawn = table(
            str(family),
            Column("rows", "right", drop=2),
            Column("from", whole=True, drop=4),
            Column("to", whole=True, drop=5),
            Column("days old", "right", drop=1),
            Column("unit", drop=0),
            Column("", drop=3),
        )
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
            f"{frame.height} series, {frame['rows'].sum():,} observations to {held.data_to}"
            f"{_as_known(held)}. Days old are counted from then.",
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
    one_format(as_json=as_json, as_csv=as_csv)
    from twocurves.observed.series import series_catalogue, series_rows
    from twocurves.observed.tables import observations

    held = observations(as_day(as_of, "--as-of"))
    rows = series_rows(series, held)
    if rows.is_empty():
        _refuse_unknown_then(series, as_of)
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
    drawn = table(
        "date",
        "entity",
        ("value", "right"),
        Column("interval", drop=3),
        Column("unit", drop=2),
        Column("row", whole=True, drop=1),
        Column("note", drop=0),
    )
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
    count = f"{rows.height} observation{'' if rows.height == 1 else 's'}"
    count += _as_known(held)
    out.print(Text(f"{count} from {len(sources)} source{'' if len(sources) == 1 else 's'}:", style=MUTED))
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

    checked = check_observations()
    fault = None
    try:
        catalogue, overridden = catalogue_report(), overrides()
    except BadInputError as unreadable:  # a fetched catalogue changed since; the rest is still worth telling
        fault = unreadable
    if as_json:
        print_json(
            {
                "observations": checked.as_record(),
                "catalogue": None if fault else catalogue.as_record(),
                "catalogue_fault": fault.message if fault else None,
                "overrides": [] if fault else overridden.to_dicts(),
            }
        )
    else:
        out = console()
        out.print()
        for line in checked.lines():
            out.print(Text(line))
        out.print()
        if fault:
            out.print(Text(f"The price catalogue is broken: {fault.message}"))
        else:
            for line in catalogue.lines(checked.data_to):
                out.print(Text(line))
            words = f"Every override of the open flag ({overridden.height}) is in --json."
            out.print(Text(words, style=MUTED))
    if checked.broken or fault:
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
    new_series: Annotated[
        bool,
        typer.Option("--new-series", help="Take new series even if their names are near those of others."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a table of your own observations and, if it is sound, set it beside the others."""
    from twocurves.observed.importing import import_table

    report = import_table(path, name, new_series=new_series)
    if as_json:
        print_json(report.as_record())
        return
    for line in report.lines():
        console().print(Text(line))


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="Name of an imported table.")],
    as_json: Json = False,
) -> None:
    """Remove a table that you imported; the packaged ones stay."""
    from twocurves.observed.removing import remove_table

    gone = remove_table(name)
    if as_json:
        print_json({"removed": [str(path) for path in gone]})
        return
    for path in gone:
        console().print(Text(f"Removed {path}"))


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


def _as_known(held: Observations) -> str:
    return "" if held.as_of is None else f" ({known_on(held.as_of)})"


def _refuse_unknown_then(series: str, as_of: str | None) -> None:
    from twocurves.observed.tables import counted_from, observations

    first = observations().series(series).select(counted_from().min()).item()
    since = f"its first row counts from {first}" if first else "no table has a row of it"
    by = f" by {as_of} (--as-of)" if as_of else ""
    raise BadInputError(
        f"Nothing of {series} was known{by}: {since}.",
        field="--as-of" if as_of else "series",
        given=as_of or series,
        allowed=f"from {first}" if first else None,
    )


def _written(day: object, precision: str) -> str:
    text = str(day or "undated")
    return {"day": text, "month": text[:7], "year": text[:4]}.get(precision, f"{text[:7]} ({precision})")
