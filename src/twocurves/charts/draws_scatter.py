"""Figure: an outcome in every run against one assumption, with its level in each tenth."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts.canvas import check_size, data
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import finite_values, require
from twocurves.charts.ticks import ScaleName, Span, span_of
from twocurves.charts.xy_plot import XYPlot

_HEIGHT = 240
_DOT = 10.0


def draws_scatter_figure(
    tenths: pl.DataFrame,
    *,
    draws: pl.DataFrame | None = None,
    number: str = "number",
    scale: ScaleName = "linear",
    x_number: str = "number",
    x_scale: ScaleName = "linear",
    x_name: str = "",
    y_name: str = "",
    base: float | None = None,
    base_name: str = "all runs",
    y_axis: Span | None = None,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 420,
) -> alt.LayerChart:
    """Draw runs as dots, and the level of the outcome in each tenth of the assumption's values.

    Parameters
    ----------
    tenths
        ``value`` (of the assumption), ``level`` (of the outcome); optional ``low`` and ``high`` of the level.
    draws
        ``value`` and ``outcome``, a row for each run; none are drawn when left out.
    number, scale, x_number, x_scale
        Number style and scale of the outcome, and of the assumption.
    x_name, y_name
        What they are.
    base, base_name
        The level over all runs, drawn dashed, and its name.
    y_axis
        The axis of the outcome; chosen from what is drawn when left out.
    title, subtitle, caption, theme, width
        As in :func:`twocurves.charts.ridgeline.ridgeline_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, or a malformed table.
    """
    check_size(width, _HEIGHT)
    check_style(number)
    check_style(x_number)
    table = require(tenths, "tenths", numbers=("value", "level"), gaps_allowed=("low", "high"))
    values, outcomes = finite_values(table, ("value",)), finite_values(table, ("level", "low", "high"))
    dots = None
    if draws is not None:
        dots = require(draws, "draws", numbers=("value", "outcome"))
        values += finite_values(dots, ("value",))
        outcomes += finite_values(dots, ("outcome",))
    colours = palette(theme)
    y = span_of(outcomes, scale, number, at_most=4) if y_axis is None else y_axis
    # An assumption is read over its own range: a spread that ends near zero must not be stretched to it.
    x = span_of(values, x_scale, x_number, at_most=4 if width > 300 else 2)
    plot = XYPlot(width, _HEIGHT, x, y, colours)
    layers = [plot.grid()]
    if dots is not None:
        layers.append(
            alt.Chart(data(dots.select("value", "outcome").iter_rows(named=True)))
            .mark_point(shape="circle", filled=True, size=_DOT, color=colours.low, opacity=0.6, aria=False)
            .encode(x=plot.across("value"), y=plot.up("outcome"))
        )
    rows = [
        {**row, "text": f"{say(row['value'], x_number, 2)}: {say(row['level'], number, 2)}"}
        for row in table.sort("value").iter_rows(named=True)
    ]
    ranged = [row for row in rows if row["low"] is not None and row["high"] is not None]
    if ranged:
        layers.append(
            alt.Chart(data([{name: row[name] for name in ("value", "low", "high")} for row in ranged]))
            .mark_rule(color=colours.ink, strokeWidth=1.3, aria=False)
            .encode(x=plot.across("value"), y=plot.up("low"), y2=alt.Y2("high:Q"))
        )
    marks = [{name: row[name] for name in ("value", "level", "text")} for row in rows]
    layers.append(plot.line(marks, "value", "level", colour=colours.ink))
    layers.append(plot.dots(marks, "value", "level", size=52))
    if base is not None:
        layers += plot.level(base, base_name)
    layers += plot.axis_names(x_name, y_name)
    description = ". ".join(str(row["text"]) for row in rows)
    return plot.finished(
        layers, theme, title=title, subtitle=subtitle, caption=caption, description=description, below=x_name
    )
