"""Figure: how an outcome is spread over the draws, one ridge for each row, with its median."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import caption_layer, check_size, finish, heading, layered, sentence
from twocurves.charts.density import density
from twocurves.charts.feed import Feed, Row, joined, named
from twocurves.charts.number_text import check_style, round_figures, say, say_range
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, word_room
from twocurves.charts.tables import check_scale, require, require_positive
from twocurves.charts.ticks import MAX_TICKS, ScaleName, span_of

_ROW = 46
_HEIGHT = 40.0

#: Pixels along the axis that a tick needs for its label.
_TICK_ROOM = 70

#: Draws outside these quantiles of all rows together are left off the axis.
_OUTERMOST = (0.005, 0.97)


def ridgeline_figure(
    samples: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    reference: float | None = None,
    reference_name: str = "",
    notes: Mapping[str, str] | None = None,
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 380,
) -> alt.LayerChart:
    """Draw the density of the draws of each row as a ridge, all on one axis.

    Parameters
    ----------
    samples
        ``row`` (its name) and ``value``, one row of the table for each draw. Rows are drawn in their order.
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.
    number, scale
        Number style and scale of the outcome; on a log scale the density is that of the logarithm.
    reference, reference_name
        A value to mark with a line (a threshold), and its name.
    notes
        Words right of a row in place of its median and its 80% range.
    width
        Of the plot area, in pixels; the height follows from the rows.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, or a value that is not positive on a log scale.
    """
    plot, feed = _plot(samples, number, scale, reference, reference_name, notes or {}, palette(theme), width)
    colours = plot.colours
    layers = plot.grid()
    if reference is not None:
        layers += _reference_layers(plot)
    down = alt.Y("y:Q", scale=None, axis=None)
    layers += [
        alt.Chart(named("ridges"))
        .mark_area(color=colours.low, opacity=0.55, aria=False)
        .encode(
            x=plot.values("value"),
            y=alt.Y("top:Q", scale=None, axis=None),
            y2=alt.Y2("base:Q"),
            detail=alt.Detail("row:N"),
        ),
        alt.Chart(named("ridge_rows"))
        .mark_rule(color=colours.low, strokeWidth=1, aria=False)
        .encode(x=alt.XValue(0), x2=alt.X2Value(plot.width), y=down),
        alt.Chart(named("ridge_rows"))
        .mark_point(shape="circle", filled=True, size=44, color=colours.ink, opacity=1)
        .encode(
            x=plot.values("median"),
            y=down,
            description=alt.Description("text:N"),
            tooltip=alt.Tooltip("text:N"),
        ),
        plot.live_names("ridge_names"),
        *plot.live_words("ridge_words"),
    ]
    layers += caption_layer(caption, plot.full_width(), plot.left, plot.height, colours)
    chart = layered(layers, width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def ridgeline_feed(
    samples: pl.DataFrame,
    *,
    number: str = "number",
    scale: ScaleName = "linear",
    reference: float | None = None,
    reference_name: str = "",
    notes: Mapping[str, str] | None = None,
    width: int = 380,
) -> Feed:
    """Return what :func:`ridgeline_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`ridgeline_figure`.
    """
    return _plot(samples, number, scale, reference, reference_name, notes or {}, palette("light"), width)[1]


def _plot(
    samples: pl.DataFrame,
    number: str,
    scale: ScaleName,
    reference: float | None,
    reference_name: str,
    notes: Mapping[str, str],
    colours: Palette,
    width: int,
) -> tuple[RowPlot, Feed]:
    check_size(width, 200)
    check_scale(scale)
    check_style(number)
    table = require(samples, "samples", texts=("row",), numbers=("value",))
    require_positive(table, "samples", ("value",), scale)
    names = table["row"].unique(maintain_order=True).to_list()
    values = table["value"].to_numpy()
    low, high = (float(value) for value in np.quantile(values, _OUTERMOST))
    medians = {}
    for name in names:
        own = table["value"].filter(table["row"] == name).to_numpy()
        medians[name] = own, tuple(float(one) for one in np.quantile(own, [0.1, 0.5, 0.9]))
    ends = [low, high, *(found[1] for _, found in medians.values())]
    if reference is not None:
        require_positive(pl.DataFrame({"reference": [reference]}), "ridgeline", ("reference",), scale)
        ends.append(reference)
    span = span_of(ends, scale, number, at_most=max(2, min(MAX_TICKS, width // _TICK_ROOM)))
    said = [
        (notes[name], "") if name in notes else (say(p50, number, 2), f"80%: {say_range(p10, p90, number)}")
        for name, (_, (p10, p50, p90)) in medians.items()
    ]
    plot = RowPlot(width, len(names), _ROW, span, colours, name_room(names), word_room(said), live="ridge_x")
    log = scale == "log"
    curves = {}
    for name, (own, _) in medians.items():
        ends_here = (np.log(span.low), np.log(span.high)) if log else (span.low, span.high)
        grid, height = density(np.log(own) if log else own, *ends_here)
        curves[name] = (np.exp(grid) if log else grid), height
    tallest = max(float(height.max()) for _, height in curves.values()) or 1.0
    ridges: list[Row] = []
    rows: list[Row] = []
    for index, (name, (grid, heights)) in enumerate(curves.items()):
        base = (index + 1) * _ROW - 6.0
        ridges += [
            {
                "row": index,
                "value": round_figures(float(value), 8),
                "top": round(base - _HEIGHT * float(height) / tallest, 2),
                "base": base,
            }
            for value, height in zip(grid, heights, strict=True)
        ]
        text = f"{name}: {said[index][0]} {said[index][1]}".strip()
        rows.append({"y": base, "median": medians[name][1][1], "text": text})
    feed = Feed(
        {
            "ridges": ridges,
            "ridge_rows": rows,
            "ridge_names": plot.name_rows(names),
            "ridge_words": plot.word_rows(said),
        },
        description=" ".join(sentence(row["text"]) for row in rows),
    )
    if reference is not None:
        feed.datasets["ridge_reference"] = [{"at": reference, "text": reference_name}]
    return plot, joined([feed, plot.feed()])


def _reference_layers(plot: RowPlot) -> list[alt.Chart]:
    base = alt.Chart(named("ridge_reference")).encode(x=plot.values("at"))
    grey = plot.colours.grey
    return [
        base.mark_rule(color=grey, strokeDash=list(style.BASELINE_DASH), aria=False).encode(
            y=alt.YValue(-4), y2=alt.Y2Value(plot.height)
        ),
        base.mark_text(color=grey, fontSize=style.SMALL, align="center", baseline="bottom").encode(
            y=alt.YValue(-6), text=alt.Text("text:N")
        ),
    ]
