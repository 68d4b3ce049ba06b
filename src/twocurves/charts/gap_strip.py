"""Figure: the paired difference of two fans, month by month, in ink.

Two fans that share causes move together; whether one is above the other is seen only in the difference within
each run, so it has a strip of its own under the same time axis.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import altair as alt
import polars as pl

from twocurves.charts.canvas import (
    Canvas,
    EndLabel,
    caption_layer,
    check_size,
    end_feed,
    finish,
    grid_layer,
    heading,
    layered,
    live_end_layers,
    projection_layers,
    sentence,
)
from twocurves.charts.cursor import Reading, cursor_meta
from twocurves.charts.feed import Feed, joined, table_rows
from twocurves.charts.marks import fan_layers, line_layer
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.quantiles import PERCENTILES, end_said, end_words
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    in_order,
    require,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, TimeSpan, span_of, ticks_that_fit, time_span_of


@dataclass(frozen=True, slots=True)
class GapPlot:
    """The plot of a gap: where it lies, and its feed.

    The datasets are ``<name>`` (the bands), ``<name>_baseline`` and ``<name>_end``.
    """

    canvas: Canvas
    feed: Feed
    name: str
    has_baseline: bool
    number: str = "number"

    def readings(self, name: str) -> list[Reading]:
        """Return what a linked cursor reads in it, under a name."""
        return [Reading(name, self.number, self.name, scale=self.canvas.y.scale)]

    def layers(self, projection_from: dt.date, *, worded: bool) -> list[alt.Chart]:
        """Return field, bands, lines and the end label."""
        canvas, ink = self.canvas, self.canvas.colours.ink
        layers: list[alt.Chart] = []
        if projection_from < canvas.x.last:
            layers += projection_layers(canvas, projection_from, worded=worded)
        layers.append(grid_layer(canvas))
        layers += fan_layers(canvas, self.name, ink)
        if self.has_baseline:
            layers.append(
                line_layer(canvas, f"{self.name}_baseline", "month", "value", ink, dashed=True, width=1.5)
            )
        return [*layers, *live_end_layers({f"{self.name}_end": ink}, canvas.width, canvas.colours)]


def gap_strip_figure(
    gap: pl.DataFrame,
    *,
    projection_from: dt.date,
    title: str = "",
    subtitle: str = "",
    baseline: pl.DataFrame | None = None,
    end_name: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 120,
) -> alt.LayerChart:
    """Draw a paired gap over time: the median in ink, with its 50, 80 and 95% bands.

    Parameters
    ----------
    gap
        ``month`` (Date) and the percentiles ``p2_5``, ``p10``, ``p25``, ``p50``, ``p75``, ``p90``, ``p97_5``
        of the difference (or ratio) taken within each run.
    projection_from
        First day that was not measured.
    title, subtitle
        A sentence; the unit and the scale. None is written when empty.
    baseline
        Median of another scenario, drawn dashed: ``month``, ``value``.
    end_name
        What the line is called at its end; its last median when left out.
    number, scale, caption, theme, width, height
        As in :func:`twocurves.charts.measured.measured_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, or a table that is malformed.
    """
    plot = _plot(gap, baseline, end_name, number, scale, width, height, palette(theme))
    canvas = plot.canvas
    layers = plot.layers(projection_from, worded=True)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, canvas.colours)
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    words = [sentence(title), sentence(subtitle), plot.feed.description, sentence(caption)]
    cursor = cursor_meta(canvas.x, plot.readings(end_name or "Gap"))
    return finish(chart, theme, " ".join(words), plot.feed, cursor=cursor)


def gap_strip_feed(
    gap: pl.DataFrame,
    *,
    baseline: pl.DataFrame | None = None,
    end_name: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    width: int = 560,
    height: int = 120,
) -> Feed:
    """Return what :func:`gap_strip_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`gap_strip_figure`.
    """
    return _plot(gap, baseline, end_name, number, scale, width, height, palette("light")).feed


def gap_plot(
    table: pl.DataFrame,
    base: pl.DataFrame | None,
    x: TimeSpan,
    *,
    name: str,
    number: str,
    scale: ScaleName,
    colours: Palette,
    width: int,
    height: int,
    end_name: str = "",
) -> GapPlot:
    """Return the plot of checked tables; a linear axis holds zero, because a gap is read against it."""
    values = finite_values(table, PERCENTILES) + (finite_values(base, ("value",)) if base is not None else [])
    y = span_of(values, scale, number, zero=number != "times", at_most=4)
    canvas = Canvas(width, height, x, y, colours, live=f"{name}_y")
    last = table.row(-1, named=True)
    median, span = end_said(last, number)
    details = [f"80%: {span}"]
    datasets = {name: table_rows(table)}
    if base is not None:
        datasets[f"{name}_baseline"] = table_rows(base)
        details.append(f"was {say(base['value'][-1], number)}")
    label = EndLabel(y.fraction(last["p50"]), f"{end_name} {median}".strip(), tuple(details), colours.ink)
    feed = joined(
        [
            Feed(datasets),
            canvas.feed(),
            end_feed({f"{name}_end": label}, height),
            Feed(description=end_words(table, number)),
        ]
    )
    return GapPlot(canvas, feed, name, base is not None, number)


def checked_gap(
    gap: pl.DataFrame, baseline: pl.DataFrame | None, number: str, scale: ScaleName
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Return the tables of a gap, checked and in time order."""
    check_scale(scale)
    check_style(number)
    table = require(gap, "gap", dates=("month",), numbers=tuple(PERCENTILES))
    table = in_order(table, "month")
    require_positive(table, "gap", PERCENTILES, scale)
    require_order(table, "gap", tuple(PERCENTILES))
    if baseline is None:
        return table, None
    base = require(baseline, "gap baseline", dates=("month",), numbers=("value",))
    base = in_order(base, "month")
    require_positive(base, "gap baseline", ("value",), scale)
    return table, base


def _plot(
    gap: pl.DataFrame,
    baseline: pl.DataFrame | None,
    end_name: str,
    number: str,
    scale: ScaleName,
    width: int,
    height: int,
    colours: Palette,
) -> GapPlot:
    check_size(width, height)
    table, base = checked_gap(gap, baseline, number, scale)
    days = days_of(table, "month") + (days_of(base, "month") if base is not None else [])
    x = time_span_of(days, ticks_that_fit(width))
    return gap_plot(
        table,
        base,
        x,
        name="gap",
        number=number,
        scale=scale,
        colours=colours,
        width=width,
        height=height,
        end_name=end_name,
    )
