"""Gradients of the whole path: finite, and those of finite differences between switches."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.economy.central import WIDTH, Numbers, World, beside, medians, run, structure, world
from twocurves.economy.initial import initial_state
from twocurves.economy.measure_table import MEASURES
from twocurves.economy.month import Exogenous
from twocurves.economy.simulate import simulate

#: Months of the path that is differentiated: to December 2027, past the observed ones.
MONTHS = 60

#: Beliefs from every room, each differentiated alone (all of a parameter's entries together).
CHOSEN = (
    "closed_open_price_sensitivity",
    "closed_substitution",
    "quality_weight",
    "catch_up_rate",
    "time_to_build",
    "value_spread",
    "software_growth",
    "closed_premium",
    "capability_cost_slope",
    "hardware_life",
)

#: Measures compared, by what they hang on.
COMPARED = (
    "revenue_closed",
    "spending_open",
    "rental",
    "investment",
    "stock",
    "capability_closed",
    "capability_open",
    "open_share_tokens",
    "price_closed",
    "adopters",
    "net_revenue_closed",
    "consumer_surplus",
)

pytestmark = pytest.mark.slow

Ways = list[Numbers]


def _ways() -> Ways:
    """Directions in the space of beliefs: each of the chosen alone, then all beliefs at once at random."""
    numbers = medians()
    ways = []
    for name in CHOSEN:
        way = {other: 0.0 * array for other, array in numbers.items()}
        way[name] = np.abs(numbers[name])
        ways.append(way)
    rng = np.random.default_rng(11)
    while len(ways) < WIDTH:
        ways.append({name: rng.normal(size=array.shape) * np.abs(array) for name, array in numbers.items()})
    return ways


def _short(given: Exogenous) -> Exogenous:
    return Exogenous(*(array[:MONTHS] for array in given))


def _measures(numbers: Mapping[str, jax.Array], given: Exogenous) -> dict[str, jax.Array]:
    first = initial_state(numbers, structure(), given.spending[0])
    return simulate(numbers, structure(), first, given, check_deviations=False)[1]


@pytest.fixture(scope="module")
def slopes() -> dict[str, np.ndarray]:
    """Slope of every measure in every direction, directions last."""
    numbers, given = beside([world()])
    ways = _ways()
    along = {name: jnp.concatenate([way[name] for way in ways], axis=-1) for name in numbers}

    @jax.jit
    def push(numbers, given, along):
        return jax.jvp(lambda moved: _measures(moved, given), (numbers,), (along,))[1]

    return {name: np.asarray(slope) for name, slope in push(numbers, _short(given), along).items()}


@pytest.fixture(scope="module")
def differences() -> dict[str, np.ndarray]:
    """The same by central differences."""
    base, step, found = world(), 1e-6, []
    for sign in (1.0, -1.0):
        moved = [
            World({name: base.numbers[name] + sign * step * way[name] for name in way}, base.outside)
            for way in _ways()
        ]
        found.append(run(moved))
    return {
        name: np.stack(
            [(up[name] - down[name])[:MONTHS] / (2 * step) for up, down in zip(*found, strict=True)], axis=-1
        )
        for name in COMPARED
    }


def test_the_slope_of_every_measure_is_finite_in_every_belief(slopes):
    """A slope that is no number in one belief makes every direction that moves it one."""
    assert set(slopes) == set(MEASURES)
    assert [name for name, slope in slopes.items() if not np.isfinite(slope).all()] == []


@pytest.mark.parametrize("name", COMPARED)
def test_slopes_agree_with_finite_differences(slopes, differences, name):
    expected = differences[name]
    scale = np.abs(expected).max(axis=0, keepdims=True)
    np.testing.assert_allclose(slopes[name] / scale, expected / scale, rtol=1e-3, atol=1e-5)


def test_the_gradient_by_all_beliefs_is_finite_and_that_of_the_slopes(slopes):
    """Backwards, of one number by every belief at once, through clearing and the time to build."""
    numbers, given = beside([world()])
    short = _short(given)

    def number(moved):
        shown = _measures(moved, short)
        return sum(shown[name][-1].sum() for name in ("revenue_closed", "rental", "capability_open"))

    found = jax.jit(jax.grad(number))(numbers)
    assert [name for name, slope in found.items() if not np.isfinite(slope).all()] == []
    ways = _ways()
    for place in range(WIDTH):
        along = sum(
            float(np.sum(np.asarray(found[name])[..., place] * way[..., 0]))
            for name, way in ways[place].items()
        )
        pushed = sum(
            float(np.sum(slopes[name][-1, ..., place]))
            for name in ("revenue_closed", "rental", "capability_open")
        )
        assert along == pytest.approx(pushed, rel=1e-6, abs=1e-6)
