"""One example of each figure that has a feed, with the feed of the same arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from tests.charts import examples
from tests.charts.examples import NOW, WORDS
from twocurves.charts.calibration import calibration_feed, calibration_figure
from twocurves.charts.claim_grid import claim_grid_feed, claim_grid_figure
from twocurves.charts.dots import dots_feed, dots_figure
from twocurves.charts.dumbbell import dumbbell_feed, dumbbell_figure
from twocurves.charts.fan import Gap, fan_feed, fan_figure
from twocurves.charts.feed import Feed
from twocurves.charts.gap_strip import gap_strip_feed, gap_strip_figure
from twocurves.charts.multiples import Panel, multiples_feed, multiples_figure
from twocurves.charts.palette import ThemeName
from twocurves.charts.pit import pit_feed, pit_figure
from twocurves.charts.regret import BestDate, regret_feed, regret_figure
from twocurves.charts.ridgeline import ridgeline_feed, ridgeline_figure
from twocurves.charts.tornado import tornado_feed, tornado_figure
from twocurves.charts.value_stack import value_stack_feed, value_stack_figure


def claims() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sentence": [
                "An open-weight model leads the index of capability on at least one day before 2029",
                "Hosts <b>sell</b> at cost & little more",
                "Something nobody doubts",
                "Something that this run does not answer",
            ],
            "probability": [0.352, 0.03, 1.0, None],
            "half_width": [0.03, 0.01, None, None],
        }
    )


def bars() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name": ["Fast-follower lag", "Compute growth a year", "Both on one side", "Hardly anything"],
            "low": [2027.1, 2029.6, 2028.6, 2028.0],
            "high": [2030.2, 2027.4, 2028.9, 2028.2],
            "low_said": ["3 mo", "2.1×", "narrow", "open"],
            "high_said": ["14 mo", "4.6×", "wide", "closed"],
            "above_noise": [True, True, True, False],
        }
    )


def moves() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name": ["An open-weight model leads", "More than half of tokens are open", "Nothing moved"],
            "before": [0.35, 0.06, 0.4],
            "after": [0.58, 0.03, 0.4],
        }
    )


def samples() -> pl.DataFrame:
    random = np.random.default_rng(2)
    return pl.concat(
        pl.DataFrame({"row": [name] * 400, "value": centre + spread * random.gamma(2, 1, 400)})
        for name, centre, spread in (("Central", 2027.5, 0.4), ("Open surge", 2027.0, 0.3), ("Moat", 2028, 1))
    )


def effects() -> pl.DataFrame:
    random = np.random.default_rng(4)
    rows = [
        {"claim": f"C{claim:02}", "belief": f"A belief called {belief}", "effect": float(value)}
        for belief in range(9)
        for claim, value in enumerate(random.uniform(-1, 1, 12) ** 3, 1)
    ]
    return pl.DataFrame(rows).with_columns(above_noise=pl.col("effect").abs() > 0.05)


def panels() -> list[Panel]:
    closed, both = examples.quantiles().filter(pl.col("economy") == "closed"), examples.quantiles()
    return [
        Panel("Price of closed", closed, "usd", "log"),
        Panel("Both economies", both, "number", "log", baseline=examples.baseline()),
        Panel("Lag, months", examples.gap(), "{} mo", baseline=examples.gap_baseline(), zero=True),
        Panel("Measured too", both, "number", "log", measured=examples.dots()),
    ]


def regret() -> pl.DataFrame:
    months = [dt.date(2026 + index // 12, 1 + index % 12, 1) for index in range(6, 48)]
    away = np.abs(np.arange(len(months)) - 12.0)
    steps = {"p10": 0.1, "p25": 0.4, "p50": 1.0, "p75": 1.7, "p90": 2.6}
    return pl.DataFrame(
        {"month": months, **{name: 5e4 * factor * (0.4 + away / 6) for name, factor in steps.items()}}
    )


BEST = BestDate(dt.date(2027, 7, 1), dt.date(2027, 1, 1), dt.date(2028, 3, 1), never=0.12)


def stack() -> pl.DataFrame:
    layers = (("Labs", "closed", 5.0, 3.0), ("Applications", "open", 1.0, 3.0), ("Hosts", "open", 0.6, 1.4))
    rows = []
    for index, month in enumerate(examples.MONTHS):
        part = index / (len(examples.MONTHS) - 1)
        values = [first + part * (last - first) for _, _, first, last in layers] + [0.5]
        for (name, economy, *_), value in zip((*layers, ("Compute", None, 0, 0)), values, strict=True):
            rows.append({"month": month, "layer": name, "economy": economy, "share": value / sum(values)})
    return pl.DataFrame(rows, infer_schema_length=None)


def calibration() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "said": [0.1, 0.3, 0.5, 0.7, 0.9],
            "came": [0.05, 0.4, 0.45, 0.8, 0.85],
            "low": [0.0, 0.2, 0.3, 0.6, 0.6],
            "high": [0.2, 0.6, 0.6, 0.9, 0.95],
            "n": [20, 12, 30, 14, 17],
        }
    )


def places() -> np.ndarray[Any, Any]:
    return np.random.default_rng(6).beta(1.3, 0.9, 60)


GAP = Gap(examples.gap(), "Lag, months", "{} mo", baseline=examples.gap_baseline())

Pair = tuple[Callable[[ThemeName], alt.TopLevelMixin], Callable[[], Feed]]

FIGURES: dict[str, Pair] = {
    "fan": (
        lambda theme: fan_figure(
            examples.quantiles(),
            measured=examples.dots(),
            baseline=examples.baseline(),
            gap=GAP,
            projection_from=NOW,
            theme=theme,
            **WORDS,
        ),
        lambda: fan_feed(
            examples.quantiles(), measured=examples.dots(), baseline=examples.baseline(), gap=GAP
        ),
    ),
    "gap_strip": (
        lambda theme: gap_strip_figure(
            examples.gap(), baseline=examples.gap_baseline(), projection_from=NOW, theme=theme, **WORDS
        ),
        lambda: gap_strip_feed(examples.gap(), baseline=examples.gap_baseline()),
    ),
    "dots": (lambda theme: dots_figure(claims(), theme=theme, **WORDS), lambda: dots_feed(claims())),
    "tornado": (
        lambda theme: tornado_figure(bars(), base=2028.1, number="year", theme=theme, **WORDS),
        lambda: tornado_feed(bars(), base=2028.1, number="year"),
    ),
    "dumbbell": (
        lambda theme: dumbbell_figure(moves(), theme=theme, **WORDS),
        lambda: dumbbell_feed(moves()),
    ),
    "ridgeline": (
        lambda theme: ridgeline_figure(
            samples(), number="year", reference=2029.0, reference_name="the date", theme=theme, **WORDS
        ),
        lambda: ridgeline_feed(samples(), number="year", reference=2029.0, reference_name="the date"),
    ),
    "claim_grid": (
        lambda theme: claim_grid_figure(effects(), theme=theme, **WORDS),
        lambda: claim_grid_feed(effects()),
    ),
    "multiples": (
        lambda theme: multiples_figure(panels(), projection_from=NOW, theme=theme, **WORDS),
        lambda: multiples_feed(panels()),
    ),
    "regret": (
        lambda theme: regret_figure(regret(), best=BEST, theme=theme, **WORDS),
        lambda: regret_feed(regret(), best=BEST),
    ),
    "value_stack": (
        lambda theme: value_stack_figure(stack(), projection_from=NOW, theme=theme, **WORDS),
        lambda: value_stack_feed(stack()),
    ),
    "calibration": (
        lambda theme: calibration_figure(calibration(), theme=theme, **WORDS),
        lambda: calibration_feed(calibration()),
    ),
    "pit": (lambda theme: pit_figure(places(), theme=theme, **WORDS), lambda: pit_feed(places())),
}
