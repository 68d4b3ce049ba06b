"""Clearing: the rental price at which the month's accelerator hours are demanded and supplied.

    served  = min(demand, supply)
    demand  = inference + R&D budgets / p + background(p) + other (p / p_ref)^-eps,   solved for ln p

Inference at posted prices is a number of hours; research is a budget; background work pauses above its
reservation price; other uses respond with an elasticity. Demand falls in the price, so the root is one. The
steps run on a price cut off from differentiation, and one last step from there carries the gradient: since a
Newton step has derivative zero in its starting point at the root, that is the implicit-function gradient,
which a differentiated loop would get wrong without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtr

#: Newton steps before the last; demand is smooth and monotone in ln p, and last month's price is near.
STEPS = 9

#: Longest Newton step in ln p.
_LONGEST_STEP = 1.5


class Hours(NamedTuple):
    """Demand for accelerator hours in a region, as the price moves it; millions of hours a month.

    Attributes
    ----------
    inference
        Hours of work at posted prices, shape ``(regions,)``.
    research
        Money for research compute, USD millions a month, shape ``(regions,)``.
    background
        Hours of background work at no price, shape ``(regions,)``.
    log_reservation, spread
        Mean and standard deviation of the log rental price at which it pauses.
    other, reference, elasticity
        Other uses at the reference price, that price (USD per hour) and their elasticity.
    """

    inference: Array
    research: Array
    background: Array
    log_reservation: Array
    spread: Array
    other: Array
    reference: Array
    elasticity: Array

    def at(self, log_price: Array) -> Array:
        """Return all hours demanded at a rental price, shape ``(regions,)``."""
        price = jnp.exp(log_price)
        return (
            self.inference
            + self.research / price
            + self.background * ndtr((self.log_reservation - log_price) / self.spread)
            + self.other * (price / self.reference) ** -self.elasticity
        )


class Cleared(NamedTuple):
    """The market of the month; hours in millions, shape ``(regions,)``.

    Attributes
    ----------
    log_price
        ln USD per hour at which demand meets supply, within floor and ceiling.
    demanded, supplied, served, idle, rationed
        Hours at that price: ``served = min(demanded, supplied)``, the rest is idle or rationed, by name.
    residual
        Relative distance of demand from supply where the price is free, 0 on floor or ceiling.
    """

    log_price: Array
    demanded: Array
    supplied: Array
    served: Array
    idle: Array
    rationed: Array
    residual: Array


def clear(hours: Hours, supplied: Array, start: Array, floor: Array, ceiling: Array) -> Cleared:
    """Find the rental price.

    Parameters
    ----------
    supplied
        Millions of hours, shape ``(regions,)``.
    start
        ln of last month's price.
    floor, ceiling
        ln of the running cost below which nobody offers, and of the price above which hours are rationed.
    """

    def gap(log_price: Array) -> Array:
        return jnp.log(hours.at(log_price)) - jnp.log(supplied)

    def step(log_price: Array) -> Array:
        return _newton(gap, log_price, floor, ceiling)

    at = jax.lax.stop_gradient(start)
    for _ in range(STEPS):
        at = jax.lax.stop_gradient(step(at))
    log_price = step(at)
    demanded = hours.at(log_price)
    served = jnp.minimum(demanded, supplied)
    free = (log_price > floor) & (log_price < ceiling)
    residual = jnp.where(free, jnp.abs(demanded / supplied - 1.0), 0.0)
    return Cleared(log_price, demanded, supplied, served, supplied - served, demanded - served, residual)


def _newton(gap: Callable[[Array], Array], at: Array, floor: Array, ceiling: Array) -> Array:
    value, slope = jax.jvp(gap, (at,), (jnp.ones_like(at),))
    move = jnp.clip(-value / jnp.minimum(slope, -1e-6), -_LONGEST_STEP, _LONGEST_STEP)
    return jnp.clip(at + move, floor, ceiling)
