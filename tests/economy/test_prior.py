"""Draws from the prior: every one finite, or failed with a named cause."""

import numpy as np
import pytest

from tests.economy.central import MONTHS, beliefs, held
from twocurves.beliefs import draws
from twocurves.economy.certificates import TOLERANCES
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.paths import Batch, paths
from twocurves.ensemble.precision import Precision

#: Share of draws that may fail.
MOST_FAILURES = 0.01


def _check(batch: Batch) -> int:
    """Every draw is finite or failed with cause, month and figure; return how many failed."""
    for name, array in batch.measures.items():
        finite = np.isfinite(array).reshape(len(batch.index), -1).all(axis=1)
        assert finite[batch.ok].all(), name
    failed = ~batch.ok
    assert set(batch.cause[failed]) <= set(TOLERANCES)
    assert (batch.month[failed] >= 0).all()
    assert not (batch.figure[failed] <= min(TOLERANCES.values())).any()
    assert set(batch.cause[batch.ok]) <= {""}
    return int(failed.sum())


def _failures(count: int, seed: int) -> int:
    some = draws(beliefs(), seed=seed, count=count)
    return sum(_check(batch) for batch in paths(beliefs(), some, held(), MONTHS, Precision.FLOAT32))


def test_a_batch_of_draws_is_finite_or_failed_by_name():
    assert _failures(MICRO_BATCH, 20230102) <= 1


@pytest.mark.slow
def test_fewer_than_one_draw_in_a_hundred_fails():
    count = 10_000
    assert _failures(count, 20230103) < MOST_FAILURES * count
