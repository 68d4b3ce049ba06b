"""Figure: an outcome where two assumptions are low, middle or high at once."""

from __future__ import annotations

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import caption_layer, check_size, data, finish, heading, layered, note, sentence
from twocurves.charts.feed import Row
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import finite_values, require
from twocurves.charts.text_width import wrap
from twocurves.errors import BadInputError

_CELL = 62
_LEFT = 118


def pair_grid_figure(
    cells: pl.DataFrame,
    *,
    across_name: str,
    down_name: str,
    number: str = "number",
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 420,
) -> alt.LayerChart:
    """Draw the level of an outcome in each combination of two assumptions, darker where it is higher.

    Parameters
    ----------
    cells
        ``across`` and ``down`` (names of the parts, in order), ``level`` and ``runs``; one row for each
        combination. One without runs is left out of the table.
    across_name, down_name
        What the two assumptions are.
    number
        Number style of the outcome.
    title, subtitle, caption, theme, width
        As in :func:`twocurves.charts.ridgeline.ridgeline_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, a malformed table, or a combination that is there twice.
    """
    check_style(number)
    table = require(cells, "cells", texts=("across", "down"), numbers=("level", "runs"))
    twice = table.filter(table.select("across", "down").is_duplicated())
    if twice.height:
        raise BadInputError(
            f"cells: {twice['across'][0]}, {twice['down'][0]} is there twice.", field="cells.across"
        )
    columns = table["across"].unique(maintain_order=True).to_list()
    rows = table["down"].unique(maintain_order=True).to_list()
    height = _CELL * len(rows)
    check_size(width, height)
    colours = palette(theme)
    step = width / len(columns)
    levels = finite_values(table, ("level",))
    low, high = min(levels), max(levels)
    shades: list[Row] = []
    words: list[alt.Chart] = []
    said: list[str] = []
    for row in table.iter_rows(named=True):
        x, y = columns.index(row["across"]) * step, float(rows.index(row["down"]) * _CELL)
        share = 0.5 if high == low else (row["level"] - low) / (high - low)
        text = (
            f"{across_name} {row['across']}, {down_name} {row['down']}: {say(row['level'], number, 2)} "
            f"in {row['runs']:.0f} runs"
        )
        shades.append(
            {
                "x": x + 1,
                "x2": x + step - 1,
                "y": y + 1,
                "y2": y + _CELL - 1,
                "shade": 0.04 + 0.46 * share,
                "text": text,
            }
        )
        middle = x + step / 2
        words += [
            note(
                say(row["level"], number, 2),
                middle,
                y + _CELL / 2 - 8,
                colours.ink,
                align="center",
                fontSize=15,
                fontWeight=600,
            ),
            note(
                f"{row['runs']:.0f} runs",
                middle,
                y + _CELL / 2 + 12,
                colours.ink,
                align="center",
                fontSize=style.SMALL,
            ),
        ]
        said.append(text)
    layers = [
        alt.Chart(data(shades))
        .mark_rect(color=colours.low)
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            x2=alt.X2("x2:Q"),
            y=alt.Y("y:Q", scale=None, axis=None),
            y2=alt.Y2("y2:Q"),
            opacity=alt.Opacity("shade:Q", scale=None),
            description=alt.Description("text:N"),
            tooltip=alt.Tooltip("text:N"),
        ),
        *words,
    ]
    for place, name in enumerate(columns):
        lines = wrap(name, style.SMALL, step - 4)
        x = (place + 0.5) * step
        layers.append(
            note(lines, x, height + 6, colours.grey, align="center", baseline="top", fontSize=style.SMALL)
        )
    for place, name in enumerate(rows):
        lines = wrap(name, style.SMALL, _LEFT - 12)
        y = (place + 0.5) * _CELL - (len(lines) - 1) * 7.5
        layers.append(note(lines, -8, y, colours.grey, align="right", fontSize=style.SMALL))
    layers.append(
        note(f"{across_name} →", width, height + 46, colours.ink, align="right", fontSize=style.SMALL)
    )
    layers.append(note(f"↑ {down_name}", -_LEFT, -12, colours.ink, fontSize=style.SMALL))
    layers += caption_layer(caption, width + _LEFT, _LEFT, height + 24, colours)
    chart = layered(layers, width, height, heading(title, subtitle, width + _LEFT, _LEFT))
    description = [sentence(title), sentence(subtitle), *(sentence(one) for one in said), sentence(caption)]
    return finish(chart, theme, " ".join(description))
