"""Clearing of the compute market: a root, named idle and rationed hours, and the gradient of the root."""

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.clearing import PRIORITIES, Hours, clear

LOW, HIGH = np.log(0.02), np.log(40.0)

_clear = jax.jit(clear)


def limits(
    low: Any = LOW, high: Any = HIGH, smoothing: float = 1.0, step: float = 2.0
) -> tuple[dict[str, Any], Any]:
    """Beliefs and running cost with which the price lies between two bounds, in logs, at a full cost of 1."""
    b = {
        "rental_price_smoothing": jnp.asarray([smoothing]),
        "rental_price_ceiling": jnp.exp(jnp.asarray(high)),
        "rationing_step": jnp.asarray([step]),
    }
    return b, jnp.exp(jnp.asarray(low))


def settle(hours: Hours, supplied: Any, before: Any, low: Any = LOW, high: Any = HIGH, **given: float) -> Any:
    b, running = limits(low, high - np.log(np.asarray(hours.reference)), **given)
    return jax.tree.map(np.asarray, _clear(b, hours, supplied, before, running))


def wanted(**given: Any) -> Hours:
    """Hours of which nothing is wanted but what is given, from NumPy arrays of shape ``(regions, 1)``."""
    one = np.array([1.0])
    zero = np.zeros_like(next(value for value in given.values() if np.ndim(value) == 2))
    names = (
        "plans",
        "enterprise",
        "other_buyers",
        "free",
        "research",
        "background",
        "log_reservation",
        "other",
    )
    plain = dict.fromkeys(names, zero)
    return Hours(**(plain | {"spread": one, "reference": one, "elasticity": one} | given))


