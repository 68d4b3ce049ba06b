"""Effects of one's own: what each input does to the part of an outcome that the others leave.

The columns of a design in hundreds of dimensions are not independent at a few thousand draws, so an input
that does nothing looks like the one that it happens to lie beside. So inputs are taken up one by one, the one
with the largest effect on what is left first; the outcome is fitted by a step function of each (its mean in
equal parts of the input's range), the fits are brought into line with each other, and what is left is looked
at again, until nothing in it is beyond what a dummy shows (forward selection with backfitting; Hastie and
Tibshirani 1990). The effect of an input is then measured on what all the others leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.drivers.ranks import FloatArray

Codes = NDArray[np.int32]

#: Inputs taken up at most, and draws for each of them at least.
MOST, _DRAWS_FOR_EACH = 48, 24

#: Rounds in which the fits are brought into line after each input, and at the end.
_ROUNDS, _LAST_ROUNDS = 1, 4


@dataclass(frozen=True)
class Additive:
    """An outcome as a sum of step functions.

    Attributes
    ----------
    places
        The inputs that were taken up, in that order.
    steps
        What each adds in each draw, shape ``(places, draws)``.
    left
        What is left, shape ``(draws,)``.
    """

    places: tuple[int, ...]
    steps: FloatArray
    left: FloatArray

    def without(self, position: int) -> FloatArray:
        """Return what the others than one that was taken up leave, shape ``(draws,)``."""
        return np.asarray(self.left + self.steps[position])


def own_effects(fitted: Sequence[Additive], scores: NDArray[np.floating]) -> FloatArray:
    """Return the effect of each input on what the others leave, shape ``(inputs, outcomes)``.

    Where inputs are independent this is the rank correlation with the outcome.

    Parameters
    ----------
    fitted
        One for each outcome.
    scores
        Ranks, standardised, shape ``(draws, inputs)``.
    """
    left = np.stack([one.left for one in fitted], axis=1).astype(scores.dtype)
    found = (scores.T @ left).astype(np.float64) / len(scores)
    for column, one in enumerate(fitted):
        for place, step in zip(one.places, one.steps, strict=True):
            found[place, column] += scores[:, place] @ step / len(step)
    return found


def reached(fitted: Sequence[Additive], dummies: NDArray[np.floating]) -> FloatArray:
    """Return the most that one of some dummies shows on what is left of each outcome; 0 without dummies."""
    left = np.stack([one.left for one in fitted], axis=1).astype(dummies.dtype)
    most = np.abs(dummies.T @ left).max(axis=0, initial=0.0).astype(np.float64)
    return np.asarray(most / len(dummies), dtype=np.float64)


def fit(
    scores: NDArray[np.floating],
    codes: Codes,
    number: int,
    outcomes: FloatArray,
    dummies: NDArray[np.floating],
    floor: float,
    most: int = MOST,
) -> list[Additive]:
    """Take inputs up until nothing in what is left is beyond a dummy, for some outcomes side by side.

    Parameters
    ----------
    scores
        Ranks, standardised, shape ``(draws, inputs)``.
    codes, number
        In which of so many parts of its range each input lies, shape ``(draws, inputs)``.
    outcomes
        Standardised, shape ``(draws, outcomes)``.
    dummies
        Ranks, standardised, of inputs that do nothing, ``(draws, dummies)``; may be none. Of the precision of
        the scores.
    floor
        Correlation that chance alone gives; a dummy may reach over it.
    most
        Inputs taken up for each outcome, at most.
    """
    draws, count = outcomes.shape
    left = outcomes.T.copy()
    places: list[list[int]] = [[] for _ in range(count)]
    steps: list[list[FloatArray]] = [[] for _ in range(count)]
    going = list(range(count))
    for _ in range(min(most, scores.shape[1], max(draws // _DRAWS_FOR_EACH, 1))):
        seen = left[going].astype(scores.dtype)  # a product of mixed precisions would copy the scores
        shown = np.abs(seen @ scores).astype(np.float64) / draws
        made_up = np.abs(seen @ dummies).max(axis=1, initial=0.0).astype(np.float64) / draws
        still = []
        for row, one in enumerate(going):
            shown[row, places[one]] = 0.0
            best = int(np.argmax(shown[row]))
            scale = float(np.sqrt(left[one] @ left[one] / draws))
            if shown[row, best] <= max(floor * scale, made_up[row]):
                continue
            places[one].append(best)
            steps[one].append(np.zeros(draws))
            _align(codes, number, places[one], steps[one], left[one], _ROUNDS)
            still.append(one)
        going = still
        if not going:
            break
    found = []
    for one in range(count):
        _align(codes, number, places[one], steps[one], left[one], _LAST_ROUNDS)
        found.append(
            Additive(tuple(places[one]), np.array(steps[one]).reshape(len(places[one]), draws), left[one])
        )
    return found


def _align(
    codes: Codes, number: int, places: list[int], steps: list[FloatArray], left: FloatArray, rounds: int
) -> None:
    """Fit each input anew to what the others leave, the latest first; changes ``steps`` and ``left``."""
    for _ in range(rounds):
        for position in range(len(places) - 1, -1, -1):
            code = codes[:, places[position]]
            left += steps[position]
            held = np.bincount(code, minlength=number)
            means = np.bincount(code, weights=left, minlength=number) / np.maximum(held, 1)
            steps[position] = means[code]
            left -= steps[position]
