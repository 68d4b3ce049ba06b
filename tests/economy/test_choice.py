"""Shares of products: nested CES with the mean inside the inclusive value."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.choice import invert_premium, nested_ces

CELLS = 3
CLOSED = np.array([True, True, True, False, False, False, False])
PRODUCTS = len(CLOSED)


@st.composite
def markets(draw):
    """A random market: appeal, prices, premium, elasticities, weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    alpha = draw(st.floats(0.3, 3.0))
    return {
        "appeal": rng.normal(0.0, 2.0, (CELLS, PRODUCTS)),
        "price": np.exp(rng.normal(0.0, 1.5, (CELLS, PRODUCTS))),
        "premium": rng.normal(1.0, 2.0, CELLS),
        "alpha": np.float64(alpha),
        "sigma_closed": np.float64(alpha * draw(st.floats(1.0, 5.0))),
        "sigma_open": np.float64(alpha * draw(st.floats(1.0, 5.0))),
        "closed": CLOSED,
        "weight": rng.uniform(0.05, 1.0, PRODUCTS),
    }


choose = jax.jit(nested_ces)


def shares(market, **changes):
    """Shares in NumPy, so that the comparisons compile nothing."""
    found: Any = jax.tree.map(np.asarray, choose(**(market | changes)))
    return found


def changed(array, product, factor):
    array = array.copy()
    array[..., product] *= factor
    return array


def listed(market, times):
    """The market with every product listed as often as ``times`` says, its weight kept for each listing."""
    per_product = ("appeal", "price", "weight", "closed")
    return {
        name: np.repeat(array, times, axis=-1) if name in per_product else array
        for name, array in market.items()
    }


