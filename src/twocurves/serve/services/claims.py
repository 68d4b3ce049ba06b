"""Claims: what the model would bet, and how it has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twocurves.claims import Claim, Question
from twocurves.claims.resolve import Outcome
from twocurves.errors import BadFileError, BadInputError
from twocurves.months import Month
from twocurves.serve.figures import Drawings, Figure
from twocurves.serve.house import House
from twocurves.serve.services.claim_asked import UNITS, Asked, asking
from twocurves.serve.services.claim_figures import (
    Dragged,
    date_figure,
    outcome_figure,
    threshold_figure,
    words_of,
)
from twocurves.serve.services.claim_history import Sparkline, history, history_figure, sparkline
from twocurves.serve.services.claim_record import Record, Resolved, calibration_drawn, outcomes, record
from twocurves.serve.services.claim_rows import ClaimRow, claim_row
from twocurves.serve.services.run_view import RunView
from twocurves.serve.sliders import unit_words

#: Topics by which claims are found: a word of the page, and what it looks for in title and sentence.
TOPICS: dict[str, tuple[str, ...]] = {
    "prices": ("price", "pay", "dollar", "spend", "subsid", "margin", "plan", "commodit"),
    "capability": ("capab", "lead", "ahead", "lag", "frontier", "point", "wall", "speed"),
    "market": ("share", "revenue", "value", "worth", "oligopoly", "api", "replace", "agents"),
    "compute": ("compute", "supply", "rent", "invest"),
}

#: Whether a claim is still open: what stands in the address, and what it reads as.
STATES: dict[str, str] = {"": "open and resolved", "open": "still open", "resolved": "resolved"}

#: Orders: what stands in the address, and what it reads as.
ORDERS: dict[str, str] = {
    "": "of the ledger",
    "unsure": "least sure first",
    "likely": "likeliest first",
    "soonest": "soonest first",
    "moved": "moved most first",
}


@dataclass(frozen=True)
class ClaimsPage:
    """The ledger, filtered.

    Attributes
    ----------
    rows
        Questions that match: the headline of each claim, and those that are resolved.
    find, topic, order, state
        What was asked for.
    in_all
        Claims in the ledger.
    sparks
        The history of each question as a small line.
    record, calibration
        How all questions have done.
    states
        What observations say to the questions shown.
    """

    rows: tuple[ClaimRow, ...]
    find: str
    topic: str
    order: str
    state: str
    in_all: int
    sparks: Mapping[str, Sparkline]
    record: Record
    calibration: Figure | None
    states: Mapping[str, Outcome]


@dataclass(frozen=True)
class Varied:
    """A question as asked: with its own threshold and date, or with others.

    Attributes
    ----------
    question
        Its id.
    asked
        The answer; None where it cannot be given.
    row
        The answer as a row.
    otherwise
        What differs from the ledger, in words; empty where nothing does.
    threshold, date
        What stands in the fields.
    fault
        Why there is no answer.
    outcome, thresholds, dates
        Figures; None where they do not apply.
    dragged
        The axis over which the threshold can be dragged.
    slider
        Ends of the threshold's slider, and where it stands.
    months
        Ends of the date's slider as month numbers, and where it stands.
    usual
        The answer to the question as it stands, where asked otherwise.
    """

    question: str
    asked: Asked | None
    row: ClaimRow | None
    otherwise: str
    threshold: str
    date: str
    fault: str
    outcome: Figure | None = None
    thresholds: Figure | None = None
    dates: Figure | None = None
    dragged: Dragged | None = None
    slider: tuple[float, float, float] | None = None
    months: tuple[int, int, int] | None = None
    usual: ClaimRow | None = None


@dataclass(frozen=True)
class ClaimPage:
    """One claim with its questions, its rule, and what observations say already."""

    claim: Claim
    headline: ClaimRow
    rows: tuple[ClaimRow, ...]
    outcomes: Mapping[str, Outcome]
    varied: Varied
    questions: tuple[Question, ...]
    expressions: dict[str, str]
    previous: str
    following: str
    history: Figure | None
    sparks: Mapping[str, Sparkline]
    resolved: tuple[Resolved, ...]
    record: Record
    calibration: Figure | None
    citation: str


def claims_page(
    house: House,
    view: RunView,
    find: str,
    topic: str,
    order: str,
    state: str = "",
    drawings: Drawings | None = None,
) -> ClaimsPage:
    """Return the claims that match, each by its headline question, and what is resolved."""
    found = outcomes(house)
    shown = [
        question
        for question in house.ledger
        if (question.headline and (state != "resolved" or found[question.id].state != "open"))
        or (state != "open" and found[question.id].state != "open")
    ]
    if state == "open":
        shown = [question for question in shown if found[question.id].state == "open"]
    rows = [claim_row(question, view.claims.get(question.id)) for question in shown]
    words = find.lower().split()
    rows = [
        row
        for row in rows
        if all(word in f"{row.id} {row.title} {row.sentence}".lower() for word in words)
        and (
            topic not in TOPICS
            or any(word in f"{row.title} {row.sentence}".lower() for word in TOPICS[topic])
        )
    ]
    sparks = sparks_of(house, view)
    if order == "unsure":
        rows.sort(key=lambda row: 2.0 if row.probability is None else abs(row.probability - 0.5))
    elif order == "soonest":
        rows.sort(key=lambda row: row.resolves_on)
    elif order == "likely":
        rows.sort(key=lambda row: -(row.probability or 0.0))
    elif order == "moved":
        rows.sort(key=lambda row: -abs(sparks[row.id].change) if row.id in sparks else 0)
    return ClaimsPage(
        tuple(rows),
        find,
        topic if topic in TOPICS else "",
        order if order in ORDERS else "",
        state if state in STATES else "",
        len(house.ledger.claims),
        sparks,
        record(house),
        None if drawings is None else calibration_drawn(house, drawings),
        found,
    )


def sparks_of(house: House, view: RunView) -> Mapping[str, Sparkline]:
    """Return the history of every question as a small line, where it has more than one step."""

    def make() -> dict[str, Sparkline]:
        drawn = {name: sparkline(steps) for name, steps in history(house, view).items()}
        return {name: line for name, line in drawn.items() if line is not None}

    return house.once(f"sparks|{view.run.name}", make)


def claim_page(
    house: House,
    view: RunView,
    claim_id: str,
    question: str = "",
    threshold: str = "",
    date: str = "",
    drawings: Drawings | None = None,
) -> ClaimPage:
    """Return a claim; with a threshold or date of the visitor's own, its probability then.

    Raises
    ------
    BadInputError
        There is no such claim.
    """
    claim = house.ledger.claim(claim_id[:20])
    questions = house.ledger.of(claim.id)
    ids = [one.id for one in house.ledger.claims]
    place = ids.index(claim.id)
    headline = next(one for one in questions if one.headline)
    row = claim_row(headline, view.claims.get(headline.id))
    found = outcomes(house)
    done = record(house)
    return ClaimPage(
        claim=claim,
        headline=row,
        rows=tuple(claim_row(one, view.claims.get(one.id)) for one in questions),
        outcomes={one.id: found[one.id] for one in questions},
        varied=varied(house, view, claim.id, question, threshold, date, drawings),
        questions=questions,
        expressions={one.id: one.expression.text for one in questions},
        previous=ids[place - 1] if place else "",
        following=ids[place + 1] if place + 1 < len(ids) else "",
        history=None if drawings is None else history_figure(house, view, drawings, headline.id),
        sparks=sparks_of(house, view),
        resolved=tuple(one for one in done.resolved if one.question.claim.id == claim.id),
        record=done,
        calibration=None if drawings is None else calibration_drawn(house, drawings),
        citation=citation(view, headline, row),
    )


def citation(view: RunView, question: Question, row: ClaimRow) -> str:
    """Return how a claim is cited: what was asked, what was said, and from what."""
    made = view.provenance
    said = row.in_twenty if row.probability is None else f"{row.in_twenty} ({row.percent})"
    return (
        f"Twocurves {made.model}, claim {question.id}: “{question.sentence}” {said}, to be resolved after "
        f"{question.date}. Run {made.run}, {made.draws:,} runs, seed {made.seed}, data to {made.data_to}."
    )


def varied(
    house: House,
    view: RunView,
    claim_id: str,
    name: str,
    threshold: str,
    date: str,
    drawings: Drawings | None = None,
) -> Varied:
    """Return a question of a claim with another threshold or date; the headline question when none is named.

    Nothing is raised: what is wrong is said where it was asked.

    Raises
    ------
    BadInputError
        There is no such claim.
    """
    questions = house.ledger.of(house.ledger.claim(claim_id[:20]).id)
    headline = next(one for one in questions if one.headline)
    chosen = next((one for one in questions if one.id == name), None)
    try:
        if chosen is None and name:
            raise BadInputError("Choose one of the claim's questions.", field="question", given=name[:60])
        usual = chosen or headline
        value = _number(threshold) if threshold else None
        month = Month.parse(date[:12], "date") if date else None
        told = asking(house, view)
        asked = told.ask(usual, value, month)
    except (BadInputError, BadFileError) as fault:
        stands = (chosen or headline).id
        return Varied(stands, None, None, "", threshold[:40], date[:12], fault.message)
    first = Month.containing(house.held.data_to) + 1
    last = view.run.months[-1]
    own = asked.question
    outcome, dragged = (None, None) if drawings is None else outcome_figure(asked, drawings, view.run.name)
    low, high = asked.reach
    return Varied(
        question=usual.id,
        asked=asked,
        row=claim_row(own, asked.found),
        otherwise=_otherwise(asked),
        threshold="" if own.threshold is None else f"{own.threshold:g}",
        date=str(own.date),
        fault="",
        outcome=outcome,
        thresholds=None if drawings is None else threshold_figure(asked, told, drawings, view.run.name),
        dates=None if drawings is None else date_figure(asked, told, drawings, view.run.name, first),
        dragged=dragged,
        slider=None if own.threshold is None else (low, high, own.threshold),
        months=(min(int(first), int(own.date)), int(last), int(own.date)),
        usual=claim_row(usual, view.claims.get(usual.id)) if asked.changed else None,
    )


def threshold_unit(shown: Varied) -> str:
    """Return in which unit a threshold is typed; empty where it is a plain number."""
    if shown.asked is None:
        return ""
    unit = shown.asked.usual.unit
    if unit != "1":
        return UNITS.get(unit, unit_words(unit))
    return "as a share: 0.5 is half" if shown.asked.number == "share" else ""


def _otherwise(asked: Asked) -> str:
    own, usual = asked.question, asked.usual
    parts = []
    if own.threshold != usual.threshold:
        parts.append(f"{asked.said(own.threshold)} in place of {asked.said(usual.threshold)}")
    if own.date != usual.date:
        parts.append(f"{words_of(own.date)} in place of {words_of(usual.date)}")
    return f"Asked with {' and '.join(parts)}" if parts else ""


def _number(text: str) -> float:
    try:
        value = float(text[:40])
    except ValueError:
        value = float("nan")
    if value != value or abs(value) == float("inf"):
        raise BadInputError(
            f"The threshold must be a number; you gave {text[:40]!r}.", field="threshold", given=text[:40]
        )
    return value
