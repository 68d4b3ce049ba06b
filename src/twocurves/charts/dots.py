"""Figure: probabilities as twenty dots each, "7 in 20" first and percent second."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts.canvas import caption_layer, check_size, finish, heading, layered, sentence
from twocurves.charts.chance_text import OUT_OF, in_twenty, percent, twentieths
from twocurves.charts.feed import Feed, Row, named
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, row_height, word_room
from twocurves.charts.tables import require
from twocurves.charts.ticks import Span
from twocurves.errors import BadInputError

_STEP = 11.5
_DOT = 56.0


def dots_figure(
    claims: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    name_width: int = 300,
) -> alt.LayerChart:
    """Draw each probability as twenty dots, of which as many are full as runs of twenty in which it holds.

    Parameters
    ----------
    claims
        ``sentence`` and ``probability`` (0 to 1, may be missing); optional ``half_width`` (of the 90%
        interval of its Monte Carlo error).
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.
    name_width
        Room for the sentences at most, in pixels.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, or a probability outside 0 to 1.
    """
    plot, feed = _plot(claims, palette(theme), name_width)
    ink, quiet = plot.colours.ink, plot.colours.low
    across = alt.X("x:Q", scale=None, axis=None)
    down = alt.Y("y:Q", scale=None, axis=None)
    layers = [
        alt.Chart(named("dots_empty"))
        .mark_point(
            shape="circle", size=_DOT, fill=plot.colours.paper, stroke=quiet, strokeWidth=1.1, aria=False
        )
        .encode(x=across, y=down),
        alt.Chart(named("dots_full"))
        .mark_point(shape="circle", size=_DOT, fill=ink, stroke=ink, strokeWidth=1.1, opacity=1, aria=False)
        .encode(x=across, y=down),
        plot.live_names("dots_names"),
        *plot.live_words("dots_words"),
    ]
    layers += caption_layer(caption, plot.full_width(), plot.left, plot.height - 18, plot.colours)
    chart = layered(layers, plot.width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def dots_feed(claims: pl.DataFrame, *, name_width: int = 300) -> Feed:
    """Return what :func:`dots_figure` draws of the same claims, as a feed.

    Raises
    ------
    BadInputError
        As :func:`dots_figure`.
    """
    return _plot(claims, palette("light"), name_width)[1]


def _plot(claims: pl.DataFrame, colours: Palette, name_width: int) -> tuple[RowPlot, Feed]:
    check_size(name_width, 200)
    table = require(claims, "claims", texts=("sentence",), gaps_allowed=("probability", "half_width"))
    chances: list[float | None] = table["probability"].to_list()
    for row, chance in enumerate(chances):
        if chance is not None and not 0 <= chance <= 1:
            raise BadInputError(
                f"claims: 'probability' must lie between 0 and 1; row {row} has {chance:g}.",
                field="claims.probability",
                given=chance,
                allowed="0 to 1",
            )
    names = table["sentence"].to_list()
    said = [
        (in_twenty(chance), percent(chance, half))
        for chance, half in zip(chances, table["half_width"], strict=True)
    ]
    span = Span(0.0, 1.0, "linear", (), ())
    plot = RowPlot(
        int(OUT_OF * _STEP),
        len(names),
        row_height(names, name_width) + 4,
        span,
        colours,
        name_room(names, name_width),
        word_room([*said, ("20 in 20", "100% ±99")]),
    )
    full: list[Row] = []
    empty: list[Row] = []
    for row, chance in enumerate(chances):
        many = 0 if chance is None else twentieths(chance)
        for dot in range(OUT_OF if chance is not None else 0):
            (full if dot < many else empty).append({"x": (dot + 0.5) * _STEP, "y": plot.middle(row)})
    words = [
        sentence(f"{name}: {a}{f', {b}' if b else ''}") for name, (a, b) in zip(names, said, strict=True)
    ]
    feed = Feed(
        {
            "dots_full": full,
            "dots_empty": empty,
            "dots_names": plot.name_rows(names),
            "dots_words": plot.word_rows(said),
        },
        description=" ".join(words),
    )
    return plot, feed
