"""A probability as a smooth function of a few inputs: probit regression by Newton's method."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr

from twocurves.drivers.ranks import FloatArray

_STEPS = 40
_CLOSE = 1e-9
_LARGEST = 30.0

#: Weight of the pull of coefficients towards zero, in draws: keeps a perfectly parted sample finite.
_PULL = 0.5


def probit(terms: FloatArray, true: FloatArray) -> FloatArray:
    """Return coefficients ``b`` of ``P(true) = Phi(b . terms)``.

    Parameters
    ----------
    terms
        Shape ``(draws, terms)``, the first a column of ones.
    true
        1 or 0, shape ``(draws,)``.
    """
    coefficients = np.zeros(terms.shape[1])
    pull = np.full(terms.shape[1], _PULL)
    pull[0] = 0.0
    for _ in range(_STEPS):
        at = np.clip(terms @ coefficients, -_LARGEST, _LARGEST)
        density = -0.5 * at**2 - 0.5 * np.log(2.0 * np.pi)
        up, down = np.exp(density - log_ndtr(at)), np.exp(density - log_ndtr(-at))
        slope = np.where(true > 0.5, up, -down)
        curve = np.exp(2.0 * density - log_ndtr(at) - log_ndtr(-at))
        step = np.linalg.solve(
            terms.T @ (terms * curve[:, None]) + np.diag(pull + 1e-12),
            terms.T @ slope - pull * coefficients,
        )
        coefficients = coefficients + step
        if np.abs(step).max() < _CLOSE:
            break
    return coefficients


def chance(terms: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return the probability at some terms."""
    return np.asarray(ndtr(terms @ coefficients), dtype=np.float64)
