"""Figure: how probable something is, against where its threshold or its date lies."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import check_size, data, note
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import in_order, require
from twocurves.charts.ticks import ScaleName, Span, span_of
from twocurves.charts.xy_plot import XYPlot
from twocurves.errors import BadInputError

#: The axis of a probability.
CHANCES = Span(0.0, 1.0, "linear", (0.0, 0.5, 1.0), ("0", "50%", "100%"))

_HEIGHT = 132


def chance_curve_figure(
    points: pl.DataFrame,
    *,
    here: float,
    number: str = "number",
    scale: ScaleName = "linear",
    x_name: str = "",
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
) -> alt.LayerChart:
    """Draw a probability against a number, with the place in question marked.

    Parameters
    ----------
    points
        ``value`` (the number) and ``chance`` (0 to 1).
    here
        The value in question: the nearest point is marked and says its probability.
    number, scale
        Number style and scale of the value.
    x_name
        What the value is.
    title, subtitle, caption, theme, width
        As in :func:`twocurves.charts.ridgeline.ridgeline_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, or a probability outside 0 to 1.
    """
    check_size(width, _HEIGHT)
    check_style(number)
    table = in_order(require(points, "points", numbers=("value", "chance")), "value")
    outside = table.filter((pl.col("chance") < 0) | (pl.col("chance") > 1))
    if outside.height:
        raise BadInputError(
            f"points: 'chance' must lie between 0 and 1; there is {outside['chance'][0]:g}.",
            field="points.chance",
            given=outside["chance"][0],
            allowed="0 to 1",
        )
    span = span_of(table["value"].to_list(), scale, number)
    colours = palette(theme)
    plot = XYPlot(width, _HEIGHT, span, CHANCES, colours)
    rows = [
        {**row, "text": f"{say(row['value'], number)}: {round(100 * row['chance'])}%"}
        for row in table.iter_rows(named=True)
    ]
    mark = min(rows, key=lambda row: abs(row["value"] - here))
    below = mark["chance"] > 0.8
    x, y = plot.left_of(mark["value"]), plot.down_to(mark["chance"])
    far = x > width - 60
    layers = [
        plot.grid(),
        alt.Chart(data([mark]))
        .mark_rule(color=colours.grey, strokeDash=list(style.EDGE_DASH), aria=False)
        .encode(x=plot.across("value")),
        plot.line(rows, "value", "chance", colour=colours.ink),
        plot.dots(rows, "value", "chance", size=20),
        plot.dots([mark], "value", "chance", size=90),
        note(
            f"{round(100 * mark['chance'])}%",
            x - 10 if far else x + 10,
            y + 14 if below else y - 14,
            colours.ink,
            fontWeight=600,
            align="right" if far else "left",
        ),
        *plot.axis_names(x_name),
    ]
    description = ". ".join(str(row["text"]) for row in rows[:: max(1, len(rows) // 8)])
    return plot.finished(
        layers,
        theme,
        title=title,
        subtitle=subtitle,
        caption=caption,
        description=description,
        below=x_name,
    )
