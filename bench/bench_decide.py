"""A decision on a stored run of 4,096 draws, warm: what reading the run and the rest of it take."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.conftest import Timed
from twocurves.decide.decision import decide, decide_in
from twocurves.decide.load import read_load
from twocurves.decide.market import market
from twocurves.decide.workload_file import read_workload
from twocurves.decide.world import first_month, read_world
from twocurves.ensemble.results import StoredRun, open_run
from twocurves.ensemble.running import carry_out, job

DRAWS = 4096
EXAMPLES = Path(__file__).parents[1] / "examples"

#: Seconds of processor time that a warm decision may take.
MOST_SECONDS = 2.0


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of 4,096 draws; making it is not timed."""
    place = tmp_path_factory.mktemp("runs") / "run"
    return carry_out(job(draws=DRAWS), str(place)).path


def opened(stored: str) -> StoredRun:
    """Open the run anew, as a command does."""
    return open_run(stored)


@pytest.mark.parametrize("example", ["support_replies", "coding_seats"])
def test_a_decision(timed: Timed, stored: str, example: str) -> None:
    timed(
        f"deciding {example} in {DRAWS:,} stored draws",
        lambda: decide(EXAMPLES / f"{example}.toml", opened(stored)),
        rounds=5,
    )


def test_a_decision_in_worlds_already_read(timed: Timed, stored: str) -> None:
    path = EXAMPLES / "support_replies.toml"
    workload = read_workload(path)
    load = read_load(workload.usage, path.parent)
    run = opened(stored)
    world = read_world(run, first_month(run), workload.horizon.months)
    today = market(load.request_input_tokens)
    timed(
        f"deciding support_replies in {DRAWS:,} draws in memory",
        lambda: decide_in(workload, load, today, world),
        rounds=5,
    )


def test_a_warm_decision_is_quick(stored: str) -> None:
    path = EXAMPLES / "support_replies.toml"
    decide(path, opened(stored))
    begun = time.process_time()  # other work on the machine is none of ours
    decide(path, opened(stored))
    assert time.process_time() - begun < MOST_SECONDS
