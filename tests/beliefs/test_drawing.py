import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from twocurves.beliefs import Beliefs, Draws, draws, read_settings, scenario
from twocurves.beliefs.dimensions import with_new_names

SEED = 7


@pytest.fixture(scope="module")
def dimensions(small: Beliefs) -> dict[str, int]:
    return with_new_names({}, small.names)


@pytest.fixture(scope="module")
def whole(small: Beliefs, dimensions: dict[str, int]) -> Draws:
    return draws(small, seed=SEED, count=1300, dimensions=dimensions)


def same(one: Draws, other: Draws, names: tuple[str, ...]) -> bool:
    return all(one.values[name].tobytes() == other.values[name].tobytes() for name in names)


@hypothesis_settings(max_examples=40)
@given(first=st.integers(0, 900), counts=st.lists(st.integers(1, 200), min_size=1, max_size=2))
def test_a_draw_has_the_same_bits_in_every_chunk(
    small: Beliefs, dimensions: dict[str, int], whole: Draws, first: int, counts: list[int]
) -> None:
    for count in counts:
        part = draws(small, seed=SEED, first=first, count=count, dimensions=dimensions)
        assert part.index.tolist() == list(range(first, first + count))
        for name in small.names:
            assert part.values[name].tobytes() == whole.values[name][first : first + count].tobytes()
        assert part.status.tolist() == whole.status[first : first + count].tolist()
        assert part.causes == whole.causes
        first += count


def test_every_size_from_one_to_two_hundred_gives_the_same_bits(
    small: Beliefs, dimensions: dict[str, int], whole: Draws
) -> None:
    for count in range(1, 201):
        part = draws(small, seed=SEED, first=count, count=count, dimensions=dimensions)
        for name in small.names:
            assert part.values[name].tobytes() == whole.values[name][count : 2 * count].tobytes()


def test_percentiles_are_recovered(small: Beliefs, dimensions: dict[str, int]) -> None:
    made = draws(small, seed=SEED, count=4096, dimensions=dimensions)
    for name, distribution in small.distributions.items():
        below = [np.mean(made.values[name] <= x) for x in distribution.quantile(np.array([0.05, 0.5, 0.95]))]
        if not distribution.atoms:
            assert below == pytest.approx([0.05, 0.5, 0.95], abs=0.01), name


def test_replicates_interleave(whole: Draws) -> None:
    assert whole.replicate.tolist() == [index % 8 for index in range(len(whole))]


def test_names_without_dimension_draw_plain_random_numbers(small: Beliefs, whole: Draws) -> None:
    known = with_new_names({}, [name for name in small.names if name != "points"])
    made = draws(small, seed=SEED, count=1300, dimensions=known)
    assert not same(made, whole, ("points",))
    drawn = made.values["points"]
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([7, 12, 17], abs=0.7)


@pytest.mark.parametrize("change", ["4.5", "0.7x", "3..9"])
@pytest.mark.parametrize("name", ["open_lag", "tracking", "half_life.chat", "half_life", "points"])
def test_a_setting_changes_its_own_parameter_only(
    small: Beliefs, dimensions: dict[str, int], whole: Draws, name: str, change: str
) -> None:
    if name == "tracking":
        change = {"4.5": "0.45", "3..9": "0.3..0.6"}.get(change, change)
    made = draws(small, read_settings(small, [f"{name}={change}"]), SEED, 0, 1300, dimensions=dimensions)
    own = small.resolve(name)
    computed = ("catch_up", *small.full_names("relative_half_life"))
    assert same(made, whole, tuple(set(small.names) - set(own) - set(computed)))
    for each in own:
        assert not same(made, whole, (each,))


def test_what_settings_do(small: Beliefs, dimensions: dict[str, int], whole: Draws) -> None:
    def values(change: str) -> np.ndarray:
        settings = read_settings(small, [change])
        return draws(small, settings, SEED, 0, 1300, dimensions=dimensions).values[change.partition("=")[0]]

    assert (values("open_lag=4.5") == 4.5).all()
    np.testing.assert_allclose(values("points=0.5x"), 0.5 * whole.values["points"])
    np.testing.assert_allclose(values("start_year=1.01x"), 2043.23)
    assert np.quantile(values("open_lag=3..9"), [0.1, 0.9]) == pytest.approx([3, 9], rel=0.03)
    assert np.quantile(values("start_year=2030..2040"), [0.1, 0.9]) == pytest.approx([2030, 2040], abs=0.2)


