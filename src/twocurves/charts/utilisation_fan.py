"""Figure: how busy a machine must be to match a host, month by month, beside how busy it would be."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
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
)
from twocurves.charts.marks import area_layer, line_layer
from twocurves.charts.number_text import say, say_range
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.quantiles import PERCENTILES
from twocurves.charts.tables import days_of, finite_values, in_order, require, require_order
from twocurves.charts.ticks import span_of, ticks_that_fit, time_span_of

#: Where the axis ends at least and at most: beyond two full machines' worth nothing is decided any more.
_LEAST_TOP, _MOST_TOP = 1.05, 2.0


def utilisation_fan(
    needed: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 480,
    height: int = 220,
) -> alt.LayerChart:
    """Draw break-even utilisation as a fan, the buyer's own dashed, and the line of a machine never idle.

    Parameters
    ----------
    needed
        ``month``, the percentiles ``p2_5`` to ``p97_5`` of the share of hours that a machine must work, and
        ``own``, the share that this work would keep it busy. Above one the host is always cheaper; what lies
        above two is cut.
    title, subtitle, caption, theme, width, height
        As in :func:`twocurves.charts.fan.fan_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, or a malformed table.
    """
    check_size(width, height)
    colours = palette(theme)
    names = tuple(PERCENTILES)
    whole = in_order(require(needed, "needed", dates=("month",), numbers=(*names, "own")), "month")
    require_order(whole, "needed", names)
    table = whole.with_columns(pl.col(*names, "own").clip(0.0, _MOST_TOP))
    x = time_span_of(days_of(table, "month"), ticks_that_fit(width))
    y = span_of([0.0, _LEAST_TOP, *finite_values(table, (*names, "own"))], "linear", "share", zero=True)
    canvas = Canvas(width, height, x, y, colours)
    rows = list(table.iter_rows(named=True))
    layers = [*projection_layers(canvas, x.first), grid_layer(canvas)]
    layers += [
        area_layer(canvas, rows, "month", low, high, colours.ink, strong) for low, high, strong in style.BANDS
    ]
    layers.append(line_layer(canvas, rows, "month", "p50", colours.ink))
    layers.append(line_layer(canvas, rows, "month", "own", colours.grey, dashed=True))
    layers.append(
        alt.Chart(data([{"full": 1.0}]))
        .mark_rule(color=colours.grey, aria=False)
        .encode(y=canvas.values("full"))
    )
    last, shown = whole.row(-1, named=True), table.row(-1, named=True)
    ends = [
        EndLabel(
            y.fraction(shown["p50"]),
            "Needed",
            (say(last["p50"], "share", 2), say_range(last["p10"], last["p90"], "share")),
            colours.ink,
        ),
        EndLabel(y.fraction(shown["own"]), "This work", (say(last["own"], "share", 2),), colours.grey),
    ]
    layers += end_label_layers(ends, width, height, colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
    said = (
        f"In {last['month']:%b %Y} a machine must work {say(last['p50'], 'share', 2)} of its hours, 80% of "
        f"runs {say_range(last['p10'], last['p90'], 'share')}; this work would keep it busy for "
        f"{say(last['own'], 'share', 2)}."
    )
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    return finish(chart, theme, " ".join([sentence(title), sentence(subtitle), said, sentence(caption)]))
