"""Figure: an outcome over time where one assumption is low and where it is high."""

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
from twocurves.charts.marks import area_layer, line_layer
from twocurves.charts.number_text import check_style, say, say_range
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    require,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, span_of, ticks_that_fit, time_span_of
from twocurves.errors import BadInputError

_LEVELS = ("p10", "p25", "p50", "p75", "p90")
_SIDES = ("low", "high")


def conditional_fan_figure(
    quantiles: pl.DataFrame,
    *,
    projection_from: dt.date,
    names: tuple[str, str] = ("Low", "High"),
    number: str = "number",
    scale: ScaleName = "linear",
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 240,
) -> alt.LayerChart:
    """Draw two fans: the runs with a low value of an assumption, and those with a high one.

    Parameters
    ----------
    quantiles
        ``month`` (Date), ``side`` (``low`` or ``high``) and the percentiles ``p10`` to ``p90``.
    projection_from
        First day that was not measured.
    names
        What the low and the high runs are called at the ends of their lines.
    number, scale
        Number style and scale of the outcome.
    title, subtitle, caption, theme, width, height
        As in :func:`twocurves.charts.fan.fan_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, or a side that is missing.
    """
    check_size(width, height)
    check_scale(scale)
    check_style(number)
    table = require(quantiles, "quantiles", dates=("month",), texts=("side",), numbers=_LEVELS)
    require_positive(table, "quantiles", _LEVELS, scale)
    require_order(table, "quantiles", _LEVELS)
    there = set(table["side"].to_list())
    if there != set(_SIDES):
        raise BadInputError(
            "quantiles: 'side' must be 'low' in some rows and 'high' in others.",
            field="quantiles.side",
            given=sorted(there),
            allowed=list(_SIDES),
        )
    colours = palette(theme)
    x = time_span_of(days_of(table, "month"), ticks_that_fit(width))
    y = span_of(finite_values(table, _LEVELS), scale, number, at_most=4)
    canvas = Canvas(width, height, x, y, colours, right=118)
    layers: list[alt.Chart] = []
    if projection_from < x.last:
        layers += projection_layers(canvas, projection_from)
    layers.append(grid_layer(canvas))
    labels: list[EndLabel] = []
    words: list[str] = []
    for side, name, colour, opacity in zip(
        _SIDES, names, (colours.low, colours.high), (0.42, 0.2), strict=True
    ):
        part = table.filter(pl.col("side") == side).sort("month")
        rows = list(part.select("month", "p10", "p90").iter_rows(named=True))
        layers.append(area_layer(canvas, rows, "month", "p10", "p90", colour, opacity))
        last = part.row(-1, named=True)
        ranged = say_range(last["p10"], last["p90"], number)
        labels.append(
            EndLabel(
                y.fraction(last["p50"]),
                f"{name}: {say(last['p50'], number, 2)}",
                (f"80%: {ranged}",),
                colours.ink if side == "high" else colours.grey,
            )
        )
        words.append(f"{name}: {say(last['p50'], number, 2)} at the end, 80% of those runs {ranged}")
    for side in _SIDES:
        part = table.filter(pl.col("side") == side).sort("month")
        rows = [{"month": row["month"], "p50": row["p50"]} for row in part.iter_rows(named=True)]
        layers.append(line_layer(canvas, rows, "month", "p50", colours.ink, dashed=side == "low"))
    layers += end_label_layers(labels, width, height, colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    said = [sentence(title), sentence(subtitle), *(sentence(one) for one in words), sentence(caption)]
    return finish(chart, theme, " ".join(said))
