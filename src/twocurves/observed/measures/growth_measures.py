"""From estimated growth to measures: rates, doubling times, differences, breaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from twocurves.months import Month
from twocurves.observed.measures.breaks import Break
from twocurves.observed.measures.growth import LEAST_POINTS, Growth
from twocurves.observed.measures.imitation import YEAR_ZERO
from twocurves.observed.measures.measure import CALENDAR_YEAR, Measure, Window, month_of_year
from twocurves.observed.measures.rows import sources_of
from twocurves.observed.measures.scores import DAYS_PER_YEAR, Days, date_of, day_number
from twocurves.observed.measures.thin import (
    TOO_FEW_APART,
    cannot_tell_apart,
    cannot_tell_growth,
    yearly_footing,
)
from twocurves.observed.measures.uncertain import Uncertain, shifted

#: How growth through record-setting models is estimated, in one line.
RECORDS_METHOD = (
    "least squares through record-setting models; interval from imitated frontiers (noise that remembers, "
    "scores redrawn within their published error, records found anew)"
)

BREAK_METHOD = (
    "largest F statistic of one change of slope over all months; its chance from frontiers imitated without "
    "a break"
)

SIDE_METHOD = "two lines that meet at the break, whose month is taken as given; interval as for one line"

#: Why there is no growth.
NO_GROWTH = f"Fewer than {LEAST_POINTS} points: no growth is given."

_NO_BREAK = "Too few points on both sides of any month to look for a break."
_FIRST_YEAR = 1970 + round(YEAR_ZERO / DAYS_PER_YEAR)


def every_point_method(what: str) -> str:
    """Say in one line how growth through all points of a series is estimated."""
    return (
        f"least squares through {what}; interval from imitated series with noise that remembers, as large as "
        "the residuals"
    )


def window_days(window: Window) -> tuple[int | None, int | None]:
    """Return the first and last day of a window, as days since 1970; None where it is open."""
    return (
        None if window.start is None else day_number(window.start.first_day),
        None if window.end is None else day_number(window.end.last_day),
    )


def point_days(growth: Growth) -> Days:
    """Return the days of the points that a line runs through."""
    frontier = growth.frontier
    days: Days = frontier.released.days[frontier.points(frontier.best_of_day)]
    return days


def doubling_days(doublings_a_year: float) -> float:
    """Return the doubling time in days; infinite without growth."""
    return DAYS_PER_YEAR / doublings_a_year if doublings_a_year > 0 else float("inf")


def break_month(found: Break) -> Month:
    """Return the month at whose start the slope changes."""
    return month_of_year(_FIRST_YEAR + found.day)


def chance_of(found: Break) -> str:
    """Say how often a break as large shows where there is none."""
    return f"{100 * found.p_value:.0f} of 100 frontiers without any break show one as large."


@dataclass(frozen=True)
class GrowthMeasures:
    """What a group of measures shares: its rows (for the credit), its unit and what to know.

    Attributes
    ----------
    rows
        Rows of observations behind the figures.
    unit
        Unit of a growth rate.
    note
        Said of every figure.
    """

    rows: pl.DataFrame
    unit: str
    note: str

    def build(
        self,
        identifier: str,
        title: str,
        estimate: float | None,
        ends: tuple[float | None, float | None] | None,
        *,
        method: str,
        growths: tuple[Growth | None, ...],
        unit: str | None = None,
        note: str = "",
    ) -> Measure:
        """Build a measure; count and months come from the points of its lines."""
        used = [growth for growth in growths if growth is not None]
        days = (
            np.concatenate([point_days(growth) for growth in used]) if used else np.zeros(0, dtype=np.int64)
        )
        why = "" if len(used) == len(growths) else NO_GROWTH
        low, high = (None, None) if ends is None or estimate is None else ends
        return Measure(
            id=identifier,
            title=title,
            estimate=estimate,
            low=low,
            high=high,
            unit=self.unit if unit is None else unit,
            method=method,
            n=days.size,
            start=Month.containing(date_of(days.min())) if days.size else None,
            end=Month.containing(date_of(days.max())) if days.size else None,
            sources=sources_of(self.rows),
            note=" ".join(part for part in (why, note, self.note) if part),
        )

    def rate(
        self,
        identifier: str,
        title: str,
        growth: Growth | None,
        found: Uncertain | None,
        *,
        method: str,
        note: str = "",
    ) -> Measure:
        """Build a measure of growth a year."""
        ends = None if found is None else found.interval()
        low, high = (None, None) if ends is None else ends
        doubt = "" if found is None else cannot_tell_growth(found.estimate, low, high, "growth")
        remarks = (doubt, _no_interval_note(found), _bias_note(found), _span_note(growth, found), note)
        return self.build(
            identifier,
            title,
            None if found is None else found.estimate,
            ends,
            method=method,
            growths=(growth,),
            note=" ".join(filter(None, remarks)),
        )

    def doubling(
        self,
        identifier: str,
        title: str,
        growth: Growth | None,
        found: Uncertain | None,
        *,
        method: str,
        note: str = "",
    ) -> Measure:
        """Build a measure of a doubling time from growth in doublings a year; None without growth."""
        estimate: float | None = None
        ends: tuple[float | None, float | None] = (None, None)
        if found is not None and found.estimate > 0:
            estimate, ends = doubling_days(found.estimate), shifted(found, doubling_days)
            unbounded = "" if ends[1] is not None or ends[0] is None else "No upper end: growth may be zero."
            note = " ".join(filter(None, (_no_interval_note(found), _haste_note(found), unbounded, note)))
        elif found is not None:
            note = "The horizon did not grow: there is no doubling time."
        return self.build(
            identifier,
            title,
            estimate,
            ends,
            unit="days",
            method=method,
            growths=(growth,),
            note=note,
        )

    def difference(
        self,
        identifier: str,
        title: str,
        closed: Growth | None,
        opened: Growth | None,
        *,
        method: str,
    ) -> tuple[Measure, Measure]:
        """Build closed minus open, and the probability that it is above zero."""
        found = closed.rate.minus(opened.rate) if closed is not None and opened is not None else None
        probability = None if found is None else found.probability_above()
        said = (
            "" if probability is None else f"The probability that closed grows faster is {probability:.2f}."
        )
        ends = None if found is None else found.interval()
        if closed is not None and opened is not None and ends is not None:
            apart = cannot_tell_apart(*ends, closed.rate.estimate, opened.rate.estimate)
            said = f"{TOO_FEW_APART} {said}" if apart else said
        return (
            self.build(
                identifier,
                title,
                None if found is None else found.estimate,
                ends,
                method=f"{method}; difference of two independent estimates",
                growths=(closed, opened),
                note=said,
            ),
            self.build(
                f"{identifier}_probability",
                f"Probability that the difference is above zero ({title[0].lower()}{title[1:]})",
                probability,
                None,
                unit="probability",
                method="share of the difference's distribution that lies above zero",
                growths=(closed, opened),
                note="A probability has no interval of its own.",
            ),
        )

    def breaks(
        self, stem: str, suffix: str, what: str, growth: Growth | None, found: Break | None, said: str
    ) -> tuple[Measure, Measure]:
        """Build the most likely month of a break and the chance of one as large."""
        ends = None
        if found is not None and found.earliest is not None and found.latest is not None:
            ends = (_FIRST_YEAR + found.earliest, _FIRST_YEAR + found.latest)
        return (
            self.build(
                f"{stem}_break_month{suffix}",
                f"Most likely month of a break in {what}",
                None if found is None else _FIRST_YEAR + found.day,
                ends,
                unit=CALENDAR_YEAR,
                method=BREAK_METHOD,
                growths=(growth,),
                note=said or _NO_BREAK,
            ),
            self.build(
                f"{stem}_break_p_value{suffix}",
                f"Chance of so large a break in {what} if there were none",
                None if found is None else found.p_value,
                None,
                unit="probability",
                method=BREAK_METHOD,
                growths=(growth,),
                note=said or _NO_BREAK,
            ),
        )


def _no_interval_note(found: Uncertain | None) -> str:
    """Say why there is an estimate without an interval, where that is so."""
    if found is None or found.interval() is not None:
        return ""
    return "No interval: too few records, so more than one imitation in ten has too few for a line."


def _span_note(growth: Growth | None, found: Uncertain | None) -> str:
    """Say that a yearly rate comes from less than a year, where it does."""
    if growth is None or found is None:
        return ""
    days = point_days(growth)
    return yearly_footing(int(days.max() - days.min()))


def _bias_note(found: Uncertain | None) -> str:
    """Say why an interval does not stand evenly around its estimate, where that shows."""
    if found is None or not abs(found.bias) > 0.1 * found.sd:
        return ""
    side = "above" if found.bias > 0 else "below"
    return (
        f"Such estimates lie {abs(found.bias):.1f} {side} the truth on average; the interval allows for it."
    )


def _haste_note(found: Uncertain | None) -> str:
    """Say the same of a doubling time, where a rate has no unit that a reader knows."""
    if found is None or not found.bias > 0.1 * found.sd:
        return ""
    share = 100 * found.bias / found.estimate
    return f"Such estimates come out {share:.0f}% too fast on average; the interval allows for it."
