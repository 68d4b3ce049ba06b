"""Densities of draws: how often a number comes out where, as a smooth curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Points of a curve.
POINTS = 121

_BINS = 960
_NARROWEST = 1 / 80


def density(draws: ArrayLike, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a Gaussian kernel density of draws on a grid from ``low`` to ``high``.

    Draws outside count in the total: what lies off the grid is missing from under the curve. The band width
    is Silverman's rule of thumb, with the smaller of the standard deviation and the interquartile range
    (Silverman 1986, *Density Estimation*, eq. 3.31), at least an eightieth of the grid.

    Parameters
    ----------
    draws
        Shape ``(draws,)``, finite.
    low, high
        Ends of the grid.

    Returns
    -------
    grid, density
        Each of :data:`POINTS` values; density per unit of the draws.
    """
    values = np.asarray(draws, dtype=np.float64)
    quartiles = np.quantile(values, [0.25, 0.75])
    spread = min(float(values.std()), float(quartiles[1] - quartiles[0]) / 1.349)
    width = max(0.9 * spread * len(values) ** -0.2, (high - low) * _NARROWEST)
    counts, edges = np.histogram(values, bins=_BINS, range=(low, high))
    middles = (edges[:-1] + edges[1:]) / 2
    grid = np.linspace(low, high, POINTS)
    kernel = np.exp(-0.5 * ((grid[:, None] - middles[None, :]) / width) ** 2)
    return grid, kernel @ counts / (len(values) * width * np.sqrt(2 * np.pi))
