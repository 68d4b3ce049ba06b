"""Figure: how an outcome is spread over the runs, and on which side of a threshold they lie."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import numpy as np
from numpy.typing import ArrayLike, NDArray

from twocurves.charts import theme as style
from twocurves.charts.canvas import axis_ticks, check_size, data, note, number_scale
from twocurves.charts.density import density
from twocurves.charts.feed import Row
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.text_width import text_width
from twocurves.charts.ticks import ScaleName, Span, span_of
from twocurves.charts.xy_plot import XYPlot
from twocurves.errors import BadInputError

#: Runs outside these quantiles are left off the axis, unless the threshold lies there.
_OUTERMOST = (0.005, 0.98)

#: From this ratio between its outermost quantiles on, a positive outcome is drawn on a log axis.
_LOG_FROM = 60.0

_LEFT = 8
_HEIGHT = 132


@dataclass(frozen=True, slots=True)
class OutcomeAxis:
    """The horizontal axis of the figure: what a page needs to let its line be dragged.

    Attributes
    ----------
    low, high
        Its ends.
    scale
        ``linear`` or ``log``.
    """

    low: float
    high: float
    scale: ScaleName


def outcome_axis(values: ArrayLike, number: str = "number", reach: tuple[float, ...] = ()) -> Span:
    """Return the axis on which an outcome is drawn.

    Parameters
    ----------
    values
        The outcome in every run, shape ``(runs,)``; what is not finite is left out.
    number
        Number style of the ticks.
    reach
        Values that must lie on the axis.

    Raises
    ------
    BadInputError
        No run has a finite value.
    """
    held = _finite(values)
    low, high = (float(end) for end in np.quantile(held, _OUTERMOST))
    ends = [low, high, *reach]
    log = min(ends) > 0 and high > _LOG_FROM * low and float(held.min()) > 0
    return span_of(ends, "log" if log else "linear", number)


def outcome_split_figure(
    values: ArrayLike,
    *,
    threshold: float,
    above: bool,
    number: str = "number",
    axis: Span | None = None,
    rule_name: str = "",
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
) -> alt.LayerChart:
    """Draw the density of an outcome, strong where the claim holds and faint where not, with the threshold.

    Parameters
    ----------
    values
        The outcome in every run, shape ``(runs,)``; what is not finite is left out.
    threshold
        Where the line stands.
    above
        Whether the claim holds above it.
    number
        Number style of the axis.
    axis
        The axis; :func:`outcome_axis` with the threshold on it when left out. Given when the line moves and
        the axis should not.
    rule_name
        What stands at the line; the threshold when left out.
    title, subtitle, caption, theme, width
        As in :func:`twocurves.charts.ridgeline.ridgeline_figure`.

    Raises
    ------
    BadInputError
        No run has a finite value, or the size cannot be drawn.
    """
    check_size(width, _HEIGHT)
    check_style(number)
    held = _finite(values)
    span = outcome_axis(held, number, (threshold,)) if axis is None else axis
    colours = palette(theme)
    log = span.scale == "log"
    ends = (np.log(span.low), np.log(span.high)) if log else (span.low, span.high)
    grid, height = density(np.log(held[held > 0]) if log else held, *ends)
    grid = np.exp(grid) if log else grid
    top = float(height.max()) or 1.0
    plot = XYPlot(width, _HEIGHT, span, Span(0.0, top * 1.06, "linear", (), ()), colours, left=_LEFT)
    across = alt.X(
        "value:Q",
        scale=number_scale(span),
        axis=alt.Axis(**axis_ticks(span), title=None, ticks=True, domain=True),
    )
    up = alt.Y("height:Q", scale=number_scale(plot.y), axis=None)
    parts = _parted(grid, height, threshold)
    layers: list[alt.Chart] = []
    for rows, dark in zip(parts, (not above, above), strict=True):
        if len(rows) > 1:
            layers.append(
                alt.Chart(data(rows))
                .mark_area(
                    color=colours.high if dark else colours.low, opacity=1 if dark else 0.55, aria=False
                )
                .encode(x=across, y=up)
            )
    median = float(np.median(held))
    if span.low <= median <= span.high:
        text = f"Middle run: {say(median, number)}"
        layers.append(
            alt.Chart(data([{"value": median, "height": 0.0, "text": text}]))
            .mark_point(shape="circle", size=52, fill=colours.paper, stroke=colours.ink, opacity=1)
            .encode(x=across, y=up, description=alt.Description("text:N"), tooltip=alt.Tooltip("text:N"))
        )
    said = rule_name or say(threshold, number)
    if span.low <= threshold <= span.high:
        at = plot.left_of(threshold)
        room = text_width(said, style.LABEL)
        align = "center" if room / 2 < at < width - room / 2 else "left" if at < width / 2 else "right"
        x = at if align == "center" else 0.0 if align == "left" else float(width)
        layers += [
            alt.Chart(data([{"value": threshold}]))
            .mark_rule(color=colours.ink, strokeWidth=1.6, aria=False)
            .encode(x=across),
            note(said, x, -11, colours.ink, align=align, fontWeight=600),
        ]
    share = float((held >= threshold).mean() if above else (held <= threshold).mean())
    description = (
        f"The middle run has {say(median, number)}. {round(100 * share)}% of the runs lie "
        f"{'at or above' if above else 'at or below'} {say(threshold, number)}"
    )
    return plot.finished(
        layers, theme, title=title, subtitle=subtitle, caption=caption, description=description
    )


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=np.float64).ravel()
    found = found[np.isfinite(found)]
    if not len(found):
        raise BadInputError("No run has a finite value of this outcome.", field="values", allowed="numbers")
    return found


def _parted(
    grid: NDArray[np.float64], height: NDArray[np.float64], threshold: float
) -> tuple[list[Row], list[Row]]:
    """Return the density left and right of a threshold, both with the point at the threshold itself."""
    at = float(np.interp(threshold, grid, height))
    middle = {"value": float(np.clip(threshold, grid[0], grid[-1])), "height": at}
    rows = [{"value": float(one), "height": float(up)} for one, up in zip(grid, height, strict=True)]
    left = [row for row in rows if row["value"] < middle["value"]]
    right = [row for row in rows if row["value"] > middle["value"]]
    return [*left, middle] if left else [], [middle, *right] if right else []
