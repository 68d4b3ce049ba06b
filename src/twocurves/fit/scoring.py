"""Scores of forecasts: proper ones for values, paths and events, and how they compare.

All values are on a working scale (:mod:`twocurves.fit.scales`), so that an error of a factor of two counts
the same for a small series and a large one. Lower scores are better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from twocurves.randomness import MONTHS_PER_DRAW, uniforms

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Probabilities are kept this far from 0 and 1 in the log score, which one sure miss would make infinite.
LOG_SCORE_CLIP: Final = 0.01

#: Draws up to which all pairs of an energy score are compared; beyond it, all pairs inside groups of so many.
EXACT_DRAWS: Final = 4096

#: Fewest clusters that say anything about the spread between them.
FEWEST_CLUSTERS: Final = 3

_BLOCK = 512


def crps_ensemble(samples: ArrayLike, observed: ArrayLike, *, fair: bool = False) -> FloatArray:
    """Return the continuous ranked probability score of ensembles.

    ``mean |x_i - y| - sum_ij |x_i - x_j| / (2 M^2)``, the double sum by its sorted form in ``M log M`` steps
    (Gneiting & Raftery 2007, doi:10.1198/016214506000001437, equation 21). It is in the unit of the values;
    of a single draw it is the absolute error.

    Parameters
    ----------
    samples
        Draws first: shape ``(draws, ...)``.
    observed
        What came, shape ``(...)``.
    fair
        Divide the double sum by ``2 M (M - 1)`` instead: unbiased for the score that infinitely many draws
        of the same distribution would have (Ferro 2014, doi:10.1002/qj.2270); it may be slightly negative.

    Returns
    -------
    FloatArray
        Shape ``(...)``.

    Raises
    ------
    ValueError
        Shapes do not agree, a value is not finite, or ``fair`` is asked of a single draw.
    """
    drawn, seen = _paired(samples, observed)
    draws = drawn.shape[0]
    if fair and draws < 2:
        raise ValueError("a fair score needs at least two draws")
    ordered = np.sort(drawn, axis=0)
    weight = (2.0 * np.arange(1, draws + 1) - draws - 1.0).reshape(-1, *([1] * seen.ndim))
    # About the median draw, so that a large common level costs no figures.
    centred = ordered - ordered[draws // 2]
    spread = (weight * centred).sum(axis=0) / (draws * (draws - 1.0 if fair else draws))
    return np.asarray(np.abs(drawn - seen).mean(axis=0) - spread, dtype=np.float64)


def energy_score(samples: ArrayLike, observed: ArrayLike, *, fair: bool = False) -> float:
    """Return the energy score of a joint ensemble: the CRPS with distances between vectors.

    ``mean ||x_i - y|| - sum_ij ||x_i - x_j|| / (2 M^2)`` (Gneiting & Raftery 2007, equation 22). The targets
    should be of one size; divide each by a yardstick chosen before what came was known. Up to
    :data:`EXACT_DRAWS` draws all pairs are compared; of more, all pairs inside groups of consecutive draws,
    the same whenever it is computed.

    Parameters
    ----------
    samples
        Shape ``(draws, targets)``; a row is one joint draw.
    observed
        Shape ``(targets,)``.
    fair
        As in :func:`crps_ensemble`.

    Raises
    ------
    ValueError
        As in :func:`crps_ensemble`, or there are no targets.
    """
    drawn, seen = _paired(samples, observed)
    if seen.ndim != 1 or not seen.size:
        raise ValueError("an energy score needs a vector of at least one target")
    draws = drawn.shape[0]
    if fair and draws < 2:
        raise ValueError("a fair score needs at least two draws")
    error = float(np.sqrt(np.square(drawn - seen).sum(axis=1)).mean())
    groups = np.array_split(np.arange(draws), -(-draws // EXACT_DRAWS))
    pairs = sum(group.size * (group.size - 1.0) for group in groups)
    between = sum(_summed_distances(drawn[group]) for group in groups)
    if not pairs:
        return error
    apart = between / pairs  # over different draws, so free of bias
    return error - 0.5 * apart * (1.0 if fair else (draws - 1.0) / draws)


def _summed_distances(points: FloatArray) -> float:
    """Return the sum of the distances of all ordered pairs, in blocks."""
    from scipy.spatial.distance import cdist  # here, because only scoring needs it

    blocks = [points[start : start + _BLOCK] for start in range(0, len(points), _BLOCK)]
    total = 0.0
    for place, first in enumerate(blocks):
        for other, second in enumerate(blocks[place:]):
            total += (1.0 if other == 0 else 2.0) * float(cdist(first, second).sum())
    return total


def pit(samples: ArrayLike, observed: ArrayLike, *, seed: int = 0, name: str = "pit") -> FloatArray:
    """Return the probability integral transform: where in its ensemble each observation lies, 0 to 1.

    The rank among ``M + 1`` places, at the middle of its place; uniform when the forecast is right. Where
    draws equal the observation its place is drawn among them, from a named stream, since a step of the
    distribution would else heap them up.

    Parameters
    ----------
    samples, observed
        As in :func:`crps_ensemble`.
    seed, name
        Of the stream; the number for a target depends on its place in ``observed``.
    """
    drawn, seen = _paired(samples, observed)
    draws = drawn.shape[0]
    below = (drawn < seen).sum(axis=0)
    equal = (drawn == seen).sum(axis=0)
    within = np.full(seen.shape, 0.5)
    if np.any(equal):
        drawn_place = uniforms(seed, f"scores/{name}", 0, max(seen.size, 1))[: seen.size, 0]
        within = np.where(equal > 0, drawn_place.reshape(seen.shape), within)
    return np.asarray((below + within * (equal + 1.0)) / (draws + 1.0), dtype=np.float64)


def inside(samples: ArrayLike, observed: ArrayLike, level: float) -> BoolArray:
    """Say of each observation whether it lies in the central interval of its ensemble, ends included.

    The ends stand at ranks ``p (M + 1)`` (Weibull), so that an observation exchangeable with the draws is
    inside with probability ``level``, for few draws too.

    Parameters
    ----------
    level
        Probability of the interval, between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    drawn, seen = _paired(samples, observed)
    ends = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    low, high = np.quantile(drawn, ends, axis=0, method="weibull")
    return np.asarray((low <= seen) & (seen <= high), dtype=np.bool_)


