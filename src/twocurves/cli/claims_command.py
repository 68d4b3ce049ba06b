"""``twocurves claims``: the ledger of dated claims, as a run answers them and as reality did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from twocurves.cli.console import MUTED, console, print_json
from twocurves.cli.options import Json
from twocurves.errors import BadInputError, unknown

if TYPE_CHECKING:
    from twocurves.claims import Ledger, Probability, Question
    from twocurves.claims.resolve import Outcome
    from twocurves.ensemble.results import StoredRun
    from twocurves.fit.frozen import FrozenBrief


def claims(
    identifier: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="One claim (C10) or one of its questions (C10.rent)."),
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
    extra: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="Claims of your own beside the others; a .toml file or a folder of them.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the dated claims with the probability that a run gives each; name one to see all of it."""
    from twocurves.claims import load_ledger
    from twocurves.fit.frozen import frozen_history

    ledger = load_ledger(extra=extra or ())
    own = {question.id for question in ledger} - {question.id for question in load_ledger()}
    if own:
        _check(ledger, own)
    chosen = _chosen(ledger, identifier)
    answering = _run(run)
    found = {} if answering is None else _answers(answering, [q for q in chosen if q.id in own], chosen)
    resolved = _resolved(chosen)
    frozen = frozen_history()
    if as_json:
        print_json(_record(answering, chosen, found, resolved, frozen))
    elif identifier is None:
        _print_ledger(ledger, answering, found, resolved)
    else:
        _print_details(chosen, answering, found, resolved, frozen)


def _chosen(ledger: Ledger, identifier: str | None) -> tuple[Question, ...]:
    if identifier is None:
        return ledger.questions
    for claim in ledger.claims:
        if claim.id.lower() == identifier.lower():
            return ledger.of(claim.id)
    for question in ledger:
        if question.id.lower() == identifier.lower():
            return (question,)
    claim_id = identifier.partition(".")[0].upper()
    within = [question.id for question in ledger if question.claim.id == claim_id]
    raise unknown(
        "claim or question",
        identifier,
        within or [*(claim.id for claim in ledger.claims), *(question.id for question in ledger)],
        field="ID",
    )


def _check(ledger: Ledger, own: set[str]) -> None:
    """Refuse claims over measures that do not exist or of units that do not fit, by line and name."""
    from twocurves.beliefs import load_beliefs
    from twocurves.claims import compile_question
    from twocurves.ensemble.economy_simulator import measure_table, span_simulated

    table = measure_table(load_beliefs(), span_simulated()[1])
    for question in ledger:
        if question.id in own:
            compile_question(question, table)


def _run(given: str | None) -> StoredRun | None:
    from twocurves.ensemble.results import open_run
    from twocurves.ensemble.runs import find_run, list_runs

    if given is not None:
        return open_run(find_run(given))
    complete = [summary for summary in list_runs() if summary.status == "complete"]
    return open_run(complete[0].path) if complete else None


def _answers(
    answering: StoredRun, own: Sequence[Question], chosen: Sequence[Question]
) -> dict[str, Probability]:
    from twocurves.ensemble.answers import evaluated, probabilities

    if not answering.counts.stored:
        raise BadInputError(
            f"{answering.name} holds no draws yet; go on with `twocurves run --resume {answering.name}`.",
            field="--run",
            given=answering.name,
            allowed="a run with draws",
        )
    wanted = {question.id for question in chosen}
    found = {name: said for name, said in probabilities(answering).items() if name in wanted}
    return {**found, **(evaluated(answering, own) if own else {})}


def _resolved(chosen: Sequence[Question]) -> dict[str, Outcome]:
    from twocurves.claims.resolve import resolve_all
    from twocurves.observed.tables import observations

    return resolve_all(chosen, observations())


def _record(
    answering: StoredRun | None,
    chosen: Sequence[Question],
    found: Mapping[str, Probability],
    resolved: Mapping[str, Outcome],
    frozen: Sequence[FrozenBrief],
) -> dict[str, Any]:
    from twocurves.ensemble.answers import claim_record

    decided = _decided(answering)
    return {
        "run": None if answering is None else answering.name,
        "claims": [
            {
                **claim_record(question, found.get(question.id), decided.get(question.id)),
                "claim": question.claim.id,
                "title": question.claim.title,
                "rule": question.resolution.rule,
                "fallback": question.resolution.fallback,
                "ambiguity": question.resolution.ambiguity,
                "falsified_if": question.claim.falsified_if,
                "resolution": resolved[question.id].as_record(),
                "frozen": [
                    {
                        "data_to": str(brief.data_to),
                        "probability": brief.claims[question.id].probability,
                        "prior": brief.claims[question.id].prior,
                    }
                    for brief in frozen
                    if question.id in brief.claims
                ],
            }
            for question in chosen
        ],
    }


