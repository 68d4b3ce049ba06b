"""Figure: measured dots left, a fan of what is projected right, and below it the paired gap."""

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
    end_label_layers,
    finish,
    grid_layer,
    heading,
    layered,
    projection_layers,
    sentence,
    strip_heading,
)
from twocurves.charts.gap_strip import checked_gap, gap_canvas, gap_layers
from twocurves.charts.marks import dot_layers, fan_layers, line_layer
from twocurves.charts.measured import checked_dots
from twocurves.charts.number_text import check_style
from twocurves.charts.palette import ECONOMIES, ECONOMY_NAMES, ThemeName, palette
from twocurves.charts.quantiles import PERCENTILES, end_said, end_words
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    require,
    require_economies,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, TimeSpan, span_of, time_span_of

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
    title: str,
    subtitle: str,
    projection_from: dt.date,
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
        economies.
    title, subtitle
        A sentence computed from the run; the unit and the scale.
    projection_from
        First day that was not measured: the field right of it is shaded and says "Projection".
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
    check_size(width, height)
    check_scale(scale)
    check_style(number)
    colours = palette(theme)
    names = tuple(PERCENTILES)
    table = require(quantiles, "quantiles", dates=("month",), texts=("economy",), numbers=names).sort("month")
    require_economies(table, "quantiles")
    require_positive(table, "quantiles", names, scale)
    require_order(table, "quantiles", names)
    dots = None if measured is None else checked_dots(measured, "measured", scale)
    base = None
    values, days = finite_values(table, names), days_of(table, "month")
    if baseline is not None:
        base = require(baseline, "baseline", dates=("month",), texts=("economy",), numbers=("value",)).sort(
            "month"
        )
        require_economies(base, "baseline")
        require_positive(base, "baseline", ("value",), scale)
        values += finite_values(base, ("value",))
        days += days_of(base, "month")
    if dots is not None:
        values += finite_values(dots, ("value", "low", "high"))
        days += days_of(dots, "date")
    strip = None if gap is None else checked_gap(gap.table, gap.baseline, gap.number, gap.scale)
    if strip is not None:
        days += days_of(strip[0], "month")

    x = time_span_of(days)
    canvas = Canvas(width, height, x, span_of(values, scale, number), colours, dates_shown=gap is None)
    layers: list[alt.Chart] = []
    if projection_from < x.last:
        layers += projection_layers(canvas, projection_from)
    layers.append(grid_layer(canvas))
    ends: list[EndLabel] = []
    # Open first, so that the closed frontier lies on top where the two overlap.
    for economy in reversed(ECONOMIES):
        own = table.filter(pl.col("economy") == economy)
        if own.height == 0:
            continue
        layers += fan_layers(canvas, own.drop("economy"), colours.economy(economy))
        ends.append(_end(canvas, own, economy, number))
    for economy in ECONOMIES:
        if base is not None:
            rows = list(base.filter(pl.col("economy") == economy).drop("economy").iter_rows(named=True))
            colour = colours.economy(economy)
            layers += (
                [line_layer(canvas, rows, "month", "value", colour, dashed=True, width=1.5)] if rows else []
            )
    if dots is not None:
        layers += dot_layers(canvas, dots, number)
    layers += end_label_layers(ends, width, height, colours)

    title_params = heading(title, subtitle, canvas.full_width(), canvas.left)
    words = [sentence(title), sentence(subtitle), *(_words(table, economy, number) for economy in ECONOMIES)]
    if gap is None or strip is None:
        layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
        chart = layered(layers, width, height, title_params)
        return finish(chart, theme, " ".join([*words, sentence(caption)]))
    top = layered(layers, width, height, title_params)
    below = _strip(gap, strip, x, projection_from, caption, theme, width)
    words += [sentence(gap.label), end_words(strip[0], gap.number), sentence(caption)]
    return finish(alt.vconcat(top, below, spacing=20), theme, " ".join(words))


def _strip(
    gap: Gap,
    tables: tuple[pl.DataFrame, pl.DataFrame | None],
    x: TimeSpan,
    projection_from: dt.date,
    caption: str,
    theme: ThemeName,
    width: int,
) -> alt.LayerChart:
    table, base = tables
    canvas = gap_canvas(table, base, x, gap.number, gap.scale, theme, width, _STRIP_HEIGHT)
    layers = gap_layers(canvas, table, base, projection_from, "", gap.number, worded=False)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, _STRIP_HEIGHT, canvas.colours)
    return layered(layers, width, _STRIP_HEIGHT, strip_heading(gap.label, canvas.colours, canvas.left))


def _end(canvas: Canvas, own: pl.DataFrame, economy: str, number: str) -> EndLabel:
    last = own.row(-1, named=True)
    median, span = end_said(last, number)
    return EndLabel(
        canvas.y.fraction(last["p50"]),
        f"{ECONOMY_NAMES[economy]} {median}",
        (f"80%: {span}",),
        canvas.colours.economy(economy),
    )


def _words(table: pl.DataFrame, economy: str, number: str) -> str:
    own = table.filter(pl.col("economy") == economy)
    return f"{ECONOMY_NAMES[economy]}. {end_words(own, number)}" if own.height else ""
