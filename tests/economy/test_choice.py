"""Shares of products: nested CES with the mean inside the inclusive value."""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.choice import Pull, Substitution, invert_premium, nest, substitution, target_shares

BANDS, LABS, CHANNELS, TIERS, OPEN = 3, 3, 2, 2, 4
CLOSED = LABS * CHANNELS * TIERS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Market:
    """Cells along the bands of one region and segment; products in a row, closed and open apart.

    Appeal, reach (the ``a`` of the equations) and price have shape ``(bands, products)``.
    """

    appeal_closed: Floats
    appeal_open: Floats
    reach_closed: Floats
    reach_open: Floats
    price_closed: Floats
    price_open: Floats
    count_closed: float
    count_open: float
    alpha: float
    sigma_closed: float
    sigma_open: float


def _pull(
    appeal: Floats, reach: Floats, scale: float, count: float, shape: tuple[int, ...], level_of
) -> Pull:
    """What the engine takes; the level taken out of the odds is any number."""
    level = appeal.max(axis=1)
    odds = np.log(np.maximum(reach, 1e-30)) + (appeal - level[:, None]) * scale
    return Pull(odds.reshape(1, 1, BANDS, *shape, 1), level_of(level), jnp.array([count]))


def taken(market: Market):
    """The market as the engine takes it."""
    one = (market.alpha, market.sigma_closed, market.sigma_open)
    scale_closed, scale_open = market.sigma_closed / market.alpha, market.sigma_open / market.alpha
    return (
        Substitution(*(jnp.array([value]) for value in one)),
        _pull(
            market.appeal_closed,
            market.reach_closed,
            scale_closed,
            market.count_closed,
            (LABS, -1, TIERS),
            lambda level: level[None, :, None],
        ),
        _pull(
            market.appeal_open,
            market.reach_open,
            scale_open,
            market.count_open,
            (-1,),
            lambda level: level[None, None, :, None],
        ),
        np.log(market.price_closed).reshape(1, 1, BANDS, LABS, -1, TIERS, 1),
        np.log(market.price_open).reshape(1, 1, BANDS, -1, 1),
    )


_choose = jax.jit(target_shares)


def shares(market: Market) -> tuple[Floats, Floats]:
    """Closed and open shares, ``(bands, products)`` each."""
    found = _choose(*taken(market))
    return np.asarray(found.closed).reshape(BANDS, -1), np.asarray(found.open).reshape(BANDS, -1)


def by_hand(market: Market) -> tuple[Floats, Floats]:
    """The equations of the page, written plainly."""
    parts, values = [], []
    for appeal, reach, price, count, sigma in (
        (
            market.appeal_closed,
            market.reach_closed,
            market.price_closed,
            market.count_closed,
            market.sigma_closed,
        ),
        (market.appeal_open, market.reach_open, market.price_open, market.count_open, market.sigma_open),
    ):
        lam = market.alpha / sigma
        weight = reach * np.exp((appeal - market.alpha * np.log(price)) / lam)
        parts.append(weight / weight.sum(axis=1, keepdims=True))
        values.append(lam * np.log(weight.sum(axis=1) / count))
    closed = 1.0 / (1.0 + np.exp(values[1] - values[0]))
    return parts[0] * closed[:, None], parts[1] * (1.0 - closed)[:, None]


