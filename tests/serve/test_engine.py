"""The engine: each micro-batch once, the most urgent first, never more than fits."""

import threading

import numpy as np
import pytest

from twocurves.beliefs import load_beliefs, read_settings
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.serve.engine import AHEAD, LATER, NOW, BusyError, Engine, SupersededError
from twocurves.serve.simulator import MicroBatch

WAIT_SECONDS = 10


class Slow:
    """A simulator whose micro-batches wait until they may go on."""

    def __init__(self):
        self.go = threading.Semaphore(0)
        self.computed = []

    def compute(self, settings, batch):
        if settings.as_strings():
            assert self.go.acquire(timeout=WAIT_SECONDS)
            self.computed.append((tuple(settings.as_strings()), batch))
        ok = np.arange(MICRO_BATCH) != 3
        shape = (MICRO_BATCH, 4)
        return MicroBatch({"lag_months": np.full(shape, batch, np.float32)}, ok, {"late": 1}, {}, 0.0)

    def central_path(self):
        return {}


def lag(value):
    return read_settings(load_beliefs(), [f"lag_pub={value}"])


@pytest.fixture
def slow():
    found = Slow()
    yield found
    for _ in range(100):
        found.go.release()


@pytest.fixture
def engine(slow):
    found = Engine([slow, slow], seed=7, most_waiting=4)
    found.start()
    assert found.ready.wait(WAIT_SECONDS)
    return found


def test_what_is_known_or_under_way_is_not_computed_again(engine, slow):
    one, two = engine.ask(lag(4), 0), engine.ask(lag(4), 0)
    assert one is two
    slow.go.release()
    one.future.result(WAIT_SECONDS)
    assert engine.ask(lag(4), 0).future.done()
    assert len(slow.computed) == 1
    assert engine.known(lag(4), MICRO_BATCH)
    assert not engine.known(lag(4), 2 * MICRO_BATCH)


def test_too_much_at_once_is_refused(engine):
    for value in range(3, 7):
        engine.ask(lag(value), 0)
    with pytest.raises(BusyError, match="try again"):
        engine.ask(lag(8), 0)


def test_the_urgent_does_not_wait_for_what_can(engine, slow):
    held = [engine.ask(lag(value), 0, LATER) for value in (3, 4)]
    urgent = engine.ask(lag(6), 0, NOW)
    for _ in range(2):
        slow.go.release()
    urgent.future.result(WAIT_SECONDS)
    assert not all(one.future.done() for one in held)
    for _ in range(2):
        slow.go.release()
    for one in held:
        one.future.result(WAIT_SECONDS)


def test_failed_draws_are_counted_and_left_out(engine, slow):
    for _ in range(2):
        slow.go.release()
    found = engine.sample(lag(4), 2 * MICRO_BATCH, timeout=WAIT_SECONDS)
    assert (found.asked, found.failed) == (2 * MICRO_BATCH, {"late": 2})
    assert found.measures["lag_months"].shape == (2 * (MICRO_BATCH - 1), 4)
    assert 3 not in found.index


def test_an_answer_that_takes_too_long_says_so_and_is_waited_for_no_longer(engine, slow):
    with pytest.raises(BusyError, match="busy"):
        engine.sample(lag(4), 4 * MICRO_BATCH, timeout=0.05)
    assert engine.ask(lag(5), 0, LATER)  # two of the four had begun, the others make room
    for _ in range(4):
        slow.go.release()
    engine.ask(lag(5), 0).future.result(WAIT_SECONDS)
    assert {batch for _, batch in slow.computed} <= {0, 1}


def test_a_newer_wish_ends_the_wait_for_an_older_one(engine):
    with pytest.raises(SupersededError):
        engine.sample(lag(4), 4 * MICRO_BATCH, timeout=WAIT_SECONDS, wanted=lambda: False)


def test_a_new_expectation_takes_the_place_of_the_last(engine, slow):
    engine.work_ahead([lag(value) for value in (3, 4, 5, 6)], MICRO_BATCH)
    engine.work_ahead([lag(7)], MICRO_BATCH)
    slow.go.release()
    slow.go.release()
    engine.ask(lag(7), 0).future.result(WAIT_SECONDS)
    assert len(slow.computed) <= 2  # one of the first four at most: the one that had begun


def test_work_ahead_neither_fills_the_queue_nor_hinders_the_urgent(engine, slow):
    engine.work_ahead([lag(value / 10) for value in range(30, 60)], MICRO_BATCH)
    urgent = engine.ask(lag(8), 0, NOW)
    slow.go.release()
    slow.go.release()
    urgent.future.result(WAIT_SECONDS)
    assert engine.ask(lag(9), 0, AHEAD).waiters == 0


def test_a_simulator_that_cannot_begin_is_told_to_every_visitor():
    class Broken(Slow):
        def compute(self, settings, batch):
            raise ValueError("no memory")

    engine = Engine([Broken()], seed=7)
    engine.start()
    assert engine.ready.wait(WAIT_SECONDS)
    assert "no memory" in str(engine.fault)
