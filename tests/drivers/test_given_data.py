"""Statistics of stored draws: functions with known answers, and the libraries that have them."""

import numpy as np
import pytest
from SALib.analyze import pawn as salib_pawn
from scipy import stats

from tests.drivers.functions import (
    ISHIGAMI_FIRST,
    ishigami,
    sample,
    sobol_g,
    sobol_g_indices,
)
from twocurves.drivers import given_data as given
from twocurves.drivers.ranks import parts, ranks, standardised


def first_order(x, y):
    number = given.number_of_parts(len(x))
    return given.first_order(parts(ranks(x), number), number, y[:, None])[:, 0]


def test_first_order_of_ishigami():
    x, y = sample(ishigami, 8192, 3, low=-np.pi, high=np.pi)
    np.testing.assert_allclose(first_order(x, y), ISHIGAMI_FIRST, atol=0.02)


def test_first_order_of_sobol_g():
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    x, y = sample(lambda x: sobol_g(x, a), 16384, 5, seed=3)
    np.testing.assert_allclose(first_order(x, y), sobol_g_indices(a)[0], atol=0.02)


def test_first_order_of_a_linear_gaussian_model_is_the_share_of_its_squares():
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    x = np.random.default_rng(4).normal(size=(8192, 4))
    expected = weights**2 / (weights**2).sum()
    np.testing.assert_allclose(first_order(x, x @ weights), expected, atol=0.025)


def test_first_order_of_an_input_that_does_nothing_is_zero_on_average():
    rng = np.random.default_rng(5)
    found = np.concatenate([first_order(rng.random((500, 40)), rng.normal(size=500)) for _ in range(10)])
    assert abs(found.mean()) < 3 * found.std() / np.sqrt(len(found))


def test_weights_of_one_change_nothing_and_double_weights_neither():
    x, y = sample(ishigami, 640, 3, low=-np.pi, high=np.pi)
    codes = parts(ranks(x), 10)
    plain = given.first_order(codes, 10, y[:, None])
    np.testing.assert_allclose(given.first_order(codes, 10, y[:, None], np.ones((640, 1))), plain, rtol=1e-9)
    means, counts = given.conditional_means(codes, 10, y[:, None], np.full((640, 1), 2.0))
    for place in range(3):
        for part in range(10):
            inside = codes[:, place] == part
            assert counts[place, part, 0] == 2 * inside.sum()
            assert means[place, part, 0] == pytest.approx(y[inside].mean())


def test_rank_correlations_are_scipys():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(300, 5)), rng.integers(0, 2, size=(300, 3)).astype(float)
    found = given.rank_correlations(standardised(ranks(x)), standardised(ranks(y)))
    for place in range(5):
        for other in range(3):
            assert found[place, other] == pytest.approx(stats.spearmanr(x[:, place], y[:, other]).statistic)


@pytest.mark.parametrize("binary", [False, True])
def test_pawn_is_salibs(binary):
    x, y = sample(ishigami, 2000, 3, low=-np.pi, high=np.pi)
    y = (y > 4).astype(float) if binary else y
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-np.pi, np.pi]] * 3}
    theirs = salib_pawn.analyze(problem, x, y, S=10)
    # SALib leaves the largest value of an input out of the last part.
    np.testing.assert_allclose(given.pawn(parts(ranks(x), 10), y), theirs["median"], atol=2e-3)


def test_pawn_sees_what_rank_correlation_does_not():
    x, y = sample(ishigami, 4096, 3, low=-np.pi, high=np.pi)
    codes = parts(ranks(x), 10)
    rank = given.rank_correlations(standardised(ranks(x)), standardised(ranks(y))[:, None])[:, 0]
    floor = given.pawn_floor(codes, y, np.random.default_rng(0))
    found = given.pawn(codes, y)
    assert abs(rank[1]) < 0.05
    assert (found[:3] > floor).all()


def test_bootstrap_intervals_of_rank_correlations_cover():
    """Of a pair of normals whose rank correlation is known; 200 samples of 300 draws."""
    rng, inside, repeats = np.random.default_rng(7), 0, 200
    for _ in range(repeats):
        x = rng.normal(size=300)
        y = 0.5 * x + np.sqrt(0.75) * rng.normal(size=300)
        weights = given.bootstrap_weights(300, rng)
        found = given.weighted_rank_correlations(
            standardised(ranks(x[:, None])), standardised(ranks(y)), weights
        )
        low, high = np.quantile(found[0], [0.05, 0.95])
        inside += low <= 6 / np.pi * np.arcsin(0.25) <= high
    assert 0.84 <= inside / repeats <= 0.95


def test_the_floor_catches_95_percent_of_dummies():
    """Each of 30 sets of 60 dummies is new; the floor is of the whole set, so few sets have one above."""
    rng = np.random.default_rng(8)
    above = {"rank": 0, "first": 0, "pawn": 0}
    sets, inputs, draws = 30, 60, 600
    for _ in range(sets):
        x, y = rng.random((draws, inputs)), standardised(rng.normal(size=draws) ** 3)
        scores, codes, tenths = standardised(ranks(x)), parts(ranks(x), 10), parts(ranks(x), given.TENTHS)
        shuffles = given.shuffled(y, rng, 60)
        above["rank"] += (
            np.abs(given.rank_correlations(scores, y[:, None]))
            > given.floor_of(given.rank_correlations(scores, shuffles))
        ).sum()
        above["first"] += (
            given.first_order(codes, 10, y[:, None]) > given.floor_of(given.first_order(codes, 10, shuffles))
        ).sum()
        above["pawn"] += (given.pawn(tenths, y) > given.pawn_floor(tenths, y, rng)).sum()
    for count in above.values():
        assert count <= 0.01 * sets * inputs  # the floor is for a whole set, so it catches far more than 95%


def test_more_draws_give_finer_parts():
    assert [given.number_of_parts(draws) for draws in (128, 1024, 1280, 4096, 100_000)] == [
        10,
        10,
        20,
        40,
        40,
    ]
