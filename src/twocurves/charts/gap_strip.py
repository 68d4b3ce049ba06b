"""Figure: the paired difference of two fans, month by month, in ink.

Two fans that share causes move together; whether one is above the other is seen only in the difference within
each run, so it has a strip of its own under the same time axis.
"""

from __future__ import annotations

import datetime as dt

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
)
from twocurves.charts.marks import fan_layers, line_layer
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.quantiles import PERCENTILES, end_said, end_words
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    require,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, TimeSpan, span_of, time_span_of


def gap_strip_figure(
    gap: pl.DataFrame,
    *,
    title: str,
    subtitle: str,
    projection_from: dt.date,
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
    title, subtitle
        A sentence; the unit and the scale.
    projection_from
        First day that was not measured.
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
    check_size(width, height)
    table, base = checked_gap(gap, baseline, number, scale)
    days = days_of(table, "month") + (days_of(base, "month") if base is not None else [])
    canvas = gap_canvas(table, base, time_span_of(days), number, scale, theme, width, height)
    layers = gap_layers(canvas, table, base, projection_from, end_name, number, worded=True)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, canvas.colours)
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    words = [sentence(title), sentence(subtitle), end_words(table, number), sentence(caption)]
    return finish(chart, theme, " ".join(words))


def checked_gap(
    gap: pl.DataFrame, baseline: pl.DataFrame | None, number: str, scale: ScaleName
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Return the tables of a gap, checked and in time order."""
    check_scale(scale)
    check_style(number)
    table = require(gap, "gap", dates=("month",), numbers=tuple(PERCENTILES)).sort("month")
    require_positive(table, "gap", PERCENTILES, scale)
    require_order(table, "gap", tuple(PERCENTILES))
    if baseline is None:
        return table, None
    base = require(baseline, "gap baseline", dates=("month",), numbers=("value",)).sort("month")
    require_positive(base, "gap baseline", ("value",), scale)
    return table, base


def gap_canvas(
    table: pl.DataFrame,
    base: pl.DataFrame | None,
    x: TimeSpan,
    number: str,
    scale: ScaleName,
    theme: ThemeName,
    width: int,
    height: int,
) -> Canvas:
    """Return the plot of a gap; a linear axis holds zero, because a gap is read against it."""
    values = finite_values(table, PERCENTILES) + (finite_values(base, ("value",)) if base is not None else [])
    y = span_of(values, scale, number, zero=number != "times", at_most=4)
    return Canvas(width, height, x, y, palette(theme))


def gap_layers(
    canvas: Canvas,
    table: pl.DataFrame,
    base: pl.DataFrame | None,
    projection_from: dt.date,
    end_name: str,
    number: str,
    *,
    worded: bool,
) -> list[alt.Chart]:
    """Return field, bands, lines and the end label of a gap."""
    layers: list[alt.Chart] = []
    if projection_from < canvas.x.last:
        layers += projection_layers(canvas, projection_from, worded=worded)
    layers.append(grid_layer(canvas))
    layers += fan_layers(canvas, table, canvas.colours.ink)
    last = table.row(-1, named=True)
    median, span = end_said(last, number)
    details = [f"80%: {span}"]
    if base is not None:
        rows = list(base.iter_rows(named=True))
        layers.append(line_layer(canvas, rows, "month", "value", canvas.colours.ink, dashed=True, width=1.5))
        details.append(f"was {say(base['value'][-1], number)}")
    name = f"{end_name} {median}".strip()
    label = EndLabel(canvas.y.fraction(last["p50"]), name, tuple(details), canvas.colours.ink)
    return [*layers, *end_label_layers([label], canvas.width, canvas.height, canvas.colours)]
