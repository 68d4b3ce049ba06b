"""Scores of one economy's models by day of release, with the error each was measured with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.months import Month
from twocurves.observed.measures.draws import standard_normals

#: Standard normal quantiles of 0.95 and 0.975: half of a 90% and of a 95% interval, in standard deviations.
Z90 = 1.6448536269514722
Z95 = 1.959963984540054

#: Days in a year and in a month of the Gregorian mean, so that 12 months are one year.
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12

_EPOCH = dt.date(1970, 1, 1)

Numbers = NDArray[np.float64]
Days = NDArray[np.int64]


def day_number(day: dt.date) -> int:
    """Return a day as days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(day: float) -> dt.date:
    """Return the day that a number of days since 1970-01-01 stands for."""
    return _EPOCH + dt.timedelta(days=int(day))


@dataclass(frozen=True)
class Scores:
    """Scores of models, in order of their day; arrays of one length ``n``.

    Attributes
    ----------
    names
        Names of the models.
    day
        Day of release, days since 1970-01-01, never falling.
    value
        Score.
    sd_below, sd_above
        Standard deviation of the measurement error below and above the score; 0 where none is published.
    dropped
        Rows of the table that could not be used (no number, no day, dated after they became known).
    """

    names: tuple[str, ...]
    day: Days
    value: Numbers
    sd_below: Numbers
    sd_above: Numbers
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def from_table(
        cls, table: pl.DataFrame, scale: Callable[[Numbers], Numbers] | None = None, reach: float = Z90
    ) -> Scores:
        """Read scores from rows of observations.

        Rows of one model on one day are one score: their mean, with an interval that holds them all.
        An interval is read as two quantiles of a two-piece normal whose median is the score.

        Parameters
        ----------
        table
            Columns ``entity``, ``date``, ``value``, ``low``, ``high`` and, where there, ``known_on``.
        scale
            A rising function applied to values and intervals (``np.log2`` for horizons); values where it is
            not finite are dropped.
        reach
            Standard deviations from the score to an end of its interval: :data:`Z90` for 90% intervals.
        """
        known = ["known_on"] if "known_on" in table.columns else []
        usable = pl.col("value").is_finite() & pl.col("date").is_not_null() & pl.col("entity").is_not_null()
        if known:
            usable &= pl.col("known_on").is_null() | (pl.col("date") <= pl.col("known_on"))
        kept = table.lazy().select("entity", "date", "value", "low", "high", *known).filter(usable).collect()
        if scale is not None:
            with np.errstate(all="ignore"):
                scaled = [pl.Series(name, scale(kept[name].to_numpy())) for name in ("value", "low", "high")]
            kept = kept.with_columns(scaled).filter(pl.col("value").is_finite())
        ends = [pl.when(pl.col(name).is_finite()).then(name).alias(name) for name in ("low", "high")]
        one_each = (
            kept.lazy()
            .with_columns(ends)
            .group_by("entity", "date")
            .agg(
                pl.col("value").mean().alias("score"),
                pl.min_horizontal(pl.col("low").min(), pl.col("value").min()).alias("low"),
                pl.max_horizontal(pl.col("high").max(), pl.col("value").max()).alias("high"),
            )
            .sort("date", "entity")
            .collect()
        )
        value = one_each["score"].to_numpy().astype(np.float64)
        return cls(
            names=tuple(one_each["entity"].to_list()),
            day=one_each["date"].cast(pl.Int32).to_numpy().astype(np.int64),
            value=value,
            sd_below=(value - one_each["low"].to_numpy()) / reach,
            sd_above=(one_each["high"].to_numpy() - value) / reach,
            dropped=table.height - kept.height,
        )

    def until(self, day: int) -> Scores:
        """Return the models released by a day."""
        kept = self.day <= day
        return Scores(
            tuple(name for name, keep in zip(self.names, kept, strict=True) if keep),
            self.day[kept],
            self.value[kept],
            self.sd_below[kept],
            self.sd_above[kept],
            self.dropped,
        )

    def errors(self, normal: Numbers) -> Numbers:
        """Turn standard normal numbers, shape ``(..., n)``, into measurement errors of the same shape."""
        return np.where(normal < 0, normal * self.sd_below, normal * self.sd_above)

    def errors_at_level(self, reach: float = Z90) -> tuple[Numbers, Numbers]:
        """Return the errors below and above each score that lie ``reach`` standard deviations from it."""
        return -reach * self.sd_below, reach * self.sd_above

    def redrawn(self, stream: str, replications: int) -> Numbers:
        """Return the scores with a new measurement error each time, shape ``(replications, n)``."""
        return self.value + self.errors(standard_normals(stream, replications, len(self)))

    @property
    def months(self) -> tuple[Month, Month] | None:
        """First and last month with a release; None when there is none."""
        if not len(self):
            return None
        return Month.containing(date_of(self.day[0])), Month.containing(date_of(self.day[-1]))
