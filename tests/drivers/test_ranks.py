"""Ranks, parts and normal scores."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from twocurves.drivers.ranks import normal_scores, parts, ranks, standardised

columns = arrays(np.float64, st.tuples(st.integers(2, 40), st.integers(1, 3)), elements=st.integers(-3, 3))


@given(columns)
def test_ranks_are_scipys(values):
    np.testing.assert_allclose(ranks(values), stats.rankdata(values, axis=0))
    np.testing.assert_allclose(ranks(values[:, 0]), stats.rankdata(values[:, 0]))


@given(columns, st.integers(1, 12))
def test_equal_values_lie_in_one_part_and_parts_rise(values, number):
    found = parts(ranks(values), number)
    assert found.min() >= 0
    assert found.max() < number
    for column in range(values.shape[1]):
        order = np.argsort(values[:, column], kind="stable")
        assert (np.diff(found[order, column]) >= 0).all()
        for value in np.unique(values[:, column]):
            assert len(set(found[values[:, column] == value, column])) == 1


def test_parts_of_different_values_are_equal_in_number():
    found = parts(ranks(np.random.default_rng(1).random((400, 2))), 10)
    for column in found.T:
        assert (np.bincount(column) == 40).all()


@given(columns)
def test_standardised_columns_have_mean_zero_and_mean_square_one_or_are_zero(values):
    found = standardised(values)
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-12)
    squares = (found**2).mean(axis=0)
    np.testing.assert_allclose(squares, np.where(np.ptp(values, axis=0) > 0, 1.0, 0.0), atol=1e-12)


def test_normal_scores_are_symmetric_and_nearly_normal():
    found = normal_scores(ranks(np.random.default_rng(2).random(2001)))
    np.testing.assert_allclose(np.sort(found), -np.sort(found)[::-1], atol=1e-12)
    assert abs(found.std() - 1.0) < 0.01
