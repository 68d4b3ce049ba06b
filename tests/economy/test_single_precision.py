"""The production kernel: single precision against double, one compilation for all scenarios, the batch."""

from functools import cache

import numpy as np
import pytest

from tests.economy.central import MONTHS, Floats, Path, beliefs, drawn, held, run
from twocurves.beliefs import draws
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.paths import Batch, kernel, paths
from twocurves.ensemble.precision import Precision

#: Draws compared, from the prior, with their shocks.
COUNT = 32

#: Months after January 2023 in which chips shipped and money spent are observed: to June 2026.
OBSERVED = 42

#: Money of the months in which compute is observed, relative, in any draw.
OBSERVED_RTOL = 5e-3

#: Of all months, relative to the largest of the path, in the middle one of the draws.
MIDDLE_RTOL = 5e-3

#: Money that is a sum of sales, not a difference of large sums.
MONEY = ("revenue_closed", "spending_open", "investment", "rental", "price_closed", "price_open")


@cache
def singly() -> list[Batch]:
    """Prior draws as users run them."""
    some = draws(beliefs(), seed=20230101, count=COUNT)
    return list(paths(beliefs(), some, held(), MONTHS, Precision.FLOAT32))


@cache
def doubly() -> list[Path]:
    """The same draws in double precision."""
    return run(drawn(COUNT))


def _both(name: str) -> tuple[Floats, Floats]:
    """A measure in double and in single precision, shape ``(draws, months, ...)``."""
    close = np.concatenate([batch.measures[name] for batch in singly()]).astype(float)
    return np.stack([path[name] for path in doubly()]), close


def test_a_single_precision_run_stays_in_single_precision():
    (batch,) = singly()
    assert {name: array.dtype for name, array in batch.measures.items() if array.dtype != np.float32} == {}


def test_a_batch_has_its_draws_and_no_padding():
    (batch,) = singly()
    np.testing.assert_array_equal(batch.index, np.arange(COUNT))
    for name, info in MEASURES.items():
        assert batch.measures[name].shape[:2] == (COUNT, MONTHS)
        assert batch.measures[name].ndim == 2 + len(info.axes)
    assert batch.ok.all()
    assert set(batch.cause) == {""}
    np.testing.assert_array_equal(batch.month, -1)


@pytest.mark.parametrize("name", MONEY)
def test_money_of_observed_months_agrees_in_every_draw(name):
    wide, close = _both(name)
    np.testing.assert_allclose(close[:, :OBSERVED], wide[:, :OBSERVED], rtol=OBSERVED_RTOL)


@pytest.mark.parametrize("name", MONEY)
def test_money_agrees_in_all_months_of_most_draws(name):
    """A draw near an exit or a turn of building may take it a month earlier; most meet neither."""
    wide, close = _both(name)
    off = np.abs(close - wide) / np.abs(wide).max(axis=1, keepdims=True)
    assert np.median(off.reshape(COUNT, -1).max(axis=1)) < MIDDLE_RTOL


def test_scenarios_of_the_same_shape_compile_once():
    """Other draws, other numbers of draws, other beliefs: one program."""
    singly()
    for count, seed in ((3, 7), (MICRO_BATCH, 8)):
        some = draws(beliefs(), seed=seed, count=count)
        (batch,) = paths(beliefs(), some, held(), MONTHS, Precision.FLOAT32)
        assert len(batch.index) == count
    assert kernel(beliefs(), Precision.FLOAT32, True)[1]._cache_size() == 1
