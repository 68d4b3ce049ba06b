"""What is asked about: a claim's question, or an outcome in a month; found by name, read draw by draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twocurves.charts.number_text import say
from twocurves.claims import Question, load_ledger
from twocurves.claims.compiling import UNDETERMINED
from twocurves.drivers.ranks import FloatArray
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.columns import columns, unit_of
from twocurves.ensemble.key_numbers import dates_kept
from twocurves.ensemble.outcome_table import Outcome, outcome_table
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import CLAIM
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month

#: Fewest draws on either side of a claim: below, its drivers are those of a handful of draws.
FEWEST_ON_A_SIDE = 10


@dataclass(frozen=True)
class Target:
    """A claim's question or an outcome in a month.

    Attributes
    ----------
    name
        As it is asked for: ``C10.rent_2035``, ``net_revenue_open@2035-12``.
    sentence
        What it says, for a person.
    unit
        Unit of its figures; ``1`` of a claim.
    question
        The claim's question; None of an outcome.
    column, month
        Column of the paths and month of an outcome.
    outcome
        How its figures are written, where the table of outcomes says so.
    """

    name: str
    sentence: str
    unit: str = "1"
    question: Question | None = None
    column: str = ""
    month: Month | None = None
    outcome: Outcome | None = None

    @property
    def is_claim(self) -> bool:
        """Whether it is true or false in a draw, not a figure."""
        return self.month is None

    @cached_property
    def measure(self) -> str:
        """The measure of an outcome, without its entity."""
        return self.column.partition(".")[0]

    def say(self, value: float) -> str:
        """Write one of its figures; of a claim a probability."""
        if self.is_claim:
            return f"{100 * value:.0f}%"
        if self.outcome is None:
            return say(value, "{}" if self.unit == "1" else f"{{}} {self.unit}", 2)
        if self.outcome.style == "share":
            return f"{100 * value * self.outcome.times:.0f}%".replace("-", "−")
        return say(value * self.outcome.times, self.outcome.style, self.outcome.digits)


@dataclass(frozen=True, slots=True)
class TargetValues:
    """A target in the draws that came through.

    Attributes
    ----------
    values
        Figures of the draws in which it is settled, of a claim 1 and 0; shape ``(known,)``.
    known
        Whether it is settled, shape ``(draws,)``.
    """

    values: FloatArray
    known: NDArray[np.bool_]


def find_target(run: StoredRun, given: str) -> Target:
    """Find what a person asks about.

    Parameters
    ----------
    given
        A claim (``C10``: its headline question), a question, an outcome (in the last month of the table of
        outcomes that the run keeps), or ``measure@2030-12``.

    Raises
    ------
    BadInputError
        There is none of this name in the run; the nearest is suggested.
    """
    asked = given.strip()
    name, at, when = asked.partition("@")
    question = None if at else _question(asked)
    if question is not None:
        if question.id not in run.manifest.description.claims:
            raise BadInputError(
                f"{run.name} does not answer {question.id}: it ends in {run.months[-1]}.",
                field="target",
                given=given,
                allowed="a question that the run answers",
            )
        return Target(question.id, question.sentence, question=question)
    kept = {column.name for column in run.layout.columns}
    if name not in kept:
        raise _unfound(run, name, given)
    month = Month.parse(when, "target") if at else dates_kept(run)[-1]
    if month not in run.months:
        raise BadInputError(
            f"{run.name} keeps no figures of {month}; it keeps {len(run.months)} months from "
            f"{run.months[0]} to {run.months[-1]}.",
            field="target",
            given=given,
            allowed=[str(one) for one in run.months],
        )
    info = next(one for one in run.measures if one.name == name.partition(".")[0])
    outcome = next((one for one in outcome_table().outcome if one.name == name), None)
    entity = name.partition(".")[2]
    title = outcome.title if outcome is not None else info.meaning + (f" ({entity})" if entity else "")
    return Target(
        f"{name}@{month}",
        f"{title} in {month}",
        unit_of(run, name),
        column=name,
        month=month,
        outcome=outcome,
    )


def read_target(run: StoredRun, target: Target) -> TargetValues:
    """Read a target draw by draw, and refuse one of which nothing can be said.

    Raises
    ------
    BadInputError
        It is the same in all draws, or a claim is true (or false) in too few.
    """
    if target.is_claim:
        found = _truths(run, target.name)
        known = found != UNDETERMINED
    else:
        if target.month is None:  # an outcome has one; said for the type checker's sake
            raise ValueError(target.name)
        found = columns(run, [target.column], [target.month])[1][target.column][:, 0].astype(np.float64)
        known = np.isfinite(found)
    values = found[known].astype(np.float64)
    refuse_constant(target, values)
    return TargetValues(values, known)


def refuse_constant(target: Target, values: FloatArray) -> None:
    """Refuse a target that hardly differs between draws.

    Raises
    ------
    BadInputError
        It is the same in all draws, or a claim is true (or false) in too few.
    """
    count = len(values)
    if count == 0:
        raise BadInputError(
            f"{target.name} has no figure in any future, so nothing decides it.",
            field="target",
            given=target.name,
            allowed="an outcome that differs between futures",
        )
    if values.min() == values.max():
        same = ("true in all" if values[0] else "true in none") if target.is_claim else "the same in all"
        raise BadInputError(
            f"{target.name} is {same} of {count:,} futures, so nothing that was drawn decides it"
            + ("; more futures may hold the other case." if target.is_claim else "."),
            field="target",
            given=target.name,
            allowed="a claim that is true in some futures" if target.is_claim else "one that differs",
        )
    rare = int(min(values.sum(), count - values.sum())) if target.is_claim else FEWEST_ON_A_SIDE
    if rare < FEWEST_ON_A_SIDE:
        side = "true" if values.mean() < 0.5 else "false"
        raise BadInputError(
            f"{target.name} is {side} in {rare} of {count:,} futures only; what decides it takes "
            f"{FEWEST_ON_A_SIDE} or more: make a run with more draws.",
            field="target",
            given=target.name,
            allowed=f"{FEWEST_ON_A_SIDE} futures on either side",
        )


def _question(given: str) -> Question | None:
    """Return a question by its id, or a claim's headline question, in letters of any case."""
    ledger = load_ledger()
    by_id = {question.id.lower(): question for question in ledger}
    headlines = {question.claim.id.lower(): question for question in ledger.headlines}
    return by_id.get(given.lower()) or headlines.get(given.lower())


def _unfound(run: StoredRun, name: str, given: str) -> BadInputError:
    along = [column.name for column in run.layout.columns if column.name.startswith(f"{name}.")]
    if along:
        return BadInputError(
            f"{name} has a figure for each {name_of_axes(run, name)}; name one, for example {along[0]}.",
            field="target",
            given=given,
            allowed=along,
            suggestion=along[0],
        )
    ledger = load_ledger()
    names = [column.name for column in run.layout.columns]
    names += [claim.id for claim in ledger.claims] + [question.id for question in ledger]
    return unknown("outcome or claim", name, names, field="target")


def name_of_axes(run: StoredRun, measure: str) -> str:
    """Return along what a measure runs, in words."""
    (info,) = (info for info in run.measures if info.name == measure)
    return " and ".join(info.axes)


def _truths(run: StoredRun, name: str) -> NDArray[np.int8]:
    parts = [np.empty(0, dtype=np.int8)]
    for table in run.iterate_draws(["ok", CLAIM + name]):
        ok = np.asarray(from_column(table["ok"]), dtype=np.bool_)
        parts.append(from_column(table[CLAIM + name], UNDETERMINED).astype(np.int8)[ok])
    return np.concatenate(parts)
