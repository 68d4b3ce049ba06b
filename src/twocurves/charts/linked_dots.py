"""Measured dots that lead somewhere: each may bear a link to the row that says who published it."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import Canvas, data
from twocurves.charts.feed import Row
from twocurves.charts.marks import economy_point
from twocurves.charts.number_text import say, say_range
from twocurves.charts.palette import ECONOMIES
from twocurves.charts.tables import require, require_economies, require_order, require_positive
from twocurves.charts.ticks import ScaleName

_INTERVAL_STRENGTH = 0.4


def checked_linked_dots(dots: pl.DataFrame, table: str, scale: ScaleName) -> pl.DataFrame:
    """Return a table of dots with all its columns, checked.

    ``date`` (Date) and ``value``; optional ``low`` and ``high``, ``economy`` (``closed`` or ``open``; ink
    where missing), ``label`` (what was measured) and ``link`` (a part of the page: ``#row-3``).

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, an interval that does not hold its value, a value that is not
        positive on a log scale, an unknown economy.
    """
    checked = require(dots, table, dates=("date",), numbers=("value",), gaps_allowed=("low", "high"))
    for name in ("economy", "label", "link"):
        column = dots[name].cast(pl.String) if name in dots.columns else pl.lit(None, dtype=pl.String)
        checked = checked.with_columns(column.alias(name))
    require_economies(checked.drop_nulls("economy"), table)
    require_positive(checked, table, ("value", "low", "high"), scale)
    require_order(checked, table, ("low", "value", "high"))
    return checked


def linked_dot_layers(
    canvas: Canvas, dots: pl.DataFrame, number: str, *, hollow: bool = False
) -> list[alt.Chart]:
    """Return the dots with their intervals, one shape per economy; ``dots`` as checked.

    ``hollow`` draws what is neither closed nor open as a ring, for outcomes beside a forecast.
    """
    layers: list[alt.Chart] = []
    for economy in (*ECONOMIES, None):
        part = dots.filter(pl.col("economy").eq_missing(pl.lit(economy, dtype=pl.String)))
        if part.height == 0:
            continue
        colour = canvas.colours.economy(economy)
        bars = part.drop_nulls(["low", "high"])
        if bars.height:
            layers.append(
                alt.Chart(data(bars.select("date", "low", "high").iter_rows(named=True)))
                .mark_rule(color=colour, strokeWidth=style.INTERVAL, opacity=_INTERVAL_STRENGTH, aria=False)
                .encode(x=canvas.days("date"), y=canvas.values("low"), y2=alt.Y2("high:Q"))
            )
        look = economy_point(economy, canvas.colours)
        if hollow and economy is None:
            look |= {"fill": canvas.colours.paper, "stroke": colour, "strokeWidth": 1.7}
        plain = part.filter(pl.col("link").is_null())
        linked = part.filter(pl.col("link").is_not_null())
        for rows, has_link in ((plain, False), (linked, True)):
            if rows.height == 0:
                continue
            encoded: dict[str, alt.Href] = {"href": alt.Href("link:N")} if has_link else {}
            layers.append(
                alt.Chart(data(_rows(rows, number)))
                .mark_point(**look, opacity=1)
                .encode(
                    x=canvas.days("date"),
                    y=canvas.values("value"),
                    description=alt.Description("text:N"),
                    tooltip=alt.Tooltip("text:N"),
                    **encoded,
                )
            )
    return layers


def _rows(part: pl.DataFrame, number: str) -> list[Row]:
    rows: list[Row] = []
    for row in part.iter_rows(named=True):
        text = f"{row['date']:%b %Y}: {say(row['value'], number)}"
        if row["low"] is not None and row["high"] is not None:
            text += f" ({say_range(row['low'], row['high'], number)})"
        if row["label"]:
            text = f"{row['label']}, {text}"
        rows.append({"date": row["date"], "value": row["value"], "text": text, "link": row["link"] or ""})
    return rows
