"""Figure: two ways to go on, each a fan over the months, and below what the second has saved by then."""

from __future__ import annotations

from dataclasses import dataclass

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
    strip_heading,
)
from twocurves.charts.marks import area_layer, line_layer
from twocurves.charts.number_text import check_style, say, say_range
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.quantiles import PERCENTILES
from twocurves.charts.tables import days_of, finite_values, in_order, require, require_order
from twocurves.charts.ticks import span_of, ticks_that_fit, time_span_of

_STRIP_HEIGHT = 84


@dataclass(frozen=True, slots=True)
class Way:
    """A way to go on.

    Attributes
    ----------
    name
        What stands at the end of its line.
    table
        ``month`` and the percentiles ``p2_5`` to ``p97_5`` of each month's cost.
    economy
        ``closed`` or ``open`` gives it its colour; ink for neither.
    """

    name: str
    table: pl.DataFrame
    economy: str | None = None


def cost_fans(
    stay: Way,
    move: Way,
    saved: pl.DataFrame,
    *,
    saved_label: str,
    title: str = "",
    subtitle: str = "",
    number: str = "usd",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 480,
    height: int = 240,
) -> alt.VConcatChart:
    """Draw what staying and moving cost month by month, and the paired saving below.

    Staying is the baseline: its median is dashed. Where both are of one economy, it has the lighter colour.

    Parameters
    ----------
    stay, move
        The two ways.
    saved
        What moving has saved by the end of each month: ``month`` and the percentiles.
    saved_label
        What the strip is, with its unit.
    title, subtitle, number, caption, theme, width, height
        As in :func:`twocurves.charts.fan.fan_figure`; ``height`` is without the strip.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, or a malformed table.
    """
    check_size(width, height)
    check_style(number)
    colours = palette(theme)
    first, second = _checked(stay.table, "stay"), _checked(move.table, "move")
    gap = _checked(saved, "saved")
    names = tuple(PERCENTILES)
    x = time_span_of([*days_of(first, "month"), *days_of(second, "month")], ticks_that_fit(width))
    y = span_of(finite_values(first, names) + finite_values(second, names), "linear", number, zero=True)
    canvas = Canvas(width, height, x, y, colours, dates_shown=False)
    stay_colour = _lighter(stay.economy, colours) if stay.economy == move.economy else None
    looks = (
        (stay, first, stay_colour or colours.economy(stay.economy), True),
        (move, second, colours.economy(move.economy), False),
    )
    layers = [*projection_layers(canvas, x.first), grid_layer(canvas)]
    ends = []
    for way, table, colour, dashed in looks:
        layers += _fan(canvas, table, colour, dashed=dashed)
        last = table.row(-1, named=True)
        said = (say(last["p50"], number, 2), say_range(last["p10"], last["p90"], number))
        ends.append(EndLabel(y.fraction(last["p50"]), way.name, said, colour))
    layers += end_label_layers(ends, width, height, colours)
    strip = Canvas(
        width,
        _STRIP_HEIGHT,
        x,
        span_of([*finite_values(gap, names), 0.0], "linear", number, at_most=3),
        colours,
    )
    end = gap.row(-1, named=True)
    below = [
        *projection_layers(strip, x.first, worded=False),
        grid_layer(strip),
        *_fan(strip, gap, colours.ink),
        alt.Chart(data([{"base": 0.0}]))
        .mark_rule(color=colours.grey, aria=False)
        .encode(y=strip.values("base")),
        *end_label_layers(
            [
                EndLabel(
                    strip.y.fraction(end["p50"]),
                    "Saved",
                    (say(end["p50"], number, 2), say_range(end["p10"], end["p90"], number)),
                    colours.ink,
                )
            ],
            width,
            _STRIP_HEIGHT,
            colours,
        ),
        *caption_layer(caption, strip.full_width(), strip.left, _STRIP_HEIGHT, colours),
    ]
    head = heading(title, subtitle, canvas.full_width(), canvas.left)
    top = layered(layers, width, height, head)
    strip_head = strip_heading(saved_label, colours, strip.left)
    both = alt.vconcat(top, layered(below, width, _STRIP_HEIGHT, strip_head), spacing=20)
    told = [f"{way.name}: {_end_said(table, number)}" for way, table, _, _ in looks]
    words = [sentence(title), sentence(subtitle), *told, sentence(f"{saved_label}: {_end_said(gap, number)}")]
    return finish(both, theme, " ".join([*words, sentence(caption)]))


def _checked(table: pl.DataFrame, name: str) -> pl.DataFrame:
    names = tuple(PERCENTILES)
    found = in_order(require(table, name, dates=("month",), numbers=names), "month")
    require_order(found, name, names)
    return found


def _fan(canvas: Canvas, table: pl.DataFrame, colour: str, *, dashed: bool = False) -> list[alt.Chart]:
    rows = list(table.iter_rows(named=True))
    bands = [
        area_layer(canvas, rows, "month", low, high, colour, strong) for low, high, strong in style.BANDS
    ]
    return [*bands, line_layer(canvas, rows, "month", "p50", colour, dashed=dashed)]


def _lighter(economy: str | None, colours: Palette) -> str:
    return {"closed": colours.closed_tint, "open": colours.open_tint}.get(economy or "", colours.grey)


def _end_said(table: pl.DataFrame, number: str) -> str:
    last = table.row(-1, named=True)
    return (
        f"in {last['month']:%b %Y} {say(last['p50'], number, 2)} at the median, 80% of runs "
        f"{say_range(last['p10'], last['p90'], number)}."
    )