def test_an_entity_takes_its_own_change_over_that_of_all(small: Beliefs) -> None:
    for pairs in itertools.permutations(["half_life=50", "half_life.coding=70"]):
        made = draws(small, read_settings(small, pairs), count=3)
        assert made.array("half_life").tolist() == [[50, 70]] * 3


def test_scenarios_draw(small: Beliefs) -> None:
    made = draws(small, scenario(small, "slow").settings, SEED, 0, 800)
    assert (made.values["half_life.chat"] == 100).all()
    assert np.quantile(made.values["half_life.coding"], [0.1, 0.9]) == pytest.approx([50, 200], rel=0.1)


def test_derived_values_are_their_formula(small: Beliefs, whole: Draws) -> None:
    v = whole.values
    with np.errstate(divide="ignore"):
        expected = (1 - v["tracking"]) / (v["open_lag"] - (1 - v["spillover"]) * 5)
    np.testing.assert_array_equal(v["catch_up"], expected)
    np.testing.assert_allclose(
        v["relative_half_life.coding"], v["half_life.coding"] / v["open_lag"], rtol=1e-12
    )


def test_draws_that_cannot_be_are_kept_with_their_cause(whole: Draws) -> None:
    values = whole.values["catch_up"]
    faulty = ~((values >= 0) & (values <= 1))
    assert 0 < faulty.sum() < len(whole)
    np.testing.assert_array_equal(whole.ok, ~faulty)
    assert set(whole.rejected()) == {"catch_up below 0", "catch_up above 1"}
    assert sum(whole.rejected().values()) == faulty.sum()
    assert len(values) == len(whole)


def test_a_derived_parameter_can_be_set(small: Beliefs, dimensions: dict[str, int], whole: Draws) -> None:
    def made(change: str) -> Draws:
        return draws(small, read_settings(small, [change]), SEED, 0, 1300, dimensions=dimensions)

    fixed = made("catch_up=0.2")
    assert (fixed.values["catch_up"] == 0.2).all()
    assert fixed.ok.all()
    scaled = made("delta=0.5x")
    np.testing.assert_array_equal(scaled.values["catch_up"], 0.5 * whole.values["catch_up"])
    assert scaled.ok.sum() > whole.ok.sum()
    ranged = made("delta=0.1..0.3")
    assert np.quantile(ranged.values["catch_up"], [0.1, 0.9]) == pytest.approx([0.1, 0.3], rel=0.05)
    others = tuple(name for name in small.names if name != "catch_up" and "relative" not in name)
    for each in (fixed, scaled, ranged):
        assert same(each, whole, others)


def test_arrays_are_labelled_and_cannot_be_written(small: Beliefs, whole: Draws) -> None:
    assert whole.names == small.names
    assert whole.array("open_lag").shape == (1300,)
    assert whole.array("half_life").shape == (1300, 2)
    assert whole.entities("half_life") == ("chat", "coding")
    np.testing.assert_array_equal(whole.array("half_life")[:, 1], whole.array("half_life.coding"))
    with pytest.raises(ValueError, match="read-only"):
        whole.values["open_lag"][0] = 1.0


def test_the_table_holds_everything(whole: Draws) -> None:
    table = whole.frame()
    assert table.columns == ["draw", "replicate", "cause", *whole.names]
    assert table.height == len(whole)
    counted = table["cause"].drop_nulls().value_counts()
    assert dict(counted.iter_rows()) == whole.rejected()


def test_no_draws_and_no_negative_ones(small: Beliefs) -> None:
    none = draws(small, count=0)
    assert len(none) == 0
    assert none.frame().height == 0
    assert none.array("half_life").shape == (0, 2)
    for first, count in ((-1, 3), (0, -3)):
        with pytest.raises(ValueError, match="negative"):
            draws(small, first=first, count=count)


def test_seeds_differ(small: Beliefs) -> None:
    assert not same(draws(small, seed=1, count=9), draws(small, seed=2, count=9), ("open_lag",))
