"""Growth of the best closed and the best open model on LMArena, where both economies are rated."""

from __future__ import annotations

import polars as pl

from twocurves.months import Month
from twocurves.observed.measures.eci import ECONOMIES
from twocurves.observed.measures.growth import estimate_growth
from twocurves.observed.measures.growth_measures import GrowthMeasures, every_point_method, window_days
from twocurves.observed.measures.imitation import Frontier
from twocurves.observed.measures.measure import Measure, Window
from twocurves.observed.measures.scores import Scores
from twocurves.observed.tables import Observations


def arena_measures(observations: Observations, window: Window) -> list[Measure]:
    """Return growth in Elo points a year of the best models, and the difference."""
    tables = {
        economy: observations.series(f"lmarena_best_{economy}").filter(pl.col("exclude").is_null())
        for economy in ECONOMIES
    }
    rows = pl.concat(list(tables.values()))
    ends = Month.containing(max(rows["date"])) if rows.height else "before this day"
    about = GrowthMeasures(
        rows,
        "Elo points a year",
        "Best of each month's last snapshot; every month counts, since the rating of a model moves too. "
        f"No error of a rating is published here; the series ends {ends}.",
    )
    growths = {
        economy: estimate_growth(
            Frontier.of(Scores.from_table(table), *window_days(window), records_only=False),
            f"arena/{economy}",
        )
        for economy, table in tables.items()
    }
    method = every_point_method("the monthly best ratings")
    found = [
        about.rate(
            f"arena_growth_{economy}",
            f"Growth of the best {economy} model on LMArena",
            growth,
            None if growth is None else growth.rate,
            method=method,
        )
        for economy, growth in growths.items()
    ]
    found += about.difference(
        "arena_growth_difference",
        "Growth of the best closed model on LMArena minus the best open one",
        growths["closed"],
        growths["open"],
        method=method,
    )
    return found
