"""How far open models are behind closed ones, by several definitions.

Every function takes scores of shape ``(replications, n)`` and returns one figure for each replication, so
that an estimate (one row) and its replications go the same way. Months are twelfths of 365.25 days. A lag
looks back from a day and uses only models released by then: it asks how long ago closed models first had
what open models have. Where open models are ahead, it is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twocurves.observed.measures.frontier import (
    Flags,
    ReleaseDays,
    best_so_far,
    record_days,
    record_models,
)
from twocurves.observed.measures.line import Lines
from twocurves.observed.measures.scores import DAYS_PER_MONTH, Z90, Days, Numbers, Scores
from twocurves.observed.measures.survival import median_wait


@dataclass(frozen=True)
class Pair:
    """The models of both economies, and scores for them in any number of replications.

    Attributes
    ----------
    closed, opened
        The models as measured.
    closed_values, open_values
        Their scores, shape ``(replications, n)``.
    """

    closed: Scores
    opened: Scores
    closed_values: Numbers
    open_values: Numbers

    @classmethod
    def measured(cls, closed: Scores, opened: Scores) -> Pair:
        """Return the pair with the scores as measured, one replication."""
        return cls(closed, opened, closed.value[None], opened.value[None])

    @classmethod
    def redrawn(cls, closed: Scores, opened: Scores, stream: str, replications: int) -> Pair:
        """Return the pair with new measurement errors in each replication."""
        return cls(
            closed,
            opened,
            closed.redrawn(f"{stream}/closed", replications),
            opened.redrawn(f"{stream}/open", replications),
        )

    @cached_property
    def closed_released(self) -> ReleaseDays:
        """Days of the closed models."""
        return ReleaseDays.of(self.closed.day)

    @cached_property
    def open_released(self) -> ReleaseDays:
        """Days of the open models."""
        return ReleaseDays.of(self.opened.day)

    @cached_property
    def closed_best(self) -> Numbers:
        """Best closed score so far, shape ``(replications, closed days)``."""
        return best_so_far(self.closed_released.best_of_day(self.closed_values))

    @cached_property
    def open_best(self) -> Numbers:
        """Best open score so far, shape ``(replications, open days)``."""
        return best_so_far(self.open_released.best_of_day(self.open_values))

    @cached_property
    def open_best_reached(self) -> Numbers:
        """Day on which closed models first had each best open score, shape as :attr:`open_best`."""
        return first_reached(self.closed_best, self.closed_released.days, self.open_best)

    @cached_property
    def equal(self) -> Flags:
        """Whether the best closed score is not significantly above the best open one.

        For each closed and each open day, shape ``(replications, closed days, open days)``. A difference is
        significant when it exceeds 1.645 of its standard deviations, the errors taken as independent.
        """
        closed_sd = _sd_of_best(self.closed_released, self.closed_values, self.closed.sd_below)
        open_sd = _sd_of_best(self.open_released, self.open_values, self.opened.sd_above)
        ahead = self.closed_best[:, :, None] - self.open_best[:, None, :]
        within: Flags = ahead <= Z90 * np.hypot(closed_sd[:, :, None], open_sd[:, None, :])
        return within


def weeks(first: int, last: int) -> Days:
    """Return every seventh day from ``first`` to ``last``, as days since 1970."""
    return np.arange(first, last + 1, 7, dtype=np.int64)


def both_known(pair: Pair, days: Days) -> Days:
    """Return those of the days by which both economies have released something."""
    if not len(pair.closed) or not len(pair.opened):
        return days[:0]
    both: Days = days[days >= max(pair.closed.day[0], pair.opened.day[0])]
    return both


def first_reached(best: Numbers, days: Days, levels: Numbers) -> Numbers:
    """Return the day on which a frontier first reached levels; infinity where it never did.

    Parameters
    ----------
    best
        Best so far, shape ``(replications, m)``.
    days
        Shape ``(m,)``.
    levels
        Shape ``(replications, k)``.
    """
    padded = np.append(days.astype(np.float64), np.inf)
    found = np.stack(
        [np.searchsorted(row, wanted, side="left") for row, wanted in zip(best, levels, strict=True)]
    )
    reached: Numbers = padded[found]
    return reached


def lag_on(pair: Pair, days: Days) -> Numbers:
    """Return the lag on each day, in months, shape ``(replications, days)``.

    The time since closed models first had the best open score of that day; 0 where they have not had it.
    """
    standing = standing_on(pair.open_released.days, days)
    return np.maximum(days - pair.open_best_reached[:, standing], 0.0) / DAYS_PER_MONTH


def gap_on(pair: Pair, days: Days) -> Numbers:
    """Return best closed minus best open score on each day, shape ``(replications, days)``."""
    closed = pair.closed_best[:, standing_on(pair.closed_released.days, days)]
    return closed - pair.open_best[:, standing_on(pair.open_released.days, days)]


def lag_at_releases(pair: Pair, first: int, last: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Return the mean lag at record-setting open releases in a period, and how many there were.

    A release is record-setting when it is strictly above every open model of an earlier day; two of one day
    both count. A release before closed models had its score counts with a lag of 0.
    """
    released = pair.open_released
    records = (
        record_models(pair.open_values, released) & (pair.opened.day >= first) & (pair.opened.day <= last)
    )
    reached = first_reached(pair.closed_best, pair.closed_released.days, pair.open_values)
    lag = np.maximum(pair.opened.day - reached, 0.0) / DAYS_PER_MONTH
    count = records.sum(-1)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, np.where(records, lag, 0.0).sum(-1) / np.maximum(count, 1), np.nan)
    return mean, count


