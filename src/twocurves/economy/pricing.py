"""Pricing: target prices of the closed labs, in finite-firm nested CES with several products each.

Labs sell by menu: a price list for each region, segment and value band, since one price for all bands would
either serve the few who value most or leave what they would pay (with the spread of values that is observed
a single price flips between the two). In a cell each lab sets the prices of its products, taking its rivals'
as given. The first-order condition of product ``j`` of lab ``i``::

    P_j w_j - sigma (P_j - c_j) w_j + w_{j|closed} kappa Pi_i = 0
    Pi_i  = sum_{k of lab i} (P_k - c_k) w_k
    kappa = sigma - alpha (1 - w_closed) - eps w_closed

says that the lab's products cannibalise each other (the ``Pi`` term), that the closed nest loses to the open
one at ``alpha``, and that work leaves the market altogether at ``eps``: adopters who stop (the hazard
elasticity) and work not brought (the usage elasticity). Since ``w_j = w_closed w_{j|closed}`` the last term
is the same dollar amount on every product of the lab::

    P_j = sigma / (sigma - 1) c_j + M_i,      M_i = kappa sum_k (P_k - c_k) w_{k|closed} / (sigma - 1)

so a cell has one unknown a lab, and the Jacobian of the map is diagonal plus rank one: rivals enter through
the nest's sum alone. A month takes a few steps of Newton's method from last month's ``M_i``, and says how far
it is from the fixed point. With one product it is the markup ``eta / (eta - 1)`` of ``eta = sigma (1 -
w_{i|c}) + w_{i|c} [ alpha (1 - w_c) + eps w_c ]``. What a plan's ceiling takes from a price (see demand) is
not foreseen by it.

Source: Atkeson and Burstein (2008) for one product; several products by the same derivation, checked
against pyblp (Conlon and Gortmaker 2020).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from twocurves.economy.axes import greatest, least, once, total
from twocurves.economy.choice import Nest, Pull, Substitution, closed_share, most_attractive, nest

#: Newton's steps that every draw takes in a month, and that a draw takes at most while it is not near enough.
STEPS = 1
MORE_STEPS = 4

#: Residual at which a draw takes no further step.
_NEAR_ENOUGH = 1e-3

#: Factors by which the deviation check moves a lab's prices, all of them or those of one channel.
DEVIATIONS = (0.6, 0.8, 0.93, 1.07, 1.25, 1.6)

#: Profit per unit of a cell's work, in costs, below which a lab's gain from deviating is not looked at.
_SMALL_PROFIT = 1e-3

_LEAST = 1e-30
_PRESENT = 1e-6

#: Flattest excess of a markup over its map that Newton's step divides by.
_FLATTEST = 0.1

#: Longest step, in costs.
_LONGEST = 8.0


class Market(NamedTuple):
    """What the sellers of a month take as given.

    Attributes
    ----------
    cost
        USD per WU, shape ``(segments, labs, channels, tiers)``.
    pull
        Of the closed nest.
    value_open
        Inclusive value of the open nest, shape ``(regions, segments, bands)``.
    elasticity
        Of the volume of work in price, shape ``(regions, segments)``.
    presence
        Of each lab, shape ``(labs,)``.
    substitutes
        Elasticities of substitution.
    """

    cost: Array
    pull: Pull
    value_open: Array
    elasticity: Array
    presence: Array
    substitutes: Substitution

    @property
    def least_cost(self) -> Array:
        """Cost of each lab's cheapest product, in which markups are stated, shape ``(segments, labs)``."""
        return least(self.cost, (2, 3))


class Targets(NamedTuple):
    """Target prices and how near they are to an equilibrium.

    Attributes
    ----------
    following
        The next step's ``M_i`` over its least cost, from which next month begins, shape
        ``(regions, segments, bands, labs)``.
    price
        USD per WU, shape of the closed odds.
    free
        Whether a lab is on the market and off the floors, shape ``(regions, segments, bands, labs)``.
    residual
        Largest first-order residual over labs on the market and off the floor, relative to the price of the
        lab's cheapest product.
    floored
        Share of cells and labs whose price stands on the elasticity floor.
    """

    following: Array
    price: Array
    free: Array
    residual: Array
    floored: Array


def prices(market: Market, markup: Array) -> Array:
    """Return ``sigma / (sigma - 1) c + M``, USD per WU; ``markup`` is ``M`` over least cost."""
    sigma = market.substitutes.closed
    added = (markup * market.least_cost[:, None])[:, :, :, :, None, None]
    return sigma / (sigma - 1.0) * market.cost[:, None] + added


