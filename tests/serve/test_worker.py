"""The simulating process: the futures of the stored run, to rounding; it is started again when it ends."""

import numpy as np
import pytest

from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.ensemble.columns import columns
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.errors import BadInputError
from twocurves.serve.worker import Assignment, RemoteSimulator

#: Share by which most figures of a future may differ between the two kernels.
ROUNDING = 1e-3


@pytest.fixture
def remote(real_run):
    found = RemoteSimulator(Assignment(real_run.plan.seed, real_run.plan.posterior))
    yield found
    found.stop()


@pytest.mark.slow
def test_it_simulates_the_futures_of_the_stored_run_and_comes_back_when_killed(remote, real_run):
    index, stored = columns(real_run, ["net_revenue_open", "lag_months", "price_closed"])
    for attempt in range(2):
        found = remote.compute(NO_SETTINGS, 0)
        both = np.intersect1d(index, np.flatnonzero(found.ok))
        assert len(both) >= MICRO_BATCH - 2
        for name, values in stored.items():
            mine, theirs = found.measures[name][both], values[np.searchsorted(index, both)]
            apart = np.abs(mine - theirs) / (np.abs(theirs) + 1e-6)
            assert np.quantile(apart, 0.99) < ROUNDING, name
        if attempt == 0:
            remote._process.kill()
            remote._process.join()


def test_a_process_that_cannot_begin_is_told_as_such():
    from twocurves.serve.worker import WorkerError

    remote = RemoteSimulator(Assignment(7, "/no/such/posterior.npz"))
    with pytest.raises((WorkerError, BadInputError)):
        remote.compute(NO_SETTINGS, 0)
    remote.stop()
