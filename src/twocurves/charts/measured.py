"""Figure: what was measured, as dots with intervals, with fitted lines where there are any."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

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
)
from twocurves.charts.cursor import cursor_meta, measured_reading
from twocurves.charts.label_places import Wish, place_labels
from twocurves.charts.marks import area_layer, dot_layers, line_layer
from twocurves.charts.number_text import check_style, say, say_estimate, say_range
from twocurves.charts.palette import ECONOMIES, ECONOMY_NAMES, ThemeName, palette
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    require,
    require_economies,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, span_of, ticks_that_fit, time_span_of
from twocurves.errors import BadInputError

#: How far a band may widen the axis beyond dots and lines, as a share of their extent.
_BAND_REACH = 0.25


def measured_figure(
    dots: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    fits: pl.DataFrame | None = None,
    end_details: Mapping[str, str] | None = None,
    number: str = "number",
    scale: ScaleName = "linear",
    caption: str = "",
    show_from: float | None = None,
    names_per_economy: int = 3,
    quiet_below_record: bool = True,
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 320,
) -> alt.LayerChart:
    """Draw measured dots with their intervals over time, closed against open.

    Dots that set a record in their economy (higher than all before) are drawn in full and the latest are
    named; the rest step back.

    Parameters
    ----------
    dots
        ``date`` (Date), ``value``, ``economy`` (``closed`` or ``open``); optional ``low`` and ``high`` (the
        interval, may be missing) and ``label`` (the name of what was measured, may be missing).
    title, subtitle
        A sentence that says what the figure shows; the unit and the scale.
    fits
        Fitted lines: ``date``, ``value``, ``economy``, optional ``low`` and ``high`` for a band.
    end_details
        What stands under the name at the end of each line, per economy ("15 points a year"); the last record
        with its interval when left out. Line breaks are kept.
    number
        Number style of the values, see :mod:`twocurves.charts.number_text`.
    scale
        ``linear`` or ``log``.
    caption
        Credit and notes below the figure.
    show_from
        The lowest value shown; dots below are left out and counted in the caption, intervals are cut there.
    names_per_economy
        How many record-setters at most are named.
    quiet_below_record
        Whether dots that set no record step back; with False all are drawn alike and the latest are named.
    theme
        ``light`` or ``dark``.
    width, height
        Of the plot area, in pixels.

    Raises
    ------
    BadInputError
        Nothing to draw, a column is missing or malformed, an interval is turned round or does not hold its
        value, a value is not positive on a log scale, a name is unknown.
    """
    check_size(width, height)
    check_scale(scale)
    check_style(number)
    colours = palette(theme)
    table = checked_dots(dots, "dots", scale)
    lines = None if fits is None else checked_dots(fits, "fits", scale)

    table, left_out = _shown_from(table, show_from, number)
    caption = " ".join(part for part in (left_out, caption) if part)
    everything = finite_values(table, ("value", "low", "high"))
    days = days_of(table, "date")
    if lines is not None:
        days += days_of(lines, "date")
        everything += finite_values(lines, ("value",))
        lines, cut = _within_reach(lines, everything, scale)
        everything += finite_values(lines, ("low", "high"))
        caption = " ".join(part for part in (caption, cut) if part)
    canvas = Canvas(
        width, height, time_span_of(days, ticks_that_fit(width)), span_of(everything, scale, number), colours
    )

    best_before = pl.col("value").cum_max().shift(1).over("economy").fill_null(float("-inf"))
    table = table.sort("date", "value", maintain_order=True).with_columns(
        record=(pl.col("value") > best_before) | (not quiet_below_record)
    )
    quiet = table.filter(~pl.col("record"))
    layers: list[alt.Chart] = [grid_layer(canvas), *dot_layers(canvas, quiet, number, quiet=True)]
    ends: list[EndLabel] = []
    for economy in ECONOMIES:
        own = table.filter(pl.col("economy") == economy)
        line = None if lines is None else lines.filter(pl.col("economy") == economy).sort("date")
        if line is not None and line.height:
            rows = list(line.iter_rows(named=True))
            if line["low"].null_count() == 0 and line["high"].null_count() == 0:
                layers.insert(1, area_layer(canvas, rows, "date", "low", "high", colours.economy(economy)))
            plain = [{"date": row["date"], "value": row["value"]} for row in rows]
            layers.append(line_layer(canvas, plain, "date", "value", colours.economy(economy)))
        if own.height == 0 and (line is None or line.height == 0):
            continue
        last = own.filter(pl.col("record")).tail(1) if own.height else own
        level = line["value"][-1] if line is not None and line.height else last["value"][0]
        detail = (end_details or {}).get(economy)
        if detail is None:
            detail = _last_said(last, number) if last.height else ""
        ends.append(
            EndLabel(
                canvas.y.fraction(level),
                ECONOMY_NAMES[economy],
                tuple(part for part in detail.splitlines() if part),
                colours.economy(economy),
            )
        )
    layers += dot_layers(canvas, table.filter(pl.col("record")), number)
    layers += _name_layers(canvas, table, lines, names_per_economy)
    layers += end_label_layers(ends, width, height, colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    best = table.filter(pl.col("record"))
    readings = [
        measured_reading(
            best.filter(pl.col("economy") == economy), f"{ECONOMY_NAMES[economy]}, best so far", number
        )
        for economy in ECONOMIES
        if quiet_below_record and economy in best["economy"]
    ]
    cursor = cursor_meta(canvas.x, readings) if readings else None
    words = _description(title, subtitle, table, ends, number, caption)
    return finish(chart, theme, words, cursor=cursor)


def checked_dots(frame: pl.DataFrame, table: str, scale: ScaleName) -> pl.DataFrame:
    """Return a table of dots or fitted lines with all its columns, checked."""
    named = frame if "label" in frame.columns else frame.with_columns(label=pl.lit(None, dtype=pl.String))
    checked = require(
        named, table, dates=("date",), texts=("economy",), numbers=("value",), gaps_allowed=("low", "high")
    ).with_columns(named["label"].cast(pl.String))
    require_economies(checked, table)
    require_positive(checked, table, ("value", "low", "high"), scale)
    require_order(checked, table, ("low", "value", "high"))
    return checked


def _shown_from(table: pl.DataFrame, lowest: float | None, number: str) -> tuple[pl.DataFrame, str]:
    """Leave out dots below ``lowest`` and say how many they are; cut intervals that reach below."""
    if lowest is None:
        return table, ""
    kept = table.filter(pl.col("value") >= lowest)
    if kept.height == 0:
        raise BadInputError(
            f"nothing to draw: every value is below show_from ({say(lowest, number)}).",
            field="show_from",
            given=lowest,
            allowed=f"at most {say(float(table['value'].to_numpy().max()), number)}",
        )
    lost = table.height - kept.height
    text = f"Not shown: {lost} below {say(lowest, number)}." if lost else ""
    return kept.with_columns(pl.col("low").clip(lower_bound=lowest)), text


def _within_reach(lines: pl.DataFrame, values: list[float], scale: ScaleName) -> tuple[pl.DataFrame, str]:
    """Cut bands that reach far beyond the dots and lines, which would leave those too little room."""
    low, high = min(values), max(values)
    if scale == "log":
        reach = (high / low) ** _BAND_REACH
        low, high = low / reach, high * reach
    else:
        reach = _BAND_REACH * (high - low)
        low, high = low - reach, high + reach
    cut = lines.with_columns(pl.col("low").clip(low, high), pl.col("high").clip(low, high))
    return cut, "" if cut.equals(lines) else "Bands are cut where they leave the plot."


def _name_layers(
    canvas: Canvas, table: pl.DataFrame, lines: pl.DataFrame | None, at_most: int
) -> list[alt.Chart]:
    """Name some records of each economy where there is room: closed above the cloud, open below."""
    obstacles = _pixels(canvas, table)
    for economy in ECONOMIES:
        if lines is not None:
            obstacles += _between(_pixels(canvas, lines.filter(pl.col("economy") == economy).sort("date")))
    layers: list[alt.Chart] = []
    for economy in ECONOMIES:
        records = table.filter(
            (pl.col("economy") == economy) & pl.col("record") & (pl.col("label").fill_null("") != "")
        ).pipe(_spaced)
        wishes = [
            Wish(name, x, y, above=economy == "closed")
            for name, (x, y) in zip(records["label"], _pixels(canvas, records), strict=True)
        ]
        grey = canvas.colours.grey
        for place in place_labels(wishes, obstacles, canvas.width, canvas.height, style.SMALL, at_most):
            if place.dot is not None:
                layers.append(_leader(place.dot, place.y, grey))
            layers.append(note(place.text, place.x, place.y, grey, align=place.align, fontSize=style.SMALL))
    return layers


def _leader(dot: tuple[float, float], label_y: float, colour: str) -> alt.Chart:
    """Join a dot and its name with a thin line."""
    x, y = dot
    side = 1 if label_y > y else -1
    layer: alt.Chart = (
        alt.Chart(data([{}]))
        .mark_rule(color=colour, strokeWidth=0.7, opacity=0.7, aria=False)
        .encode(x=alt.XValue(x), y=alt.YValue(y + side * 6), y2=alt.Y2Value(label_y - side * 7))
    )
    return layer


def _pixels(canvas: Canvas, table: pl.DataFrame) -> list[tuple[float, float]]:
    return [
        (canvas.place_of(day), canvas.height_of(value))
        for day, value in zip(table["date"], table["value"], strict=True)
    ]


def _between(points: list[tuple[float, float]], step: float = 6.0) -> list[tuple[float, float]]:
    """Return points on the line through some pixels, at most ``step`` apart."""
    dense = list(points[:1])
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        count = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / step))
        dense += [(x0 + (x1 - x0) * k / count, y0 + (y1 - y0) * k / count) for k in range(1, count + 1)]
    return dense


def _spaced(records: pl.DataFrame) -> pl.DataFrame:
    """Order records by how much they deserve a name: the last, then those farthest from the chosen."""
    if records.height == 0:
        return records
    days = [(day - records["date"][0]).days for day in records["date"]]
    order = [len(days) - 1]
    left = set(range(len(days) - 1))
    while left:
        widest = max(sorted(left), key=lambda index: min(abs(days[index] - days[kept]) for kept in order))
        order.append(widest)
        left.remove(widest)
    return records[order]


def _last_said(last: pl.DataFrame, number: str) -> str:
    row = last.row(0, named=True)
    text = say_estimate(row["value"], row["low"], row["high"], number)
    if row["low"] is not None and row["high"] is not None:
        text += f"\n{say_range(row['low'], row['high'], number)}"
    return text


def _description(
    title: str, subtitle: str, table: pl.DataFrame, ends: list[EndLabel], number: str, caption: str
) -> str:
    parts = [sentence(title), sentence(subtitle)]
    for economy in ECONOMIES:
        own = table.filter(pl.col("economy") == economy)
        if own.height == 0:
            continue
        first, last = min(days_of(own, "date")), max(days_of(own, "date"))
        top = own.filter(pl.col("value") == pl.col("value").max()).row(0, named=True)
        name = f" ({top['label']})" if top["label"] else ""
        count = "1 dot" if own.height == 1 else f"{own.height} dots"
        parts.append(
            f"{ECONOMY_NAMES[economy]}: {count}, {first:%b %Y} to {last:%b %Y}, highest "
            f"{say(top['value'], number, 4)}{name}."
        )
    parts += [f"{end.name}: {sentence(' '.join(end.details))}" for end in ends if end.details]
    return " ".join([*parts, sentence(caption)])
