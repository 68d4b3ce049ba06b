"""The series that the model is fitted to and scored on, and what each observes of it.

The table is data (``data/series.toml``); this file reads it and collects the observed figures, each with its
month, its value on the working scale and its error.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from twocurves.beliefs import Beliefs
from twocurves.economy.measure_table import MEASURES
from twocurves.fit.scales import Scale, to_scale
from twocurves.months import Month
from twocurves.observed.measures.measure import Window
from twocurves.observed.measures.rows import rows
from twocurves.observed.tables import Observations

#: First month of the simulated economy; months are counted from it.
FIRST = Month.of(2023, 1)

#: Widths, in standard deviations, of the 90% interval of a normal distribution.
_NINETY = 3.2897

#: Months of the year at whose end a running record is looked at.
_QUARTERS = (3, 6, 9, 12)


class Series(BaseModel):
    """An observed series and the state of the model that it observes; see the head of the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    family: str
    measure: str = "capability_closed"
    entity_here: str | None = None
    over: str | None = None
    times: str | None = None
    part: str | None = None
    plus: str | None = None
    plus_entity: str | None = None
    observe: Literal["month", "year", "catch_up"] = "month"
    path: Literal["best closed", "best open", "closed records"] | None = None
    series: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    discount_series: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    monthly: bool = False
    scale: Scale
    measurement: float = Field(gt=0)
    discrepancy: float = Field(gt=0)
    memory: float = Field(gt=0)
    bias: float = Field(default=0.0, ge=0)
    bias_by_basis: float = Field(default=0.0, ge=0)
    why: str

    @model_validator(mode="after")
    def _reads_something(self) -> Series:
        if not (self.series or self.targets or self.path):
            raise ValueError(f"{self.id}: name series, targets or a path")
        for name in (self.measure, self.over, self.times, self.plus):
            if name is not None and name not in MEASURES:
                raise ValueError(f"{self.id}: no measure is called {name}")
        return self

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures that it takes."""
        named = (self.measure, self.over, self.times, self.plus)
        wanted = [name for name in named if name is not None]
        if self.observe == "catch_up":
            wanted += ["capability_closed", "capability_open"]
        return tuple(dict.fromkeys(wanted))

    @property
    def unit(self) -> str:
        """Unit of its figures."""
        if self.observe == "catch_up":
            return "months"
        return "1" if self.over else MEASURES[self.times or self.measure].unit


@dataclass(frozen=True, slots=True)
class Row:
    """One observed figure.

    Attributes
    ----------
    series
        Identifier.
    month
        Months after January 2023; of a year its first month.
    day
        What the figure is dated, and the day from which it was known.
    value
        On the working scale.
    error
        Standard deviation of its measurement on that scale.
    at_least
        Whether nothing more is known than that the true figure is at least this.
    basis
        What the publisher counts, empty when not said.
    source
        Who published it.
    """

    series: str
    month: int
    day: dt.date
    value: float
    error: float
    at_least: bool
    basis: str
    source: str


@cache
def series_table() -> dict[str, Series]:
    """Return the series by identifier, in the order of the table."""
    text = resources.files("twocurves.fit").joinpath("data", "series.toml").read_text("utf-8")
    found = [Series.model_validate(entry) for entry in tomllib.loads(text)["series"]]
    return {one.id: one for one in found}


def observed_rows(beliefs: Beliefs, held: Observations, until: dt.date | None = None) -> tuple[Row, ...]:
    """Return every figure of every series, in the order of the table, then of time.

    Parameters
    ----------
    beliefs
        Their targets state the few figures that no table of observations holds.
    held
        Observations, limited to what was known already.
    until
        Last day described; targets after it, and censored waits, are limited by it. The day to which ``held``
        reaches when left out.
    """
    last = held.data_to if until is None else until
    if held.as_of is not None:
        last = min(last, held.as_of)
    found: list[Row] = []
    for one in series_table().values():
        own = [row for row in _rows(one, beliefs, held, last) if row.month >= 0 and row.day <= last]
        found += sorted(own, key=lambda row: (row.month, row.day))
    return tuple(found)


def _rows(one: Series, beliefs: Beliefs, held: Observations, last: dt.date) -> Iterator[Row]:
    if one.path == "closed records":
        yield from _catch_up(one, held, last)
    elif one.path is not None:
        yield from _records(one, held, last)
    elif one.targets:
        for name in one.targets:
            target = beliefs.targets[name]
            month = Month.parse(target.month)
            if month.last_day <= last:
                yield _row(one, month.last_day, target.p50, target.p05, target.p95, "", target.source)
    else:
        yield from _published(one, held)


def _published(one: Series, held: Observations) -> Iterator[Row]:
    frame = rows(held, *one.series, window=Window(FIRST, None))
    frame = frame.filter(pl.col("entity").is_in(one.entities))
    if one.observe == "year":
        frame = frame.filter(pl.col("date_precision") == "year")
    if one.monthly:
        frame = (
            frame.with_columns(pl.col("date").dt.truncate("1mo").alias("of"))
            .group_by("of", maintain_order=True)
            .agg(
                pl.col("date").max(),
                pl.col("value").mean(),
                pl.col("series").first(),
                pl.col("basis").first(),
                pl.col("source").first(),
                pl.lit(None, dtype=pl.Float64).alias("low"),
                pl.lit(None, dtype=pl.Float64).alias("high"),
            )
        )
    columns = ("series", "date", "value", "low", "high", "basis", "source")
    for name, day, value, low, high, basis, source in frame.select(columns).iter_rows():
        figures = [value, low, high]
        if name in one.discount_series:
            figures = [1.0 / (1.0 - value), None, None]
        yield _row(one, day, figures[0], figures[1], figures[2], basis or "", source or "")


def _row(
    one: Series, day: dt.date, value: float, low: float | None, high: float | None, basis: str, source: str
) -> Row:
    error = one.measurement
    if low is not None and high is not None and high > low:
        ends = to_scale(one.scale, np.array([low, high]))
        error = max(error, float(ends[1] - ends[0]) / _NINETY)
    month = Month.of(day.year, 1 if one.observe == "year" else day.month)
    scaled = float(to_scale(one.scale, value))
    return Row(one.id, month - FIRST, day, scaled, error, at_least=False, basis=basis, source=source)


def _records(one: Series, held: Observations, last: dt.date) -> Iterator[Row]:
    """Yield the best score of an economy at the ends of quarters, from its first score on."""
    economy = "closed" if one.path == "best closed" else "open"
    frame = rows(held, "eci", window=Window(None, None)).filter(pl.col("economy") == economy)
    columns = ("date", "value", "low", "high", "source")
    scores = sorted(frame.select(columns).iter_rows())
    month = FIRST
    while month.last_day <= last:
        known = [score for score in scores if score[0] <= month.last_day]
        if known and month.month in _QUARTERS:
            _, value, low, high, source = max(known, key=lambda score: float(score[1]))
            yield _row(one, month.last_day, value, low, high, "", source)
        month += 1


def _catch_up(one: Series, held: Observations, last: dt.date) -> Iterator[Row]:
    """Yield how long open models took to reach each closed record, or have taken so far."""
    frame = rows(held, "eci", window=Window(None, None))
    scores = sorted(
        frame.filter(pl.col("date") <= last).select("date", "value", "economy", "source").iter_rows()
    )
    # Two records of one day are one: the higher.
    records = {day: (value, source) for day, value, economy, source in scores if economy == "closed"}
    best = -math.inf
    for day, (value, source) in records.items():
        if value <= best:
            continue
        best = value
        if day < FIRST.first_day:
            continue
        reached = [other for other, score, kind, _ in scores if kind == "open" and score >= value]
        waited = ((reached[0] if reached else last) - day).days / (365.25 / 12.0)
        if reached and waited < 0.0:
            continue  # open weights stood there before: the record was no lead
        month = Month.of(day.year, day.month) - FIRST
        yield Row(one.id, month, day, waited, one.measurement, not reached, "", source or "")
