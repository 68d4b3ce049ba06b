"""Figure: how often things came that were said to be so likely."""

from __future__ import annotations

import altair as alt
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
from twocurves.charts.feed import Feed, Row, named
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import in_order, require, require_order
from twocurves.charts.ticks import Span
from twocurves.errors import BadInputError

_LEFT = 52
_AXIS = Span(0.0, 1.0, "linear", (0.0, 0.25, 0.5, 0.75, 1.0), ("0", "25%", "50%", "75%", "100%"))


def calibration_figure(
    points: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    x_name: str = "Said",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 300,
) -> alt.LayerChart:
    """Draw what came against what was said, beside the line on which the two agree.

    Parameters
    ----------
    points
        ``said`` and ``came`` (0 to 1); optional ``low`` and ``high`` (an interval of ``came``) and ``n`` (how
        many cases).
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.
    x_name
        What is said along the horizontal axis.
    width
        Of the plot area, which is square, in pixels.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, or a share outside 0 to 1.
    """
    feed = calibration_feed(points)
    check_size(width, width)
    colours = palette(theme)
    scale = number_scale(_AXIS)
    across = alt.Axis(**axis_ticks(_AXIS), title=None, ticks=True, domain=True)
    up = alt.Axis(**axis_ticks(_AXIS), title=None, minExtent=_LEFT, maxExtent=_LEFT)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=across)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=up)

    layers = [
        alt.Chart(data({"tick": tick} for tick in _AXIS.ticks[1:]))
        .mark_rule(color=colours.hair, aria=False)
        .encode(y=y("tick")),
        alt.Chart(data([{"said": 0.0, "came": 0.0}, {"said": 1.0, "came": 1.0}]))
        .mark_line(color=colours.grey, strokeDash=list(style.BASELINE_DASH), strokeWidth=1.2)
        .encode(x=x("said"), y=y("came")),
        alt.Chart(named("calibration_ranges"))
        .mark_rule(color=colours.ink, strokeWidth=1.4, opacity=0.5, aria=False)
        .encode(x=x("said"), y=y("low"), y2=alt.Y2("high:Q")),
        alt.Chart(named("calibration"))
        .mark_point(shape="circle", size=64, fill=colours.ink, stroke=colours.paper, opacity=1)
        .encode(
            x=x("said"),
            y=y("came"),
            description=alt.Description("text:N"),
            tooltip=alt.Tooltip("text:N"),
        ),
        note(f"{x_name} →", width, width + 34, colours.grey, align="right", fontSize=style.SMALL),
        note("↑ Came", -_LEFT, -24, colours.grey, fontSize=style.SMALL),
    ]
    full = _LEFT + width + 40
    layers += caption_layer(caption, full, _LEFT, width + 18, colours)
    chart = layered(layers, width, width, heading(title, subtitle, full, _LEFT))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def calibration_feed(points: pl.DataFrame) -> Feed:
    """Return what :func:`calibration_figure` draws of the same points, as a feed.

    Raises
    ------
    BadInputError
        As :func:`calibration_figure`.
    """
    table = require(points, "points", numbers=("said", "came"), gaps_allowed=("low", "high", "n"))
    table = in_order(table, "said")
    for name in ("said", "came", "low", "high"):
        outside = table.filter((pl.col(name) < 0) | (pl.col(name) > 1))
        if outside.height:
            raise BadInputError(
                f"points: {name!r} must lie between 0 and 1; there is {outside[name][0]:g}.",
                field=f"points.{name}",
                given=outside[name][0],
                allowed="0 to 1",
            )
    require_order(table, "points", ("low", "came", "high"))
    rows: list[Row] = []
    for row in table.iter_rows(named=True):
        of = "" if row["n"] is None else f" of {row['n']:.0f}"
        text = f"Said {100 * row['said']:.0f}%, came {100 * row['came']:.0f}%{of}"
        rows.append({**row, "text": text})
    ranges = [row for row in rows if row["low"] is not None and row["high"] is not None]
    return Feed(
        {"calibration": rows, "calibration_ranges": ranges},
        description=" ".join(sentence(row["text"]) for row in rows),
    )
