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
    "cost_of_capital",
    "terminal_growth",
    "mature_margin",
    "margin_ramp_years",
    "growth_half_life_years",
    "base_rate_weight",
    "base_growth_rate",
    "valuation_persistence",
    "valuation_noise",
    "sentiment_persistence",
    "sentiment_growth_gain",
    "sentiment_hurdle",
    "sentiment_churn_loss",
    "sentiment_glut_loss",
    "sentiment_noise",
    "sentiment_floor",
    "sentiment_ceiling",
)

#: Years of explicit growth; what follows grows at the terminal rate.
HORIZON_YEARS = 30

#: Highest yearly growth that the market extrapolates from.
_FASTEST = 4.0


def value_over_revenue(b: Mapping[str, Array], growth: Array) -> Array:
    """Return enterprise value over the next twelve months' revenue for a yearly growth (any shape)."""
    years = jnp.arange(1, HORIZON_YEARS + 1, dtype=growth.dtype)
    fade = jnp.exp2(-(years - 1.0) / b["growth_half_life_years"])
    path = b["terminal_growth"] + (growth[..., None] - b["terminal_growth"]) * fade
    size = jnp.cumprod(
        jnp.concatenate([jnp.ones_like(growth)[..., None], 1.0 + path[..., 1:]], axis=-1), axis=-1
    )
    margin = b["mature_margin"] * jnp.minimum(years / b["margin_ramp_years"], 1.0)
    discount = (1.0 + b["cost_of_capital"]) ** -years
    explicit = (size * margin * discount).sum(axis=-1)
    last = size[..., -1] * (1.0 + b["terminal_growth"]) * b["mature_margin"] * discount[-1]
    return explicit + last / (b["cost_of_capital"] - b["terminal_growth"])


def market_value(b: Mapping[str, Array], revenue: Array, year_ago: Array, log_mispricing: Array) -> Array:
    """Return market value, USD billions, from revenue now and a year ago (USD billions a year)."""
    seen = jnp.clip(revenue / jnp.maximum(year_ago, 1e-6) - 1.0, -0.9, _FASTEST)
    growth = (1.0 - b["base_rate_weight"]) * seen + b["base_rate_weight"] * b["base_growth_rate"]
    return revenue * (1.0 + growth) * value_over_revenue(b, growth) * jnp.exp(log_mispricing)


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
