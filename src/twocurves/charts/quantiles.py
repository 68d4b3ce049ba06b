"""The table a fan is drawn from: seven percentiles of the runs, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from twocurves.charts.number_text import say_estimate, say_range
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Percentiles of a fan and the columns that hold them, lowest first.
PERCENTILES: dict[str, float] = {
    "p2_5": 2.5,
    "p10": 10.0,
    "p25": 25.0,
    "p50": 50.0,
    "p75": 75.0,
    "p90": 90.0,
    "p97_5": 97.5,
}


def quantile_table(months: Sequence[dt.date], draws: ArrayLike, economy: str | None = None) -> pl.DataFrame:
    """Summarise draws into the percentiles of a fan.

    Parameters
    ----------
    months
        First day of each month.
    draws
        Array of shape (draw, month), finite throughout: leave failed draws out and say how many they were.
    economy
        ``closed`` or ``open``; adds a column ``economy`` when given.

    Returns
    -------
    polars.DataFrame
        ``month`` (Date), ``economy`` where given, and one column for each of ``PERCENTILES``.

    Raises
    ------
    BadInputError
        The shape does not fit the months, there are no draws, or a value is not finite.
    """
    values = np.asarray(draws, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] == 0 or values.shape[1] != len(months):
        raise BadInputError(
            f"draws must have the shape (draw, month) with {len(months)} months; it is {values.shape}.",
            field="draws",
            given=list(values.shape),
            allowed=["at least 1", len(months)],
        )
    if not np.isfinite(values).all():
        raise BadInputError(
            f"draws holds {int((~np.isfinite(values)).sum())} values that are not finite; "
            "leave failed draws out.",
            field="draws",
        )
    found = np.percentile(values, list(PERCENTILES.values()), axis=0)
    columns = [pl.Series("month", list(months), dtype=pl.Date)]
    columns += [pl.Series(name, values) for name, values in zip(PERCENTILES, found, strict=True)]
    if economy is not None:
        columns.append(pl.Series("economy", [economy] * len(months), dtype=pl.String))
    return pl.DataFrame(columns)


def end_said(row: Mapping[str, Any], number: str) -> tuple[str, str]:
    """Return the median of a row of percentiles and its 80% range, as text."""
    low, high = row["p10"], row["p90"]
    return say_estimate(row["p50"], low, high, number), say_range(low, high, number)


def end_words(quantiles: pl.DataFrame, number: str) -> str:
    """Return the last month of a table of percentiles as a sentence."""
    last = quantiles.row(-1, named=True)
    median, span = end_said(last, number)
    return f"In {last['month']:%b %Y} the median is {median}, 80% of runs {span}."
