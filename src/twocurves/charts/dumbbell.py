"""Figure: the same things before (ring) and after (dot), one row each."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from twocurves.charts.canvas import caption_layer, check_size, finish, heading, layered, sentence
from twocurves.charts.feed import Feed, Row, joined, named
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, row_height, word_room
from twocurves.charts.tables import finite_values, require
from twocurves.charts.ticks import Span, span_of

_POINT = 60.0


def dumbbell_figure(
    rows: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    number: str = "share",
    largest_first: bool = True,
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 240,
    name_width: int = 300,
) -> alt.LayerChart:
    """Draw how far each number moved: a ring where it was, a dot where it is.

    Parameters
    ----------
    rows
        ``name``, ``before``, ``after``.
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.
    number
        Number style; shares have an axis from 0 to 100%, and their changes are in points.
    largest_first
        Whether the largest change comes first; the order given otherwise.
    width, name_width
        Of the plot area, and of the names at most, in pixels; the height follows from the rows.

    Raises
    ------
    BadInputError
        Nothing to draw, or a malformed table.
    """
    plot, feed = _plot(rows, number, largest_first, palette(theme), width, name_width)
    colours = plot.colours
    down = alt.Y("y:Q", scale=None, axis=None)
    told: dict[str, Any] = {"description": alt.Description("text:N"), "tooltip": alt.Tooltip("text:N")}
    look: dict[str, Any] = {
        "shape": "circle",
        "size": _POINT,
        "stroke": colours.ink,
        "strokeWidth": 1.6,
        "opacity": 1,
    }
    layers = [
        *plot.grid(),
        alt.Chart(named("dumbbell"))
        .mark_rule(color=colours.ink, strokeWidth=2, aria=False)
        .encode(x=plot.values("before"), x2=alt.X2("after:Q"), y=down),
        alt.Chart(named("dumbbell"))
        .mark_point(fill=colours.paper, **look)
        .encode(x=plot.values("before"), y=down, **told),
        alt.Chart(named("dumbbell"))
        .mark_point(fill=colours.ink, **look)
        .encode(x=plot.values("after"), y=down, **told),
        plot.live_names("dumbbell_names"),
        *plot.live_words("dumbbell_words"),
    ]
    layers += caption_layer(caption, plot.full_width(), plot.left, plot.height, colours)
    chart = layered(layers, width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def dumbbell_feed(
    rows: pl.DataFrame,
    *,
    number: str = "share",
    largest_first: bool = True,
    width: int = 240,
    name_width: int = 300,
) -> Feed:
    """Return what :func:`dumbbell_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`dumbbell_figure`.
    """
    return _plot(rows, number, largest_first, palette("light"), width, name_width)[1]


def _plot(
    rows: pl.DataFrame, number: str, largest_first: bool, colours: Palette, width: int, name_width: int
) -> tuple[RowPlot, Feed]:
    check_size(width, 200)
    check_size(name_width, 200)
    check_style(number)
    table = require(rows, "rows", texts=("name",), numbers=("before", "after"))
    found = list(table.iter_rows(named=True))
    if largest_first:
        found.sort(key=lambda row: -abs(row["after"] - row["before"]))
    names = [row["name"] for row in found]
    said = [_said(row["before"], row["after"], number) for row in found]
    values = finite_values(table, ("before", "after"))
    span = span_of(values, "linear", number, at_most=4)
    if number == "share" and min(values) >= 0 and max(values) <= 1:
        span = Span(0.0, 1.0, "linear", (0.0, 0.5, 1.0), ("0", "50%", "100%"))
    plot = RowPlot(
        width,
        len(names),
        row_height(names, name_width),
        span,
        colours,
        name_room(names, name_width),
        word_room([*said, ("100% → 100%", "+100 points")]),
        live="dumbbell_x",
    )
    marks: list[Row] = [
        {
            "y": plot.middle(index),
            "before": row["before"],
            "after": row["after"],
            "text": f"{row['name']}: {said[index][0]}, {said[index][1]}",
        }
        for index, row in enumerate(found)
    ]
    feed = Feed(
        {
            "dumbbell": marks,
            "dumbbell_names": plot.name_rows(names),
            "dumbbell_words": plot.word_rows(said),
        },
        description=" ".join(sentence(mark["text"]) for mark in marks),
    )
    return plot, joined([feed, plot.feed()])


def _said(before: float, after: float, number: str) -> tuple[str, str]:
    if number != "share":
        return f"{say(before, number, 2)} → {say(after, number, 2)}", _signed(say(after - before, number, 2))
    first, last = round(100 * before), round(100 * after)
    points = _signed(f"{last - first}".replace("-", "−"))
    return f"{first}% → {last}%", f"{points} {'point' if abs(last - first) == 1 else 'points'}"


def _signed(text: str) -> str:
    return text if text.startswith("−") or text.strip("0.%×¢$ ") == "" else f"+{text}"
