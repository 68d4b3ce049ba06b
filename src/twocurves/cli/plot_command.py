"""``twocurves plot``: any figure as SVG, PNG, Vega-Lite JSON or stand-alone HTML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, console, print_json, table
from twocurves.cli.options import AsOf, From, Json, To, as_day
from twocurves.errors import BadInputError
from twocurves.months import Month


def plot(
    figure: Annotated[
        str, typer.Argument(help="A figure's name, 'all', or 'list' to see what there is.")
    ] = "list",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="File to write: .svg, .png, .json or .html; a folder for 'all'.",
            show_default=False,
        ),
    ] = None,
    theme: Annotated[Literal["light", "dark"], typer.Option("--theme", help="Paper.")] = "light",
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Draw a figure and write it to a file."""
    from twocurves.charts.catalogue import FIGURES, draw

    if figure == "list":
        if as_json:
            print_json(
                {"figures": [{"name": entry.name, "shows": entry.shows} for entry in FIGURES.values()]}
            )
            return
        listing = table("figure", "shows")
        for entry in FIGURES.values():
            listing.add_row(entry.name, entry.shows)
        console().print(listing)
        return
    if output is None:
        raise BadInputError(
            f"Say where to write {figure!r}, for example: twocurves plot {figure} -o {figure}.svg",
            field="--output",
            allowed=[".svg", ".png", ".json", ".html"],
        )
    from twocurves.charts.export import check_figure_path, write_figure
    from twocurves.charts.gallery import write_gallery
    from twocurves.errors import unknown
    from twocurves.observed.measures.report import measure_all

    if figure != "all":
        if figure not in FIGURES:
            raise unknown("figure", figure, ["all", "list", *FIGURES])
        check_figure_path(output)
    report = measure_all(
        start=Month.parse(start, "--from") if start else None,
        end=Month.parse(end, "--to") if end else None,
        as_of=as_day(as_of, "--as-of"),
    )
    if figure == "all":
        written = write_gallery(report, output, theme)
    else:
        written = [write_figure(draw(figure, report, theme), output)]
    if as_json:
        print_json({"written": [str(path) for path in written]})
    else:
        for path in written:
            console().print(Text(f"Written to {path}", style=MUTED))
