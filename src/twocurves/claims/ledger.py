"""The ledger: claims read from files, and their questions ready to be compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from twocurves.beliefs.reading import BeliefFile, read_belief_file
from twocurves.claims.schema import Claim, Observed, QuestionTable, Resolution, Sense
from twocurves.claims.syntax import Expression, ExpressionError, read_expression
from twocurves.errors import BadFileError, BadInputError, unknown
from twocurves.months import Month

#: The sign of each sense.
SIGNS: dict[Sense, str] = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}


@dataclass(frozen=True)
class Question:
    """One question of a claim, read and well formed.

    Attributes
    ----------
    id
        The claim's id, a dot, and its own: ``"C07.anthropic_2031"``.
    claim
        The claim it belongs to, with the rule that resolves it.
    sentence
        What is asked, as a statement.
    expression
        What is computed; a number when ``sense`` is given, a truth otherwise.
    date
        The month meant by ``date`` in the expression, after which the question resolves.
    threshold, unit, sense
        What the number is held against, and how; None where the expression is a truth without threshold.
    headline
        Whether the claim is quoted by this question.
    prior_probability
        The reference forecast, judged before any run; None where none was made.
    observed
        The series that answer it, the first before its fallback.
    where
        File and line of the expression, for messages.
    """

    id: str
    claim: Claim = field(repr=False)
    sentence: str
    expression: Expression
    date: Month
    threshold: float | None
    unit: str
    sense: Sense | None
    headline: bool
    prior_probability: float | None
    observed: tuple[Observed, ...] = field(repr=False)
    where: str

    @property
    def resolution(self) -> Resolution:
        """How reality answers."""
        return self.claim.resolution

    @property
    def condition(self) -> str:
        """The expression with its threshold, as one line."""
        if self.sense is None or self.threshold is None:
            return self.expression.text
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{self.expression.text} {SIGNS[self.sense]} {self.threshold:g}{unit}"

    def varied(self, *, threshold: float | None = None, date: Month | None = None) -> Question:
        """Return the question with another threshold or date; the rest, and its id, stay.

        The reference forecast was made for the question as it stood, so a varied one has none; its sentence
        still names the old date and threshold, so show ``condition`` and ``date`` beside it.

        Raises
        ------
        BadInputError
            A threshold is given for a question that has none.
        """
        if threshold is not None and self.threshold is None:
            raise BadInputError(
                f"{self.id} has no threshold that could be varied.", field="threshold", given=threshold
            )
        return replace(
            self,
            threshold=self.threshold if threshold is None else float(threshold),
            date=self.date if date is None else date,
            prior_probability=None,
        )

    def fault(self, error: ExpressionError) -> BadFileError:
        """Build the fault of this question's expression, with its file, line and id."""
        return BadFileError(
            f"{self.where}: {self.id}: {error.sentence}.",
            field=self.where,
            given=error.given,
            allowed=error.allowed,
            suggestion=error.suggestion,
        )

    def as_record(self) -> dict[str, Any]:
        """Return the question as ``--json`` prints it, without what a run adds."""
        return {
            "id": self.id,
            "sentence": self.sentence,
            "expression": self.expression.text,
            "threshold": self.threshold,
            "unit": self.unit,
            "sense": self.sense,
            "condition": self.condition,
            "resolves_on": str(self.date),
            "source": self.resolution.source,
            "headline": self.headline,
            "prior_probability": self.prior_probability,
        }