class Reply(NamedTuple):
    """The map of labs' ``M_i``, over their least costs, and its Jacobian, which is diagonal plus rank one.

    Attributes
    ----------
    markup
        The map.
    slope
        Of a lab's own markup in itself.
    gain, pull
        ``u_i`` and ``v_k``: of lab ``i``'s markup in lab ``k``'s the slope is ``u_i v_k``. Shapes of markups.
    """

    markup: Array
    slope: Array
    gain: Array
    pull: Array


def _closed_nest(market: Market, log_price: Array, most: Array | None = None) -> tuple[Nest, Array]:
    """Return the closed nest at prices, ln USD per WU, and its share of each cell."""
    alpha, sigma, _ = market.substitutes
    closed = nest(market.pull, log_price, alpha, sigma, most)
    return closed, closed_share(closed.value, market.value_open)


def best_reply(
    market: Market, markup: Array, most: Array | None = None, log_price: Array | None = None
) -> Reply:
    """Return the map whose fixed point is every lab's first-order conditions, and its Jacobian.

    Parameters
    ----------
    markup
        ``M_i`` over the lab's least cost, shape ``(regions, segments, bands, labs)``.
    most
        Level of attraction to state attractions in (see :func:`twocurves.economy.choice.nest`).
    log_price
        ln of the prices at these markups, where it is known.
    """
    alpha, sigma, _ = market.substitutes
    base = sigma / (sigma - 1.0)
    price = prices(market, markup)
    log_price = once(jnp.log(price)) if log_price is None else log_price
    (attraction, whole, _), closed = _closed_nest(market, log_price, most)
    per = 1.0 / whole[:, :, :, None]
    cheapest = market.least_cost[:, None]
    added = markup * cheapest
    own = total(attraction, (4, 5)) * per
    spent = total(attraction * market.cost[:, None], (4, 5)) * per
    by_price = total(attraction / price, (4, 5)) * per
    # P = base c + M for every product, so these two follow from the sums above.
    earned = base * spent + added * own
    cost_by_price = (own - added * by_price) / base
    closed = closed[:, :, :, None]
    elasticity = market.elasticity[:, :, None, None]
    kappa = sigma - alpha * (1.0 - closed) - elasticity * closed
    margin = earned - spent
    # Shares move by -sigma w (1/P - sum w/P) with a lab's own M and by sigma w (sum w/P) with a rival's; the
    # closed nest's share by -alpha (sum w/P) with either, and kappa with it.
    moved = own - sigma * (own - cost_by_price - margin * by_price)
    swing = (alpha - elasticity) * alpha * closed * (1.0 - closed)
    slope = (kappa * moved - swing * by_price * margin) / (sigma - 1.0)
    return once(
        Reply(
            kappa * margin / ((sigma - 1.0) * cheapest),
            slope,
            margin / cheapest,
            by_price * cheapest * (kappa * sigma - swing) / (sigma - 1.0),
        )
    )


def target_prices(
    market: Market, start: Array, floor: Array, steps: int = STEPS, more: int = MORE_STEPS
) -> Targets:
    """Return target prices, by Newton's steps from ``start``, and their certificate.

    Parameters
    ----------
    start
        Markups to begin from, shape ``(regions, segments, bands, labs)``.
    floor
        Lowest own elasticity used in a markup: no lab's cheapest product is above ``cost floor / (floor -
        1)``, none of its products below cost.
    steps, more
        Steps that every draw takes, and that a draw takes at most while its residual is large.
    """
    sigma = market.substitutes.closed
    base = sigma / (sigma - 1.0)
    highest = jnp.maximum(floor / (floor - 1.0) - base, 0.0)
    lowest = 1.0 - base
    markup = jnp.clip(start, lowest, highest)
    log_price = once(jnp.log(prices(market, markup)))
    most = most_attractive(market.pull, log_price, sigma)
    reply = best_reply(market, markup, most, log_price)
    here = market.presence > _PRESENT

    def residual(reply: Reply, markup: Array) -> Array:
        wanted = jnp.clip(reply.markup, lowest, highest)
        off = jnp.where(here, jnp.abs(wanted - markup) / (base + markup), 0.0)
        return greatest(off, (0, 1, 2, 3))

    def again(state: tuple[Array, Reply]) -> tuple[Array, Reply]:
        """Take a step in the draws that are not there yet; the others stay, whatever their neighbours do."""
        markup, reply = state
        far = residual(reply, markup) > _NEAR_ENOUGH
        moved = jnp.clip(markup + _newton(reply, markup, lowest, highest), lowest, highest)
        markup = jnp.where(far, moved, markup)
        new = best_reply(market, markup, most)
        return markup, Reply(*(jnp.where(far, fresh, old) for fresh, old in zip(new, reply, strict=True)))

    for _ in range(steps):
        markup = once(jnp.clip(markup + _newton(reply, markup, lowest, highest), lowest, highest))
        reply = best_reply(market, markup, most)

    def again_if_any(state: tuple[Array, Reply], _: None) -> tuple[tuple[Array, Reply], None]:
        markup, reply = state
        some = jnp.any(residual(reply, markup) > _NEAR_ENOUGH)
        return jax.lax.cond(some, again, lambda same: same, state), None

    if more:
        (markup, reply), _ = jax.lax.scan(again_if_any, (markup, reply), None, length=more)
    wanted = jnp.clip(reply.markup, lowest, highest)
    following = jnp.clip(markup + _newton(reply, markup, lowest, highest), lowest, highest)
    bound = (wanted >= highest) | (wanted <= lowest)
    floored = jnp.where(here & bound, 1.0, 0.0)
    return Targets(
        following,
        prices(market, markup),
        here & ~bound,
        residual(reply, markup),
        total(floored, (0, 1, 2, 3)) / (markup.size / markup.shape[-1]),
    )


