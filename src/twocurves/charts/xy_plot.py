"""What figures of one number against another stand on: two numeric axes on a plot of known pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import altair as alt

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    axis_ticks,
    caption_layer,
    data,
    finish,
    heading,
    layered,
    note,
    number_scale,
    sentence,
)
from twocurves.charts.feed import Row
from twocurves.charts.palette import Palette, ThemeName
from twocurves.charts.ticks import Span

#: Pixels below the plot at which the name of the horizontal axis stands, and above it that of the vertical.
_NAME_BELOW, _NAME_ABOVE = 34, 14


@dataclass(frozen=True, slots=True)
class XYPlot:
    """A plot of one number against another.

    Attributes
    ----------
    width, height
        Of the plot area, in pixels.
    x, y
        The axes.
    colours
        The palette in use.
    left, right
        Room for tick labels and for words at the right end, in pixels.
    """

    width: int
    height: int
    x: Span
    y: Span
    colours: Palette
    left: int = 52
    right: int = 24

    def across(self, field: str) -> alt.X:
        """Return the x encoding of a numeric column."""
        axis = alt.Axis(**axis_ticks(self.x), title=None, ticks=True, domain=True)
        return alt.X(f"{field}:Q", scale=number_scale(self.x), axis=axis)

    def up(self, field: str) -> alt.Y:
        """Return the y encoding of a numeric column."""
        axis = alt.Axis(**axis_ticks(self.y), title=None, minExtent=self.left, maxExtent=self.left)
        return alt.Y(f"{field}:Q", scale=number_scale(self.y), axis=axis)

    def left_of(self, value: float) -> float:
        """Return the horizontal pixel of a value."""
        return self.width * self.x.fraction(value)

    def down_to(self, value: float) -> float:
        """Return the vertical pixel of a value, from the top."""
        return self.height * (1.0 - self.y.fraction(value))

    def grid(self) -> alt.Chart:
        """Return a hairline at each tick of the vertical axis."""
        layer: alt.Chart = (
            alt.Chart(data({"tick": tick} for tick in self.y.ticks))
            .mark_rule(color=self.colours.hair, aria=False)
            .encode(y=self.up("tick"))
        )
        return layer

    def level(self, value: float, name: str) -> list[alt.Chart]:
        """Return a dashed line at a value of the vertical axis, with its name at its right end."""
        rule = (
            alt.Chart(data([{"at": value}]))
            .mark_rule(color=self.colours.grey, strokeDash=list(style.BASELINE_DASH), aria=False)
            .encode(y=self.up("at"))
        )
        word = note(
            name, self.width, self.down_to(value) - 8, self.colours.grey, fontSize=style.SMALL, align="right"
        )
        return [rule, word]

    def line(self, rows: Iterable[Row], x: str, y: str, *, colour: str, **mark: Any) -> alt.Chart:
        """Return a line through rows."""
        layer: alt.Chart = (
            alt.Chart(data(rows)).mark_line(color=colour, **mark).encode(x=self.across(x), y=self.up(y))
        )
        return layer

    def dots(
        self, rows: Iterable[Row], x: str, y: str, *, hollow: bool = False, size: float = 64.0
    ) -> alt.Chart:
        """Return points at rows, each with its ``text``."""
        ink, paper = self.colours.ink, self.colours.paper
        look: dict[str, Any] = {"fill": paper if hollow else ink, "stroke": ink if hollow else paper}
        layer: alt.Chart = (
            alt.Chart(data(rows))
            .mark_point(shape="circle", size=size, opacity=1, **look)
            .encode(
                x=self.across(x),
                y=self.up(y),
                description=alt.Description("text:N"),
                tooltip=alt.Tooltip("text:N"),
            )
        )
        return layer

    def axis_names(self, below: str, above: str = "") -> list[alt.Chart]:
        """Return the names of the axes: one below the plot, one over the vertical axis."""
        grey = self.colours.grey
        found = []
        if below:
            y = self.height + _NAME_BELOW
            found.append(note(below, self.width, y, grey, align="right", fontSize=style.SMALL))
        if above:
            found.append(note(above, -self.left, -_NAME_ABOVE, grey, fontSize=style.SMALL))
        return found

    def finished(
        self,
        layers: list[alt.Chart],
        theme: ThemeName,
        *,
        title: str,
        subtitle: str,
        caption: str,
        description: str,
        below: str = "",
    ) -> alt.LayerChart:
        """Return layers as a figure with its words."""
        full = self.left + self.width + self.right
        foot = self.height + (_NAME_BELOW - 16 if below else 0)
        layers = [*layers, *caption_layer(caption, full, self.left, foot, self.colours)]
        chart = layered(layers, self.width, self.height, heading(title, subtitle, full, self.left))
        words = [sentence(title), sentence(subtitle), sentence(description), sentence(caption)]
        return finish(chart, theme, " ".join(words))
