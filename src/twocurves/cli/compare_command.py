"""``twocurves compare``: two scenarios or runs, future by future."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from twocurves.cli.console import MUTED, Column, console, print_json, table
from twocurves.cli.options import Json, Set
from twocurves.errors import BadInputError, unknown

if TYPE_CHECKING:
    from twocurves.ensemble.comparing import ClaimDifference, Comparison, OutcomeDifference
    from twocurves.ensemble.outcome_table import Outcome
    from twocurves.ensemble.plan import Plan
    from twocurves.ensemble.results import StoredRun

#: Claims shown: those whose probability moves most.
_CLAIMS_SHOWN = 12


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A scenario or a run, compared from.")],
    b: Annotated[str, typer.Argument(metavar="B", help="A scenario or a run, compared to.")],
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", help="Futures of scenarios; 1024, or as many as the run beside.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Seed of scenarios; 7, or that of the run beside.", show_default=False),
    ] = None,
    changes: Set = None,
    as_json: Json = False,
) -> None:
    """Compare two scenarios or runs: B less A in the same future, per outcome and claim.

    Both see the same draws of beliefs and shocks, so what differs is due to what was changed. Scenarios are
    run first where they have not been yet; --set holds for B alone.

    For example: twocurves compare central open_surge, or: twocurves compare central central --set lag_pub=4.5
    """
    from twocurves.ensemble.comparing import compare_runs

    first, second = _pair(a, b, draws, seed, changes or ())
    compared = compare_runs(first, second)
    if as_json:
        print_json(compared.as_record())
    else:
        _print(console(), compared)


def _pair(
    a: str, b: str, draws: int | None, seed: int | None, changes: Sequence[str]
) -> tuple[StoredRun, StoredRun]:
    """Open or make both runs; what is stored already says with which draws the other is made."""
    from twocurves.cli.run_command import simulate
    from twocurves.ensemble.results import open_run
    from twocurves.ensemble.running import DRAWS, SEED, job

    is_scenario = [_is_scenario(given) for given in (a, b)]
    stored = [
        None if made else open_run(_place(given)) for given, made in zip((a, b), is_scenario, strict=True)
    ]
    if changes and not is_scenario[1]:
        raise BadInputError(
            f"--set changes a scenario, and {b} is a run; name a scenario as B.",
            field="--set",
            given=list(changes),
            allowed="a scenario as B",
        )
    like: Plan | None = next((run.plan for run in stored if run is not None), None)
    jobs = [
        None
        if not made
        else job(
            given,
            draws=draws if draws is not None else DRAWS if like is None else like.draws,
            seed=seed if seed is not None else SEED if like is None else like.seed,
            settings=changes if number == 1 else (),
            until=None if like is None else like.until,
            measures=None if like is None else like.measures,
            keep="all" if like is None or isinstance(like.months_kept, tuple) else like.months_kept,
            precision="float32" if like is None else like.precision,
            beliefs_from=None if like is None else like.drawn_from,
        )
        for number, (given, made) in enumerate(zip((a, b), is_scenario, strict=True))
    ]
    made = [run if planned is None else simulate(planned) for run, planned in zip(stored, jobs, strict=True)]
    first, second = (run for run in made if run is not None)
    return first, second


def _is_scenario(given: str) -> bool:
    from twocurves.beliefs import load_beliefs

    return given in load_beliefs().scenarios or given.endswith(".toml")


def _place(given: str) -> str:
    """Find a run, or say that there is neither a scenario nor a run of this name."""
    from twocurves.beliefs import load_beliefs
    from twocurves.ensemble.runs import find_run, list_runs

    try:
        return find_run(given)
    except BadInputError as fault:
        if fault.suggestion is not None:
            raise
        names = [*load_beliefs().scenarios, *(run.name for run in list_runs())]
        raise unknown("scenario or run", given, names) from None


def _print(out: Console, compared: Comparison) -> None:
    a, b = compared.a.plan, compared.b.plan
    out.print()
    names = [compared.a.name, compared.b.name] if a.scenario == b.scenario else [a.scenario, b.scenario]
    out.print(Text(f"{names[1]} less {names[0]}, future by future", style="bold"))
    left = f", {compared.failed_in_one} left out that failed in one" if compared.failed_in_one else ""
    out.print(
        Text(f"{compared.paired:,} futures with the same draws and shocks{left}. Seed {a.seed}.", style=MUTED)
    )
    for text in _changed(a, b):
        out.print(Text(text, style=MUTED))
    for note in compared.notes:
        out.print(Text(f"The two differ also in {note}."))
    out.print()
    _print_outcomes(out, compared.outcomes)
    _print_claims(out, compared.claims)
    out.print(Text(f"A: {compared.a.path}\nB: {compared.b.path}", style=MUTED))


def _changed(a: Plan, b: Plan) -> list[str]:
    """Say what was set in one and not in the other."""
    one, other = dict(a.settings), dict(b.settings)
    return [
        f"Set in {letter} alone: {' '.join(f'{name}={value}' for name, value in found)}"
        for letter, found in (
            ("A", sorted(set(one.items()) - set(other.items()))),
            ("B", sorted(set(other.items()) - set(one.items()))),
        )
        if found
    ]


def _print_outcomes(out: Console, rows: Sequence[OutcomeDifference]) -> None:
    from twocurves.cli.run_page import figure, figures

    shown = [row for row in rows if row.outcome.shown]
    if not shown:
        return
    months = sorted({row.month for row in shown})
    kept = [month for place, month in enumerate(months) if place in (0, len(months) // 2, len(months) - 1)]
    out.print(Text("Median difference, and below it the range of 90% of the futures", style="underline"))
    listing = table(
        Column("", whole=True),
        *(
            Column(str(month), "right", drop=place if place < len(kept) - 1 else None)
            for place, month in enumerate(kept)
        ),
        Column(f"B larger in {kept[-1]}", "right", drop=len(kept)),
    )
    for outcome, group in groupby(shown, key=lambda row: row.outcome):
        written = _as_difference(outcome)
        of_dates = [row for row in group if row.month in kept]
        listing.add_row(
            Text(outcome.title, style="bold"),
            *(Text(_signed(figure(row.difference.median, written))) for row in of_dates),
            f"{20 * of_dates[-1].b_larger:.0f} in 20",
        )
        listing.add_row(
            "",
            *(
                Text(
                    figures(row.difference.low, row.difference.high, written) if row.difference.draws else "",
                    style=MUTED,
                )
                for row in of_dates
            ),
            "",
        )
    out.print(listing)
    out.print()


def _as_difference(outcome: Outcome) -> Outcome:
    """Return how a difference is written: of shares in percentage points, of all with two figures."""
    change: dict[str, object] = {"digits": 2}
    if outcome.style == "share":
        change |= {"style": "{} pts", "times": 100.0}
    return outcome.model_copy(update=change)


def _print_claims(out: Console, rows: Sequence[ClaimDifference]) -> None:
    moved = [row for row in rows if row.difference.mean and row.question.headline]
    moved.sort(key=lambda row: -abs(row.difference.mean or 0.0))
    if not moved:
        return
    out.print(Text("Claims whose probability moves most", style="underline"))
    listing = table(
        Column("", whole=True),
        Column("A", "right"),
        Column("B", "right"),
        Column("B less A", "right"),
        Column("", "right", drop=0),
        Column("claim"),
    )
    for row in moved[:_CLAIMS_SHOWN]:
        width = row.difference.half_width
        listing.add_row(
            Text(row.question.claim.id, style="bold"),
            f"{100 * (row.a or 0):.0f}%",
            f"{100 * (row.b or 0):.0f}%",
            Text(_signed(f"{100 * (row.difference.mean or 0):.0f}"), style="bold"),
            Text("" if width is None else f"±{100 * width:.0f}", style=MUTED),
            row.question.claim.title,
        )
    out.print(listing)
    out.print()


def _signed(text: str) -> str:
    """Put a plus before a figure that is more than nothing."""
    text = text.replace("-", "−")
    return f"+{text}" if text[0] not in "−<>" and any(digit in text for digit in "123456789") else text
