"""``twocurves run``: simulate both economies many times, and say what came out."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twocurves.cli.console import console, print_json
from twocurves.cli.options import Json, Set, checked_month
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.ensemble.executor import Executor, Progress
    from twocurves.ensemble.results import StoredRun
    from twocurves.ensemble.running import Job

#: Seconds after which a run without a first draw is surely compiling.
_COMPILING_AFTER = 1.0


def run(
    scenario: Annotated[
        str | None,
        typer.Argument(
            help="A scenario's name, or a scenario file (.toml); central when left out.", show_default=False
        ),
    ] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", help="How many futures; 1024 when left out.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Same seed, same futures; 7 when left out.", show_default=False),
    ] = None,
    changes: Set = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="YYYY-MM",
            help="Last month kept; 2036-12 when left out.",
            show_default=False,
            callback=checked_month,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            help="How many share the work; one for each core when left out. The numbers are the same.",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="ray|ray://HOST:PORT", help="Run on a Ray cluster.", show_default=False),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="RUN", help="Complete a run that was stopped.", show_default=False),
    ] = None,
    into: Annotated[
        str | None,
        typer.Option(
            "--into",
            metavar="PLACE",
            help="Folder or URL (s3://bucket/run) for this run; among your runs when left out.",
            show_default=False,
        ),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="NAME",
            help="Keep only this measure; may be given several times.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(
            "--keep",
            metavar="all|quarterly|yearly",
            help="Months kept; all when left out.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision",
            metavar="float32|float64",
            help="In which to compute; float32 when left out.",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        bool,
        typer.Option(
            "--history",
            help="Make no run: set the central path from 2023 on beside what was observed.",
        ),
    ] = False,
    prior: Annotated[
        bool,
        typer.Option("--prior", help="Draw beliefs from the priors, not from the fit to observations."),
    ] = False,
    posterior: Annotated[
        Path | None,
        typer.Option(
            "--posterior",
            metavar="FILE",
            help="Draw beliefs from a fit of your own (see twocurves fit).",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate both economies many times and say what came out: growth, who captures the value, the claims.

    The same command finds a run that is already there and only prints it. Ctrl-C keeps what is finished.

    For example: twocurves run open_surge --draws 256 --set lag_pub=4.5
    """
    if prior and posterior is not None:
        raise BadInputError(
            "Give --prior or --posterior FILE, not both.",
            field="--posterior",
            given=str(posterior),
            allowed="one of the two",
        )
    if history:
        beside: dict[str, object] = {
            "--draws": draws,
            "--seed": seed,
            "--until": until,
            "--workers": workers,
            "--on": on,
        }
        beside |= {"--resume": resume, "--into": into, "--measure": measures, "--keep": keep}
        _refuse_beside("--history", beside, "makes no run", "SCENARIO, --set and --json beside --history")
        _history(scenario or "central", changes or (), as_json=as_json)
        return
    place: str | None
    if resume is not None:
        given = {
            "SCENARIO": scenario,
            "--draws": draws,
            "--seed": seed,
            "--set": changes,
            "--until": until,
            "--into": into,
            "--measure": measures,
            "--keep": keep,
            "--precision": precision,
            "--prior": prior or None,
            "--posterior": posterior,
        }
        allowed = "--workers, --on and --json beside --resume"
        _refuse_beside("--resume", given, "completes a run as it was planned", allowed)
        planned, place = _resumed(resume)
        command = ""
    else:
        source = "prior" if prior else posterior
        planned = _planned(
            scenario,
            draws,
            seed,
            changes,
            until=until,
            measures=measures,
            keep=keep,
            precision=precision,
            beliefs_from=source,
        )
        place = into
        command = _command(scenario, planned, changes, until, measures, keep, precision, source)
    was_there = _is_complete(place or planned.place)
    begun = time.perf_counter()
    finished = simulate(planned, place, executor=_executor(planned, workers, on), command=command)
    seconds = time.perf_counter() - begun
    if as_json:
        from twocurves.ensemble.run_record import run_record

        print_json(run_record(finished, seconds=seconds))
        return
    from twocurves.cli.run_page import print_run

    print_run(console(), finished, seconds=None if was_there else seconds)


def simulate(
    planned: Job, place: str | None = None, *, executor: Executor | None = None, command: str = ""
) -> StoredRun:
    """Carry out a run with a progress bar on standard error where that is a terminal."""
    from twocurves.ensemble.running import carry_out

    with _progress(planned.plan.scenario) as progress:
        return carry_out(planned, place, executor=executor, progress=progress, command=command)


