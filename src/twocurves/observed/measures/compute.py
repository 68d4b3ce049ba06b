"""Compute: how many chips there are, how fast their number grows, what an hour costs, what is spent."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from importlib import resources

import numpy as np
import polars as pl

from twocurves.observed.measures.intervals import Interval
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.rows import measure, rows
from twocurves.observed.measures.trend import Trend, log_linear_trend, years
from twocurves.observed.tables import Observations

#: Rows of GPU-hour prices this near to the last one describe the present.
RECENT_DAYS = 190

_QUARTERS = ("first", "second", "third", "fourth")

_SHIPPED = "cumulative_h100e_shipped"


def run(observations: Observations, window: Window) -> Measured:
    """Measure the stock of compute and its growth, the price of a GPU-hour, and capital spending."""
    shipped = _positive(rows(observations, _SHIPPED, window=window))
    total = total_shipped(shipped)
    stock, standing = _stock(shipped, total, hardware_life())
    return Measured(
        measures=(
            *stock,
            _growth(shipped, total),
            *_gpu_hour(_positive(rows(observations, "gpu_hour_price", window=window))),
            *_capex(_positive(rows(observations, "hyperscaler_capex_quarter", window=window))),
        ),
        tables={"compute_stock": stock_table(shipped, total, standing)},
    )


def total_shipped(shipped: pl.DataFrame) -> pl.DataFrame:
    """Sum the makers of chips at the dates for which each has a figure.

    Parameters
    ----------
    shipped
        One row per maker and quarter: ``entity, date, value, low, high``. Twins of one maker and date are
        averaged first.

    Returns
    -------
    pl.DataFrame
        ``date, value, low, high``; low and high are the sums of the makers' own (as if they erred together,
        which gives the widest range), null where a maker gives none.
    """
    single = shipped.group_by("entity", "date").agg(pl.col("value", "low", "high").mean())
    makers = single["entity"].n_unique()
    bounded = pl.col("low").is_not_null().all() & pl.col("high").is_not_null().all()
    return (
        single.group_by("date")
        .agg(
            pl.col("entity").len().alias("makers"),
            pl.col("value").sum(),
            pl.when(bounded).then(pl.col("low").sum()).alias("low"),
            pl.when(bounded).then(pl.col("high").sum()).alias("high"),
        )
        .filter(pl.col("makers") == makers)
        .drop("makers")
        .sort("date")
    )


def in_service(shipped: pl.DataFrame, life_years: float) -> float | None:
    """Return what is left of the shipments when chips retire at the rate ``1 / life_years`` a year.

    Parameters
    ----------
    shipped
        One maker's cumulative shipments, ``date, value``. The first figure counts as new at its date.
    life_years
        Mean life.

    Returns
    -------
    float | None
        The stock at the last date, None without rows.
    """
    if shipped.is_empty():
        return None
    ordered = shipped.group_by("date").agg(pl.col("value").mean()).sort("date")
    when = years(ordered["date"].to_list())
    added = np.maximum(np.diff(ordered["value"].to_numpy(), prepend=0.0), 0.0)
    return float(np.sum(added * np.exp(-(when[-1] - when) / life_years)))


def stock_table(shipped: pl.DataFrame, total: pl.DataFrame, standing: float | None) -> pl.DataFrame:
    """Return the chart's table, makers and their sum: ``vendor, date, shipped, low, high, in_service``."""
    makers = shipped.select(
        "date", pl.col("entity").alias("vendor"), pl.col("value").alias("shipped"), "low", "high"
    )
    whole = total.select(
        "date",
        pl.lit("all").alias("vendor"),
        pl.col("value").alias("shipped"),
        "low",
        "high",
        pl.when(pl.col("date") == pl.col("date").max())
        .then(pl.lit(standing, pl.Float64))
        .alias("in_service"),
    )
    return pl.concat([whole, makers], how="diagonal").select(
        "vendor", "date", "shipped", "low", "high", "in_service"
    )


def hardware_life() -> Interval | None:
    """Return the mean life of a chip in years as the beliefs hold it; None where they do not.

    The file is read by itself, not through the loader of beliefs, which takes longer than all the measures.
    """
    # From the root package: naming the package of the beliefs would import it with all it needs.
    folder = resources.files("twocurves") / "beliefs" / "data" / "parameters"
    declared = tomllib.loads((folder / "compute.toml").read_text(encoding="utf-8"))["parameter"]
    prior = next((entry["default"] for entry in declared if entry["name"] == "hardware_life"), None)
    return None if prior is None else Interval(prior["p50"], prior["p05"], prior["p95"])


def _stock(
    shipped: pl.DataFrame, total: pl.DataFrame, life: Interval | None
) -> tuple[tuple[Measure, ...], float | None]:
    last = total.tail(1)
    found = None if last.is_empty() else Interval(last["value"][0], last["low"][0], last["high"][0])
    when = total["date"].max()
    cumulative = measure(
        "compute_stock:shipped",
        "AI chips shipped so far",
        found,
        unit="H100 equivalents",
        method="Sum over chip makers at the last quarter for which each has a figure; the ends are the sums "
        "of ends.",
        frame=shipped.filter(pl.col("date") == when) if isinstance(when, dt.date) else shipped.clear(),
        note="Cumulative shipments, not chips in service: nothing is taken off for chips retired, in store "
        "or waiting for power. Four makers; chips made in China and older than 2022 are not in it."
        if found is not None
        else "No quarter for which every chip maker has a figure.",
    )
    serving = None
    counted = shipped.clear()
    if found is not None and life is not None and isinstance(when, dt.date):
        counted = shipped.filter(pl.col("date") <= when)
        parts = counted.partition_by("entity")
        kept = [
            math.fsum(in_service(part, years_of_life) or 0.0 for part in parts) / found.estimate
            for years_of_life in (life.estimate, life.low or life.estimate, life.high or life.estimate)
        ]
        serving = Interval(
            kept[0] * found.estimate,
            kept[1] * (found.estimate if found.low is None else found.low),
            kept[2] * (found.estimate if found.high is None else found.high),
        )
    standing = measure(
        "compute_stock:in_service",
        "AI chips in service",
        serving,
        unit="H100 equivalents",
        method="Shipments of each quarter, of which the same part retires each year: one over the mean life "
        f"that the beliefs assume ({life.estimate:g} years, {life.low:g} to {life.high:g}); ends from both."
        if life is not None
        else "Shipments less retirements.",
        frame=counted,
        note="An assumption does the work: no fleet is counted in public. Chips wait for power too, and old "
        "ones rent well, so both more and less is possible."
        if serving is not None
        else "No mean life of a chip to take retirements from, or no shipments.",
    )
    return (cumulative, standing), None if serving is None else serving.estimate


