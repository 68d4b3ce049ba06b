"""Decide: move this workload to an open model or stay on the closed frontier, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from twocurves.charts.number_text import say
from twocurves.decide.decision import decide
from twocurves.decide.wording import (
    break_sentences,
    months_phrase,
    option_rows,
    risk_rows,
    ruled_out,
    trigger_sentence,
)
from twocurves.errors import BadInputError
from twocurves.serve.figures import Drawings, Figure
from twocurves.serve.house import House
from twocurves.serve.services.decide_figures import decision_figures
from twocurves.serve.services.decide_sentence import (
    PRESETS,
    SENTENCE,
    Blank,
    in_blank,
    usage_query,
    usual,
    workload,
)
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    from twocurves.decide.answer import Decision

__all__ = ["DecidePage", "decide_page", "decided", "empty_page", "usage_query", "usual", "workload"]


@dataclass(frozen=True)
class DecidePage:
    """What the Decide page shows.

    Attributes
    ----------
    title
        The answer in a sentence, or the question.
    sentence
        The blanks with what they hold.
    decision
        The decision; None before it is asked for, or where ``fault`` says why there is none.
    """

    title: str
    sentence: tuple[tuple[tuple[Blank, str], ...], ...]
    presets: tuple[tuple[str, str, str], ...]
    segments: tuple[tuple[str, str], ...]
    fault: str
    note: str
    decision: Decision | None = None
    hindsight: str = ""
    open_answer: str = ""
    options: tuple[tuple[str, str, str, str], ...] = ()
    risks: tuple[tuple[str, str, str, str], ...] = ()
    triggers: tuple[str, ...] = ()
    deciders: tuple[tuple[str, str, str, str], ...] = ()
    breaks: tuple[str, ...] = ()
    figures: dict[str, Figure] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    ruled_out: str = ""
    waiting: str = ""
    regret_above: str = ""
    query: str = ""


def decide_page(
    house: House, view: RunView | None, drawings: Drawings, given: Mapping[str, str]
) -> DecidePage:
    """Return the page for what the sentence holds; the answer where it was asked for."""
    held = {**usual(), **{key: value for key, value in given.items() if key in usual()}}
    page = _page(house, held, note=given.get("note", "")[:200])
    if not any(key in usual() for key in given):
        return page
    if view is None:
        return _page(house, held, fault="The first run is still being made; ask again in a minute.")
    try:
        found = decided(house, view, held)
    except BadInputError as fault:
        return _page(house, held, fault=fault.message)
    return _answered(house, found, held, drawings)


def decided(house: House, view: RunView, held: Mapping[str, str]) -> Decision:
    """Return the decision for a filled-in sentence.

    Raises
    ------
    BadInputError
        A blank cannot be used, or nothing can be decided from it.
    """
    made = workload(held)
    return house.once(f"decision|{view.run.name}|{made.model_dump_json()}", lambda: decide(made, view.run))


def empty_page(house: House, fault: str) -> DecidePage:
    """Return the page with a fault and nothing answered."""
    return _page(house, usual(), fault=fault)


def _page(house: House, held: Mapping[str, str], fault: str = "", note: str = "", **found: Any) -> DecidePage:
    segments = tuple((one.id, one.title.lower()) for one in house.beliefs.entities["segment"].values())
    return DecidePage(
        title=found.pop("title", "Should this workload move, and when?"),
        sentence=tuple(
            tuple((blank, in_blank(blank, held[blank.key])) for blank in line) for line in SENTENCE
        ),
        presets=tuple(
            (name, words, urlencode({**usual(), **differs})) for name, (words, differs) in PRESETS.items()
        ),
        segments=segments,
        fault=fault,
        note=note,
        query=urlencode(held),
        **found,
    )


def _answered(house: House, found: Decision, held: Mapping[str, str], drawings: Drawings) -> DecidePage:
    amount, chance = found.regret_above
    return _page(
        house,
        held,
        title=found.answer,
        decision=found,
        hindsight=months_phrase(found),
        open_answer="" if found.open_question is None else found.open_question.answer,
        options=tuple(option_rows(found)),
        risks=tuple(risk_rows(found)),
        triggers=tuple(trigger_sentence(one) for one in found.triggers),
        deciders=tuple(
            (
                one.name,
                label_of(one.name),
                f"{one.effect:+.2f}".replace("-", "−"),
                f"{one.low:+.2f} to {one.high:+.2f}".replace("-", "−"),
            )
            for one in found.deciders
            if one.above_noise
        ),
        breaks=tuple(break_sentences(found)),
        figures=decision_figures(found, urlencode(held), drawings),
        notes=found.notes,
        ruled_out=ruled_out(found),
        waiting=f"{say(found.value_of_waiting_usd, 'usd', 2)} (±{say(found.value_error_usd, 'usd', 2)})",
        regret_above=f"The advice costs over {say(amount, 'usd', 2)} more than the best move with hindsight"
        f" in {100 * chance:.0f}% of runs.",
    )
