"""Investment: what is spent on new compute, from expected returns and sentiment.

    E[ROI]  = (p_e - running cost) 8760 util / c,    p_e averaged over months, lowered by the pipeline
    ln I   += clip( min( aI ln(E[ROI] / ROI_req) + a_b (H - 1), ln(F / I) ), lowest, highest )
    F       = H [ F_cash g_F^t + r_K (receipts of the cloud) ]

Returns are expected from smoothed rental prices and from what others have announced, not from the spot price:
spot expectations without adjustment cost make a violent cobweb. While spending is observed it is imposed.
Nobody invests what nobody has: spending stays below what the builders of compute earn elsewhere (``F_cash``)
and a multiple ``r_K`` of what compute rents for, both stretched by sentiment, which is how debt comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import total
from twocurves.economy.state import State
from twocurves.economy.supply import Supply, running_cost

PARAMETERS = (
    "return_expectation_months",
    "pipeline_weight",
    "utilisation",
    "investment_response",
    "required_return",
    "investment_sentiment_response",
    "investment_floor_change",
    "investment_ceiling_change",
    "investor_cash_flow_2026",
    "investor_cash_flow_growth",
    "compute_reinvestment",
    "investment_smoothing_months",
)

#: Month after January 2023 at which investors' cash flow is dated: the middle of 2026.
CASH_FLOW_MONTH = 41

_LEAST_RETURN = 1e-3

#: Width of the smooth minimum of the wanted and the affordable change, in monthly logs.
_ROOM_SOFTNESS = 0.01


class Investment(NamedTuple):
    """Spending on AI compute after the month (USD bn a year), its smoothed log, expected return a year."""

    spending: Array
    trend: Array
    log_rental_expected: Array
    expected_return: Array


def invest(
    b: Mapping[str, Array],
    state: State,
    supply: Supply,
    log_rental: Array,
    month: Array,
    observed: Array,
    is_observed: Array,
) -> Investment:
    """Choose next month's spending.

    Parameters
    ----------
    log_rental
        ln USD per hour of the month, shape ``(regions,)``.
    observed, is_observed
        Spending observed, USD billions a year, and whether it is.
    """
    smooth = 1.0 / b["return_expectation_months"]
    expected = state.log_rental_expected + smooth * (log_rental - state.log_rental_expected)
    stock = total(supply.stock)
    price = jnp.exp(total(supply.stock / stock * expected))
    crowd = (1.0 + total(supply.pipeline) / stock) ** -b["pipeline_weight"]
    margin = jnp.maximum(price * crowd - running_cost(b, month), _LEAST_RETURN)
    ret = margin * 8760.0 * b["utilisation"] / supply.unit_cost
    change = b["investment_response"] * jnp.log(ret / b["required_return"])
    change = change + b["investment_sentiment_response"] * (state.sentiment - 1.0)
    elsewhere = b["investor_cash_flow_2026"] * b["investor_cash_flow_growth"] ** (
        (month - CASH_FLOW_MONTH) / 12.0
    )
    means = state.sentiment * (elsewhere + b["compute_reinvestment"] * state.cloud_receipts)
    room = jnp.log(means / state.investment)
    change = room - _ROOM_SOFTNESS * jax.nn.softplus((room - change) / _ROOM_SOFTNESS)
    change = jnp.clip(change, b["investment_floor_change"], b["investment_ceiling_change"])
    spending = jnp.where(is_observed, observed, state.investment * jnp.exp(change))
    trend = (
        state.investment_trend
        + (jnp.log(spending) - state.investment_trend) / b["investment_smoothing_months"]
    )
    return Investment(spending, trend, expected, ret)
