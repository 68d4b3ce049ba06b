"""The engine: each micro-batch once, the most urgent first, never more than fits."""

import threading

import numpy as np
import pytest

from twocurves.beliefs import load_beliefs, read_settings
from twocurves.claims import load_ledger
from twocurves.observed.tables import observations
from twocurves.serve.engine import LATER, NOW, BusyError, Engine, MicroBatch


class Slow(Engine):
    """An engine whose micro-batches wait until they may go on."""

    def __init__(self, most_waiting=4):
        super().__init__(load_beliefs(), observations(), load_ledger(), seed=7, most_waiting=most_waiting)
        self.go = threading.Semaphore(0)
        self.computed = []

    def _warm(self):
        self.ready.set()

    def compute(self, settings, batch):
        assert self.go.acquire(timeout=10)
        self.computed.append((tuple(settings.as_strings()), batch))
        ok = np.arange(64) != 3
        return MicroBatch({"lag_months": np.full((64, 4), batch, np.float32)}, ok, {"late": 1}, {}, 0.0)


def lag(value):
    return read_settings(load_beliefs(), [f"lag_pub={value}"])


@pytest.fixture
def engine():
    found = Slow()
    found.start()
    return found


def test_what_is_known_or_under_way_is_not_computed_again(engine):
    one, two = engine.ask(lag(4), 0), engine.ask(lag(4), 0)
    assert one is two
    engine.go.release()
    one.result(10)
    assert engine.ask(lag(4), 0).done()
    assert len(engine.computed) == 1
    assert engine.known(lag(4), 64)
    assert not engine.known(lag(4), 128)


def test_too_much_at_once_is_refused(engine):
    for value in range(3, 7):
        engine.ask(lag(value), 0)
    with pytest.raises(BusyError, match="try again"):
        engine.ask(lag(8), 0)
    for _ in range(8):
        engine.go.release()


def test_the_urgent_does_not_wait_for_what_can(engine):
    held = [engine.ask(lag(value), 0, LATER) for value in (3, 4)]
    urgent = engine.ask(lag(6), 0, NOW)
    for _ in range(2):
        engine.go.release()
    urgent.result(10)
    assert not all(future.done() for future in held)
    for _ in range(2):
        engine.go.release()
    for future in held:
        future.result(10)


def test_failed_draws_are_counted_and_left_out(engine):
    for _ in range(2):
        engine.go.release()
    found = engine.sample(lag(4), 128, timeout=10)
    assert (found.asked, found.failed) == (128, {"late": 2})
    assert found.measures["lag_months"].shape == (126, 4)
    assert 3 not in found.index


def test_an_answer_that_takes_too_long_says_so(engine):
    with pytest.raises(BusyError, match="busy"):
        engine.sample(lag(4), 64, timeout=0.05)
    engine.go.release()
