"""Investment: from expected returns, within what its builders have."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.economy.central import blank_state, medians
from twocurves.economy.investment import CASH_FLOW_MONTH, invest
from twocurves.economy.state import PIPELINE_STAGES
from twocurves.economy.supply import Supply, running_cost

_invest = jax.jit(invest)


def spend(b, rental=2.0, spending=400.0, sentiment=1.0, receipts=300.0, pipeline=1e6, month=60.0, known=None):
    state = blank_state(
        investment=np.array([spending]),
        investment_trend=np.log([spending]),
        log_rental_expected=np.log(np.full((2, 1), rental)),
        sentiment=np.array([sentiment]),
        cloud_receipts=np.array([receipts]),
    )
    stock = jnp.array([[8e6], [2e6]])
    made = Supply(
        stock=stock,
        in_service=stock,
        pipeline=jnp.full((PIPELINE_STAGES, 1), pipeline / PIPELINE_STAGES),
        unit_cost=jnp.array([20e3]),
        full_cost=jnp.array([1.5]),
        delivered=jnp.array([1e5]),
    )
    found = _invest(
        b,
        state,
        made,
        np.log(np.full((2, 1), rental)),
        jnp.asarray(month),
        np.array([0.0 if known is None else known]),
        jnp.asarray(known is not None),
    )
    return jax.tree.map(lambda array: np.asarray(array)[..., 0], found)


@given(
    st.floats(0.05, 20.0),
    st.floats(1.0, 1e4),
    st.floats(0.2, 2.0),
    st.floats(0.0, 1e4),
    st.floats(41.0, 167.0),
)
@settings(max_examples=40)
def test_nobody_invests_what_nobody_has(rental, spending, sentiment, receipts, month):
    """Spending stays below what there is, or comes down to it as fast as it can be cut."""
    b = medians()
    found = spend(b, rental, spending, sentiment, receipts, month=month)
    years = (month - CASH_FLOW_MONTH) / 12.0
    elsewhere = b["investor_cash_flow_2026"][0] * b["investor_cash_flow_growth"][0] ** years
    means = sentiment * (elsewhere + b["compute_reinvestment"][0] * receipts)
    fastest_cut = spending * np.exp(b["investment_floor_change"][0])
    assert 0.0 <= found.spending <= max(means, fastest_cut) * (1 + 1e-12)


def test_returns_above_those_required_raise_spending_and_orders_on_the_way_lower_it():
    b = medians(investor_cash_flow_2026=1e9, investment_sentiment_response=0.0)
    low, high = spend(b, rental=0.7), spend(b, rental=6.0)
    assert low.expected_return < b["required_return"][0] < high.expected_return
    assert low.spending < 400.0 < high.spending
    assert spend(b, rental=6.0, pipeline=5e7).expected_return < high.expected_return
    blind = medians(investor_cash_flow_2026=1e9, pipeline_weight=0.0)
    assert spend(blind, pipeline=5e7).expected_return == pytest.approx(spend(blind).expected_return)


def test_steps_are_within_their_bounds():
    b = medians(investor_cash_flow_2026=1e9)
    for rental in (1e-3, 0.1, 100.0):
        change = np.log(spend(b, rental=rental).spending / 400.0)
        assert b["investment_floor_change"][0] - 1e-6 <= change <= b["investment_ceiling_change"][0] + 1e-6


def test_observed_spending_is_imposed():
    assert spend(medians(), month=20.0, known=123.0).spending == 123.0


def test_nobody_offers_below_the_electricity():
    b = medians()
    first, later = (float(running_cost(b, jnp.asarray(month))[0]) for month in (0.0, 60.0))
    assert first == pytest.approx(float((b["power_per_h100e"] * b["electricity_price"])[0]))
    assert later < first
