"""Figure: one or several lines over time with their intervals, in one plot or one plot each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
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
from twocurves.charts.cursor import cursor_meta, measured_reading
from twocurves.charts.marks import area_layer, economy_point, line_layer
from twocurves.charts.number_text import check_style, say, say_estimate, say_range
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
from twocurves.charts.ticks import ScaleName, Span, span_of, ticks_that_fit, time_span_of
from twocurves.errors import BadInputError, unknown

_PANEL_GAP = 30
_PANEL_LEFT = 52

#: Room between two rows of panels: tick labels above, the heading of the next row and its lines below.
_PANEL_FOOT = 44
_PANEL_HEAD = 34

#: Strength and area, in square pixels, of a mark that a line does not follow.
_FAINT = 0.4
_MARK = 30.0
_RIGHT = 118
#: More lines than this in one plot cannot be told apart by their end labels.
MOST_LINES = 8


def lines_over_time(
    lines: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    zero: bool = False,
    panels: bool = False,
    dots: bool = False,
    step: bool = False,
    marks: pl.DataFrame | None = None,
    end_details: Mapping[str, str] | None = None,
    events: Mapping[dt.date, str] | None = None,
    events_in: Collection[str] | None = None,
    columns: int | None = None,
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
    step
        Whether a value holds until the next one (a price), rather than the line running straight to it.
    marks
        Dots to draw apart from the lines: ``date``, ``series`` (one of ``lines``), ``value``; optional
        ``economy`` (gives colour and shape; ink where missing), ``faint`` (drawn weaker) and ``label`` (what
        a screen reader is told).
    end_details
        What stands at the end of a line, per series, in place of its last value with its interval.
    events
        Days to mark with a thin line, and what happened.
    events_in
        Series that the events belong to: with ``panels`` only theirs are marked; all when left out.
    columns
        With ``panels``, how many stand side by side; as many as fit a desk when left out.
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
    names = lines["series"].cast(pl.String).unique(maintain_order=True).to_list()
    if not panels and len(names) > MOST_LINES:
        raise BadInputError(
            f"lines holds {len(names)} series; one plot shows at most {MOST_LINES}. "
            "Choose some, or use panels.",
            field="lines.series",
            given=len(names),
            allowed=f"1 to {MOST_LINES}",
        )
    ends = {
        name: _ending(table.filter(pl.col("series") == name), number, (end_details or {}).get(name, ""))
        for name in names
    }
    apart = None if marks is None else _checked_marks(marks, names, scale)
    words = [sentence(title), sentence(subtitle)]
    words += [sentence(f"{name}: {end.described}") for name, end in ends.items()]
    words += [f"{day:%b %Y}: {sentence(text)}" for day, text in sorted((events or {}).items())]
    words.append(sentence(caption))
    values = finite_values(table, ("value", "low", "high"))
    values += [] if apart is None else finite_values(apart, ("value",))
    y = span_of(values, scale, number, zero=zero)
    sheet = _Sheet(
        table, apart, ends, y, palette(theme), events or {}, events_in, dots, step, width, height, number
    )
    readings = [measured_reading(sheet.own(name), name, number) for name in names]
    x = time_span_of(sheet.days(), ticks_that_fit(width))
    cursor = cursor_meta(x, readings)
    if panels:
        return finish(
            _panels(sheet, title, subtitle, caption, columns), theme, " ".join(words), cursor=cursor
        )
    return finish(_one_plot(sheet, title, subtitle, caption), theme, " ".join(words), cursor=cursor)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What both layouts draw from: the checked table, the end of each series, and how to draw."""

    table: pl.DataFrame
    marks: pl.DataFrame | None
    ends: Mapping[str, _Ending]
    y: Span
    colours: Palette
    events: Mapping[dt.date, str]
    events_in: Collection[str] | None
    dots: bool
    step: bool
    width: int
    height: int
    number: str

    def days(self) -> list[dt.date]:
        return days_of(self.table, "date") + ([] if self.marks is None else days_of(self.marks, "date"))

    def series_layers(self, canvas: Canvas, name: str) -> list[alt.Chart]:
        layers = _series_layers(canvas, self.own(name), self.colour(name), dots=self.dots, step=self.step)
        if self.marks is not None:
            layers += _mark_layers(canvas, self.marks.filter(pl.col("series") == name), self.number)
        return layers

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
    told: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands below the name, line by line; ``told`` takes the place of the last value."""
        text = self.told or (f"{self.value} ({self.span})" if self.span else self.value)
        return tuple(line for line in text.splitlines() if line)

    @property
    def described(self) -> str:
        """What a screen reader is told."""
        if self.told:
            return " ".join(self.lines)
        return ", ".join(part for part in (self.value, self.month, self.span) if part)


def _one_plot(sheet: _Sheet, title: str, subtitle: str, caption: str) -> alt.LayerChart:
    width, height = sheet.width, sheet.height
    x = time_span_of(sheet.days(), ticks_that_fit(width))
    canvas = Canvas(width, height, x, sheet.y, sheet.colours, right=_label_room(sheet.ends))
    layers = _event_layers(canvas, sheet.events)
    labels = []
    for name, end in sheet.ends.items():
        own, colour = sheet.own(name), sheet.colour(name)
        layers += sheet.series_layers(canvas, name)
        labels.append(EndLabel(canvas.y.fraction(own["value"][-1]), name, end.lines, colour))
    layers += end_label_layers(labels, width, height, sheet.colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, sheet.colours)
    return layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))


def _panels(
    sheet: _Sheet, title: str, subtitle: str, caption: str, side_by_side: int | None
) -> alt.ConcatChart:
    names = list(sheet.ends)
    columns = side_by_side or {1: 1, 2: 2, 4: 2}.get(len(names), 3)
    row_width = _PANEL_LEFT + sheet.width + _RIGHT
    each = (row_width - columns * _PANEL_LEFT - (columns - 1) * _PANEL_GAP) // columns
    check_size(each, sheet.height)
    x = time_span_of(sheet.days(), at_most=3)
    canvas = Canvas(each, sheet.height, x, sheet.y, sheet.colours, left=_PANEL_LEFT, right=0)
    first_of_last_row = len(names) - 1 - (len(names) - 1) % columns
    marked = [name for name in names if sheet.events_in is None or name in sheet.events_in]
    head_lines = max(len(end.lines) for end in sheet.ends.values())
    plots = []
    for index, name in enumerate(names):
        events = sheet.events if name in marked else {}
        layers = _event_layers(canvas, events, worded=name in marked[:1])
        layers += sheet.series_layers(canvas, name)
        if index == first_of_last_row:
            layers += caption_layer(caption, row_width, _PANEL_LEFT, sheet.height, sheet.colours)
        head = strip_heading(name, sheet.colours, _PANEL_LEFT)
        head.fontWeight, head.color, head.offset = 600, sheet.colour(name), 12
        head.subtitle, head.subtitlePadding = list(sheet.ends[name].lines), 2
        plots.append(layered(layers, each, sheet.height, head))
    whole = heading(title, subtitle, row_width, 0)
    if whole is not None:
        whole.frame, whole.offset = "bounds", 20
    # Plots are set by their areas alone: a long caption or tick label must not push one column away.
    down = _PANEL_FOOT + _PANEL_HEAD + style.LINE_HEIGHT * head_lines
    return alt.concat(
        *plots, columns=columns, bounds="flush", spacing={"row": down, "column": _PANEL_LEFT + _PANEL_GAP}
    ).properties(**({} if whole is None else {"title": whole}))


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


def _checked_marks(marks: pl.DataFrame, names: Collection[str], scale: ScaleName) -> pl.DataFrame:
    table = require(marks, "marks", dates=("date",), texts=("series",), numbers=("value",))
    for name, kind in (("economy", pl.String), ("faint", pl.Boolean), ("label", pl.String)):
        column = marks[name].cast(kind) if name in marks.columns else pl.lit(None, dtype=kind)
        table = table.with_columns(column.alias(name))
    for given in table["series"].unique(maintain_order=True):
        if given not in names:
            raise unknown("series", str(given), names, field="marks.series")
    require_economies(table.drop_nulls("economy"), "marks")
    require_positive(table, "marks", ("value",), scale)
    return table.with_columns(pl.col("faint").fill_null(value=False))


def _mark_layers(canvas: Canvas, own: pl.DataFrame, number: str) -> list[alt.Chart]:
    layers: list[alt.Chart] = []
    for (economy, faint), part in own.group_by(["economy", "faint"], maintain_order=True):
        rows = [
            {
                "date": row["date"],
                "value": row["value"],
                "text": f"{row['label'] or row['series']}, {row['date']:%b %Y}: {say(row['value'], number)}",
            }
            for row in part.iter_rows(named=True)
        ]
        look = economy_point(None if economy is None else str(economy), canvas.colours)
        look["size"] = _MARK if economy != "open" else look["size"]
        layers.append(
            alt.Chart(data(rows))
            .mark_point(**look, opacity=_FAINT if faint else 1.0)
            .encode(
                x=canvas.days("date"),
                y=canvas.values("value"),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
    return layers


def _series_layers(
    canvas: Canvas, own: pl.DataFrame, colour: str, *, dots: bool, step: bool
) -> list[alt.Chart]:
    bands: list[alt.Chart] = []
    lines: list[alt.Chart] = []
    for part in own["part"].unique(maintain_order=True):
        piece = own.filter(pl.col("part") == part)
        banded = piece.drop_nulls(["low", "high"])
        if banded.height:
            rows = list(banded.select("date", "low", "high").iter_rows(named=True))
            bands.append(area_layer(canvas, rows, "date", "low", "high", colour))
        rows = list(piece.select("date", "value").iter_rows(named=True))
        lines.append(line_layer(canvas, rows, "date", "value", colour, step=step))
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


def _ending(own: pl.DataFrame, number: str, told: str) -> _Ending:
    last = own.row(-1, named=True)
    low, high = last["low"], last["high"]
    span = "" if low is None or high is None else say_range(low, high, number)
    return _Ending(say_estimate(last["value"], low, high, number), span, f"{last['date']:%b %Y}", told)


def _label_room(ends: Mapping[str, _Ending]) -> int:
    widest = max(
        max(text_width(name, style.LABEL), *(text_width(line, style.SMALL) for line in end.lines))
        for name, end in ends.items()
    )
    return int(max(_RIGHT, widest + 14))
