"""Killed at any moment and resumed, a run holds what an uninterrupted one holds."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from tests.ensemble.stored import same
from twocurves.ensemble.executor import LocalExecutor, execute, resume
from twocurves.ensemble.faults import RunLockedError
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.results import open_run
from twocurves.ensemble.runs import list_runs
from twocurves.ensemble.storage import LocalStorage
from twocurves.ensemble.store import verify

PLAN = plan(draws=1500)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    place = tmp_path_factory.mktemp("whole") / "run"
    execute(PLAN, DESCRIPTION, fake(failing=40), place)
    return place


def begin(place, workers, chunk, seconds):
    """Start a run in a process group of its own and wait until it computes."""
    arguments = [sys.executable, "-m", "tests.ensemble.run_fake", *map(str, (place, workers, chunk, seconds))]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    return process


def end(process):
    rest = process.stdout.read()
    process.stdout.close()
    return process.wait(), rest


def killed_and_resumed(whole, place, number, moment):
    workers, chunk = 1 + number % 2, (1, 3, 7)[number % 3]
    process = begin(place, workers, chunk, 0.02)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    end(process)
    looked = verify(LocalStorage(place))
    assert not looked.damaged
    resume(PLAN, DESCRIPTION, fake(failing=40), place, chunk=1 + number % 5)
    assert same(whole, place)
    assert verify(LocalStorage(place)).problems == ()


@pytest.mark.parametrize("number", range(3))
def test_killed_at_a_random_moment(whole, tmp_path, number):
    killed_and_resumed(whole, tmp_path, number, random.Random(number).uniform(0.0, 0.4))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
def test_killed_at_twenty_random_moments(whole, tmp_path, number):
    killed_and_resumed(whole, tmp_path, number, random.Random(100 + number).uniform(0.0, 1.2))


@pytest.mark.parametrize(("workers", "number"), [(1, signal.SIGINT), (2, signal.SIGINT), (2, signal.SIGTERM)])
def test_a_signal_to_the_whole_group_leaves_a_run_to_go_on_with(whole, tmp_path, workers, number):
    process = begin(tmp_path, workers, 5, 0.02)
    for _ in range(2):
        process.stdout.readline()
    os.killpg(process.pid, number)
    code, said = end(process)
    assert code == 130
    assert said.strip().splitlines()[-1] == f"twocurves run --resume {tmp_path}"
    stored = open_run(tmp_path)
    assert stored.manifest.status == "interrupted"
    assert 2 * MICRO_BATCH <= stored.counts.stored < 1500
    resume(PLAN, DESCRIPTION, fake(failing=40), tmp_path)
    assert same(whole, tmp_path)


def test_two_processes_on_one_run_and_a_dead_one(tmp_path):
    process = begin(tmp_path / "run", 1, 1, 0.05)
    with pytest.raises(RunLockedError, match=f"Process {process.pid} on .* is writing the run"):
        resume(PLAN, DESCRIPTION, fake(), tmp_path / "run")
    assert [run.status for run in list_runs(tmp_path)] == ["running"]
    process.send_signal(signal.SIGKILL)
    end(process)
    assert (tmp_path / "run" / "run.lock").exists()
    assert [run.status for run in list_runs(tmp_path)] == ["interrupted"]
    resume(PLAN, DESCRIPTION, fake(failing=40), tmp_path / "run")
    assert [run.status for run in list_runs(tmp_path)] == ["complete"]
    assert not (tmp_path / "run" / "run.lock").exists()


def test_a_worker_killed_from_outside_costs_nothing(whole, tmp_path):
    victims: list[int] = []

    def kill_one(done, _asked, _failed):
        if done >= 200 and not victims:
            victims.append(multiprocessing.active_children()[0].pid or 0)
            os.kill(victims[0], signal.SIGKILL)

    execute(
        PLAN,
        DESCRIPTION,
        fake(failing=40, seconds=0.01),
        tmp_path,
        executor=LocalExecutor(2),
        chunk=4,
        progress=kill_one,
    )
    assert victims
    assert same(whole, tmp_path)


MEMORY = """
import resource, sys
from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from twocurves.ensemble.executor import execute
run = execute(plan(draws=int(sys.argv[1]), months_kept="all"), DESCRIPTION, fake(failing=40), sys.argv[2])
run.claim_counts()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_draws(tmp_path):
    kilobytes = [
        int(
            subprocess.run(
                [sys.executable, "-c", MEMORY, str(draws), str(tmp_path / str(draws))],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for draws in (10_000, 60_000)
    ]
    assert kilobytes[1] - kilobytes[0] < 40_000, kilobytes
