"""The micro-batch: what a draw costs in a short run of batches and in a long one."""

from __future__ import annotations

import pytest
from tests.ensemble.test_microbatch import inputs, kernel

from bench.conftest import Timed
from twocurves.ensemble.microbatch import gather, run_micro_batches
from twocurves.ensemble.precision import Precision


@pytest.mark.parametrize(("count", "rounds"), [(64, 60), (1024, 7)])
def test_kernel(timed: Timed, count: int, rounds: int) -> None:
    given, compiled = inputs(count), kernel()
    timed(
        f"kernel, one of {count:,} draws",
        lambda: gather(run_micro_batches(compiled, given, Precision.FLOAT32)),
        rounds=rounds,
        per=count,
    )
