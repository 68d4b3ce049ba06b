"""How the claims have done: which are resolved, and how well the forecast of record said so beforehand.

Only a forecast made before a question's date is scored on it. A question whose date had passed when the model
was fitted is shown as resolved and scores nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.claims import Question
from twocurves.claims.resolve import Outcome, resolve_all
from twocurves.fit.frozen import FrozenBrief, frozen_history
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Ends of the groups of said probabilities in the calibration plot.
_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

#: Score of one who always says one half.
COIN = 0.25

#: 90% quantile of the standard normal, both sides.
_WIDTH = 1.6449

#: How a state reads on a page.
STATE_WORDS = {
    "true": "Came true",
    "false": "Turned out wrong",
    "ambiguous": "Sources disagree",
    "open": "Open",
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolved question.

    Attributes
    ----------
    question, outcome
        What was asked, and what came.
    said
        Probability in the last forecast of record made before the question's date; None where there is none.
    forecast
        Last day of that forecast's data.
    judged
        The reference forecast.
    """

    question: Question
    outcome: Outcome
    said: float | None
    forecast: dt.date | None
    judged: float | None

    @property
    def brier(self) -> float | None:
        """Squared distance of what was said from what came; None where nothing was said beforehand."""
        return _brier(self.said, self.outcome.score_value)

    @property
    def words(self) -> str:
        """What came, in two words."""
        return STATE_WORDS[self.outcome.state]


@dataclass(frozen=True, slots=True)
class Record:
    """How all questions have done.

    Attributes
    ----------
    resolved
        Questions that are resolved, in order of the ledger.
    scored
        Of these, those that the forecast of record spoke of beforehand.
    brier, brier_judged
        Mean Brier score of the model, and of the reference forecasts where these exist; None without any.
    next_date, next_id
        The open question whose date comes first.
    as_of
        Last day of the observations.
    """

    resolved: tuple[Resolved, ...]
    scored: tuple[Resolved, ...]
    brier: float | None
    brier_judged: float | None
    next_date: str
    next_id: str
    as_of: dt.date


def outcomes(house: House) -> Mapping[str, Outcome]:
    """Return what observations say to every question; found once."""
    return house.once("outcomes of questions", lambda: resolve_all(house.ledger, house.held))


def record(house: House) -> Record:
    """Return how the claims have done; found once."""
    return house.once(
        "record of claims",
        lambda: record_of(tuple(house.ledger), outcomes(house), frozen_history(), house.held.data_to),
    )


def record_of(
    questions: Sequence[Question],
    found: Mapping[str, Outcome],
    forecasts: Sequence[FrozenBrief],
    as_of: dt.date,
) -> Record:
    """Return how questions have done.

    Parameters
    ----------
    questions, found
        What was asked, and what observations say.
    forecasts
        The forecasts of record, the oldest data first.
    as_of
        Last day of the observations.
    """
    resolved = []
    for question in questions:
        outcome = found[question.id]
        if outcome.state == "open":
            continue
        before = [
            brief
            for brief in forecasts
            if brief.data_to < question.date.last_day
            and question.id in brief.claims
            and brief.claims[question.id].probability is not None
        ]
        said = before[-1].claims[question.id].probability if before else None
        day = before[-1].data_to if before else None
        resolved.append(Resolved(question, outcome, said, day, question.prior_probability))
    scored = tuple(one for one in resolved if one.brier is not None)
    judged = [score for one in scored if (score := _brier(one.judged, one.outcome.score_value)) is not None]
    still = sorted(
        (question for question in questions if found[question.id].state == "open"),
        key=lambda question: (question.date, question.id),
    )
    ahead = [question for question in still if question.date.last_day > as_of]
    return Record(
        resolved=tuple(resolved),
        scored=scored,
        brier=_mean([one.brier for one in scored if one.brier is not None]),
        brier_judged=_mean(judged),
        next_date=str(ahead[0].date) if ahead else "",
        next_id=ahead[0].id if ahead else "",
        as_of=as_of,
    )


def calibration(scored: Sequence[Resolved]) -> pl.DataFrame:
    """Return how often came what was said to be so likely: ``said``, ``came``, ``n``, ``low``, ``high``.

    The interval is Wilson's, 90%.
    """
    said = np.array([one.said for one in scored], dtype=np.float64)
    came = np.array([one.outcome.score_value for one in scored], dtype=np.float64)
    rows = []
    for place, (low, high) in enumerate(pairwise(_EDGES)):
        last = place == len(_EDGES) - 2
        inside = (said >= low) & ((said <= high) if last else (said < high))
        count = int(inside.sum())
        if count:
            share = float(came[inside].mean())
            ends = _wilson(share, count)
            rows.append(
                {
                    "said": float(said[inside].mean()),
                    "came": share,
                    "n": float(count),
                    "low": ends[0],
                    "high": ends[1],
                }
            )
    return pl.DataFrame(rows)


def calibration_drawn(house: House, drawings: Drawings) -> Figure | None:
    """Return the calibration plot; None where nothing is scored yet."""
    found = record(house)
    if not found.scored:
        return None
    points = calibration(found.scored)

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.calibration import calibration_figure

        return calibration_figure(points, theme=theme, width=width)

    return figure(
        drawings,
        "calibration",
        f"claims calibration|{len(found.scored)}",
        drawer,
        title=f"{len(found.scored)} resolved questions: how often what was said came",
        subtitle="Share that came true against the probability said beforehand, with 90% intervals.",
        table=table_of(
            ("Said", "Came", "Questions"),
            [
                [f"{100 * row['said']:.0f}%", f"{100 * row['came']:.0f}%", f"{row['n']:.0f}"]
                for row in points.iter_rows(named=True)
            ],
        ),
        widths=(300, 220),
    )


def _wilson(share: float, count: int) -> tuple[float, float]:
    squared = _WIDTH**2
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = _WIDTH / (1 + squared / count) * np.sqrt(share * (1 - share) / count + squared / (4 * count**2))
    return min(share, max(0.0, float(middle - half))), max(share, min(1.0, float(middle + half)))


def _brier(said: float | None, came: float | None) -> float | None:
    return None if said is None or came is None else (said - came) ** 2


def _mean(scores: Sequence[float]) -> float | None:
    return float(np.mean(scores)) if scores else None
