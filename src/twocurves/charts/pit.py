"""Figure: where what came fell within its forecasts; evenly, when these were as wide as they should be."""

from __future__ import annotations

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    axis_feed,
    axis_ticks,
    caption_layer,
    check_size,
    finish,
    heading,
    layered,
    note,
    number_scale,
    sentence,
)
from twocurves.charts.feed import Feed, Row, joined, named
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import NothingToDrawError
from twocurves.charts.ticks import Span, span_of
from twocurves.errors import BadInputError

#: Bins of the histogram.
BINS = 10

_LEFT = 44
_LEVEL = 0.9
_GAP = 1.5


def pit_figure(
    places: ArrayLike,
    *,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 360,
    height: int = 170,
) -> alt.LayerChart:
    """Draw how many figures fell into each tenth of their forecasts, beside what chance would give.

    Parameters
    ----------
    places
        Probability integral transforms: for each figure that was forecast, the share of its forecast below
        what came; between 0 and 1.
    title, subtitle, caption, theme, width, height
        As in :func:`twocurves.charts.fan.fan_figure`.

    Raises
    ------
    BadInputError
        No places, or one outside 0 to 1.
    """
    check_size(width, height)
    span, feed = _plot(places)
    colours = palette(theme)
    axis = alt.Axis(**axis_ticks(span, "pit_y"), title=None, minExtent=_LEFT, maxExtent=_LEFT)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=number_scale(span, "pit_y"), axis=axis)

    each = width / BINS
    bins = alt.Scale(domain=[0, BINS], nice=False, zero=False)
    x = alt.X("bin:Q", scale=bins, axis=None)
    layers = [
        alt.Chart(named("pit_chance"))
        .mark_rect(color=colours.field, aria=False)
        .encode(x=alt.XValue(0), x2=alt.X2Value(width), y=y("low"), y2=alt.Y2("high:Q")),
        alt.Chart(named("pit_y_grid")).mark_rule(color=colours.hair, aria=False).encode(y=y("tick")),
        alt.Chart(named("pit"))
        .mark_bar(color=colours.low, size=each - 2 * _GAP, xOffset=each / 2)
        .encode(
            x=x,
            y=y("count"),
            y2=alt.Y2Value(height),
            description=alt.Description("text:N"),
            tooltip=alt.Tooltip("text:N"),
        ),
        alt.Chart(named("pit_chance"))
        .mark_rule(color=colours.grey, strokeDash=list(style.BASELINE_DASH), aria=False)
        .encode(y=y("even")),
        note("below all of the forecast", 0, height + 14, colours.grey, fontSize=style.SMALL),
        note("above all of it", width, height + 14, colours.grey, align="right", fontSize=style.SMALL),
    ]
    full = _LEFT + width + 20
    foot = " ".join(
        part
        for part in (
            "Dashed: all tenths alike; the field holds 90% of what chance gives a tenth.",
            caption,
        )
        if part
    )
    layers += caption_layer(foot, full, _LEFT, height, colours)
    chart = layered(layers, width, height, heading(title, subtitle, full, _LEFT))
    words = [sentence(title), sentence(subtitle), feed.description, sentence(caption)]
    return finish(chart, theme, " ".join(words), feed)


def pit_feed(places: ArrayLike) -> Feed:
    """Return what :func:`pit_figure` draws of the same places, as a feed.

    Raises
    ------
    BadInputError
        As :func:`pit_figure`.
    """
    return _plot(places)[1]


def _plot(places: ArrayLike) -> tuple[Span, Feed]:
    from scipy.stats import binom

    values = np.asarray(places, dtype=np.float64).ravel()
    if not len(values):
        raise NothingToDrawError("nothing to draw: there are no places.", field="places", given=0)
    if not bool(np.all((values >= 0) & (values <= 1))):
        raise BadInputError("places must lie between 0 and 1.", field="places", allowed="0 to 1")
    counts = np.histogram(values, bins=BINS, range=(0.0, 1.0))[0]
    low, high = (float(one) for one in binom.interval(_LEVEL, len(values), 1 / BINS))
    span = span_of([0.0, float(counts.max()), high], "linear", zero=True, at_most=4)
    rows: list[Row] = [
        {"bin": index, "count": int(count), "text": f"Tenth {index + 1}: {count} of {len(values)}"}
        for index, count in enumerate(counts)
    ]
    feed = Feed(
        {"pit": rows, "pit_chance": [{"low": low, "high": high, "even": len(values) / BINS}]},
        description="By tenths of the forecasts, lowest first: "
        f"{', '.join(str(count) for count in counts)}; chance would give {low:.0f} to {high:.0f} each.",
    )
    return span, joined([feed, axis_feed(span, "pit_y")])
