"""Between two positions of a slider: exact at both, each future on its own way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.serve.engine import Sample
from twocurves.serve.links import read_state
from twocurves.serve.nearby import mixed
from twocurves.serve.services.live import FEW, ahead, dragged, shown_of


def sample(values, index, truth=0):
    values = np.asarray(values, dtype=np.float32)
    return Sample({"price": values}, {"C01": np.full(len(values), truth, np.int8)}, 4, {}, np.asarray(index))


@given(st.floats(0, 1), st.floats(0.01, 100), st.floats(0.01, 100))
def test_a_future_lies_between_its_two_selves(part, one, other):
    found = mixed(sample([[one]], [0]), sample([[other]], [0]), part).measures["price"][0, 0]
    assert min(one, other) * 0.999 <= found <= max(one, other) * 1.001


def test_the_ends_are_exact_and_losses_are_mixed_without_logs():
    low, high = sample([[2.0], [-1.0]], [0, 1]), sample([[8.0], [3.0]], [0, 1])
    np.testing.assert_allclose(mixed(low, high, 0.0).measures["price"][:, 0], [2, -1], rtol=1e-6)
    np.testing.assert_allclose(mixed(low, high, 1.0).measures["price"][:, 0], [8, 3], rtol=1e-6)
    np.testing.assert_allclose(mixed(low, high, 0.5).measures["price"][:, 0], [4, 1], rtol=1e-6)


def test_a_future_that_failed_at_either_end_is_left_out():
    found = mixed(sample([[1.0], [2.0]], [0, 2]), sample([[1.0], [3.0]], [1, 2]), 0.5)
    assert found.index.tolist() == [2]
    assert len(found.measures["price"]) == len(found.truths["C01"]) == 1


def test_truths_are_those_of_the_nearer_position():
    low, high = sample([[1.0]], [0], truth=0), sample([[1.0]], [0], truth=1)
    assert mixed(low, high, 0.4).truths["C01"].tolist() == [0]
    assert mixed(low, high, 0.6).truths["C01"].tolist() == [1]


@pytest.mark.usefixtures("started")
def test_a_drag_is_interpolated_between_what_was_simulated_and_exact_there(started):
    def at(value):
        return read_state(started.beliefs, f"lag_pub={value}")

    assert ahead(started, at(5), "lag_pub", [4.0, 6.0]) == 2
    ends = [shown_of(started, at(value), FEW).now for value in (4, 6)]
    between = dragged(started, at(5), "lag_pub")
    assert between.between is not None
    assert between.between[0] < between.between[1]
    assert dragged(started, at(4), "lag_pub").between is None
    np.testing.assert_array_equal(
        dragged(started, at(6), "lag_pub").now.measures["lag_months"], ends[1].measures["lag_months"]
    )
    lag = "lag_months"
    truly = np.median(shown_of(started, at(5), FEW).now.measures[lag][:, -1])
    mixed_lag = np.median(between.now.measures[lag][:, -1])
    both = sorted(float(np.median(one.measures[lag][:, -1])) for one in ends)
    assert abs(mixed_lag - truly) < 0.25 * (both[1] - both[0])


@pytest.mark.usefixtures("started")
def test_positions_outside_what_is_allowed_are_passed_over(started):
    state = read_state(started.beliefs, "lag_pub=5")
    assert ahead(started, state, "lag_pub", [4.0, 4000.0]) == 1
    assert ahead(started, state, "no_such_name", [4.0]) == 0
