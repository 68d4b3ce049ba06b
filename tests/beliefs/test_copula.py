import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twocurves.beliefs import Beliefs
from twocurves.beliefs.copula import ImpossibleCorrelations, build_copula
from twocurves.beliefs.correlations import copula_order, pairs_of, rank_correlations_of
from twocurves.beliefs.drawing import draws
from twocurves.beliefs.schema import Correlation
from twocurves.errors import BadInputError


def normals(names: tuple[str, ...], n: int = 20_000) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {name: rng.standard_normal(n) for name in names}


@given(
    ranks=st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("efgh")),
        st.floats(-0.35, 0.35),
        min_size=1,
        max_size=8,
    )
)
def test_steps_make_the_stated_correlations(ranks: dict[tuple[str, str], float]) -> None:
    copula = build_copula(ranks, "abcdefgh")
    matrix = copula.normal_correlations
    place = {name: index for index, name in enumerate(copula.names)}
    for (first, second), rank in ranks.items():
        assert matrix[place[first], place[second]] == pytest.approx(2 * np.sin(np.pi * rank / 6), abs=1e-12)
    assert np.linalg.eigvalsh(matrix).min() > 0
    own = {name: np.eye(len(place))[index] for name, index in place.items()}
    made = copula.correlated(own)  # the rows of the triangular factor
    factor = np.array([made[name] for name in copula.names])
    np.testing.assert_allclose(factor @ factor.T, matrix, atol=1e-12)


def test_rank_correlations_are_recovered_in_a_sample() -> None:
    ranks = {("a", "b"): 0.6, ("b", "c"): -0.5, ("a", "d"): 0.3}
    copula = build_copula(ranks, "abcd")
    made = copula.correlated(normals(copula.names))
    for (first, second), rank in ranks.items():
        assert stats.spearmanr(made[first], made[second]).statistic == pytest.approx(rank, abs=0.03)


def test_a_later_name_changes_no_earlier_one() -> None:
    few = build_copula({("a", "b"): 0.6, ("b", "c"): -0.5}, "abc")
    more = build_copula({("a", "x"): 0.5, ("a", "b"): 0.6, ("x", "c"): 0.3, ("b", "c"): -0.5}, "abcx")
    own = normals(("a", "b", "c", "x"), 100)
    before, after = few.correlated(own), more.correlated(own)
    for name in "abc":
        assert before[name].tobytes() == after[name].tobytes()


def test_many_entities_may_follow_one_number() -> None:
    entities = [f"e{i}" for i in range(60)]
    copula = build_copula({("one", entity): 0.5 for entity in entities}, ["one", *entities])
    assert np.linalg.eigvalsh(copula.normal_correlations).min() > 0


def test_contradictions_name_their_pairs_only() -> None:
    ranks = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9, ("a", "d"): 0.5}
    with pytest.raises(ImpossibleCorrelations) as caught:
        build_copula(ranks, "abcd")
    assert set(caught.value.pairs) == {("a", "b"), ("b", "c"), ("a", "c")}


def correlation(first: str, second: str) -> Correlation:
    return Correlation(first=first, second=second, rank_correlation=0.2, evidence="J", source="a test")


def test_indexed_parameters_pair_by_entity(small: Beliefs) -> None:
    assert pairs_of(small, correlation("hl", "difficulty")) == (
        ("half_life.chat", "difficulty.chat"),
        ("half_life.coding", "difficulty.coding"),
    )
    assert pairs_of(small, correlation("lag", "hl")) == (
        ("open_lag", "half_life.chat"),
        ("open_lag", "half_life.coding"),
    )
    assert pairs_of(small, correlation("hl.chat", "hl.coding")) == (("half_life.chat", "half_life.coding"),)


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ("lag", "open_lag", "itself"),
        ("hl", "hl.chat", "itself"),
        ("lag", "delta", "derived"),
        ("lag", "nothing", "No parameter"),
    ],
)
def test_pairs_that_mean_nothing_are_refused(small: Beliefs, first: str, second: str, word: str) -> None:
    with pytest.raises(BadInputError, match=word):
        pairs_of(small, correlation(first, second))


def test_stated_rank_correlations_are_recovered_from_draws(small: Beliefs) -> None:
    made = draws(small, seed=1, count=2048)
    for (first, second), rank in rank_correlations_of(small).items():
        found = stats.spearmanr(made.values[first], made.values[second]).statistic
        assert found == pytest.approx(rank, abs=0.05)


def test_the_order_is_that_of_the_stored_dimensions() -> None:
    assert copula_order(["x", "b", "y", "a"], {"a": 0, "b": 1}) == ["a", "b", "x", "y"]
