"""Total effects from draws that are there already, by a polynomial of the inputs that matter most.

The outcome is fitted by Hermite polynomials of the inputs' normal scores: three degrees of each and products
of pairs (a sparse polynomial chaos, Sudret 2008). An input's total effect is the share of the variance that
is lost when all terms with it are left out, less what as many terms that do nothing would lose. Where inputs
are independent the terms are orthonormal, and this is the sum of their squared coefficients: Sobol's total
index. Where inputs are correlated it is what one has of its own; what they share is in the total of none.

What the polynomial does not reach (sharp corners, threefold interactions, the economy's own shocks) is in no
input's total either: the totals are a lower bound, and ``explained`` says how much the polynomial accounts
for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.drivers.ranks import FloatArray

#: Inputs with terms of their own, and of these how many have products with each other.
WIDTH, PAIRED = 20, 8

#: Draws for each term of the polynomial, at least.
_DRAWS_A_TERM = 8

_DEGREES = 3


@dataclass(frozen=True, slots=True)
class Totals:
    """What a polynomial says of the inputs that it is made of.

    Attributes
    ----------
    chosen
        Places of the inputs, those that matter most first.
    totals
        Total effect of each as a share of the variance.
    mains
        Its effect alone.
    explained
        Share of the variance that the polynomial accounts for, less what pure chance would give it.
    """

    chosen: NDArray[np.intp]
    totals: FloatArray
    mains: FloatArray
    explained: float


def size_for(draws: int, inputs: int, widest: int = WIDTH, most_paired: int = PAIRED) -> tuple[int, int]:
    """Return how many inputs the polynomial takes, and how many of them in pairs, for a number of draws."""
    terms = max(draws // _DRAWS_A_TERM, _DEGREES)
    wide = min(widest, inputs, max(1, terms * 2 // 3 // _DEGREES))
    left = max(terms - _DEGREES * wide, 0)
    paired = int((1 + np.sqrt(1 + 8 * left)) / 2)
    return wide, min(most_paired, wide, paired)


def totals(scores: FloatArray, chosen: NDArray[np.intp], paired: int, outcome: FloatArray) -> Totals:
    """Return total effects of some inputs.

    Parameters
    ----------
    scores
        Normal scores of the chosen inputs, those that matter most first, ``(draws, chosen)``.
    chosen
        What their places are among all inputs.
    paired
        How many of them, from the first on, are multiplied with each other.
    outcome
        Standardised, shape ``(draws,)``.
    """
    draws, wide = scores.shape
    terms, owners = basis(scores, paired)
    gram = terms.T @ terms
    inverse = np.linalg.inv(gram + 1e-9 * draws * np.eye(len(gram)))
    coefficients = inverse @ (terms.T @ outcome)
    left = outcome - terms @ coefficients
    variance = float(left @ left) / max(draws - len(gram) - 1, 1)
    chance = variance / draws
    found = [
        _lost(coefficients, inverse, np.flatnonzero(owners[:, one]), draws, chance) for one in range(wide)
    ]
    alone = owners.sum(axis=1) == 1
    mains = [
        _lost(coefficients, inverse, np.flatnonzero(owners[:, one] & alone), draws, chance)
        for one in range(wide)
    ]
    return Totals(
        chosen=chosen,
        totals=np.array(found),
        mains=np.array(mains),
        explained=float(np.clip(1.0 - variance / max(float(outcome @ outcome) / draws, 1e-300), 0.0, 1.0)),
    )


def _lost(
    coefficients: FloatArray, inverse: FloatArray, terms: NDArray[np.intp], draws: int, chance: float
) -> float:
    """Return the share of the variance that goes when these terms are left out, less what chance gives."""
    part = coefficients[terms]
    lost = float(part @ np.linalg.solve(inverse[np.ix_(terms, terms)], part)) / draws
    return max(lost - len(terms) * chance, 0.0)


def basis(scores: FloatArray, paired: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the terms of the polynomial, ``(draws, terms)``, and which inputs are in each.

    Parameters
    ----------
    scores
        Normal scores, shape ``(draws, inputs)``.
    paired
        How many inputs, from the first on, have products with each other.
    """
    wide = scores.shape[1]
    one, two, three = scores, (scores**2 - 1.0) / np.sqrt(2.0), (scores**3 - 3.0 * scores) / np.sqrt(6.0)
    first, second = np.triu_indices(min(paired, wide), 1)
    products = scores[:, first] * scores[:, second]
    terms = np.concatenate([one, two, three, products], axis=1)
    own = np.tile(np.eye(wide, dtype=np.bool_), (_DEGREES, 1))
    both = np.zeros((len(first), wide), dtype=np.bool_)
    both[np.arange(len(first)), first] = True
    both[np.arange(len(first)), second] = True
    # Normal scores of a finite sample are a little too narrow, so each term is given variance one by hand.
    terms -= terms.mean(axis=0)
    scale = np.sqrt(np.einsum("ij,ij->j", terms, terms) / len(terms))
    terms /= np.where(scale > 0, scale, 1.0)
    return terms, np.concatenate([own, both])
