"""All figures of a report in one folder, with a page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from twocurves.charts.catalogue import FIGURES, draw
from twocurves.charts.export import figure_svg
from twocurves.charts.palette import ThemeName, palette
from twocurves.errors import BadInputError
from twocurves.files import written_whole

if TYPE_CHECKING:
    import altair as alt

    from twocurves.ensemble.results import StoredRun
    from twocurves.observed.measures.report import MeasureReport

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Twocurves: figures from observations to {data_to}</title>
<style>
body {{ margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: {paper}; color: {ink};
  font-family: Inter, system-ui, sans-serif; }}
figure {{ margin: 0 0 3rem; }}
figure svg {{ max-width: 100%; height: auto; }}
figcaption {{ color: {grey}; font-size: 0.9rem; }}
</style>
</head>
<body>
<main>
<h1>{sentence}</h1>
{figures}
</main>
</body>
</html>
"""


def check_gallery_folder(folder: Path) -> None:
    """Refuse a path that is no folder, before any work is done for it.

    Raises
    ------
    BadInputError
        The path is a file or looks like one.
    """
    if folder.suffix or folder.is_file():
        name = folder.with_suffix("").name or "figures"
        raise BadInputError(
            f"All figures go into a folder; {str(folder)!r} looks like a file. "
            f"For example: twocurves plot all -o {name}",
            field="--output",
            given=str(folder),
            allowed="a folder",
        )


def write_gallery(
    report: MeasureReport, folder: Path, theme: ThemeName = "light", run: StoredRun | None = None
) -> list[Path]:
    """Draw every figure of a report as SVG into a folder, with an ``index.html`` that shows them all.

    Figures that the period leaves nothing to draw for are named on the page with the reason.

    Parameters
    ----------
    run
        Its figures are drawn too.

    Returns
    -------
    list of Path
        What was written, the page last.

    Raises
    ------
    BadInputError
        The folder is a file or cannot be written to.
    """
    check_gallery_folder(folder)
    colours = palette(theme)
    written, shown = [], []
    drawers: dict[str, tuple[str, Callable[[], alt.TopLevelMixin]]] = {
        name: (figure.shows, partial(draw, name, report, theme)) for name, figure in FIGURES.items()
    }
    if run is not None:
        drawers |= _of_a_run(run, theme)
    for name, (shows, drawer) in drawers.items():
        try:
            svg = figure_svg(drawer())
        except BadInputError as nothing:
            shown.append(f"<p>{escape(name)}: {escape(nothing.message)}</p>")
            continue
        path = folder / f"{name}.svg"
        with written_whole(path) as part:
            part.write_text(svg, encoding="utf-8")
        written.append(path)
        shown.append(f"<figure>{svg}<figcaption>{escape(shows)}</figcaption></figure>")
    page = folder / "index.html"
    with written_whole(page) as part:
        part.write_text(
            _PAGE.format(
                data_to=report.data_to,
                sentence=escape(report.sentence),
                figures="\n".join(shown),
                paper=colours.paper,
                ink=colours.ink,
                grey=colours.grey,
            ),
            encoding="utf-8",
        )
    return [*written, page]


def _of_a_run(run: StoredRun, theme: ThemeName) -> dict[str, tuple[str, Callable[[], alt.TopLevelMixin]]]:
    from twocurves.charts.figure_names import OF_SEVERAL_RUNS, OF_TWO_RUNS, RUN_NAMES
    from twocurves.charts.run_figures import RUN_FIGURES

    def drawer(name: str) -> alt.TopLevelMixin:
        return RUN_FIGURES[name](run, theme).chart

    alone = [name for name in RUN_NAMES if name not in OF_TWO_RUNS | OF_SEVERAL_RUNS]
    return {name: (RUN_NAMES[name], partial(drawer, name)) for name in alone}
