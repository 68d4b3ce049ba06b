"""Figure: one or several lines over time with their intervals, in one plot or one plot each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
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
    note,
    sentence,
    strip_heading,
)
from twocurves.charts.marks import area_layer, line_layer
from twocurves.charts.number_text import check_style, say_estimate, say_range
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    require,
    require_economies,
    require_order,
    require_positive,
)
from twocurves.charts.text_width import text_width
from twocurves.charts.ticks import ScaleName, Span, span_of, time_span_of
from twocurves.errors import BadInputError

_PANEL_GAP = 30
_PANEL_LEFT = 52
_RIGHT = 118
#: More lines than this in one plot cannot be told apart by their end labels.
MOST_LINES = 8


def lines_over_time(
    lines: pl.DataFrame,
    *,
    title: str,
    subtitle: str,
    number: str = "number",
    scale: ScaleName = "linear",
    zero: bool = False,
    panels: bool = False,
    dots: bool = False,
    events: Mapping[dt.date, str] | None = None,
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 260,
) -> alt.LayerChart | alt.ConcatChart:
    """Draw measured series over time, each named at its end with its last value.

    Parameters
    ----------
    lines
        ``date`` (Date), ``series`` (its name), ``value``; optional ``low`` and ``high`` (an interval, drawn
        as a band where present), ``economy`` (``closed`` or ``open`` gives the colour; ink where missing) and
        ``part`` (a line is broken where it changes: a change of method is never spliced).
    title, subtitle
        A sentence; the unit and the scale.
    zero
        Whether a linear axis must hold zero.
    panels
        Whether each series gets a plot of its own, all with the same axes.
    dots
        Whether the observations are marked on the lines.
    events
        Days to mark with a thin line, and what happened.
    number, scale, caption, theme, width, height
        As in :func:`twocurves.charts.measured.measured_figure`; with ``panels``, ``width`` is that of the
        whole row and ``height`` that of one plot.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, a value that is not positive on a log scale, or too many lines for
        one plot.
    """
    check_size(width, height)
    check_scale(scale)
    check_style(number)
    palette(theme)
    table = _checked(lines, scale)
    names = table["series"].unique(maintain_order=True).to_list()
    if not panels and len(names) > MOST_LINES:
        raise BadInputError(
            f"lines holds {len(names)} series; one plot shows at most {MOST_LINES}. "
            "Choose some, or use panels.",
            field="lines.series",
            given=len(names),
            allowed=f"1 to {MOST_LINES}",
        )
    ends = {name: _ending(table.filter(pl.col("series") == name), number) for name in names}
    words = [sentence(title), sentence(subtitle)]
    words += [
        sentence(f"{name}: {end.value}, {end.month}{f', {end.span}' if end.span else ''}")
        for name, end in ends.items()
    ]
    words += [f"{day:%b %Y}: {sentence(text)}" for day, text in sorted((events or {}).items())]
    words.append(sentence(caption))
    y = span_of(finite_values(table, ("value", "low", "high")), scale, number, zero=zero)
    sheet = _Sheet(table, ends, y, palette(theme), events or {}, dots, width, height)
    if panels:
        return finish(_panels(sheet, title, subtitle, caption), theme, " ".join(words))
    return finish(_one_plot(sheet, title, subtitle, caption), theme, " ".join(words))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What both layouts draw from: the checked table, the end of each series, and how to draw."""

    table: pl.DataFrame
    ends: Mapping[str, _Ending]
    y: Span
    colours: Palette
    events: Mapping[dt.date, str]
    dots: bool
    width: int
    height: int

    def own(self, name: str) -> pl.DataFrame:
        return self.table.filter(pl.col("series") == name)

    def colour(self, name: str) -> str:
        return self.colours.economy(self.own(name)["economy"][-1])


@dataclass(frozen=True, slots=True)
class _Ending:
    """The last value of a series, its interval (empty when there is none) and its month, as text."""

    value: str
    span: str
    month: str

    @property
    def text(self) -> str:
        return f"{self.value} ({self.span})" if self.span else self.value


def _one_plot(sheet: _Sheet, title: str, subtitle: str, caption: str) -> alt.LayerChart:
    width, height = sheet.width, sheet.height
    x = time_span_of(days_of(sheet.table, "date"))
    canvas = Canvas(width, height, x, sheet.y, sheet.colours, right=_label_room(sheet.ends))
    layers = _event_layers(canvas, sheet.events)
    labels = []
    for name, end in sheet.ends.items():
        own, colour = sheet.own(name), sheet.colour(name)
        layers += _series_layers(canvas, own, colour, dots=sheet.dots)
        labels.append(EndLabel(canvas.y.fraction(own["value"][-1]), name, (end.text,), colour))
    layers += end_label_layers(labels, width, height, sheet.colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, sheet.colours)
    return layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))


