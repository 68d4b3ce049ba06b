"""The figures of claims and drivers: drawn whole, readable, in the palette, and true to their tables."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from tests.charts import checks, svgs
from twocurves.charts.chance_curve import chance_curve_figure
from twocurves.charts.claim_history import claim_history_figure
from twocurves.charts.conditional_fan import conditional_fan_figure
from twocurves.charts.draws_scatter import draws_scatter_figure
from twocurves.charts.export import figure_spec, figure_svg
from twocurves.charts.outcome_split import outcome_axis, outcome_split_figure
from twocurves.charts.pair_grid import pair_grid_figure
from twocurves.errors import BadInputError

RNG = np.random.default_rng(3)
OUTCOME = RNG.lognormal(0.4, 0.7, 800)
WORDS = {
    "title": "A sentence about it",
    "subtitle": "What is drawn, and its unit",
    "caption": "64 runs, seed 7.",
}


def _outcome(theme, **more):
    given = {
        "threshold": 2.0,
        "above": True,
        "number": "${}tn",
        "rule_name": "at or above $2tn",
        **WORDS,
        **more,
    }
    return outcome_split_figure(OUTCOME, theme=theme, **given)


def _curve(theme, **more):
    points = pl.DataFrame(
        {"value": [2026.9 + year for year in range(10)], "chance": np.linspace(0.9, 0.1, 10)}
    )
    given = {"here": 2030.9, "number": "year", "x_name": "Asked of →", **WORDS, **more}
    return chance_curve_figure(points, theme=theme, **given)


def _history(theme, **more):
    steps = pl.DataFrame(
        {
            "name": ["Judged before any run", "Forecast of record, data to 30 Jun 2026", "This run"],
            "chance": [0.28, 0.4, 0.37],
            "model": [False, True, True],
        }
    )
    return claim_history_figure(steps, theme=theme, **{**WORDS, **more})


def _scatter(theme, **more):
    tenths = pl.DataFrame(
        {
            "value": np.linspace(1.0, 9.0, 10),
            "level": np.linspace(20.0, 80.0, 10),
            "low": np.linspace(15.0, 75.0, 10),
            "high": np.linspace(25.0, 85.0, 10),
        }
    )
    draws = pl.DataFrame({"value": RNG.uniform(0.5, 9.5, 200), "outcome": RNG.uniform(5.0, 120.0, 200)})
    given = {"draws": draws, "number": "${}bn", "x_name": "Growth →", "base": 50.0, **WORDS, **more}
    return draws_scatter_figure(tenths, theme=theme, **given)


def _fan(theme, **more):
    rows = [
        {
            "month": dt.date(year, 12, 1),
            "side": side,
            **{
                name: (1.0 + year - 2025) * level * (1.0 if side == "low" else 1.6)
                for name, level in zip(
                    ("p10", "p25", "p50", "p75", "p90"), (5.0, 8.0, 10.0, 13.0, 18.0), strict=True
                )
            },
        }
        for year in range(2025, 2037)
        for side in ("low", "high")
    ]
    given = {"projection_from": dt.date(2026, 7, 1), "number": "${}bn", **WORDS, **more}
    return conditional_fan_figure(pl.DataFrame(rows), theme=theme, **given)


def _pair(theme, **more):
    parts = ("low", "middle", "high")
    cells = pl.DataFrame(
        [
            {"across": across, "down": down, "level": 0.1 * row + 0.2 * column, "runs": 100}
            for row, down in enumerate(parts[::-1])
            for column, across in enumerate(parts)
        ]
    )
    given = {"across_name": "Growth", "down_name": "Price", "number": "share", **WORDS, **more}
    return pair_grid_figure(cells, theme=theme, **given)


FIGURES = {
    "outcome": _outcome,
    "curve": _curve,
    "history": _history,
    "scatter": _scatter,
    "fan": _fan,
    "pair": _pair,
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_whole_readable_and_in_the_palette(name, theme):
    chart = FIGURES[name](theme)
    svg = figure_svg(chart)
    checks.finite_xml(svg)
    checks.inside_the_frame(svg)
    checks.readable(svg)
    checks.only_palette_colours(svg, theme)
    checks.texts_apart(svg)
    checks.stands_alone(figure_spec(chart), theme)


@pytest.mark.parametrize("name", FIGURES)
def test_on_a_phone_too(name):
    widths = {"outcome": 290, "curve": 220, "history": 250, "scatter": 232, "fan": 140, "pair": 230}
    svg = figure_svg(FIGURES[name]("light", width=widths[name], title="", subtitle="", caption=""))
    checks.finite_xml(svg)
    checks.texts_apart(svg)
    assert svgs.size(svgs.parse(svg))[0] <= 390


def test_the_axis_stays_while_the_threshold_moves():
    axis = outcome_axis(OUTCOME, "${}tn", (0.1, 9.0))
    drawn = [figure_spec(_outcome("light", axis=axis, threshold=at)) for at in (1.0, 5.0)]
    domains = [str(one).count(str(axis.high)) for one in drawn]
    assert domains[0] == domains[1] > 0


def test_a_threshold_beyond_every_run_still_draws():
    for at in (-5.0, 500.0):
        checks.finite_xml(figure_svg(_outcome("light", threshold=at, rule_name="")))


def test_what_it_says_is_the_share():
    said = _outcome("light").to_dict()["description"]
    assert f"{round(100 * (OUTCOME >= 2.0).mean())}% of the runs lie at or above $2tn" in said


@pytest.mark.parametrize(
    "draw",
    [
        lambda: outcome_split_figure([np.nan], threshold=1.0, above=True),
        lambda: chance_curve_figure(pl.DataFrame({"value": [1.0], "chance": [1.5]}), here=1.0),
        lambda: _pair_twice(),
        lambda: conditional_fan_figure(
            pl.DataFrame(
                {
                    "month": [dt.date(2030, 1, 1)],
                    "side": ["low"],
                    **{name: [1.0] for name in ("p10", "p25", "p50", "p75", "p90")},
                }
            ),
            projection_from=dt.date(2026, 7, 1),
        ),
    ],
)
def test_a_table_that_cannot_be_drawn_is_refused(draw):
    with pytest.raises(BadInputError):
        draw()


def _pair_twice():
    cells = pl.DataFrame({"across": ["a", "a"], "down": ["b", "b"], "level": [1.0, 2.0], "runs": [1, 1]})
    return pair_grid_figure(cells, across_name="x", down_name="y")
