"""Which assumptions an outcome leans on, from the draws of a run: enough to put sliders in an order.

The effect of a belief is the change of the outcome's median line as the belief goes from its 10th to its 90th
percentile: the slope of the outcome on the belief's normal score over all draws, times the width of that
range. Beliefs that the run held fixed have none. It is a first look; ``twocurves drivers`` studies more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twocurves.beliefs import Beliefs
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.columns import columns
from twocurves.ensemble.outcome_table import Outcome, outcome_table
from twocurves.ensemble.results import StoredRun
from twocurves.errors import unknown
from twocurves.months import Month

#: Normal score of the 90th percentile, less that of the 10th.
_RANGE = 2.0 * 1.2815515655446004

#: Standard errors below which an effect is not told from none, with hundreds of beliefs looked at.
_NOISE = 3.0

#: Month in which outcomes are compared.
MONTH = Month(12 * (2030 - 1970) + 11)


@dataclass(frozen=True)
class Influence:
    """What moves one outcome.

    Attributes
    ----------
    outcome, month
        Which outcome, when.
    names
        Beliefs that the run drew.
    effect
        Change of the outcome from a belief's 10th to its 90th percentile, in the unit in which it is written.
    noise
        Effects smaller than this are not told from none.
    middle
        Median of the outcome.
    """

    outcome: Outcome
    month: Month
    names: tuple[str, ...]
    effect: NDArray[np.float64]
    noise: float
    middle: float

    def by_name(self) -> dict[str, float]:
        """Return the effect of each belief."""
        return dict(zip(self.names, (float(value) for value in self.effect), strict=True))

    def strongest(self, count: int) -> list[tuple[str, float]]:
        """Return the beliefs with the largest effects above the noise, the largest first."""
        order = np.argsort(-np.abs(self.effect))[:count]
        return [(self.names[i], float(self.effect[i])) for i in order if abs(self.effect[i]) > self.noise]


def outcomes_offered(run: StoredRun) -> tuple[Outcome, ...]:
    """Return the outcomes by whose influence assumptions can be sorted."""
    there = {column.name for column in run.layout.columns}
    return tuple(one for one in outcome_table().outcome if one.shown and one.name in there)


def influence(run: StoredRun, beliefs: Beliefs, name: str) -> Influence:
    """Return what moves an outcome.

    Raises
    ------
    BadInputError
        There is no such outcome, or the run keeps it not.
    """
    offered = {one.name: one for one in outcomes_offered(run)}
    if name not in offered:
        raise unknown("outcome", name[:60], offered)
    month = MONTH if MONTH in run.months else run.months[-1]
    index, found = columns(run, [name], [month])
    outcome = np.asarray(found[name][:, 0], dtype=np.float64) * offered[name].times
    names, scores = _scores(run, tuple(beliefs.names))
    own = scores[:, index]
    fine = np.isfinite(outcome)
    x, y = own[:, fine], outcome[fine]
    spread = x.std(axis=1)
    moving = spread > 0
    x, kept = x[moving], [one for one, moves in zip(names, moving, strict=True) if moves]
    centred = x - x.mean(axis=1, keepdims=True)
    slope = centred @ (y - y.mean()) / (centred**2).sum(axis=1)
    error = y.std() / np.sqrt(max(1, len(y)))
    return Influence(
        offered[name], month, tuple(kept), slope * _RANGE, float(_NOISE * error * _RANGE), float(np.median(y))
    )


def _scores(run: StoredRun, names: tuple[str, ...]) -> tuple[list[str], NDArray[np.float64]]:
    """Return the normal scores of each belief over all draws, ``(beliefs, draws)``."""
    kept = set(run.manifest.description.beliefs)
    there = [name for name in names if name in kept]
    parts = [
        np.stack([from_column(table[f"belief.{name}"]).astype(np.float64) for name in there])
        for table in run.iterate_draws([f"belief.{name}" for name in there])
    ]
    values = np.concatenate(parts, axis=1)
    count = values.shape[1]
    moving = values.max(axis=1) > values.min(axis=1)
    scores = np.zeros_like(values)
    order = values[moving].argsort(axis=1).argsort(axis=1)
    scores[moving] = ndtri((order + 0.5) / count)
    return there, scores
