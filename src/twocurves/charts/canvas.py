"""What every figure stands on: a plot of known pixels with known axes, titles, captions and end labels."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import altair as alt

from twocurves.charts import theme as style
from twocurves.charts.feed import Feed, Row, feed_rows, milliseconds, named, parameters
from twocurves.charts.number_text import round_figures
from twocurves.charts.palette import Palette, ThemeName
from twocurves.charts.text_width import wrap
from twocurves.charts.ticks import Span, TimeSpan
from twocurves.charts.typefaces import SANS
from twocurves.errors import BadInputError

#: How far the field of a projection rises above the plot to hold its word, in pixels.
PROJECTION_TAB = 20

_LAST_WHOLE = 1e15
_MIN_SIDE = 40
_MAX_SIDE = 4000


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A label at the end of a line: its name in colour, what it ends on in grey below.

    ``level`` is where the line ends, as a fraction of the plot height from the bottom.
    """

    level: float
    name: str
    details: tuple[str, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Canvas:
    """A plot area in pixels with a time axis below and a numeric axis left.

    Attributes
    ----------
    width, height
        Of the plot area, in pixels; titles, tick labels and end labels come on top.
    left, right
        Room for tick labels and for end labels, in pixels.
    x, y
        The axes.
    colours
        The palette in use.
    dates_shown
        Whether the time axis has labels (a figure above a strip leaves them to the strip).
    live
        Prefix of the parameters that hold the ends, ticks and labels of the numeric axis, where these move
        with the data; empty where the axis is fixed in the spec.
    """

    width: int
    height: int
    x: TimeSpan
    y: Span
    colours: Palette
    left: int = 52
    right: int = 118
    dates_shown: bool = True
    live: str = ""

    def days(self, field: str) -> alt.X:
        """Return the x encoding of a date column."""
        axis = alt.Axis(
            values=[_utc(day) for day in self.x.ticks],
            labelExpr=_date_labels(self.x),
            title=None,
            labels=self.dates_shown,
            ticks=self.dates_shown,
            domain=self.dates_shown,
        )
        # An expression, not two dates: Vega-Lite takes equal dates of two layers for different ends.
        domain = alt.ExprRef(f"[{milliseconds(self.x.first)}, {milliseconds(self.x.last)}]")
        scale = alt.Scale(type="utc", domain=domain, nice=False)
        return alt.X(f"{field}:T", scale=scale, axis=axis)

    def values(self, field: str) -> alt.Y:
        """Return the y encoding of a numeric column."""
        axis = alt.Axis(
            **axis_ticks(self.y, self.live),
            title=None,
            minExtent=self.left,
            maxExtent=self.left,
        )
        return alt.Y(f"{field}:Q", scale=number_scale(self.y, self.live), axis=axis)

    def feed(self) -> Feed:
        """Return what the numeric axis is now; only for a live one."""
        return axis_feed(self.y, self.live)

    def height_of(self, value: float) -> float:
        """Return the vertical pixel of a value, from the top."""
        return self.height * (1 - self.y.fraction(value))

    def place_of(self, day: dt.date) -> float:
        """Return the horizontal pixel of a day, from the left."""
        return self.width * self.x.fraction(day)

    def full_width(self) -> float:
        """Return the width from the tick labels to the end labels, in pixels."""
        return self.left + self.width + self.right


def number_scale(span: Span, live: str = "") -> alt.Scale:
    """Return the Vega-Lite scale of a numeric axis; with a prefix, its ends are a parameter."""
    domain = alt.ExprRef(f"{live}_domain") if live else [span.low, span.high]
    # A log scale never holds zero, and Vega-Lite warns where one is told so.
    if span.scale == "log":
        return alt.Scale(type="log", domain=domain, nice=False)
    return alt.Scale(type="linear", domain=domain, nice=False, zero=False)


def axis_ticks(span: Span, live: str = "") -> dict[str, Any]:
    """Return the ticks and tick labels of a numeric axis; with a prefix, they are parameters."""
    if not live:
        return {"values": list(span.ticks), "labelExpr": label_expression(span)}
    labels = f"{live}_labels[indexof({live}_ticks, datum.value)]"
    return {"values": alt.ExprRef(f"{live}_ticks"), "labelExpr": labels}


def axis_feed(span: Span, live: str) -> Feed:
    """Return the ends, ticks and labels of a live axis, and its grid lines (dataset ``<live>_grid``)."""
    return Feed(
        {f"{live}_grid": [{"tick": tick} for tick in span.ticks if tick > span.low]},
        {
            f"{live}_domain": [span.low, span.high],
            f"{live}_ticks": list(span.ticks),
            f"{live}_labels": list(span.labels),
        },
    )


def label_expression(span: Span) -> str:
    """Return the expression that gives each tick its text."""
    pairs = zip(span.ticks, span.labels, strict=True)
    cases = [f"datum.value == {json.dumps(tick)} ? {_quoted(label)}" for tick, label in pairs]
    return " : ".join([*cases, "''"])


def data(rows: Iterable[Row]) -> alt.InlineData:
    """Return rows as data inside the spec: dates as ISO days, numbers to five figures.

    They travel as CSV text: a third of the size of JSON rows, and no row limit applies to it, so none
    needs lifting. Every row has the same columns.
    """
    table = list(rows)
    if not table or not table[0]:
        return alt.InlineData(values=[{}] * len(table))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table[0])
    writer.writerows([_short(value) for value in row.values()] for row in table)
    kinds = {name: _kind(value) for name, value in table[0].items()}
    return alt.InlineData(values=text.getvalue(), format=alt.CsvDataFormat(type="csv", parse=kinds))


