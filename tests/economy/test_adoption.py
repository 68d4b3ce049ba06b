"""Adoption: a ceiling that prices screen, a path towards it, forced users, and adopters' surplus."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import norm

from tests.economy.central import blank_state, medians, structure
from twocurves.economy import adoption

#: A budget that nobody comes near.
ENDLESS = 1e20


def elasticity(z, spread=2.5, usage=0.0, floor=0.0, budget=ENDLESS):
    b = medians(
        value_spread=spread, usage_price_elasticity=usage, hazard_elasticity_floor=floor, work_budget=budget
    )
    b["region_value"] = jnp.ones((1, 1))
    one = jnp.ones((1, 1, 1))
    return float(adoption.volume_elasticity(b, z * one, one, one)[0, 0, 0])


@pytest.mark.parametrize(("penetration", "published"), [(0.01, 1.07), (0.10, 0.70), (0.50, 0.32)])
def test_elasticity_of_the_ceiling_falls_with_penetration(penetration, published):
    """Value spread 2.5: elastic while few have adopted, inelastic when half have."""
    assert elasticity(ndtri(penetration)) == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize("z", [-4.0, -1.0, 0.0, 2.0])
def test_elasticity_is_the_slope_of_the_ceiling(z):
    step = 1e-6
    slope = (norm.logcdf(z + step) - norm.logcdf(z - step)) / (2 * step) / 2.5
    assert elasticity(z) == pytest.approx(slope, rel=1e-6)
    assert elasticity(z, usage=0.3) == pytest.approx(slope + 0.3, rel=1e-6)


def test_elasticity_has_a_floor():
    assert elasticity(3.0, floor=0.3) == pytest.approx(0.3)


MARKETS = (len(structure().names.regions), len(structure().names.segments), 1)


@jax.jit
def _adopt(b, state, score, free_score):
    return adoption.adopt(b, structure(), state, score, free_score)


def adopt(b, adopters, forced, free, score, free_score):
    state = blank_state(adopters=adopters, forced=forced, free_users=free, sentiment=np.ones(1))
    found = _adopt(b, state, score, free_score)
    return jax.tree.map(np.asarray, found)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_adopters_go_towards_their_ceiling_and_not_beyond(seed):
    rng = np.random.default_rng(seed)
    b = medians(forced_churn=0.0)
    people = np.asarray(adoption.potential(b))
    score = rng.normal(-1.0, 1.0, MARKETS)
    ceiling = people * norm.cdf(score)
    below = ceiling * rng.uniform(0.0, 1.0, MARKETS)
    split = rng.uniform(0.0, 1.0, MARKETS)
    found = adopt(b, below * split, below * (1 - split), 0.0 * below, score, score + 1.0)
    assert (found.adopters + found.forced <= ceiling * (1 + 1e-12)).all()
    assert (found.adopters + found.forced >= below * (1 - 1e-12)).all()
    assert ((found.joined >= 0) & (found.joined <= 1)).all()
    above = adopt(b, 1.5 * ceiling, 0.0 * ceiling, 0.0 * ceiling, score, score + 1.0)
    assert (above.adopters < 1.5 * ceiling).all()
    assert (above.adopters >= ceiling * (1 - 1e-12)).all()
    np.testing.assert_array_equal(above.joined, 0.0)


def test_nobody_is_ordered_without_mandates_and_those_who_stop_keep_what_they_learned():
    people = np.asarray(adoption.potential(medians()))
    some, zero = 0.01 * people, 0.0 * people
    none = adopt(medians(adoption_mandates=0.0), some, zero, zero, zero, zero)
    np.testing.assert_array_equal(none.forced, 0.0)
    b = medians(adoption_mandates=0.0, forced_churn=0.1, forced_conversion=0.4, adoption_speed=0.0)
    left = adopt(b, some, some, zero, zero, zero)
    np.testing.assert_allclose(left.forced, 0.9 * some, rtol=1e-12)
    np.testing.assert_allclose(left.adopters, some + 0.04 * some, rtol=1e-12)
    assert float(left.forced_exits[0]) == pytest.approx(0.1 / (0.9 + 1.04))


def test_free_users_are_only_where_there_is_a_free_tier():
    people = np.asarray(adoption.potential(medians()))
    zero = 0.0 * people
    found = adopt(medians(), zero, zero, zero, zero, zero + 1.0)
    with_tier = np.broadcast_to(np.asarray(structure().segment_free_tier) > 0, people.shape)
    assert (found.free_users[with_tier] > 0).all()
    np.testing.assert_array_equal(found.free_users[~with_tier], 0.0)


def test_work_saturates_in_time_and_answers_price_at_its_elasticity():
    b = medians(usage_price_elasticity=0.4, work_horizon_gain=0.0, work_budget=ENDLESS)
    price = jnp.full(MARKETS, 1.0)

    def brought(month, times=1.0, frontier=150.0, beliefs=b):
        found = adoption.intensity(beliefs, jnp.asarray(month), times * price, jnp.array([frontier]))
        return np.asarray(found)

    assert (brought(0.0) < brought(60.0)).all()
    assert (brought(60.0) < brought(900.0)).all()
    np.testing.assert_allclose(brought(60.0, times=2.0), brought(60.0) * 2.0**-0.4, rtol=1e-12)
    longer = medians(work_horizon_gain=0.02, work_budget=ENDLESS)
    assert (brought(60.0, frontier=170.0, beliefs=longer) > brought(60.0, beliefs=longer)).all()


@given(st.floats(0.01, 100.0), st.floats(0.0, 1.4), st.floats(1.0, 1e4))
@settings(max_examples=25)
def test_nobody_spends_more_than_the_budget_and_the_elasticity_is_that_of_work(price, usage, budget):
    """The stated elasticity is the slope of ln work in ln price, and tends to one as the budget is spent."""
    b = medians(usage_price_elasticity=usage, work_budget=budget, region_value=1.0)
    month, frontier = jnp.asarray(60.0), jnp.array([160.0])

    def work(log_price):
        found = adoption.intensity(b, month, jnp.exp(log_price) * jnp.ones(MARKETS), frontier)
        return found[0, 0, 0]

    at = jnp.log(price)
    brought = work(at) * jnp.ones((1, 1, 1))
    assert float(brought[0, 0, 0]) * price <= budget
    slope = -float(jax.grad(lambda log_price: jnp.log(work(log_price)))(at))
    stated = adoption.usage_elasticity(b, jnp.full((1, 1, 1), price), brought)
    assert float(stated[0, 0, 0]) == pytest.approx(slope, rel=1e-6, abs=1e-9)
    poor = medians(usage_price_elasticity=usage, work_budget=1e-6, region_value=1.0)
    spent = adoption.usage_elasticity(
        poor, jnp.ones(MARKETS), adoption.intensity(poor, month, jnp.ones(MARKETS), frontier)
    )
    np.testing.assert_allclose(spent, 1.0, rtol=1e-3)


@pytest.mark.parametrize("usage", [0.0, 0.3, 0.6])
@pytest.mark.parametrize(("value", "price"), [(20.0, 5.0), (3.0, 5.0), (200.0, 1.0)])
def test_surplus_is_the_area_under_demand(usage, value, price):
    """Against numerical integration over users' values, top-coded, of the area down to each one's own."""
    b = medians(
        value_spread=1.4, value_top_percentile=0.99, usage_price_elasticity=usage, work_budget=ENDLESS
    )
    k, top = 1.0 - usage, float(ndtri(0.99))

    def area(z):
        worth = value * np.exp(1.4 * min(z, top))
        return norm.pdf(z) * max(price / k * ((worth / price) ** k - 1.0), 0.0)

    start = np.log(price / value) / 1.4
    expected = quad(area, start, top, limit=200)[0] + norm.sf(top) * area(top) / norm.pdf(top)
    reach = norm.cdf(-start)
    found = float(
        adoption.surplus(b, *(jnp.full(MARKETS, part) for part in (value, 1.0, price, 2.0, reach)))[0, 0, 0]
    )
    assert found == pytest.approx(2.0 * expected, rel=1e-6)
