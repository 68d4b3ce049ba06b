"""``twocurves report``: one page that stands alone, from a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, console, print_json
from twocurves.cli.options import Json
from twocurves.errors import BadInputError


def report(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write: .html.", show_default=False),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run to report: name, folder or URL; your newest when left out.",
            show_default=False,
        ),
    ] = None,
    drivers: Annotated[
        Path | None,
        typer.Option(
            "--drivers", metavar="FILE", help="What `drivers ... --json` printed.", show_default=False
        ),
    ] = None,
    scorecard: Annotated[
        Path | None,
        typer.Option(
            "--scorecard",
            metavar="FILE",
            help="What `score --json` printed; the packaged hindcasts when left out.",
            show_default=False,
        ),
    ] = None,
    decision: Annotated[
        Path | None,
        typer.Option(
            "--decision", metavar="FILE", help="What `decide ... --json` printed.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a report of a run: one HTML file that opens without network, for reading, printing and checking.

    For example: twocurves report -o report.html
    """
    if output is None:
        raise BadInputError(
            "Say where to write the report, for example: twocurves report -o report.html",
            field="--output",
            allowed="an .html file",
        )
    from twocurves.charts.input_figures import read_record
    from twocurves.cli.plot_command import newest_run
    from twocurves.fit.packaged_scores import packaged_scores
    from twocurves.report.build import check_report_path, write_report

    target = check_report_path(output)
    given = {
        name: None if path is None else read_record(path)
        for name, path in (("drivers", drivers), ("scorecard", scorecard), ("decision", decision))
    }
    if given["scorecard"] is None:
        given["scorecard"] = packaged_scores()
    chosen = newest_run(run)
    written = write_report(chosen, target, **given)
    size = written.stat().st_size
    if as_json:
        print_json({"written": str(written), "bytes": size, "run": chosen.name})
        return
    out = console()
    out.print(Text(f"Written to {written} ({size / 1e6:.1f} MB)"))
    out.print(Text(f"Run {chosen.name}. It opens from disk; nothing in it is fetched.", style=MUTED))
