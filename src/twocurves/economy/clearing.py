"""Clearing: the rental price at which accelerator hours are demanded and supplied, and who is served.

    demand  = inference + R&D budgets / p + background(p) + other (p / p_ref)^-eps,    supply = K util 730
    ln p*   : demand(p*) = supply, within running cost and ceiling;     ln p += s (ln p* - ln p)
    served  = min(demand, supply) at the price charged, the rest idle or rationed, in order of priority

Inference at posted prices is a number of hours; research is a budget; background work pauses above its
reservation price; other uses respond with an elasticity. Demand falls in the price, so the root is one. The
steps run on a price cut off from differentiation, and one last step from there carries the gradient: since a
Newton step has derivative zero in its starting point at the root, that is the implicit-function gradient,
which a differentiated loop would get wrong without a word.

Contracts make the price charged follow the clearing price with a delay, so at the price charged hours are
idle or short, by name. When they are short everybody loses some: labs' own products, research and other
uses (owned or contracted capacity) the least, enterprises' APIs and hosts ``r`` times that share, other APIs
and hosts ``r`` times again, then free users, and background work the most::

    lost_k = min(1, r^k x),      sum_k hours_k lost_k = shortage

At ``r = 1`` all lose alike; a large ``r`` serves strictly in that order, which would wipe out small classes
of buyers in months in which a hundredth is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtr

from twocurves.economy.axes import total

PARAMETERS = (
    "rationing_step",
    "rental_price_ceiling",
    "rental_price_smoothing",
)

#: Newton steps before the last; demand is smooth and monotone in ln p, and last month's price is near.
STEPS = 7

#: Longest Newton step in ln p.
_LONGEST_STEP = 1.5

#: From who loses least to who loses most when hours are short.
PRIORITIES = ("owned", "enterprise", "other_buyers", "free", "background")

_LEAST = 1e-9


class Hours(NamedTuple):
    """Demand for accelerator hours, as the price moves it; millions of hours a month, ``(regions,)`` each.

    Attributes
    ----------
    plans, enterprise, other_buyers, free
        Hours of work at posted prices.
    research
        Money for research compute, USD millions a month.
    background
        Hours of background work at no price.
    log_reservation, spread
        Mean and standard deviation of the log rental price at which it pauses.
    other, reference, elasticity
        Other uses at the reference price, that price (USD per hour) and their elasticity.
    """

    plans: Array
    enterprise: Array
    other_buyers: Array
    free: Array
    research: Array
    background: Array
    log_reservation: Array
    spread: Array
    other: Array
    reference: Array
    elasticity: Array

    def awake(self, log_price: Array) -> Array:
        """Return the share of background work that goes on at a rental price."""
        return ndtr((self.log_reservation - log_price) / self.spread)

    def other_at(self, log_price: Array) -> Array:
        """Return hours of other uses at a rental price."""
        return self.other * jnp.exp(-self.elasticity * (log_price - jnp.log(self.reference)))

    def by_priority(self, log_price: Array) -> tuple[Array, ...]:
        """Return hours demanded at a rental price in the order in which they are served."""
        owned = self.plans + self.research * jnp.exp(-log_price) + self.other_at(log_price)
        return owned, self.enterprise, self.other_buyers, self.free, self.background * self.awake(log_price)

    def at(self, log_price: Array) -> Array:
        """Return all hours demanded at a rental price."""
        return total(jnp.stack(self.by_priority(log_price)))


class Cleared(NamedTuple):
    """The market of the month; hours in millions, shape ``(regions,)`` unless given in brackets.

    Attributes
    ----------
    log_clearing_price
        ln USD per hour at which demand would meet supply, within floor and ceiling.
    log_price
        ln USD per hour charged.
    demanded, supplied, served, idle, rationed
        Hours at the price charged: ``served = min(demanded, supplied)``.
    share
        Share served by priority ``[priority, region]``.
    awake
        Share of background work that goes on at the price charged.
    other
        Hours of other uses served.
    residual
        Largest relative distance of demand from supply at the clearing price where that is free, and of the
        hours served by priority from their sum.
    """

    log_clearing_price: Array
    log_price: Array
    demanded: Array
    supplied: Array
    served: Array
    idle: Array
    rationed: Array
    share: Array
    awake: Array
    other: Array
    residual: Array


def clear(
    b: Mapping[str, Array], hours: Hours, supplied: Array, before: Array, running_cost: Array
) -> Cleared:
    """Find the rental price and serve the hours.

    Parameters
    ----------
    supplied
        Millions of hours, shape ``(regions,)``.
    before
        ln of last month's price, shape ``(regions,)``.
    running_cost
        USD per hour below which nobody offers.
    """
    floor = jnp.log(running_cost)
    ceiling = jnp.log(b["rental_price_ceiling"] * hours.reference)
    goal = root(lambda log_price: jnp.log(hours.at(log_price)), jnp.log(supplied), before, floor, ceiling)
    log_price = before + b["rental_price_smoothing"] * (goal - before)

    wanted = hours.by_priority(log_price)
    demanded = total(jnp.stack(wanted))
    served = jnp.minimum(demanded, supplied)
    shares = 1.0 - lost(jnp.stack(wanted), demanded - served, b["rationing_step"])
    given = total(jnp.stack(wanted) * shares)
    free = (goal > floor) & (goal < ceiling)
    off = jnp.where(free, jnp.abs(hours.at(goal) / supplied - 1.0), 0.0)
    split = jnp.abs(given - served) / supplied
    return Cleared(
        goal,
        log_price,
        demanded,
        supplied,
        served,
        supplied - served,
        demanded - served,
        shares,
        hours.awake(log_price),
        hours.other_at(log_price) * shares[0],
        jnp.maximum(off, split),
    )


def lost(hours: Array, shortage: Array, step: Array) -> Array:
    """Return the share of its hours that each priority loses, shape ``(priorities, regions)``.

    ``sum_k hours_k min(1, r^k x)`` is concave in ``x``, the least of the lines that take the last so many
    priorities as wiped out; so ``x`` is the largest of the lines' solutions.

    Parameters
    ----------
    hours
        Demanded, millions, by priority, shape ``(priorities, regions)``.
    shortage
        Millions, shape ``(regions,)``.
    step
        ``r``, one or more.
    """
    ranks = hours.shape[0]
    weights = [step**rank for rank in range(ranks)]
    x = jnp.zeros_like(shortage)
    for kept in range(ranks, 0, -1):
        gone = total(hours[kept:]) if kept < ranks else jnp.zeros_like(shortage)
        spread = total(jnp.stack([weights[rank] * hours[rank] for rank in range(kept)]))
        x = jnp.maximum(x, (shortage - gone) / jnp.maximum(spread, _LEAST))
    return jnp.stack([jnp.minimum(weight * x, 1.0) for weight in weights])


def root(
    log_demand: Callable[[Array], Array], log_supply: Array, start: Array, floor: Array, ceiling: Array
) -> Array:
    """Return the ln price at which ln demand equals ln supply, with the implicit-function gradient."""

    def step(at: Array) -> Array:
        value, slope = jax.jvp(log_demand, (at,), (jnp.ones_like(at),))
        move = (log_supply - value) / jnp.minimum(slope, -1e-6)
        return jnp.clip(at + jnp.clip(move, -_LONGEST_STEP, _LONGEST_STEP), floor, ceiling)

    at = jax.lax.stop_gradient(start)
    for _ in range(STEPS):
        at = jax.lax.stop_gradient(step(at))
    return step(at)
