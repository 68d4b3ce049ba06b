"""A measured frontier, and imitations of the whole way in which it came to be measured.

The estimate of a frontier's growth is plain: a least-squares line through its record-setting models. The
uncertainty is not. Scores are measured with error, an error can make or unmake a record, records are the
lucky draws of their time, and what lifts one record above the line tends to lift the next. Textbook
intervals for the line know none of this: on synthetic frontiers with the dates and errors of the real table
their 90% held the truth in 40 to 70 cases of 100. So the whole measurement is imitated: a frontier that
follows the fitted line with noise that remembers, models released on the real days, scores measured with the
published error, records found anew, the line fitted anew. The spread of the imitated slopes, less their
bias, gives the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.observed.measures.draws import standard_normals
from twocurves.observed.measures.frontier import Flags, ReleaseDays, best_so_far, record_days
from twocurves.observed.measures.line import Lines, fit_lines
from twocurves.observed.measures.scores import DAYS_PER_YEAR, Numbers, Scores

#: Years in which the noise of a frontier around its line falls to 1/e of its correlation. Chosen by the
#: coverage study in the slow tests: with shorter memories the intervals hold the truth too rarely.
MEMORY_YEARS = 0.8

#: Day from which years are counted, so that levels are readable: 2020-01-01 in days since 1970.
YEAR_ZERO = 18262

_CALIBRATION = 200


def years(day: NDArray[np.int64] | float) -> Numbers:
    """Return days since 1970-01-01 as years since 2020-01-01."""
    return np.asarray((np.asarray(day, dtype=np.float64) - YEAR_ZERO) / DAYS_PER_YEAR)


@dataclass(frozen=True)
class Frontier:
    """A frontier as measured: what raised it, when, within a period.

    Attributes
    ----------
    scores
        The models.
    released
        Their days.
    within
        Which days belong to the period that is described, shape ``(m,)``.
    records_only
        Whether a line runs through record-setting days only, or through every day (for series that are
        already the best of their day).
    """

    scores: Scores
    released: ReleaseDays
    within: Flags
    records_only: bool = True

    @classmethod
    def of(
        cls, scores: Scores, first: int | None = None, last: int | None = None, records_only: bool = True
    ) -> Frontier:
        """Build a frontier from scores; ``first`` and ``last`` day limit the period, not the records."""
        released = ReleaseDays.of(scores.day)
        within = np.ones(released.days.size, dtype=bool)
        if first is not None:
            within &= released.days >= first
        if last is not None:
            within &= released.days <= last
        return cls(scores, released, within, records_only)

    @classmethod
    def of_every_model(cls, scores: Scores, first: int | None = None, last: int | None = None) -> Frontier:
        """Take every model for a point, two of one day included (no frontier, but the same arithmetic)."""
        each = np.arange(len(scores))
        found = cls.of(scores, first, last, records_only=False)
        within = found.within[found.released.of_model]
        return cls(scores, ReleaseDays(scores.day, each, each), within, records_only=False)

    @property
    def x(self) -> Numbers:
        """Years since 2020 of each day."""
        return years(self.released.days)

    def points(self, best_of_day: Numbers) -> Flags:
        """Say which days a line runs through."""
        if self.records_only:
            return record_days(best_of_day) & self.within
        return np.broadcast_to(self.within, best_of_day.shape)

    def line(self, best_of_day: Numbers) -> Lines:
        """Fit the line."""
        return fit_lines(self.x, best_of_day, self.points(best_of_day))

    @property
    def best_of_day(self) -> Numbers:
        """Return the measured best score of each day."""
        return self.released.best_of_day(self.scores.value)

    def imitations(self, trend: Numbers, sd: float, noise: Numbers, error: Numbers) -> Numbers:
        """Return imitated best scores of each day, shape ``(replications, m)``.

        Models that set a record in the period stand at the trend plus noise; the others as far below the
        frontier of their day as they were measured; models outside the period where they were measured.

        Parameters
        ----------
        trend
            Height of the frontier on each day, shape ``(m,)``.
        sd
            Standard deviation of the noise around it.
        noise
            Unit noise of each day, shape ``(replications, m)``, from :func:`remembering`.
        error
            Standard normal numbers of the measurement errors, shape ``(replications, n)``.
        """
        best = self.best_of_day
        of_model = self.released.of_model
        running = best_so_far(best)
        shortfall = running[of_model] - self.scores.value
        if self.records_only:
            leads = self.points(best)[of_model] & (self.scores.value == best[of_model])
            shortfall = np.where(leads, 0.0, shortfall)
        else:
            shortfall = best[of_model] - self.scores.value
        inside = self.within[of_model]
        base = np.where(inside, trend[of_model] - shortfall, self.scores.value)
        true = base + np.where(inside, sd * noise[:, of_model], 0.0)
        return self.released.best_of_day(true + self.scores.errors(error))


def remembering(x: Numbers, normal: Numbers, memory: float) -> Numbers:
    """Return unit noise whose correlation over ``d`` years is ``exp(-d / memory)``, shape of ``normal``.

    An Ornstein-Uhlenbeck process at the days ``x``; independent numbers when ``memory`` is 0.
    """
    noise = normal.copy()
    for k in range(1, x.size):
        kept = np.exp(-(x[k] - x[k - 1]) / memory) if memory > 0 else 0.0
        noise[:, k] = kept * noise[:, k - 1] + np.sqrt(1 - kept**2) * normal[:, k]
    return noise


def randomness(frontier: Frontier, stream: str, count: int, memory: float) -> tuple[Numbers, Numbers]:
    """Return the numbers behind ``count`` imitations: noise of each day and errors of each model."""
    normal = standard_normals(f"{stream}/noise", count, frontier.released.days.size)
    error = standard_normals(f"{stream}/error", count, len(frontier.scores))
    return remembering(frontier.x, normal, memory), error


def calibrated(
    frontier: Frontier,
    trend: Numbers,
    target: float,
    residual_sd: Callable[[Numbers], Numbers],
    noise: Numbers,
    error: Numbers,
) -> float:
    """Return the noise with which imitated residuals are typically as large as the measured ones.

    Residuals hold measurement error too, and records hide part of the noise: neither is the noise itself.
    """
    if not np.isfinite(target) or target <= 0:
        return 0.0
    noise, error = noise[:_CALIBRATION], error[:_CALIBRATION]

    def typical(sd: float) -> float:
        found = residual_sd(frontier.imitations(trend, sd, noise, error))
        return float(np.nanmedian(found)) if np.isfinite(found).any() else 0.0

    grid = np.linspace(0.0, 2.5 * target, 6)
    rising = np.maximum.accumulate([typical(float(sd)) for sd in grid]) + np.arange(grid.size) * 1e-12
    return float(np.interp(target, rising, grid))