def _planned(
    scenario: str | None,
    draws: int | None,
    seed: int | None,
    changes: Sequence[str] | None,
    **more: Any,
) -> Job:
    from twocurves.ensemble.running import DRAWS, SEED, job

    return job(
        scenario or "central",
        draws=DRAWS if draws is None else draws,
        seed=SEED if seed is None else seed,
        settings=changes or (),
        **{name: value for name, value in more.items() if value is not None},
    )


def _is_complete(place: str) -> bool:
    """Say whether a whole run lies there already, so that nothing is left to compute."""
    from twocurves.ensemble.faults import DamagedRunError
    from twocurves.ensemble.manifest import read_manifest
    from twocurves.ensemble.storage import storage_at

    try:
        return read_manifest(storage_at(place)).status == "complete"
    except DamagedRunError:
        return False


def _resumed(given: str) -> tuple[Job, str]:
    from twocurves.ensemble.manifest import read_manifest
    from twocurves.ensemble.running import job_again
    from twocurves.ensemble.runs import find_run
    from twocurves.ensemble.storage import storage_at

    place = find_run(given)
    return job_again(read_manifest(storage_at(place)).plan), place


def _refuse_beside(option: str, given: Mapping[str, object], does: str, allowed: str) -> None:
    beside = [name for name, value in given.items() if value not in (None, [])]
    if beside:
        raise BadInputError(
            f"{option} {does}, so leave out {' and '.join(beside)}.",
            field=beside[0],
            given=given[beside[0]],
            allowed=allowed,
        )


def _history(scenario_name: str, changes: Sequence[str], *, as_json: bool) -> None:
    """Set the central path beside what was observed, and print both."""
    from twocurves.beliefs import load_beliefs, read_settings, scenario
    from twocurves.ensemble.precision import prepare_jax

    beliefs = load_beliefs()
    chosen = scenario(beliefs, scenario_name)
    settings = chosen.settings.merge(read_settings(beliefs, changes))
    prepare_jax()
    from twocurves.ensemble.history import history
    from twocurves.observed.tables import observations

    held = observations()
    found = history(beliefs, settings, held)
    if as_json:
        print_json(
            {
                "scenario": chosen.id,
                "settings": dict(text.split("=", 1) for text in settings.as_strings()),
                "data_to": held.data_to.isoformat(),
                "history": [row.as_record() for row in found],
            }
        )
        return
    from twocurves.cli.history_page import print_history

    print_history(console(), chosen.id, found, held.data_to)


def _executor(planned: Job, workers: int | None, on: str | None) -> Executor:
    from twocurves.ensemble.running import elsewhere, local

    if workers is not None and workers < 1:
        raise BadInputError(
            f"--workers must be 1 or more; you gave {workers}.",
            field="--workers",
            given=workers,
            allowed="1 or more",
        )
    return local(planned.plan, workers) if on is None else elsewhere(on, workers)


def _command(
    scenario: str | None,
    planned: Job,
    changes: Sequence[str] | None,
    until: str | None,
    measures: Sequence[str] | None,
    keep: str | None,
    precision: str | None,
    beliefs_from: str | Path | None,
) -> str:
    """Return the command that makes the same run again, defaults of today written out."""
    words = ["twocurves", "run", scenario or "central"]
    words += ["--draws", str(planned.plan.draws), "--seed", str(planned.plan.seed)]
    words += [word for change in changes or () for word in ("--set", change)]
    words += [word for measure in measures or () for word in ("--measure", measure)]
    for option, value in (("--until", until), ("--keep", keep), ("--precision", precision)):
        words += [] if value is None else [option, value]
    if beliefs_from is not None:
        words += ["--prior"] if beliefs_from == "prior" else ["--posterior", str(beliefs_from)]
    return shlex.join(words)


@contextmanager
def _progress(title: str) -> Iterator[Progress | None]:
    """Show how far a run is; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    out = Console(stderr=True, highlight=False)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=out,
        transient=True,
    ) as bar:
        task = bar.add_task("Compiling the economy (longer the first time)", total=None)
        at_start: int | None = None

        def tell(done: int, asked: int, failed: int) -> None:
            nonlocal at_start
            at_start = done if at_start is None else at_start
            if done == at_start and done < asked:
                bar.update(task, total=None, completed=done)
                return
            words = f"Simulating {title}" + (f", {failed} failed" if failed else "")
            bar.update(task, description=words, total=asked, completed=done)

        yield tell
