"""Figures of one run as a table, and as ratios that mean about the same on any machine.

Ratios are of processor times, which other work on the machine lengthens far less than it does the wall's.

``python -m bench.summary out/bench.json`` prints them as Markdown, for ``docs/performance.md``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """One timing over another of the same run, each per draw where it has draws."""

    title: str
    over: str
    under: str


#: Each by the titles of two timings.
RATIOS = (
    Ratio(
        "`measure` over the yardstick",
        "`twocurves measure`",
        "yardstick: a loop of a million turns in Python",
    ),
    Ratio(
        "`--help` over the imports it cannot do without",
        "`twocurves --help`",
        "importing Typer with its help",
    ),
    Ratio(
        "`data list` over the imports it cannot do without",
        "`twocurves data list`",
        "importing Typer, Pydantic, Polars",
    ),
    Ratio(
        "`measure` over the imports it cannot do without",
        "`twocurves measure`",
        "importing Typer, Pydantic, Polars, SciPy",
    ),
    Ratio("A draw of 100,000 over a draw of 4,096", "one of 100,000 draws", "one of 4,096 draws"),
    Ratio(
        "Our Sobol numbers, by name, over SciPy's scrambled ones",
        "Sobol numbers by name, 4,096 draws",
        "Sobol numbers of SciPy, 4,096 draws",
    ),
    Ratio(
        "Micro-batch kernel: a draw of 1,024 over a draw of 64",
        "kernel, one of 1,024 draws",
        "kernel, one of 64 draws",
    ),
)

_HEAD = ("what", "median", "best", "processor", "rounds")


def ratios_of(record: Mapping[str, Any]) -> dict[str, float]:
    """Return each ratio of median processor times whose two timings are in the record."""
    told = [one["extra_info"] for one in record["benchmarks"]]
    timed = [one for one in told if "processor_seconds" in one]
    taken = {one["title"]: one["processor_seconds"] / one["per"] for one in timed}
    return {
        ratio.title: round(taken[ratio.over] / taken[ratio.under], 3)
        for ratio in RATIOS
        if ratio.over in taken and ratio.under in taken
    }


def table_of(record: Mapping[str, Any], *, markdown: bool = False) -> str:
    """Return the timings and ratios as text, or as Markdown."""
    told = record["twocurves"]
    lines = [
        f"{told['cores']} cores, {told['machine']}, {told['day']}; "
        f"load before the run {told['load_before']:.1f}",
        "",
    ]
    rows = [_row(one) for one in record["benchmarks"] if "processor_seconds" in one["extra_info"]]
    lines += _laid_out([_HEAD, *rows], markdown=markdown)
    ratios = [(title, f"{ratio:.2f}") for title, ratio in told["ratios"].items()]
    lines += ["", *_laid_out([("ratio of processor times in this run", ""), *ratios], markdown=markdown)]
    return "\n".join(lines)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    stats, extra = one["stats"], one["extra_info"]
    times = (stats["median"], stats["min"], extra["processor_seconds"])
    return (extra["title"], *(_written(time / extra["per"]) for time in times), str(stats["rounds"]))


def _written(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def _laid_out(rows: list[tuple[str, ...]], *, markdown: bool) -> list[str]:
    if markdown:
        head, *rest = [f"| {' | '.join(row)} |" for row in rows]
        return [head, f"|---{'|---:' * (len(rows[0]) - 1)}|", *rest]
    plain = [tuple(cell.replace("`", "") for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in plain
    ]


if __name__ == "__main__":
    print(table_of(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), markdown=True))
