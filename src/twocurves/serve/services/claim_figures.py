"""The figures of one claim: its outcome with the threshold, and its probability over thresholds and dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from twocurves.charts.number_text import say
from twocurves.charts.outcome_split import outcome_axis, outcome_split_figure
from twocurves.months import Month
from twocurves.serve.figures import Drawings, Figure, shown, table_of
from twocurves.serve.services.claim_asked import Asked, Asking, years
from twocurves.serve.services.claim_rows import dots_of, percent

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName
    from twocurves.charts.ticks import Span

#: Widths of the plots on a desk and on a phone.
WIDTHS = (430, 290)

_CURVE = (380, 220)

_SENSES = {"above": "above", "at_least": "at or above", "below": "below", "at_most": "at or below"}

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Dragged:
    """What a page needs to let the threshold be dragged over the drawing.

    Attributes
    ----------
    low, high, scale
        The drawn axis.
    widths
        Of the plot on a desk and on a phone.
    """

    low: float
    high: float
    scale: str
    widths: tuple[int, int] = WIDTHS


def outcome_span(asked: Asked) -> Span:
    """Return the axis of an outcome: it holds what the slider reaches, so it stays while that moves."""
    assert asked.outcome is not None  # noqa: S101  (asked for outcomes only)
    return outcome_axis(asked.outcome, asked.number, asked.reach)


def outcome_chart(asked: Asked, width: int, theme: ThemeName, **words: Any) -> alt.TopLevelMixin:
    """Return the drawing of an outcome on both sides of the threshold."""
    assert asked.outcome is not None  # noqa: S101
    assert asked.question.threshold is not None  # noqa: S101
    return outcome_split_figure(
        asked.outcome,
        threshold=asked.question.threshold,
        above=asked.above,
        number=asked.number,
        axis=outcome_span(asked),
        rule_name=f"{_SENSES[str(asked.question.sense)]} {asked.said(asked.question.threshold)}",
        theme=theme,
        width=width,
        **words,
    )


def outcome_title(asked: Asked) -> str:
    """Say on which side of the threshold the runs lie."""
    assert asked.outcome is not None  # noqa: S101
    share = asked.found.probability
    held = asked.outcome[np.isfinite(asked.outcome)]
    side = _SENSES[str(asked.question.sense)]
    if share is None or not len(held):
        return "No run answers"
    count = dots_of(share)
    return (
        f"{count} in 20 runs lie {side} {asked.said(asked.question.threshold)}; the middle run has "
        f"{say(float(np.median(held)), asked.number, 2)}"
    )


def outcome_figure(asked: Asked, drawings: Drawings, run: str) -> tuple[Figure | None, Dragged | None]:
    """Return how the outcome is spread, with the threshold; None where the question is a truth."""
    if asked.outcome is None or not np.isfinite(asked.outcome).any():
        return None, None
    question = asked.question
    key = f"outcome|{run}|{question.id}|{question.threshold}|{question.date}"
    wide, narrow = (
        drawings.svg(key, lambda width, theme: outcome_chart(asked, width, theme), width) for width in WIDTHS
    )
    held = asked.outcome[np.isfinite(asked.outcome)]
    span = outcome_span(asked)
    found = shown(
        "outcome",
        wide,
        narrow,
        title=outcome_title(asked),
        subtitle=f"{len(held):,} runs, asked of {words_of(question.date)}: strong shade where it holds. "
        "The ring is the middle run.",
        table=table_of(
            ("Share of runs below", asked.number.replace("{}", "Value").strip() or "Value"),
            [
                [f"{100 * level:.0f}%", say(float(np.quantile(held, level)), asked.number)]
                for level in _QUANTILES
            ],
        ),
        downloads={
            name: link_of(asked, f"/download/claims/{question.claim.id}/outcome.{form}")
            for name, form in (("CSV", "csv"), ("Parquet", "parquet"), ("SVG", "svg"), ("PNG", "png"))
        },
    )
    return found, Dragged(span.low, span.high, span.scale)


def threshold_figure(asked: Asked, asking: Asking, drawings: Drawings, run: str) -> Figure | None:
    """Return the probability over thresholds, for a question that is a truth with a threshold in it."""
    if asked.outcome is not None or asked.question.threshold is None:
        return None
    points = asking.by_threshold(asked)
    if points.height < 2:
        return None
    question = asked.question
    here = float(question.threshold or 0.0)
    return _curve(
        points,
        here,
        asked.number,
        drawings,
        "thresholds",
        f"thresholds|{run}|{question.id}|{here}|{question.date}",
        title="What the answer is at other thresholds",
        subtitle=f"Share of runs in which it holds, asked of {words_of(question.date)}.",
        heads=("Threshold", "Probability"),
        names=[say(value, asked.number) for value in points["value"].to_list()],
    )


def date_figure(asked: Asked, asking: Asking, drawings: Drawings, run: str, first: Month) -> Figure | None:
    """Return the probability over dates; None where the run answers one date only."""
    question = asked.question
    points = asking.by_date(asked.usual, question.threshold, question.date, first)
    if points.height < 2:
        return None
    return _curve(
        points.select("value", "chance"),
        years(question.date),
        "year",
        drawings,
        "dates",
        f"dates|{run}|{question.id}|{question.threshold}|{question.date}",
        title=_date_title(points),
        subtitle="Share of runs in which it holds, asked of the end of each year."
        + (f" The threshold is {asked.said(question.threshold)} throughout." if question.threshold else ""),
        heads=("Asked of", "Probability"),
        names=points["month"].to_list(),
    )


def _curve(
    points: pl.DataFrame,
    here: float,
    number: str,
    drawings: Drawings,
    name: str,
    key: str,
    *,
    title: str,
    subtitle: str,
    heads: tuple[str, str],
    names: list[str],
) -> Figure:
    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.chance_curve import chance_curve_figure

        return chance_curve_figure(points, here=here, number=number, theme=theme, width=width)

    wide, narrow = (drawings.svg(key, drawer, width) for width in _CURVE)
    rows = [[text, percent(chance)] for text, chance in zip(names, points["chance"].to_list(), strict=True)]
    return shown(name, wide, narrow, title=title, subtitle=subtitle, table=table_of(heads, rows))


def _date_title(points: pl.DataFrame) -> str:
    first, last = points.row(0, named=True), points.row(-1, named=True)
    return (
        f"Asked of {first['month'][:4]} it would hold in {percent(first['chance'])} of runs, "
        f"of {last['month'][:4]} in {percent(last['chance'])}"
    )


def words_of(month: Month) -> str:
    """Return a month in words."""
    return f"{month.first_day:%B %Y}"


def link_of(asked: Asked, path: str) -> str:
    """Return a link to a question as asked: only what differs from the ledger stands in it."""
    question, usual = asked.question, asked.usual
    parts = [f"question={question.id}"]
    if question.threshold != usual.threshold and question.threshold is not None:
        parts.append(f"threshold={question.threshold:g}")
    if question.date != usual.date:
        parts.append(f"date={question.date}")
    return f"{path}?{'&'.join(parts)}"
