"""Two runs on common random numbers: differences taken draw by draw, so that noise they share cancels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import MonteCarloError, monte_carlo_error
from twocurves.claims import FALSE, TRUE, Ledger, Question, load_ledger
from twocurves.claims.compiling import UNDETERMINED
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.columns import columns, unit_of
from twocurves.ensemble.key_numbers import OutcomeInMonth, dates_kept, outcomes_kept
from twocurves.ensemble.outcome_table import Outcome
from twocurves.ensemble.plan import differences
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import CLAIM
from twocurves.ensemble.run_record import identity
from twocurves.ensemble.spread import Spread
from twocurves.errors import BadInputError
from twocurves.months import Month

#: What two plans may differ in and still be what a comparison is for.
_MEANT = ("scenario", "settings", "measures", "months_kept", "until")


@dataclass(frozen=True)
class OutcomeDifference(OutcomeInMonth):
    """An outcome of B less that of A in a month, draw by draw.

    Attributes
    ----------
    difference
        Over the draws that came through in both.
    a, b
        The outcome itself in each.
    b_larger
        Share of those draws in which it is larger in B.
    """

    difference: Spread
    a: Spread
    b: Spread
    b_larger: float

    def as_record(self) -> dict[str, Any]:
        """Return the difference as ``--json`` prints it."""
        return {
            **super().as_record(),
            "difference_p05": self.difference.low,
            "difference_p50": self.difference.median,
            "difference_p95": self.difference.high,
            "draws": self.difference.draws,
            "b_larger": self.b_larger,
            "a_p50": self.a.median,
            "b_p50": self.b.median,
        }


@dataclass(frozen=True, slots=True)
class ClaimDifference:
    """The probability of a question in B less that in A, over the draws that answer it in both.

    Attributes
    ----------
    question
        What is asked.
    a, b
        Its probability in each, over those draws.
    difference
        With its Monte Carlo error.
    gained, lost
        Draws in which it holds in B only, and in A only.
    """

    question: Question
    a: float | None
    b: float | None
    difference: MonteCarloError
    gained: int
    lost: int

    def as_record(self) -> dict[str, Any]:
        """Return the difference as ``--json`` prints it."""
        return {
            "id": self.question.id,
            "sentence": self.question.sentence,
            "a": self.a,
            "b": self.b,
            "difference": self.difference.mean,
            "mc_error": self.difference.standard_error,
            "draws": self.difference.n,
            "gained": self.gained,
            "lost": self.lost,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of the same draws.

    Attributes
    ----------
    a, b
        The runs.
    paired
        Draws that came through in both.
    failed_in_one
        Draws that came through in one only, and are left out.
    notes
        In what the runs differ besides their scenario and settings.
    outcomes, claims
        The differences.
    """

    a: StoredRun
    b: StoredRun
    paired: int
    failed_in_one: int
    notes: tuple[str, ...]
    outcomes: tuple[OutcomeDifference, ...]
    claims: tuple[ClaimDifference, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the comparison as ``--json`` prints it; differences are B less A."""
        return {
            "a": {**identity(self.a), "draws": self.a.plan.draws},
            "b": {**identity(self.b), "draws": self.b.plan.draws},
            "differences_are": "b less a, in the same draw",
            "draws": {"paired": self.paired, "failed_in_one": self.failed_in_one},
            "notes": list(self.notes),
            "outcomes": [row.as_record() for row in self.outcomes],
            "claims": [row.as_record() for row in self.claims],
        }


def compare_runs(a: StoredRun, b: StoredRun, ledger: Ledger | None = None) -> Comparison:
    """Compare two runs draw by draw.

    Parameters
    ----------
    ledger
        The claims; the packaged ones when left out.

    Raises
    ------
    BadInputError
        The draws of the two are not the same futures, or one is not complete; the message says which.
    """
    refuse_unpaired(a, b)
    names = {outcome.name for outcome in outcomes_kept(b)}
    chosen = [outcome for outcome in outcomes_kept(a) if outcome.name in names]
    dates = [month for month in dates_kept(a) if month in b.months]
    dates = dates or [max(set(a.months) & set(b.months))]
    index_a, index_b = (columns(run, [], dates)[0] for run in (a, b))
    common, mine, theirs = np.intersect1d(index_a, index_b, assume_unique=True, return_indices=True)
    rows = []
    for outcome in chosen:  # one in memory at a time
        of_a, of_b = (
            columns(run, [outcome.name], dates)[1][outcome.name][draws].astype(np.float64)
            for run, draws in ((a, mine), (b, theirs))
        )
        for place, month in enumerate(dates):
            rows.append(_row(outcome, unit_of(a, outcome.name), month, of_a[:, place], of_b[:, place]))
    return Comparison(
        a=a,
        b=b,
        paired=len(common),
        failed_in_one=len(index_a) + len(index_b) - 2 * len(common),
        notes=tuple(_notes(a, b)),
        outcomes=tuple(rows),
        claims=tuple(_claims(a, b, load_ledger() if ledger is None else ledger)),
    )


def refuse_unpaired(a: StoredRun, b: StoredRun) -> None:
    """Refuse two runs whose draws cannot be paired.

    Raises
    ------
    BadInputError
        Another seed, another number of draws, an incomplete run, or no month in common.
    """
    for run in (a, b):
        if not run.complete:
            raise BadInputError(
                f"{run.name} is not complete ({run.counts.stored} of {run.plan.draws} draws); finish it with "
                f"`twocurves run --resume {run.name}`.",
                field="run",
                given=run.name,
                allowed="complete runs",
            )
    for field, words in (("seed", "seed"), ("draws", "draws")):
        one, other = getattr(a.plan, field), getattr(b.plan, field)
        if one != other:
            raise BadInputError(
                f"{a.name} and {b.name} cannot be compared draw by draw: {words} {one} and {words} {other}; "
                f"run one of them again with --{field} {one if field == 'seed' else max(one, other)}.",
                field=f"--{field}",
                given=[one, other],
                allowed=f"the same {words} in both",
            )
    if not set(a.months) & set(b.months):
        raise BadInputError(
            f"{a.name} and {b.name} keep no month in common.",
            field="run",
            given=[str(a.months[-1]), str(b.months[-1])],
            allowed="runs that keep a month in common",
        )


def _notes(a: StoredRun, b: StoredRun) -> list[str]:
    meant = {field: getattr(a.plan, field) for field in _MEANT}
    return differences(a.plan, b.plan.model_copy(update=meant))


def _row(
    outcome: Outcome, unit: str, month: Month, of_a: NDArray[np.float64], of_b: NDArray[np.float64]
) -> OutcomeDifference:
    known = np.isfinite(of_a) & np.isfinite(of_b)
    of_a, of_b = of_a[known], of_b[known]
    return OutcomeDifference(
        outcome,
        unit,
        month,
        Spread.of(of_b - of_a),
        Spread.of(of_a),
        Spread.of(of_b),
        float((of_b > of_a).mean()) if len(of_a) else float("nan"),
    )


def _claims(a: StoredRun, b: StoredRun, ledger: Ledger) -> list[ClaimDifference]:
    both = set(a.manifest.description.claims) & set(b.manifest.description.claims)
    questions = [question for question in ledger if question.id in both]
    truths_a, replicate = _truths(a, questions)
    truths_b, _ = _truths(b, questions)
    found = []
    for question in questions:
        mine, theirs = truths_a[question.id], truths_b[question.id]
        known = (mine != UNDETERMINED) & (theirs != UNDETERMINED)
        mine, theirs = mine[known], theirs[known]
        found.append(
            ClaimDifference(
                question,
                float(mine.mean()) if len(mine) else None,
                float(theirs.mean()) if len(theirs) else None,
                monte_carlo_error(theirs.astype(np.float64) - mine, replicate[known]),
                int(((mine == FALSE) & (theirs == TRUE)).sum()),
                int(((mine == TRUE) & (theirs == FALSE)).sum()),
            )
        )
    return found


def _truths(
    run: StoredRun, questions: list[Question]
) -> tuple[dict[str, NDArray[np.int8]], NDArray[np.int64]]:
    """Return the answers of every draw, in order of the draws, and the randomisation of each."""
    parts: dict[str, list[NDArray[np.int8]]] = {question.id: [] for question in questions}
    replicate: list[NDArray[np.int64]] = []
    for table in run.iterate_draws(["replicate", *(CLAIM + name for name in parts)]):
        replicate.append(from_column(table["replicate"], 0).astype(np.int64))
        for name, found in parts.items():
            found.append(from_column(table[CLAIM + name], UNDETERMINED).astype(np.int8))
    return {name: np.concatenate(found) for name, found in parts.items()}, np.concatenate(replicate)
