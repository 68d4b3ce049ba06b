"""Claims: what the model would bet, and how it has done."""

from __future__ import annotations

from dataclasses import dataclass

from twocurves.claims import Claim, Question
from twocurves.claims.resolve import Outcome, resolve
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.serve.house import House
from twocurves.serve.services.claim_rows import ClaimRow, claim_row
from twocurves.serve.services.run_view import RunView

#: Topics by which claims are found: a word of the page, and what it looks for in title and sentence.
TOPICS: dict[str, tuple[str, ...]] = {
    "prices": ("price", "pay", "dollar", "spend", "subsid", "margin", "plan", "commodit"),
    "capability": ("capab", "lead", "ahead", "lag", "frontier", "point", "wall", "speed"),
    "market": ("share", "revenue", "value", "worth", "oligopoly", "api", "replace", "agents"),
    "compute": ("compute", "supply", "rent", "invest"),
}


@dataclass(frozen=True)
class ClaimsPage:
    """The ledger, filtered."""

    rows: tuple[ClaimRow, ...]
    find: str
    topic: str
    order: str
    in_all: int


@dataclass(frozen=True)
class Varied:
    """A question asked with another threshold or date."""

    question: str
    threshold: str
    date: str
    row: ClaimRow | None
    fault: str


@dataclass(frozen=True)
class ClaimPage:
    """One claim with its questions, its rule, and what observations say already."""

    claim: Claim
    rows: tuple[ClaimRow, ...]
    outcomes: dict[str, Outcome]
    varied: Varied | None
    variable: tuple[Question, ...]
    expressions: dict[str, str]
    previous: str
    following: str


def claims_page(house: House, view: RunView, find: str, topic: str, order: str) -> ClaimsPage:
    """Return the claims that match, each by its headline question."""
    rows = [claim_row(question, view.claims.get(question.id)) for question in house.ledger.headlines]
    in_all = len(rows)
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
    if order == "unsure":
        rows.sort(key=lambda row: 2.0 if row.probability is None else abs(row.probability - 0.5))
    elif order == "soonest":
        rows.sort(key=lambda row: row.resolves_on)
    elif order == "likely":
        rows.sort(key=lambda row: -(row.probability or 0.0))
    return ClaimsPage(tuple(rows), find, topic if topic in TOPICS else "", order, in_all)


def claim_page(
    house: House, view: RunView, claim_id: str, question: str = "", threshold: str = "", date: str = ""
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
    return ClaimPage(
        claim=claim,
        rows=tuple(claim_row(one, view.claims.get(one.id)) for one in questions),
        outcomes={one.id: resolve(one, house.held) for one in questions},
        varied=_varied(house, view, questions, question, threshold, date) if threshold or date else None,
        variable=tuple(one for one in questions if one.threshold is not None),
        expressions={one.id: one.expression.text for one in questions},
        previous=ids[place - 1] if place else "",
        following=ids[place + 1] if place + 1 < len(ids) else "",
    )


def _varied(
    house: House, view: RunView, questions: tuple[Question, ...], name: str, threshold: str, date: str
) -> Varied:
    from twocurves.ensemble.answers import evaluated

    try:
        chosen = next((one for one in questions if one.id == name), None)
        if chosen is None:
            raise BadInputError("Choose one of the claim's questions.", field="question", given=name[:60])
        value = _number(threshold) if threshold else None
        asked = chosen.varied(threshold=value, date=Month.parse(date[:12]) if date else None)
        key = f"varied|{view.run.name}|{name}|{asked.threshold}|{asked.date}"
        found = house.once(key, lambda: evaluated(view.run, [asked]))
        return Varied(name, threshold, date, claim_row(asked, found[asked.id]), "")
    except BadInputError as fault:
        return Varied(name, threshold[:40], date[:40], None, fault.message)


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
