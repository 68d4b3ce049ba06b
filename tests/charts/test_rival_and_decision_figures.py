"""Figures of rival curves, hindcasts and decisions: legible, in the palette, true to their tables."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from tests.charts.checks import finite_xml, inside_the_frame, only_palette_colours, readable, texts_apart
from twocurves.charts.cost_fans import Way, cost_fans
from twocurves.charts.export import figure_svg
from twocurves.charts.hindcast_fan import hindcast_figure
from twocurves.charts.outcome_dots import outcome_dots
from twocurves.charts.quantiles import quantile_table
from twocurves.charts.rival_curves import Residuals, RivalCurve, rival_figure
from twocurves.charts.utilisation_fan import utilisation_fan
from twocurves.errors import BadInputError

MONTHS = [dt.date(2026 + (6 + place) // 12, (6 + place) % 12 + 1, 1) for place in range(24)]
DAYS = [dt.date(2024, month, 1) for month in range(1, 13)]


def dots(**more):
    values = [100.0 * 1.1**place for place in range(12)]
    return pl.DataFrame({"date": DAYS, "value": values, "economy": ["closed"] * 12, **more})


def rivals(theme="light", width=560, **more):
    curve = RivalCurve("Exponential", "weight 80%", dots().select("date", "value"), 0, strong=True)
    other = RivalCurve("Break", "weight 20%", dots().select("date", pl.col("value") * 1.3), 2)
    left = Residuals(dots().with_columns(value=pl.lit(1.05)), "Figure over the curve", "times", "log")
    return rival_figure(
        more.pop("table", dots()),
        [curve, other],
        residuals=left,
        projection_from=dt.date(2024, 12, 15),
        title="A title",
        subtitle="USD, log scale",
        scale="log",
        theme=theme,
        width=width,
        **more,
    )


def hindcast(theme="light", width=560):
    months = [dt.date(2025, month, 1) for month in (3, 6, 9, 12)]
    fan = pl.DataFrame(
        {"month": months, **{f"p{level:02d}": [100.0 + level] * 4 for level in (5, 25, 50, 75, 95)}}
    )
    came = pl.DataFrame({"date": months, "value": [140.0, 150.0, 160.0, 120.0]})
    return hindcast_figure(
        fan, came, origin=dt.date(2024, 12, 31), before=dots(), title="A title", theme=theme, width=width
    )


def paths(start, growth):
    rng = np.random.default_rng(3)
    return quantile_table(MONTHS, start * growth ** np.arange(24) * rng.lognormal(0, 0.3, (200, 1)))


def costs(theme="light", width=480, economies=("closed", "open")):
    return cost_fans(
        Way("Stay", paths(9000.0, 0.98), economies[0]),
        Way("Move", paths(3000.0, 0.99), economies[1]),
        paths(5000.0, 1.05),
        saved_label="Saved so far",
        title="A title",
        theme=theme,
        width=width,
    )


def outcomes(theme="light", width=480):
    return outcome_dots(list(np.linspace(-5e4, 2e5, 20)), title="A title", theme=theme, width=width)


def busy(theme="light", width=480):
    table = paths(0.4, 1.01).with_columns(own=pl.lit(0.2))
    return utilisation_fan(table, title="A title", theme=theme, width=width)


FIGURES = {"rivals": rivals, "hindcast": hindcast, "costs": costs, "outcomes": outcomes, "busy": busy}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_legible_and_in_the_palette(name, theme):
    svg = figure_svg(FIGURES[name](theme))
    finite_xml(svg)
    inside_the_frame(svg)
    readable(svg)
    only_palette_colours(svg, theme)
    texts_apart(svg)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_fit_a_phone(name):
    widths = {"outcomes": 270}
    svg = figure_svg(FIGURES[name](width=widths.get(name, 150)))
    inside_the_frame(svg)
    texts_apart(svg)


def test_a_dot_that_leads_somewhere_is_a_link_and_others_are_not():
    assert "xlink:href" not in figure_svg(rivals())
    linked = figure_svg(rivals(table=dots(link=[f"#row-{place}" for place in range(12)])))
    assert linked.count("#row-") == 12


def test_a_curve_that_runs_off_is_cut_and_the_dots_keep_their_room():
    wild = pl.DataFrame({"date": DAYS, "value": [100.0 * 4.0**place for place in range(12)]})
    chart = rival_figure(dots(), [RivalCurve("Wild", "weight 1%", wild, 0)], scale="log")
    assert "10m" not in figure_svg(chart)


def test_two_ways_of_one_economy_are_told_apart():
    svg = figure_svg(costs(economies=("closed", "closed"))).upper()
    assert "#24478F" in svg
    assert "#4F74BE" in svg
    assert "#B84A0B" not in svg


def test_outcomes_below_zero_are_hollow_and_counted():
    chart = outcomes()
    assert "16 of 20 dots lie above zero" in chart.description
    assert "costs more" in figure_svg(chart)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(BadInputError, match="above 0"):
        rivals(table=dots().with_columns(value=-pl.col("value")))
    with pytest.raises(BadInputError, match="nothing to draw"):
        outcome_dots([])
