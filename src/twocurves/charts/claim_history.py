"""Figure: what was said of a claim from one forecast to the next, in steps."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import check_size, note
from twocurves.charts.chance_curve import CHANCES
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import require
from twocurves.charts.text_width import text_width, wrap
from twocurves.charts.ticks import Span
from twocurves.charts.xy_plot import XYPlot

_HEIGHT = 140

#: Room of a step's name, in pixels.
_NAME = 84.0


def claim_history_figure(
    steps: pl.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
) -> alt.LayerChart:
    """Draw the probability of a claim in each forecast, from one to the next in steps.

    Parameters
    ----------
    steps
        ``name`` (who said it) and ``chance`` (0 to 1), the oldest first; optional ``model`` (whether a model
        said it: other points are hollow).
    title, subtitle, caption, theme, width
        As in :func:`twocurves.charts.ridgeline.ridgeline_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, or a malformed table.
    """
    check_size(width, _HEIGHT)
    table = require(steps, "steps", texts=("name",), numbers=("chance",))
    by_model = [True] * table.height
    if "model" in steps.columns:
        by_model = [one is not False for one in steps["model"].to_list()]
    colours = palette(theme)
    last = table.height - 1
    span = Span(-0.25, last + 0.35, "linear", (), ())
    plot = XYPlot(width, _HEIGHT, span, CHANCES, colours, right=16)
    rows = [
        {
            "step": float(place),
            "chance": row["chance"],
            "text": f"{row['name']}: {round(100 * row['chance'])}%",
        }
        for place, row in enumerate(table.iter_rows(named=True))
    ]
    hollow = [row for row, model in zip(rows, by_model, strict=True) if not model]
    filled = [row for row, model in zip(rows, by_model, strict=True) if model]
    layers = [plot.grid(), plot.line(rows, "step", "chance", colour=colours.ink, interpolate="step-after")]
    layers += [plot.dots(hollow, "step", "chance", hollow=True)] if hollow else []
    layers += [plot.dots(filled, "step", "chance")] if filled else []
    named = _named(table["name"].to_list(), plot)
    for place, row in enumerate(rows):
        x = plot.left_of(row["step"])
        if place in named:
            lines = wrap(table["name"][place], style.SMALL, named[place])
            layers.append(
                note(
                    lines, x, _HEIGHT + 8, colours.grey, align="center", baseline="top", fontSize=style.SMALL
                )
            )
            above = -13 if row["chance"] < 0.85 else 14
            layers.append(
                note(
                    f"{round(100 * row['chance'])}%",
                    x,
                    plot.down_to(row["chance"]) + above,
                    colours.ink,
                    align="center",
                    fontWeight=600 if place == last else 400,
                )
            )
    description = ". ".join(str(row["text"]) for row in rows)
    return plot.finished(
        layers,
        theme,
        title=title,
        subtitle=subtitle,
        caption=caption,
        description=description,
        below="names",
    )


def _named(names: list[str], plot: XYPlot) -> dict[int, float]:
    """Return which steps have room for their names, and how much: the last first, then from the left."""
    apart = plot.width / (plot.x.high - plot.x.low)
    stride = max(1, round(_NAME / apart + 0.4999))
    last = len(names) - 1
    kept = list(range(last, -1, -stride))
    room = min(apart * stride, 130.0) - 8
    words = max((text_width(word, style.SMALL) for name in names for word in name.split()), default=room)
    return dict.fromkeys(kept, max(room, words))
