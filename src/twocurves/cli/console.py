"""What all commands print with: one console, one way to print JSON and CSV, one interval strip."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twocurves.charts.number_text import say, say_estimate, say_range

if TYPE_CHECKING:
    import polars as pl

#: Colours of the two economies in a terminal, after the palette of the charts.
CLOSED_STYLE = "blue"
OPEN_STYLE = "dark_orange"
MUTED = "bright_black"

_STRIP_CELLS = 24

#: Characters in a line where there is no terminal to ask.
_PIPE_WIDTH = 140


def console() -> Console:
    """Return a console on standard output; it respects NO_COLOR, the width, and pipes."""
    chosen = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, soft_wrap=False, width=None if chosen else _PIPE_WIDTH)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object and nothing else; numbers that are not finite become null."""
    print(json.dumps(_finite(value), ensure_ascii=False, indent=2, default=str))  # noqa: T201


def print_csv(frame: pl.DataFrame) -> None:
    """Print a table as CSV, lists joined by a bar."""
    import polars as pl

    joined = [
        pl.col(name).list.join(" | ") for name, kind in frame.schema.items() if isinstance(kind, pl.List)
    ]
    sys.stdout.write(frame.with_columns(joined).write_csv())


def table(*columns: str | tuple[str, str]) -> Table:
    """Return a table in the house style: no boxes, quiet heads; a column is a head or (head, justify)."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=MUTED)
    for column in columns:
        head, justify = (column, "left") if isinstance(column, str) else column
        made.add_column(head, justify=justify, overflow="fold")  # type: ignore[arg-type]
    return made


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
