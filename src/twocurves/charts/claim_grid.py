"""Figure: which beliefs move which claims: a circle for each pair, as large as the effect."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import caption_layer, check_size, data, finish, heading, layered, sentence
from twocurves.charts.feed import Feed, Row, named
from twocurves.charts.palette import Palette, ThemeName, palette
from twocurves.charts.row_plot import RowPlot, name_room, text_layer
from twocurves.charts.tables import require
from twocurves.charts.ticks import Span
from twocurves.errors import BadInputError

#: More than so many of either no longer fit a page.
MOST_CLAIMS = 24
MOST_BELIEFS = 40

_CELL = 27
_LARGEST = 21.0
_SMALLEST = 0.02
_KEY = (
    "A full circle: a higher value of the belief makes the claim more likely; a ring: less likely. Its area "
    "is the size of the rank correlation; a dot is within the noise."
)


def claim_grid_figure(
    effects: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
) -> alt.LayerChart:
    """Draw the effect of each belief on each claim.

    Parameters
    ----------
    effects
        ``claim`` (short: it heads a column), ``belief`` (its row) and ``effect`` (−1 to 1, above 0 where a
        higher value makes the claim more likely); optional ``above_noise``. Claims and beliefs are drawn in
        the order in which they first come; pairs that are missing are left empty.
    title, subtitle, caption, theme
        As in :func:`twocurves.charts.fan.fan_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, an effect outside −1 to 1, a pair given twice, or too many claims
        or beliefs.
    """
    plot, feed = _plot(effects, palette(theme))
    colours = plot.colours
    place = {"x": alt.X("x:Q", scale=None, axis=None), "y": alt.Y("y:Q", scale=None, axis=None)}
    told = {"description": alt.Description("text:N"), "tooltip": alt.Tooltip("text:N")}
    size = alt.Size("area:Q", scale=None)
    lines = data({"y": index * _CELL} for index in range(plot.rows + 1))
    layers = [
        alt.Chart(lines)
        .mark_rule(color=colours.hair, aria=False)
        .encode(x=alt.XValue(0), x2=alt.X2Value(plot.width), y=alt.Y("y:Q", scale=None, axis=None)),
        alt.Chart(named("grid_noise"))
        .mark_point(shape="circle", filled=True, size=6, color=colours.low, opacity=1, aria=False)
        .encode(**place),
        alt.Chart(named("grid_more"))
        .mark_point(shape="circle", fill=colours.ink, stroke=colours.ink, strokeWidth=1, opacity=1)
        .encode(**place, **told, size=size),
        alt.Chart(named("grid_less"))
        .mark_point(shape="circle", fill=colours.paper, stroke=colours.ink, strokeWidth=1.4, opacity=1)
        .encode(**place, **told, size=size),
        text_layer("grid_claims", "text", "x", colours.grey, align="center", fontSize=style.SMALL),
        plot.live_names("grid_beliefs"),
    ]
    foot = " ".join(part for part in (_KEY, caption) if part)
    layers += caption_layer(foot, plot.full_width(), plot.left, plot.height - 18, colours)
    chart = layered(layers, plot.width, plot.height, heading(title, subtitle, plot.full_width(), plot.left))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def claim_grid_feed(effects: pl.DataFrame) -> Feed:
    """Return what :func:`claim_grid_figure` draws of the same effects, as a feed.

    Raises
    ------
    BadInputError
        As :func:`claim_grid_figure`.
    """
    return _plot(effects, palette("light"))[1]


def _plot(effects: pl.DataFrame, colours: Palette) -> tuple[RowPlot, Feed]:
    table = require(effects, "effects", texts=("claim", "belief"), numbers=("effect",))
    clear = [True] * table.height
    if "above_noise" in effects.columns:
        clear = [one is not False for one in effects["above_noise"].cast(pl.Boolean).to_list()]
    claims = table["claim"].unique(maintain_order=True).to_list()
    beliefs = table["belief"].unique(maintain_order=True).to_list()
    _check(table, claims, beliefs)
    width = len(claims) * _CELL
    check_size(max(width, 40), 200)
    span = Span(0.0, 1.0, "linear", (), ())
    left = max(name_room(beliefs), 480.0 - width)
    plot = RowPlot(width, len(beliefs), _CELL, span, colours, left, 12.0)
    found: dict[str, list[Row]] = {"noise": [], "more": [], "less": []}
    strongest: dict[str, tuple[float, str]] = {}
    for row, over in zip(table.iter_rows(named=True), clear, strict=True):
        effect = row["effect"]
        size = abs(effect)
        place = {
            "x": (claims.index(row["claim"]) + 0.5) * _CELL,
            "y": plot.middle(beliefs.index(row["belief"])),
        }
        if not over or size < _SMALLEST:
            found["noise"].append(place)
            continue
        likely = "more" if effect > 0 else "less"
        text = f"{row['claim']}, {row['belief']}: {effect:+.2f}".replace("-", "−")
        area = size * _LARGEST**2
        found[likely].append({**place, "area": round(area, 2), "text": text})
        if size > strongest.get(row["claim"], (0.0, ""))[0]:
            strongest[row["claim"]] = size, f"{row['claim']} is decided most by {row['belief']}"
    heads: list[Row] = [
        {"x": (index + 0.5) * _CELL, "y": -10.0, "text": claim} for index, claim in enumerate(claims)
    ]
    feed = Feed(
        {
            **{f"grid_{name}": rows for name, rows in found.items()},
            "grid_claims": heads,
            "grid_beliefs": plot.name_rows(beliefs),
        },
        description=" ".join(sentence(text) for _, text in strongest.values()),
    )
    return plot, feed


def _check(table: pl.DataFrame, claims: list[str], beliefs: list[str]) -> None:
    for what, found, most in (("claim", claims, MOST_CLAIMS), ("belief", beliefs, MOST_BELIEFS)):
        if len(found) > most:
            raise BadInputError(
                f"effects holds {len(found)} {what}s; a figure shows at most {most}. Choose some.",
                field=f"effects.{what}",
                given=len(found),
                allowed=f"1 to {most}",
            )
    for row in table.iter_rows(named=True):
        if abs(row["effect"]) > 1:
            raise BadInputError(
                f"effects: 'effect' must lie between −1 and 1; {row['claim']}, {row['belief']} has "
                f"{row['effect']:g}.",
                field="effects.effect",
                given=row["effect"],
                allowed="-1 to 1",
            )
    twice = table.filter(table.select("claim", "belief").is_duplicated())
    if twice.height:
        raise BadInputError(
            f"effects: {twice['claim'][0]}, {twice['belief'][0]} is there twice.", field="effects.belief"
        )
