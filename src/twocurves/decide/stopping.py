"""When to stop waiting: a rule learned by least squares on some draws and valued on others.

Longstaff and Schwartz (2001), "Valuing American options by simulation", Review of Financial Studies 14,
doi:10.1093/rfs/14.1.113. Working backwards, what stopping now is worth more than waiting is regressed on what
can be seen now; the rule stops where that is predicted to be above zero. Gains here are what a draw turns out
to give, so the regression also forms the expectation of what comes after stopping.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Indices = NDArray[np.int64]

#: Weight that keeps coefficients small, in draws: with few draws and many features least squares would follow
#: the noise; with many it hardly counts.
_RIDGE_DRAWS = 0.5

#: Draws a feature needs; with fewer draws only the first features are used.
_DRAWS_PER_FEATURE = 10


@dataclass(frozen=True)
class Stops:
    """Where a rule stops in each draw.

    Attributes
    ----------
    month
        Month of stopping, ``months`` where it never does, shape ``(draws,)``.
    target
        Which target it then takes; meaningless where it never stops.
    gain
        What that turns out to give, 0 where it never stops.
    """

    month: Indices
    target: Indices
    gain: Floats


@dataclass(frozen=True)
class Rule:
    """A learned rule: coefficients of the predicted advantage of stopping over waiting.

    Attributes
    ----------
    coefficients
        Shape ``(months, targets, features + 1)``, the intercept first; NaN where nothing could be learned,
        and the rule waits.
    centre, scale
        Of each feature in each month, shape ``(months, features)``.
    """

    coefficients: Floats
    centre: Floats
    scale: Floats

    def advantage(self, features: Floats, month: int) -> Floats:
        """Return the predicted advantage of stopping over waiting, shape ``(draws, targets)``."""
        seen = _basis(features[:, month], self.centre[month], self.scale[month])
        return np.asarray(seen @ self.coefficients[month].T)

    def stops(self, gains: Floats, allowed: Truths, features: Floats) -> Stops:
        """Apply the rule forward in time to draws, whether or not it was learned on them."""
        draws, months, _ = gains.shape
        month = np.full(draws, months, dtype=np.int64)
        target = np.zeros(draws, dtype=np.int64)
        gain = np.zeros(draws)
        for at in range(months):
            waiting = month == months
            if not waiting.any():
                break
            ahead = self.advantage(features, at)
            ahead = np.where(allowed[:, at] & np.isfinite(ahead), ahead, -np.inf)
            best = ahead.argmax(axis=1)
            stop = waiting & (np.take_along_axis(ahead, best[:, None], axis=1)[:, 0] > 0.0)
            month[stop] = at
            target[stop] = best[stop]
            gain[stop] = gains[stop, at, best[stop]]
        return Stops(month, target, gain)


def learn(gains: Floats, allowed: Truths, features: Floats) -> Rule:
    """Learn a rule.

    Parameters
    ----------
    gains
        What stopping in a month with a target turns out to give against never stopping, as of today, shape
        ``(draws, months, targets)``.
    allowed
        Where that is possible, same shape.
    features
        What can be seen in a month, shape ``(draws, months, features)``, the most telling first.
    """
    draws, months, targets = gains.shape
    wide = features.shape[2]
    used = max(1, min(wide, draws // _DRAWS_PER_FEATURE))
    coefficients = np.full((months, targets, wide + 1), np.nan)
    centre = features.mean(axis=0)
    spread = features.std(axis=0)
    scale = np.where(spread > 1e-12 * (1.0 + np.abs(centre)), spread, np.inf)
    scale[:, used:] = np.inf
    waiting = np.zeros(draws)
    for month in reversed(range(months)):
        seen = _basis(features[:, month], centre[month], scale[month])
        ahead = np.full((draws, targets), -np.inf)
        for target in range(targets):
            rows = allowed[:, month, target]
            if not rows.any():
                continue
            found = _least_squares(seen[rows], gains[rows, month, target] - waiting[rows])
            coefficients[month, target] = found
            ahead[rows, target] = seen[rows] @ found
        best = ahead.argmax(axis=1)
        stop = np.take_along_axis(ahead, best[:, None], axis=1)[:, 0] > 0.0
        waiting = np.where(stop, np.take_along_axis(gains[:, month], best[:, None], axis=1)[:, 0], waiting)
    return Rule(coefficients, centre, scale)


def learned_across(gains: Floats, allowed: Truths, features: Floats) -> Stops:
    """Return where rules stop in draws that they were not learned on: each half by the other half's rule."""
    first = np.arange(len(gains)) % 2 == 0
    parts = []
    for learns, valued in ((first, ~first), (~first, first)):
        rule = learn(gains[learns], allowed[learns], features[learns])
        parts.append((valued, rule.stops(gains[valued], allowed[valued], features[valued])))
    month = np.zeros(len(gains), dtype=np.int64)
    target = np.zeros(len(gains), dtype=np.int64)
    gain = np.zeros(len(gains))
    for valued, stops in parts:
        month[valued], target[valued], gain[valued] = stops.month, stops.target, stops.gain
    return Stops(month, target, gain)


def _basis(features: Floats, centre: Floats, scale: Floats) -> Floats:
    return np.hstack([np.ones((len(features), 1)), (features - centre) / scale])


def _least_squares(seen: Floats, wanted: Floats) -> Floats:
    """Return ridge coefficients; the intercept is not held back."""
    weight = np.full(seen.shape[1], _RIDGE_DRAWS)
    weight[0] = 1e-12 * len(seen)
    square = seen.T @ seen
    square[np.diag_indices_from(square)] += weight
    return np.asarray(np.linalg.solve(square, seen.T @ wanted))
