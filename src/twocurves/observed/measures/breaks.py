"""A change of growth: where it most likely was, how large, and whether it was one at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twocurves.observed.measures.growth import Growth
from twocurves.observed.measures.imitation import MEMORY_YEARS, Frontier, calibrated, randomness
from twocurves.observed.measures.line import Kinks, fit_kinks
from twocurves.observed.measures.measure import LEVEL
from twocurves.observed.measures.scores import Numbers
from twocurves.observed.measures.uncertain import Uncertain, from_replications

#: Fewest points on each side of a break that is looked for.
LEAST_POINTS = 3


@dataclass(frozen=True)
class Break:
    """A change of growth at one moment.

    Attributes
    ----------
    day
        The moment, years since 2020; the candidate with the largest F statistic.
    earliest, latest
        5th and 95th percentile of where imitations with this very break find theirs; None when unknown.
    before, after
        Growth a year on both sides, given the moment.
    p_value
        Share of imitations without any break whose largest F statistic is at least as large.
    level
        Height of the kinked line at the moment.
    """

    day: float
    earliest: float | None
    latest: float | None
    before: Uncertain
    after: Uncertain
    p_value: float
    level: float


def candidate_breaks(frontier: Frontier) -> Numbers:
    """Return the months' firsts at which a break is looked for: inside the points, ends trimmed."""
    used = frontier.x[frontier.points(frontier.best_of_day)]
    if used.size < 2 * LEAST_POINTS + 1:
        return np.zeros(0)
    start, end = used[LEAST_POINTS - 1], used[-LEAST_POINTS]
    return np.arange(np.ceil(start * 12), np.floor(end * 12) + 1) / 12


def find_break(growth: Growth, stream: str, memory: float = MEMORY_YEARS) -> Break | None:
    """Look for one change of slope and test it against none.

    The test compares the largest F statistic over all candidate months with those of the imitations behind
    ``growth``, which have no break, so that searching for the best month is paid for (as in Andrews 1993,
    doi:10.2307/2951764). Slopes on both sides come from imitations that do have this break.

    Parameters
    ----------
    growth
        The straight line.
    stream
        Name of the random stream.
    memory
        Years over which imitated noise is remembered.

    Returns
    -------
    Break | None
        None where there are too few points on two sides of any month.
    """
    frontier, best = growth.frontier, growth.frontier.best_of_day
    places = candidate_breaks(frontier)
    if not places.size:
        return None
    found = _kinks(frontier, best, places, LEAST_POINTS)
    if not np.isfinite(found.statistic).any():
        return None
    at = int(np.argmax(found.statistic))
    place, before, after = float(places[at]), float(found.before[at]), float(found.after[at])
    without = _kinks(frontier, growth.imitated, places, LEAST_POINTS).statistic.max(-1)
    without = without[np.isfinite(without)]
    exceeding = int((without >= found.statistic[at]).sum())

    side = np.where(frontier.x < place, before, after)
    trend = float(found.level[at]) + side * (frontier.x - place)
    imitated = _imitations(frontier, trend, place, stream, growth.imitated.shape[0], memory)
    given = _kinks(frontier, imitated, np.array([place]), 1)
    anywhere = _kinks(frontier, imitated, places, LEAST_POINTS).statistic
    moments = places[anywhere[np.isfinite(anywhere).any(-1)].argmax(-1)]
    ends = np.quantile(moments, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if moments.size else (None, None)
    return Break(
        day=place,
        earliest=None if ends[0] is None else float(ends[0]),
        latest=None if ends[1] is None else float(ends[1]),
        before=from_replications(before, before, given.before[:, 0], growth.n - 3),
        after=from_replications(after, after, given.after[:, 0], growth.n - 3),
        p_value=(exceeding + 1) / (without.size + 1),
        level=float(found.level[at]),
    )


def _kinks(frontier: Frontier, best_of_day: Numbers, places: Numbers, least: int) -> Kinks:
    return fit_kinks(frontier.x, best_of_day, frontier.points(best_of_day), places, least)


def _imitations(
    frontier: Frontier, trend: Numbers, place: float, stream: str, count: int, memory: float
) -> Numbers:
    """Return imitated frontiers whose line bends at one place."""
    noise, error = randomness(frontier, stream, count, memory)

    def residual_sd(best_of_day: Numbers) -> Numbers:
        line = frontier.line(best_of_day)
        freedom = np.where(line.n > 3, line.n - 3, np.nan)
        statistic = _kinks(frontier, best_of_day, np.array([place]), 1).statistic[..., 0]
        gain = 1 + np.where(np.isfinite(statistic), statistic, np.nan) / freedom
        return np.asarray(np.sqrt((line.residual**2).sum(-1) / gain / freedom))

    target = float(residual_sd(frontier.best_of_day))
    sd = calibrated(frontier, trend, target, residual_sd, noise, error)
    return frontier.imitations(trend, sd, noise, error)
