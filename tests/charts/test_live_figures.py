"""Figures with feeds: sound drawings, and a spec built once that a feed alone brings up to date."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import pytest

from tests.charts import checks, examples
from tests.charts import examples_live as live
from twocurves.charts.calibration import calibration_feed
from twocurves.charts.chance_text import in_twenty, percent, twentieths
from twocurves.charts.claim_grid import claim_grid_feed
from twocurves.charts.density import density
from twocurves.charts.dots import dots_feed, dots_figure
from twocurves.charts.dumbbell import dumbbell_feed, dumbbell_figure
from twocurves.charts.export import figure_json, figure_spec, figure_svg
from twocurves.charts.fan import Gap, fan_feed, fan_figure
from twocurves.charts.feed import Feed
from twocurves.charts.multiples import multiples_feed
from twocurves.charts.number_text import say, say_range
from twocurves.charts.palette import PALETTES, ThemeName
from twocurves.charts.pit import pit_feed, pit_figure
from twocurves.charts.regret import regret_feed, regret_figure
from twocurves.charts.ridgeline import ridgeline_feed, ridgeline_figure
from twocurves.charts.ticks import ticks_that_fit
from twocurves.charts.tornado import tornado_feed, tornado_figure
from twocurves.charts.value_stack import value_stack_feed
from twocurves.errors import BadInputError

CASES = pytest.mark.parametrize(
    ("name", "theme"),
    [(name, "light") for name in live.FIGURES]
    + [
        pytest.param(name, "dark", marks=() if name == "regret" else pytest.mark.slow, id=f"{name}-dark")
        for name in live.FIGURES
    ],
)
FIGURE = pytest.mark.parametrize("name", live.FIGURES)


@cache
def built(name: str, theme: ThemeName = "light") -> alt.TopLevelMixin:
    return live.FIGURES[name][0](theme)


@cache
def spec_of(name: str, theme: ThemeName = "light") -> dict[str, Any]:
    return figure_spec(built(name, theme))


@cache
def drawn(name: str, theme: ThemeName = "light") -> str:
    return figure_svg(built(name, theme))


@CASES
def test_the_drawing_is_sound(name: str, theme: ThemeName) -> None:
    svg = drawn(name, theme)
    checks.finite_xml(svg)
    checks.inside_the_frame(svg)
    checks.readable(svg)
    checks.only_palette_colours(svg, theme)
    checks.texts_apart(svg)
    checks.stands_alone(spec_of(name, theme), theme)


@FIGURE
def test_the_feed_is_what_the_spec_holds(name: str) -> None:
    spec, feed = spec_of(name), live.FIGURES[name][1]()
    for dataset, rows in feed.datasets.items():
        assert spec["datasets"][dataset] == rows
    assert {one["name"]: one["value"] for one in spec.get("params", [])} == feed.params
    assert feed.description in spec["description"] or feed.description.strip() in spec["description"]
    text = json.dumps(feed.as_record(), allow_nan=False)
    assert not any(colour in text for palette in PALETTES.values() for colour in palette.colours())


@FIGURE
def test_the_check_changes_nothing(name: str) -> None:
    assert figure_spec(built(name), checked=False) == spec_of(name)


@FIGURE
def test_same_tables_same_bytes(name: str) -> None:
    assert figure_json(live.FIGURES[name][0]("light")) == figure_json(built(name))


PERCENTILES = ("p2_5", "p10", "p25", "p50", "p75", "p90", "p97_5")


def _fan(factor: float) -> dict[str, Any]:
    table = examples.quantiles().with_columns(pl.col(name) * factor for name in PERCENTILES)
    gap = examples.gap().with_columns(pl.col(name) * factor for name in PERCENTILES)
    return {"quantiles": table, "gap": Gap(gap, "Lag", "{} mo")}


def _moved(frame: pl.DataFrame, columns: tuple[str, ...], factor: float) -> pl.DataFrame:
    return frame.with_columns(pl.col(name) * factor for name in columns)


UPDATES: dict[str, Any] = {
    "fan": (
        lambda k: fan_figure(**_fan(k), projection_from=examples.NOW),
        lambda k: fan_feed(**_fan(k)),
    ),
    "dots": (
        lambda k: dots_figure(_moved(live.claims(), ("probability",), k / 4)),
        lambda k: dots_feed(_moved(live.claims(), ("probability",), k / 4)),
    ),
    "tornado": (
        lambda k: tornado_figure(_moved(live.bars(), ("low", "high"), k), base=2028.1 * k, number="usd"),
        lambda k: tornado_feed(_moved(live.bars(), ("low", "high"), k), base=2028.1 * k, number="usd"),
    ),
    "dumbbell": (
        lambda k: dumbbell_figure(_moved(live.moves(), ("after",), k / 4), largest_first=False),
        lambda k: dumbbell_feed(_moved(live.moves(), ("after",), k / 4), largest_first=False),
    ),
    "ridgeline": (
        lambda k: ridgeline_figure(_moved(live.samples(), ("value",), k)),
        lambda k: ridgeline_feed(_moved(live.samples(), ("value",), k)),
    ),
    "regret": (
        lambda k: regret_figure(_moved(live.regret(), ("p10", "p25", "p50", "p75", "p90"), k)),
        lambda k: regret_feed(_moved(live.regret(), ("p10", "p25", "p50", "p75", "p90"), k)),
    ),
    "pit": (lambda k: pit_figure(live.places() / k), lambda k: pit_feed(live.places() / k)),
}


@pytest.mark.parametrize("name", UPDATES)
def test_a_feed_alone_brings_a_spec_up_to_date(name: str) -> None:
    figure, feed = UPDATES[name]
    once, later = figure_spec(figure(1.0)), figure_spec(figure(3.0))
    sent: Feed = feed(3.0)
    assert once["datasets"] != later["datasets"]
    once["datasets"] |= sent.datasets
    for param in once.get("params", []):
        param["value"] = sent.params[param["name"]]
    del once["description"], later["description"]
    assert once == later


def test_words_only_where_they_are_given() -> None:
    bare = figure_spec(dots_figure(live.claims()))
    assert "title" not in bare
    titled = figure_spec(dots_figure(live.claims(), title="A title"))
    assert titled["title"]["text"] == ["A title"]


def test_dots_say_what_they_show() -> None:
    feed = dots_feed(live.claims())
    rows = [row["y"] for row in feed.datasets["dots_full"]]
    assert [rows.count(y) for y in sorted(set(rows))] == [7, 1, 20]
    assert [row["strong"] for row in feed.datasets["dots_words"]] == ["7 in 20", "1 in 20", "20 in 20", "–"]
    assert "35% ±3" in feed.description


@pytest.mark.parametrize("chance", [0.0, 0.001, 0.024, 0.026, 0.5, 0.974, 0.976, 0.999, 1.0])
def test_chances_are_never_said_to_be_sure_when_they_are_not(chance: float) -> None:
    said, share = in_twenty(chance), percent(chance)
    assert (said.startswith(("<", ">"))) == (0 < chance < 0.025 or 0.975 < chance < 1)
    assert (share in ("0%", "100%")) == (chance in (0.0, 1.0))
    assert 0 <= twentieths(chance) <= 20


def test_the_commands_say_chances_alike() -> None:
    from twocurves.cli import run_page

    for chance in (None, 0.0, 0.001, 0.02, 0.35, 0.5, 0.98, 0.999, 1.0, float("nan")):
        assert run_page.in_twenty(chance) == in_twenty(chance)
        assert run_page.percent(chance, 0.031) == percent(chance, 0.031)


def test_years_are_written_as_years() -> None:
    assert [say(value, "year") for value in (2028.0, 2028.13)] == ["2028", "2028.1"]
    assert say_range(2027.1, 2030.2, "year") == "2027.1 to 2030.2"
    assert ticks_that_fit(150) == 3
    assert ticks_that_fit(560) == 5


def test_a_density_holds_one_less_what_lies_outside() -> None:
    draws = np.random.default_rng(1).normal(0, 1, 4000)
    grid, height = density(draws, -6, 6)
    assert np.trapezoid(height, grid) == pytest.approx(1.0, abs=0.01)
    grid, height = density(draws, 0, 6)
    assert np.trapezoid(height, grid) == pytest.approx(0.5, abs=0.04)
    _, spike = density(np.full(50, 2.0), 0, 4)
    assert np.isfinite(spike).all()


def test_bars_on_one_side_do_not_hide_each_other() -> None:
    feed = tornado_feed(live.bars(), base=2028.1, number="year")
    low, high = feed.datasets["tornado_low"][2], feed.datasets["tornado_high"][2]
    assert low["bottom"] <= high["top"]
    assert feed.datasets["tornado_low"][3]["strength"] < 1
    assert "within the noise" in feed.description


HOSTILE = "</text><script>alert(1)</script> & \"quoted\" 'x' \x00\x1b {{7*7}} ${x}"


def test_hostile_names_are_only_text() -> None:
    charts = [
        dots_figure(live.claims().with_columns(sentence=pl.lit(HOSTILE)), title=HOSTILE, caption=HOSTILE),
        tornado_figure(
            live.bars().with_columns(name=pl.lit(HOSTILE), low_said=pl.lit(HOSTILE)),
            base=2028.1,
            base_name=HOSTILE,
        ),
        dumbbell_figure(live.moves().with_columns(name=pl.lit(HOSTILE))),
        ridgeline_figure(live.samples().with_columns(row=pl.lit(HOSTILE)), notes={HOSTILE: HOSTILE}),
    ]
    for chart in charts:
        svg = figure_svg(chart)
        checks.finite_xml(svg)
        assert "<script" not in svg


REFUSED: dict[str, tuple[Any, str]] = {
    "probability": (
        lambda: dots_feed(pl.DataFrame({"sentence": ["a"], "probability": [1.2]})),
        "must lie between 0 and 1",
    ),
    "no claims": (lambda: dots_feed(live.claims().clear()), "nothing to draw"),
    "effect": (lambda: claim_grid_feed(_moved(live.effects(), ("effect",), 3.0)), "between −1 and 1"),
    "twice": (lambda: claim_grid_feed(pl.concat([live.effects()] * 2)), "is there twice"),
    "shares": (lambda: value_stack_feed(_moved(live.stack(), ("share",), 0.9)), "sum to 1"),
    "missing share": (lambda: value_stack_feed(live.stack()[1:]), "one share in every month"),
    "panels": (lambda: multiples_feed([]), "no panels"),
    "many panels": (lambda: multiples_feed(live.panels() * 5), "1 to 16 panels"),
    "order": (
        lambda: regret_feed(live.regret().with_columns(p10=pl.col("p90") * 2)),
        "'p10' is above 'p25'",
    ),
    "pit": (lambda: pit_feed([0.2, 1.4]), "between 0 and 1"),
    "no pit": (lambda: pit_feed([]), "nothing to draw"),
    "calibration": (
        lambda: calibration_feed(pl.DataFrame({"said": [0.2], "came": [-0.1]})),
        "between 0 and 1",
    ),
    "log": (
        lambda: ridgeline_feed(pl.DataFrame({"row": ["a"], "value": [0.0]}), scale="log"),
        "above 0 on a log scale",
    ),
    "base": (lambda: tornado_feed(live.bars(), base=float("nan")), "not a finite number"),
    "after": (
        lambda: dumbbell_feed(live.moves().with_columns(after=pl.lit(None, pl.Float64))),
        "has no value",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(name: str) -> None:
    make, said = REFUSED[name]
    with pytest.raises(BadInputError, match=said):
        make()
