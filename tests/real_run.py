"""One small run of the real economy that many tests look at; the program is compiled for it once."""

import fcntl

import pytest

from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.running import carry_out, job

DRAWS = 64


@pytest.fixture(scope="session")
def real_run(tmp_path_factory) -> StoredRun:
    """A run of 64 draws with seed 7, in a folder of runs that all test processes share."""
    shared = tmp_path_factory.getbasetemp().parent / "runs"
    shared.mkdir(exist_ok=True)
    planned = job(draws=DRAWS)
    with (shared / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return carry_out(
            planned, shared / planned.plan.name, command="twocurves run central --draws 64 --seed 7"
        )
