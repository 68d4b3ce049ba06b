"""Finance: investment in compute, what labs are worth, how the market feels."""

import numpy as np

from tests.economy.numpy_month.axes import Array, Bag, Numbers
from tests.economy.numpy_month.supply import electricity
from twocurves.economy.investment import CASH_FLOW_MONTH
from twocurves.economy.valuation import HORIZON_YEARS

#: Width, in logs, with which investment nears the means there are.
_ROOM_SOFTNESS = 0.01


def invest(b: Numbers, before: Bag, made: Bag, log_rental: Array, now: Bag) -> Bag:
    """Return next month's spending on AI compute, its trend and the rental price that is expected."""
    memory = 1.0 / b["return_expectation_months"]
    expected = (1.0 - memory) * before.log_rental_expected + memory * log_rental
    stock = np.sum(made.stock, axis=0)
    price = np.exp(np.sum(made.stock * expected, axis=0) / stock)
    price = price / (1.0 + np.sum(made.pipeline, axis=0) / stock) ** b["pipeline_weight"]
    margin = np.maximum(price - electricity(b, now.month), 1e-3)
    ret = margin * 8760.0 * b["utilisation"] / made.unit_cost
    change = b["investment_response"] * np.log(ret / b["required_return"])
    change = change + b["investment_sentiment_response"] * (before.sentiment - 1.0)
    years = (now.month - CASH_FLOW_MONTH) / 12.0
    cash_flow = b["investor_cash_flow_2026"] * b["investor_cash_flow_growth"] ** years
    means = before.sentiment * (cash_flow + b["compute_reinvestment"] * before.cloud_receipts)
    # The smaller of the change wanted and the room that means leave, rounded where they meet.
    room = np.log(means / before.investment)
    change = -_ROOM_SOFTNESS * np.logaddexp(-change / _ROOM_SOFTNESS, -room / _ROOM_SOFTNESS)
    change = np.clip(change, b["investment_floor_change"], b["investment_ceiling_change"])
    spending = now.spending if now.spending_known else before.investment * np.exp(change)
    step = (np.log(spending) - before.investment_trend) / b["investment_smoothing_months"]
    return Bag(spending=spending, trend=before.investment_trend + step, log_rental_expected=expected)


def market_value(b: Numbers, memory: Array, log_mispricing: Array) -> Array:
    """Return market value of labs, USD billions ``[l]``; ``memory`` of revenue ``[a, l]``, newest first.

    ``Rev_NTM [ sum_y prod_(k=2..y) (1 + g_k) m_y / (1 + r)^y + terminal ]`` with growth that fades from the
    last year's, shrunk to the base rate, to the terminal rate.
    """
    now, year_ago = memory[0], memory[-1]
    seen = np.clip(now / np.maximum(year_ago, 1e-6) - 1.0, -0.9, 4.0)
    shrunk = b["base_rate_weight"]
    growth = (1.0 - shrunk) * seen + shrunk * b["base_growth_rate"]

    years = np.arange(1, HORIZON_YEARS + 1)[:, None, None]
    last_growth, rate = b["terminal_growth"], b["cost_of_capital"]
    fading = last_growth + (growth - last_growth) * 0.5 ** ((years - 1) / b["growth_half_life_years"])
    fading[0] = 0.0  # the first year's revenue is that of the next twelve months
    size = np.cumprod(1.0 + fading, axis=0)
    margin = b["mature_margin"] * np.minimum(years / b["margin_ramp_years"], 1.0)
    explicit = np.sum(size * margin / (1.0 + rate) ** years, axis=0)
    terminal = b["mature_margin"] * size[-1] * (1.0 + last_growth) / (rate - last_growth)
    terminal = terminal / (1.0 + rate) ** HORIZON_YEARS
    worth: Array = now * (1.0 + growth) * (explicit + terminal) * np.exp(log_mispricing)
    return worth


def sentiment(
    b: Numbers, before: Bag, value_growth: Array, forced_exits: Array, cover: Array, shock: Array
) -> Array:
    """Return next month's sentiment."""
    boom = b["sentiment_growth_gain"] * (np.clip(value_growth, -0.9, 2.0) - b["sentiment_hurdle"])
    glut = b["sentiment_glut_loss"] * np.maximum(1.0 / cover - 1.0, 0.0)
    normal = 1.0 + boom - b["sentiment_churn_loss"] * forced_exits - glut
    rho = b["sentiment_persistence"]
    moved = rho * before.sentiment + (1.0 - rho) * normal + b["sentiment_noise"] * shock
    feeling: Array = np.clip(moved, b["sentiment_floor"], b["sentiment_ceiling"])
    return feeling
