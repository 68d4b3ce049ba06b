"""Demand: plan fees bounded by the next-best alternative, and buyers who stay or move."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.economy.central import blank_state, medians, structure
from twocurves.economy import demand
from twocurves.economy.cost import Costs
from twocurves.economy.quality import Quality

#: No hazard by which anybody moves.
STILL = {
    "enterprise_vendor_reconsideration": 0.0,
    "developer_model_reconsideration": 0.0,
    "consumer_vendor_reconsideration": 0.0,
    "forced_migration": 0.0,
}


@jax.jit
def move(b, closed, opened, target_closed, target_open, joined):
    return demand.move(b, structure(), closed, opened, target_closed, target_open, joined)


def tables(seed):
    """Shares today and those that choosing afresh would give, and the share of newcomers in each market."""
    rng = np.random.default_rng(seed)
    names = structure().names
    cells = (len(names.regions), len(names.segments), len(names.bands))
    closed = (len(names.labs), len(structure().channel_plan), len(names.tiers))
    count = int(np.prod(closed))

    def shares():
        drawn = rng.dirichlet(np.ones(count + len(names.open_products)), cells)[..., None]
        return drawn[:, :, :, :count].reshape(*cells, *closed, 1), drawn[:, :, :, count:]

    return shares(), shares(), rng.uniform(0.0, 1.0, (*cells[:2], 1))


SEEDS = st.integers(0, 2**32 - 1)


def moved(b, now, target, joined):
    return jax.tree.map(np.asarray, move(b, *now, *target, joined))


@given(SEEDS)
@settings(max_examples=20)
def test_movers_are_conserved(seed):
    found = moved(medians(), *tables(seed))
    np.testing.assert_allclose(found.closed.sum(axis=(3, 4, 5)) + found.open.sum(axis=3), 1.0, rtol=1e-12)
    assert (found.closed >= 0).all()
    assert (found.kept_open <= found.open.sum(axis=3) + 1e-15).all()
    assert (found.kept_open >= 0).all()


@given(SEEDS)
@settings(max_examples=10)
def test_nobody_moves_without_hazards_or_newcomers(seed):
    now, target, joined = tables(seed)
    still = medians(**STILL)
    found = moved(still, now, target, 0.0 * joined)
    for after, before in zip((found.closed, found.open), now, strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-14)
    found = moved(still, now, target, 0.0 * joined + 1.0)
    for after, wanted in zip((found.closed, found.open), target, strict=True):
        np.testing.assert_allclose(after, wanted, rtol=1e-14)


@given(SEEDS)
@settings(max_examples=10)
def test_the_target_is_a_resting_point_but_for_deprecation(seed):
    """Nothing moves at the target; deprecation frees closed buyers alone, so that open work gains."""
    _, target, joined = tables(seed)
    found = moved(medians(forced_migration=0.0), target, target, joined)
    for after, wanted in zip((found.closed, found.open), target, strict=True):
        np.testing.assert_allclose(after, wanted, rtol=1e-12, atol=1e-15)
    found = moved(medians(forced_migration=0.2, forced_migration_leave=0.1), target, target, joined)
    assert (found.open >= target[1] - 1e-15).all()
    assert (found.closed.sum(axis=(3, 4, 5)) <= target[0].sum(axis=(3, 4, 5)) + 1e-15).all()


@given(SEEDS, st.floats(0.0, 1.0))
@settings(max_examples=10)
def test_open_weights_in_use_age_until_they_are_replaced(seed, replaced):
    """Kept work grows a month older, new work starts at zero, and capability stays between old and new."""
    now, target, joined = tables(seed)
    b = medians(open_vintage_replacement=replaced)
    names = structure().names
    markets = (len(names.regions), len(names.segments), 1)
    state = blank_state(
        vintage=np.full(markets, 120.0),
        vintage_age=np.full(markets, 9.0),
        vintage_old=np.full(markets, 0.25),
    )
    newest = np.full((len(names.open_products), 1), 140.0)
    use = np.asarray(structure().band_share)
    found = jax.tree.map(np.asarray, _age(b, state, move(b, *now, *target, joined), newest, use))
    assert ((found.capability >= 120.0) & (found.capability <= 140.0 + 1e-9)).all()
    assert ((found.age >= 0.0) & (found.age <= 10.0)).all()
    assert ((found.old >= 0.0) & (found.old <= 1.0)).all()
    fresh = jax.tree.map(np.asarray, _age(b, state, move(b, *now, *target, 0.0 * joined + 1.0), newest, use))
    np.testing.assert_allclose(fresh.age, 0.0, atol=1e-12)
    np.testing.assert_allclose(fresh.capability, 140.0, rtol=1e-7)


@jax.jit
def _age(b, state, shares, newest, use):
    return demand.vintage(b, structure(), state, shares, newest, use)


def test_the_premium_halves_its_distance_to_the_floor_in_its_half_life():
    """Integration raises the floor of its channel for good."""
    b = medians(closed_premium_half_life=20.0, closed_premium_half_life_factor=1.0, closed_premium_noise=0.0)
    floor = b["closed_premium_floor"] + np.asarray(demand.integration(b, structure()))[:, 0]
    segments = len(structure().names.segments)
    premium = jnp.asarray(np.broadcast_to(floor + 4.0, (segments, len(floor)))[..., None])
    for _ in range(20):
        premium = demand.next_premium(b, structure(), premium, jnp.zeros((segments, 1)))
    np.testing.assert_allclose(np.asarray(premium)[..., 0] - floor, 2.0, rtol=1e-10)


# Two labs, each with a plan and an API in two tiers, and one open product, in one market of one band whose
# users do one unit of work each, worth 100 dollars.
POSTED = np.array([60.0, 10.0])
QUALITY = np.array([0.8, 0.5])
COST = np.array([1.0, 1.0])


def _pay(
    posted=POSTED, quality=QUALITY, cost=COST, presence=(1.0, 1.0), open_price=2.0, open_quality=0.4, **given
):
    """Prices paid for each lab's plan and API, shape ``(labs, channels)``."""
    skeleton = replace(
        structure(),
        band_share=np.ones((1, 1)),
        band_z=np.zeros((1, 1)),
        open_local=np.zeros((1, 1)),
    )
    b = {
        "band_usage": jnp.ones((1, 1)),
        "plan_usage_cap": jnp.full((1, 1), given.get("cap", 1.0)),
        "closed_open_price_sensitivity": jnp.array([1.6]),
        "plan_fee_extraction": jnp.array([given.get("take", 0.5)]),
        "plan_fee_rivalry": jnp.array([0.0]),
        "value_spread": jnp.array([2.5]),
        "value_top_percentile": jnp.array([0.99]),
    }
    channels, tiers = len(structure().channel_plan), 2

    def of_labs(values, *lead):
        wide = np.asarray(values, float).reshape(*(1 for _ in lead), -1, 1, 1, 1)
        return jnp.asarray(np.broadcast_to(wide, (*lead, len(values), channels, tiers, 1)))

    costs = Costs(closed=of_labs(cost, 1), open=jnp.full((1, 1, 1, 1), open_price))
    good = Quality(
        closed=of_labs(quality, 1)[:, :, :, 0],
        open=jnp.full((1, 1, 1, 1), open_quality),
        closed_lacks=1.0 - of_labs(quality, 1)[:, :, :, 0],
        open_lacks=jnp.full((1, 1, 1, 1), 1.0 - open_quality),
        in_use=jnp.zeros((1, 1, 1)),
        difficulty=jnp.zeros((1, 1)),
        tuned=jnp.zeros((1, 1, 1)),
    )
    found = demand.paid(
        b,
        skeleton,
        of_labs(posted, 1, 1, 1),
        costs,
        jnp.zeros((1, 1, 1, 1)),
        good,
        jnp.full((1, 1, 1), 100.0),
        jnp.zeros(1),
        jnp.asarray(presence)[:, None],
        jnp.full((1, 1), given.get("open_here", 1.0)),
        jnp.full((1, 1), given.get("plan_margin", 5.0)),
        jnp.full((1, channels, 1), given.get("premium", 0.0)),
    )
    closed = np.asarray(found.closed)[0, 0, 0, :, :, :, 0]
    np.testing.assert_array_equal(closed[:, :, 0], closed[:, :, 1])
    return closed[:, :, 0]