@st.composite
def markets(draw):
    """A random market: appeal with a premium on closed products, prices, reach, elasticities."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    alpha = draw(st.floats(0.3, 3.0))
    return Market(
        rng.normal(1.0, 1.5, (BANDS, CLOSED)),
        rng.normal(0.0, 1.5, (BANDS, OPEN)),
        rng.uniform(0.05, 1.0, (BANDS, CLOSED)),
        rng.uniform(0.05, 1.0, (BANDS, OPEN)),
        np.exp(rng.normal(0.0, 1.0, (BANDS, CLOSED))),
        np.exp(rng.normal(0.0, 1.0, (BANDS, OPEN))),
        float(CLOSED),
        float(OPEN),
        alpha,
        alpha * draw(st.floats(1.0, 4.0)),
        alpha * draw(st.floats(1.0, 4.0)),
    )


def changed(array: Floats, product: int, factor: float) -> Floats:
    array = array.copy()
    array[:, product] *= factor
    return array


@given(markets())
def test_shares_are_those_of_the_equations(market):
    for found, expected in zip(shares(market), by_hand(market), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@given(markets())
def test_shares_sum_to_one(market):
    closed, opened = shares(market)
    np.testing.assert_allclose(closed.sum(axis=1) + opened.sum(axis=1), 1.0, rtol=1e-12)
    assert (closed >= 0).all()
    assert (opened >= 0).all()


@given(markets(), st.integers(0, OPEN - 1))
def test_splitting_one_host_into_twenty_identical_ones_changes_no_share(market, host):
    """Twenty hosts of one thing, sharing its buyers, are the thing itself: nothing is gained or lost."""
    times = np.where(np.arange(OPEN) == host, 20, 1)
    split = replace(
        market,
        appeal_open=np.repeat(market.appeal_open, times, axis=1),
        price_open=np.repeat(market.price_open, times, axis=1),
        reach_open=np.repeat(changed(market.reach_open, host, 1 / 20), times, axis=1),
    )
    closed, opened = shares(split)
    before_closed, before_open = shares(market)
    together = np.add.reduceat(opened, np.cumsum(times) - times, axis=1)
    np.testing.assert_allclose(together, before_open, rtol=1e-10)
    np.testing.assert_allclose(closed, before_closed, rtol=1e-10)


@given(markets())
def test_listing_everything_of_a_nest_many_times_adds_no_appeal(market):
    """With the mean inside, a nest listed twenty times over draws nobody from the other nest."""
    many = replace(
        market,
        **{
            name: np.repeat(getattr(market, name), 20, axis=1)
            for name in ("appeal_open", "price_open", "reach_open")
        },
        count_open=20.0 * market.count_open,
    )
    np.testing.assert_allclose(shares(many)[0], shares(market)[0], rtol=1e-10)


@given(markets(), st.integers(0, CLOSED - 1))
def test_a_product_out_of_reach_is_no_product(market, product):
    """Of a product off the market neither its appeal nor its price is felt."""
    gone = replace(market, reach_closed=changed(market.reach_closed, product, 0.0))
    elsewhere = replace(gone, appeal_closed=changed(gone.appeal_closed, product, 0.5))
    closed, opened = shares(gone)
    assert (closed[:, product] < 1e-20).all()
    np.testing.assert_allclose(closed.sum(axis=1) + opened.sum(axis=1), 1.0, rtol=1e-12)
    for found, expected in zip(shares(elsewhere), (closed, opened), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-20)


@given(markets(), st.integers(0, CLOSED - 1), st.floats(0.01, 2.0))
def test_a_dearer_product_loses_and_its_rivals_gain(market, product, rise):
    closed, opened = shares(market)
    dear_closed, dear_open = shares(
        replace(market, price_closed=changed(market.price_closed, product, np.exp(rise)))
    )
    assert (dear_closed[:, product] <= closed[:, product] * (1 + 1e-12)).all()
    rivals = np.delete(np.arange(CLOSED), product)
    assert (dear_closed[:, rivals] >= closed[:, rivals] * (1 - 1e-12)).all()
    assert (dear_open >= opened * (1 - 1e-12)).all()


@given(markets(), st.floats(0.01, 3.0))
def test_a_higher_premium_moves_work_to_the_closed_nest_only(market, rise):
    closed, _ = shares(market)
    more, _ = shares(replace(market, appeal_closed=market.appeal_closed + rise))
    nest_before, nest_after = closed.sum(axis=1), more.sum(axis=1)
    within, within_after = closed / nest_before[:, None], more / nest_after[:, None]
    np.testing.assert_allclose(within_after, within, rtol=1e-9)
    odds = np.log(nest_after / (1 - nest_after)) - np.log(nest_before / (1 - nest_before))
    np.testing.assert_allclose(odds, rise, rtol=1e-6)


@given(markets())
def test_inversion_gives_the_premium_back(market):
    """Berry (1994): the share and the inclusive values determine the premium."""
    substitutes, closed, opened, log_closed, log_open = taken(market)
    value_closed = nest(closed, log_closed, substitutes.alpha, substitutes.closed).value
    value_open = nest(opened, log_open, substitutes.alpha, substitutes.open).value
    share = shares(market)[0].sum(axis=1)
    found = invert_premium(jnp.asarray(share), value_closed[0, 0, :, 0] - 2.5, value_open[0, 0, :, 0])
    np.testing.assert_allclose(found, 2.5, atol=1e-7)


@given(markets())
def test_only_relative_prices_matter(market):
    doubled = replace(market, price_closed=2.0 * market.price_closed, price_open=2.0 * market.price_open)
    for found, expected in zip(shares(doubled), shares(market), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@jax.jit
def _log_share_slopes(given):
    """d ln w_j / d ln P_j of every closed product, ``(bands, products)``."""
    substitutes, closed, opened, log_closed, log_open = given

    def log_shares(rise):
        at = log_closed + rise.reshape(LABS, CHANNELS, TIERS, 1)
        return jnp.log(target_shares(substitutes, closed, opened, at, log_open).closed.reshape(BANDS, CLOSED))

    return jnp.diagonal(jax.jacfwd(log_shares)(jnp.zeros(CLOSED)), axis1=1, axis2=2)


@given(markets())
def test_own_price_elasticity_is_the_atkeson_burstein_one(market):
    """d ln w_j / d ln P_j = -[ sigma (1 - w_{j|g}) + alpha w_{j|g} (1 - w_g) ] in every cell."""
    closed, _ = shares(market)
    whole = closed.sum(axis=1, keepdims=True)
    within = closed / whole
    expected = -(market.sigma_closed * (1 - within) + market.alpha * within * (1 - whole))
    np.testing.assert_allclose(_log_share_slopes(taken(market)), expected, rtol=1e-9, atol=1e-13)


def test_no_nest_is_a_worse_substitute_within_than_without():
    """Elasticities within a nest are not below the one between nests, nor the closed one at or below one."""
    given = {"closed_open_price_sensitivity": 2.0, "closed_substitution": 1.5, "open_substitution": 1.7}
    found = substitution({name: jnp.array([value]) for name, value in given.items()})
    assert [float(value[0]) for value in found] == [2.0, 2.0, 2.0]
    given = {"closed_open_price_sensitivity": 0.5, "closed_substitution": 0.6, "open_substitution": 0.7}
    assert float(substitution({name: jnp.array([value]) for name, value in given.items()}).closed[0]) > 1.0


@pytest.mark.parametrize(("alpha", "published"), [(1.1, 3.0), (1.6, 4.0), (2.0, 4.9)])
def test_worked_inversion_of_the_share_and_price_evidence(alpha, published):
    """Shares of 80 to 20 at prices 1.86 and 0.23, quality weight 4 and a quality gap of 0.17."""
    values = np.array([4 * 0.17, 0.0]) - alpha * np.log([1.86, 0.23])
    xi = invert_premium(jnp.asarray(0.8), jnp.asarray(values[0]), jnp.asarray(values[1]))
    assert float(xi) == pytest.approx(published, abs=0.06)