@st.composite
def demands(draw):
    """Hours wanted in two regions, and a supply that some price between 0.1 and 10 dollars clears."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    part = rng.dirichlet(np.ones(7), 2)[:, :, None] * np.exp(rng.normal(5.0, 2.0, (2, 1, 1)))
    reference = np.array([draw(st.floats(0.5, 4.0))])
    hours = wanted(
        plans=part[:, 0],
        enterprise=part[:, 1],
        other_buyers=part[:, 2],
        free=part[:, 3],
        research=part[:, 4] * reference,
        background=part[:, 5],
        log_reservation=np.log(reference) + rng.normal(0.0, 0.7, (2, 1)),
        spread=np.array([draw(st.floats(0.3, 1.5))]),
        other=part[:, 6],
        reference=reference,
        elasticity=np.array([draw(st.floats(0.3, 1.5))]),
    )
    root = np.log(reference) + rng.uniform(-1.2, 1.2, (2, 1))
    return hours, np.asarray(hours.at(root)), root


@given(demands(), st.floats(-0.5, 0.5))
@settings(max_examples=60)
def test_the_price_clears_the_market(case, away):
    hours, supplied, root = case
    found = settle(hours, supplied, root + away)
    np.testing.assert_allclose(found.log_price, root, atol=1e-9)
    np.testing.assert_allclose(found.log_clearing_price, root, atol=1e-9)
    assert (found.residual < 1e-9).all()
    np.testing.assert_allclose(found.demanded, hours.at(found.log_price), rtol=1e-12)


@given(demands(), st.floats(-3.0, 3.0), st.floats(-2.0, 2.0), st.floats(0.1, 1.0))
def test_hours_are_served_idle_or_rationed_by_name(case, away, scale, smoothing):
    """Also where the price charged has not followed yet."""
    hours, supplied, root = case
    supplied = supplied * np.exp(scale)
    found = settle(hours, supplied, root + away, np.log(0.5), np.log(4.0), smoothing=smoothing)
    np.testing.assert_array_equal(found.served, np.minimum(found.demanded, found.supplied))
    assert (found.idle >= 0).all()
    assert (found.rationed >= 0).all()
    np.testing.assert_allclose(found.served + found.idle, found.supplied, rtol=1e-12)
    np.testing.assert_allclose(found.served + found.rationed, found.demanded, rtol=1e-12)
    assert (found.residual < 1e-9).all()


@given(demands(), st.floats(0.1, 0.95), st.floats(1.0, 50.0))
def test_when_hours_are_short_each_priority_loses_more_than_the_one_above(case, part, step):
    """In the proportion of the step until one is wiped out; and what each gets adds up."""
    hours, supplied, root = case
    found = settle(hours, part * supplied, root, root - 1e-3, root + 1e-3, step=step)
    share = found.share
    assert share.shape[0] == len(PRIORITIES)
    assert ((share >= -1e-12) & (share <= 1)).all()
    for first, later in pairwise(1.0 - share):
        np.testing.assert_allclose(later, np.minimum(step * first, 1.0), rtol=1e-9, atol=1e-12)
    given_out = sum(wish * got for wish, got in zip(hours.by_priority(found.log_price), share, strict=True))
    np.testing.assert_allclose(given_out, found.served, rtol=1e-9)


@given(demands())
def test_at_the_floor_hours_are_idle_and_at_the_ceiling_rationed(case):
    hours, supplied, root = case
    glut = settle(hours, 3.0 * supplied, root, root - 0.05, HIGH)
    np.testing.assert_allclose(glut.log_price, root - 0.05, rtol=1e-12, atol=1e-14)
    assert (glut.idle > 0).all()
    assert (glut.rationed == 0).all()
    assert (glut.residual < 1e-12).all()
    short = settle(hours, supplied / 3.0, root, LOW, root + 0.05)
    np.testing.assert_allclose(short.log_price, root + 0.05, rtol=1e-12, atol=1e-14)
    assert (short.rationed > 0).all()
    assert (short.idle == 0).all()
    assert (short.residual < 1e-12).all()


@given(demands(), st.floats(1.05, 2.0))
@settings(max_examples=30)
def test_more_supply_is_cheaper_and_more_demand_dearer(case, more):
    hours, supplied, root = case
    found = settle(hours, supplied, root).log_price
    assert (settle(hours, more * supplied, root).log_price < found).all()
    asked = hours._replace(research=more * hours.research)
    assert (settle(asked, supplied, root).log_price > found).all()


def test_a_budget_alone_is_spent_whatever_the_supply():
    """Research is money: if nothing else is demanded, price times hours is the budget."""
    hours = wanted(research=np.array([[30.0]]))
    for supplied in (5.0, 20.0, 60.0):
        found = settle(hours, np.array([[supplied]]), np.zeros((1, 1)))
        assert float(np.exp(found.log_price[0, 0])) * supplied == pytest.approx(30.0, rel=1e-10)


def test_contracts_let_the_price_follow_with_a_delay():
    """A third of the way in logs in a month; meanwhile the hours that are short are named."""
    hours = wanted(research=np.array([[30.0]]))
    found = settle(hours, np.array([[10.0]]), np.zeros((1, 1)), smoothing=1 / 3)
    assert float(found.log_price[0, 0]) == pytest.approx(np.log(3.0) / 3.0)
    assert float(found.rationed[0, 0]) == pytest.approx(30.0 / 3.0 ** (1 / 3) - 10.0)


@jax.jit
def _slopes(inputs, start):
    b, running = limits()
    return jax.grad(lambda given: clear(b, given[0], given[1], start, running).log_price.sum())(inputs)


@given(demands(), st.floats(-0.3, 0.3))
@settings(max_examples=12)
def test_the_gradient_is_that_of_the_root_in_every_input(case, away):
    """Implicit function theorem, against central differences of the converged price."""
    hours, supplied, root = case
    found = _slopes((hours, supplied), root + away)
    inputs = jax.tree.map(np.asarray, (hours, supplied))
    leaves, form = jax.tree.flatten(inputs)

    def price(changed):
        asked, offered = jax.tree.unflatten(form, changed)
        at = root
        for _ in range(2):
            at = settle(asked, offered, at).log_price
        return float(at.sum())

    for place, (leaf, slope) in enumerate(zip(leaves, jax.tree.leaves(found), strict=True)):
        for index in np.ndindex(leaf.shape):
            step = 1e-5 * max(abs(float(leaf[index])), 1e-3)
            up, down = leaf.astype(float).copy(), leaf.astype(float).copy()
            up[index] += step
            down[index] -= step
            difference = (
                price([*leaves[:place], up, *leaves[place + 1 :]])
                - price([*leaves[:place], down, *leaves[place + 1 :]])
            ) / (2 * step)
            assert float(np.asarray(slope)[index]) == pytest.approx(difference, rel=1e-5, abs=1e-9)


@jax.jit
def _slope_of_start(hours, supplied, start):
    b, running = limits()
    return jax.grad(lambda at: clear(b, hours, supplied, at, running).log_price.sum())(start)


@given(demands(), st.floats(-0.3, 0.3))
@settings(max_examples=10)
def test_where_the_search_begins_does_not_matter(case, away):
    hours, supplied, root = case
    np.testing.assert_allclose(_slope_of_start(hours, supplied, root + away), 0.0, atol=1e-12)


def test_on_the_ceiling_the_price_moves_with_the_ceiling_alone():
    one = np.ones((1, 1))
    hours = wanted(plans=100.0 * one, research=one, background=one, other=one)

    def price(supplied, ceiling):
        b, running = limits(high=ceiling)
        return clear(b, hours, supplied, jnp.zeros((1, 1)), running).log_price.sum()

    by_supply, by_ceiling = jax.jit(jax.grad(price, argnums=(0, 1)))(one, jnp.asarray(1.0))
    assert float(by_supply[0, 0]) == 0.0
    assert float(by_ceiling) == pytest.approx(1.0)
