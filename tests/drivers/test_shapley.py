"""Shares of a change add up to it, whatever the change is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twocurves.drivers.shapley import EXACT_UP_TO, shares


def table(seed, number):
    """An arbitrary outcome of every subset, made when it is asked for."""
    known = {}

    def value(subset):
        if subset not in known:
            rng = np.random.default_rng([seed, *sorted(subset)])
            known[subset] = float(rng.normal() * 1e3)
        return known[subset]

    return value, number


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 9))
def test_shares_add_up_to_the_change(seed, number):
    value, number = table(seed, number)
    found = shares(number, value, np.random.default_rng(seed))
    change = value(frozenset(range(number))) - value(frozenset())
    assert found.exact == (number <= EXACT_UP_TO)
    assert abs(found.shapley.sum() - change) < 1e-9
    assert abs(found.ordered.sum() - change) < 1e-9
    assert found.after - found.before == pytest.approx(change, abs=1e-9)


def test_what_acts_alone_has_its_own_share_in_any_order():
    weights = np.array([1.0, -2.0, 0.0, 4.0, 3.0, 0.5, 1.5, 2.5])

    def value(subset):
        return float(sum(weights[place] for place in subset))

    for number in (4, 8):
        found = shares(number, value, np.random.default_rng(0))
        np.testing.assert_allclose(found.shapley, weights[:number], atol=1e-12)
        np.testing.assert_allclose(found.ordered, weights[:number], atol=1e-12)
        np.testing.assert_allclose(found.spread, 0.0, atol=1e-12)


def test_what_acts_only_together_is_halved():
    found = shares(2, lambda subset: float(len(subset) == 2), np.random.default_rng(0))
    np.testing.assert_allclose(found.shapley, [0.5, 0.5])
    np.testing.assert_allclose(found.ordered, [0.0, 1.0])


def test_every_subset_is_computed_once():
    asked = []

    def value(subset):
        asked.append(subset)
        return float(len(subset))

    shares(4, value, np.random.default_rng(0))
    assert len(asked) == len(set(asked)) == 16
