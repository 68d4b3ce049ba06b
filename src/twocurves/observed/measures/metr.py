"""Doubling time of METR's time horizon: the length of tasks that models finish half of the time."""

from __future__ import annotations

import numpy as np
import polars as pl

from twocurves.months import Month
from twocurves.observed.measures.breaks import find_break
from twocurves.observed.measures.growth import Growth, estimate_growth
from twocurves.observed.measures.growth_measures import (
    RECORDS_METHOD,
    SIDE_METHOD,
    GrowthMeasures,
    break_month,
    chance_of,
    doubling_days,
    every_point_method,
    window_days,
)
from twocurves.observed.measures.imitation import Frontier
from twocurves.observed.measures.measure import Measure, Window
from twocurves.observed.measures.rows import hindsight
from twocurves.observed.measures.scores import Z95, Scores, day_number
from twocurves.observed.tables import Observations

#: Since when METR's own headline doubling time is counted.
SINCE = Month.of(2023, 1)

_LOG = "on log2 minutes"


def metr_measures(observations: Observations, window: Window) -> list[Measure]:
    """Return the doubling time of the horizon on record-setting and on all models, with a break test.

    Without a window the headline begins with :data:`SINCE` and the break is looked for in all years.
    """
    every = observations.series("metr_p50_minutes")
    rows = every.filter(pl.col("exclude").is_null())
    about = GrowthMeasures(
        rows,
        "doublings a year",
        "50% time horizon. METR has almost no open models; see arena_growth for both economies. "
        f"{hindsight(rows, observations.as_of)}".strip(),
    )
    first, last = window_days(window)
    start = SINCE if window.start is None else window.start
    since = day_number(start.first_day)
    scores = horizons(rows)
    records = estimate_growth(Frontier.of(scores, since, last), "metr/records")
    models = estimate_growth(Frontier.of_every_model(horizons(every), since, last), "metr/models")
    whole = estimate_growth(Frontier.of(scores, first, last), "metr/whole")
    found = [
        about.doubling(
            "metr_doubling_days",
            f"Doubling time of METR's horizon from {start} on, record-setting models",
            records,
            None if records is None else records.rate,
            method=f"{RECORDS_METHOD}, {_LOG}",
            note="METR's own interval is narrower: it takes the points for independent.",
        ),
        about.doubling(
            "metr_doubling_days:all_models",
            f"Doubling time of METR's horizon from {start} on, every model",
            models,
            None if models is None else models.rate,
            method=every_point_method("every model's log2 minutes"),
            note=_superseded_note(every, models, since, last),
        ),
        about.doubling(
            "metr_doubling_days:all_time",
            "Doubling time of METR's horizon in all years, record-setting models",
            whole,
            None if whole is None else whole.rate,
            method=f"{RECORDS_METHOD}, {_LOG}",
        ),
    ]
    return found + _break_measures(about, whole)


def horizons(rows: pl.DataFrame) -> Scores:
    """Return horizons as scores in log2 minutes; METR's intervals are 95%, and none may be 0 or less."""
    return Scores.from_table(rows, np.log2, Z95)


def _break_measures(about: GrowthMeasures, whole: Growth | None) -> list[Measure]:
    found = None if whole is None else find_break(whole, "metr/break")
    when, said = "a break", ""
    if found is not None:
        when = str(break_month(found))
        before, after = doubling_days(found.before.estimate), doubling_days(found.after.estimate)
        said = f"Break at {when}: {before:.0f} days before, {after:.0f} after; {chance_of(found)}"
    sides = (("before", found.before if found else None), ("after", found.after if found else None))
    return [
        about.doubling(
            f"metr_doubling_days:{side}_break",
            f"Doubling time of METR's horizon {side} {when}",
            whole,
            rate,
            method=f"{SIDE_METHOD}, {_LOG}",
            note=said or "No break can be looked for: too few record-setting models.",
        )
        for side, rate in sides
    ] + list(about.breaks("metr", "", "the growth of METR's horizon", whole, found, said))


def _superseded_note(every: pl.DataFrame, counted: Growth | None, first: int, last: int | None) -> str:
    """Say what rows that another row supersedes do to the figure."""
    kept = every.filter(pl.col("exclude").is_null())
    if counted is None or kept.height == every.height:
        return ""
    frontier = Frontier.of_every_model(horizons(kept), first, last)
    without = doubling_days(float(frontier.line(frontier.best_of_day).slope))
    return (
        "Every row counts, an announced horizon that METR's table superseded too; "
        f"without such rows {without:.0f} days."
    )
