"""Supply of compute: the time to build as a pipeline, conservation of units, power, observed shipments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.economy.central import blank_state, medians
from twocurves.economy.state import PIPELINE_STAGES
from twocurves.economy.supply import WEIGHTS_MONTH, supply, unit_cost

MONTHS = 200


def numbers(**given):
    """The medians with plenty of power and no adjustment cost, so that one mechanism is seen at a time."""
    plain = {"power_capacity_2026": 1e9, "investment_adjustment_cost": 0.0} | given
    return medians(**plain)


def _run(b, stock, pipeline, spending, observed, is_observed):
    def advance(carry, now):
        stock, pipeline = carry
        month, money, shipped, known = now
        state = blank_state(
            stock=stock,
            pipeline=pipeline,
            investment=money,
            investment_trend=jnp.log(jnp.maximum(money, 1e-9)),
        )
        made = supply(b, state, month, shipped, known, jnp.zeros(1))
        orders = money * b["compute_build_out"] / 12.0 * 1e9 / made.unit_cost
        return (made.stock, made.pipeline), (made, orders)

    months = jnp.arange(spending.shape[0], dtype=float)
    return jax.lax.scan(advance, (stock, pipeline), (months, spending, observed, is_observed))[1]


_compiled = jax.jit(_run)


def run(b, spending, *, stock=(0.0, 1e-6), observed=None):
    """What is made month by month, and the orders; the axis of draws is gone."""
    spending = np.asarray(spending, float)[:, None]
    known = np.zeros(len(spending), bool) if observed is None else ~np.isnan(observed)
    shipped = np.zeros(spending.shape) if observed is None else np.nan_to_num(observed)[:, None]
    begun = np.zeros((PIPELINE_STAGES, 1))
    out = _compiled(b, np.asarray(stock)[:, None], begun, spending, shipped, known)
    return jax.tree.map(lambda array: np.asarray(array)[..., 0], out)


@given(st.floats(4.0, 60.0), st.floats(2.0, 12.0), st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_units_are_conserved(delay, life, seed):
    """Ordered = in stock + on the way + retired, in every month."""
    b = numbers(time_to_build=delay, hardware_life=life)
    spending = np.random.default_rng(seed).uniform(0.0, 900.0, MONTHS)
    made, orders = run(b, spending)
    stock = np.asarray(made.stock).sum(axis=1)
    before = np.concatenate([[1e-6], stock[:-1]])
    retired = np.cumsum(before / (12.0 * life))
    on_the_way = np.asarray(made.pipeline).sum(axis=1)
    np.testing.assert_allclose(np.cumsum(orders) + 1e-6, stock + on_the_way + retired, rtol=1e-9)
    np.testing.assert_allclose(stock - before, made.delivered - before / (12.0 * life), rtol=1e-7, atol=1e-3)


@pytest.mark.parametrize("delay", [4.0, 9.0, 14.0, 24.0])
def test_the_mean_delay_is_the_time_to_build(delay):
    """One order, and when its parts come into service: after ``delay`` months on average, none at once."""
    spending = np.zeros(MONTHS)
    spending[0] = 100.0
    made, orders = run(numbers(time_to_build=delay), spending)
    delivered = np.asarray(made.delivered)
    assert delivered.sum() == pytest.approx(float(orders[0]), rel=1e-3)
    assert (delivered * np.arange(MONTHS)).sum() / delivered.sum() == pytest.approx(delay, rel=1e-2)
    assert (delivered[:PIPELINE_STAGES] == 0).all()


@pytest.mark.parametrize("delay", [5.0, 8.0, 14.0, 30.0])
def test_stock_differentiates_in_the_time_to_build(delay):
    spending = np.linspace(100.0, 900.0, 60)

    def stock(months):
        b = {name: jnp.asarray(value) for name, value in numbers().items()} | {"time_to_build": months[None]}
        nothing = jnp.zeros(60)
        made, _ = _run(
            b,
            jnp.asarray([[0.0], [1e6]]),
            jnp.full((PIPELINE_STAGES, 1), 1e6),
            jnp.asarray(spending)[:, None],
            nothing[:, None],
            nothing > 0,
        )
        return made.stock[-1].sum()

    slope = float(jax.jit(jax.grad(stock))(jnp.asarray(delay)))
    at = jax.jit(stock)
    step = 1e-4
    difference = (float(at(jnp.asarray(delay + step))) - float(at(jnp.asarray(delay - step)))) / (2 * step)
    assert slope == pytest.approx(difference, rel=1e-6)
    assert slope < 0


def test_observed_shipments_are_imposed_and_the_pipeline_takes_over():
    observed = np.full(60, np.nan)
    observed[:40] = np.linspace(1e4, 2e6, 40)
    spending = np.full(60, 400.0)
    made, _ = run(numbers(), spending, observed=observed)
    np.testing.assert_allclose(np.asarray(made.delivered)[:40], observed[:40], rtol=1e-12)
    free, _ = run(numbers(), spending)
    np.testing.assert_allclose(np.asarray(made.delivered)[40:], np.asarray(free.delivered)[40:], rtol=1e-12)


def test_stock_wears_out():
    b = numbers(hardware_life=5.0)
    made, _ = run(b, np.zeros(60), stock=(1e6, 3e6))
    np.testing.assert_allclose(
        np.asarray(made.stock)[-1], np.array([1e6, 3e6]) * (1 - 1 / 60) ** 60, rtol=1e-12
    )


def test_in_service_is_the_lesser_of_stock_and_power():
    """With plenty of power all of the stock runs; with little, what the power carries; never more."""
    ratios = []
    for gigawatts in (0.001, 1.0, 10.0, 1e6):
        b = numbers(power_capacity_2026=gigawatts, power_capacity_growth=1.0, power_efficiency_growth=1.0)
        made, _ = run(b, np.full(60, 400.0), stock=(1e6, 9e6))
        stock, service = np.asarray(made.stock).sum(axis=1), np.asarray(made.in_service).sum(axis=1)
        powered = gigawatts * 1e6 / float(b["power_per_h100e"][0])
        assert (service <= np.minimum(stock, powered) * (1 + 1e-12)).all()
        assert (service >= np.minimum(stock, powered) * 2 ** (-1 / 12) * (1 - 1e-12)).all()
        ratios.append(service / stock)
    assert (np.diff(ratios, axis=0) >= 0).all()


def test_a_rush_is_dearer_than_the_trend():
    """Spending twice its trend buys less than twice as much, by the adjustment cost."""
    b = numbers(investment_adjustment_cost=0.5)

    def cost(spending):
        return float(unit_cost(b, jnp.asarray(10.0), jnp.array([spending]), jnp.log(jnp.array([100.0])))[0])

    assert cost(200.0) == pytest.approx(1.5 * cost(100.0))
    assert cost(50.0) == cost(100.0)


def test_a_wall_on_chips_keeps_later_compute_from_a_region_and_leaves_the_whole():
    """The wall shifts where deliveries go after it is dated, not how many there are."""
    walled = np.array([[1.0], [0.2]])
    spending = np.full(60, 400.0)
    free, _ = run(numbers(chip_export_wall=1.0), spending)
    held, _ = run(numbers(chip_export_wall=walled), spending)
    np.testing.assert_allclose(held.stock.sum(axis=1), free.stock.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(held.stock[: WEIGHTS_MONTH + 1], free.stock[: WEIGHTS_MONTH + 1], rtol=1e-12)
    assert held.stock[-1, 1] < free.stock[-1, 1]
