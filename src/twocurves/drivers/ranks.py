"""Ranks, equal parts and normal scores of many columns at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]


def ranks(values: NDArray[np.floating]) -> FloatArray:
    """Return the ranks of each column, 1 to n, equal values sharing their mean rank.

    Parameters
    ----------
    values
        Finite figures, shape ``(draws,)`` or ``(draws, columns)``.

    Returns
    -------
    array
        The same shape.
    """
    columns = values[:, None] if values.ndim == 1 else values
    count = len(columns)
    order = np.argsort(columns, axis=0, kind="stable")
    ranked = np.empty(columns.shape)
    np.put_along_axis(ranked, order, np.arange(1.0, count + 1.0)[:, None], axis=0)
    ordered = np.take_along_axis(columns, order, axis=0)
    for place in np.flatnonzero((ordered[1:] == ordered[:-1]).any(axis=0)):
        _, inverse, held = np.unique(columns[:, place], return_inverse=True, return_counts=True)
        ranked[:, place] = (np.cumsum(held) - (held - 1) / 2.0)[inverse]
    return ranked[:, 0] if values.ndim == 1 else ranked


def standardised(figures: NDArray[np.floating]) -> FloatArray:
    """Return columns with mean 0 and mean square 1; a constant column becomes zeros.

    Parameters
    ----------
    figures
        Shape ``(draws,)`` or ``(draws, columns)``.
    """
    centred = figures - figures.mean(axis=0, dtype=np.float64)
    scale = np.sqrt(np.mean(centred**2, axis=0))
    found: FloatArray = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
    return found


def parts(ranked: FloatArray, number: int) -> NDArray[np.int32]:
    """Return in which of ``number`` equal parts a rank lies, from 0; equal values lie in the same.

    Parameters
    ----------
    ranked
        What :func:`ranks` returns.
    number
        Of parts; some stay empty where values are equal.
    """
    count = len(ranked)
    return np.minimum((ranked - 0.5) * (number / count), number - 1).astype(np.int32)


def normal_scores(ranked: FloatArray) -> FloatArray:
    """Return the standard normal quantiles of rank / (n + 1): van der Waerden's scores."""
    return np.asarray(ndtri(ranked / (len(ranked) + 1.0)), dtype=np.float64)