PLAN, API = structure().plan_channels[0], structure().api_channels[0]


def test_a_better_lab_takes_part_of_what_its_lead_is_worth():
    """The best lab leads the next *maker* by 0.3; half of 0.3 x 100 dollars above the rival's 10 makes 25.

    Mussa and Rosen (1978), Shaked and Sutton (1982): the bound is set by the best alternative of another
    maker; the lab's own other tier and its API are no alternative to it.
    """
    assert _pay()[0, PLAN] == pytest.approx(25.0)
    assert _pay(take=1.0)[0, PLAN] == pytest.approx(40.0)
    assert _pay(take=0.0)[0, PLAN] == pytest.approx(10.0)


def test_the_open_offer_bounds_the_fee_where_it_is_the_better_one():
    """An open product of quality 0.7 at 2 dollars leaves its user 68: of 10 more the lab takes half."""
    assert _pay(open_quality=0.7)[0, PLAN] == pytest.approx(2.0 + 0.5 * (80.0 - 2.0 - 68.0))


def test_a_premium_lifts_the_price_at_which_open_work_is_an_alternative():
    """With a premium of alpha ln 2 buyers would leave at twice the open price, and not before."""
    premium = 1.6 * np.log(2.0)
    assert _pay(open_quality=0.7, premium=premium)[0, PLAN] == pytest.approx(4.0 + 0.5 * 10.0)


