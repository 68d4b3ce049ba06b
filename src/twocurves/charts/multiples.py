"""Figure: many small fans under one another's time axis, each with its own scale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    caption_layer,
    check_size,
    finish,
    heading,
    layered,
    note,
    sentence,
)
from twocurves.charts.cursor import cursor_meta
from twocurves.charts.fan_plot import FanPlot, FanTables, economies_in, fan_plot, fan_tables
from twocurves.charts.feed import Feed, Row, joined
from twocurves.charts.palette import ECONOMY_NAMES, Palette, ThemeName, palette
from twocurves.charts.quantiles import end_said
from twocurves.charts.row_plot import text_layer
from twocurves.charts.tables import NothingToDrawError, rows_where
from twocurves.charts.ticks import ScaleName, TimeSpan, time_span_of
from twocurves.errors import BadInputError

#: More panels than this no longer fit a page.
MOST_PANELS = 16

_LEFT = 52
_GAP = 26
_RIGHT = 12
_FOOT = 40
_HEAD = 32

#: From the top of a plot to the words above it: clear of the label of a tick there.
_ABOVE = 15.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One small fan.

    Attributes
    ----------
    name
        What it shows, with its unit.
    table
        ``month``, ``p2_5`` … ``p97_5``; optional ``economy``.
    number, scale
        Number style and scale of its own axis.
    baseline
        Medians of another scenario, dashed: ``month``, ``value``; optional ``economy``.
    measured
        Measured dots: ``date``, ``value``, ``economy``; optional ``low``, ``high``, ``label``.
    zero
        Whether a linear axis must hold zero.
    """

    name: str
    table: pl.DataFrame
    number: str = "number"
    scale: ScaleName = "linear"
    baseline: pl.DataFrame | None = None
    measured: pl.DataFrame | None = None
    zero: bool = False


def multiples_figure(
    panels: Sequence[Panel],
    *,
    projection_from: dt.date,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    columns: int = 3,
    width: int = 730,
    height: int = 130,
) -> alt.ConcatChart:
    """Draw small fans side by side, all over the same months.

    Parameters
    ----------
    panels
        At most :data:`MOST_PANELS`.
    projection_from
        First day that was not measured.
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.
    columns
        Panels in a row.
    width
        Of a whole row, in pixels.
    height
        Of one plot area, in pixels.

    Raises
    ------
    BadInputError
        No panel or too many, a malformed table, or panels too narrow.
    """
    plots, feed = _plots(panels, columns, width, height, palette(theme))
    colours = palette(theme)
    first_of_last_row = len(plots) - 1 - (len(plots) - 1) % columns
    lines = _most_lines([plot.tables for plot in plots])
    drawn = []
    for index, (panel, plot) in enumerate(zip(panels, plots, strict=True)):
        layers = plot.layers(projection_from, worded=False)
        if index == first_of_last_row:
            layers += caption_layer(caption, width, _LEFT, height, colours)
        # Where the medians end moves with the data, so it is a mark; the name goes with it, as no title knows
        # how many lines are below it.
        colour = _colour(plot.tables, colours)
        top = -_ABOVE - style.LINE_HEIGHT * lines
        layers.append(note(panel.name, -_LEFT, top, colour, fontWeight=600, fontSize=style.SUBTITLE))
        layers.append(text_layer(f"panel{index}_head", "text", -_LEFT, colours.grey, fontSize=style.SMALL))
        drawn.append(layered(layers, plot.canvas.width, height, None))
    chart = alt.concat(
        *drawn,
        columns=columns,
        bounds="flush",
        spacing={"row": _FOOT + _HEAD + lines * style.LINE_HEIGHT, "column": _LEFT + _GAP},
    )
    whole = heading(title, subtitle, width, 0)
    if whole is not None:
        whole.frame, whole.offset = "bounds", style.TITLE_OFFSET
        chart = chart.properties(title=whole)
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    readings = [
        one
        for panel, plot in zip(panels, plots, strict=True)
        for one in plot.readings(panel.name.partition(",")[0])
    ]
    cursor = cursor_meta(plots[0].canvas.x, readings)
    return finish(chart, theme, " ".join(words), feed, cursor=cursor)


def multiples_feed(panels: Sequence[Panel], *, columns: int = 3, width: int = 730, height: int = 130) -> Feed:
    """Return what :func:`multiples_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`multiples_figure`.
    """
    return _plots(panels, columns, width, height, palette("light"))[1]


def _plots(
    panels: Sequence[Panel], columns: int, width: int, height: int, colours: Palette
) -> tuple[list[FanPlot], Feed]:
    if not panels:
        raise NothingToDrawError("nothing to draw: there are no panels.", field="panels", given=0)
    if len(panels) > MOST_PANELS or columns < 1:
        raise BadInputError(
            f"A figure shows 1 to {MOST_PANELS} panels in 1 or more columns; there are {len(panels)} in "
            f"{columns}.",
            field="panels",
            given=len(panels),
            allowed=f"1 to {MOST_PANELS}",
        )
    columns = min(columns, len(panels))
    each = (width - _RIGHT - columns * _LEFT - (columns - 1) * _GAP) // columns
    check_size(each, height)
    tables = [fan_tables(one.table, one.baseline, one.measured, one.number, one.scale) for one in panels]
    x: TimeSpan = time_span_of([day for table in tables for day in table.days], at_most=3)
    lines = _most_lines(tables)
    plots: list[FanPlot] = []
    feeds: list[Feed] = []
    for index, (panel, table) in enumerate(zip(panels, tables, strict=True)):
        plot = fan_plot(
            table,
            x,
            name=f"panel{index}",
            width=each,
            height=height,
            colours=colours,
            left=_LEFT,
            right=0,
            at_most=4,
            ends_shown=False,
            zero=panel.zero,
        )
        head: list[Row] = [
            {"y": -_ABOVE - style.LINE_HEIGHT * (lines - 1 - place), "text": text}
            for place, text in enumerate(_ends(table))
        ]
        feeds += [Feed({f"panel{index}_head": head}, description=sentence(panel.name)), plot.feed]
        plots.append(plot)
    return plots, joined(feeds)


def _most_lines(tables: Sequence[FanTables]) -> int:
    return max(len(economies_in(one.quantiles)) for one in tables)


def _ends(tables: FanTables) -> list[str]:
    """Return where the medians of a panel end, with their ranges, a line for each economy."""
    found = economies_in(tables.quantiles)
    lines = []
    for economy in found:
        last = rows_where(tables.quantiles, "economy", economy).row(-1, named=True)
        median, span = end_said(last, tables.number)
        name = f"{ECONOMY_NAMES[economy]} " if economy and len(found) > 1 else ""
        lines.append(f"{last['month']:%Y}: {name}{median} ({span})")
    return lines


def _colour(tables: FanTables, colours: Palette) -> str:
    found = economies_in(tables.quantiles)
    return colours.economy(found[0]) if len(found) == 1 else colours.ink
