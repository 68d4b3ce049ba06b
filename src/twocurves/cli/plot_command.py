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
    import altair as alt

    from twocurves.charts.palette import ThemeName
    from twocurves.ensemble.results import StoredRun
    from twocurves.observed.measures.report import MeasureReport

#: What may stand in place of a figure's name.
_EVERY, _LISTING = "all", "list"

_MEASURED, _OF_A_RUN = "observations", "a run"


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
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run to draw: name, folder or URL; your newest when left out.",
            show_default=False,
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--beside",
            metavar="RUN",
            help="Another run, for figures of two or, given again, of several.",
            show_default=False,
        ),
    ] = None,
    given: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help="What drivers, decide or score printed with --json, for figures of these.",
            show_default=False,
        ),
    ] = None,
    theme: Annotated[str, typer.Option("--theme", metavar="light|dark", help="Paper.")] = "light",
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Draw a figure of the observations, of a run, or of what another command found, and write it to a file.

    For example: twocurves plot frontier -o frontier.svg · twocurves plot two_curves --run central -o both.png
    """
    names = _listed()
    if figure not in (_EVERY, _LISTING, *(name for name, _, _ in names)):
        raise unknown("figure", figure, [_EVERY, _LISTING, *(name for name, _, _ in names)])
    paper = _theme(theme)
    if figure == _LISTING:
        _print_list(names, output, as_json=as_json)
        return
    if output is None:
        raise _no_output(figure)
    of = next((of for name, _, of in names if name == figure), "")
    months = {"--from": start, "--to": end, "--as-of": as_of}
    _refuse_beside(figure, of, {"--run": run, "--beside": beside or None, "--input": given, **months})
    from twocurves.charts.export import check_figure_path, write_figure

    if figure == _EVERY:
        written = _gallery(output, paper, run, start, end, as_of)
    else:
        check_figure_path(output)
        written = [
            write_figure(_drawn(figure, of, paper, run, beside or [], given, start, end, as_of), output)
        ]
    if as_json:
        print_json({"written": [str(path) for path in written]})
    else:
        for path in written:
            console().print(Text(f"Written to {path}", style=MUTED))


def newest_run(given: str | None, field: str = "--run") -> StoredRun:
    """Open the run asked for, or the newest that is complete.

    Raises
    ------
    BadInputError
        There is none, or it has no draw that came through.
    """
    from twocurves.ensemble.results import open_run
    from twocurves.ensemble.runs import find_run, list_runs

    if given is not None:
        found = open_run(find_run(given))
    else:
        complete = [summary for summary in list_runs() if summary.status == "complete"]
        if not complete:
            raise BadInputError(
                "There is no complete run yet; make one with `twocurves run`.",
                field=field,
                allowed="a run's name, folder or URL",
            )
        found = open_run(complete[0].path)
    if not found.counts.ok:
        raise BadInputError(f"{found.name} holds no draw that came through.", field=field, given=found.name)
    return found


def _listed() -> list[tuple[str, str, str]]:
    """Return every figure: name, what it shows, what it is of."""
    from twocurves.charts.catalogue import FIGURES
    from twocurves.charts.figure_names import INPUT_NAMES, RUN_NAMES

    rows = [(one.name, one.shows, _MEASURED) for one in FIGURES.values()]
    rows += [(name, shows, _OF_A_RUN) for name, shows in RUN_NAMES.items()]
    return rows + [(name, shows, f"{command} --json") for name, (shows, command) in INPUT_NAMES.items()]


def _print_list(names: list[tuple[str, str, str]], output: Path | None, *, as_json: bool) -> None:
    if output is not None:
        raise BadInputError(
            "The list of figures is printed, not written to a file: leave out -o, or name a figure.",
            field="--output",
            given=str(output),
        )
    if as_json:
        print_json({"figures": [{"name": name, "shows": shows, "of": of} for name, shows, of in names]})
        return
    listing = table("figure", "shows", "of")
    for row in names:
        listing.add_row(*row)
    console().print(listing)


def _no_output(figure: str) -> BadInputError:
    everything = figure == _EVERY
    return BadInputError(
        "Say into which folder to write all figures, for example: twocurves plot all -o figures"
        if everything
        else f"Say where to write {figure!r}, for example: twocurves plot {figure} -o {figure}.svg",
        field="--output",
        allowed="a folder" if everything else [".svg", ".png", ".json", ".html"],
    )


def _refuse_beside(figure: str, of: str, options: dict[str, object]) -> None:
    """Refuse options that a figure would not heed."""
    months = ("--from", "--to", "--as-of")
    heeded: tuple[str, ...]
    if figure == _EVERY:
        heeded = ("--run", *months)
    elif of == _MEASURED:
        heeded = months
    elif of == _OF_A_RUN:
        heeded = ("--run", "--beside")
    else:
        heeded = ("--input",)
    for name, value in options.items():
        if value is not None and name not in heeded:
            raise BadInputError(
                f"{figure} does not heed {name}; it takes {', '.join(heeded)}.",
                field=name,
                given=str(value),
                allowed=list(heeded),
            )


def _drawn(
    figure: str,
    of: str,
    paper: ThemeName,
    run: str | None,
    beside: list[str],
    given: Path | None,
    start: str | None,
    end: str | None,
    as_of: str | None,
) -> alt.TopLevelMixin:
    if of == _MEASURED:
        from twocurves.charts.catalogue import draw

        return draw(figure, _measured(start, end, as_of), paper)
    if of == _OF_A_RUN:
        return _of_runs(figure, paper, run, beside)
    from twocurves.charts.figure_names import INPUT_NAMES

    if given is None:
        raise BadInputError(
            f"{figure} draws what `twocurves {INPUT_NAMES[figure][1]} ... --json` printed: name that file "
            "with --input.",
            field="--input",
            allowed="a .json file",
        )
    from twocurves.charts.input_figures import INPUT_FIGURES, read_record
    from twocurves.charts.shape import WORDED

    return INPUT_FIGURES[figure](read_record(given), paper, WORDED).chart


def _of_runs(figure: str, paper: ThemeName, run: str | None, beside: list[str]) -> alt.TopLevelMixin:
    from twocurves.charts.figure_names import OF_SEVERAL_RUNS, OF_TWO_RUNS
    from twocurves.charts.run_figures import RUN_FIGURES

    two, several = figure in OF_TWO_RUNS, figure in OF_SEVERAL_RUNS
    if two and len(beside) != 1:
        raise BadInputError(f"{figure} shows two runs: name the other with --beside RUN.", field="--beside")
    if beside and not (two or several):
        raise BadInputError(f"{figure} shows one run; leave out --beside.", field="--beside", given=beside[0])
    opened = newest_run(run)
    drawer = RUN_FIGURES[figure]
    others = [newest_run(one, "--beside") for one in beside]
    if two:
        return drawer(opened, paper, beside=others[0]).chart
    if several:
        return drawer(opened, paper, others=others or _of_other_scenarios(opened)).chart
    return drawer(opened, paper).chart


def _of_other_scenarios(run: StoredRun) -> list[StoredRun]:
    """Return the newest complete run of every other scenario that the same model made with the same seed."""
    from twocurves.ensemble.results import open_run
    from twocurves.ensemble.runs import list_runs

    found: dict[str, StoredRun] = {}
    for summary in list_runs():
        if summary.status != "complete" or summary.seed != run.plan.seed or summary.scenario is None:
            continue
        if summary.scenario in {run.plan.scenario, *found}:
            continue
        other = open_run(summary.path)
        if other.plan.code_digest == run.plan.code_digest and other.counts.ok:
            found[summary.scenario] = other
    return list(found.values())


def _gallery(
    folder: Path,
    paper: ThemeName,
    run: str | None,
    start: str | None,
    end: str | None,
    as_of: str | None,
) -> list[Path]:
    from twocurves.charts.gallery import check_gallery_folder, write_gallery
    from twocurves.ensemble.runs import list_runs

    check_gallery_folder(folder)
    there = run is not None or any(summary.status == "complete" for summary in list_runs())
    opened = newest_run(run) if there else None
    return write_gallery(_measured(start, end, as_of), folder, paper, opened)


def _measured(start: str | None, end: str | None, as_of: str | None) -> MeasureReport:
    from twocurves.observed.measures.report import measure_all

    return measure_all(
        start=None if start is None else Month.parse(start, "--from"),
        end=None if end is None else Month.parse(end, "--to"),
        as_of=as_day(as_of, "--as-of"),
    )


def _theme(given: str) -> ThemeName:
    from twocurves.charts.palette import PALETTES

    for name in PALETTES:
        if name == given:
            return name
    raise unknown("theme", given, PALETTES, field="--theme")
