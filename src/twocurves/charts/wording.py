"""Sentences computed from measures: a figure's title says no more than its measures do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twocurves.charts.number_text import say, say_range

if TYPE_CHECKING:
    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport

#: An interval of a factor whose ends lie further apart than this tells too little for a title.
WIDEST_RATIO = 12.0

#: An interval wider than this many times its estimate tells too little for a title.
WIDEST_SPREAD = 3.0


def one(report: MeasureReport, identifier: str) -> Measure | None:
    """Return a measure; None where the report has none of that id."""
    return next((row for row in report.measures if row.id == identifier), None)


def clear(measured: Measure | None, *, factor: bool = False) -> bool:
    """Say whether a measure has an estimate, and no interval too wide to state it in a title.

    Parameters
    ----------
    factor
        The figure is a ratio: its interval is judged by the ratio of the ends, not by their distance.
    """
    if measured is None or measured.estimate is None:
        return False
    if measured.low is None or measured.high is None:
        return True
    if factor:
        return measured.low > 0 and measured.high / measured.low <= WIDEST_RATIO
    return measured.high - measured.low <= WIDEST_SPREAD * abs(measured.estimate)


def filled(
    text: str, measured: Measure | None, *, otherwise: str, style: str = "number", factor: bool = False
) -> str:
    """Fill an estimate into a sentence at ``{}``; say something plainer where it is not clear."""
    if measured is None or measured.estimate is None or not clear(measured, factor=factor):
        return otherwise
    return text.format(say(measured.estimate, style, 2))


def interval_said(measured: Measure | None, style: str = "number") -> str:
    """Write an interval as ``5.1 to 7.6``; empty where there is none."""
    if measured is None or measured.low is None or measured.high is None:
        return ""
    return say_range(measured.low, measured.high, style)


def estimate_said(measured: Measure | None, style: str = "number") -> str:
    """Write an estimate with its interval as ``15× (5.9 to 41×)``; empty where there is no estimate."""
    if measured is None or measured.estimate is None:
        return ""
    interval = interval_said(measured, style)
    return say(measured.estimate, style, 2) + (f" ({interval})" if interval else "")


def rate_lines(measured: Measure | None, unit: str, style: str = "number", *, factor: bool = False) -> str:
    """Write a yearly rate and below it its interval, for the end of a line; empty where there is none.

    A rate that is not :func:`clear` is said to rest on too little.
    """
    if measured is None or measured.estimate is None:
        return ""
    if not clear(measured, factor=factor):
        return "Too little to tell\nthe yearly change"
    lines = [f"{say(measured.estimate, style, 2)} {unit}"]
    interval = interval_said(measured)
    if interval:
        lines.append(f"{measured.level:.0%}: {interval}")
    return "\n".join(lines)
