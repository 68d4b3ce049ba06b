"""``twocurves drivers``: which assumption decides an outcome or a claim, and what would change the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from twocurves.cli.console import console, print_json
from twocurves.cli.options import Json
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.ensemble.results import StoredRun

#: Futures that are computed again where nobody says how many.
_DRAWS = 128


def drivers(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[OUTCOME_OR_CLAIM]",
            help="A claim (C10), one of its questions, an outcome (net_revenue_open) or measure@month; all "
            "claims when left out.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run that answers: name, folder or URL; your newest when left out.",
            show_default=False,
        ),
    ] = None,
    local: Annotated[
        bool,
        typer.Option(
            "--local",
            help="Slopes at the middle beside true moves; simulates, and compiles for minutes once.",
        ),
    ] = False,
    try_out: Annotated[
        bool, typer.Option("--try", help="Compute what would change the answer, and say whether it does.")
    ] = False,
    sobol: Annotated[
        bool, typer.Option("--sobol", help="Sobol indices, from a design that was drawn for the run.")
    ] = False,
    draw_sobol: Annotated[
        int | None,
        typer.Option(
            "--draw-sobol",
            metavar="ROWS",
            help="Draw that design over the inputs that matter most, and keep it with the run; simulates.",
            show_default=False,
        ),
    ] = None,
    inputs: Annotated[
        int | None,
        typer.Option(
            "--inputs", metavar="N", help="Inputs of that design; 12 when left out.", show_default=False
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="RUN",
            help="Share out the change to another run among what differs between the two; simulates.",
            show_default=False,
        ),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws",
            metavar="N",
            help="Futures computed again by --try and --against; 128 when left out.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which beliefs and choices decide an outcome or a claim, in which worlds, and what would change it.

    From a stored run; nothing is simulated unless an option says so.

    For example: twocurves drivers C10, or: twocurves drivers net_revenue_open@2035-12 --local
    """
    _check(target, local=local, try_out=try_out, sobol=sobol, against=against, draws=draws)
    _check_design(target, draw_sobol, inputs)
    from twocurves.ensemble.newest import run_or_newest

    chosen = run_or_newest(run, "ask what decides it")
    count = _DRAWS if draws is None else draws
    if target is None:
        _all_claims(chosen, as_json=as_json)
    elif against is not None:
        _explain(chosen, target, against, count, as_json=as_json)
    else:
        if draw_sobol is not None:
            _draw_design(chosen, target, draw_sobol, inputs)
        _one(
            chosen,
            target,
            local=local,
            sobol=sobol or draw_sobol is not None,
            try_draws=count if try_out else 0,
            as_json=as_json,
        )


def _one(chosen: StoredRun, target: str, *, local: bool, sobol: bool, try_draws: int, as_json: bool) -> None:
    from twocurves.drivers.report import find_drivers

    with _telling() as tell:
        found = find_drivers(
            chosen, target, local=local, sobol=sobol, try_draws=try_draws, progress=lambda what: tell(what)
        )
    if as_json:
        print_json(found.as_record())
        return
    from twocurves.cli.drivers_page import print_drivers

    print_drivers(console(), found)


def _all_claims(chosen: StoredRun, *, as_json: bool) -> None:
    from twocurves.drivers.decided_by import claims_record, write_decided_by

    found = write_decided_by(chosen)
    if as_json:
        print_json(claims_record(chosen, found))
        return
    from twocurves.cli.drivers_page import print_claims

    print_claims(console(), chosen, found)


def _explain(chosen: StoredRun, target: str, against: str, draws: int, *, as_json: bool) -> None:
    from twocurves.drivers.explain import explain
    from twocurves.ensemble.results import open_run
    from twocurves.ensemble.runs import find_run

    other = open_run(find_run(against))
    with _telling() as tell:
        found = explain(
            chosen, other, target, draws=draws, progress=lambda done: tell(f"mixture {done} of both runs")
        )
    if as_json:
        print_json(found.as_record())
        return
    from twocurves.cli.drivers_page import print_explained

    print_explained(console(), found)


def _draw_design(chosen: StoredRun, target: str, rows: int, inputs: int | None) -> None:
    from twocurves.drivers.sobol_run import INPUTS, draw_design
    from twocurves.drivers.study import study

    found = study(chosen, target)
    most = [effect.input.name for effect in found.above][: INPUTS if inputs is None else inputs]
    if not most:
        raise BadInputError(
            f"No input has an effect on {found.target.name} that can be told from nothing, so there is "
            "nothing to draw a design over.",
            field="--draw-sobol",
            given=rows,
            allowed="a target that some input decides",
        )
    with _telling() as tell:
        draw_design(
            chosen,
            found.target,
            most,
            rows=rows,
            progress=lambda done, asked: tell(f"sample {done} of {asked} of the design"),
        )


def _check(
    target: str | None,
    *,
    local: bool,
    try_out: bool,
    sobol: bool,
    against: str | None,
    draws: int | None,
) -> None:
    """Refuse options that do not go together."""
    given = {"--local": local, "--try": try_out, "--sobol": sobol, "--against": against is not None}
    named = [option for option, is_given in given.items() if is_given]
    if target is None and named:
        raise BadInputError(
            f"{named[0]} needs an outcome or a claim, for example: twocurves drivers C10 {named[0]}.",
            field=named[0],
            given=True,
            allowed="an outcome or a claim before it",
        )
    if against is not None and len(named) > 1:
        raise BadInputError(
            f"--against compares two runs, so leave out {named[0]}.",
            field=named[0],
            given=True,
            allowed="--against alone",
        )
    if draws is not None and (draws < 1 or not (try_out or against is not None)):
        wrong = "must be 1 or more" if draws < 1 else "belongs to --try or --against"
        raise BadInputError(
            f"--draws {wrong}; you gave {draws}.",
            field="--draws",
            given=draws,
            allowed="1 or more, beside --try or --against",
        )


def _check_design(target: str | None, rows: int | None, inputs: int | None) -> None:
    if inputs is not None and (rows is None or inputs < 1):
        raise BadInputError(
            "--inputs is the number of inputs of a design: 1 or more, beside --draw-sobol.",
            field="--inputs",
            given=inputs,
            allowed="1 or more, beside --draw-sobol",
        )
    if rows is not None and (rows < 2 or target is None):
        wrong = "needs an outcome or a claim" if target is None else f"must be 2 or more; you gave {rows}"
        raise BadInputError(
            f"--draw-sobol {wrong}.", field="--draw-sobol", given=rows, allowed="2 or more rows, and a target"
        )


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Say what is being simulated; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda what: None
        return
    from rich.console import Console

    out = Console(stderr=True, highlight=False)
    with out.status("Reading the run") as status:
        yield lambda what: status.update(f"Simulating: {what}")
