"""The tables that the figures of lag and gap over time draw."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import ndtri

from twocurves.months import Month, months_from
from twocurves.observed.measures.distance import (
    Pair,
    both_known,
    first_reached,
    gap_on,
    lag_on,
    standing_on,
)
from twocurves.observed.measures.measure import LEVEL
from twocurves.observed.measures.scores import DAYS_PER_MONTH, Days, date_of, day_number

LAG = {
    "date": pl.Date(),
    "lag": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "catch_up": pl.Float64(),
    "censored": pl.Boolean(),
}

GAP = {"date": pl.Date(), "gap": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}

_REACH = float(ndtri(0.5 + LEVEL / 2))


def month_ends(first: int, last: int) -> Days:
    """Return the last day of each month of a period, the last of them cut at its end."""
    if last < first:
        return np.zeros(0, dtype=np.int64)
    months = months_from(Month.containing(date_of(first)), Month.containing(date_of(last)))
    return np.minimum(np.array([day_number(month.last_day) for month in months], dtype=np.int64), last)


def lag_over_time(measured: Pair, redrawn: Pair, first: int, last: int) -> pl.DataFrame:
    """Return the lag at the end of each month of a period.

    Returns
    -------
    pl.DataFrame
        Columns :data:`LAG`. ``lag`` with ``low`` and ``high`` (90%): months since closed models first had the
        best open score of that day. ``catch_up``: months from the release of the closed record standing that
        day until an open model reached it; where none has, months until the end so far, and ``censored``.
    """
    days = both_known(measured, month_ends(first, last))
    if not days.size:
        return pl.DataFrame(schema=LAG)
    lag = lag_on(measured, days)[0]
    reach = _REACH * np.sqrt(((lag_on(redrawn, days) - lag) ** 2).mean(axis=0))
    level = measured.closed_best[:, standing_on(measured.closed_released.days, days)]
    since = first_reached(measured.closed_best, measured.closed_released.days, level)[0]
    reached = first_reached(measured.open_best, measured.open_released.days, level)[0]
    censored = reached > last
    return pl.DataFrame(
        {
            "date": [date_of(day) for day in days],
            "lag": lag,
            "low": np.maximum(lag - reach, 0.0),
            "high": lag + reach,
            "catch_up": np.maximum(np.where(censored, last, reached) - since, 0.0) / DAYS_PER_MONTH,
            "censored": censored,
        },
        schema=LAG,
    )


def gap_over_time(measured: Pair, redrawn: Pair, first: int, last: int) -> pl.DataFrame:
    """Return best closed minus best open score at the end of each month (:data:`GAP`), with its 90%."""
    days = both_known(measured, month_ends(first, last))
    if not days.size:
        return pl.DataFrame(schema=GAP)
    gap = gap_on(measured, days)[0]
    reach = _REACH * np.sqrt(((gap_on(redrawn, days) - gap) ** 2).mean(axis=0))
    dates = [date_of(day) for day in days]
    return pl.DataFrame({"date": dates, "gap": gap, "low": gap - reach, "high": gap + reach}, schema=GAP)
