"""All claims against all inputs at once: which belief and which choice decides each.

The inputs are read a few columns at a time, so that memory does not grow with inputs times draws. Rank
correlations are over all draws; what is fitted takes eight thousand of them at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs.schema import Nature
from twocurves.claims.compiling import UNDETERMINED
from twocurves.drivers import given_data as given
from twocurves.drivers.additive import fit, own_effects, reached
from twocurves.drivers.dummies import design_dummies
from twocurves.drivers.inputs import Input, draws_of, inputs_of, values_of
from twocurves.drivers.ranks import FloatArray, normal_scores, parts, ranks, standardised
from twocurves.drivers.surrogate import size_for, totals
from twocurves.drivers.target import FEWEST_ON_A_SIDE
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import CLAIM
from twocurves.randomness import stream_key

#: Inputs read at a time.
_AT_ONCE = 64

#: Draws from which effects of one's own and total effects are found, at most.
_MOST_FITTED = 8_192

#: Inputs whose effect is taken out before the others' are measured, at most.
_TAKEN = 6

#: Inputs in the polynomial of a claim, and of these in pairs: fewer than where one target is looked at alone.
_WIDTH, _PAIRED = 12, 6

#: Shuffles for the floor.
_SHUFFLES = 200

#: Dummies of the run's own design: as many as inputs would be dear with very many draws.
_DUMMIES = 192


@dataclass(frozen=True)
class Decider:
    """The input that decides a claim.

    Attributes
    ----------
    input
        The input.
    effect
        Its rank correlation with what the other inputs leave of the claim.
    total
        Share of the variance that is lost without it, a lower bound.
    """

    input: Input
    effect: float
    total: float


@dataclass(frozen=True)
class ClaimsTable:
    """All claims against all inputs.

    Attributes
    ----------
    inputs
        What differs between draws, in order of declaration.
    claims
        Ids of the questions of which something can be said.
    rank
        Rank correlations, shape ``(inputs, claims)``.
    effect
        Rank correlations with what the strongest other inputs leave (:mod:`.additive`), the same shape.
    total
        Total effects, NaN where an input is not among those that matter for a claim; the same shape.
    explained
        Share of each claim's variance that the polynomial behind the totals accounts for, ``(claims,)``.
    floor
        Effect that a dummy reaches, ``(claims,)``.
    skipped
        Other questions, and why nothing can be said of them.
    draws
        Draws that came through.
    """

    inputs: tuple[Input, ...]
    claims: tuple[str, ...]
    rank: FloatArray
    effect: FloatArray
    total: FloatArray
    explained: FloatArray
    floor: FloatArray
    skipped: Mapping[str, str]
    draws: int

    def deciders(self, claim: str, nature: Nature | None = None, most: int = 5) -> tuple[Decider, ...]:
        """Return the inputs that decide a claim, the strongest first, none below the floor.

        Parameters
        ----------
        nature
            Only beliefs, or only choices; both when left out.
        most
            How many, at most.
        """
        place = self.claims.index(claim)
        found: list[Decider] = []
        for one in np.argsort(-np.abs(self.effect[:, place]), kind="stable").tolist():
            if abs(self.effect[one, place]) <= self.floor[place] or len(found) == most:
                break
            if nature in (None, self.inputs[one].nature):
                found.append(
                    Decider(self.inputs[one], float(self.effect[one, place]), float(self.total[one, place]))
                )
        return tuple(found)


@dataclass(frozen=True)
class _Answers:
    """The claims' answers: those of which something can be said, draw by draw."""

    ids: tuple[str, ...]
    truths: NDArray[np.int8]
    skipped: dict[str, str]

    def groups(self) -> Iterator[tuple[NDArray[np.bool_], list[int]]]:
        """Yield the claims that are settled in the same draws, and those draws."""
        known = self.truths != UNDETERMINED
        masks, which = np.unique(known, axis=1, return_inverse=True)
        for number in range(masks.shape[1]):
            yield masks[:, number], np.flatnonzero(which.ravel() == number).tolist()


