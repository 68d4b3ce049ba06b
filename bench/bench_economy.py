"""The economy: microseconds per draw-month for few and many draws, gradients, and the plain NumPy month."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.economy.numpy_month import run_path

from bench.conftest import Timed
from twocurves.beliefs import Beliefs, draws, load_beliefs
from twocurves.ensemble.assembly import numbers_of, outside_of, structure_of
from twocurves.ensemble.paths import paths
from twocurves.ensemble.precision import Precision
from twocurves.observed.tables import observations

MONTHS = 168


@cache
def beliefs() -> Beliefs:
    return load_beliefs()


def simulate(count: int) -> float:
    """Run draws and keep one number of them, as a store that streams does."""
    drawn = draws(beliefs(), seed=1, count=count)
    batches = paths(beliefs(), drawn, observations(), MONTHS, Precision.FLOAT32)
    return float(sum(batch.measures["revenue_closed"][:, -1].sum() for batch in batches))


@pytest.mark.parametrize(("count", "rounds"), [(1, 5), (64, 5), (128, 5), (1024, 2), (16384, 1)])
def test_draw_months(timed: Timed, count: int, rounds: int) -> None:
    timed(
        f"economy, a month of one of {count:,} draws",
        lambda: simulate(count),
        rounds=rounds,
        per=count * MONTHS,
    )


def test_numpy_month(timed: Timed) -> None:
    drawn = draws(beliefs(), seed=1, count=64)
    numbers = numbers_of(beliefs(), drawn)
    structure = structure_of(beliefs())
    outside: Any = outside_of(beliefs(), structure, numbers, observations(), drawn, MONTHS)
    timed(
        "plain NumPy, a month of one of 64 draws",
        lambda: run_path(numbers, outside, structure, 24),
        rounds=2,
        per=64 * 24,
    )
    assert np.isfinite(numbers["compute_stock_2025"]).all()
