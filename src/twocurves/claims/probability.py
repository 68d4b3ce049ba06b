"""From counts over draws to a probability, its Monte Carlo error and its bounds for failed draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twocurves.beliefs.montecarlo import FEWEST_DRAWS, LEVEL
from twocurves.beliefs.sobol import REPLICATES
from twocurves.claims.compiling import FALSE, TRUE


@dataclass(frozen=True, slots=True)
class Probability:
    """The probability of a question over the draws of a run.

    Attributes
    ----------
    id
        The question.
    probability
        The share of the draws that answered in which it holds; None when none did.
    standard_error, half_width
        Monte Carlo error of that share, and half of its 90% interval; None where it cannot be told, and
        ``reason`` says why.
    lower, upper
        Bounds whatever the draws without an answer would have said: ``[k / n, (k + open) / n]`` with ``n``
        all draws, failed ones included; None without draws.
    draws, true, false, failed, undetermined
        Counts: all draws, those with each answer, those that failed, and those that ran but whose inputs
        were not finite.
    """

    id: str
    probability: float | None
    standard_error: float | None
    half_width: float | None
    lower: float | None
    upper: float | None
    draws: int
    true: int
    false: int
    failed: int
    undetermined: int
    reason: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the probability as ``--json`` prints it."""
        return {
            "id": self.id,
            "probability": self.probability,
            "mc_error": self.standard_error,
            "mc_half_width": self.half_width,
            "bounds": None if self.lower is None else [self.lower, self.upper],
            "draws": {
                "asked": self.draws,
                "true": self.true,
                "false": self.false,
                "failed": self.failed,
                "undetermined": self.undetermined,
            },
            "reason": self.reason,
        }


class Tally:
    """Counts of one question's answers, by randomisation; small, additive, and in any order the same."""

    def __init__(self) -> None:
        #: Shape ``(4, REPLICATES)``: false, true, undetermined, failed.
        self._counts: NDArray[np.int64] = np.zeros((4, REPLICATES), dtype=np.int64)

    def add(self, truth: ArrayLike, ok: ArrayLike, index: ArrayLike) -> None:
        """Count a batch.

        Parameters
        ----------
        truth
            1, 0 or -1 for each draw, shape ``(draws,)``.
        ok
            Whether the draw ended well; where not, its truth is not looked at.
        index
            The number of each draw in its run; modulo the number of randomisations it names the draw's.
        """
        answer, fine = np.asarray(truth), np.asarray(ok, dtype=bool)
        replicate = np.asarray(index) % REPLICATES
        row = np.where(fine, np.where(answer == TRUE, 1, np.where(answer == FALSE, 0, 2)), 3)
        places = row * REPLICATES + replicate
        self._counts += np.bincount(places, minlength=self._counts.size).reshape(self._counts.shape)

    def merge(self, other: Tally) -> None:
        """Add the counts of another tally of the same question."""
        self._counts += other._counts

    def probability(self, question_id: str) -> Probability:
        """Return the probability; its error is from the spread of the randomisations.

        With ``n_r`` answers in randomisation ``r``, ``n`` in all, and shares ``p_r`` and ``p``, the squared
        error is ``R / (R - 1) sum (n_r / n)^2 (p_r - p)^2``, as
        :func:`twocurves.beliefs.monte_carlo_error` has it from single draws.
        """
        false, true, undetermined, failed = (int(total) for total in self._counts.sum(axis=1))
        answered = false + true
        draws = answered + undetermined + failed
        share = true / answered if answered else None
        error, reason = self._error(share, answered)
        width = None
        if error is not None:
            from scipy.special import stdtrit  # here, because only a finished run needs it

            width = error * float(stdtrit(REPLICATES - 1, 0.5 + LEVEL / 2.0))
        return Probability(
            id=question_id,
            probability=share,
            standard_error=error,
            half_width=width,
            lower=true / draws if draws else None,
            upper=(true + undetermined + failed) / draws if draws else None,
            draws=draws,
            true=true,
            false=false,
            failed=failed,
            undetermined=undetermined,
            reason=reason,
        )

    def _error(self, share: float | None, answered: int) -> tuple[float | None, str]:
        if share is None:
            return None, "there are no draws with an answer"
        if answered < FEWEST_DRAWS:
            return None, f"an error needs at least {FEWEST_DRAWS} draws with an answer, not {answered}"
        each = self._counts[0] + self._counts[1]
        if (each == 0).any():
            return None, f"an error needs draws of all {REPLICATES} randomisations"
        spread = each / answered * (self._counts[1] / each - share)
        return float(np.sqrt(np.square(spread).sum() * REPLICATES / (REPLICATES - 1))), ""


def tallied(truths: Iterable[tuple[ArrayLike, ArrayLike, ArrayLike]]) -> Tally:
    """Return the tally of stored answers: batches of truth, ok and draw number, as in :meth:`Tally.add`."""
    found = Tally()
    for truth, ok, index in truths:
        found.add(truth, ok, index)
    return found
