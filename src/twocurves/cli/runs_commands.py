"""``twocurves runs``: the stored runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, Column, console, print_json, table
from twocurves.cli.options import Json
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.ensemble.runs import RunSummary

app = typer.Typer(no_args_is_help=True, help="The runs you have made: list, show, verify, remove.")

Run = Annotated[str, typer.Argument(metavar="RUN", help="Name, the beginning of a name, a folder or a URL.")]


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """List your runs, the newest first."""
    from twocurves.ensemble.runs import list_runs, runs_folder

    found = list_runs()
    if as_json:
        print_json({"folder": str(runs_folder()), "runs": [_summary(run) for run in found]})
        return
    out = console()
    if not found:
        out.print(Text(f"There are no runs in {runs_folder()} yet; make one with `twocurves run`."))
        return
    listing = table(
        "run",
        "status",
        Column("futures", "right"),
        Column("failed", "right", drop=2),
        Column("size", "right", drop=1),
        Column("made", drop=0, whole=True),
    )
    for run in found:
        listing.add_row(
            run.name,
            run.status,
            f"{run.stored:,}" if run.stored == run.asked else f"{run.stored:,} of {run.asked or 0:,}",
            "" if run.failed is None else f"{run.failed:,}",
            _size(run.size),
            "" if run.created is None else f"{run.created:%Y-%m-%d %H:%M}",
        )
    out.print(listing)
    out.print(Text(f"In {runs_folder()}, {_size(sum(run.size for run in found))} in all", style=MUTED))
    stopped = [run.name for run in found if run.status == "interrupted"]
    more = f" · twocurves run --resume {stopped[0]}" if stopped else ""
    out.print(
        Text(f"Next: twocurves runs show {found[0].name} · twocurves runs verify {found[0].name}{more}")
    )


@app.command("show")
def show(run: Run, as_json: Json = False) -> None:
    """Show a run again, as it was printed when it was made."""
    from twocurves.ensemble.results import open_run
    from twocurves.ensemble.run_record import run_record
    from twocurves.ensemble.runs import find_run

    opened = open_run(find_run(run))
    if not opened.counts.stored:
        raise BadInputError(
            f"{opened.name} holds no draws yet; go on with `twocurves run --resume {opened.name}`.",
            field="run",
            given=run,
            allowed="a run with draws",
        )
    if as_json:
        print_json(run_record(opened))
        return
    from twocurves.cli.run_page import print_run

    print_run(console(), opened)


@app.command("verify")
def verify(run: Run, as_json: Json = False) -> None:
    """Check every byte of a run; damaged chunks are named, and computed anew by run --resume.

    Exit code 2 when results are damaged or missing.
    """
    from twocurves.ensemble.runs import find_run
    from twocurves.ensemble.store import verify as verify_run

    place = find_run(run)
    looked = verify_run(place)
    whole = not looked.damaged and not any(problem.kind == "unfinished" for problem in looked.problems)
    if as_json:
        print_json(
            {
                "run": run,
                "path": place,
                "sound": whole,
                "chunks": len(looked.chunks),
                "draws": sum(chunk.draws for chunk in looked.chunks),
                "problems": [
                    {"file": problem.name, "kind": problem.kind, "what": problem.what}
                    for problem in looked.problems
                ],
            }
        )
    else:
        out = console()
        for problem in looked.problems:
            out.print(Text(f"{problem.kind}: {problem.what}"))
        draws = sum(chunk.draws for chunk in looked.chunks)
        out.print(Text(f"{len(looked.chunks)} sound chunks with {draws:,} draws in {place}", style=MUTED))
    if not whole:
        lacking = [problem for problem in looked.problems if problem.kind not in ("leftover", "foreign")]
        raise BadInputError(
            f"{len(lacking)} problem{'s' * (len(lacking) != 1)} in {run}; "
            f"`twocurves run --resume {run}` computes anew what is damaged or missing.",
            field="run",
            given=run,
            allowed="a sound and complete run",
        )
    if not as_json:
        console().print(Text("Every byte is as it was written."))


@app.command("rm")
def remove(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names, folders or URLs.")],
    as_json: Json = False,
) -> None:
    """Remove runs; files that are not of a run are left where they are."""
    from twocurves.ensemble.runs import find_run, remove_run

    places = [find_run(run) for run in runs]
    removed: list[dict[str, Any]] = [{"path": place, "left": remove_run(place)} for place in places]
    if as_json:
        print_json({"removed": removed})
        return
    for one in removed:
        left = f"; left there: {', '.join(one['left'][:4])}" if one["left"] else ""
        console().print(Text(f"Removed {one['path']}{left}"))


def _summary(run: RunSummary) -> dict[str, Any]:
    return {
        "run": run.name,
        "path": run.path,
        "status": run.status,
        "scenario": run.scenario,
        "seed": run.seed,
        "draws": {"asked": run.asked, "stored": run.stored, "ok": run.ok, "failed": run.failed},
        "created": None if run.created is None else run.created.isoformat(),
        "data_to": None if run.data_to is None else run.data_to.isoformat(),
        "bytes": run.size,
    }


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