def claims_table(run: StoredRun) -> ClaimsTable:
    """Find what decides every claim of a stored run.

    Raises
    ------
    BadInputError
        The run has too few draws.
    """
    drawn = draws_of(run)
    answers = _answers(run)
    everything = inputs_of(run)
    rng = np.random.default_rng(stream_key(run.plan.seed, "drivers/claims"))
    groups = list(answers.groups()) if answers.ids else []
    outcomes = [
        standardised(ranks(answers.truths[known][:, members].astype(np.float64))).astype(np.float32)
        for known, members in groups
    ]
    some = slice(None, None, -(-drawn.count // _MOST_FITTED) | 1)  # odd, so that all randomisations are in it
    inputs: list[Input] = []
    rank: list[FloatArray] = []
    normal: list[NDArray[np.float32]] = []
    for begin in range(0, len(everything), _AT_ONCE):
        block = everything[begin : begin + _AT_ONCE]
        values = values_of(run, [one.name for one in block])
        differs = values.min(axis=0) < values.max(axis=0)
        inputs += [one for one, moves in zip(block, differs, strict=True) if moves]
        ranked = ranks(values[:, differs])
        found = np.zeros((ranked.shape[1], len(answers.ids)))
        for (known, members), outcome in zip(groups, outcomes, strict=True):
            columns = standardised(ranked if known.all() else ranked[known]).astype(np.float32)
            found[:, members] = given.rank_correlations(columns, outcome)
        rank.append(found)
        normal.append(normal_scores(ranked)[some].astype(np.float32))
    dummies = design_dummies([one.name for one in inputs], run.plan.seed, drawn.index[some], _DUMMIES)
    effect, floor, total, explained = _effects(np.concatenate(normal, axis=1), some, answers, dummies, rng)
    return ClaimsTable(
        inputs=tuple(inputs),
        claims=answers.ids,
        rank=np.concatenate(rank) if rank else np.empty((0, len(answers.ids))),
        effect=effect,
        total=total,
        explained=explained,
        floor=floor,
        skipped=answers.skipped,
        draws=drawn.count,
    )


def _effects(
    normal: NDArray[np.float32],
    some: slice,
    answers: _Answers,
    dummies: FloatArray,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return effects, floors, totals and what they explain, claim by claim."""
    shape = (normal.shape[1], len(answers.ids))
    effect, total = np.zeros(shape), np.full(shape, np.nan)
    floor, explained = np.zeros(shape[1]), np.zeros(shape[1])
    number = given.TENTHS
    for known, members in answers.groups():
        mine = known[some]
        held = normal if mine.all() else normal[mine]
        ranked = ranks(held)
        scores, codes = standardised(ranked).astype(np.float32), parts(ranked, number)
        made_up = standardised(ranks(dummies[mine])).astype(np.float32)
        truths = answers.truths[some][mine][:, members]
        shuffles = given.shuffled(standardised(rng.normal(size=len(held))), rng, _SHUFFLES)
        chance = given.floor_of(given.rank_correlations(scores, shuffles.astype(np.float32)))
        outcomes = standardised(truths.astype(np.float64))
        codes = np.asfortranarray(codes)  # columns are looked up one at a time
        fitted = fit(scores, codes, number, outcomes, made_up, chance, _TAKEN)
        effect[:, members], beyond = own_effects(fitted, scores), reached(fitted, made_up)
        for position, (place, sums) in enumerate(zip(members, fitted, strict=True)):
            outcome = outcomes[:, position]
            own = effect[:, place]
            floor[place] = max(chance * float(sums.left.std()), float(beyond[position]))
            wide, paired = size_for(len(outcome), shape[0], _WIDTH, _PAIRED)
            chosen = np.argsort(-np.abs(own), kind="stable")[:wide]
            polynomial = totals(held[:, chosen].astype(np.float64), chosen, paired, outcome)
            total[chosen, place] = polynomial.totals
            explained[place] = polynomial.explained
    return effect, floor, total, explained


def _answers(run: StoredRun) -> _Answers:
    """Read all answers in the draws that came through, and leave out claims that hardly differ."""
    ids = run.manifest.description.claims
    blocks = [np.empty((0, len(ids)), dtype=np.int8)]
    for table in run.iterate_draws(["ok", *(CLAIM + name for name in ids)]):
        ok = np.asarray(from_column(table["ok"]), dtype=np.bool_)
        block = np.empty((len(ok), len(ids)), dtype=np.int8)
        for place, name in enumerate(ids):
            block[:, place] = from_column(table[CLAIM + name], UNDETERMINED)
        blocks.append(block[ok])
    truths = np.concatenate(blocks)
    true, false = (truths == 1).sum(axis=0), (truths == 0).sum(axis=0)
    kept, skipped = [], {}
    for place, name in enumerate(ids):
        rare = min(int(true[place]), int(false[place]))
        if rare >= FEWEST_ON_A_SIDE:
            kept.append(place)
        else:
            settled = int(true[place] + false[place])
            side, other = ("true", "false") if true[place] < false[place] else ("false", "true")
            skipped[name] = (
                f"{side} in {rare} of {settled:,} futures" if rare else f"{other} in all {settled:,} futures"
            )
    return _Answers(tuple(ids[place] for place in kept), truths[:, kept], skipped)
