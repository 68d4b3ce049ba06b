"""Figure: measured dots left, a fan of what is projected right, and below it the paired gap."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import altair as alt
import polars as pl

from twocurves.charts.canvas import (
    caption_layer,
    check_size,
    finish,
    heading,
    layered,
    sentence,
    strip_heading,
)
from twocurves.charts.cursor import cursor_meta
from twocurves.charts.fan_plot import FanPlot, fan_plot, fan_tables
from twocurves.charts.feed import Feed, joined
from twocurves.charts.gap_strip import GapPlot, checked_gap, gap_plot
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.tables import days_of
from twocurves.charts.ticks import ScaleName, ticks_that_fit, time_span_of

_STRIP_HEIGHT = 72


@dataclass(frozen=True, slots=True)
class Gap:
    """The strip below a fan: the difference of its two economies, taken within each run.

    Attributes
    ----------
    table
        ``month`` and the percentiles ``p2_5`` … ``p97_5``.
    label
        What the gap is, with its unit ("Lag of open behind closed, months").
    number
        Number style of the gap.
    scale
        ``linear`` or ``log``.
    baseline
        Median gap of another scenario, dashed: ``month``, ``value``.
    """

    table: pl.DataFrame
    label: str
    number: str = "number"
    scale: ScaleName = "linear"
    baseline: pl.DataFrame | None = None


def fan_figure(
    quantiles: pl.DataFrame,
    *,
    projection_from: dt.date,
    title: str = "",
    subtitle: str = "",
    measured: pl.DataFrame | None = None,
    baseline: pl.DataFrame | None = None,
    gap: Gap | None = None,
    number: str = "number",
    scale: ScaleName = "log",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 300,
) -> alt.LayerChart | alt.VConcatChart:
    """Draw what was measured and what the runs project, closed against open.

    Parameters
    ----------
    quantiles
        ``month`` (Date), ``economy`` and the percentiles ``p2_5``, ``p10``, ``p25``, ``p50``, ``p75``,
        ``p90``, ``p97_5`` (:func:`twocurves.charts.quantiles.quantile_table` makes it), of one or both
        economies; ink without ``economy``.
    projection_from
        First day that was not measured: the field right of it is shaded and says "Projection".
    title, subtitle
        A sentence computed from the run; the unit and the scale. None is written when empty.
    measured
        Measured dots as in :func:`twocurves.charts.measured.measured_figure`.
    baseline
        Medians of another scenario, drawn dashed: ``month``, ``economy``, ``value``.
    gap
        The paired difference, drawn in a strip below with the same time axis.
    number, scale, caption, theme, width, height
        As in :func:`twocurves.charts.measured.measured_figure`; ``height`` is without the strip.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, a value that is not positive on a log scale, or a table
        that is malformed.
    """
    plot, strip, feed = _plots(
        quantiles, measured, baseline, gap, number, scale, width, height, palette(theme)
    )
    canvas = plot.canvas
    layers = plot.layers(projection_from)
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    head = heading(title, subtitle, canvas.full_width(), canvas.left)
    if gap is None or strip is None:
        layers += caption_layer(caption, canvas.full_width(), canvas.left, height, canvas.colours)
        alone = cursor_meta(canvas.x, plot.readings())
        return finish(layered(layers, width, height, head), theme, " ".join(words), feed, cursor=alone)
    top = layered(layers, width, height, head)
    below = strip.layers(projection_from, worded=False)
    below += caption_layer(caption, canvas.full_width(), canvas.left, _STRIP_HEIGHT, canvas.colours)
    strip_head = strip_heading(gap.label, canvas.colours, canvas.left)
    both = alt.vconcat(top, layered(below, width, _STRIP_HEIGHT, strip_head), spacing=20)
    cursor = cursor_meta(canvas.x, [*plot.readings(), *strip.readings(_short_name(gap.label))])
    return finish(both, theme, " ".join(words), feed, cursor=cursor)


def fan_feed(
    quantiles: pl.DataFrame,
    *,
    measured: pl.DataFrame | None = None,
    baseline: pl.DataFrame | None = None,
    gap: Gap | None = None,
    number: str = "number",
    scale: ScaleName = "log",
    width: int = 560,
    height: int = 300,
) -> Feed:
    """Return what :func:`fan_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`fan_figure`.
    """
    return _plots(quantiles, measured, baseline, gap, number, scale, width, height, palette("light"))[2]


def _short_name(label: str) -> str:
    """Return the label of a strip without its unit, which the value carries."""
    return label.partition(",")[0]


def _plots(
    quantiles: pl.DataFrame,
    measured: pl.DataFrame | None,
    baseline: pl.DataFrame | None,
    gap: Gap | None,
    number: str,
    scale: ScaleName,
    width: int,
    height: int,
    colours: Palette,
) -> tuple[FanPlot, GapPlot | None, Feed]:
    check_size(width, height)
    tables = fan_tables(quantiles, baseline, measured, number, scale)
    checked = None if gap is None else checked_gap(gap.table, gap.baseline, gap.number, gap.scale)
    days = tables.days + ([] if checked is None else days_of(checked[0], "month"))
    x = time_span_of(days, ticks_that_fit(width))
    plot = fan_plot(
        tables, x, name="fan", width=width, height=height, colours=colours, dates_shown=gap is None
    )
    if gap is None or checked is None:
        return plot, None, plot.feed
    strip = gap_plot(
        *checked,
        x,
        name="gap",
        number=gap.number,
        scale=gap.scale,
        colours=colours,
        width=width,
        height=_STRIP_HEIGHT,
    )
    feed = joined([plot.feed, Feed(description=sentence(gap.label)), strip.feed])
    return plot, strip, feed
