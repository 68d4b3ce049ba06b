"""What would change the answer: the smallest move of one input, or two, that takes a claim across 50%.

A *move* fixes an input at one value in every future and leaves all others as they were drawn, which is what
``--set name=value`` does. Its size is the number of standard deviations from the middle of what was drawn, on
the scale on which draws are normal; two moves together have the size of the hypotenuse.

The stored draws say what a move would do as far as a smooth curve through them does (a probit in the moved
inputs): the best are candidates. When asked to, each is then tried out: the draws are computed again with the
move, on the same shocks, and its size is found by bisection between the middle and twice the candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from twocurves.beliefs import load_beliefs
from twocurves.beliefs.changes import changed_distribution
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.distributions import Distribution
from twocurves.beliefs.settings import NO_SETTINGS, Settings
from twocurves.charts.number_text import say
from twocurves.drivers.inputs import Input
from twocurves.drivers.probit import chance, probit
from twocurves.drivers.ranks import FloatArray, normal_scores, ranks
from twocurves.drivers.replay import Replay
from twocurves.drivers.study import Study
from twocurves.ensemble.economy_simulator import settings_of

#: Inputs looked at alone, and of these in pairs: those that matter most.
_ALONE, _PAIRED = 24, 8

#: How far a move may go, in standard deviations.
_FARTHEST = 4.0

#: Levels of the prior between which a move counts as inside it.
INSIDE = (0.01, 0.99)

_DIRECTIONS = 72
_RADII = 81

#: Steps of bisection on the economy; each computes all draws once.
_STEPS = 5

#: Distance of a probability from one half that is close enough.
_CLOSE = 0.01


@dataclass(frozen=True)
class Move:
    """An input fixed at a value.

    Attributes
    ----------
    input
        The input.
    value
        Where it is fixed, in its unit.
    score
        The same in standard deviations from the middle of what was drawn.
    percentile
        Share of the prior below the value; None where the prior has no say.
    """

    input: Input
    value: float
    score: float
    percentile: float | None

    @property
    def inside(self) -> bool:
        """Whether the value lies inside the prior."""
        if self.percentile is None:
            return abs(self.score) <= float(ndtri(INSIDE[1]))
        return INSIDE[0] <= self.percentile <= INSIDE[1]

    @property
    def words(self) -> str:
        """The move as a phrase."""
        unit = "" if self.input.unit in ("1", "share") else f" {self.input.unit}"
        return f"{self.input.name} at {say(self.value)}{unit}"

    def as_record(self) -> dict[str, Any]:
        """Return the move as ``--json`` prints it."""
        return {
            "name": self.input.name,
            "nature": self.input.nature,
            "value": self.value,
            "unit": self.input.unit,
            "percentile": self.percentile,
            "inside_prior": self.inside,
        }


@dataclass(frozen=True)
class Flip:
    """A move, or two, that takes a claim to even odds.

    Attributes
    ----------
    moves
        One or two.
    size
        In standard deviations.
    expected
        Probability with the moves, by the curve through the stored draws.
    tried, tried_draws
        Probability when the draws were computed again, and in how many; None where that was not asked for.
    """

    moves: tuple[Move, ...]
    size: float
    expected: float
    tried: float | None = None
    tried_draws: int | None = None

    @property
    def inside(self) -> bool:
        """Whether all its moves lie inside the prior."""
        return all(move.inside for move in self.moves)

    def as_record(self) -> dict[str, Any]:
        """Return the flip as ``--json`` prints it."""
        return {
            "moves": [move.as_record() for move in self.moves],
            "size": self.size,
            "probability_expected": self.expected,
            "probability_tried": self.tried,
            "tried_draws": self.tried_draws,
            "inside_prior": self.inside,
        }


@dataclass(frozen=True)
class Flips:
    """What would change the answer to a claim.

    Attributes
    ----------
    probability
        The claim's, as it stands.
    single, pair
        The smallest of each; None where there is none within four standard deviations.
    nearest
        Where no single move does: the move that comes nearest within the prior, and the probability there.
    """

    probability: float
    single: Flip | None
    pair: Flip | None
    nearest: Flip | None = None

    def as_records(self) -> list[dict[str, Any]]:
        """Return what was found as ``--json`` prints it."""
        return [
            {"kind": kind, **flip.as_record()}
            for kind, flip in (("single", self.single), ("pair", self.pair), ("nearest", self.nearest))
            if flip is not None
        ]


def flips(study: Study) -> Flips:
    """Find the smallest moves from the stored draws alone.

    Parameters
    ----------
    study
        Of a claim; its inputs above the floor are looked at.

    Raises
    ------
    ValueError
        The study is of an outcome.
    """
    if not study.target.is_claim:
        raise ValueError("an outcome is not true or false, so nothing takes it across even odds")
    inputs = [effect.input for effect in study.above][:_ALONE]
    values = study.inputs[:, : len(inputs)]
    if not inputs:
        return Flips(study.level, None, None)
    scores = normal_scores(ranks(values))
    scale = _Scale(study, values)
    alone = [(place,) for place in range(len(inputs))]
    single, pair = (
        _best(scores, study.values, inputs, places, scale)
        for places in (alone, combinations(range(min(_PAIRED, len(inputs))), 2))
    )
    nearest = None if single is not None and single.inside else _nearest(scores, study.values, inputs, scale)
    return Flips(study.level, single, pair, nearest)


def tried(found: Flips, study: Study, replay: Replay, progress: Callable[[str], None] | None = None) -> Flips:
    """Try moves out: compute the draws again with them, and find their size by bisection.

    Parameters
    ----------
    found
        What :func:`flips` has found.
    replay
        The draws that are computed again; a probability of them has an error of its own.
    progress
        Told what is being tried.

    Returns
    -------
    Flips
        The same with sizes found and probabilities computed; a flip that does not come true within four
        standard deviations keeps its size and says what probability it reached.
    """
    single, pair = (
        None if flip is None else _tried(flip, study, replay, progress) for flip in (found.single, found.pair)
    )
    return Flips(found.probability, single, pair, found.nearest)


def _tried(flip: Flip, study: Study, replay: Replay, progress: Callable[[str], None] | None) -> Flip:
    scale = _Scale(study, study.inputs)
    places = [[effect.input.name for effect in study.above].index(move.input.name) for move in flip.moves]
    direction = np.array([move.score for move in flip.moves]) / flip.size
    names = [move.input.name for move in flip.moves]

    def probability(size: float) -> tuple[float, int]:
        if progress is not None:
            progress(" and ".join(names))
        moves = {
            name: scale.value(place, size * part)
            for name, place, part in zip(names, places, direction, strict=True)
        }
        truth = replay.run([study.target], moves)[:, 0]
        truth = truth[np.isfinite(truth)]
        return (float(truth.mean()) if len(truth) else float("nan")), len(truth)

    low, high = 0.0, min(2.0 * flip.size, _FARTHEST)
    size = flip.size
    came, count = probability(size)
    best = (size, came, count)
    for _ in range(_STEPS):
        if abs(came - 0.5) <= _CLOSE or not np.isfinite(came):
            break
        if (came < 0.5) == (study.level < 0.5):
            low = size
        else:
            high = size
        size = (low + high) / 2.0
        came, count = probability(size)
        if abs(came - 0.5) < abs(best[1] - 0.5):
            best = (size, came, count)
    size, came, count = best
    moves = [
        scale.move(study.above[place].input, place, float(size * part))
        for place, part in zip(places, direction, strict=True)
    ]
    return replace(flip, moves=tuple(moves), size=size, tried=came, tried_draws=count)


class _Scale:
    """Between a value of an input and its distance from the middle of what was drawn."""

    def __init__(self, study: Study, values: FloatArray) -> None:
        self._ordered = np.sort(values, axis=0)
        self._levels = normal_scores(np.arange(1.0, len(values) + 1.0))
        beliefs = load_beliefs()
        settings = NO_SETTINGS
        if study.run.plan.settings:
            settings = settings_of(beliefs, study.run.plan)
        self._distributions = [
            _distribution(beliefs, settings, effect.input.name) for effect in study.above[: values.shape[1]]
        ]
        self._from_prior = study.run.plan.beliefs_from == "prior"

    def value(self, place: int, score: float) -> float:
        """Return the value at a score; beyond what was drawn the prior says, or the slope at the end."""
        ordered, levels = self._ordered[:, place], self._levels
        if levels[0] <= score <= levels[-1]:
            return float(np.interp(score, levels, ordered))
        distribution = self._distributions[place]
        if distribution is not None and self._from_prior:
            return float(distribution.quantile(np.array([ndtr(score)]))[0])
        end, inner = (-1, -max(2, len(ordered) // 20)) if score > 0 else (0, max(1, len(ordered) // 20))
        slope = (ordered[end] - ordered[inner]) / (levels[end] - levels[inner])
        beyond = float(ordered[end] + slope * (score - levels[end]))
        return beyond if distribution is None else float(np.clip(beyond, *distribution.support))

    def move(self, one: Input, place: int, score: float) -> Move:
        value = self.value(place, score)
        distribution = self._distributions[place]
        percentile = None if distribution is None else float(distribution.cdf(np.array([value]))[0])
        return Move(one, value, score, percentile)

    def flip(
        self, inputs: Sequence[Input], places: Sequence[int], scores: FloatArray, expected: float
    ) -> Flip:
        moves = [
            self.move(inputs[place], place, float(score)) for place, score in zip(places, scores, strict=True)
        ]
        return Flip(tuple(moves), float(np.linalg.norm(scores)), expected)


def _distribution(beliefs: Beliefs, settings: Settings, name: str) -> Distribution | None:
    if name.partition(".")[0] not in beliefs.parameters:
        return None
    change = settings.change_of(name)
    if change is not None:
        return changed_distribution(beliefs, name, change)
    return beliefs.distributions.get(name)


def _terms(scores: FloatArray) -> FloatArray:
    """Return the terms of the curve: one, each score and its square, products of two."""
    ones = np.ones((len(scores), 1))
    parts = [ones, scores, scores**2 - 1.0]
    if scores.shape[1] == 2:
        parts.append(scores[:, :1] * scores[:, 1:])
    return np.concatenate(parts, axis=1)


def _smallest(scores: FloatArray, true: FloatArray) -> tuple[FloatArray, float] | None:
    """Return the smallest move across even odds by the curve through the draws, and the probability there."""
    coefficients = probit(_terms(scores), true)
    radii = np.linspace(0.0, _FARTHEST, _RADII)
    if scores.shape[1] == 1:
        ways = np.array([[1.0], [-1.0]])
    else:
        angles = np.linspace(0.0, 2.0 * np.pi, _DIRECTIONS, endpoint=False)
        ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    at = _terms((radii[:, None, None] * ways).reshape(-1, scores.shape[1])) @ coefficients
    at = at.reshape(len(radii), len(ways))
    across = np.sign(at) != np.sign(true.mean() - 0.5)
    across[0] = False
    first = np.where(across.any(axis=0), across.argmax(axis=0), len(radii))
    way = int(np.argmin(first))
    if first[way] == len(radii):
        return None
    low, high = radii[first[way] - 1], radii[first[way]]
    before, after = at[first[way] - 1, way], at[first[way], way]
    share = 1.0 if before == after else float(np.clip(-before / (after - before), 0.0, 1.0))
    moved = (low + share * (high - low)) * ways[way]
    return moved, float(chance(_terms(moved[None, :]), coefficients)[0])


def _best(
    scores: FloatArray,
    true: FloatArray,
    inputs: Sequence[Input],
    choices: Iterable[tuple[int, ...]],
    scale: _Scale,
) -> Flip | None:
    """Return the smallest move among some inputs, or pairs of them."""
    found = [
        scale.flip(inputs, places, *moved)
        for places in choices
        if (moved := _smallest(scores[:, list(places)], true)) is not None
    ]
    return min(found, key=lambda flip: flip.size, default=None)


def _nearest(scores: FloatArray, true: FloatArray, inputs: Sequence[Input], scale: _Scale) -> Flip | None:
    """Return the move within the prior that comes nearest to even odds."""
    ends = np.linspace(ndtri(2 * INSIDE[0]), -ndtri(2 * INSIDE[0]), _RADII)[:, None]
    found: tuple[float, int, float, float] | None = None
    for place in range(len(inputs)):
        coefficients = probit(_terms(scores[:, [place]]), true)
        reached = chance(_terms(ends), coefficients)
        most = int(np.argmin(np.abs(reached - 0.5)))
        distance = abs(float(reached[most]) - 0.5)
        if found is None or distance < found[0]:
            found = (distance, place, float(ends[most, 0]), float(reached[most]))
    if found is None:
        return None
    return scale.flip(inputs, (found[1],), np.array([found[2]]), found[3])
