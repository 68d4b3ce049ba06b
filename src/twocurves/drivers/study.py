"""What decides one outcome or claim, from a stored run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs.schema import Nature
from twocurves.drivers import given_data as given
from twocurves.drivers.additive import Additive, fit, own_effects
from twocurves.drivers.dummies import design_dummies
from twocurves.drivers.inputs import Input, draws_of, inputs_of, values_of
from twocurves.drivers.ranks import FloatArray, normal_scores, parts, ranks, standardised
from twocurves.drivers.surrogate import size_for, totals
from twocurves.drivers.target import Target, TargetValues, find_target, read_target
from twocurves.ensemble.results import StoredRun
from twocurves.randomness import stream_key

#: Levels of a 90% interval.
_LEVELS = (0.05, 0.95)

#: Inputs whose statistics beside the rank correlation have intervals too: those that matter most.
_WITH_INTERVALS = 24

#: Resamples of what is slower than a product of matrices.
_SLOW_RESAMPLES = 48

#: Rank correlation with an input that matters more, from which an input is said to move with it.
_TOGETHER = 0.3

#: Most draws for which PAWN is computed; of more, these are taken evenly.
_MOST_FOR_PAWN = 20_000

Interval = tuple[float, float]


@dataclass(frozen=True)
class Effect:
    """What one input does to a target.

    Attributes
    ----------
    input
        The input.
    effect, interval
        Rank correlation with what the other inputs leave of the target (see :mod:`.additive`), in standard
        deviations of the target, and the 90% interval of its bootstrap.
    rank
        Rank correlation with the target itself.
    pawn, first, total
        PAWN index; share of the variance alone; the same together with others (a lower bound, None where the
        polynomial does not hold the input).
    pawn_interval, first_interval
        90% intervals, where the input is among those that matter most.
    above_noise
        Whether its effect is beyond what a dummy reaches, or first order and PAWN of what the others leave
        both are.
    low_value, high_value
        Mean of the input in the lowest and in the highest tenth of its values.
    tenths
        Mean of the target in each tenth of the input's values (of a claim its probability), of an outcome
        the median; NaN where equal values leave a tenth empty.
    moves_with
        An input that matters more and moves with this one, if any.
    """

    input: Input
    effect: float
    interval: Interval
    rank: float
    pawn: float
    first: float
    total: float | None
    pawn_interval: Interval | None
    first_interval: Interval | None
    above_noise: bool
    low_value: float
    high_value: float
    tenths: tuple[float, ...]
    moves_with: str = ""


@dataclass(frozen=True, slots=True)
class Floors:
    """What a dummy reaches on what the inputs taken up leave: below these, an effect is said to be nothing.

    Attributes
    ----------
    rank
        Effect, in standard deviations of the target.
    first, pawn
        First order and PAWN of what is left. Each is the level that in 95% of the shuffles none of as many
        dummies as there are inputs reaches over, and that no dummy of the run's own design reaches over.
    """

    rank: float
    first: float
    pawn: float

    def scaled(self, left: float) -> Floors:
        """Return the floor of the effect in deviations of the target, of which this share is left."""
        return Floors(self.rank * left, self.first, self.pawn)

    def raised(self, other: Floors) -> Floors:
        """Return the higher of two floors, each statistic for itself."""
        return Floors(max(self.rank, other.rank), max(self.first, other.first), max(self.pawn, other.pawn))


@dataclass(frozen=True)
class Study:
    """What decides a target in a stored run.

    Attributes
    ----------
    run, target
        Where, and what.
    draws
        Draws in which the target is settled.
    level
        Probability of a claim, median of an outcome.
    floors
        What a dummy reaches.
    effects
        Of all inputs that differ between draws, those that matter most first.
    explained
        Share of the variance that the polynomial behind the totals accounts for.
    inputs
        Values of the inputs in the order of ``effects``, those above the floor only, ``(draws, inputs)``.
    values
        The target in the same draws.
    """

    run: StoredRun
    target: Target
    draws: int
    level: float
    floors: Floors
    effects: tuple[Effect, ...]
    explained: float
    inputs: FloatArray
    values: FloatArray

    @property
    def above(self) -> tuple[Effect, ...]:
        """The effects above the floor, those that matter most first."""
        return tuple(effect for effect in self.effects if effect.above_noise)

    def of(self, nature: Nature) -> tuple[Effect, ...]:
        """Return the effects of beliefs, or of choices."""
        return tuple(effect for effect in self.effects if effect.input.nature == nature)


def study(run: StoredRun, target: Target | str) -> Study:
    """Find what decides a target, from the draws of a stored run alone.

    Parameters
    ----------
    target
        What :func:`twocurves.drivers.target.find_target` understands.

    Raises
    ------
    BadInputError
        There is no such target, it does not differ between draws, or there are too few of them.
    """
    asked = find_target(run, target) if isinstance(target, str) else target
    drawn = draws_of(run)
    read = read_target(run, asked)
    inputs = inputs_of(run)
    values = values_of(run, [one.name for one in inputs])[read.known]
    dummies = design_dummies([one.name for one in inputs], run.plan.seed, drawn.index[read.known])
    return study_of(run, asked, read, inputs, values, dummies)


def study_of(
    run: StoredRun,
    target: Target,
    read: TargetValues,
    inputs: Sequence[Input],
    values: FloatArray,
    dummies: FloatArray,
) -> Study:
    """Find what decides a target, from arrays; see :func:`study`.

    Parameters
    ----------
    read
        The target in the draws.
    inputs, values
        Inputs and their values in the draws in which the target is settled, ``(known, inputs)``.
    dummies
        Values of inputs that do nothing, drawn as the real ones, ``(known, dummies)``; may be none.
    """
    differs = np.flatnonzero(values.min(axis=0) < values.max(axis=0))
    inputs, values = [inputs[place] for place in differs.tolist()], values[:, differs]
    count = len(values)
    rng = np.random.default_rng(stream_key(run.plan.seed, f"drivers/{target.name}"))
    ranked = ranks(values)
    scores = standardised(ranked)
    outcome = standardised(ranks(read.values))
    shown = standardised(read.values) if target.is_claim else outcome
    number = given.number_of_parts(count)
    codes = parts(ranked, number)
    rank = given.rank_correlations(scores, outcome[:, None])[:, 0]
    first = given.first_order(codes, number, shown[:, None])[:, 0]
    some = _evenly(count, _MOST_FOR_PAWN)
    tenths = parts(ranked, given.TENTHS)
    pawn = given.pawn(tenths[some], read.values[some])
    seen = _Seen(scores, codes, number, tenths[some])
    made_up = _Seen.of(dummies, number, some)
    chance = given.floor_of(given.rank_correlations(scores, given.shuffled(shown, rng)))
    (sums,) = fit(scores, codes, number, shown[:, None], made_up.scores, chance)
    own = own_effects([sums], scores)[:, 0]
    left = standardised(sums.left)
    floors = _floors(seen, made_up, left, left[some], rng).scaled(float(sums.left.std()))
    taken = np.zeros(len(inputs), dtype=np.bool_)
    taken[list(sums.places)] = True
    above = np.where(
        taken, np.abs(own) > floors.rank, _shows(seen, left, left[some], floors, sums.left.std())
    )
    order = np.argsort(-np.where(above, 2.0, 0.0) - np.maximum(np.abs(own), _root(first)), kind="stable")
    weights = given.bootstrap_weights(count, rng)
    intervals = _own_intervals(scores, sums, weights)
    top = order[:_WITH_INTERVALS]
    first_intervals = _first_intervals(codes[:, top], number, shown, weights[:, :_SLOW_RESAMPLES])
    pawn_intervals = _pawn_intervals(tenths[some][:, top], read.values[some], rng)
    wide, paired = size_for(count, len(inputs))
    polynomial = totals(normal_scores(ranked[:, order[:wide]]), order[:wide], paired, shown)
    total = dict(zip(polynomial.chosen.tolist(), polynomial.totals.tolist(), strict=True))
    by_tenth = _by_tenth(tenths[:, order], read.values, target)
    effects = []
    for position, place in enumerate(order.tolist()):
        low, high = _ends(values[:, place])
        is_top = position < len(top)
        effects.append(
            Effect(
                input=inputs[place],
                effect=float(own[place]),
                interval=_pair(intervals[place]),
                rank=float(rank[place]),
                pawn=float(pawn[place]),
                first=float(first[place]),
                total=total.get(place),
                pawn_interval=_pair(pawn_intervals[position]) if is_top else None,
                first_interval=_pair(first_intervals[position]) if is_top else None,
                above_noise=bool(above[place]),
                low_value=low,
                high_value=high,
                tenths=tuple(by_tenth[position].tolist()),
                moves_with=_leader(scores, order[:position], place, inputs) if above[place] else "",
            )
        )
    kept = order[: int(above.sum())]
    return Study(
        run=run,
        target=target,
        draws=count,
        level=float(read.values.mean() if target.is_claim else np.median(read.values)),
        floors=floors,
        effects=tuple(effects),
        explained=polynomial.explained,
        inputs=values[:, kept],
        values=read.values,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """Inputs as the statistics take them: ranks standardised, parts of their range, tenths of some draws."""

    scores: FloatArray
    codes: given.Codes
    number: int
    tenths: given.Codes

    @classmethod
    def of(cls, values: FloatArray, number: int, some: slice) -> _Seen:
        ranked = ranks(values)
        return cls(standardised(ranked), parts(ranked, number), number, parts(ranked, given.TENTHS)[some])

    def statistics(self, left: FloatArray, some: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return correlation (its size), first order and PAWN of each input with what is left."""
        return (
            np.abs(given.rank_correlations(self.scores, left[:, None])[:, 0]),
            given.first_order(self.codes, self.number, left[:, None])[:, 0],
            given.pawn(self.tenths, some),
        )