@given(markets())
def test_shares_sum_to_one(market):
    found = shares(market)
    np.testing.assert_allclose(found.product.sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_allclose((found.within * CLOSED).sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_allclose((found.within * ~CLOSED).sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_allclose((found.product * CLOSED).sum(axis=-1), found.closed, rtol=1e-12)
    assert (found.product >= 0).all()


@given(markets(), st.integers(0, PRODUCTS - 1))
def test_splitting_one_host_into_twenty_identical_ones_changes_no_share(market, product):
    """Twenty hosts of one thing, sharing its weight, are the thing itself: no product is gained or lost."""
    before = shares(market)
    times = np.where(np.arange(PRODUCTS) == product, 20, 1)
    split = listed(market | {"weight": changed(market["weight"], product, 1 / 20)}, times)
    after = shares(split)
    first = np.cumsum(times) - times
    together = np.add.reduceat(after.product, first, axis=-1)
    np.testing.assert_allclose(together, before.product, rtol=1e-10)
    np.testing.assert_allclose(after.closed, before.closed, rtol=1e-10)


@given(markets())
def test_listing_everything_of_a_nest_many_times_adds_no_appeal(market):
    """With the mean inside, a nest listed ten times at full weight draws nobody from the other nest."""
    many = listed(market, np.where(CLOSED, 1, 10))
    np.testing.assert_allclose(shares(many).closed, shares(market).closed, rtol=1e-10)


@given(markets(), st.integers(0, PRODUCTS - 1))
def test_no_weight_is_no_product(market, product):
    """Of a product off the market neither its appeal nor its price is felt, and the others share its work."""
    weight = changed(market["weight"], product, 0.0)
    gone = shares(market, weight=weight)
    assert (gone.product[:, product] == 0.0).all()
    elsewhere = shares(
        market,
        weight=weight,
        price=changed(market["price"], product, 1e-6),
        appeal=changed(market["appeal"], product, 50.0),
    )
    np.testing.assert_array_equal(gone.product, elsewhere.product)
    np.testing.assert_allclose(gone.product.sum(axis=-1), 1.0, rtol=1e-12)


@given(markets(), st.integers(0, PRODUCTS - 1), st.floats(0.01, 2.0))
def test_a_dearer_product_loses_and_its_rivals_gain(market, product, rise):
    before = shares(market)
    after = shares(market, price=changed(market["price"], product, np.exp(rise)))
    assert (after.product[:, product] <= before.product[:, product] * (1 + 1e-12)).all()
    rivals = np.delete(np.arange(PRODUCTS), product)
    same_nest = [j for j in rivals if CLOSED[j] == CLOSED[product]]
    assert (after.within[:, same_nest] >= before.within[:, same_nest] * (1 - 1e-12)).all()
    other_nest = [j for j in rivals if CLOSED[j] != CLOSED[product]]
    assert (after.product[:, other_nest] >= before.product[:, other_nest] * (1 - 1e-12)).all()


@given(markets(), st.floats(0.01, 3.0))
def test_a_higher_premium_moves_work_to_the_closed_nest_only(market, rise):
    before = shares(market)
    after = shares(market, premium=market["premium"] + rise)
    assert (after.closed > before.closed).all()
    np.testing.assert_allclose(after.within, before.within, rtol=1e-12)
    odds = np.log(after.closed / (1 - after.closed)) - np.log(before.closed / (1 - before.closed))
    np.testing.assert_allclose(odds, rise, atol=1e-7)


@given(markets())
def test_inversion_gives_the_premium_back(market):
    """Berry (1994): the share and the inclusive values determine the premium."""
    without = shares(market, premium=np.zeros(CELLS)).closed
    difference = np.log(without) - np.log1p(-without)
    found = invert_premium(jnp.asarray(shares(market).closed), jnp.asarray(difference), jnp.zeros(CELLS))
    np.testing.assert_allclose(found, market["premium"], atol=1e-8)


@given(markets())
def test_only_relative_prices_matter(market):
    doubled = shares(market, price=2.0 * market["price"])
    np.testing.assert_allclose(doubled.product, shares(market).product, rtol=1e-10)


@jax.jit
def log_share_slopes(market):
    """d ln w_j / d ln P_j of every product, shape (cells, products)."""

    def log_shares(log_change):
        return jnp.log(nested_ces(**(market | {"price": market["price"] * jnp.exp(log_change)})).product)

    return jnp.diagonal(jax.jacfwd(log_shares)(jnp.zeros(PRODUCTS)), axis1=1, axis2=2)


@given(markets())
def test_own_price_elasticity_is_the_atkeson_burstein_one(market):
    """d ln w_j / d ln P_j = -[ sigma (1 - w_{j|g}) + alpha w_{j|g} (1 - w_g) ] in every cell."""
    found = shares(market)
    sigma = np.where(CLOSED, market["sigma_closed"], market["sigma_open"])
    nest = np.where(CLOSED, found.closed[:, None], 1 - found.closed[:, None])
    expected = -(sigma * (1 - found.within) + market["alpha"] * found.within * (1 - nest))
    np.testing.assert_allclose(log_share_slopes(market), expected, rtol=1e-9, atol=1e-13)


@given(markets(), st.integers(0, 2))
def test_gradients_are_finite_with_an_absent_product(market, product):
    found = weight_slopes(market | {"weight": changed(market["weight"], product, 0.0)})
    assert np.isfinite(found).all()


@jax.jit
def weight_slopes(market):
    return jax.grad(lambda weight: nested_ces(**(market | {"weight": weight})).closed.sum())(market["weight"])


@pytest.mark.parametrize(("alpha", "published"), [(1.1, 3.0), (1.6, 4.0), (2.0, 4.9)])
def test_worked_inversion_of_the_share_and_price_evidence(alpha, published):
    """Shares of 80 to 20 at prices 1.86 and 0.23, quality weight 4 and a quality gap of 0.17."""
    appeal = np.array([[4 * 0.17, 0.0]])
    price = np.array([[1.86, 0.23]])
    values = appeal[0] - alpha * np.log(price[0])
    xi = invert_premium(jnp.asarray(0.8), jnp.asarray(values[0]), jnp.asarray(values[1]))
    assert float(xi) == pytest.approx(published, abs=0.06)
    one = np.float64(alpha)
    closed = np.array([True, False])
    found = choose(appeal, price, np.array([float(xi)]), one, 2 * one, 2 * one, closed, np.ones(2))
    assert float(found.closed[0]) == pytest.approx(0.8, abs=1e-12)
