"""Family: how far open models are behind closed ones, in months and in points, by each definition.

The definition decides the answer, so every figure carries its own in its id:

``weekly``
    Mean over the weeks of a period of how long ago closed models first had the best open score of that week.
``releases``
    Mean of the same at the release of each record-setting open model.
``frontiers``
    Horizontal distance between the lines through the two frontiers, in the middle of the period.
``catch_up``
    For each record-setting closed model, months until an open one reached it: the median, with models not yet
    reached counted as still waiting.
``within_error``
    Mean over weeks of the time since the best closed model was last not significantly better than the best
    open one.
``levels_within_error``
    Mean over levels of the index of the time until open models were not significantly worse.

The last two follow what Epoch AI describes for its own figures of May 2026 and of October 2025. They ask for
a score within its error, the first four for the score itself, which closed models had earlier: in no week is
``weekly`` shorter than ``within_error``. A mean over weeks is long for a second reason: an open model that
stays the best for months grows older every week. ``releases`` looks only at days on which one is new, so over
a period in which few are, it can be shorter than ``within_error``.
"""

from __future__ import annotations

import polars as pl

from twocurves.months import Month
from twocurves.observed.measures.eci import Dates
from twocurves.observed.measures.lag_measures import (
    DEFAULT_DATES,
    SUFFIX,
    Period,
    Setting,
    averages,
    between_lines,
    by_significance,
    catch_up,
)
from twocurves.observed.measures.lag_tables import gap_over_time, lag_over_time
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.scores import date_of, day_number
from twocurves.observed.tables import Observations

#: Periods that Epoch AI published a lag for, with the day of publication.
PUBLISHED_PERIODS = {
    (Month.of(2023, 1), Month.of(2025, 10)): "2025-10-30",
    (Month.of(2026, 1), Month.of(2026, 5)): "2026-05-29",
}


def run(observations: Observations, window: Window) -> Measured:
    """Measure lags and gaps.

    Parameters
    ----------
    observations
        What was known.
    window
        Limits the period that is averaged over; frontiers are made of all models released by then, those
        before the period included. Without limits, standard periods are given beside the whole.
    """
    others: Dates = "released" if DEFAULT_DATES == "listed" else "listed"
    measures: list[Measure] = []
    tables: dict[str, pl.DataFrame] = {}
    for dates in (DEFAULT_DATES, others):
        setting = Setting.of(observations, dates)
        periods = standard_periods(setting, window)
        whole = periods[0]
        for period in periods:
            measures += averages(setting, period)
        if dates == DEFAULT_DATES:
            for period in periods:
                measures += by_significance(setting, period)
            measures += [*between_lines(setting, whole), catch_up(setting, whole)]
        ending = "" if dates == DEFAULT_DATES else SUFFIX[dates].replace(":", "_")
        over = (setting.measured, setting.redrawn, whole.first, whole.last)
        tables[f"lag_over_time{ending}"] = lag_over_time(*over)
        tables[f"gap_over_time{ending}"] = gap_over_time(*over)
    return Measured(tuple(measures), tables)


def standard_periods(setting: Setting, window: Window) -> list[Period]:
    """Return the periods to average over, the whole first; a window is the only one when it has a limit."""
    dated = [day_number(day) for day in setting.rows["date"].drop_nulls()]
    begin = Month.containing(date_of(min(dated, default=0)))
    as_of = setting.observations.as_of
    data_end = max(dated, default=-1)
    if as_of is not None and dated:
        # Weeks without a release count too, as far as anything at all was observed.
        data_end = day_number(min(as_of, setting.observations.data_to))

    def period(label: str, start: Month | None, end: Month | None, published_on: str | None = None) -> Period:
        first = (begin if start is None else start).first_day
        last = data_end if end is None else min(day_number(end.last_day), data_end)
        return Period(label, day_number(first), last, published_on)

    if window.start is not None or window.end is not None:
        both = (window.start, window.end)
        published_on = next((day for known, day in PUBLISHED_PERIODS.items() if known == both), None)
        return [period("", window.start, window.end, published_on)]
    found = [period("", None, None)]
    found += [
        period(f"@{start}..{end}", start, end, published_on)
        for (start, end), published_on in PUBLISHED_PERIODS.items()
    ]
    latest = Month.containing(date_of(data_end))
    recent = max(start for start, _ in PUBLISHED_PERIODS)
    if latest >= recent and (recent, latest) not in PUBLISHED_PERIODS:
        found.append(period(f"@{recent}..{latest}", recent, None))
    return found


FAMILY = Family(
    id="lag",
    title="Lag: how far open models are behind",
    run=run,
    figures=("lag", "gap"),
    chief=("lag_months:weekly", "gap_points:weekly", "lag_months:releases", "lag_months:frontiers"),
)