def coverage(samples: ArrayLike, observed: ArrayLike, level: float) -> float:
    """Return the share of observations inside their central intervals; see :func:`inside`."""
    found = inside(samples, observed, level)
    if not found.size:
        raise ValueError("there is nothing to cover")
    return float(found.mean())


@dataclass(frozen=True, slots=True)
class Brier:
    """The Brier score of events and its parts.

    Attributes
    ----------
    score
        Mean squared error of the probabilities; 0 is perfect, 0.25 is what one half always has.
    reliability, resolution, uncertainty
        Murphy (1973): ``score = reliability - resolution + uncertainty + within``. Reliability is the mean
        squared distance of probabilities from frequencies (0 is best), resolution how far the frequencies
        of the groups differ from that of all, uncertainty what always saying that frequency would have.
    within
        What is left since probabilities and outcomes differ inside the groups; 0 where each group holds one
        probability and every outcome is 0 or 1.
    events
        How many.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    events: int


def brier(probabilities: ArrayLike, outcomes: ArrayLike, *, groups: int | None = None) -> Brier:
    """Return the Brier score with Murphy's decomposition.

    Parameters
    ----------
    probabilities
        Between 0 and 1, shape ``(events,)``.
    outcomes
        1 where it came true, 0 where not, 0.5 where that stayed ambiguous.
    groups
        Put probabilities into so many intervals of equal width; by equal probabilities when left out.

    Raises
    ------
    ValueError
        There are no events, shapes differ, or a number lies outside 0 to 1.
    """
    said, came = _events(probabilities, outcomes)
    place = said if groups is None else np.minimum(np.floor(said * groups), groups - 1)
    _, index, count = np.unique(place, return_inverse=True, return_counts=True)
    share = count / said.size
    mean_said = np.bincount(index, weights=said) / count
    mean_came = np.bincount(index, weights=came) / count
    score = float(np.square(said - came).mean())
    reliability = float((share * np.square(mean_said - mean_came)).sum())
    resolution = float((share * np.square(mean_came - came.mean())).sum())
    uncertainty = float(came.mean() * (1.0 - came.mean()))
    left = score - reliability + resolution - uncertainty
    return Brier(score, reliability, resolution, uncertainty, left, said.size)


def log_score(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Return the mean of ``-ln`` of the probability given to what came, clipped by :data:`LOG_SCORE_CLIP`."""
    said, came = _events(probabilities, outcomes)
    kept = np.clip(said, LOG_SCORE_CLIP, 1.0 - LOG_SCORE_CLIP)
    return float(-(came * np.log(kept) + (1.0 - came) * np.log1p(-kept)).mean())


