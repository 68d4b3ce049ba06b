"""Valuation and sentiment: what labs are worth to the market, and how the market feels.

    EV_i  = Rev_NTM [ sum_y prod_k (1 + g_k) m_y / (1 + r)^y + terminal ],  g_y = gL + (g_0 - gL) 2^-((y-1)/H)
    ln MV = ln EV + u,   u AR(1)
    H(t+1) = rho H + (1 - rho) [ 1 + a1 (value growth - hurdle) - a2 forced churn - a3 max(0, c_full/p - 1) ]

The market sees the last year's growth and shrinks it towards the base rate of large firms; it does not see
the future that the model computes, since perfect foresight would double-count growth. Sentiment is one state
that drives outside money, investment and forced adoption: the least bubble there is.

Source: H-model of Fuller and Hsia (1984); base rates of Mauboussin and Callahan.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

PARAMETERS = (
    "terminal_growth",
    "cost_of_capital",
    "growth_half_life_years",
    "margin_ramp_years",
    "mature_margin",
    "base_rate_weight",
    "base_growth_rate",
    "valuation_persistence",
    "valuation_noise",
    "sentiment_growth_gain",
    "sentiment_hurdle",
    "sentiment_churn_loss",
    "sentiment_glut_loss",
    "sentiment_persistence",
    "sentiment_noise",
    "sentiment_floor",
    "sentiment_ceiling",
)

#: Years of explicit growth; what follows grows at the terminal rate.
HORIZON_YEARS = 30

#: Highest yearly growth that the market extrapolates from.
_FASTEST = 4.0

_LEAST_REVENUE = 1e-6


def value_over_revenue(b: Mapping[str, Array], growth: Array) -> Array:
    """Return enterprise value over the next twelve months' revenue for a yearly growth (any shape)."""
    excess = growth - b["terminal_growth"]
    factor = 1.0 / (1.0 + b["cost_of_capital"])
    fade = jnp.exp2(-1.0 / b["growth_half_life_years"])
    size, discount, value = jnp.ones_like(growth), factor, jnp.zeros_like(growth)
    for year in range(1, HORIZON_YEARS + 1):
        if year > 1:
            excess = excess * fade
            size = size * (1.0 + b["terminal_growth"] + excess)
            discount = discount * factor
        value = value + size * discount * jnp.minimum(year / b["margin_ramp_years"], 1.0)
    last = size * (1.0 + b["terminal_growth"]) * discount
    return b["mature_margin"] * (value + last / (b["cost_of_capital"] - b["terminal_growth"]))


def market_value(b: Mapping[str, Array], memory: Array, log_mispricing: Array) -> Array:
    """Return market value, USD billions; ``memory`` of revenue, USD billions a year, ``(memory, labs)``.

    Growth over the year is between the first and last month that are remembered, a year apart, annual
    revenue being the month's.
    """
    now, year_ago = memory[0], memory[-1]
    seen = jnp.clip(now / jnp.maximum(year_ago, _LEAST_REVENUE) - 1.0, -0.9, _FASTEST)
    growth = (1.0 - b["base_rate_weight"]) * seen + b["base_rate_weight"] * b["base_growth_rate"]
    return now * (1.0 + growth) * value_over_revenue(b, growth) * jnp.exp(log_mispricing)


def mispricing(b: Mapping[str, Array], before: Array, shock: Array) -> Array:
    """Return next month's log of market price over value."""
    return b["valuation_persistence"] * before + b["valuation_noise"] * shock


def sentiment(
    b: Mapping[str, Array],
    before: Array,
    value_growth: Array,
    forced_exits: Array,
    cover: Array,
    shock: Array,
) -> Array:
    """Return next month's sentiment.

    Parameters
    ----------
    value_growth
        Growth of all labs' market value over a year.
    forced_exits
        Share of adopters who stopped ordered use in the month.
    cover
        Rental price over full cost.
    """
    drive = (
        1.0
        + b["sentiment_growth_gain"] * (jnp.clip(value_growth, -0.9, 2.0) - b["sentiment_hurdle"])
        - b["sentiment_churn_loss"] * forced_exits
        - b["sentiment_glut_loss"] * jnp.maximum(1.0 / cover - 1.0, 0.0)
    )
    rho = b["sentiment_persistence"]
    moved = rho * before + (1.0 - rho) * drive + b["sentiment_noise"] * shock
    return jnp.clip(moved, b["sentiment_floor"], b["sentiment_ceiling"])
