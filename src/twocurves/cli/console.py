"""What all commands print with: one console, one way to print JSON and CSV, one interval strip."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.text import Text

from twocurves.charts.number_text import say, say_estimate, say_range
from twocurves.cli.listing import MUTED, Column, Listing

if TYPE_CHECKING:
    import polars as pl

#: Colours of the two economies in a terminal, after the palette of the charts.
CLOSED_STYLE = "blue"
OPEN_STYLE = "dark_orange"

__all__ = [
    "CLOSED_STYLE",
    "MUTED",
    "OPEN_STYLE",
    "Column",
    "Listing",
    "console",
    "estimate",
    "in_words",
    "interval",
    "number",
    "print_csv",
    "print_json",
    "strip",
    "table",
]

_STRIP_CELLS = 24

#: Characters in a line where there is no terminal to ask.
_PIPE_WIDTH = 140


def console() -> Console:
    """Return a console on standard output; it respects NO_COLOR, the width, and pipes."""
    chosen = sys.stdout.isatty() or "COLUMNS" in os.environ
    # No markup: a name with brackets, as in an imported table, is printed as it stands.
    return Console(
        highlight=False, markup=False, emoji=False, soft_wrap=False, width=None if chosen else _PIPE_WIDTH
    )


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object and nothing else; numbers that are not finite become null."""
    sys.stdout.write(json.dumps(_finite(value), ensure_ascii=False, indent=2, default=str) + "\n")


def print_csv(frame: pl.DataFrame) -> None:
    """Print a table as CSV; a list is a JSON list, since any mark between its items may also be in one."""
    import polars as pl

    written = [
        pl.Series(name, [json.dumps(items, ensure_ascii=False) for items in frame[name].to_list()], pl.String)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List)
    ]
    sys.stdout.write(frame.with_columns(written).write_csv())


def table(*columns: str | tuple[str, Literal["left", "right"]] | Column) -> Listing:
    """Return an empty table; a column is a head, (head, justify), or a :class:`~.listing.Column`.

    The first column holds the names of the rows, which are never broken, unless a :class:`~.listing.Column`
    says otherwise.
    """
    made = []
    for place, column in enumerate(columns):
        if isinstance(column, Column):
            made.append(column)
        else:
            head, justify = (column, "left") if isinstance(column, str) else column
            made.append(Column(head, "right" if justify == "right" else "left", whole=place == 0))
    return Listing(made)


def strip(estimate: float | None, low: float | None, high: float | None, bounds: tuple[float, float]) -> Text:
    """Draw an interval as a line with its estimate as a dot, within ``bounds``."""
    if estimate is None or not math.isfinite(estimate) or not bounds[0] < bounds[1]:
        return Text("")

    def cell(value: float) -> int:
        share = (value - bounds[0]) / (bounds[1] - bounds[0])
        return round(min(max(share, 0.0), 1.0) * (_STRIP_CELLS - 1))

    first, last = cell(low if low is not None else estimate), cell(high if high is not None else estimate)
    cells = ["━" if first <= index <= last else "─" for index in range(_STRIP_CELLS)]
    cells[cell(estimate)] = "●"
    drawn = Text("".join(cells))
    drawn.stylize(MUTED, 0, first)
    drawn.stylize(MUTED, last + 1, _STRIP_CELLS)
    return drawn


def number(value: float | None) -> str:
    """Write a number as the figures do: three significant figures, k, m, bn; a dash where there is none."""
    return "–" if value is None or not math.isfinite(value) else say(value)


def in_words(counts: Mapping[str, int]) -> str:
    """Write counts by name as a phrase, for example the causes of rejected draws."""
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def interval(low: float | None, high: float | None) -> str:
    """Write an interval in words; an end that the data do not give is left open."""
    if low is None and high is None:
        return "no interval"
    if low is None or high is None:
        return f"{number(low)} to {number(high)}"
    return say_range(low, high)


def estimate(value: float | None, low: float | None, high: float | None) -> str:
    """Write an estimate with as many figures as its interval allows; a dash where there is none."""
    return "–" if value is None or not math.isfinite(value) else say_estimate(value, low, high)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value