def _decided(answering: StoredRun | None) -> dict[str, str]:
    """Return what decides each question, where `twocurves drivers` has written it into the run."""
    from twocurves.drivers.decided_by import read_decided_by

    found = None if answering is None else read_decided_by(answering)
    return {name: said.name for name, said in (found or {}).items() if said.name}


def _print_ledger(
    ledger: Ledger,
    answering: StoredRun | None,
    found: Mapping[str, Probability],
    resolved: Mapping[str, Outcome],
) -> None:
    from twocurves.cli.run_page import claim_listing

    out = console()
    out.print()
    out.print(Text(f"{len(ledger.claims)} claims, {len(ledger.questions)} dated questions", style="bold"))
    out.print(_answered_by(answering))
    out.print()
    out.print(claim_listing(ledger.headlines, found, out.width, judged=True))
    settled = [outcome for outcome in resolved.values() if outcome.state != "open"]
    out.print()
    for outcome in settled:
        out.print(Text(f"{outcome.id} came out {outcome.state}: {outcome.why}"))
    out.print(
        Text(f"{len(resolved) - len(settled)} of {len(resolved)} questions are still open.", style=MUTED)
    )
    out.print(
        Text("Next: twocurves claims C10 · twocurves claims C07 · twocurves compare central open_surge")
    )


def _print_details(
    chosen: Sequence[Question],
    answering: StoredRun | None,
    found: Mapping[str, Probability],
    resolved: Mapping[str, Outcome],
    frozen: Sequence[FrozenBrief],
) -> None:
    from twocurves.cli.run_page import dots, in_twenty, percent

    out = console()
    claim = chosen[0].claim
    decided = _decided(answering)
    out.print()
    out.print(Text.assemble((f"{claim.id}  {claim.title}", "bold")))
    out.print(Text(claim.sentence))
    out.print(_answered_by(answering))
    for question in chosen:
        said = found.get(question.id)
        chance = None if said is None else said.probability
        out.print()
        out.print(Text.assemble((question.id, "bold"), ("  headline" if question.headline else "", MUTED)))
        out.print(Text(question.sentence))
        if said is not None:
            bounds = _bounds(said)
            out.print(
                Text.assemble(
                    dots(chance),
                    f"  {in_twenty(chance)}",
                    (f"  {percent(chance, said.half_width)}{bounds}", MUTED),
                )
            )
        elif answering is not None:
            out.print(Text("Not answered by this run.", style=MUTED))
        for brief in frozen:
            if (then := brief.claims.get(question.id)) is not None and then.probability is not None:
                before = "" if then.prior is None else f", under the priors alone {percent(then.prior, None)}"
                text = (
                    f"Forecast of record, data to {brief.data_to}: {percent(then.probability, None)}{before}"
                )
                out.print(Text(text, style=MUTED))
        if question.id in decided:
            out.print(Text(f"Decided by: {decided[question.id]}", style=MUTED))
        judged = question.prior_probability
        if judged is not None:
            out.print(Text(f"Judged before any run: {100 * judged:.0f}%", style=MUTED))
        out.print(Text(f"Computed as: {' '.join(question.condition.split())}", style=MUTED))
        outcome = resolved[question.id]
        to_come = outcome.state == "open" and outcome.as_of <= question.date.last_day
        how = "." if to_come else f": {outcome.state}. {outcome.why}"
        out.print(Text(f"Resolves after {question.date}{how}", style=MUTED))
    rule = claim.resolution
    out.print()
    for head, text in (
        ("Resolved by", rule.rule),
        ("From", rule.source),
        ("Or else", rule.fallback),
        ("When sources differ", rule.ambiguity),
        ("In the model", rule.in_model),
        ("Wrong if", claim.falsified_if),
    ):
        out.print(Text.assemble((f"{head}: ", MUTED), text))
    out.print()


def _bounds(said: Probability) -> str:
    """Say between what the draws without an answer leave the probability, where that can be seen."""
    if said.lower is None or said.upper is None or f"{said.lower:.2f}" == f"{said.upper:.2f}":
        return ""
    missing = said.failed + said.undetermined
    between = f"{100 * said.lower:.0f} to {100 * said.upper:.0f}%"
    return f"; {between} whatever {missing} futures without an answer would say"


def _answered_by(answering: StoredRun | None) -> Text:
    if answering is None:
        return Text(
            "No run answers them yet: make one with `twocurves run`. "
            "What was judged before any run stands beside them.",
            style=MUTED,
        )
    plan = answering.plan
    return Text(
        f"Answered by {answering.name}: {answering.counts.ok:,} futures of {plan.scenario}, drawn from the "
        f"{plan.beliefs_from}. ± is half of the 90% interval "
        'of the Monte Carlo error; "judged" is what was judged before any run.',
        style=MUTED,
    )
