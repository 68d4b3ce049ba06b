"""Figure: estimates with their intervals, one row each, and the numbers in words beside them."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    caption_layer,
    check_size,
    data,
    finish,
    heading,
    layered,
    note,
    sentence,
)
from twocurves.charts.marks import economy_point
from twocurves.charts.number_text import check_style, say_estimate, say_range
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, row_height, word_room
from twocurves.charts.tables import (
    NothingToDrawError,
    check_scale,
    finite_values,
    require,
    require_economies,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, span_of


def interval_strip(
    rows: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    reference: float | None = None,
    reference_name: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 380,
    name_width: int = 250,
) -> alt.LayerChart:
    """Draw one row per estimate: a dot, its interval as a line, and both in words.

    Parameters
    ----------
    rows
        ``row`` (its name) and ``estimate``; optional ``low`` and ``high``, ``economy`` (gives colour and
        shape; ink where missing) and ``text`` (words in place of the number). An estimate may be missing: its
        row then shows the words alone. With ``low`` and no ``high`` the interval runs on to the edge: not yet
        reached.
    title, subtitle
        A sentence; the unit, the scale and what the interval holds.
    reference
        A value to mark with a line (0 for "no difference"), with ``reference_name`` on top.
    number, scale, caption, theme
        As in :func:`twocurves.charts.measured.measured_figure`.
    width, name_width
        Of the plot area, and of the names at most, in pixels; the height follows from the rows.

    Raises
    ------
    BadInputError
        Nothing to draw, or a malformed table.
    """
    check_size(width, 200)
    check_scale(scale)
    check_style(number)
    colours = palette(theme)
    table = _checked(rows, scale)
    values = finite_values(table, ("estimate", "low", "high"))
    if not values:
        raise NothingToDrawError(
            "nothing to draw: no row has an estimate or an interval.", field="rows", given=0
        )
    if reference is not None:
        values.append(reference)
        require_positive(pl.DataFrame({"reference": [reference]}), "interval_strip", ("reference",), scale)
    said = [_said(row, number) for row in table.iter_rows(named=True)]
    right = word_room(said)
    names = table["row"].to_list()
    x = span_of(values, scale, number)
    plot = RowPlot(
        width, len(names), row_height(names, name_width), x, colours, name_room(names, name_width), right
    )
    layers = plot.grid()
    if reference is not None:
        layers.append(
            alt.Chart(data([{"at": reference}]))
            .mark_rule(color=colours.grey, strokeDash=list(style.BASELINE_DASH), aria=False)
            .encode(x=plot.values("at"))
        )
        if reference_name:
            at = width * plot.x.fraction(reference)
            layers.append(note(reference_name, at, -9, colours.grey, align="center", fontSize=style.SMALL))
    for index, row in enumerate(table.iter_rows(named=True)):
        layers.append(plot.name(index, row["row"]))
        layers += _row_layers(
            plot, index, row, ": ".join(part for part in (row["row"], " ".join(said[index])) if part)
        )
        layers += plot.words(index, *said[index])
    layers += caption_layer(caption, plot.full_width(), plot.left, plot.height, colours)
    chart = layered(layers, width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle)]
    words += [
        sentence(f"{name}: {strong} {f'({quiet})' if strong and quiet else quiet}".strip())
        for name, (strong, quiet) in zip(table["row"], said, strict=True)
    ]
    return finish(chart, theme, " ".join([*words, sentence(caption)]))


def _checked(rows: pl.DataFrame, scale: ScaleName) -> pl.DataFrame:
    table = require(rows, "rows", texts=("row",), gaps_allowed=("estimate", "low", "high"))
    for name in ("economy", "text"):
        column = rows[name].cast(pl.String) if name in rows.columns else pl.lit(None, dtype=pl.String)
        table = table.with_columns(column.alias(name))
    require_economies(table.drop_nulls("economy"), "rows")
    require_positive(table, "rows", ("estimate", "low", "high"), scale)
    require_order(table, "rows", ("low", "estimate", "high"))
    require_order(table, "rows", ("low", "high"))
    return table


def _said(row: dict[str, Any], number: str) -> tuple[str, str]:
    estimate, low, high = row["estimate"], row["low"], row["high"]
    strong = "" if estimate is None else say_estimate(estimate, low, high, number)
    quiet = "" if low is None or high is None else say_range(low, high, number)
    if low is not None and high is None:
        quiet = f"above {say_estimate(low, None, None, number)}"
    if row["text"]:
        return (row["text"], quiet) if estimate is not None else ("", row["text"])
    return strong, quiet


def _row_layers(plot: RowPlot, index: int, row: dict[str, Any], text: str) -> list[alt.Chart]:
    colour = plot.colours.economy(row["economy"])
    low, high, estimate = row["low"], row["high"], row["estimate"]
    layers: list[alt.Chart] = []
    if low is not None:
        reached = high if high is not None else plot.x.high
        layers.append(
            alt.Chart(data([{"row": index, "low": low, "high": reached}]))
            .mark_rule(color=colour, strokeWidth=2, opacity=0.55, strokeCap="round", aria=False)
            .encode(x=plot.values("low"), x2=alt.X2("high:Q"), y=plot.row())
        )
        if high is None:
            layers.append(
                alt.Chart(data([{"row": index, "high": reached}]))
                .mark_point(shape="triangle-right", filled=True, color=colour, size=45, opacity=1, aria=False)
                .encode(x=plot.values("high"), y=plot.row())
            )
    if estimate is not None:
        layers.append(
            alt.Chart(data([{"row": index, "estimate": estimate, "text": text}]))
            .mark_point(**economy_point(row["economy"], plot.colours, larger=14), opacity=1)
            .encode(
                x=plot.values("estimate"),
                y=plot.row(),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
    return layers
