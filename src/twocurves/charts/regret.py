"""Figure: what moving in each month would be regretted by, against the best month of each run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    Canvas,
    caption_layer,
    check_size,
    finish,
    grid_layer,
    heading,
    layered,
    sentence,
)
from twocurves.charts.chance_text import percent
from twocurves.charts.cursor import Reading, cursor_meta
from twocurves.charts.feed import Feed, Row, feed_rows, joined, named, table_rows
from twocurves.charts.marks import area_layer, line_layer
from twocurves.charts.number_text import check_style, say, say_range
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.tables import days_of, finite_values, in_order, require, require_order
from twocurves.charts.ticks import span_of, ticks_that_fit, time_span_of

_COLUMNS = ("p10", "p25", "p50", "p75", "p90")
_BANDS = (("p10", "p90", 0.14), ("p25", "p75", 0.2))
_BAR_UP = 5.0


@dataclass(frozen=True, slots=True)
class BestDate:
    """When moving is best, over the draws.

    Attributes
    ----------
    p10, p50, p90
        First days of months; the later ones None where they lie beyond the last.
    never
        Share of the draws in which moving is never best.
    """

    p50: dt.date | None
    p10: dt.date | None = None
    p90: dt.date | None = None
    never: float = 0.0


def regret_figure(
    regret: pl.DataFrame,
    *,
    best: BestDate | None = None,
    title: str = "",
    subtitle: str = "",
    number: str = "usd",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 480,
    height: int = 260,
) -> alt.LayerChart:
    """Draw regret by the month of moving: the median, with the middle 50 and 80% of the draws.

    Parameters
    ----------
    regret
        ``month`` (Date) of moving and ``p10``, ``p25``, ``p50``, ``p75``, ``p90`` of what moving then costs
        more than moving in the best month of each draw.
    best
        The best month and its 80% range, marked below the curve.
    title, subtitle, caption, theme, width, height
        As in :func:`twocurves.charts.fan.fan_figure`.
    number
        Number style of regret.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, or a malformed table.
    """
    canvas, feed = _plot(regret, best, number, palette(theme), width, height)
    ink = canvas.colours.ink
    layers = [grid_layer(canvas)]
    layers += [area_layer(canvas, "regret", "month", low, high, ink, strong) for low, high, strong in _BANDS]
    layers.append(line_layer(canvas, "regret", "month", "p50", ink))
    layers += _best_layers(canvas)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, canvas.colours)
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    cursor = cursor_meta(canvas.x, [Reading("Regret", number, "regret")])
    return finish(chart, theme, " ".join(words), feed, cursor=cursor)


def regret_feed(
    regret: pl.DataFrame,
    *,
    best: BestDate | None = None,
    number: str = "usd",
    width: int = 480,
    height: int = 260,
) -> Feed:
    """Return what :func:`regret_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`regret_figure`.
    """
    return _plot(regret, best, number, palette("light"), width, height)[1]


def _plot(
    regret: pl.DataFrame,
    best: BestDate | None,
    number: str,
    colours: Palette,
    width: int,
    height: int,
) -> tuple[Canvas, Feed]:
    check_size(width, height)
    check_style(number)
    table = in_order(require(regret, "regret", dates=("month",), numbers=_COLUMNS), "month")
    require_order(table, "regret", _COLUMNS)
    x = time_span_of(days_of(table, "month"), ticks_that_fit(width))
    y = span_of(finite_values(table, _COLUMNS), "linear", number, zero=True)
    canvas = Canvas(width, height, x, y, colours, right=24, live="regret_y")
    marks, said = _best(table, best, canvas)
    lowest = table.row(int(table["p50"].arg_min() or 0), named=True)
    words = (
        f"Median regret is least in {lowest['month']:%b %Y}, {say(lowest['p50'], number)} "
        f"(80% of runs {say_range(lowest['p10'], lowest['p90'], number)})."
    )
    feed = Feed({"regret": table_rows(table), **marks}, description=f"{said} {words}".strip())
    return canvas, joined([feed, canvas.feed()])


def _best(table: pl.DataFrame, best: BestDate | None, canvas: Canvas) -> tuple[dict[str, list[Row]], str]:
    """Return the marks of the best date, and the words for it."""
    empty: dict[str, list[Row]] = {"regret_best": [], "regret_best_range": []}
    if best is None or best.p50 is None or not canvas.x.first <= best.p50 <= canvas.x.last:
        return empty, _never_said(best)
    days = days_of(table, "month")
    middle = best.p50
    at = min(range(len(days)), key=lambda index: abs(days[index] - middle))
    value = table["p50"][at]
    name = f"Best month {best.p50:%b %Y}"
    span = ""
    if best.p10 is not None:
        last = f"{best.p90:%b %Y}" if best.p90 is not None else "after the end"
        span = f"80% of runs: {best.p10:%b %Y} to {last}"
    late = canvas.x.fraction(best.p50) > 0.6
    row: dict[str, Any] = {
        "month": best.p50,
        "value": value,
        "left": name if late else "",
        "left_span": span if late else "",
        "right": "" if late else name,
        "right_span": "" if late else span,
        "x": canvas.place_of(best.p50) + (-8 if late else 8),
    }
    marks = {"regret_best": feed_rows([row]), "regret_best_range": []}
    if best.p10 is not None:
        until = min(best.p90, canvas.x.last) if best.p90 is not None else canvas.x.last
        marks["regret_best_range"] = feed_rows([{"from": max(best.p10, canvas.x.first), "to": until}])
    return marks, " ".join(part for part in (sentence(name), sentence(span), _never_said(best)) if part)


def _never_said(best: BestDate | None) -> str:
    if best is None or not best.never:
        return ""
    return f"In {percent(best.never)} of runs moving is never best."


def _best_layers(canvas: Canvas) -> list[alt.Chart]:
    ink, grey = canvas.colours.ink, canvas.colours.grey
    base = alt.Chart(named("regret_best"))
    layers = [
        base.mark_rule(color=ink, strokeWidth=1.2, aria=False).encode(
            x=canvas.days("month"), y=alt.YValue(0), y2=alt.Y2Value(canvas.height)
        ),
        base.mark_point(
            shape="circle", size=70, fill=ink, stroke=canvas.colours.paper, strokeWidth=1.5, opacity=1
        ).encode(x=canvas.days("month"), y=canvas.values("value")),
        alt.Chart(named("regret_best_range"))
        .mark_rule(color=ink, strokeWidth=4, aria=False)
        .encode(x=canvas.days("from"), x2=alt.X2("to:T"), y=alt.YValue(canvas.height - _BAR_UP)),
    ]
    across = alt.X("x:Q", scale=None, axis=None)
    for side, align in (("left", "right"), ("right", "left")):
        mark: dict[str, Any] = {"align": align, "baseline": "top"}
        layers.append(
            base.mark_text(color=ink, fontWeight=600, **mark).encode(
                x=across, y=alt.YValue(2), text=alt.Text(f"{side}:N")
            )
        )
        layers.append(
            base.mark_text(color=grey, fontSize=style.SMALL, **mark).encode(
                x=across, y=alt.YValue(2 + style.LINE_HEIGHT), text=alt.Text(f"{side}_span:N")
            )
        )
    return layers