def source(rows: Iterable[Row] | str) -> alt.InlineData | alt.NamedData:
    """Return rows as data inside the spec, or a reference to a dataset of the feed by its name."""
    return named(rows) if isinstance(rows, str) else data(rows)


def check_size(width: int, height: int) -> None:
    """Refuse sizes that cannot be drawn sensibly."""
    for field, value in (("width", width), ("height", height)):
        if not _MIN_SIDE <= value <= _MAX_SIDE:
            raise BadInputError(
                f"{field} must be between {_MIN_SIDE} and {_MAX_SIDE} pixels; you gave {value}.",
                field=field,
                given=value,
                allowed=f"{_MIN_SIDE} to {_MAX_SIDE}",
            )


def heading(title: str, subtitle: str, canvas_width: float, left: float) -> alt.TitleParams | None:
    """Return a sentence as title with its grey line below, flush with the tick labels; None without both."""
    if not title and not subtitle:
        return None
    if not title:
        quiet = wrap(subtitle, style.SUBTITLE, canvas_width)
        return alt.TitleParams(text="", subtitle=quiet, dx=-left, fontSize=1, lineHeight=1, subtitlePadding=0)
    return alt.TitleParams(
        text=wrap(title, style.TITLE * 0.93, canvas_width),
        subtitle=wrap(subtitle, style.SUBTITLE, canvas_width),
        dx=-left,
    )


def strip_heading(text: str, colours: Palette, left: float) -> alt.TitleParams:
    """Return the quiet title of a strip below a figure."""
    return alt.TitleParams(
        text=text,
        dx=-left,
        offset=8,
        font=SANS,
        fontSize=style.SUBTITLE,
        fontWeight="normal",
        color=colours.grey,
    )


def note(text: str | Sequence[str], x: float, y: float, colour: str, **mark: Any) -> alt.Chart:
    """Return one text at a pixel of the plot."""
    options: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": style.LABEL, **mark}
    if not isinstance(text, str):
        text = text[0] if len(text) == 1 else list(text)
    layer: alt.Chart = (
        alt.Chart(data([{}]))
        .mark_text(text=text, color=colour, lineHeight=style.LINE_HEIGHT, **options)
        .encode(x=alt.XValue(x), y=alt.YValue(y))
    )
    return layer


def caption_layer(
    caption: str, width: float, left: float, height: float, colours: Palette
) -> list[alt.Chart]:
    """Return the credit line below a plot of a height in pixels, or nothing when there is none."""
    if not caption:
        return []
    lines = wrap(caption, style.SMALL, width)
    return [
        note(lines, -left, height + style.CAPTION_DROP, colours.mute, fontSize=style.SMALL, baseline="top")
    ]


def end_label_layers(
    labels: Sequence[EndLabel], width: float, height: float, colours: Palette
) -> list[alt.Chart]:
    """Return the labels at the ends of lines, pushed apart where they would touch."""
    ordered = sorted(labels, key=lambda label: -label.level)
    tops = _label_tops(ordered, height)
    layers: list[alt.Chart] = []
    x = width + 10
    for label, top in zip(ordered, tops, strict=True):
        layers.append(note(label.name, x, top, label.colour, fontWeight=600, baseline="top"))
        if label.details:
            y = top + style.LINE_HEIGHT
            layers.append(note(label.details, x, y, colours.grey, fontSize=style.SMALL, baseline="top"))
    return layers


def end_feed(labels: Mapping[str, EndLabel], height: float) -> Feed:
    """Return labels at the ends of lines as rows, one dataset for each key, pushed apart."""
    keys = sorted(labels, key=lambda key: -labels[key].level)
    tops = _label_tops([labels[key] for key in keys], height)
    return Feed(
        {
            key: feed_rows([{"y": top, "name": labels[key].name, "details": list(labels[key].details)}])
            for key, top in zip(keys, tops, strict=True)
        }
    )


def live_end_layers(keys: Mapping[str, str], width: float, colours: Palette) -> list[alt.Chart]:
    """Return the labels of :func:`end_feed`: colour by key."""
    layers: list[alt.Chart] = []
    for key, colour in keys.items():
        base = alt.Chart(named(key)).encode(x=alt.XValue(width + 10))
        mark: dict[str, Any] = {"align": "left", "baseline": "top", "lineHeight": style.LINE_HEIGHT}
        layers.append(
            base.mark_text(color=colour, fontWeight=600, **mark).encode(
                y=alt.Y("y:Q", scale=None, axis=None), text=alt.Text("name:N")
            )
        )
        layers.append(
            base.mark_text(color=colours.grey, fontSize=style.SMALL, dy=style.LINE_HEIGHT, **mark).encode(
                y=alt.Y("y:Q", scale=None, axis=None), text=alt.Text("details:N")
            )
        )
    return layers


