"""Figure: what one act turns out to give, as twenty dots of equal chance beside nothing gained."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    axis_ticks,
    caption_layer,
    check_size,
    data,
    finish,
    heading,
    layered,
    note,
    number_scale,
    sentence,
)
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import finite_values, require
from twocurves.charts.ticks import span_of

#: Dots of a figure: one is a chance of one in so many.
DOTS = 20

_LEFT = 20
_RIGHT = 20
_SIZE = 13.0
_GAP = 2.0


def outcome_dots(
    outcomes: Sequence[float],
    *,
    better: str = "saves",
    worse: str = "costs more",
    title: str = "",
    subtitle: str = "",
    number: str = "usd",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 480,
) -> alt.LayerChart:
    """Draw twenty outcomes of equal chance as stacked dots; those below zero are hollow.

    Kay and others (2016), doi:10.1145/2858036.2858558: readers count such dots better than they read areas.

    Parameters
    ----------
    outcomes
        Twenty quantiles at 2.5%, 7.5%, ... 97.5%.
    better, worse
        What stands right and left of zero.
    title, subtitle, number, caption, theme, width
        As in :func:`twocurves.charts.fan.fan_figure`; the height follows from the dots.

    Raises
    ------
    BadInputError
        Nothing to draw, or a value that is not finite.
    """
    check_size(width, 100)
    check_style(number)
    colours = palette(theme)
    table = require(
        pl.DataFrame({"value": list(outcomes)}, schema={"value": pl.Float64}), "outcomes", numbers=("value",)
    )
    values = sorted(finite_values(table, ("value",)))
    x = span_of([*values, 0.0], "linear", number)
    step = _SIZE + _GAP
    heights: dict[int, int] = {}
    placed: list[tuple[float, float, int]] = []
    for value in values:
        column = int(width * x.fraction(value) // step)
        level = heights.get(column, 0)
        heights[column] = level + 1
        placed.append((value, (column + 0.5) * step, level))
    height = round((max(heights.values()) + 0.5) * step) + 24
    rows = [
        {
            "x": across_at,
            "y": height - (level + 0.5) * step - 2,
            "gains": value > 0,
            "text": f"1 in {len(values)}: {say(value, number, 2)}",
        }
        for value, across_at, level in placed
    ]
    axis = alt.Axis(**axis_ticks(x), title=None, domain=True, ticks=True)
    across = alt.X("x:Q", scale=None, axis=None)
    layers = [
        alt.Chart(data([{"zero": 0.0}]))
        .mark_rule(color=colours.grey, aria=False)
        .encode(x=alt.X("zero:Q", scale=number_scale(x), axis=axis), y=alt.YValue(0), y2=alt.Y2Value(height))
    ]
    for gains, fill in ((True, colours.ink), (False, colours.paper)):
        part = [{"x": row["x"], "y": row["y"], "text": row["text"]} for row in rows if row["gains"] == gains]
        if not part:
            continue
        layers.append(
            alt.Chart(data(part))
            .mark_point(
                shape="circle",
                size=float(np.pi * (_SIZE / 2) ** 2),
                fill=fill,
                stroke=colours.ink,
                strokeWidth=1.3,
                opacity=1,
            )
            .encode(
                x=across,
                y=alt.Y("y:Q", scale=None, axis=None),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
    zero = width * x.fraction(0.0)
    if zero > 80:
        layers.append(note(worse, zero - 8, 6, colours.grey, align="right", fontSize=style.SMALL))
    if width - zero > 60:
        layers.append(note(better, zero + 8, 6, colours.grey, fontSize=style.SMALL))
    full = _LEFT + width + _RIGHT
    layers += caption_layer(caption, full, _LEFT, height, colours)
    chart = layered(layers, width, height, heading(title, subtitle, full, 0))
    wins = sum(value > 0 for value in values)
    said = (
        f"{wins} of {len(values)} dots lie above zero; the lowest is {say(values[0], number, 2)}, the middle "
        f"{say(float(np.median(values)), number, 2)}, the highest {say(values[-1], number, 2)}."
    )
    return finish(chart, theme, " ".join([sentence(title), sentence(subtitle), said, sentence(caption)]))