def _floors(
    seen: _Seen, made_up: _Seen, left: FloatArray, some: FloatArray, rng: np.random.Generator
) -> Floors:
    """Return what dummies reach: the inputs with what is left shuffled, and those of the run's own design."""
    shuffles = given.shuffled(left, rng)
    few = shuffles[:, : given.SHUFFLES // 4]
    found = Floors(
        given.floor_of(given.rank_correlations(seen.scores, shuffles)),
        given.floor_of(np.maximum(given.first_order(seen.codes, seen.number, few), 0.0)),
        given.pawn_floor(seen.tenths, some, rng),
    )
    if not made_up.scores.shape[1]:
        return found
    reached = made_up.statistics(left, some)
    return found.raised(Floors(*(float(one.max()) for one in reached)))


def _shows(
    seen: _Seen, left: FloatArray, some: FloatArray, floors: Floors, scale: float
) -> NDArray[np.bool_]:
    """Return which inputs do something to what is left: those too that rise and fall again."""
    one, two, three = seen.statistics(left, some)
    return np.asarray((one * scale > floors.rank) | ((two > floors.first) & (three > floors.pawn)))


def _own_intervals(scores: FloatArray, sums: Additive, weights: FloatArray) -> FloatArray:
    """Return 90% intervals of the effects of one's own, ``(inputs, 2)``, the fit held as it is."""
    found = given.weighted_rank_correlations(scores, sums.left, weights) * sums.left.std()
    for position, place in enumerate(sums.places):
        without = sums.without(position)
        resampled = given.weighted_rank_correlations(scores[:, [place]], without, weights)
        found[place] = resampled[0] * without.std()
    return np.asarray(np.quantile(found, _LEVELS, axis=1).T, dtype=np.float64)


def _root(share: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(share, 0.0))


def _pair(of: FloatArray) -> Interval:
    return float(of[0]), float(of[1])


def _evenly(count: int, most: int) -> slice:
    """Return every so many draws, so that there are at most so many."""
    return slice(None, None, -(-count // most) | 1)  # odd, so that all randomisations are in it


def _ends(values: FloatArray) -> Interval:
    """Return the means of the lowest and of the highest tenth."""
    held = max(1, len(values) // given.TENTHS)
    ordered = np.partition(values, [held - 1, len(values) - held])
    return float(ordered[:held].mean()), float(ordered[-held:].mean())


def _first_intervals(codes: given.Codes, number: int, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    """Return 90% intervals of the first order, ``(inputs, 2)``.

    A resample repeats draws, which adds as much between parts as chance did in the sample itself: the basic
    (reflected) interval takes that out again.
    """
    found = given.first_order(codes, number, np.repeat(outcome[:, None], weights.shape[1], 1), weights)
    point = given.first_order(codes, number, outcome[:, None])
    low, high = np.quantile(found - found.mean(axis=1, keepdims=True), _LEVELS, axis=1)
    return np.stack([point[:, 0] + low, point[:, 0] + high], axis=1)


def _pawn_intervals(codes: given.Codes, outcome: FloatArray, rng: np.random.Generator) -> FloatArray:
    count = len(outcome)
    found = []
    for _ in range(_SLOW_RESAMPLES if count <= _MOST_FOR_PAWN // 2 else _SLOW_RESAMPLES // 4):
        drawn = rng.integers(0, count, count)
        found.append(given.pawn(codes[drawn], outcome[drawn]))
    return np.quantile(np.stack(found), _LEVELS, axis=0).T


def _by_tenth(codes: given.Codes, values: FloatArray, target: Target) -> FloatArray:
    """Return the target in each tenth of each input: mean of a claim, median of an outcome."""
    if target.is_claim:
        means, counts = given.conditional_means(codes, given.TENTHS, values[:, None])
        return np.where(counts > 0, means, np.nan)[:, :, 0]
    found = np.full((codes.shape[1], given.TENTHS), np.nan)
    for place in range(codes.shape[1]):
        order = np.argsort(codes[:, place], kind="stable")
        bounds = np.searchsorted(codes[order, place], np.arange(given.TENTHS + 1))
        for tenth in range(given.TENTHS):
            inside = values[order[bounds[tenth] : bounds[tenth + 1]]]
            if len(inside):
                found[place, tenth] = np.median(inside)
    return found


def _leader(scores: FloatArray, before: NDArray[np.intp], place: int, inputs: Sequence[Input]) -> str:
    """Return the input that matters more and that this one moves with most, if any."""
    if not len(before):
        return ""
    moved = scores[:, before].T @ scores[:, place] / len(scores)
    most = int(np.argmax(np.abs(moved)))
    return inputs[int(before[most])].name if abs(moved[most]) >= _TOGETHER else ""