@dataclass(frozen=True)
class Ledger:
    """Claims in the order of their ids as read.

    Attributes
    ----------
    claims
        Every claim once.
    questions
        The questions of all, claim by claim.
    """

    claims: tuple[Claim, ...]
    questions: tuple[Question, ...]

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    def claim(self, claim_id: str) -> Claim:
        """Return a claim.

        Raises
        ------
        BadInputError
            There is none of this id.
        """
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        raise unknown("claim", claim_id, [claim.id for claim in self.claims])

    def question(self, question_id: str) -> Question:
        """Return a question; of a claim's id, its headline question.

        Raises
        ------
        BadInputError
            There is none of this id.
        """
        found = self._by_id.get(question_id)
        if found is not None:
            return found
        claims = [claim.id for claim in self.claims]
        if question_id in claims:
            return next(one for one in self.of(question_id) if one.headline)
        raise unknown("claim or question", question_id, [*claims, *self._by_id])

    def of(self, claim_id: str) -> tuple[Question, ...]:
        """Return the questions of a claim.

        Raises
        ------
        BadInputError
            There is none of this id.
        """
        self.claim(claim_id)
        return tuple(question for question in self.questions if question.claim.id == claim_id)

    @property
    def headlines(self) -> tuple[Question, ...]:
        """The one question of each claim by which it is quoted."""
        return tuple(question for question in self.questions if question.headline)


def load_ledger(path: Path | str | None = None, extra: Iterable[Path | str] = ()) -> Ledger:
    """Load and check claims.

    Parameters
    ----------
    path
        A file, or a folder of ``*.toml`` files, in place of the packaged ledger.
    extra
        Files or folders of the user's own, whose claims stand beside the others.

    Raises
    ------
    BadFileError
        A file cannot be read or a claim is malformed; ``field`` is ``file:line`` and the message one sentence
        with the claim's id.
    """
    more = [source for one in extra for source in _sources(Path(one))]
    if path is None and not more:
        return _packaged_ledger()
    return _read([*(_packaged() if path is None else _sources(Path(path))), *more])


@cache
def _packaged_ledger() -> Ledger:
    """Return the packaged ledger, which is asked for again and again and does not change meanwhile."""
    return _read(_packaged())


def _read(sources: Iterable[tuple[str, Traversable]]) -> Ledger:
    claims: list[Claim] = []
    questions: list[Question] = []
    seen: dict[str, str] = {}
    for name, source in sources:
        read = read_belief_file(source, name)
        read.allow_only(["claim"])
        for index, claim in enumerate(read.list_of("claim", Claim)):
            if claim.id in seen:
                raise read.fault(
                    ("claim", index, "id"),
                    f"the claim {claim.id} is already in {seen[claim.id]}.",
                    given=claim.id,
                )
            seen[claim.id] = read.name
            claims.append(claim)
            questions += _questions(claim, index, read)
    return Ledger(tuple(claims), tuple(questions))


def _packaged() -> list[tuple[str, Traversable]]:
    folder = files("twocurves.claims") / "data"
    found = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    return sorted(((one.name, one) for one in found), key=lambda pair: pair[0])


def _sources(path: Path) -> list[tuple[str, Traversable]]:
    if not path.is_dir():
        return [(str(path), path)]
    return [(str(one), one) for one in sorted(path.glob("*.toml"))]


def _questions(claim: Claim, index: int, read: BeliefFile) -> Iterator[Question]:
    for number, table in enumerate(claim.question):
        yield _question(claim, index, table, number, read)


def _question(claim: Claim, index: int, table: QuestionTable, number: int, read: BeliefFile) -> Question:
    own = ("claim", index, "question", number)
    name = f"{claim.id}.{table.id}"
    place: tuple[str | int, ...] = (
        (*own, "expression") if table.expression else ("claim", index, "expression")
    )
    text = table.expression or claim.expression
    if not text:
        raise read.fault(own, f"{name}: neither the question nor its claim has an expression.")
    try:
        expression = read_expression(text)
    except ExpressionError as error:
        raise read.fault(
            place, f"{name}: {error.sentence}.", given=error.given, allowed=error.allowed
        ) from None
    try:
        date = Month.parse(table.date)
    except BadInputError:
        raise read.fault(
            (*own, "date"),
            f"{name}: date must be a month such as 2028-12, not {table.date!r}.",
            given=table.date,
        ) from None
    return Question(
        id=name,
        claim=claim,
        sentence=table.sentence,
        expression=expression,
        date=date,
        threshold=table.threshold,
        unit=table.unit,
        sense=table.sense,
        headline=table.headline or len(claim.question) == 1,
        prior_probability=table.prior_probability,
        observed=table.observed,
        where=str(read.fault(place, "").field),
    )
