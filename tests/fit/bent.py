"""A problem whose paths bend: ten unknowns, twenty-five figures in three series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fit.toys import MONTHS, ToyProblem, ToySkeleton, toy_problem, toy_row, toy_series, use_table
from twocurves.fit.series import Series

FloatArray = NDArray[np.float64]

UNKNOWNS = 10

SERIES = (
    toy_series("growth", discrepancy=0.15, memory=6.0),
    toy_series("share", discrepancy=0.2, memory=9.0, bias=0.3),
    toy_series("lag", discrepancy=0.5, memory=4.0),
)

#: Months of each series' figures, and the standard deviation of their errors.
FIGURES = {
    "growth": (range(0, 40, 4), 0.1),
    "share": (range(2, 42, 5), 0.15),
    "lag": (range(4, 39, 5), 0.5),
}


def growth(z: FloatArray) -> FloatArray:
    """Logs of something that grows at a rate that halves."""
    months = np.arange(float(MONTHS))
    half_life = 20.0 * np.exp(0.4 * z[:, 2:3])
    pace = 0.1 * np.exp(0.5 * z[:, 1:2])
    return 0.5 * z[:, :1] + pace * half_life * (1.0 - np.exp(-months / half_life))


def share(z: FloatArray) -> FloatArray:
    """Logits of a share that follows the growth, up to a ceiling."""
    level = 0.6 * z[:, 3:4] + 0.4 * growth(z) * np.exp(0.3 * z[:, 4:5]) - 1.0
    return level - np.log1p(np.exp(level - 1.5 - 0.5 * z[:, 5:6]))


def lag(z: FloatArray) -> FloatArray:
    """Months that one follows another."""
    months = np.arange(float(MONTHS))
    return 6.0 * np.exp(0.3 * z[:, 6:7]) + 0.05 * months * z[:, 7:8] * (1.0 + 0.3 * z[:, 1:2])


def bent(
    patch: pytest.MonkeyPatch, random: np.random.Generator, beliefs: Any = None
) -> tuple[ToyProblem, FloatArray, FloatArray]:
    """Return a problem with figures drawn from the prior, and the numbers and discrepancies behind them."""
    table = use_table(patch, *SERIES)
    numbers, log_ratio = random.normal(size=UNKNOWNS), random.normal(size=len(SERIES))
    skeleton = ToySkeleton({"growth": growth, "share": share, "lag": lag})
    paths = skeleton.paths(numbers[None]).by_series
    rows = []
    for place, (name, (months, error)) in enumerate(FIGURES.items()):
        off = _left_out(table[name], np.array(months, dtype=float), log_ratio[place], random)
        for month, left in zip(months, off, strict=True):
            value = paths[name][0, month] + left + random.normal(0.0, error)
            rows.append(toy_row(name, month, float(value), error))
    return toy_problem(skeleton, tuple(rows), beliefs), numbers, log_ratio


def _left_out(one: Series, months: FloatArray, log_ratio: float, random: np.random.Generator) -> FloatArray:
    tau = one.discrepancy * np.exp(0.5 * log_ratio)
    spread = tau**2 * np.exp(-np.abs(months[:, None] - months) / one.memory) + one.bias**2
    return np.linalg.cholesky(spread + 1e-12 * np.eye(len(months))) @ random.normal(size=len(months))
