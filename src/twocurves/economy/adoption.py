"""Adoption: who takes models into their work, by choice or by order, and how much work they bring.

    ceiling  M  = M_pop Phi(z),   z = ( ln(v q) - ln(P + setup / (H T)) ) / sigma_v
    earned   N += speed (p + q N / M) max(0, M - N - Nf) / 12 - churn max(0, N - M)
    forced   Nf += forced / (1 - forced) exposure sentiment * (the same) - chi_f Nf
    work     Q  = T (N + omega Nf),   T = T_0 / (1 + T_0 P / B),   T_0 logistic in time, P^-e in price

Price and set-up screen once, in the ceiling; the rest of demand is the intensity ``T``. The elasticity of
the ceiling in price is ``phi(z) / (Phi(z) sigma_v)``: about 1.1 at 1% adoption, 0.7 at 10% and 0.3 at 50%
for a spread of 2.5, so saturation stops exponentials by itself. Nobody spends more on models than ``B``,
which what the same work costs today bounds: spending ``P T`` tends to ``B``, and the elasticity of ``T`` in
price, ``e + (1 - e) P T / B``, to one. Forced adoption does not ask what the work is worth, and ends at its
own rate; a part of those who leave has learned and stays by choice.

Source: Bass (1969); rank model of David (1969) and Davies (1979).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import log_ndtr, ndtr, ndtri

from twocurves.economy.axes import total
from twocurves.economy.state import State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "value_per_work_unit",
    "region_value",
    "region_demand_weight",
    "potential_adopters",
    "market_scale",
    "task_intensity_midpoint",
    "task_intensity_delay",
    "task_intensity_width",
    "task_intensity_ceiling",
    "workload_scale",
    "work_horizon_gain",
    "work_horizon_reference",
    "usage_reference_price",
    "usage_price_elasticity",
    "work_budget",
    "setup_cost",
    "setup_horizon",
    "value_spread",
    "hazard_elasticity_floor",
    "adoption_speed",
    "innovation_rate",
    "imitation_rate",
    "forced_share",
    "adoption_mandates",
    "forced_exposure",
    "earned_churn",
    "forced_churn",
    "forced_conversion",
    "forced_task_intensity",
    "value_top_percentile",
)

_LEAST = 1e-9

#: Forced adopters are never more than nineteen in twenty.
_MOST_FORCED = 0.95

#: Least ``1 - e`` used in the surplus: at a usage elasticity of one the area becomes a logarithm.
_LEAST_CURVATURE = 0.02


class Adoption(NamedTuple):
    """Adopters of the month, millions, shape ``(regions, segments)`` each.

    Attributes
    ----------
    joined
        Newcomers as a share of all who then use, between 0 and 1.
    forced_exits
        Forced adopters who stopped in the month, as a share of all adopters.
    """

    adopters: Array
    forced: Array
    free_users: Array
    joined: Array
    forced_exits: Array


def work_value(b: Mapping[str, Array]) -> Array:
    """Return what the median user of each market gets from a unit of work done well, USD per WU."""
    return b["value_per_work_unit"] * b["region_value"][:, None]


def potential(b: Mapping[str, Array]) -> Array:
    """Return potential adopters of each market, millions."""
    weight = b["region_demand_weight"] / total(b["region_demand_weight"])
    return b["potential_adopters"] * b["market_scale"] * weight[:, None]


def intensity(b: Mapping[str, Array], month: Array, price: Array, frontier: Array) -> Array:
    """Return WU that an adopter brings in a month, shape ``(regions, segments)``.

    Learning sets the level at the reference price and capability; cheaper work is used more of, and models
    that can carry longer tasks are given more, until the budget is spent. ``price`` in USD per WU, shape
    ``(regions, segments)``; ``frontier`` the best closed capability, ECI.
    """
    middle = b["task_intensity_midpoint"] + b["task_intensity_delay"]
    learned = jax.nn.sigmoid((month - middle) / b["task_intensity_width"])
    level = b["task_intensity_ceiling"] * b["workload_scale"] * learned
    longer = b["work_horizon_gain"] * jnp.maximum(frontier - b["work_horizon_reference"], 0.0)
    wanted = level * jnp.exp(longer) * (price / b["usage_reference_price"]) ** -b["usage_price_elasticity"]
    return wanted / (1.0 + wanted * price / budget(b))


def budget(b: Mapping[str, Array]) -> Array:
    """Return the most that an adopter of each market spends on models, USD a month."""
    return b["work_budget"] * b["region_value"][:, None]


def usage_elasticity(b: Mapping[str, Array], price: Array, work: Array) -> Array:
    """Return the elasticity of work per adopter in price: one when the whole budget is spent.

    ``price`` in USD per WU, ``work`` in WU per adopter and month, shape ``(regions, segments)``.
    """
    free = b["usage_price_elasticity"]
    return free + (1.0 - free) * jnp.minimum(price * work / budget(b), 1.0)


def screen(b: Mapping[str, Array], value: Array, quality: Array, price: Array, work: Array) -> Array:
    """Return the score ``z`` of the adoption ceiling: ``Phi(z)`` is the share that would adopt.

    ``value`` and ``price`` in USD per WU, ``quality`` between 0 and 1, ``work`` in WU per adopter and month;
    all of shape ``(regions, segments)``.
    """
    setup = b["setup_cost"] / (b["setup_horizon"] * work)
    return (jnp.log(value * quality) - jnp.log(price + setup)) / b["value_spread"]


def volume_elasticity(b: Mapping[str, Array], score: Array, price: Array, work: Array) -> Array:
    """Return the elasticity of a market's work in its price: of who adopts, and of how much work each brings.

    The first is ``phi(z) / (Phi(z) sigma_v)``, floored; arguments as in :func:`screen`.
    """
    log_density = -0.5 * score**2 - 0.5 * jnp.log(2.0 * jnp.pi)
    of_adopters = jnp.exp(log_density - log_ndtr(score)) / b["value_spread"]
    return jnp.maximum(of_adopters, b["hazard_elasticity_floor"]) + usage_elasticity(b, price, work)


def adopt(
    b: Mapping[str, Array], structure: Structure, state: State, score: Array, free_score: Array
) -> Adoption:
    """Move adopters by a month.

    Parameters
    ----------
    score
        From :func:`screen` at the prices paid, shape ``(regions, segments)``.
    free_score
        The same at a price of zero: who would use a free tier.
    """
    people = potential(b)
    ceiling = people * ndtr(score)
    speed = b["adoption_speed"] / 12.0
    taken = state.adopters + state.forced
    pull = b["innovation_rate"] + b["imitation_rate"] * jnp.minimum(taken / jnp.maximum(ceiling, _LEAST), 1.0)
    room = jnp.maximum(ceiling - taken, 0.0)
    joined = jnp.minimum(speed * pull, 1.0) * room
    share = jnp.minimum(b["forced_share"] * b["adoption_mandates"], _MOST_FORCED)
    ordered = joined * share / (1.0 - share) * b["forced_exposure"] * state.sentiment
    ordered = jnp.minimum(ordered, room - joined)
    left = b["earned_churn"] * jnp.maximum(state.adopters - ceiling, 0.0)
    stopped = b["forced_churn"] * state.forced
    learned = b["forced_conversion"] * stopped
    adopters = state.adopters + joined - left + learned
    forced = state.forced + ordered - stopped

    free_people = people * ndtr(free_score) * structure.segment_free_tier
    free_ceiling = jnp.maximum(free_people - adopters, 0.0)
    reach = b["innovation_rate"] + b["imitation_rate"] * jnp.minimum(
        (state.free_users + taken) / jnp.maximum(free_people, _LEAST), 1.0
    )
    free = state.free_users + speed * reach * jnp.maximum(free_ceiling - state.free_users, 0.0)
    everybody = jnp.maximum(adopters + forced, _LEAST)
    return Adoption(
        adopters,
        forced,
        jnp.minimum(free, free_ceiling),
        (joined + ordered) / everybody,
        total(stopped, (0, 1)) / total(everybody, (0, 1)),
    )


def users(b: Mapping[str, Array], adopters: Array, forced: Array) -> Array:
    """Return adopters in terms of the work they bring, millions; ordered adopters bring less."""
    return adopters + b["forced_task_intensity"] * forced


def surplus(
    b: Mapping[str, Array], value: Array, quality: Array, price: Array, work: Array, reach: Array
) -> Array:
    """Return consumer surplus in USD per month and potential adopter.

    An adopter with value ``V`` of a unit of work brings ``T(p) = T (p)^-e`` units down to its own value, so
    its surplus is the area under that curve, ``T(P) P [ (V/P)^k - 1 ] / k`` with ``k = 1 - e`` and ``e`` as
    it is at the price paid (nearer one the more of the budget is spent). For values lognormal over people
    with median ``v q`` its mean over those who adopt is::

        T P / k { E[(V/P)^k ; V > P] - Phi(d) },   E[(V/P)^k; .] = e^{k m + k^2 s^2 / 2} Phi(d + k s),
        m = ln(v q / P),  d = m / s

    with values top-coded at ``value_top_percentile``. With no usage elasticity (``k = 1``) it is the value of
    a call option on the lognormal.

    Parameters
    ----------
    value, quality, price
        Of the median user: USD per WU, between 0 and 1, USD per WU.
    work
        WU per adopter and month, as used at the price.
    reach
        Share of potential adopters who pay, by which the result is scaled to actual adopters.
    """
    k = jnp.maximum(1.0 - usage_elasticity(b, price, work), _LEAST_CURVATURE)
    spread = b["value_spread"]
    m = jnp.log(value * quality / price)
    d = m / spread
    top = ndtri(b["value_top_percentile"])
    below_top = jnp.maximum(ndtr(d + k * spread) - ndtr(-top + k * spread), 0.0)
    valued = jnp.exp(k * m + 0.5 * (k * spread) ** 2) * below_top
    valued = valued + (1.0 - b["value_top_percentile"]) * jnp.exp(k * (m + spread * top))
    per_person = work * price / k * jnp.maximum(valued - ndtr(d), 0.0)
    return per_person * reach / jnp.maximum(ndtr(d), _LEAST)
