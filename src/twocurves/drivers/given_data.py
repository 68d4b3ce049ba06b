"""What decides an outcome, from draws that are there already: no new simulation.

Inputs are columns of ranks and outcomes columns beside them, so that all claims and all beliefs are one
product of matrices. Four statistics, each with what it is blind to:

- *rank correlation* (Spearman 1904): direction and strength, blind to what rises and falls again;
- *first order* (Sobol 1993, by conditional means over equal parts): share of the variance that goes with one
  input alone, blind to what acts only together with others;
- *PAWN* (Pianosi and Wagener 2018): the largest distance between the distribution of the outcome in a part of
  the input's range and over all of it, the median over the parts; sees any change of the distribution;
- *total*, in :mod:`twocurves.drivers.surrogate`.

Finite numbers make each of them differ from zero for an input that does nothing. How much is found by
shuffling the outcome against the inputs: every input is then a dummy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtri

from twocurves.drivers.ranks import FloatArray

Codes = NDArray[np.int32]

#: Parts of an input's range for PAWN and for what a claim's probability is in each tenth.
TENTHS = 10

#: Draws in each part of an input's range, about, for conditional means.
_DRAWS_IN_A_PART = 64

#: Share of shuffles in which no dummy reaches over the floor.
FLOOR_LEVEL = 0.95

#: Shuffles from which the floor is found.
SHUFFLES = 200

#: Sets of dummies for the floor of PAWN, and fewest dummies in all.
_PAWN_SETS, _FEWEST_DUMMIES = 3, 200


def number_of_parts(draws: int) -> int:
    """Return into how many parts an input's range is cut for conditional means: ten, twenty or forty."""
    return TENTHS * int(np.clip(2 ** np.floor(np.log2(max(draws / _DRAWS_IN_A_PART / TENTHS, 1.0))), 1, 4))


def rank_correlations(inputs: NDArray[np.floating], outcomes: NDArray[np.floating]) -> FloatArray:
    """Return rank correlations of every input with every outcome, shape ``(inputs, outcomes)``.

    Parameters
    ----------
    inputs, outcomes
        Ranks, standardised: shapes ``(draws, inputs)`` and ``(draws, outcomes)``; single precision will do.
    """
    return (inputs.T @ outcomes).astype(np.float64) / len(inputs)


def members(codes: Codes, number: int) -> csr_array:
    """Return the matrix of who is in which part, shape ``(draws, inputs * number)``, ones and zeros.

    Parameters
    ----------
    codes
        Parts, shape ``(draws, inputs)``.
    number
        Of parts.
    """
    draws, inputs = codes.shape
    where = (codes + np.arange(inputs, dtype=np.int32) * number).ravel()
    begins = np.arange(draws + 1, dtype=np.int32) * inputs
    return csr_array((np.ones(draws * inputs), where, begins), shape=(draws, inputs * number))


