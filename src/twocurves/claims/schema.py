"""The shape of a claim in a file: one table a claim, with a table for each of its questions."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from twocurves.beliefs.schema import Evidence, Identifier, Strict, Words

_CLAIM_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)

#: How the number of a question is held against its threshold.
Sense = Literal["above", "at_least", "below", "at_most"]

#: What is taken from the rows of a series in the months up to the date.
Statistic = Literal["last", "mean", "max", "min", "slope"]


def _claim_id(given: str) -> str:
    if _CLAIM_ID.match(given) is None:
        raise ValueError(f"the id {given!r} should be a letter, then letters, digits and _, such as C21")
    return given


class Observed(Strict):
    """How one series of the observations answers a question.

    ``months`` is the window that ends with the question's month, ``record`` takes the highest value so far
    in place of each row (a frontier), and ``unit`` is that of the series, for the units table.
    """

    series: Words
    entity: str = ""
    economy: Literal["closed", "open"] | None = None
    basis: str = ""
    statistic: Statistic
    months: Annotated[int, Field(ge=1, le=240)]
    record: bool = False
    unit: Words | Literal["1"] = "1"
    fewest_rows: Annotated[int, Field(ge=1)] = 1


class Resolution(Strict):
    """How reality answers: the rule, who publishes the figures, and what is done when they do not agree.

    ``ambiguous_beyond`` is the share by which two named sources on different sides of a threshold may differ
    while the first still decides; beyond it the question resolves at one half. ``in_model`` says what the
    simulated economy answers in its place, and what differs. ``series`` names observations that bear on it.
    """

    rule: Words
    source: Words
    fallback: Words
    ambiguity: Words
    ambiguous_beyond: Annotated[float, Field(ge=0, le=1)] = 0.25
    in_model: Words
    series: tuple[str, ...] = ()


class QuestionTable(Strict):
    """One question of a claim: a number held against a threshold, or a truth, at a date.

    ``expression`` may be left out where the claim gives one for all. It ends as a number, and then
    ``threshold`` and ``sense`` say when it holds, or as a truth, which may use the name ``threshold``. The
    name ``date`` in it is the month of this question.
    """

    id: Identifier
    sentence: Words
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    expression: str = ""
    threshold: float | None = None
    unit: Words | Literal["1"] = "1"
    sense: Sense | None = None
    headline: bool = False
    prior_probability: Annotated[float, Field(ge=0, le=1)] | None = None
    observed: tuple[Observed, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> QuestionTable:
        if self.sense is not None and self.threshold is None:
            raise ValueError(f"{self.id} has a sense and no threshold")
        if self.observed and self.sense is None:
            raise ValueError(f"{self.id} can be held against series only with a threshold and a sense")
        if len(self.observed) > 2:
            raise ValueError(f"{self.id} names more than two sources: the first and its fallback are enough")
        return self


class Claim(Strict):
    """A claim: a sentence that can turn out wrong, its questions, and how reality answers them.

    ``evidence`` is the tag of the prior probabilities: J, judgement made before any run.
    """

    id: Annotated[str, AfterValidator(_claim_id)]
    title: Words
    sentence: Words
    expression: str = ""
    falsified_if: Words
    evidence: Evidence
    evidence_note: str = ""
    resolution: Resolution
    question: Annotated[tuple[QuestionTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Claim:
        ids = [one.id for one in self.question]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"{self.id} has two questions called {twice[0]}")
        headlines = sum(one.headline for one in self.question)
        if headlines > 1 or (headlines == 0 and len(ids) > 1):
            raise ValueError(f"{self.id} needs one question with headline = true, not {headlines or 'none'}")
        return self
