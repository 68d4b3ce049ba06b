"""A small chart in braille characters: medians as lines, bands as sparse dots, a log scale."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from twocurves.charts.number_text import say
from twocurves.cli.console import MUTED
from twocurves.months import Month

#: Bit of each dot of a braille character, by row and column.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BLANK = 0x2800
_LABEL = 8
_ROWS = 12

#: Fewest characters in which a curve says anything.
_NARROWEST = 12

#: The scale reaches down to this share of the lowest median, however low the bands go.
_BELOW = 0.3


@dataclass(frozen=True)
class Curve:
    """A quantity over time.

    Attributes
    ----------
    name
        Written at its end.
    style
        Of the terminal.
    low, median, high
        One for each month; not positive where a log scale cannot show it.
    """

    name: str
    style: str
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]


def log_chart(
    months: Sequence[Month],
    curves: Sequence[Curve],
    *,
    known_to: Month,
    number: str,
    times: float,
    width: int,
) -> list[Text]:
    """Draw curves over months on a log scale.

    Parameters
    ----------
    months
        In order; at least two.
    known_to
        Last month of the observations; a vertical line stands behind it.
    number, times
        Number style of the labels, and what figures are multiplied by before they are written.
    width
        Characters of a line.

    Returns
    -------
    list of Text
        The lines; none when nothing is positive.
    """
    end_labels = [_end_label(curve, number, times) for curve in curves]
    across = max(_NARROWEST, width - _LABEL - 3 - max(len(label) for label in end_labels))
    positive = [value for curve in curves for value in curve.median if value > 0]
    tops = [value for curve in curves for value in curve.high if value > 0]
    if not positive or len(months) < 2:
        return []
    low = math.log10(max(min(positive), max(positive) * 1e-4) * _BELOW)
    high = math.log10(max(max(tops, default=0.0), max(positive)) * 1.2)

    def row(value: float) -> int:
        """Return the dot row of a value, from the top; below the scale it is past the last."""
        if not value > 0:
            return 4 * _ROWS
        return round((high - math.log10(value)) / (high - low) * (4 * _ROWS - 1))

    places = np.linspace(0, len(months) - 1, 2 * across)
    mask = np.zeros((_ROWS, across), dtype=np.int64)
    owner = np.full((_ROWS, across), -1)
    rank = np.zeros((_ROWS, across), dtype=np.int64)
    for number_of, curve in enumerate(curves):
        rows = [
            [row(value) for value in np.interp(places, np.arange(len(months)), part)]
            for part in (curve.high, curve.median, curve.low)
        ]
        before = None
        for column, (top, middle, bottom) in enumerate(zip(*rows, strict=True)):
            for dot in range(max(top, 0), min(bottom, 4 * _ROWS - 1) + 1):
                if dot % 4 == (1, 3)[number_of % 2] and column % 8 == (0, 4)[number_of % 2]:
                    _set(mask, owner, rank, dot, column, number_of, 1)
            first, last = sorted((middle if before is None else before, middle))
            for dot in range(first + (first < last and before == first), last + 1):
                _set(mask, owner, rank, dot, column, number_of, 2)
            before = middle
    line = _known(months, known_to, across)
    ticks = _ticks(low, high)
    rows_of_ticks = {min(_ROWS - 1, row(tick) // 4): say(tick * times, number) for tick in ticks}
    ends = _end_rows([min(4 * _ROWS - 1, max(0, row(curve.median[-1]))) for curve in curves])
    lines = []
    for at in range(_ROWS):
        text = Text(rows_of_ticks.get(at, "").rjust(_LABEL), style=MUTED)
        text.append(" │", style=MUTED)
        for column in range(across):
            bits = int(mask[at, column])
            if bits:
                who = curves[int(owner[at, column])]
                text.append(
                    chr(_BLANK + bits), style=who.style if rank[at, column] == 2 else f"dim {who.style}"
                )
            elif column == line:
                text.append("┊", style=MUTED)
            else:
                text.append(" ")
        for curve, label, end in zip(curves, end_labels, ends, strict=True):
            if end == at:
                text.append(f" {label}", style=f"bold {curve.style}")
        text.rstrip()
        lines.append(text)
    return [*lines, *_axis(months, across, line)]


def _set(
    mask: NDArray[np.int64],
    owner: NDArray[np.int64],
    rank: NDArray[np.int64],
    dot: int,
    column: int,
    who: int,
    how: int,
) -> None:
    """Set a dot; a line keeps its cell from the band of another curve."""
    if not 0 <= dot < 4 * _ROWS:
        return
    at, cell = dot // 4, column // 2
    if how < rank[at, cell]:
        return
    if how > rank[at, cell]:
        mask[at, cell] = 0
    mask[at, cell] |= _BITS[dot % 4, column % 2]
    owner[at, cell], rank[at, cell] = who, how


def _end_label(curve: Curve, number: str, times: float) -> str:
    last = curve.median[-1]
    return f"{curve.name} {say(last * times, number, 2)}" if math.isfinite(last) else curve.name


def _end_rows(dots: list[int]) -> list[int]:
    """Return the rows of dots, moved so that no two are the same, in the same order."""
    order = sorted(range(len(dots)), key=lambda curve: dots[curve])
    rows = [dot // 4 for dot in dots]
    for upper, lower in itertools.pairwise(order):
        rows[lower] = max(rows[lower], rows[upper] + 1)
    too_low = max(0, max(rows, default=0) - (_ROWS - 1))
    return [row - too_low for row in rows]


def _ticks(low: float, high: float) -> list[float]:
    powers = [10.0**power for power in range(math.ceil(low), math.floor(high) + 1)]
    return powers[:: max(1, -(-len(powers) // 5))]


def _known(months: Sequence[Month], known_to: Month, across: int) -> int | None:
    if not months[0] <= known_to < months[-1]:
        return None
    return round((int(known_to) - int(months[0])) / (int(months[-1]) - int(months[0])) * (across - 1))


def _axis(months: Sequence[Month], across: int, line: int | None) -> list[Text]:
    rule = ["─"] * across
    if line is not None:
        rule[line] = "┴"
    span = int(months[-1]) - int(months[0])
    words = [" "] * (across + 4)
    free = 0
    for year in range(months[0].year, months[-1].year + 2):
        column = round((int(Month.of(year, 1)) - int(months[0])) / span * (across - 1))
        if free <= column < across and year % 2 == 0:
            words[column : column + 4] = str(year)
            free = column + 6
    pad = " " * (_LABEL + 1)
    return [
        Text(f"{pad}└{''.join(rule)}", style=MUTED),
        Text(f"{pad} {''.join(words).rstrip()}", style=MUTED),
    ]
