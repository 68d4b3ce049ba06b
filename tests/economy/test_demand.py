"""Demand: plan fees bounded by the next-best alternative, and buyers who stay or move."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.economy.central import medians, structure
from twocurves.economy import demand

# Two labs, each with a plan in two tiers and an API, and one open product: as in the full structure.
LAB = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 0]], float)
PLAN = np.array([True, True, False, True, True, False, False])
CLOSED = np.array([True] * 6 + [False])


def numbers(**given):
    return {name: np.asarray(value) for name, value in (medians() | given).items()}


def _move(b, shares, target, joined):
    return demand.move(b, structure(), shares, target, joined)


move = jax.jit(_move)


@st.composite
def tables(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cells, products = len(structure().cell_segment), len(structure().names.products)
    shares, target = rng.dirichlet(np.ones(products), (2, cells))
    return shares, target, rng.uniform(0.0, 1.0, cells)


@given(tables())
@settings(max_examples=20)
def test_movers_are_conserved(case):
    shares, target, joined = case
    found, kept = move(numbers(), shares, target, joined)
    np.testing.assert_allclose(np.asarray(found).sum(axis=1), 1.0, rtol=1e-12)
    assert (np.asarray(kept) <= np.asarray(found) + 1e-15).all()
    assert (np.asarray(kept) >= 0).all()


@given(tables())
@settings(max_examples=10)
def test_nobody_moves_without_hazards_or_newcomers(case):
    shares, target, joined = case
    still = numbers(
        enterprise_vendor_reconsideration=0.0,
        developer_model_reconsideration=0.0,
        consumer_vendor_reconsideration=0.0,
        forced_migration=0.0,
    )
    found, _ = move(still, shares, target, 0.0 * joined)
    np.testing.assert_allclose(found, shares, rtol=1e-14)
    found, _ = move(still, shares, target, 0.0 * joined + 1.0)
    np.testing.assert_allclose(found, target, rtol=1e-14)


@given(tables())
@settings(max_examples=10)
def test_the_target_is_a_resting_point_but_for_deprecation(case):
    """Nothing moves at the target; deprecation frees closed buyers alone, so that open work gains."""
    _, target, joined = case
    found, _ = move(numbers(forced_migration=0.0), target, target, joined)
    np.testing.assert_allclose(found, target, rtol=1e-12, atol=1e-15)
    found, _ = move(numbers(forced_migration=0.2, forced_migration_leave=0.1), target, target, joined)
    opened = ~np.asarray(structure().product_closed)
    assert (np.asarray(found)[:, opened] >= target[:, opened]).all()
    assert (np.asarray(found)[:, ~opened].sum(axis=1) <= target[:, ~opened].sum(axis=1)).all()


def _pay(posted, quality, cost, weight, **given):
    """Prices paid in one market of one band whose users do one unit of work each, worth 100 dollars."""
    skeleton = replace(
        structure(),
        product_plan=jnp.asarray(PLAN),
        product_closed=jnp.asarray(CLOSED),
        product_lab=jnp.asarray(LAB),
        cell_market=jnp.ones((1, 1)),
        cell_band=jnp.zeros(1, int),
        cell_segment=jnp.zeros(1, int),
        band_share=jnp.ones(1),
        band_z=jnp.zeros(1),
    )
    b = {
        "band_usage": jnp.ones(1),
        "plan_usage_cap": jnp.full(1, given.get("cap", 1.0)),
        "plan_fee_extraction": jnp.asarray(given.get("take", 0.5)),
        "plan_fee_rivalry": jnp.asarray(0.0),
        "value_top_percentile": jnp.asarray(0.99),
    }
    return np.asarray(
        demand.paid(
            b,
            skeleton,
            jnp.asarray(posted)[None],
            jnp.asarray(quality)[None],
            jnp.array([100.0]),
            jnp.ones(1),
            jnp.asarray(0.0),
            jnp.asarray(1.0),
            jnp.asarray(weight, float),
            jnp.asarray(cost)[None],
        ).price[0]
    )


POSTED = np.array([60.0, 60.0, 60.0, 10.0, 10.0, 10.0, 2.0])
QUALITY = np.array([0.8, 0.8, 0.8, 0.5, 0.5, 0.5, 0.4])
COST = np.full(7, 1.0)


def test_a_better_lab_takes_part_of_what_its_lead_is_worth():
    """The best lab leads the next *maker* by 0.3; half of 0.3 x 100 dollars above the rival's 10 makes 25.

    Mussa and Rosen (1978), Shaked and Sutton (1982): the bound is set by the best alternative of another
    maker; the lab's own other tier and its API are no alternative to it.
    """
    paid = _pay(POSTED, QUALITY, COST, np.ones(7))
    assert paid[0] == pytest.approx(25.0)
    assert paid[1] == pytest.approx(25.0)


def test_a_lab_that_is_not_there_is_no_alternative():
    """A lab that has yet to enter bounds nobody's fee, whatever its quality."""
    absent = np.array([1, 1, 1, 0, 0, 0, 1.0])
    better = QUALITY.copy()
    better[3:6] = 0.95
    paid = _pay(POSTED, better, COST, absent)
    none = _pay(POSTED, np.where(absent > 0, better, 0.0), COST, absent)
    np.testing.assert_allclose(paid[:2], none[:2])


def test_work_beyond_the_cap_pays_the_posted_price():
    covered = _pay(POSTED, QUALITY, COST, np.ones(7), cap=1.0)
    half = _pay(POSTED, QUALITY, COST, np.ones(7), cap=0.5)
    none = _pay(POSTED, QUALITY, COST, np.ones(7), cap=0.0)
    np.testing.assert_allclose(none, POSTED)
    np.testing.assert_allclose(half, 0.5 * (covered + POSTED))


def test_tokens_pay_what_is_posted_and_no_plan_asks_more_or_sells_below_cost():
    paid = _pay(POSTED, QUALITY, COST, np.ones(7))
    np.testing.assert_allclose(paid[~PLAN], POSTED[~PLAN])
    assert (paid <= POSTED + 1e-12).all()
    dear = _pay(POSTED, QUALITY, np.full(7, 40.0), np.ones(7))
    assert (dear[:2] >= 40.0 - 1e-12).all()