def _growth(shipped: pl.DataFrame, total: pl.DataFrame) -> Measure:
    trend = log_linear_trend(years(total["date"].to_list()), total["value"].to_numpy())
    dates = total["date"]
    return measure(
        "compute_growth",
        "Growth of chips shipped so far",
        None if trend is None else times_a_year(trend),
        unit="x a year",
        method="Log-linear trend through the quarterly sums; mixture interval over error memory (see trend).",
        frame=shipped.filter(pl.col("date").is_in(dates.implode())),
        n=total.height,
        yearly=True,
        note="Of the cumulative sum, so smoother than the fleet; errors that all quarters share cancel."
        if trend is not None
        else f"{total.height} quarters with every maker; three are needed.",
    )


def _gpu_hour(prices: pl.DataFrame) -> tuple[Measure, ...]:
    hundreds = prices.filter(pl.col("entity").str.starts_with("H100"), pl.col("unit") == "USD/GPU-hour")
    last = hundreds["date"].max()
    recent = (
        hundreds.filter(pl.col("date") >= last - dt.timedelta(days=RECENT_DAYS))
        if isinstance(last, dt.date)
        else hundreds
    )
    found = None
    if recent.height:
        ends = recent.select(
            low=pl.min_horizontal("value", "low").min(), high=pl.max_horizontal("value", "high").max()
        )
        found = Interval(float(recent["value"].to_numpy().mean()), ends["low"][0], ends["high"][0])
    trend = log_linear_trend(years(hundreds["date"].to_list()), hundreds["value"].to_numpy())
    bases = ", ".join(sorted({basis for basis in recent["basis"] if basis}))
    return (
        measure(
            "gpu_hour_price:h100",
            "Price of an H100 hour",
            found,
            unit="USD per GPU-hour",
            method=f"Mean of the quotes of the last {RECENT_DAYS} days; the ends are the lowest and highest "
            "quote.",
            frame=recent,
            note=(
                f"Quotes of different kinds ({bases}) stand side by side; the range is theirs, not a "
                "confidence interval."
                if recent.height > 1
                else f"One quote ({bases}); ends as quoted, where it is a range."
            )
            if found is not None
            else "No quote.",
        ),
        measure(
            "gpu_hour_price_trend:h100",
            "Change of the price of an H100 hour",
            None if trend is None else times_a_year(trend),
            unit="x a year",
            method="Log-linear trend through all quotes; mixture interval over error memory (see trend).",
            frame=hundreds,
            yearly=True,
            note="Spot, marketplace, contract and on-demand quotes are mixed; one straight line hides turns."
            if trend is not None
            else "Fewer than three dates.",
        ),
    )


def _capex(capex: pl.DataFrame) -> tuple[Measure, ...]:
    last = capex.tail(1)
    trend = log_linear_trend(years(capex["date"].to_list()), capex["value"].to_numpy())
    return (
        measure(
            "capex:hyperscalers",
            "Capital spending of five hyperscalers",
            Interval(float(last["value"][0]) * 4, None, None) if last.height else None,
            unit="USD billion a year",
            method="The last quarter, times four.",
            frame=last,
            note=f"Of {quarter_of(last['date'][0])}. All capital spending with finance leases, not AI alone; "
            "filings, so no interval."
            if last.height
            else "No quarter with all five.",
        ),
        measure(
            "capex_growth:hyperscalers",
            "Growth of capital spending of five hyperscalers",
            None if trend is None else times_a_year(trend),
            unit="x a year",
            method="Log-linear trend through the quarters at hand; mixture interval over error memory (see "
            "trend).",
            frame=capex,
            yearly=True,
            note="Few quarters, and growth need not have been steady between them."
            if trend is not None
            else "Fewer than three quarters.",
        ),
    )


def quarter_of(day: dt.date) -> str:
    """Return the quarter in which a day lies.

    >>> quarter_of(dt.date(2025, 11, 15))
    'the fourth quarter of 2025'
    """
    return f"the {_QUARTERS[(day.month - 1) // 3]} quarter of {day.year}"


def times_a_year(trend: Trend) -> Interval:
    """Return a logarithmic slope as the factor by which a quantity grows in a year."""
    low, high = trend.interval()
    return Interval(math.exp(trend.slope), math.exp(low), math.exp(high))


def _positive(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("value") > 0)


FAMILY = Family(
    id="compute",
    title="Compute: stock, growth, price of an hour, capital spending",
    run=run,
    figures=("compute_stock",),
    chief=("compute_stock:shipped", "compute_growth", "gpu_hour_price:h100", "capex:hyperscalers"),
)
