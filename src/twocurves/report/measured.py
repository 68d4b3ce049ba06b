"""Section: what was measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from twocurves.charts.capability_figures import frontier_drawn, lag_drawn
from twocurves.charts.number_text import say, say_estimate, say_range
from twocurves.charts.palette import ThemeName
from twocurves.charts.shape import Drawn, Shape
from twocurves.charts.tables import NothingToDrawError
from twocurves.observed.measures.measure import Measure
from twocurves.report.drawing import figure
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag
from twocurves.report.parts import table

if TYPE_CHECKING:
    from twocurves.observed.measures.report import MeasureReport

_FIGURES = (frontier_drawn, lag_drawn)


def measured(found: Findings) -> Html:
    """Return the section on what was measured: the answer, two figures, the chief measures with sources."""
    report = found.measured
    chief = [row for row in report.chief() if not row.id.startswith("exponentials")]
    rows = [
        (
            row.title,
            _estimate(row),
            _interval(row),
            row.unit,
            str(row.n),
            _months(row),
        )
        for row in chief
    ]
    return joined(
        (
            _verdicts(found),
            tag(
                "p",
                f"Observations to {report.data_to}; nothing here is projected. ",
                tag("code", "twocurves measure ID"),
                " shows the method, the notes and all sources of a measure.",
                class_="quiet",
            ),
            *(_figure(found, draw) for draw in _FIGURES),
            tag(
                "details",
                tag("summary", f"The {len(rows)} chief measures"),
                table(
                    ("Measure", "Estimate", "90% interval", "Unit", "n", "Months"),
                    rows,
                    right=(1, 4),
                    stacked=True,
                ),
            ),
        )
    )


def _verdicts(found: Findings) -> Html:
    """Return whether the two are on different exponentials, dimension by dimension."""
    rows = []
    for row in found.measured.table("headline").iter_rows(named=True):
        difference, low, high = row["difference"], row["low"], row["high"]
        said = "–" if difference is None else say_estimate(difference, low, high)
        if difference is not None and low is not None and high is not None:
            said += f" ({say_range(low, high)})"
        rows.append(
            (
                str(row["subject"]).capitalize(),
                "–" if row["closed"] is None else say(row["closed"], digits=2),
                "–" if row["open"] is None else say(row["open"], digits=2),
                said,
                row["unit"] or "",
                f"{row['verdict']}: {row['short']}" if row["short"] else str(row["verdict"]),
            )
        )
    return table(
        ("Growth of", "Closed", "Open", "Closed less open", "Unit", "Different exponentials?"),
        rows,
        caption="Whether closed and open models are on different exponentials, with 90% intervals",
        stacked=True,
    )


def _figure(found: Findings, draw: Callable[[MeasureReport, ThemeName, Shape], Drawn]) -> Html | None:
    try:
        return figure(lambda shape: draw(found.measured, "light", shape))
    except NothingToDrawError:
        # Nothing was measured that this figure could show; the table below says so row by row.
        return None


def _estimate(row: Measure) -> str:
    if row.estimate is None:
        return "–"
    return say_estimate(row.estimate, row.low, row.high)


def _interval(row: Measure) -> str:
    if row.low is None or row.high is None:
        return "" if row.estimate is None else "none"
    return say_range(row.low, row.high)


def _months(row: Measure) -> str:
    if row.start is None or row.end is None:
        return ""
    return f"{row.start} to {row.end}" if row.start != row.end else str(row.start)
