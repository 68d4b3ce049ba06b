"""When a figure says too little: rules by which a note calls it so, and by which no interval is given."""

from __future__ import annotations

import math

from twocurves.observed.measures.intervals import Interval
from twocurves.observed.measures.trend import DAYS_PER_YEAR

#: From this factor between its ends on, an interval of a factor says nothing of its size.
WIDEST_FACTOR = 100.0

#: A change over fewer days than this is not a yearly one: it is told over its days, or the note says so.
DAYS_OF_A_YEAR = 360

_LOG2_UNITS = ("doublings", "halvings")
_FACTOR_UNITS = ("x a year", "x in ", "ratio of prices")


def without_degenerate(found: Interval | None) -> Interval | None:
    """Return the interval, its ends left out where both are the estimate: that is no interval."""
    if found is None or found.low is None or found.high is None:
        return found
    tiny = 1e-9 * max(1.0, abs(found.estimate))
    return Interval(found.estimate, None, None) if found.high - found.low <= tiny else found


def too_wide(found: Interval | None, unit: str) -> str:
    """Say that the ends of a factor lie a factor of :data:`WIDEST_FACTOR` or more apart; empty otherwise.

    Applies to factors (``x a year``) and to their logarithms (``doublings a year``); other units are left
    alone.
    """
    if found is None or found.low is None or found.high is None:
        return ""
    if unit.startswith(_LOG2_UNITS):
        apart = 2.0 ** min(found.high - found.low, 100.0)
    elif unit.startswith(_FACTOR_UNITS):
        apart = found.high / found.low if found.low > 0 else math.inf
    else:
        return ""
    if apart < WIDEST_FACTOR:
        return ""
    return f"Too few to tell how much: the ends lie a factor of {WIDEST_FACTOR:g} or more apart."


def cannot_tell_growth(estimate: float | None, low: float | None, high: float | None, what: str) -> str:
    """Say that an interval holds nothing at all as well as twice the estimate; empty otherwise.

    Parameters
    ----------
    what
        What is nothing at 0: ``growth``, ``distance``.
    """
    if estimate is None or low is None or high is None:
        return ""
    holds = low <= 0 and high >= 2 * estimate if estimate >= 0 else high >= 0 and low <= 2 * estimate
    return f"Too few to tell: the interval holds no {what} as well as twice the estimate." if holds else ""


def cannot_tell_apart(
    low: float | None, high: float | None, closed: float | None, opened: float | None
) -> bool:
    """Say whether the interval of a difference reaches as far as the growth itself on both sides of zero.

    Then the data cannot exclude that either economy stands still beside the other: they are too few to tell,
    where a narrower interval around zero would say that the rates lie close together.

    Parameters
    ----------
    low, high
        Ends of closed less open.
    closed, opened
        The two rates; their mean size is what the ends are held against.
    """
    if low is None or high is None or closed is None or opened is None:
        return False
    size = 0.5 * (abs(closed) + abs(opened))
    return low <= -size and high >= size


TOO_FEW_APART = "Too few to tell: the interval reaches as far as the growth itself on both sides of zero."


def yearly_footing(days: int) -> str:
    """Say that a yearly rate comes from less than a year; empty from :data:`DAYS_OF_A_YEAR` on."""
    return f"From {days} days, put on a yearly footing." if 0 < days < DAYS_OF_A_YEAR else ""


def over_period(days: int) -> tuple[float, str]:
    """Return the years by which a yearly rate is multiplied to tell it over its own period, and its words.

    >>> over_period(176)[1], over_period(700)[1]
    ('in 176 days', 'a year')
    """
    return (days / DAYS_PER_YEAR, f"in {days} days") if days < DAYS_OF_A_YEAR else (1.0, "a year")