def test_a_lab_that_is_not_there_is_no_alternative():
    """A lab that has yet to enter bounds nobody's fee, whatever its quality."""
    better = _pay(quality=np.array([0.8, 0.95]), presence=(1.0, 0.0))
    none = _pay(quality=np.array([0.8, 0.0]), presence=(1.0, 0.0))
    assert better[0, PLAN] == pytest.approx(none[0, PLAN])


def test_an_open_product_whose_builder_is_yet_to_come_bounds_nothing():
    absent = _pay(open_quality=0.7, open_here=0.0)
    assert absent[0, PLAN] == pytest.approx(_pay()[0, PLAN])


def test_of_two_equal_leaders_each_is_the_alternative_of_the_other():
    """Equal quality at 10 and 10 dollars: nothing is better, so both ask the other's price."""
    paid = _pay(quality=np.array([0.8, 0.8]), posted=np.array([10.0, 10.0]), open_quality=0.1)
    np.testing.assert_allclose(paid[:, PLAN], 10.0)


def test_work_beyond_the_cap_pays_the_posted_price_once_plans_lose_money():
    covered = _pay(cap=0.5)[:, PLAN]
    losing = {"plan_margin": -5.0}
    np.testing.assert_allclose(_pay(cap=1.0, **losing)[:, PLAN], covered)
    np.testing.assert_allclose(_pay(cap=0.5, **losing)[:, PLAN], 0.5 * (covered + POSTED))
    np.testing.assert_allclose(_pay(cap=0.0, **losing)[:, PLAN], POSTED)


def test_tokens_pay_what_is_posted_and_no_plan_asks_more_or_sells_below_cost():
    paid = _pay()
    np.testing.assert_allclose(paid[:, API], POSTED)
    assert (paid[:, PLAN] <= POSTED + 1e-12).all()
    dear = _pay(cost=np.full(2, 40.0), posted=np.array([60.0, 45.0]))
    assert (dear[:, PLAN] >= 40.0 - 1e-12).all()


def test_band_use_averages_to_one_and_values_are_top_coded():
    b = medians()
    use = np.asarray(demand.band_use(b, structure()))
    assert (use * structure().band_share).sum() == pytest.approx(1.0)
    value = np.asarray(demand.band_value(b, structure()))[:, 0]
    assert (np.diff(value) > 0).all()
    coarse = np.asarray(demand.band_value(medians(value_top_percentile=0.9), structure()))[:, 0]
    assert coarse[-1] < value[-1]
