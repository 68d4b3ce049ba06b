"""Figure: by how much an outcome moves when one belief goes from its low to its high value."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import caption_layer, check_size, finish, heading, layered, note, sentence
from twocurves.charts.feed import Feed, Row, joined, named
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, row_height, text_layer
from twocurves.charts.tables import finite_values, require
from twocurves.charts.text_width import text_width
from twocurves.charts.ticks import Span, span_of

_ROW = 31
_BAR = 17
_TEXT_APART = 7
_FAINT = 0.45
_KEY_DROP = 34
_KEY_ROOM = 290


def tornado_figure(
    bars: pl.DataFrame,
    *,
    base: float,
    base_name: str = "base",
    title: str = "",
    subtitle: str = "",
    number: str = "number",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 380,
    name_width: int = 250,
) -> alt.LayerChart:
    """Draw a bar from the base to the outcome at each end of every belief, in the order given.

    Parameters
    ----------
    bars
        ``name``, ``low`` and ``high`` (the outcome when the belief has its low and its high value); optional
        ``low_said`` and ``high_said`` (those values, written at the ends of the bars) and ``above_noise``
        (drawn faint where false).
    base
        The outcome with nothing moved.
    base_name
        What stands above the line of the base, before its value.
    number
        Number style of the outcome.
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.
    width, name_width
        Of the plot area, and of the names at most, in pixels; the height follows from the bars.

    Raises
    ------
    BadInputError
        Nothing to draw, or a malformed table.
    """
    plot, feed = _plot(bars, base, base_name, number, palette(theme), width, name_width)
    colours = plot.colours
    layers = plot.grid()
    for dataset, colour in (("tornado_low", colours.low), ("tornado_high", colours.high)):
        layers.append(
            alt.Chart(named(dataset))
            .mark_rect(color=colour, cornerRadius=1)
            .encode(
                x=plot.values("from"),
                x2=alt.X2("to:Q"),
                y=alt.Y("top:Q", scale=None, axis=None),
                y2=alt.Y2("bottom:Q"),
                opacity=alt.Opacity("strength:Q", scale=None),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
    layers.append(
        alt.Chart(named("tornado_base"))
        .mark_rule(color=colours.grey, aria=False)
        .encode(x=plot.values("at"), y=alt.YValue(-4), y2=alt.Y2Value(plot.height))
    )
    layers.append(
        alt.Chart(named("tornado_base"))
        .mark_text(color=colours.grey, fontSize=style.SMALL, align="center", baseline="bottom")
        .encode(x=plot.values("at"), y=alt.YValue(-6), text=alt.Text("text:N"))
    )
    for side, align in (("left", "right"), ("right", "left")):
        layers.append(
            text_layer(f"tornado_{side}", "text", "x", colours.grey, align=align, fontSize=style.SMALL)
        )
    layers.append(plot.live_names("tornado_names"))
    layers += _key(plot)
    layers += caption_layer(caption, plot.full_width(), plot.left, plot.height + _KEY_DROP - 4, colours)
    chart = layered(layers, width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def tornado_feed(
    bars: pl.DataFrame,
    *,
    base: float,
    base_name: str = "base",
    number: str = "number",
    width: int = 380,
    name_width: int = 250,
) -> Feed:
    """Return what :func:`tornado_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`tornado_figure`.
    """
    return _plot(bars, base, base_name, number, palette("light"), width, name_width)[1]


def _plot(
    bars: pl.DataFrame,
    base: float,
    base_name: str,
    number: str,
    colours: Palette,
    width: int,
    name_width: int,
) -> tuple[RowPlot, Feed]:
    check_size(width, 200)
    check_style(number)
    table = require(bars, "bars", texts=("name",), numbers=("low", "high"))
    require(pl.DataFrame({"base": [base]}), "base", numbers=("base",))
    names = table["name"].to_list()
    said = {side: _said(bars, f"{side}_said") for side in ("low", "high")}
    room = 10 + max(text_width(text, style.SMALL) for texts in said.values() for text in texts)
    span = _with_room([*finite_values(table, ("low", "high")), base], number, room, width)
    plot = RowPlot(
        width,
        len(names),
        max(_ROW, row_height(names, name_width) - 3),
        span,
        colours,
        name_room(names, name_width),
        8.0,
        live="tornado_x",
    )
    clear = _clear(bars)
    rows: dict[str, list[Row]] = {"low": [], "high": [], "left": [], "right": []}
    words = []
    for row, bar in enumerate(table.iter_rows(named=True)):
        strength = 1.0 if clear[row] else _FAINT
        # Both ends on one side of the base: one bar above the other, so that neither hides the other.
        same_side = (bar["low"] - base) * (bar["high"] - base) > 0
        for side in ("low", "high"):
            outcome, value = bar[side], said[side][row]
            top = plot.middle(row) - _BAR / 2
            half = _BAR / 2 if same_side else _BAR
            top += half if same_side and side == "high" else 0
            text = f"{bar['name']}, {side} value{f' {value}' if value else ''}: {say(outcome, number)}"
            rows[side].append(
                {
                    "from": base,
                    "to": outcome,
                    "top": top,
                    "bottom": top + half - (1 if same_side else 0),
                    "strength": strength,
                    "text": text,
                }
            )
            other = bar["high" if side == "low" else "low"]
            leftward = outcome < base or (outcome == base and other > base)
            at = span.fraction(outcome) * width + (-5 if leftward else 5)
            if value:
                apart = (_TEXT_APART if side == "high" else -_TEXT_APART) if same_side else 0
                place = {"x": at, "y": plot.middle(row) + apart, "text": value}
                rows["left" if leftward else "right"].append(place)
            words.append(sentence(text + ("" if clear[row] else ", within the noise")))
    feed = Feed(
        {
            **{f"tornado_{side}": found for side, found in rows.items()},
            "tornado_base": [{"at": base, "text": f"{base_name} {say(base, number)}".strip()}],
            "tornado_names": plot.name_rows(names),
        },
        description=" ".join([sentence(f"{base_name} {say(base, number)}".strip()), *words]),
    )
    return plot, joined([feed, plot.feed()])


def _said(bars: pl.DataFrame, column: str) -> list[str]:
    if column not in bars.columns:
        return [""] * bars.height
    return [text or "" for text in bars[column].cast(pl.String).to_list()]


def _clear(bars: pl.DataFrame) -> list[bool]:
    if "above_noise" not in bars.columns:
        return [True] * bars.height
    return [one is not False for one in bars["above_noise"].cast(pl.Boolean).to_list()]


def _with_room(values: list[float], number: str, room: float, width: int) -> Span:
    """Return an axis whose ends leave room for the texts at the ends of the bars."""
    low, high = min(values), max(values)
    inner = max(width - 2 * room, width / 3)
    extra = (high - low) * (width - inner) / 2 / inner
    tight = span_of(values, "linear", number, at_most=4)
    if high <= low:
        return tight
    return Span(low - extra, high + extra, "linear", tight.ticks, tight.labels)


def _key(plot: RowPlot) -> list[alt.Chart]:
    """Return the two colours in words, below the axis."""
    y, layers = plot.height + _KEY_DROP, []
    first = 0.0 if plot.width >= _KEY_ROOM else -plot.left  # below the names where the plot is too narrow
    for x, colour, text in (
        (first, plot.colours.low, "Belief at its low value"),
        (first + 165.0, plot.colours.high, "at its high value"),
    ):
        layers.append(
            note("■", x, y, colour, fontSize=style.LABEL),
        )
        layers.append(note(text, x + 15, y, plot.colours.grey, fontSize=style.SMALL))
    return layers
