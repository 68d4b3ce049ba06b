"""Storing and reading runs: time a draw, and the peak of memory, of runs up to a million draws.

The draws come from the small simulator of the tests, which costs next to nothing, so what is measured is
the store, the quantiles and the claims. Each run is a process of its own, and so is its peak of memory.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.conftest import Timed
from twocurves.ensemble.results import GATHERED_BYTES

RUN = """
import json, resource, sys, time
from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.executor import execute
draws, place = int(sys.argv[1]), sys.argv[2]
months = {"from_month": "2023-01", "until": "2036-12", "months_kept": "yearly"}
begun = time.process_time()
run = execute(plan(draws=draws, **months), DESCRIPTION, fake(failing=100, months=168), place)
stored = time.process_time()
for name in ("revenue_closed", "revenue_by_lab"):
    run.quantiles(name)
probabilities(run)
read = time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
size = sum(file.size for chunk in run.chunks for file in chunk.files)
print(json.dumps({"store": stored - begun, "read": read - stored, "peak": peak, "bytes": size}))
"""

FEW, MANY = 100_000, 1_000_000

#: Most bytes of memory that a run of a million draws may take.
PEAK_BYTES = 2e9

#: By how much a draw of a million may cost more than one of a hundred thousand.
LINEAR = 1.10

_found: dict[int, dict[str, float]] = {}


def carry_out(draws: int, folder: Path) -> None:
    """Make a run in a process of its own, read it, and remove it."""
    place = folder / str(draws)
    told = subprocess.run(
        [sys.executable, "-c", RUN, str(draws), str(place)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    shutil.rmtree(place)
    _found[draws] = json.loads(told.stdout)


@pytest.mark.parametrize("draws", [FEW, MANY])
def test_store_and_read(timed: Timed, tmp_path: Path, draws: int) -> None:
    timed(
        f"storing and reading one of {draws:,} draws, 14 months, 10 columns",
        lambda: carry_out(draws, tmp_path),
        rounds=1,
        warm_up=0,
        per=draws,
        children=True,
    )


def test_memory_is_flat_and_cost_is_linear() -> None:
    few, many = _found[FEW], _found[MANY]
    assert many["peak"] < PEAK_BYTES, many
    # Quantiles gather up to a bound, which few draws do not fill; beside it nothing grows.
    assert many["peak"] < few["peak"] + 1.5 * GATHERED_BYTES, (few, many)
    cost = {draws: (found["store"] + found["read"]) / draws for draws, found in _found.items()}
    assert cost[MANY] < LINEAR * cost[FEW], (few, many)