def lag_within_error(pair: Pair, days: Days) -> Numbers:
    """Return on each day the time since the best closed model was last not significantly better, in months.

    Significant as in :attr:`Pair.equal`. NaN where even the first closed model was significantly better.
    """
    release_days = pair.closed_released.days
    next_day = np.append(release_days[1:].astype(np.float64), np.inf)
    last_equal = release_days.size - 1 - np.argmax(pair.equal[:, ::-1, :], axis=1)
    surpassed = np.where(pair.equal.any(axis=1), next_day[last_equal], np.nan)
    return np.maximum(days - surpassed[:, standing_on(pair.open_released.days, days)], 0.0) / DAYS_PER_MONTH


def lag_over_levels_within_error(pair: Pair, first: int, last: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Return the mean time until open models caught up, over levels of the index, and the steps caught.

    Each rise of the closed frontier in a period is a step of levels, dated when it happened; open models
    have caught up with the first that is not significantly worse (as in :attr:`Pair.equal`). Steps count by
    their height; steps not caught up with by day ``last`` are left out.
    """
    released = pair.closed_released
    best = released.best_of_day(pair.closed_values)
    closed = best_so_far(best)
    height = np.where(record_days(best), np.diff(closed, axis=-1, prepend=closed[:, :1]), 0.0)
    open_days = pair.open_released.days.astype(np.float64)
    caught = np.where(pair.equal.any(axis=2), open_days[np.argmax(pair.equal, axis=2)], np.inf)
    counted = (height > 0) & (caught <= last) & (released.days >= first)
    wait = np.maximum(np.where(counted, caught, 0.0) - released.days, 0.0) / DAYS_PER_MONTH
    weight = np.where(counted, height, 0.0)
    total = weight.sum(-1)
    mean = np.where(total > 0, (weight * wait).sum(-1) / np.where(total > 0, total, 1.0), np.nan)
    return mean, counted.sum(-1)


def catch_up_waits(pair: Pair, replication: int, first: int, last: int) -> tuple[Days, Numbers, Flags]:
    """Return, for each record-setting day of the closed frontier in a period, how long open models took.

    Returns
    -------
    (days, months, happened)
        Days of the records; months until an open model reached them, or until ``last`` where none has;
        whether one has.
    """
    released = pair.closed_released
    best = released.best_of_day(pair.closed_values[replication])
    chosen = record_days(best) & (released.days >= first) & (released.days <= last)
    days = released.days[chosen]
    row = slice(replication, replication + 1)
    reached = first_reached(pair.open_best[row], pair.open_released.days, best[None, chosen])[0]
    happened = reached <= last
    months = np.maximum(np.where(happened, reached, last) - days, 0.0) / DAYS_PER_MONTH
    return days, months, happened


def median_catch_up(pair: Pair, first: int, last: int) -> Numbers:
    """Return the Kaplan-Meier median of :func:`catch_up_waits` in months; NaN where half still wait."""
    medians = np.full(pair.closed_values.shape[0], np.nan)
    for replication in range(medians.size):
        _, months, happened = catch_up_waits(pair, replication, first, last)
        median = median_wait(months, happened)
        medians[replication] = np.nan if median is None else median
    return medians


def lag_between_lines(closed: Lines, opened: Lines, at: float) -> Numbers:
    """Return the horizontal distance between two lines at a moment, in months.

    How long before ``at`` (years) the closed line had the height that the open line has then. NaN where the
    closed line does not rise.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        before = closed.centre + (opened.at(at) - closed.level) / closed.slope
        return np.where(closed.slope > 0, 12 * (at - before), np.nan)


def gap_between_lines(closed: Lines, opened: Lines, at: float) -> Numbers:
    """Return the vertical distance between two lines at a moment."""
    return closed.at(at) - opened.at(at)


def standing_on(release_days: Days, days: Days) -> NDArray[np.intp]:
    """Return the index of the last release day up to each day."""
    index: NDArray[np.intp] = np.searchsorted(release_days, days, side="right") - 1
    return index


def _sd_of_best(released: ReleaseDays, values: Numbers, sd: Numbers) -> Numbers:
    """Return the error of the model that holds the best score so far on each day, shape of the frontier."""
    best = released.best_of_day(values)
    holder = np.where(values == best[:, released.of_model], sd, -1.0)
    of_day = np.maximum.reduceat(holder, released.first, axis=-1)
    index = np.maximum.accumulate(np.where(record_days(best), np.arange(best.shape[-1]), 0), axis=-1)
    return np.take_along_axis(of_day, index, axis=-1)