def grid_layer(canvas: Canvas) -> alt.Chart:
    """Return a hairline at each tick of the numeric axis: a layer, so that it lies over a projection's field.

    None at the very bottom, where the time axis is.
    """
    ticks = ({"tick": tick} for tick in canvas.y.ticks if tick > canvas.y.low)
    layer: alt.Chart = (
        alt.Chart(source(f"{canvas.live}_grid" if canvas.live else ticks))
        .mark_rule(color=canvas.colours.hair, aria=False)
        .encode(y=canvas.values("tick"))
    )
    return layer


def projection_layers(canvas: Canvas, starts: dt.date, *, worded: bool = True) -> list[alt.Chart]:
    """Return the shaded field of a projection with its dotted edge and the word in a tab above the plot.

    The word stands above because inside it would meet a grid line or the fan.
    """
    colours = canvas.colours
    top = -PROJECTION_TAB if worded else 0
    rows = data([{"from": max(starts, canvas.x.first), "to": canvas.x.last}])
    field: alt.Chart = (
        alt.Chart(rows)
        .mark_rect(color=colours.field, aria=False)
        .encode(x=canvas.days("from"), x2=alt.X2("to:T"), y=alt.YValue(top), y2=alt.Y2Value(canvas.height))
    )
    edge: alt.Chart = (
        alt.Chart(rows)
        .mark_rule(color=colours.grey, strokeDash=list(style.EDGE_DASH), aria=False)
        .encode(x=canvas.days("from"), y=alt.YValue(top), y2=alt.Y2Value(canvas.height))
    )
    x = canvas.place_of(max(starts, canvas.x.first)) + 7
    word = note("Projection", x, -PROJECTION_TAB / 2, colours.grey, fontSize=style.SMALL)
    return [field, edge, word] if worded else [field, edge]


FigureT = TypeVar("FigureT", alt.LayerChart, alt.VConcatChart, alt.ConcatChart)


def layered(
    layers: Sequence[alt.Chart], width: int, height: int, title: alt.TitleParams | None
) -> alt.LayerChart:
    """Return layers as one plot, the first at the bottom."""
    words: dict[str, Any] = {} if title is None else {"title": title}
    return alt.LayerChart(layer=list(layers), width=width, height=height, **words)


def finish(
    chart: FigureT,
    theme: ThemeName,
    description: str,
    feed: Feed | None = None,
    *,
    cursor: Mapping[str, Any] | None = None,
) -> FigureT:
    """Return a figure with its theme, its description in words and its feed, ready to draw or to write.

    ``cursor`` is what a linked cursor reads in it (:func:`twocurves.charts.cursor.cursor_meta`).
    """
    # Set rather than given to ``properties``, which would copy and check every row of the data once more; the
    # whole is checked when it becomes a spec.
    chart["config"] = style.config(theme)
    chart["description"] = " ".join(description.split())
    if feed is not None:
        chart["datasets"] = feed.datasets
        chart["params"] = parameters(feed)
    if cursor is not None:
        chart["usermeta"] = {"cursor": dict(cursor)}
    return chart


def sentence(text: str) -> str:
    """Return a text with a full stop, for joining into a description."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def _label_tops(ordered: Sequence[EndLabel], height: float) -> list[float]:
    """Return the tops of labels in pixels, highest first, none over another."""
    return _spread(
        [height * (1 - label.level) - style.LINE_HEIGHT / 2 for label in ordered],
        [style.LINE_HEIGHT * (1 + len(label.details)) + 5 for label in ordered],
        -style.LINE_HEIGHT / 2,
        height + style.LINE_HEIGHT,
    )


def _spread(tops: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """Move tops (sorted) as little as needed so that none overlaps the next, inside [low, high]."""
    placed: list[float] = []
    for top, _ in zip(tops, sizes, strict=True):
        floor = placed[-1] + sizes[len(placed) - 1] if placed else low
        placed.append(max(top, floor))
    limit = high
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit - sizes[index])
        limit = placed[index]
    return placed


def _utc(day: dt.date) -> alt.DateTime:
    return alt.DateTime(year=day.year, month=day.month, date=day.day, utc=True)


def _date_labels(span: TimeSpan) -> str:
    by_year = all(len(label) == 4 for label in span.labels)
    return "utcFormat(datum.value, '%Y')" if by_year else "utcFormat(datum.value, '%b %Y')"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _kind(value: object) -> str:
    if isinstance(value, dt.date):
        return "date"
    return "number" if isinstance(value, int | float) else "string"


def _short(value: object) -> object:
    if isinstance(value, float):
        short = round_figures(value)
        return int(short) if short.is_integer() and abs(short) < _LAST_WHOLE else short
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def rows_of(columns: Mapping[str, Sequence[Any]]) -> list[Row]:
    """Return columns as rows."""
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
