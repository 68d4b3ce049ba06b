"""Pricing: target prices of the closed labs, in finite-firm nested CES with several products each.

In a market (a region and segment; its cells are the value bands) each lab sets the prices of its products,
taking its rivals' as given. With ``Q_c`` the work of cell ``c``, the first-order condition of product ``j``::

    sum_c Q_c [ P_j w_jc - sigma (P_j - c_j) w_jc + w_{j|closed,c} kappa_c Pi_ic ] = 0
    Pi_ic   = sum_{k of lab i} (P_k - c_k) w_kc
    kappa_c = sigma - alpha (1 - w_closed,c) - eps_c w_closed,c

which says that the lab's products cannibalise each other (the ``Pi`` term), that the closed nest loses to
the open one at ``alpha``, and that work leaves the market altogether at ``eps``. Solved for ``P_j`` it is a
map that contracts: a step takes the distance to a third at the median over random markets, to a half at
worst. With one product it is the markup ``eta / (eta - 1)`` of
``eta = sigma (1 - w_{i|c}) + w_{i|c} [ alpha (1 - w_c) + eps w_c ]``.

Source: Atkeson and Burstein (2008) for one product; several products by the same derivation, checked
against pyblp (Conlon and Gortmaker 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.choice import nested_ces
from twocurves.economy.structure import Structure

#: Steps of the map in a month, from last month's markups; each takes the residual down two- to threefold.
STEPS = 14

_LEAST = 1e-30

#: Lowest substitution elasticity used within the closed nest: at one and below no price is finite.
_LEAST_ELASTICITY = 1.02

PARAMETERS = (
    "closed_open_price_sensitivity",
    "closed_substitution",
    "open_substitution",
)


class Market(NamedTuple):
    """What the sellers of a month take as given.

    Attributes
    ----------
    cost
        USD per WU, shape ``(markets, products)``.
    appeal
        Shape ``(cells, products)``.
    premium, work, elasticity
        Closed premium, WU a month, price elasticity of volume; shape ``(cells,)``.
    weight
        How far each product is on the market, shape ``(products,)``.
    alpha, sigma_closed, sigma_open
        Substitution elasticities, shape ``()``.
    """

    cost: Array
    appeal: Array
    premium: Array
    work: Array
    elasticity: Array
    weight: Array
    alpha: Array
    sigma_closed: Array
    sigma_open: Array


class Targets(NamedTuple):
    """Target prices and how near they are to an equilibrium.

    Attributes
    ----------
    price
        USD per WU, shape ``(markets, products)``; open products keep the price they were given.
    residual
        Largest relative first-order residual over closed products off the floor, shape ``()``.
    floored
        Whether a price stands on the elasticity floor, shape ``(markets, products)``.
    """

    price: Array
    residual: Array
    floored: Array


def substitution(b: Mapping[str, Array]) -> tuple[Array, Array, Array]:
    """Return ``alpha`` and the elasticities within the closed and the open nest, none below ``alpha``.

    A nest scale above one would make products of a nest worse substitutes than those of different nests.
    """
    alpha = b["closed_open_price_sensitivity"]
    closed = jnp.maximum(jnp.maximum(b["closed_substitution"], alpha), _LEAST_ELASTICITY)
    return alpha, closed, jnp.maximum(b["open_substitution"], alpha)


def best_reply(structure: Structure, market: Market, price: Array) -> tuple[Array, Array]:
    """Return the map whose fixed point is every lab's first-order conditions, and how far to follow it.

    Parameters
    ----------
    price
        USD per WU, shape ``(markets, products)``.

    Returns
    -------
    reply
        Open products unchanged.
    stride
        Share of the way to go, 1 where the map contracts. Where work leaves the market faster than labs
        substitute (``kappa`` negative) the map overshoots, with slope ``s`` about the lab's share times
        ``kappa / (sigma - 1)``; then ``1 / (1 - s)``, Newton's step.
    """
    closed = structure.product_closed
    to_cells = structure.cell_market.T
    cell_price = to_cells @ price
    shares = nested_ces(
        market.appeal,
        cell_price,
        market.premium,
        market.alpha,
        market.sigma_closed,
        market.sigma_open,
        closed,
        market.weight,
    )
    margin = (cell_price - to_cells @ market.cost) * shares.product * closed
    profit = (margin @ structure.product_lab) @ structure.product_lab.T
    sigma = market.sigma_closed
    kappa = sigma - market.alpha * (1.0 - shares.closed) - market.elasticity * shares.closed
    spill = structure.cell_market @ ((market.work * kappa)[:, None] * shares.within * profit)
    sold = structure.cell_market @ (market.work[:, None] * shares.product)
    sold = jnp.maximum(sold, _LEAST)
    reply = (sigma * market.cost + spill / sold) / (sigma - 1.0)
    own = (shares.product * closed @ structure.product_lab) @ structure.product_lab.T
    slope = structure.cell_market @ ((market.work * kappa)[:, None] * shares.within * own) / sold
    stride = 1.0 / (1.0 - jnp.minimum(slope / (sigma - 1.0), 0.0))
    return jnp.where(closed, reply, price), stride


def target_prices(
    structure: Structure, market: Market, start: Array, floor: Array, steps: int = STEPS
) -> Targets:
    """Return target prices, by ``steps`` of the map from ``start``, and their certificate.

    Parameters
    ----------
    start
        Prices to begin from, shape ``(markets, products)``; open products stand at their own price.
    floor
        Lowest own elasticity used in a markup: no price is above ``cost floor / (floor - 1)``.
    """
    ceiling = market.cost * floor / (floor - 1.0)
    closed = structure.product_closed

    def follow(price: Array, _: None) -> tuple[Array, None]:
        reply, stride = best_reply(structure, market, price)
        moved = price + stride * (reply - price)
        return jnp.where(closed, jnp.clip(moved, market.cost, ceiling), reply), None

    price, _ = jax.lax.scan(follow, start, None, length=steps)
    reply, _ = best_reply(structure, market, price)
    floored = closed & (reply >= ceiling)
    off = jnp.abs(jnp.minimum(reply, ceiling) / price - 1.0) * closed * (market.weight > 0)
    return Targets(price, jnp.max(off), floored)
