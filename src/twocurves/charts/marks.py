"""Marks that carry a meaning.

Closed is a filled circle, open a hollow diamond, bands are runs, dashes are a baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import Canvas, data, rows_of, source
from twocurves.charts.feed import Row
from twocurves.charts.number_text import say_estimate, say_range
from twocurves.charts.palette import ECONOMIES, Palette

#: How far marks step back that are context rather than the point of a figure.
_QUIET = 0.35
_FIT_BAND = 0.16


def economy_point(economy: str | None, colours: Palette, larger: float = 0) -> dict[str, Any]:
    """Return the look of one point: a hollow diamond for open, a filled circle for anything else.

    ``larger`` adds to its area, in square pixels.
    """
    colour = colours.economy(economy)
    if economy == "open":
        return {
            "shape": "diamond",
            "size": style.DIAMOND + larger,
            "fill": colours.paper,
            "stroke": colour,
            "strokeWidth": 1.7,
        }
    return {
        "shape": "circle",
        "size": style.DOT + larger,
        "fill": colour,
        "stroke": colours.paper,
        "strokeWidth": 0.9,
    }


def dot_layers(canvas: Canvas, dots: pl.DataFrame, number: str, *, quiet: bool = False) -> list[alt.Chart]:
    """Return measured dots with their intervals, one shape per economy.

    ``dots`` has date, value, low, high, economy and label; gaps in low, high and label are left out.
    """
    layers: list[alt.Chart] = []
    strength = _QUIET if quiet else 1.0
    for economy in ECONOMIES:
        part = dots.filter(pl.col("economy") == economy)
        if part.height == 0:
            continue
        colour = canvas.colours.economy(economy)
        bars = part.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
        if bars.height:
            layers.append(
                alt.Chart(data(bars.select("date", "low", "high").iter_rows(named=True)))
                .mark_rule(color=colour, strokeWidth=style.INTERVAL, opacity=0.4 * strength, aria=False)
                .encode(x=canvas.days("date"), y=canvas.values("low"), y2=alt.Y2("high:Q"))
            )
        layers.append(
            alt.Chart(data(_said(part, number)))
            .mark_point(**economy_point(economy, canvas.colours), opacity=strength)
            .encode(
                x=canvas.days("date"),
                y=canvas.values("value"),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
    return layers


def line_layer(
    canvas: Canvas,
    rows: Sequence[Row] | str,
    x: str,
    y: str,
    colour: str,
    *,
    dashed: bool = False,
    step: bool = False,
    width: float = style.LINE,
) -> alt.Chart:
    """Return one line, of rows or of a dataset by name.

    Dashed when it is a baseline, in steps when a value holds until the next.
    """
    options: dict[str, Any] = {"strokeDash": list(style.BASELINE_DASH)} if dashed else {}
    if step:
        options["interpolate"] = "step-after"
    layer: alt.Chart = (
        alt.Chart(source(rows))
        .mark_line(color=colour, strokeWidth=width, **options)
        .encode(x=canvas.days(x), y=canvas.values(y))
    )
    return layer


def area_layer(
    canvas: Canvas,
    rows: Sequence[Row] | str,
    x: str,
    low: str,
    high: str,
    colour: str,
    opacity: float = _FIT_BAND,
) -> alt.Chart:
    """Return one band without edges."""
    layer: alt.Chart = (
        alt.Chart(source(rows))
        .mark_area(color=colour, opacity=opacity, aria=False)
        .encode(x=canvas.days(x), y=canvas.values(low), y2=alt.Y2(f"{high}:Q"))
    )
    return layer


def fan_layers(canvas: Canvas, dataset: str, colour: str) -> list[alt.Chart]:
    """Return the 95, 80 and 50% bands of one fan and its median line.

    The dataset has month and the percentiles p2_5 to p97_5.
    """
    bands = [
        area_layer(canvas, dataset, "month", low, high, colour, opacity) for low, high, opacity in style.BANDS
    ]
    return [*bands, line_layer(canvas, dataset, "month", "p50", colour)]


def _said(part: pl.DataFrame, number: str) -> list[Row]:
    texts = []
    for row in part.iter_rows(named=True):
        text = f"{row['date']:%b %Y}: {say_estimate(row['value'], row['low'], row['high'], number)}"
        if row["label"]:
            text = f"{row['label']}, {text}"
        if row["low"] is not None and row["high"] is not None:
            text += f" ({say_range(row['low'], row['high'], number)})"
        texts.append(text)
    return rows_of({"date": part["date"].to_list(), "value": part["value"].to_list(), "text": texts})
