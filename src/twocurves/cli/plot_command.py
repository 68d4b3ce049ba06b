"""``twocurves plot``: any figure as SVG, PNG, Vega-Lite JSON or stand-alone HTML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, console, print_json, table
from twocurves.cli.options import AsOf, From, Json, To, as_day
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month

if TYPE_CHECKING:
    from twocurves.charts.palette import ThemeName

#: What may stand in place of a figure's name.
_EVERY, _LISTING = "all", "list"


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
    theme: Annotated[str, typer.Option("--theme", metavar="light|dark", help="Paper.")] = "light",
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Draw a figure and write it to a file."""
    from twocurves.charts.catalogue import FIGURES, draw

    if figure not in (_EVERY, _LISTING, *FIGURES):
        raise unknown("figure", figure, [_EVERY, _LISTING, *FIGURES])
    paper = _theme(theme)
    if figure == _LISTING:
        if output is not None:
            raise BadInputError(
                "The list of figures is printed, not written to a file: leave out -o, or name a figure.",
                field="--output",
                given=str(output),
            )
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
        everything = figure == _EVERY
        raise BadInputError(
            "Say into which folder to write all figures, for example: twocurves plot all -o figures"
            if everything
            else f"Say where to write {figure!r}, for example: twocurves plot {figure} -o {figure}.svg",
            field="--output",
            allowed="a folder" if everything else [".svg", ".png", ".json", ".html"],
        )
    from twocurves.charts.export import check_figure_path, write_figure
    from twocurves.charts.gallery import check_gallery_folder, write_gallery
    from twocurves.observed.measures.report import measure_all

    if figure == _EVERY:
        check_gallery_folder(output)
    else:
        check_figure_path(output)
    report = measure_all(
        start=None if start is None else Month.parse(start, "--from"),
        end=None if end is None else Month.parse(end, "--to"),
        as_of=as_day(as_of, "--as-of"),
    )
    if figure == _EVERY:
        written = write_gallery(report, output, paper)
    else:
        written = [write_figure(draw(figure, report, paper), output)]
    if as_json:
        print_json({"written": [str(path) for path in written]})
    else:
        for path in written:
            console().print(Text(f"Written to {path}", style=MUTED))


def _theme(given: str) -> ThemeName:
    from twocurves.charts.palette import PALETTES

    for name in PALETTES:
        if name == given:
            return name
    raise unknown("theme", given, PALETTES, field="--theme")
