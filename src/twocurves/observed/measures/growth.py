"""Growth of a frontier: the slope of the line through its record-setting models, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twocurves.observed.measures.draws import REPLICATIONS
from twocurves.observed.measures.imitation import MEMORY_YEARS, Frontier, calibrated, randomness
from twocurves.observed.measures.line import Lines
from twocurves.observed.measures.scores import Numbers
from twocurves.observed.measures.uncertain import Uncertain, from_replications

#: Fewest points of a measured frontier for an estimate. With three or four, records a few weeks apart, the
#: slope says where two neighbours happen to stand.
LEAST_POINTS = 5

#: Fewest points of an imitated frontier for its slope to count. Through two points any slope comes out, and a
#: few such imitations would carry the whole interval.
LEAST_IMITATED = 3


@dataclass(frozen=True)
class Growth:
    """Growth of a frontier in a period.

    Attributes
    ----------
    frontier
        What was measured.
    n
        Points of the line.
    rate
        Growth a year.
    line
        The line itself.
    noise_sd
        Calibrated standard deviation of the noise around the line.
    imitated
        Imitated best scores of each day, shape ``(replications, m)``; the truth behind each is ``line``.
    replications
        The lines through them.
    """

    frontier: Frontier
    n: int
    rate: Uncertain
    line: Lines
    noise_sd: float
    imitated: Numbers
    replications: Lines


def estimate_growth(
    frontier: Frontier, stream: str, replications: int = REPLICATIONS, memory: float = MEMORY_YEARS
) -> Growth | None:
    """Estimate the growth of a frontier with its uncertainty.

    Parameters
    ----------
    frontier
        Scores, days and period.
    stream
        Name of the random stream.

    Returns
    -------
    Growth | None
        None with fewer than :data:`LEAST_POINTS` points, or all on one day.
    """
    best = frontier.best_of_day
    line = frontier.line(best)
    n = int(line.n)
    if n < LEAST_POINTS or not np.isfinite(line.slope):
        return None
    noise, error = randomness(frontier, stream, replications, memory)
    trend = line.at(frontier.x)

    def residual_sd(imitated: Numbers) -> Numbers:
        return frontier.line(imitated).residual_sd

    sd = calibrated(frontier, trend, float(line.residual_sd), residual_sd, noise, error)
    imitated = frontier.imitations(trend, sd, noise, error)
    lines = frontier.line(imitated)
    lines = replace(lines, slope=np.where(lines.n >= LEAST_IMITATED, lines.slope, np.nan))
    rate = from_replications(float(line.slope), float(line.slope), lines.slope, n - 2)
    return Growth(frontier, n, rate, line, sd, imitated, lines)
