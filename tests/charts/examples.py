"""One example of each figure, with realistic tables, for every test that goes over all figures."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from twocurves.charts.dispersion import dispersion
from twocurves.charts.fan import Gap, fan_figure
from twocurves.charts.gap_strip import gap_strip_figure
from twocurves.charts.interval_strip import interval_strip
from twocurves.charts.lines_over_time import lines_over_time
from twocurves.charts.measured import measured_figure
from twocurves.charts.palette import ThemeName
from twocurves.charts.quantiles import quantile_table

MONTHS = [dt.date(2023 + index // 12, 1 + index % 12, 1) for index in range(84)]
NOW = dt.date(2026, 7, 1)
WORDS: dict[str, Any] = {
    "title": "A sentence that says what this figure shows, computed from the run, and that is "
    "long enough to need a second line",
    "subtitle": "Unit, scale",
    "caption": "Source: somebody, CC BY 4.0.",
}


def dots() -> pl.DataFrame:
    random = np.random.default_rng(3)
    rows = []
    for economy, start in (("closed", 120.0), ("open", 110.0)):
        for index in range(0, 40, 2):
            value = start + index * 1.2 + float(random.normal(0, 3))
            rows.append(
                {
                    "date": MONTHS[index],
                    "value": value,
                    "low": value - 3,
                    "high": value + 4,
                    "economy": economy,
                    "label": f"Model <{index}> & co",
                }
            )
    return pl.DataFrame(rows)


def fits() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"date": month, "economy": economy, "value": start + index * 1.2}
            for economy, start in (("closed", 120.0), ("open", 110.0))
            for index, month in enumerate(MONTHS[:42])
        ]
    ).with_columns(low=pl.col("value") - 2, high=pl.col("value") + 2)


def draws() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    random = np.random.default_rng(5)
    shock = np.cumsum(random.normal(0, 0.06, (200, len(MONTHS))) * (np.arange(len(MONTHS)) > 41), axis=1)
    growth = 1.2 * np.arange(len(MONTHS)) / 12
    own = np.cumsum(random.normal(0, 0.02, (200, len(MONTHS))), axis=1)
    return np.exp(math.log(20) + growth + shock), np.exp(math.log(8) + growth + shock + own)


def quantiles() -> pl.DataFrame:
    closed, opened = draws()
    return pl.concat([quantile_table(MONTHS, closed, "closed"), quantile_table(MONTHS, opened, "open")])


def gap() -> pl.DataFrame:
    closed, opened = draws()
    return quantile_table(MONTHS, np.log(closed / opened) / 1.2 * 12)


def rows() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"row": "Closed frontier", "estimate": 15.3, "low": 14.1, "high": 16.5, "economy": "closed"},
            {"row": "Open frontier", "estimate": 15.9, "low": 13.9, "high": 17.9, "economy": "open"},
            {
                "row": "A difference whose name runs over more than one line",
                "estimate": 0.6,
                "low": -1.9,
            },
            {"row": "Not yet reached", "estimate": None, "low": 4.0, "text": "above 4 months"},
            {"row": "Nothing known", "text": "no data"},
        ],
        schema_overrides={"text": pl.String, "high": pl.Float64},
        infer_schema_length=None,
    )


def series() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "date": month,
                "series": name,
                "economy": economy,
                "value": start * math.exp(index / 20),
                "low": start * math.exp(index / 20) * 0.8 if name == "A lab" else None,
                "high": start * math.exp(index / 20) * 1.3 if name == "A lab" else None,
                "part": "old" if index < 20 else "new",
            }
            for name, economy, start in (
                ("A lab", "closed", 1e9),
                ("A host", "open", 2e7),
                ("Another host", "open", 2.2e7),
                ("All", None, 3e9),
            )
            for index, month in enumerate(MONTHS[:42])
        ]
    )


def offers() -> pl.DataFrame:
    random = np.random.default_rng(8)
    found: list[dict[str, object]] = []
    for model, price, hosts in (("Open A", 0.4, 9), ("Open B", 2.0, 5), ("Open C", 1.0, 0)):
        for kind, count, spread in (("host", hosts, 0.3), ("reseller", 2, 0.6), ("maker", 1, 0.01)):
            found += [
                {"model": model, "kind": kind, "price": price * math.exp(random.normal(0, spread))}
                for _ in range(count)
            ]
    table = pl.DataFrame(found).with_columns(economy=pl.lit("open"))
    closed = pl.DataFrame({"model": ["Closed"], "kind": ["maker"], "price": [25.0], "economy": ["closed"]})
    return pl.concat([table, closed])


def baseline() -> pl.DataFrame:
    return quantiles().select("month", "economy", value=pl.col("p50") * 1.5).filter(pl.col("month") >= NOW)


def gap_baseline() -> pl.DataFrame:
    return gap().select("month", value="p50").filter(pl.col("month") >= NOW)


EVENTS = {NOW: "later", MONTHS[30]: "break"}

Figure = Callable[[ThemeName], alt.TopLevelMixin]

FIGURES: dict[str, Figure] = {
    "measured": lambda theme: measured_figure(dots(), fits=fits(), theme=theme, **WORDS),
    "measured_log": lambda theme: measured_figure(dots(), scale="log", show_from=115, theme=theme, **WORDS),
    "fan": lambda theme: fan_figure(
        quantiles(), measured=dots(), baseline=baseline(), projection_from=NOW, theme=theme, **WORDS
    ),
    "fan_with_gap": lambda theme: fan_figure(
        quantiles(),
        projection_from=NOW,
        number="minutes",
        gap=Gap(
            gap(),
            "Lag, months",
            "{} mo",
            baseline=gap().select("month", value="p50").filter(pl.col("month") >= NOW),
        ),
        theme=theme,
        **WORDS,
    ),
    "gap_strip": lambda theme: gap_strip_figure(gap(), projection_from=NOW, theme=theme, **WORDS),
    "interval_strip": lambda theme: interval_strip(
        rows(), reference=0, reference_name="no difference", theme=theme, **WORDS
    ),
    "lines": lambda theme: lines_over_time(
        series(),
        number="usd",
        scale="log",
        dots=True,
        events=EVENTS,
        theme=theme,
        **WORDS,
    ),
    "panels": lambda theme: lines_over_time(
        series(), number="usd", panels=True, events={MONTHS[30]: "break"}, theme=theme, **WORDS
    ),
    "dispersion": lambda theme: dispersion(offers(), theme=theme, **WORDS),
}
