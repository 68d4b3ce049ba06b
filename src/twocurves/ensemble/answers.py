"""What a stored run answers to the questions of a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from twocurves.claims import MeasureShape, MeasureTable, Probability, Question, Tally, compile_question
from twocurves.claims.compiling import UNDETERMINED
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import CLAIM
from twocurves.errors import BadInputError


def probabilities(run: StoredRun) -> dict[str, Probability]:
    """Return the probability of each question that a run answers; streams over the draws."""
    ids = run.manifest.description.claims
    tallies = {name: Tally() for name in ids}
    for table in run.iterate_draws(["draw", "ok", *(CLAIM + name for name in ids)]):
        ok, draw = from_column(table["ok"]), from_column(table["draw"])
        for name, tally in tallies.items():
            truth = from_column(table[CLAIM + name], UNDETERMINED)
            tally.add(truth, ok, draw)
    return {name: tally.probability(name) for name, tally in tallies.items()}


def evaluated(run: StoredRun, questions: Iterable[Question]) -> dict[str, Probability]:
    """Return the probability of questions that were not asked when the run was made, from its stored paths.

    Raises
    ------
    BadInputError
        The run keeps too few months or measures for a question.
    """
    asked = list(questions)
    if len(run.months) != run.plan.months_simulated:
        raise BadInputError(
            f"{run.name} keeps {len(run.months)} of {run.plan.months_simulated} months, and claims are over "
            "all of them; make a run with --keep all.",
            field="run",
            given=run.plan.months_kept,
            allowed="a run that keeps all months",
        )
    shapes = {info.name: MeasureShape(info.unit, info.axes, info.meaning) for info in run.measures}
    table = MeasureTable(shapes, run.manifest.description.axes, run.months[0], run.months[-1])
    compiled = [compile_question(question, table) for question in asked]
    needed = sorted(frozenset().union(*(one.measures for one in compiled)))
    named = {name: [column.name for column in run.layout.columns_of(name)] for name in needed}
    tallies = {one.question.id: Tally() for one in compiled}
    for piece in run.iterate_paths(["draw", *(name for names in named.values() for name in names)]):
        draw = from_column(piece["draw"])[:: len(run.months)]
        values = {
            name: np.stack(
                [from_column(piece[column]).reshape(len(draw), -1) for column in names], axis=-1
            ).reshape(table.shape_of(name, len(draw)))
            for name, names in named.items()
        }
        for one in compiled:
            truth = one.truth(values, len(draw))
            tallies[one.question.id].add(truth, np.ones(len(draw), dtype=bool), draw)
    for piece in run.iterate_draws(["draw", "ok"]):
        failed = from_column(piece["draw"])[~from_column(piece["ok"])]
        for tally in tallies.values():
            tally.add(np.full(len(failed), UNDETERMINED), np.zeros(len(failed), dtype=bool), failed)
    return {name: tally.probability(name) for name, tally in tallies.items()}


def claim_record(
    question: Question, found: Probability | None, decided_by: str | None = None
) -> dict[str, Any]:
    """Return a question with what a run says of it, as ``--json`` prints it.

    ``decided_by``, the input that decides it most, is null until ``twocurves drivers`` has said so.
    """
    said = (
        {"probability": None, "mc_error": None, "reason": "not answered by this run"}
        if found is None
        else found.as_record()
    )
    return {**question.as_record(), **said, "decided_by": decided_by}
