"""What the terminal shows of history: the central path beside what was observed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from twocurves.charts.number_text import say
from twocurves.cli.console import MUTED, Column, number, table
from twocurves.ensemble.history import HistoryRow

#: Ratios between which the path counts as near what was observed.
_NEAR = (2.0 / 3.0, 1.5)


def print_history(out: Console, scenario: str, rows: Sequence[HistoryRow], data_to: dt.date) -> None:
    """Print the central path of a scenario beside what was observed."""
    ratios = [row.comparison for row in rows if row.by == "ratio"]
    near = sum(_NEAR[0] <= ratio <= _NEAR[1] for ratio in ratios)
    out.print()
    out.print(
        Text(
            f"On the central path of {scenario}, {near} of {len(ratios)} observed figures are met "
            "within a factor of 1.5.",
            style="bold",
        )
    )
    out.print(
        Text(
            "One path with every belief at its median and no surprises; set by hand, not fitted.",
            style=MUTED,
        )
    )
    out.print()
    listing = table(
        Column(""),
        Column("month", whole=True),
        Column("observed", "right"),
        Column("simulated", "right"),
        Column("ratio or difference", "right"),
        Column("unit", drop=1),
        Column("source", drop=0),
    )
    for what, group in groupby(rows, key=lambda row: row.what):
        for place, row in enumerate(group):
            far = row.by == "ratio" and not _NEAR[0] <= row.comparison <= _NEAR[1]
            listing.add_row(
                what if place == 0 else "",
                row.month,
                number(row.observed),
                Text(number(row.simulated), style="bold"),
                Text(_compared(row), style="bold" if far else ""),
                Text("" if row.unit == "1" else row.unit, style=MUTED),
                Text(row.source, style=MUTED),
            )
    out.print(listing)
    out.print()
    out.print(Text(f"Observations to {data_to}.", style=MUTED))
    out.print(Text(f"Next: twocurves run {scenario} · twocurves measure · twocurves data list"))


def _compared(row: HistoryRow) -> str:
    if row.by == "ratio":
        return say(row.comparison, "times", 2)
    return f"{'+' if row.comparison > 0 else ''}{say(row.comparison, 'number', 2)}"