def _events(probabilities: ArrayLike, outcomes: ArrayLike) -> tuple[FloatArray, FloatArray]:
    said, came = np.asarray(probabilities, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    if said.ndim != 1 or said.shape != came.shape or not said.size:
        raise ValueError("probabilities and outcomes must be two vectors of one length, not empty")
    if not (((said >= 0.0) & (said <= 1.0)).all() and ((came >= 0.0) & (came <= 1.0)).all()):
        raise ValueError("probabilities and outcomes must lie between 0 and 1")
    return said, came


@dataclass(frozen=True, slots=True)
class Skill:
    """How much lower one forecaster's scores are than another's, as a share of the other's.

    Attributes
    ----------
    estimate
        ``1 - sum(ours) / sum(theirs)``: 1 is perfect, 0 no better, below 0 worse. None where the other's
        scores do not sum to more than 0.
    low, high
        Bootstrap interval; None with fewer than :data:`FEWEST_CLUSTERS` clusters.
    clusters
        How many clusters were drawn from.
    """

    estimate: float | None
    low: float | None
    high: float | None
    clusters: int

    def as_record(self) -> dict[str, Any]:
        """Return the skill as ``--json`` prints it."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high, "clusters": self.clusters}


def skill(
    ours: ArrayLike,
    theirs: ArrayLike,
    clusters: ArrayLike,
    *,
    seed: int = 0,
    level: float = 0.9,
    replicates: int = 2000,
    weights: ArrayLike | None = None,
) -> Skill:
    """Compare scores of the same targets, with a bootstrap that draws whole clusters.

    Targets of one series err together, so the series is what is drawn with replacement; drawing single
    targets would make the interval too narrow.

    Parameters
    ----------
    ours, theirs
        Scores, lower is better, shape ``(targets,)``.
    clusters
        Name of each target's cluster (its series).
    seed
        Of the stream; the same seed gives the same bits, in whatever order the targets come.
    level
        Probability of the interval (its ends are percentiles of the replicates).
    weights
        Of each target; all alike when left out.

    Raises
    ------
    ValueError
        Shapes differ or there are no targets.
    """
    mine, other = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    names = np.asarray(clusters).astype(str)
    heavy = np.ones(mine.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if mine.ndim != 1 or not mine.size or not mine.shape == other.shape == names.shape == heavy.shape:
        raise ValueError("scores, clusters and weights must be vectors of one length, not empty")
    held, index = np.unique(names, return_inverse=True)
    # In order of the scores inside each cluster, so that sums do not depend on the order given.
    order = np.lexsort((other, mine, index))
    index, mine, other, heavy = index[order], mine[order], other[order], heavy[order]
    sums = np.stack([np.bincount(index, weights=heavy * scores) for scores in (mine, other)])
    estimate = _gain(sums.sum(axis=1, keepdims=True))[0]
    shown = float(estimate) if np.isfinite(estimate) else None
    if held.size < FEWEST_CLUSTERS or shown is None:
        return Skill(shown, None, None, int(held.size))
    drawn = np.floor(held.size * _wide_uniforms(seed, "scores/skill", replicates, held.size)).astype(np.intp)
    again = _gain(sums[:, drawn].sum(axis=2))
    ends = np.quantile(again, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], method="inverted_cdf")
    low, high = (float(end) if np.isfinite(end) else None for end in ends)
    return Skill(shown, low, high, int(held.size))


def _gain(sums: FloatArray) -> FloatArray:
    mine, other = sums
    positive = other > 0.0
    return np.where(positive, 1.0 - mine / np.where(positive, other, 1.0), -np.inf)


def _wide_uniforms(seed: int, name: str, draws: int, width: int) -> FloatArray:
    """Return uniforms of any width: streams of :data:`MONTHS_PER_DRAW` beside each other."""
    parts = [
        uniforms(seed, f"{name}/{start}", 0, draws, min(MONTHS_PER_DRAW, width - start))
        for start in range(0, width, MONTHS_PER_DRAW)
    ]
    return np.concatenate(parts, axis=1)


def from_quantiles(levels: ArrayLike, quantiles: ArrayLike, points: int = 2000) -> FloatArray:
    """Rebuild distributions from a few quantiles, as equally likely points.

    Between the quantiles, and beyond the outermost, the value is a straight line in the standard normal
    score of its probability. So a normal distribution comes back exactly (up to the number of points), a
    skewed one as pieces of normals, and a tail is that of the normal through its two outermost quantiles:
    lighter than the true one where that is heavy, which makes a far miss score a little worse. The CRPS of
    the points differs from that of the distribution they stand for by about ``1 / (points)`` of its spread.

    Parameters
    ----------
    levels
        Probabilities strictly between 0 and 1, rising, shape ``(levels,)``, at least two.
    quantiles
        Values on the working scale, never falling along the last axis, shape ``(..., levels)``.
    points
        How many.

    Returns
    -------
    FloatArray
        Shape ``(points, ...)``, rising: what :func:`crps_ensemble`, :func:`inside` and :func:`pit` take.

    Raises
    ------
    ValueError
        Levels or quantiles are not as they must be.
    """
    chances, values = np.asarray(levels, dtype=np.float64), np.asarray(quantiles, dtype=np.float64)
    rising = chances.ndim == 1 and chances.size >= 2 and bool((np.diff(chances) > 0.0).all())
    if not rising or chances[0] <= 0.0 or chances[-1] >= 1.0:
        raise ValueError("levels must rise strictly between 0 and 1")
    if values.shape[-1:] != chances.shape or not np.isfinite(values).all():
        raise ValueError("there must be one finite quantile for each level")
    if (np.diff(values, axis=-1) < 0.0).any():
        raise ValueError("quantiles must not fall as their levels rise")
    knots = np.asarray(ndtri(chances), dtype=np.float64)
    wanted = np.asarray(ndtri((np.arange(points) + 0.5) / points), dtype=np.float64)
    segment = np.clip(np.searchsorted(knots, wanted) - 1, 0, chances.size - 2)
    share = (wanted - knots[segment]) / (knots[segment + 1] - knots[segment])
    first, second = values[..., segment], values[..., segment + 1]
    return np.moveaxis(first + share * (second - first), -1, 0)


def _paired(samples: ArrayLike, observed: ArrayLike) -> tuple[FloatArray, FloatArray]:
    drawn, seen = np.asarray(samples, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    if drawn.ndim == 0 or not drawn.shape[0] or drawn.shape[1:] != seen.shape:
        raise ValueError(
            f"samples must have draws first and then the shape {seen.shape} of what was observed; "
            f"they have {drawn.shape}"
        )
    if not (np.isfinite(drawn).all() and np.isfinite(seen).all()):
        raise ValueError("samples and observations must be finite")
    return drawn, seen
