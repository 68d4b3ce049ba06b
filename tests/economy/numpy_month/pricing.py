"""Pricing: each lab's first-order conditions in a cell, and Newton's steps towards them.

In a cell ``P_j = sigma / (sigma - 1) c_j + M_i`` for every product ``j`` of lab ``i`` with::

    M_i = kappa E_i / (sigma - 1),  E_i = sum_{j of i} (P_j - c_j) w_j,  kappa = sigma - alpha (1 - C) - eps C

``w_j`` being shares within the closed nest and ``C`` the nest's share of the cell. With ``S_i = sum w_j``,
``B_i = sum w_j / P_j`` and ``F_i = sum (P_j - c_j) w_j / P_j`` over the lab's products, shares move by
``dw_j / dM_k = sigma w_j (B_k - [j of k] / P_j)`` and the nest by ``dC / dM_k = -alpha C (1 - C) B_k``, so::

    (sigma - 1) dM_i / dM_k = kappa ( [i = k] (S_i - sigma F_i) + sigma E_i B_k )
                              - alpha (alpha - eps) C (1 - C) E_i B_k

which is a diagonal plus ``u_i v_k``. Markups are stated over the cost of the lab's cheapest product.
"""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month.axes import Array, Bag, fit
from tests.economy.numpy_month.choice import closed_nest
from twocurves.economy.pricing import MORE_STEPS, STEPS

_NEAR_ENOUGH = 1e-3
_PRESENT = 1e-6
_FLATTEST = 0.1
_LONGEST = 8.0


def prices(market: Bag, markup: Array) -> Array:
    """Return prices ``[r, s, v, l, c, t]`` at markups ``[r, s, v, l]``."""
    base = market.substitutes.closed / (market.substitutes.closed - 1.0)
    added = markup * fit(cheapest(market), "sl", "rsvl")
    listed: Array = base * fit(market.cost, "slct", "rsvlct") + fit(added, "rsvl", "rsvlct")
    return listed


def cheapest(market: Bag) -> Array:
    """Return the cost of each lab's cheapest product ``[s, l]``."""
    least: Array = np.min(market.cost, axis=(2, 3))
    return least


def reply(market: Bag, markup: Array) -> Bag:
    """Return the map of markups, and its Jacobian as a diagonal plus ``u v``; all ``[r, s, v, l]``."""
    alpha, sigma = market.substitutes.alpha, market.substitutes.closed
    price = prices(market, markup)
    cost = fit(market.cost, "slct", "rsvlct")
    within, value = closed_nest(market.substitutes, market.pull, np.log(price))
    closed = fit(expit(value - market.value_open), "rsv", "rsvl")
    eps = fit(market.elasticity, "rs", "rsvl")
    profit_each = (price - cost) * within
    s_ = np.sum(within, axis=(4, 5))
    b_ = np.sum(within / price, axis=(4, 5))
    e_ = np.sum(profit_each, axis=(4, 5))
    f_ = np.sum(profit_each / price, axis=(4, 5))
    kappa = sigma - alpha * (1.0 - closed) - eps * closed
    scale = fit(cheapest(market), "sl", "rsvl")
    nest_moves = alpha * (alpha - eps) * closed * (1.0 - closed)
    return Bag(
        markup=kappa * e_ / (sigma - 1.0) / scale,
        diagonal=kappa * (s_ - sigma * f_) / (sigma - 1.0),
        u=e_ / scale,
        v=scale * b_ * (kappa * sigma - nest_moves) / (sigma - 1.0),
    )


def newton(found: Bag, markup: Array, lowest: Array, highest: Array) -> Array:
    """Return the step ``x`` that solves ``(1 - J) x = map - markup`` for labs that can move.

    A lab on a floor that would go beyond it stays. The inverse is that of a diagonal less ``u v``; neither
    the diagonal nor the factor that joins labs is let come near zero, and no step is longer than eight costs.
    """
    off = found.markup - markup
    stuck = ((markup >= highest) & (off > 0.0)) | ((markup <= lowest) & (off < 0.0))
    off, u, v = (np.where(stuck, 0.0, part) for part in (off, found.u, found.v))
    diagonal = np.maximum(1.0 - found.diagonal, _FLATTEST)
    joint = np.maximum(1.0 - np.sum(u * v / diagonal, axis=3, keepdims=True), _FLATTEST)
    rivals = np.sum(v * off / diagonal, axis=3, keepdims=True) / joint
    moves: Array = np.clip((off + u * rivals) / diagonal, -_LONGEST, _LONGEST)
    return moves


def residual(market: Bag, found: Bag, markup: Array, lowest: Array, highest: Array) -> Array:
    """Return the largest distance of a markup from its map, over the price of the cheapest product."""
    base = market.substitutes.closed / (market.substitutes.closed - 1.0)
    off = np.abs(np.clip(found.markup, lowest, highest) - markup) / (base + markup)
    largest: Array = np.max(np.where(market.presence > _PRESENT, off, 0.0), axis=(0, 1, 2, 3))
    return largest


def target_prices(market: Bag, start: Array, floor: Array) -> Bag:
    """Return target prices after the month's steps from last month's markups, and their residual.

    Every draw takes a step; those that are not near enough take more.
    """
    base = market.substitutes.closed / (market.substitutes.closed - 1.0)
    highest = np.maximum(floor / (floor - 1.0) - base, 0.0)
    lowest = 1.0 - base
    markup = np.clip(start, lowest, highest)
    found = reply(market, markup)
    for taken in range(STEPS + MORE_STEPS):
        far = residual(market, found, markup, lowest, highest) > _NEAR_ENOUGH
        if taken >= STEPS and not np.any(far):
            break
        moved = np.clip(markup + newton(found, markup, lowest, highest), lowest, highest)
        markup = np.where(far | (taken < STEPS), moved, markup)
        found = reply(market, markup)
    return Bag(
        price=prices(market, markup),
        following=np.clip(markup + newton(found, markup, lowest, highest), lowest, highest),
        residual=residual(market, found, markup, lowest, highest),
    )
