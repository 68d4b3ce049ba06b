"""The tables that the figure of the two frontiers draws."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.special import stdtrit

from twocurves.months import Month, months_from
from twocurves.observed.measures.eci import ECONOMIES, eci_scores
from twocurves.observed.measures.frontier import ReleaseDays, record_models
from twocurves.observed.measures.growth import Growth
from twocurves.observed.measures.growth_measures import point_days, window_days
from twocurves.observed.measures.imitation import years
from twocurves.observed.measures.measure import LEVEL, Window
from twocurves.observed.measures.scores import date_of, day_number

POINTS = {
    "date": pl.Date(),
    "value": pl.Float64(),
    "economy": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "label": pl.String(),
    "record": pl.Boolean(),
}

FITS = {
    "date": pl.Date(),
    "value": pl.Float64(),
    "economy": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}


def frontier_points(rows: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Return every model of the index that was released in the window.

    Returns
    -------
    pl.DataFrame
        Columns :data:`POINTS`: ``low`` and ``high`` hold 90% and are null where no error is published;
        ``label`` is the model; ``record`` says whether it was strictly above all models of its economy of
        earlier days, those before the window included.
    """
    first, last = window_days(window)
    parts = []
    for economy in ECONOMIES:
        scores = eci_scores(rows, economy)
        if not len(scores):
            continue
        below, above = scores.errors_at_level()
        exact = (scores.sd_below == 0) & (scores.sd_above == 0)
        parts.append(
            pl.DataFrame(
                {
                    "date": [date_of(day) for day in scores.day],
                    "value": scores.value,
                    "economy": [economy] * len(scores),
                    "low": np.where(exact, np.nan, scores.value + below),
                    "high": np.where(exact, np.nan, scores.value + above),
                    "label": scores.names,
                    "record": record_models(scores.value, ReleaseDays.of(scores.day)),
                },
                schema=POINTS,
            )
        )
    points = pl.concat(parts) if parts else pl.DataFrame(schema=POINTS)
    points = points.with_columns(pl.col("low", "high").fill_nan(None))
    if first is not None:
        points = points.filter(pl.col("date") >= date_of(first))
    if last is not None:
        points = points.filter(pl.col("date") <= date_of(last))
    return points


def frontier_fits(growths: Mapping[str, Growth | None]) -> pl.DataFrame:
    """Return the lines through the frontiers, month by month, with their 90% bands (:data:`FITS`)."""
    parts = []
    for economy, growth in growths.items():
        if growth is None:
            continue
        days = point_days(growth)
        start, end = Month.containing(date_of(days[0])), Month.containing(date_of(days[-1]))
        dates = [month.first_day + dt.timedelta(days=14) for month in months_from(start, end)]
        x = years(np.array([day_number(day) for day in dates]))
        line = growth.line.at(x)
        imitated = growth.replications
        error = imitated.level[:, None] + imitated.slope[:, None] * (x - imitated.centre[:, None]) - line
        reach = float(stdtrit(growth.n - 2, 0.5 + LEVEL / 2)) * np.nanstd(error, axis=0)
        centre = line - np.nanmean(error, axis=0)
        parts.append(
            pl.DataFrame(
                {
                    "date": dates,
                    "value": line,
                    "economy": [economy] * len(dates),
                    "low": centre - reach,
                    "high": centre + reach,
                },
                schema=FITS,
            )
        )
    return pl.concat(parts) if parts else pl.DataFrame(schema=FITS)
