"""Draws whose normal numbers come from a posterior in place of the prior alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import spearmanr

from twocurves.beliefs import Beliefs, Draws, draws, read_settings
from twocurves.beliefs.dimensions import with_new_names
from twocurves.fit.posterior import Posterior

NAMES = ("open_lag", "spillover", "points", "tracking", "half_life.chat", "half_life.coding")


def learned(directions: np.ndarray, coordinates: np.ndarray, width: np.ndarray | None = None) -> Posterior:
    width = np.ones(len(NAMES)) if width is None else width
    return Posterior(NAMES, width, directions, coordinates, (), np.zeros((len(coordinates), 0)), {})


@dataclass(frozen=True, eq=False)
class Own:
    """The prior's numbers, moved."""

    names: tuple[str, ...]
    by: float = 0.0

    def blended(self, own: np.ndarray, first: int) -> np.ndarray:
        return own + self.by


@pytest.fixture(scope="module")
def dimensions(small: Beliefs) -> dict[str, int]:
    return with_new_names({}, small.names)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    random = np.random.default_rng(5)
    directions = np.linalg.qr(random.normal(size=(6, 2)))[0]
    return learned(directions, 0.3 * random.normal(size=(11, 2)), np.array([1, 1, 2, 1, 1, 1.0]))


@hypothesis_settings(max_examples=40)
@given(first=st.integers(0, 900), count=st.integers(1, 300))
def test_a_draw_has_the_same_bits_in_every_chunk(
    small: Beliefs, dimensions: dict[str, int], posterior: Posterior, first: int, count: int
) -> None:
    whole = draws(small, seed=7, count=1300, dimensions=dimensions, scores=posterior)
    part = draws(small, seed=7, first=first, count=count, dimensions=dimensions, scores=posterior)
    for name in small.names:
        assert part.values[name].tobytes() == whole.values[name][first : first + count].tobytes(), name


def test_the_kept_values_of_few_draws_are_those_of_many(small: Beliefs, posterior: Posterior) -> None:
    few = draws(small, seed=7, count=100, scores=posterior)
    many = draws(small, seed=7, count=1300, scores=posterior)
    plain = draws(small, seed=7, count=100)
    for name in small.names:
        assert few.values[name].tobytes() == many.values[name][:100].tobytes()
    assert plain.values["points"].tobytes() != few.values["points"].tobytes()


def test_without_scores_the_prior_is_as_it_was(
    small: Beliefs, dimensions: dict[str, int], posterior: Posterior
) -> None:
    before = draws(small, seed=7, count=200, dimensions=dimensions)
    draws(small, seed=7, count=200, dimensions=dimensions, scores=posterior)
    after = draws(small, seed=7, count=200, dimensions=dimensions, scores=None)
    for name in small.names:
        assert before.values[name].tobytes() == after.values[name].tobytes()


def test_scores_that_change_nothing_change_nothing_but_rounding(
    small: Beliefs, dimensions: dict[str, int]
) -> None:
    prior = draws(small, seed=7, count=500, dimensions=dimensions)
    same = draws(small, seed=7, count=500, dimensions=dimensions, scores=Own(NAMES))
    for name in small.names:
        np.testing.assert_allclose(same.values[name], prior.values[name], rtol=1e-9, atol=1e-12)


def test_only_what_is_named_moves(small: Beliefs, dimensions: dict[str, int]) -> None:
    prior = draws(small, seed=7, count=200, dimensions=dimensions)
    moved = draws(small, seed=7, count=200, dimensions=dimensions, scores=Own(("points",), by=0.5))
    assert (moved.values["points"] > prior.values["points"]).all()
    for name in set(small.names) - {"points"}:
        assert moved.values[name].tobytes() == prior.values[name].tobytes()


def test_numbers_are_the_quantiles_of_the_prior(small: Beliefs, dimensions: dict[str, int]) -> None:
    fixed = draws(small, seed=7, count=3, dimensions=dimensions, scores=Given((0.0, 1.0, -1.0)))
    expected = small.distributions["points"].quantile(np.array([0.5, 0.8413447461, 0.1586552539]))
    np.testing.assert_allclose(fixed.values["points"], expected, rtol=1e-8)


@dataclass(frozen=True, eq=False)
class Given:
    """These numbers behind one belief."""

    numbers: tuple[float, ...]
    names: tuple[str, ...] = ("points",)

    def blended(self, own: np.ndarray, first: int) -> np.ndarray:
        return np.resize(np.array(self.numbers), own.shape)


def test_a_number_replaced_carries_those_correlated_with_it(
    small: Beliefs, dimensions: dict[str, int]
) -> None:
    """The copula comes after: what follows a belief follows what was learned of it."""
    first = min(("open_lag", "spillover"), key=dimensions.__getitem__)
    second = {"open_lag": "spillover", "spillover": "open_lag"}[first]
    prior = draws(small, seed=7, count=400, dimensions=dimensions)
    moved = draws(small, seed=7, count=400, dimensions=dimensions, scores=Own((first,), by=1.0))
    normal = 2.0 * np.sin(np.pi * 0.5 / 6.0)

    def number(made: Draws, name: str) -> np.ndarray:
        below: Any = small.distributions[name].cdf(made.values[name])
        return np.asarray(ndtri(below))

    np.testing.assert_allclose(number(moved, second) - number(prior, second), normal, atol=1e-6)


def test_correlations_hold_where_nothing_was_learned(small: Beliefs, dimensions: dict[str, int]) -> None:
    about_points = learned(np.eye(6)[:, 2:3], np.zeros((1, 1)))
    made = draws(small, seed=7, count=4096, dimensions=dimensions, scores=about_points)
    assert np.ptp(made.values["points"]) < 1e-9
    for first, second, rank in (("open_lag", "spillover", 0.5), ("tracking", "half_life.chat", 0.4)):
        found = spearmanr(made.values[first], made.values[second]).statistic
        assert found == pytest.approx(rank, abs=0.03)


def test_percentiles_hold_where_nothing_was_learned(small: Beliefs, dimensions: dict[str, int]) -> None:
    about_points = learned(np.eye(6)[:, 2:3], np.zeros((1, 1)))
    made = draws(small, seed=7, count=4096, dimensions=dimensions, scores=about_points)
    for name in ("open_lag", "spillover", "tracking", "half_life.coding"):
        wanted = small.distributions[name].quantile(np.array([0.05, 0.5, 0.95]))
        below = [np.mean(made.values[name] <= x) for x in wanted]
        assert below == pytest.approx([0.05, 0.5, 0.95], abs=0.015)


def test_a_value_that_is_set_stays_set(
    small: Beliefs, dimensions: dict[str, int], posterior: Posterior
) -> None:
    settings = read_settings(small, ["points=4.5"])
    made = draws(small, settings, 7, 0, 100, dimensions=dimensions, scores=posterior)
    free = draws(small, seed=7, count=100, dimensions=dimensions, scores=posterior)
    assert (made.values["points"] == 4.5).all()
    assert made.values["open_lag"].tobytes() == free.values["open_lag"].tobytes()
