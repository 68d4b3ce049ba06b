"""Figure: who captures the value, as shares of the whole that are laid on one another."""

from __future__ import annotations

import datetime as dt

import altair as alt
import polars as pl

from twocurves.charts.canvas import (
    Canvas,
    EndLabel,
    caption_layer,
    check_size,
    end_feed,
    finish,
    heading,
    layered,
    live_end_layers,
    projection_layers,
    sentence,
)
from twocurves.charts.feed import Feed, Row, feed_rows, joined, named
from twocurves.charts.number_text import say
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.tables import require, require_economies
from twocurves.charts.text_width import text_width
from twocurves.charts.ticks import Span, ticks_that_fit, time_span_of
from twocurves.errors import BadInputError

#: More layers than this cannot be told apart.
MOST_LAYERS = 10

_STRENGTHS = (0.95, 0.72, 0.52, 0.34, 0.2)
_THINNEST_NAMED = 0.02
_TOLERANCE = 1e-6


def value_stack_figure(
    shares: pl.DataFrame,
    *,
    projection_from: dt.date,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 520,
    height: int = 300,
) -> alt.LayerChart:
    """Draw shares that sum to one in every month, the first layer at the bottom.

    Parameters
    ----------
    shares
        ``month`` (Date), ``layer`` and ``share`` (0 to 1); optional ``economy`` (gives the colour; grey ink
        where missing). Layers are drawn in the order in which they first come.
    projection_from
        First day that was not measured.
    title, subtitle, caption, theme, width, height
        As in :func:`twocurves.charts.fan.fan_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, too many layers, or shares of a month that do not sum to one.
    """
    canvas, feed, layers_of = _plot(shares, palette(theme), width, height)
    colours = canvas.colours
    layers: list[alt.Chart] = []
    for index, (_, colour, strength) in enumerate(layers_of):
        layers.append(
            alt.Chart(named(f"stack_{index}"))
            .mark_area(
                color=colour,
                opacity=strength,
                stroke=colours.paper,
                strokeWidth=1,
                strokeOpacity=1,
                aria=False,
            )
            .encode(x=canvas.days("month"), y=canvas.values("low"), y2=alt.Y2("high:Q"))
        )
    if projection_from < canvas.x.last:
        # Only the edge and the word: a field under full areas would not be seen.
        layers += projection_layers(canvas, projection_from)[1:]
    ends = {f"stack_end_{index}": colours.ink for index in range(len(layers_of))}
    layers += live_end_layers(ends, width, colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def value_stack_feed(shares: pl.DataFrame, *, width: int = 520, height: int = 300) -> Feed:
    """Return what :func:`value_stack_figure` draws of the same arguments, as a feed.

    Raises
    ------
    BadInputError
        As :func:`value_stack_figure`.
    """
    return _plot(shares, palette("light"), width, height)[1]


def _plot(
    shares: pl.DataFrame, colours: Palette, width: int, height: int
) -> tuple[Canvas, Feed, list[tuple[str, str, float]]]:
    check_size(width, height)
    table = require(shares, "shares", dates=("month",), texts=("layer",), numbers=("share",))
    economy = (
        shares["economy"].cast(pl.String)
        if "economy" in shares.columns
        else pl.Series([None] * shares.height, dtype=pl.String)
    )
    table = table.with_columns(economy.alias("economy"))
    require_economies(table.drop_nulls("economy"), "shares")
    names = table["layer"].unique(maintain_order=True).to_list()
    months = sorted(table["month"].unique().to_list())
    _check(table, names, len(months))
    wide = table.pivot(on="layer", index="month", values="share").sort("month")
    below = [0.0] * len(months)
    datasets: dict[str, list[Row]] = {}
    labels: dict[str, EndLabel] = {}
    looks: list[tuple[str, str, float]] = []
    used: dict[str, int] = {}
    words = []
    for index, name in enumerate(names):
        own = wide[name].to_list()
        above = [low + share for low, share in zip(below, own, strict=True)]
        datasets[f"stack_{index}"] = feed_rows(
            {"month": month, "low": low, "high": min(high, 1.0)}
            for month, low, high in zip(months, below, above, strict=True)
        )
        one = table.filter(pl.col("layer") == name)["economy"][0]
        place = used.get(str(one), 0)
        used[str(one)] = place + 1
        colour = colours.economy(one) if one else colours.low
        looks.append((name, colour, _STRENGTHS[place % len(_STRENGTHS)]))
        middle = (below[-1] + above[-1]) / 2
        if own[-1] >= _THINNEST_NAMED:
            labels[f"stack_end_{index}"] = EndLabel(middle, f"{name} {say(own[-1], 'share', 2)}", (), colour)
        else:
            datasets[f"stack_end_{index}"] = []
        words.append(f"{name} from {say(own[0], 'share', 2)} to {say(own[-1], 'share', 2)}.")
        below = above
    room = max((text_width(label.name, 12) for label in labels.values()), default=60) + 18
    x = time_span_of(months, ticks_that_fit(width))
    span = Span(0.0, 1.0, "linear", (0.0, 0.5, 1.0), ("0", "50%", "100%"))
    canvas = Canvas(width, height, x, span, colours, right=int(room))
    period = f"{months[0]:%b %Y} to {months[-1]:%b %Y}:"
    feed = Feed(datasets, description=" ".join([period, *words]))
    return canvas, joined([feed, end_feed(labels, height)]), looks


def _check(table: pl.DataFrame, names: list[str], months: int) -> None:
    if len(names) > MOST_LAYERS:
        raise BadInputError(
            f"shares holds {len(names)} layers; a figure shows at most {MOST_LAYERS}.",
            field="shares.layer",
            given=len(names),
            allowed=f"1 to {MOST_LAYERS}",
        )
    if table.height != len(names) * months or table.select("month", "layer").is_duplicated().any():
        raise BadInputError("shares: every layer needs one share in every month.", field="shares.layer")
    sums = table.group_by("month").agg(pl.col("share").sum())
    off = sums.filter((pl.col("share") - 1.0).abs() > _TOLERANCE)
    if off.height or bool((table["share"] < 0).any()):
        raise BadInputError(
            "shares: the shares of a month must be 0 or more and sum to 1.", field="shares.share"
        )
