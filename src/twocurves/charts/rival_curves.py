"""Figure: measured dots, the rival curves through them, and below how far the dots lie from one curve."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import altair as alt
import polars as pl

from twocurves.charts.canvas import (
    Canvas,
    EndLabel,
    caption_layer,
    check_size,
    data,
    end_label_layers,
    finish,
    grid_layer,
    heading,
    layered,
    projection_layers,
    sentence,
    strip_heading,
)
from twocurves.charts.linked_dots import checked_linked_dots, linked_dot_layers
from twocurves.charts.number_text import check_style
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import check_scale, days_of, finite_values, require
from twocurves.charts.ticks import ScaleName, span_of, ticks_that_fit, time_span_of

_STRIP_HEIGHT = 72

#: How far a curve may leave the dots, as a share of their extent, before it is cut.
_REACH = 0.6

#: Dashes of the first, second and third curve; the first is solid.
_DASHES: tuple[list[float], ...] = ([1.0, 0.0], [7.0, 4.0], [2.0, 3.5])


@dataclass(frozen=True, slots=True)
class RivalCurve:
    """A curve through the dots.

    Attributes
    ----------
    name, detail
        What stands at its end: its name, and its weight.
    points
        ``date`` and ``value``.
    dash
        Its place among the curves, which gives its dashes wherever it is drawn.
    strong
        Whether it is the one that weighs most: drawn in ink, the others in grey.
    """

    name: str
    detail: str
    points: pl.DataFrame
    dash: int
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Residuals:
    """The strip below: how far each dot lies from one curve.

    Attributes
    ----------
    table
        ``date`` and ``value``: a ratio on a log scale, else a difference; optional ``economy`` and ``link``.
    label
        What it is, with its unit.
    number, scale
        Number style, and the scale of the axis.
    """

    table: pl.DataFrame
    label: str
    number: str
    scale: ScaleName


def rival_figure(
    dots: pl.DataFrame,
    curves: list[RivalCurve],
    *,
    residuals: Residuals | None = None,
    projection_from: dt.date | None = None,
    title: str = "",
    subtitle: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 300,
) -> alt.LayerChart | alt.VConcatChart:
    """Draw dots with rival curves, and the residuals of one of them.

    Parameters
    ----------
    dots
        As in :func:`twocurves.charts.linked_dots.checked_linked_dots`.
    curves
        At most three; each is cut where it leaves the dots far behind.
    residuals
        The strip below; none when left out.
    projection_from
        First day that was not measured: right of it the curves only run on.
    title, subtitle, number, scale, caption, theme, width, height
        As in :func:`twocurves.charts.measured.measured_figure`; ``height`` is without the strip.

    Raises
    ------
    BadInputError
        Nothing to draw, or a malformed table.
    """
    check_size(width, height)
    check_scale(scale)
    check_style(number)
    colours = palette(theme)
    table = checked_linked_dots(dots, "dots", scale)
    extent = finite_values(table, ("value", "low", "high"))
    kept = [(curve, _within(curve.points, finite_values(table, ("value",)), scale)) for curve in curves]
    kept = [(curve, points) for curve, points in kept if points.height]
    for _, points in kept:
        extent += finite_values(points, ("value",))
    days = days_of(table, "date") + [day for curve, _ in kept for day in days_of(curve.points, "date")]
    x = time_span_of(days, ticks_that_fit(width))
    canvas = Canvas(width, height, x, span_of(extent, scale, number), colours, dates_shown=residuals is None)
    layers: list[alt.Chart] = []
    if projection_from is not None and projection_from < x.last:
        layers += projection_layers(canvas, projection_from)
    layers.append(grid_layer(canvas))
    ends = []
    for curve, points in kept:
        colour = colours.ink if curve.strong else colours.grey
        layers.append(_curve_layer(canvas, points, colour, curve.dash))
        level = canvas.y.fraction(points["value"][-1])
        ends.append(EndLabel(level, curve.name, (curve.detail,), colour))
    layers += linked_dot_layers(canvas, table, number)
    layers += end_label_layers(ends, width, height, colours)
    words = [sentence(title), sentence(subtitle), _described(table, kept), sentence(caption)]
    head = heading(title, subtitle, canvas.full_width(), canvas.left)
    if residuals is None:
        layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
        return finish(layered(layers, width, height, head), theme, " ".join(words))
    top = layered(layers, width, height, head)
    left = checked_linked_dots(residuals.table, "residuals", residuals.scale)
    base = 1.0 if residuals.scale == "log" else 0.0
    y = span_of([*finite_values(left, ("value",)), base], residuals.scale, residuals.number, at_most=3)
    strip = Canvas(width, _STRIP_HEIGHT, x, y, colours)
    below = [
        grid_layer(strip),
        alt.Chart(data([{"base": base}]))
        .mark_rule(color=colours.grey, aria=False)
        .encode(y=strip.values("base")),
        alt.Chart(data([{**row, "base": base} for row in left.select("date", "value").iter_rows(named=True)]))
        .mark_rule(color=colours.grey, opacity=0.5, aria=False)
        .encode(x=strip.days("date"), y=strip.values("base"), y2=alt.Y2("value:Q")),
        *linked_dot_layers(strip, left, residuals.number),
        *caption_layer(caption, strip.full_width(), strip.left, _STRIP_HEIGHT, colours),
    ]
    strip_head = strip_heading(residuals.label, colours, strip.left)
    both = alt.vconcat(top, layered(below, width, _STRIP_HEIGHT, strip_head), spacing=20)
    words.insert(-1, sentence(residuals.label))
    return finish(both, theme, " ".join(words))


def _within(points: pl.DataFrame, values: list[float], scale: ScaleName) -> pl.DataFrame:
    """Return the part of a curve near the dots: one that runs off would leave these too little room."""
    table = require(points, "curve", dates=("date",), numbers=("value",)).sort("date")
    low, high = min(values), max(values)
    if scale == "log":
        table = table.filter(pl.col("value") > 0)
        reach = math.exp(_REACH * math.log(max(high / low, 1.5)))
        return table.filter(pl.col("value").is_between(low / reach, high * reach))
    reach = _REACH * ((high - low) or abs(high) or 1.0)
    return table.filter(pl.col("value").is_between(low - reach, high + reach))


def _curve_layer(canvas: Canvas, points: pl.DataFrame, colour: str, dash: int) -> alt.Chart:
    layer: alt.Chart = (
        alt.Chart(data(points.iter_rows(named=True)))
        .mark_line(color=colour, strokeWidth=1.8, strokeDash=_DASHES[dash % len(_DASHES)], strokeCap="butt")
        .encode(x=canvas.days("date"), y=canvas.values("value"))
    )
    return layer


def _described(table: pl.DataFrame, kept: list[tuple[RivalCurve, pl.DataFrame]]) -> str:
    days = days_of(table, "date")
    said = [f"{table.height} dots, {min(days):%b %Y} to {max(days):%b %Y}."]
    said += [f"{curve.name}: {sentence(curve.detail)}" for curve, _ in kept]
    return " ".join(said)