def _panels(sheet: _Sheet, title: str, subtitle: str, caption: str) -> alt.ConcatChart:
    names = list(sheet.ends)
    columns = {1: 1, 2: 2, 4: 2}.get(len(names), 3)
    row_width = _PANEL_LEFT + sheet.width + _RIGHT
    each = (row_width - columns * _PANEL_LEFT - (columns - 1) * _PANEL_GAP) // columns
    check_size(each, sheet.height)
    x = time_span_of(days_of(sheet.table, "date"), at_most=3)
    canvas = Canvas(each, sheet.height, x, sheet.y, sheet.colours, left=_PANEL_LEFT, right=0)
    first_of_last_row = len(names) - 1 - (len(names) - 1) % columns
    plots = []
    for index, name in enumerate(names):
        layers = _event_layers(canvas, sheet.events, worded=index == 0)
        layers += _series_layers(canvas, sheet.own(name), sheet.colour(name), dots=sheet.dots)
        if index == first_of_last_row:
            layers += caption_layer(caption, row_width, _PANEL_LEFT, sheet.height, sheet.colours)
        head = strip_heading(name, sheet.colours, _PANEL_LEFT)
        head.fontWeight, head.color, head.offset = 600, sheet.colour(name), 12
        head.subtitle, head.subtitlePadding = sheet.ends[name].text, 2
        plots.append(layered(layers, each, sheet.height, head))
    whole = heading(title, subtitle, row_width, 0)
    whole.frame, whole.offset = "bounds", 20
    return alt.concat(*plots, columns=columns, spacing=_PANEL_GAP).properties(title=whole)


def _checked(lines: pl.DataFrame, scale: ScaleName) -> pl.DataFrame:
    table = require(
        lines, "lines", dates=("date",), texts=("series",), numbers=("value",), gaps_allowed=("low", "high")
    )
    for name in ("economy", "part"):
        column = lines[name].cast(pl.String) if name in lines.columns else pl.lit(None, dtype=pl.String)
        table = table.with_columns(column.alias(name))
    require_economies(table.drop_nulls("economy"), "lines")
    require_positive(table, "lines", ("value", "low", "high"), scale)
    require_order(table, "lines", ("low", "value", "high"))
    return table.with_columns(pl.col("part").fill_null("")).sort("date", maintain_order=True)


def _series_layers(canvas: Canvas, own: pl.DataFrame, colour: str, *, dots: bool) -> list[alt.Chart]:
    bands: list[alt.Chart] = []
    lines: list[alt.Chart] = []
    for part in own["part"].unique(maintain_order=True):
        piece = own.filter(pl.col("part") == part)
        banded = piece.drop_nulls(["low", "high"])
        if banded.height:
            rows = list(banded.select("date", "low", "high").iter_rows(named=True))
            bands.append(area_layer(canvas, rows, "date", "low", "high", colour))
        rows = list(piece.select("date", "value").iter_rows(named=True))
        lines.append(line_layer(canvas, rows, "date", "value", colour))
        if dots or piece.height == 1:
            lines.append(
                alt.Chart(data(rows))
                .mark_point(filled=True, size=22, color=colour, opacity=1)
                .encode(x=canvas.days("date"), y=canvas.values("value"))
            )
    return [*bands, *lines]


def _event_layers(canvas: Canvas, events: Mapping[dt.date, str], *, worded: bool = True) -> list[alt.Chart]:
    layers: list[alt.Chart] = [grid_layer(canvas)]
    for day, text in sorted(events.items()):
        if not canvas.x.first <= day <= canvas.x.last:
            continue
        layers.append(
            alt.Chart(data([{"date": day}]))
            .mark_rule(color=canvas.colours.grey, strokeDash=list(style.EDGE_DASH), aria=False)
            .encode(x=canvas.days("date"))
        )
        if worded:
            late = canvas.x.fraction(day) > 0.6
            place = canvas.place_of(day) + (-6 if late else 6)
            align = "right" if late else "left"
            layers.append(note(text, place, 7, canvas.colours.grey, align=align, fontSize=style.SMALL))
    return layers


def _ending(own: pl.DataFrame, number: str) -> _Ending:
    last = own.row(-1, named=True)
    low, high = last["low"], last["high"]
    span = "" if low is None or high is None else say_range(low, high, number)
    return _Ending(say_estimate(last["value"], low, high, number), span, f"{last['date']:%b %Y}")


def _label_room(ends: Mapping[str, _Ending]) -> int:
    widest = max(
        max(text_width(name, style.LABEL), text_width(end.text, style.SMALL)) for name, end in ends.items()
    )
    return int(max(_RIGHT, widest + 14))
