"""Claims as pages show them: the sentence, n in 20, the error, when it resolves."""

from __future__ import annotations

from dataclasses import dataclass

from twocurves.claims import Probability, Question


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A question with what the run says of it.

    Attributes
    ----------
    id, claim, sentence, condition, resolves_on
        The question.
    probability, error, lower, upper
        Share of runs in which it holds, its Monte Carlo error, bounds for runs without an answer; None where
        the run does not say.
    dots
        How many of twenty dots are filled.
    prior
        The reference forecast, judged before any run.
    decided_by
        The assumption that decides it, and its link; empty where none stands out.
    answered
        What observations say already: "yes", "no", or empty.
    """

    id: str
    claim: str
    title: str
    sentence: str
    condition: str
    resolves_on: str
    probability: float | None
    error: float | None
    lower: float | None
    upper: float | None
    dots: int
    prior: float | None
    headline: bool
    decided_by: str = ""
    decided_name: str = ""

    @property
    def in_twenty(self) -> str:
        """The probability in words."""
        return "not told" if self.probability is None else f"{self.dots} in 20"

    @property
    def percent(self) -> str:
        """The probability in per cent, without decimals."""
        return "" if self.probability is None else percent(self.probability)


def percent(share: float) -> str:
    """Return a share as a percentage without decimals; never 0% or 100% where it is not."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "under 1%"
    if whole == 100 and share < 1:
        return "over 99%"
    return f"{whole}%"


def dots_of(share: float) -> int:
    """Return how many of twenty runs; at least one where it happens at all, at most 19 where not always."""
    dots = round(20 * share)
    if share > 0:
        dots = max(1, dots)
    return min(19, dots) if share < 1 else dots


def claim_row(question: Question, found: Probability | None) -> ClaimRow:
    """Return a question as a row."""
    share = None if found is None else found.probability
    return ClaimRow(
        id=question.id,
        claim=question.claim.id,
        title=question.claim.title,
        sentence=question.sentence,
        condition=question.condition,
        resolves_on=str(question.date),
        probability=share,
        error=None if found is None else found.standard_error,
        lower=None if found is None else found.lower,
        upper=None if found is None else found.upper,
        dots=0 if share is None else dots_of(share),
        prior=question.prior_probability,
        headline=question.headline,
    )
