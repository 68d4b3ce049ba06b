"""``twocurves decide``: stay on the closed frontier or move a workload to an open model, and when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from twocurves.cli.console import MUTED, Column, Listing, console, print_json
from twocurves.cli.options import Json
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.decide.answer import Decision
    from twocurves.ensemble.results import StoredRun

#: The word that asks for a template in place of a workload's file.
_NEW = "new"


def decide(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The workload (.toml); or the word new, to write one.")
    ],
    template: Annotated[
        Path | None,
        typer.Argument(
            metavar="[NEW_FILE]", help="After new: where to write the commented template.", show_default=False
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run whose draws are the worlds: name, folder or URL; your newest when left out.",
            show_default=False,
        ),
    ] = None,
    memo: Annotated[
        Path | None,
        typer.Option(
            "--memo", metavar="FILE.html", help="Also write a page that stands alone.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether a workload should stay or move, to what, and when.

    For example: twocurves decide new work.toml, then twocurves decide work.toml --memo memo.html
    """
    if str(file) == _NEW:
        _write_template(template, run, memo, as_json=as_json)
        return
    if template is not None:
        raise BadInputError(
            f"decide takes one workload; {str(template)!r} is a second. "
            "To write a template: twocurves decide new FILE.",
            field="FILE",
            given=str(template),
            allowed="one file",
        )
    from twocurves.decide.decision import decide as decided
    from twocurves.decide.workload_file import read_workload

    read_workload(file)  # a fault in the file is told before a run is looked for
    found = decided(file, answering(run))
    if memo is not None:
        from twocurves.decide.memo import write_memo

        write_memo(found, memo)
    if as_json:
        print_json(found.as_record())
        return
    print_decision(found)
    if memo is not None:
        console().print(Text(f"Memo written to {memo}"))


def answering(given: str | None) -> StoredRun:
    """Return the run asked for, or the newest whole one."""
    from twocurves.ensemble.newest import run_or_newest

    return run_or_newest(given, "decide in")


def print_decision(found: Decision, out: Console | None = None) -> None:
    """Print a decision: the sentence, what each way costs, when, what to watch, what it rests on."""
    from twocurves.charts.number_text import say
    from twocurves.decide.wording import (
        break_sentences,
        figure,
        months_phrase,
        option_rows,
        risk_rows,
        ruled_out,
        trigger_sentence,
    )

    out = out or console()

    def head(text: str) -> None:
        out.print()
        out.print(Text(text, style="bold"))

    out.print()
    out.print(Text(found.answer, style="bold"))
    if found.open_question is not None:
        out.print(Text(found.open_question.answer))
    head(f"Net present cost, {found.start} to {found.start + (found.months - 1)}")
    listing = Listing(
        [
            Column("", whole=True),
            Column("today it is", drop=1),
            Column("median", "right"),
            Column("90% of draws", "right", drop=2),
        ]
    )
    for row in option_rows(found):
        listing.add_row(*row)
    out.print(listing)
    if ruled_out(found):
        out.print(Text(ruled_out(found), style=MUTED))
    amount, chance = found.regret_above
    head("When")
    out.print(Text(f"With hindsight the best month is {months_phrase(found)}."))
    out.print(
        Text(
            f"Keeping the choice open is worth {say(found.value_of_waiting_usd, 'usd', 2)} "
            f"(±{say(found.value_error_usd, 'usd', 2)}) against the better of moving now and never: "
            f"{say(found.of_which_planning_usd, 'usd', 2)} by planning a date, "
            f"{say(found.of_which_learning_usd, 'usd', 2)} by looking first."
        )
    )
    out.print(
        Text(
            f"The advice costs over {say(amount, 'usd', 2)} more than the best move with hindsight in "
            f"{100 * chance:.0f}% of draws."
        )
    )
    if found.breaks:
        head("Break-even")
        for said in break_sentences(found):
            out.print(Text(said))
    if found.triggers:
        head("Look again if")
        for trigger in found.triggers:
            out.print(Text(f"· {trigger_sentence(trigger)}"))
    deciding = [one for one in found.deciders if one.above_noise]
    head("What decides it")
    if deciding:
        told = ", ".join(f"{one.name} {figure(one.effect)}" for one in deciding[:5])
        out.print(
            Text(
                f"Rank correlation with the gain of moving now: {told} "
                f"(noise below {figure(found.noise_floor)})."
            )
        )
    else:
        out.print(Text("No belief stands out from the noise of so many draws."))
    rows = risk_rows(found)
    if rows:
        head("Risks, as of today")
        risks = Listing(
            [
                Column("", whole=False),
                Column("falls on", drop=1),
                Column("cost", "right"),
                Column("chance", "right", drop=2),
            ]
        )
        for row in rows:
            risks.add_row(*row)
        out.print(risks)
    for note in found.notes:
        out.print(Text(note, style=MUTED))
    dated = ", ".join(f"{name} {day}" for name, day in found.catalogues.items())
    out.print()
    out.print(Text(f"{found.draws:,} draws of {found.run} · price catalogues {dated}", style=MUTED))


def _write_template(template: Path | None, run: str | None, memo: Path | None, *, as_json: bool) -> None:
    from twocurves.decide.workload_file import write_template

    if template is None:
        raise BadInputError(
            "Say where to write the template: twocurves decide new FILE.toml.",
            field="NEW_FILE",
            given=None,
            allowed="a new file",
        )
    if run is not None or memo is not None:
        raise BadInputError(
            "decide new writes a template and decides nothing, so leave out --run and --memo.",
            field="--run" if run is not None else "--memo",
            given=run or str(memo),
            allowed="nothing beside new FILE",
        )
    write_template(template)
    if as_json:
        print_json({"written": str(template)})
    else:
        console().print(Text(f"Template written to {template}. Next: twocurves decide {template}"))
