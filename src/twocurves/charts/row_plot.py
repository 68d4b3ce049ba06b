"""What figures of rows stand on: names left, one numeric axis below, words right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from twocurves.charts import theme as style
from twocurves.charts.canvas import axis_feed, axis_ticks, note, number_scale, source
from twocurves.charts.feed import Feed, Row, named
from twocurves.charts.palette import Palette
from twocurves.charts.text_width import text_width, wrap
from twocurves.charts.ticks import Span

ROW = 34
_WIDEST_NAME = 250.0


@dataclass(frozen=True, slots=True)
class RowPlot:
    """A plot of rows: pixels, the numeric axis below, names left and words right.

    ``left`` is the room of the names, ``right`` that of the words, in pixels; ``live`` is the prefix of the
    parameters that hold the axis where it moves with the data.
    """

    width: int
    rows: int
    row_height: int
    x: Span
    colours: Palette
    left: float
    right: float
    live: str = ""

    @property
    def height(self) -> int:
        """Return the height of the plot in pixels."""
        return self.rows * self.row_height

    def values(self, field: str) -> alt.X:
        """Return the x encoding of a numeric column."""
        axis = alt.Axis(**axis_ticks(self.x, self.live), title=None, ticks=True, domain=True)
        return alt.X(f"{field}:Q", scale=number_scale(self.x, self.live), axis=axis)

    def feed(self) -> Feed:
        """Return what the axis is now; only for a live one."""
        return axis_feed(self.x, self.live)

    def row(self, field: str = "row") -> alt.Y:
        """Return the y encoding of a row number; row 0 is at the top."""
        scale = alt.Scale(domain=[self.rows - 0.5, -0.5], nice=False, zero=False)
        return alt.Y(f"{field}:Q", scale=scale, axis=None)

    def middle(self, row: int) -> float:
        """Return the vertical pixel of a row's middle."""
        return (row + 0.5) * self.row_height

    def full_width(self) -> float:
        """Return the width from the names to the words, in pixels."""
        return self.left + self.width + self.right

    def grid(self) -> list[alt.Chart]:
        """Return hairlines at the ticks."""
        ticks = ({"tick": tick} for tick in self.x.ticks)
        return [
            alt.Chart(source(f"{self.live}_grid" if self.live else ticks))
            .mark_rule(color=self.colours.hair, aria=False)
            .encode(x=self.values("tick"))
        ]

    def name(self, row: int, text: str) -> alt.Chart:
        """Return the name of a row, in one or two lines."""
        lines = wrap(text, style.LABEL, self.left - 12)
        return note(lines, -self.left, self.middle(row) - (len(lines) - 1) * 7.5, self.colours.ink)

    def words(self, row: int, strong: str, quiet: str) -> list[alt.Chart]:
        """Return what stands right of a row: the number, and its range below."""
        x, y = self.width + 16, self.middle(row)
        colours = self.colours
        if strong and quiet:
            return [
                note(strong, x, y - 7.5, colours.ink, fontWeight=600),
                note(quiet, x, y + 7.5, colours.grey, fontSize=style.SMALL),
            ]
        texts = [(strong, colours.ink, 600), (quiet, colours.grey, 400)]
        return [note(text, x, y, colour, fontWeight=weight) for text, colour, weight in texts if text]

    def name_rows(self, names: Sequence[str]) -> list[Row]:
        """Return the names of rows as rows of a feed."""
        found = []
        for row, text in enumerate(names):
            lines = wrap(text, style.LABEL, self.left - 12)
            found.append({"y": self.middle(row) - (len(lines) - 1) * 7.5, "text": lines})
        return found

    def word_rows(self, words: Sequence[tuple[str, str]]) -> list[Row]:
        """Return what stands right of rows, a strong and a quiet text each, as rows of a feed."""
        found = []
        for row, (strong, quiet) in enumerate(words):
            apart = 7.5 if strong and quiet else 0.0
            middle = self.middle(row)
            found.append({"y": middle - apart, "below": middle + apart, "strong": strong, "quiet": quiet})
        return found

    def live_names(self, dataset: str) -> alt.Chart:
        """Return the names of rows, from a dataset of :meth:`name_rows`."""
        return text_layer(dataset, "text", -self.left, self.colours.ink)

    def live_words(self, dataset: str) -> list[alt.Chart]:
        """Return what stands right of rows, from a dataset of :meth:`word_rows`."""
        x, colours = self.width + 16, self.colours
        return [
            text_layer(dataset, "strong", x, colours.ink, fontWeight=600),
            text_layer(dataset, "quiet", x, colours.grey, y="below", fontSize=style.SMALL),
        ]


def text_layer(
    dataset: str, field: str, x: float | str, colour: str, *, y: str = "y", **mark: Any
) -> alt.Chart:
    """Return texts of a dataset at pixels: ``x`` a pixel or the field that holds it, ``y`` such a field."""
    options: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": style.LABEL, **mark}
    across = alt.X(f"{x}:Q", scale=None, axis=None) if isinstance(x, str) else alt.XValue(x)
    layer: alt.Chart = (
        alt.Chart(named(dataset))
        .mark_text(color=colour, lineHeight=style.LINE_HEIGHT, **options)
        .encode(x=across, y=alt.Y(f"{y}:Q", scale=None, axis=None), text=alt.Text(f"{field}:N"))
    )
    return layer


def word_room(words: Sequence[tuple[str, str]]) -> float:
    """Return the room that the words right of rows need, in pixels."""
    widths = [max(text_width(a, style.LABEL), text_width(b, style.SMALL)) for a, b in words]
    return 16 + max(widths, default=0.0)


def name_room(names: Sequence[str], widest: float = _WIDEST_NAME) -> float:
    """Return the room that the names of rows need, in pixels."""
    lines = [line for name in names for line in wrap(name, style.LABEL, widest)]
    return max((text_width(line, style.LABEL) for line in lines), default=0.0) + 16


def row_height(names: Sequence[str], widest: float = _WIDEST_NAME) -> int:
    """Return the height of each row in pixels: the usual one, or what the longest name needs."""
    most = max(len(wrap(name, style.LABEL, widest)) for name in names)
    return max(ROW, int(style.LINE_HEIGHT * most) + 6)
