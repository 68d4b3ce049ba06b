"""Observed paths that the simulated economy is given while they last: chips shipped, capital spending."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.months import Month
from twocurves.observed.tables import Observations

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Number = TypeVar("Number", bound=np.generic)

_SHIPPED = "cumulative_h100e_shipped"
_CAPEX = "hyperscaler_capex_quarter"
_FIVE = "MSFT+AMZN+GOOG+META+ORCL"
_QUARTERS_A_YEAR = 4.0


@lru_cache(maxsize=8)
def shipments(held: Observations, first: Month, months: int) -> tuple[FloatArray, BoolArray]:
    """Return H100-equivalents shipped in each month, and whether they are observed.

    Cumulative shipments of all vendors, interpolated in logs between quarter ends; a vendor that is not yet
    reported counts as zero, partial quarters are left out.

    Returns
    -------
    shipped, known
        Shape ``(months,)``; zero where not known.
    """
    rows = held.series(_SHIPPED).filter(pl.col("exclude").is_null() & pl.col("date").is_not_null())
    ends = [(first + index).last_day for index in range(-1, months)]
    total = np.zeros(len(ends))
    lasts: list[dt.date] = []
    for _, own in rows.sort("date").group_by("entity", maintain_order=True):
        days = own["date"].to_list()
        total += _interpolated(days, own["value"].to_numpy(), ends)
        lasts.append(days[-1])
    known = np.array([bool(lasts) and end <= min(lasts) for end in ends[1:]])
    shipped = np.where(known, np.diff(total), 0.0)
    return _frozen(np.maximum(shipped, 0.0)), _frozen(known)


@lru_cache(maxsize=8)
def capital_spending(held: Observations, first: Month, months: int) -> tuple[FloatArray, BoolArray]:
    """Return capital spending of the five largest hyperscalers, USD billions a year, and whether observed.

    Quarterly figures times four, interpolated in logs between the quarters reported.
    """
    rows = held.series(_CAPEX).filter((pl.col("entity") == _FIVE) & pl.col("exclude").is_null()).sort("date")
    middles = [(first + index).first_day + dt.timedelta(days=14) for index in range(months)]
    days = rows["date"].to_list()
    if not days:
        return _frozen(np.zeros(months)), _frozen(np.zeros(months, dtype=bool))
    values = _QUARTERS_A_YEAR * _interpolated(days, rows["value"].to_numpy(), middles)
    known = np.array([days[0] <= day <= days[-1] for day in middles])
    return _frozen(np.where(known, values, 0.0)), _frozen(known)


def _interpolated(days: list[dt.date], values: FloatArray, wanted: list[dt.date]) -> FloatArray:
    """Interpolate in logs; zero before the first day, the last value after the last."""
    at = np.array([day.toordinal() for day in wanted], dtype=np.float64)
    known = np.array([day.toordinal() for day in days], dtype=np.float64)
    filled = np.exp(np.interp(at, known, np.log(values)))
    return np.where(at < known[0], 0.0, filled)


def _frozen(values: NDArray[Number]) -> NDArray[Number]:
    """Return an array that nobody can write to, since all who ask are given the same one."""
    values.flags.writeable = False
    return values
