"""Tables in a terminal of any width: names are never broken, what matters least goes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

#: Style of heads and of what is beside the point.
MUTED = "bright_black"

_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing.

    Attributes
    ----------
    head
        What stands above it.
    justify
        ``left`` or ``right``; what stands at the right is a figure and is never broken.
    whole
        Never break its cells over lines: names and identifiers.
    drop
        Where the terminal is too narrow, columns go in the order of these numbers; None stays.
    width
        Width where there is room for it; that of its longest cell when None.
    """

    head: str
    justify: Literal["left", "right"] = "left"
    whole: bool = False
    drop: int | None = None
    width: int | None = None


@dataclass
class Listing:
    """A table in the house style, without boxes, which fits itself to the terminal when it is printed."""

    columns: Sequence[Column]
    show_header: bool = True
    rows: list[tuple[Text, ...]] = field(default_factory=list)

    def add_row(self, *cells: str | Text) -> None:
        """Add a row of one cell for each column."""
        self.rows.append(tuple(cell if isinstance(cell, Text) else Text(cell) for cell in cells))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment | Table]:
        """Yield the table for the width at hand.

        Rich's own table takes ten times as long for a row, so it is asked for those rows only whose cells run
        over several lines.
        """
        shown = self._that_fit(options.max_width)
        widths = self._widths(shown, options.max_width)
        if not shown or _taken(widths.values()) > options.max_width:
            yield self._wrapped(self.rows, shown, widths, show_header=self.show_header)
            return

        def is_one_line(row: tuple[Text, ...]) -> bool:
            return all(_fits(row[place], widths[place]) for place in shown)

        head = tuple(Text(column.head, style=MUTED) for column in self.columns)
        if self.show_header and is_one_line(head):
            yield from self._line(head, shown, widths, console)
        elif self.show_header:
            yield self._wrapped((), shown, widths, show_header=True)
        for one_line, rows in groupby(self.rows, key=is_one_line):
            if one_line:
                for row in rows:
                    yield from self._line(row, shown, widths, console)
            else:
                yield self._wrapped(rows, shown, widths)

    def _line(
        self, row: tuple[Text, ...], shown: Sequence[int], widths: Mapping[int, int], console: Console
    ) -> Iterator[Segment]:
        gap = ""
        for place in shown:
            cell = row[place]
            blank = " " * (widths[place] - cell_len(cell.plain))
            at_right = self.columns[place].justify == "right"
            yield Segment(gap + blank if at_right else gap)
            yield from Segment.apply_style(cell.render(console), console.get_style(cell.style))
            if not at_right:
                yield Segment(blank)
            gap = " " * _GAP
        yield Segment.line()

    def _wrapped(
        self,
        rows: Iterable[tuple[Text, ...]],
        shown: Sequence[int],
        widths: Mapping[int, int],
        *,
        show_header: bool = False,
    ) -> Table:
        made = Table(
            box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=MUTED, show_header=show_header
        )
        for place in shown:
            column = self.columns[place]
            made.add_column(column.head, justify=column.justify, width=widths[place], overflow="fold")
        for row in rows:
            made.add_row(*(row[place] for place in shown))
        return made

    def _that_fit(self, room: int) -> list[int]:
        shown = list(range(len(self.columns)))
        numbers = [
            (column.drop, place) for place, column in enumerate(self.columns) if column.drop is not None
        ]
        for _, place in sorted(numbers):
            if _taken([self._least(one) for one in shown]) <= room:
                break
            shown.remove(place)
        return shown

    def _widths(self, shown: Sequence[int], room: int) -> dict[int, int]:
        """Return the width of each column: as wide as wished, the widest narrowed until all fit."""
        widths = {place: self._most(place) for place in shown}
        least = {place: self._least(place) for place in shown}
        while _taken(widths.values()) > room:
            wider = [place for place in shown if widths[place] > least[place]]
            if not wider:
                break
            widest = max(wider, key=lambda place: widths[place])
            widths[widest] -= 1
        return widths

    def _most(self, place: int) -> int:
        wished = self.columns[place].width
        if wished is not None:
            return max(wished, self._least(place))
        return max(cell_len(self._head(place)), *(cell_len(row[place].plain) for row in self.rows), 0)

    def _least(self, place: int) -> int:
        column = self.columns[place]
        cells = [row[place].plain for row in self.rows]
        words = [word for text in (self._head(place), *cells) for word in text.split()]
        unbroken = cells if column.whole or column.justify == "right" else []
        return max((cell_len(text) for text in (*words, *unbroken)), default=0)

    def _head(self, place: int) -> str:
        return self.columns[place].head if self.show_header else ""


def _taken(widths: Iterable[int]) -> int:
    chosen = list(widths)
    return sum(chosen) + _GAP * (len(chosen) - 1)


def _fits(cell: Text, width: int) -> bool:
    """Say whether a cell is one line of plain characters that need no breaking and no trimming."""
    plain = cell.plain
    return plain.isprintable() and plain == plain.strip() and cell_len(plain) <= width and width > 0
