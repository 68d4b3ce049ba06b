"""The frontier: the best score so far, and the releases that raised it.

All functions work on whole sets of replications at once: scores of shape ``(..., n)`` in, frontiers of
shape ``(..., m)`` out, where ``m`` counts the days on which anything was released.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.observed.measures.scores import Days, Numbers

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class ReleaseDays:
    """The days on which models were released.

    Attributes
    ----------
    days
        Each day once, rising, shape ``(m,)``.
    first
        Index of the first model of each day, shape ``(m,)``.
    of_model
        Index of each model's day, shape ``(n,)``.
    """

    days: Days
    first: NDArray[np.intp]
    of_model: NDArray[np.intp]

    @classmethod
    def of(cls, day: Days) -> ReleaseDays:
        """Group models, given in order of their day, by day."""
        days, first, of_model = np.unique(day, return_index=True, return_inverse=True)
        return cls(days, first, of_model)

    def best_of_day(self, scores: Numbers) -> Numbers:
        """Return the best score of each day, shape ``(..., m)``."""
        if not self.days.size:
            return np.zeros((*scores.shape[:-1], 0))
        best: Numbers = np.maximum.reduceat(scores, self.first, axis=-1)
        return best


def best_so_far(best_of_day: Numbers) -> Numbers:
    """Return the best score up to and including each day."""
    best: Numbers = np.maximum.accumulate(best_of_day, axis=-1)
    return best


def best_before(best_of_day: Numbers) -> Numbers:
    """Return the best score of all earlier days; minus infinity on the first."""
    start = np.full((*best_of_day.shape[:-1], 1), -np.inf)
    return np.concatenate([start, best_so_far(best_of_day)[..., :-1]], axis=-1)


def record_days(best_of_day: Numbers) -> Flags:
    """Say on which days the frontier rose: the day's best is strictly above all earlier days."""
    risen: Flags = best_of_day > best_before(best_of_day)
    return risen


def record_models(scores: Numbers, released: ReleaseDays) -> Flags:
    """Say which models were record-setting at their release: strictly above every model of an earlier day.

    Two models of one day can both be; a frontier has one point that day, the better one.
    """
    before = best_before(released.best_of_day(scores))
    records: Flags = scores > before[..., released.of_model]
    return records
