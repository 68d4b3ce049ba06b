"""Figures of capability: the two frontiers, and how far the open one is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from twocurves.charts.captions import caption
from twocurves.charts.number_text import say, say_estimate, say_range
from twocurves.charts.palette import ThemeName
from twocurves.charts.shape import WORDED, Drawn, Shape, worded
from twocurves.charts.wording import clear, estimate_said, filled, interval_said, one, rate_lines

if TYPE_CHECKING:
    import altair as alt

    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport

SERIES = ("eci",)

#: Points of the index below which nothing is near a frontier.
_LOWEST_SHOWN = 100.0


def frontier(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw every scored model and the lines through both frontiers."""
    return frontier_drawn(report, theme).chart


def frontier_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw both frontiers in a shape; see :func:`frontier`."""
    from twocurves.charts.measured import measured_figure

    # Points and lines stand at release dates, so the lag does too.
    lag, listed = one(report, "lag_months:weekly:release_dates"), one(report, "lag_months:weekly")
    growths = {name: one(report, f"capability_growth_{name}") for name in ("closed", "open")}
    difference = one(report, "capability_growth_difference")
    title = filled(
        "Open models score what closed ones first scored {} months earlier",
        lag,
        otherwise="Scores of closed and of open models",
    )
    subtitle = (
        "Epoch Capabilities Index, points, by release date; lines through record-setting models, with 90% "
        "intervals"
    )
    below = caption(
        report,
        _lag_interval(lag, listed),
        _difference_said(difference),
        measures=[lag, *growths.values(), difference],
        series=SERIES,
    )
    chart = measured_figure(
        report.table("frontier_points"),
        fits=report.table("frontier_fits"),
        end_details={
            name: lines for name, growth in growths.items() if (lines := rate_lines(growth, "points a year"))
        },
        show_from=_LOWEST_SHOWN,
        theme=theme,
        width=150 if shape.narrow else 560,
        height=240 if shape.narrow else 320,
        names_per_economy=0 if shape.narrow else 3,
        **worded(shape, title, subtitle, below),
    )
    return Drawn(chart, title, subtitle, below)


def lag(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw the months by which the best open model is behind, over time."""
    return lag_drawn(report, theme).chart


def lag_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the lag in a shape; see :func:`lag`."""
    from twocurves.charts.lines_over_time import lines_over_time

    mean, released = one(report, "lag_months:weekly"), one(report, "lag_months:weekly:release_dates")
    table = report.table("lag_over_time")
    title = filled(
        "On average over weeks, open models are {} months behind",
        mean,
        otherwise="How far open models are behind",
    )
    subtitle = "Months since closed models first had the best open score of the day, with 90% interval"
    below = caption(
        report,
        _mean_said(mean, "months"),
        f"Dates as the index lists them; by release dates the average is {estimate_said(released)}."
        if clear(released)
        else "Dates as the index lists them.",
        "Other definitions: twocurves measure lag_months.",
        measures=[mean],
        series=SERIES,
    )
    chart = lines_over_time(
        table.select("date", "low", "high", value="lag", series=pl.lit("Lag")),
        number="{} mo",
        zero=True,
        end_details={"Lag": _last_said(table, "lag", "{} mo")},
        theme=theme,
        width=140 if shape.narrow else 560,
        height=180 if shape.narrow else 260,
        **worded(shape, title, subtitle, below),
    )
    return Drawn(chart, title, subtitle, below)


def gap(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw the points by which the best open model is behind, over time."""
    from twocurves.charts.lines_over_time import lines_over_time

    mean = one(report, "gap_points:weekly")
    table = report.table("gap_over_time")
    return lines_over_time(
        table.select("date", "low", "high", value="gap", series=pl.lit("Gap")),
        title=filled(
            "On average over weeks, the best open model is {} points below the best closed one",
            mean,
            otherwise="The gap between the best closed and the best open model",
        ),
        subtitle="Best closed less best open score in points of the Epoch Capabilities Index, "
        "with 90% interval",
        zero=True,
        end_details={"Gap": _last_said(table, "gap", "{} points")},
        caption=caption(
            report,
            _mean_said(mean, "points"),
            "Dates as the index lists them.",
            measures=[mean],
            series=SERIES,
        ),
        theme=theme,
    )


def _last_said(table: pl.DataFrame, column: str, number: str) -> str:
    """Write the last value of a table with its interval and its month, so that none takes it for a mean."""
    if table.is_empty():
        return ""
    last = table.sort("date").row(-1, named=True)
    value = say_estimate(last[column], last["low"], last["high"], number)
    return f"{value} in {last['date']:%B %Y}\n90%: {say_range(last['low'], last['high'])}"


def _mean_said(mean: Measure | None, unit: str) -> str:
    interval = interval_said(mean)
    return f"Average with 90% interval: {interval} {unit}." if interval else ""


def _lag_interval(lag: Measure | None, listed: Measure | None) -> str:
    if lag is None or lag.estimate is None:
        return ""
    said = f"Lag: mean over weeks, {estimate_said(lag)}"
    if listed is not None and listed.estimate is not None:
        said += f"; {say(listed.estimate, digits=2)} by the dates that the index lists"
    return f"{said}."


def _difference_said(difference: Measure | None) -> str:
    if difference is None or difference.low is None or difference.high is None:
        return "Too little is known to compare the paces." if difference is not None else ""
    interval = f"closed less open {interval_said(difference)} points a year with 90%"
    if difference.low < 0 < difference.high:
        return f"Which pace is the faster cannot be told: {interval}."
    return f"{'Closed' if difference.low >= 0 else 'Open'} models gain faster: {interval}."