def conditional_means(
    codes: Codes, number: int, outcomes: FloatArray, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return means of the outcomes in each part of each input's range.

    Parameters
    ----------
    codes
        Parts, shape ``(draws, inputs)``.
    number
        Of parts.
    outcomes
        Shape ``(draws, outcomes)``.
    weights
        Of the draws, shape ``(draws, outcomes)``; one each when left out.

    Returns
    -------
    means, counts
        Shapes ``(inputs, number, outcomes)``; the mean of an empty part is 0.
    """
    inputs = codes.shape[1]
    belongs = members(codes, number).T
    if weights is None:
        sums = belongs @ outcomes
        counts = np.broadcast_to(np.asarray(belongs.sum(axis=1)).reshape(-1, 1), sums.shape)
    else:
        sums, counts = belongs @ (outcomes * weights), belongs @ weights
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    shape = (inputs, number, outcomes.shape[1])
    return means.reshape(shape), np.asarray(counts, dtype=np.float64).reshape(shape)


def first_order(
    codes: Codes, number: int, outcomes: FloatArray, weights: FloatArray | None = None
) -> FloatArray:
    """Return the share of each outcome's variance that goes with one input alone, ``(inputs, outcomes)``.

    The variance of conditional means, less what pure chance would give it (the adjusted correlation ratio),
    so that an input that does nothing has zero on average and may come out a little below.

    Parameters
    ----------
    codes, number, outcomes, weights
        As for :func:`conditional_means`.
    """
    means, counts = conditional_means(codes, number, outcomes, weights)
    held = counts.sum(axis=1)
    middle = (means * counts).sum(axis=1) / held
    between = (counts * (means - middle[:, None]) ** 2).sum(axis=1)
    if weights is None:
        total = ((outcomes - outcomes.mean(axis=0)) ** 2).sum(axis=0)
    else:
        total = (weights * outcomes**2).sum(axis=0) - (weights * outcomes).sum(axis=0) ** 2 / weights.sum(0)
    degrees = (counts > 0).sum(axis=1) - 1.0
    within = np.maximum(total - between, 0.0) / np.maximum(held - degrees - 1.0, 1.0)
    share: FloatArray = np.divide(
        between - degrees * within, total, out=np.zeros_like(between), where=total > 0
    )
    return share


def pawn(codes: Codes, outcome: FloatArray, number: int = TENTHS) -> FloatArray:
    """Return the PAWN index of each input, shape ``(inputs,)``: the median Kolmogorov-Smirnov distance.

    Parameters
    ----------
    codes
        Parts, shape ``(draws, inputs)``.
    outcome
        Shape ``(draws,)``; of a claim, 1 and 0.
    number
        Of parts.
    """
    draws, inputs = codes.shape
    order = np.argsort(outcome, kind="stable")
    ordered = outcome[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), draws - 1)  # of each run of equal values
    whole = ((last + 1.0) / draws)[:, None]
    distances = np.full((number, inputs), np.nan)
    sorted_codes = codes[order].astype(np.int8)
    begins = np.append(0, last[:-1] + 1)
    for part in range(number):
        inside = sorted_codes == part
        if len(last) < draws // 4:  # a claim has two values: counting is quicker than adding up
            inside = np.add.reduceat(inside, begins, axis=0, dtype=np.int32)
        counted = np.cumsum(inside, axis=0, dtype=np.int32)
        held = counted[-1]
        there = held > 0
        reached = counted if len(counted) == len(last) else counted[last]
        below = reached[:, there] / held[there]
        distances[part, there] = np.abs(below - whole).max(axis=0)
    return np.asarray(np.nanmedian(distances, axis=0), dtype=np.float64)


def bootstrap_weights(draws: int, rng: np.random.Generator, most: int = 200) -> FloatArray:
    """Return how often each draw is in each of many resamples with replacement, ``(draws, resamples)``.

    There are fewer resamples of very many draws, of which each varies less.
    """
    number = int(np.clip((1 << 24) // draws, 60, most))
    drawn = rng.integers(0, draws, size=(number, draws))
    return np.stack([np.bincount(one, minlength=draws) for one in drawn], axis=1).astype(np.float64)


def weighted_rank_correlations(inputs: FloatArray, outcome: FloatArray, weights: FloatArray) -> FloatArray:
    """Return rank correlations in resamples, shape ``(inputs, resamples)``; ranks are those of all draws.

    Parameters
    ----------
    inputs, outcome
        Shapes ``(draws, inputs)`` and ``(draws,)``.
    weights
        From :func:`bootstrap_weights`.
    """
    held = weights.sum(axis=0)
    mean_in, mean_out = inputs.T @ weights / held, outcome @ weights / held
    product = inputs.T @ (weights * outcome[:, None]) / held - mean_in * mean_out
    of_in = (inputs**2).T @ weights / held - mean_in**2
    of_out = (outcome**2) @ weights / held - mean_out**2
    found: FloatArray = product / np.sqrt(np.maximum(of_in * of_out, 1e-300))
    return found


def shuffled(outcome: FloatArray, rng: np.random.Generator, number: int = SHUFFLES) -> FloatArray:
    """Return an outcome shuffled against the inputs many times, shape ``(draws, number)``."""
    return rng.permuted(np.repeat(outcome[:, None], number, axis=1), axis=0)


def floor_of(reached: FloatArray) -> float:
    """Return the level that in 95% of the shuffles no dummy reaches over.

    Parameters
    ----------
    reached
        A statistic of every input in every shuffle, shape ``(inputs, shuffles)``.
    """
    return float(np.quantile(np.abs(reached).max(axis=0), FLOOR_LEVEL))


def pawn_floor(codes: Codes, outcome: FloatArray, rng: np.random.Generator, number: int = TENTHS) -> float:
    """Return about the same level for PAWN: the most of some sets of dummies, or the normal tail beyond them.

    PAWN is a median of distances, near to normal among dummies, and too slow for hundreds of shuffles.
    """
    inputs = codes.shape[1]
    repeats = max(_PAWN_SETS, -(-_FEWEST_DUMMIES // inputs))
    reached = np.concatenate([pawn(codes, rng.permutation(outcome), number) for _ in range(repeats)])
    beyond = float(ndtri(FLOOR_LEVEL ** (1.0 / inputs)))
    return float(max(reached.max(), reached.mean() + beyond * reached.std(ddof=1)))