def _newton(reply: Reply, markup: Array, lowest: Array, highest: Array) -> Array:
    """Return Newton's step of all labs together (Sherman and Morrison's inverse of diagonal plus rank one).

    Labs that stand on a floor and would go beyond it stay, and the others know.
    """
    off = reply.markup - markup
    stays = ((markup >= highest) & (off > 0.0)) | ((markup <= lowest) & (off < 0.0))
    off, gain, pull = (jnp.where(stays, 0.0, part) for part in (off, reply.gain, reply.pull))
    own = jnp.maximum(1.0 - reply.slope + reply.gain * reply.pull, _FLATTEST)
    alone = off / own
    together = jnp.maximum(1.0 - total(gain * pull / own, 3), _FLATTEST)
    shared = (total(pull * alone, 3) / together)[:, :, :, None]
    return jnp.clip(alone + gain / own * shared, -_LONGEST, _LONGEST)


def deviation_gain(market: Market, targets: Targets, floor: Array) -> Array:
    """Return the largest share of its profit that a lab would gain in a cell by moving its prices alone.

    Each lab in turn moves, in every cell, all its prices or those of one channel by the factors of
    :data:`DEVIATIONS`, rivals' prices held; prices stay within cost and the elasticity floor. Volume answers
    at the elasticity taken by the first-order condition, linear in logs. A gain beyond rounding says that
    prices are no equilibrium. Left out are labs that stand on the floor of elasticity or of cost in a cell,
    and those that earn next to nothing in it.
    """
    price = targets.price
    alpha, sigma, _ = market.substitutes
    (attraction, whole, _), closed = _closed_nest(market, jnp.log(price))
    within = attraction / whole[:, :, :, None, None, None]
    cost = market.cost[:, None]
    ceiling = cost * floor / (floor - 1.0)
    closed = closed[:, :, :, None]
    odds = jnp.log(closed) - jnp.log1p(-closed)
    rest = 1.0 - total(within, (4, 5))
    now = total(within * (price - cost), (4, 5)) * closed
    channels = price.shape[4]
    # One row a deviation: the factor on each channel's prices.
    factors = np.array(
        [
            [factor if moved in (None, place) else 1.0 for place in range(channels)]
            for moved in (None, *range(channels))
            for factor in DEVIATIONS
        ],
        dtype=price.dtype,
    )

    def profit_of(factor: Array) -> Array:
        tried = jnp.maximum(jnp.minimum(price * factor[:, None, None], jnp.maximum(ceiling, price)), cost)
        power = once(jnp.exp(-sigma * jnp.log(tried / price)))
        # One lab moves at a time: the rest of the nest, 1 - own, stays.
        mine = total(within * power, (4, 5))
        index = jnp.log(mine + rest)
        share = jax.nn.sigmoid(odds + alpha / sigma * index)
        volume = jnp.exp(market.elasticity[:, :, None, None] * closed * index / sigma)
        return total(within * power * (tried - cost), (4, 5)) / (mine + rest) * share * volume

    def best_of(best: Array, factor: Array) -> tuple[Array, None]:
        return jnp.maximum(best, profit_of(factor)), None

    best, _ = jax.lax.scan(best_of, now, jnp.asarray(factors))
    cheapest = market.least_cost[:, None]
    counts = targets.free & (now > _SMALL_PROFIT * cheapest)
    return greatest(jnp.where(counts, best / jnp.maximum(now, _LEAST) - 1.0, 0.0), (0, 1, 2, 3))
