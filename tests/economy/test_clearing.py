"""Clearing of the compute market: a root, named idle and rationed hours, and the gradient of the root."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.clearing import Hours, clear

LOW, HIGH = np.log(0.02), np.log(40.0)

_clear = jax.jit(clear)


def wanted(**given: Any) -> Hours:
    """Hours of which nothing is wanted but what is given, from NumPy arrays."""
    one = np.float64(1.0)
    zero = np.zeros(len(next(value for value in given.values() if np.ndim(value))))
    plain = dict.fromkeys(("inference", "research", "background", "log_reservation", "other"), zero)
    return Hours(**(plain | {"spread": one, "reference": one, "elasticity": one} | given))


@st.composite
def demands(draw):
    """Hours wanted in two regions, and a supply that some price between 0.1 and 10 dollars clears."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    part = rng.dirichlet(np.ones(4), 2) * np.exp(rng.normal(5.0, 2.0, (2, 1)))
    reference = np.float64(draw(st.floats(0.5, 4.0)))
    hours = wanted(
        inference=part[:, 0],
        research=part[:, 1] * reference,
        background=part[:, 2],
        log_reservation=np.log(reference) + rng.normal(0.0, 0.7, 2),
        spread=np.float64(draw(st.floats(0.3, 1.5))),
        other=part[:, 3],
        reference=reference,
        elasticity=np.float64(draw(st.floats(0.3, 1.5))),
    )
    root = np.log(reference) + rng.uniform(-1.2, 1.2, 2)
    return hours, np.asarray(hours.at(root)), root


@given(demands(), st.floats(-0.5, 0.5))
@settings(max_examples=60)
def test_the_price_clears_the_market(case, away):
    hours, supplied, root = case
    found = _clear(hours, supplied, root + away, LOW, HIGH)
    np.testing.assert_allclose(found.log_price, root, atol=1e-9)
    assert (np.asarray(found.residual) < 1e-9).all()
    np.testing.assert_allclose(found.demanded, hours.at(found.log_price), rtol=1e-12)


@given(demands(), st.floats(-3.0, 3.0), st.floats(-2.0, 2.0))
def test_hours_are_served_idle_or_rationed_by_name(case, away, scale):
    hours, supplied, root = case
    supplied = supplied * np.exp(scale)
    found = _clear(hours, supplied, root + away, np.log(0.5), np.log(4.0))
    np.testing.assert_array_equal(found.served, np.minimum(found.demanded, found.supplied))
    assert (np.asarray(found.idle) >= 0).all()
    assert (np.asarray(found.rationed) >= 0).all()
    np.testing.assert_allclose(found.served + found.idle, found.supplied, rtol=1e-12)
    np.testing.assert_allclose(found.served + found.rationed, found.demanded, rtol=1e-12)


@given(demands())
def test_at_the_floor_hours_are_idle_and_at_the_ceiling_rationed(case):
    hours, supplied, root = case
    glut = _clear(hours, 3.0 * supplied, root, root - 0.05, HIGH)
    np.testing.assert_array_equal(glut.log_price, root - 0.05)
    assert (np.asarray(glut.idle) > 0).all()
    assert (np.asarray(glut.rationed) == 0).all()
    assert (np.asarray(glut.residual) == 0).all()
    short = _clear(hours, supplied / 3.0, root, LOW, root + 0.05)
    np.testing.assert_array_equal(short.log_price, root + 0.05)
    assert (np.asarray(short.rationed) > 0).all()
    assert (np.asarray(short.idle) == 0).all()
    assert (np.asarray(short.residual) == 0).all()


@given(demands(), st.floats(1.05, 2.0))
@settings(max_examples=30)
def test_more_supply_is_cheaper_and_more_demand_dearer(case, more):
    hours, supplied, root = case
    found = _clear(hours, supplied, root, LOW, HIGH).log_price
    assert (_clear(hours, more * supplied, root, LOW, HIGH).log_price < found).all()
    asked = hours._replace(research=more * hours.research)
    assert (_clear(asked, supplied, root, LOW, HIGH).log_price > found).all()


def test_a_budget_alone_is_spent_whatever_the_supply():
    """Research is money: if nothing else is demanded, price times hours is the budget."""
    hours = wanted(research=np.array([30.0]))
    for supplied in (5.0, 20.0, 60.0):
        found = _clear(hours, np.array([supplied]), np.zeros(1), LOW, HIGH)
        assert float(jnp.exp(found.log_price[0])) * supplied == pytest.approx(30.0, rel=1e-10)


@jax.jit
def _slopes(inputs, start):
    return jax.grad(lambda given: clear(given[0], given[1], start, LOW, HIGH).log_price.sum())(inputs)


@given(demands(), st.floats(-0.3, 0.3))
@settings(max_examples=12)
def test_the_gradient_is_that_of_the_root_in_every_input(case, away):
    """Implicit function theorem, against central differences of the converged price."""
    hours, supplied, root = case
    found = _slopes((hours, supplied), root + away)
    inputs = jax.tree.map(np.asarray, (hours, supplied))
    leaves, form = jax.tree.flatten(inputs)
    slopes = jax.tree.leaves(found)

    def price(changed):
        asked, offered = jax.tree.unflatten(form, changed)
        at = root
        for _ in range(2):
            at = _clear(asked, offered, at, LOW, HIGH).log_price
        return float(np.asarray(at).sum())

    for place, (leaf, slope) in enumerate(zip(leaves, slopes, strict=True)):
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


@given(demands(), st.floats(-0.3, 0.3))
@settings(max_examples=10)
def test_where_the_search_begins_does_not_matter(case, away):
    hours, supplied, root = case
    slope = jax.grad(lambda start: clear(hours, supplied, start, LOW, HIGH).log_price.sum())(root + away)
    np.testing.assert_allclose(slope, 0.0, atol=1e-12)


def test_on_the_ceiling_the_price_moves_with_the_ceiling_alone():
    one = np.ones(1)
    hours = wanted(inference=100.0 * one, research=one, background=one, other=one)

    def price(supplied, ceiling):
        return clear(hours, supplied, jnp.zeros(1), LOW, ceiling).log_price.sum()

    by_supply, by_ceiling = jax.grad(price, argnums=(0, 1))(one, jnp.asarray(1.0))
    assert float(by_supply[0]) == 0.0
    assert float(by_ceiling) == 1.0
