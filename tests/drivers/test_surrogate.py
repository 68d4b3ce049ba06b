"""Total effects by polynomials, effects of one's own, probits and trees: known answers."""

import numpy as np
import pytest
from scipy.special import ndtr

from twocurves.drivers.additive import fit, own_effects
from twocurves.drivers.probit import chance, probit
from twocurves.drivers.ranks import normal_scores, parts, ranks, standardised
from twocurves.drivers.surrogate import PAIRED, WIDTH, size_for, totals
from twocurves.drivers.tree import grow


def total_of(x, y, paired=4):
    scores = normal_scores(ranks(x))
    return totals(scores, np.arange(x.shape[1]), paired, standardised(y))


def test_totals_of_a_linear_gaussian_model():
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    x = np.random.default_rng(0).normal(size=(4096, 4))
    found = total_of(x, x @ weights)
    np.testing.assert_allclose(found.totals, weights**2 / 14.0, atol=0.01)
    np.testing.assert_allclose(found.mains, weights**2 / 14.0, atol=0.01)
    assert found.explained == pytest.approx(1.0, abs=0.01)


def test_a_product_counts_for_both_its_factors():
    x = np.random.default_rng(1).normal(size=(8192, 3))
    found = total_of(x, x[:, 0] + x[:, 1] + x[:, 0] * x[:, 1])
    np.testing.assert_allclose(found.totals, [2 / 3, 2 / 3, 0.0], atol=0.03)
    np.testing.assert_allclose(found.mains, [1 / 3, 1 / 3, 0.0], atol=0.03)


def test_what_two_inputs_share_is_in_the_total_of_neither():
    rng = np.random.default_rng(2)
    shared = rng.normal(size=4096)
    x = np.stack([shared + 0.3 * rng.normal(size=4096), shared + 0.3 * rng.normal(size=4096)], axis=1)
    found = total_of(x, shared, paired=2)
    assert found.totals.sum() < 0.2
    assert found.explained > 0.9


def test_noise_explains_nothing():
    rng = np.random.default_rng(3)
    found = total_of(rng.normal(size=(2048, 20)), rng.normal(size=2048), paired=8)
    assert found.explained < 0.02
    assert found.totals.max() < 0.01


@pytest.mark.parametrize("draws", [128, 400, 1000, 5000])
def test_there_are_draws_enough_for_every_term(draws):
    wide, paired = size_for(draws, 500)
    assert 1 <= paired <= wide <= WIDTH
    assert paired <= PAIRED
    assert 3 * wide + paired * (paired - 1) / 2 <= draws / 4


def test_an_input_that_lies_beside_another_has_no_effect_of_its_own():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3000, 30))
    x[:, 1] = x[:, 0] + 0.5 * rng.normal(size=3000)
    y = standardised(2 * x[:, 0] + x[:, 2] + rng.normal(size=3000))
    ranked = ranks(x)
    scores = standardised(ranked)
    dummies = standardised(ranks(rng.normal(size=(3000, 60))))
    found = fit(scores, parts(ranked, 20), 20, y[:, None], dummies, 0.06)
    own = own_effects(found, scores)[:, 0]
    rank = scores.T @ standardised(ranks(y)) / 3000
    assert rank[1] > 0.6
    assert abs(own[1]) < 0.03
    assert own[0] == pytest.approx(2 / np.sqrt(6), abs=0.05)
    assert own[2] == pytest.approx(1 / np.sqrt(6), abs=0.05)
    assert set(found[0].places) >= {0, 2}
    np.testing.assert_allclose(found[0].left + found[0].steps.sum(axis=0), y, atol=1e-9)


def test_outcomes_side_by_side_are_those_alone():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(600, 12))
    ranked = ranks(x)
    scores, codes, dummies = standardised(ranked), parts(ranked, 10), standardised(rng.normal(size=(600, 9)))
    y = standardised(np.stack([x[:, 0] + x[:, 3], x[:, 5] - rng.normal(size=600)], axis=1))
    both = fit(scores, codes, 10, y, dummies, 0.15)
    for place in range(2):
        (alone,) = fit(scores, codes, 10, y[:, [place]], dummies, 0.15)
        assert alone.places == both[place].places
        np.testing.assert_allclose(alone.left, both[place].left, atol=1e-9)


def test_probit_finds_its_coefficients():
    rng = np.random.default_rng(6)
    terms = np.stack([np.ones(20_000), *rng.normal(size=(2, 20_000))], axis=1)
    expected = np.array([-0.5, 1.2, -0.7])
    true = (rng.random(20_000) < ndtr(terms @ expected)).astype(float)
    found = probit(terms, true)
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert chance(terms, found).mean() == pytest.approx(true.mean(), abs=1e-3)


def test_probit_of_a_perfectly_parted_sample_is_finite():
    x = np.linspace(-1, 1, 50)
    found = probit(np.stack([np.ones(50), x], axis=1), (x > 0).astype(float))
    assert np.isfinite(found).all()
    assert found[1] > 1


def test_the_tree_finds_the_cut():
    x = np.random.default_rng(7).random((1000, 4))
    root = grow(x, (x[:, 2] > 0.3) & (x[:, 0] < 0.8))
    assert root.place == 2
    assert root.cut == pytest.approx(0.3, abs=0.01)
    assert root.no is not None
    assert root.no.place == 0
    assert root.no.cut == pytest.approx(0.8, abs=0.01)
    assert root.yes is not None
    assert root.yes.place is None
    assert root.yes.share == 0.0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(4))
def test_the_tree_is_scikit_learns(seed):
    tree = pytest.importorskip("sklearn.tree")
    rng = np.random.default_rng(seed)
    x = rng.random((500, 5))
    y = rng.random(500) < 0.2 + 0.5 * (x[:, 1] > 0.6) + 0.2 * (x[:, 4] < 0.4)
    theirs = tree.DecisionTreeClassifier(max_depth=2, min_samples_leaf=25, random_state=0).fit(x, y).tree_
    mine = grow(x, y)
    assert mine.place == theirs.feature[0]
    assert mine.cut == pytest.approx(theirs.threshold[0])
    assert mine.yes is not None
    left = theirs.children_left[0]
    assert mine.yes.draws == theirs.n_node_samples[left]
    assert mine.yes.place == (theirs.feature[left] if theirs.feature[left] >= 0 else None)
