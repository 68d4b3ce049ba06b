"""Method: how it is made, what it rests on, where it is weak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twocurves.beliefs.views import beliefs_table
from twocurves.economy.measure_table import MEASURES
from twocurves.serve.house import House
from twocurves.serve.sliders import unit_words


@dataclass(frozen=True)
class MethodPage:
    """What the Method page shows."""

    groups: tuple[Any, ...]
    assumptions: int
    choices: int
    evidence: tuple[tuple[str, str, int], ...]
    measures: tuple[Any, ...]
    claims: int
    questions: int
    observations: int
    scenarios: tuple[Any, ...]


#: What each evidence tag says.
EVIDENCE = {
    "V": "read in the cited source",
    "S": "read in a secondary page",
    "D": "derived by the arithmetic shown",
    "J": "judgement without direct evidence",
    "U": "from memory, unverified",
}


def method_page(house: House) -> MethodPage:
    """Return how it is made."""
    beliefs = house.beliefs
    tags: list[str] = [prior.evidence for prior in beliefs.priors.values()]
    return MethodPage(
        groups=tuple(beliefs.groups),
        assumptions=len(beliefs.names),
        choices=sum(beliefs.parameter_of(name).nature == "choice" for name in beliefs.names),
        evidence=tuple((tag, words, tags.count(tag)) for tag, words in EVIDENCE.items()),
        measures=tuple(MEASURES.values()),
        claims=len(house.ledger.claims),
        questions=len(house.ledger.questions),
        observations=house.held.frame.height,
        scenarios=tuple(beliefs.scenarios.values()),
    )


def assumptions(house: House) -> dict[str, list[dict[str, Any]]]:
    """Return every assumption by group."""

    def make() -> dict[str, list[dict[str, Any]]]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for row in beliefs_table(house.beliefs).to_dicts():
            row["unit"] = unit_words(row["unit"])
            groups.setdefault(row["group"], []).append(row)
        return groups

    return house.once("assumptions by group", make)
