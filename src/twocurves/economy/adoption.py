"""Adoption: who takes models into their work, by choice or by order, and how much work they bring.

    ceiling  M  = M_pop Phi(z),   z = ( ln(v q) - ln(P + setup / (H T)) ) / sigma_v
    earned   N += speed (p + q N / M) max(0, M - N - Nf) / 12 - churn max(0, N - M)
    forced   Nf += forced / (1 - forced) exposure sentiment * (the same) - chi_f Nf
    work     Q  = T(t) (N + omega Nf),   T(t) logistic in time

Price and set-up screen once, in the ceiling; the rest of demand is the intensity ``T``. The elasticity of
the ceiling in price is ``phi(z) / (Phi(z) sigma_v)``: about 1.1 at 1% adoption, 0.7 at 10% and 0.3 at 50%
for a spread of 2.5, so saturation stops exponentials by itself. Forced adoption does not ask what the work
is worth, and ends at its own rate; a part of those who leave has learned and stays by choice.

Source: Bass (1969); rank model of David (1969) and Davies (1979).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import log_ndtr, ndtr

from twocurves.economy.state import State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "value_spread",
    "market_scale",
    "workload_scale",
    "potential_adopters",
    "task_intensity_ceiling",
    "task_intensity_midpoint",
    "task_intensity_width",
    "task_intensity_delay",
    "usage_price_elasticity",
    "usage_reference_price",
    "work_horizon_gain",
    "work_horizon_reference",
    "setup_cost",
    "setup_horizon",
    "value_per_work_unit",
    "region_value",
    "region_demand_weight",
    "innovation_rate",
    "imitation_rate",
    "adoption_speed",
    "forced_share",
    "forced_exposure",
    "forced_churn",
    "earned_churn",
    "forced_conversion",
    "adoption_mandates",
)

_LEAST = 1e-9


class Adoption(NamedTuple):
    """Adopters of the month, millions, shape ``(markets,)`` each.

    Attributes
    ----------
    joined
        Newcomers as a share of all who then use, between 0 and 1.
    forced_exits
        Forced adopters who stopped in the month, as a share of all adopters, shape ``()``.
    """

    adopters: Array
    forced: Array
    free_users: Array
    joined: Array
    forced_exits: Array


def work_value(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return what the median user of each market gets from a unit of work done well, USD per WU."""
    return b["value_per_work_unit"][structure.market_segment] * b["region_value"][structure.market_region]


def potential(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return potential adopters of each market, millions."""
    weight = b["region_demand_weight"] / b["region_demand_weight"].sum()
    people = b["potential_adopters"] * b["market_scale"]
    return people[structure.market_segment] * weight[structure.market_region]


def intensity(
    b: Mapping[str, Array], structure: Structure, month: Array, price: Array, frontier: Array
) -> Array:
    """Return WU that an adopter brings in a month, shape ``(markets,)``.

    Learning sets the level at the reference price and capability; cheaper work is used more of, at a constant
    elasticity, and models that can carry longer tasks are given more. ``price`` in USD per WU, shape
    ``(markets,)``; ``frontier`` the best closed capability, ECI.
    """
    middle = b["task_intensity_midpoint"] + b["task_intensity_delay"]
    learned = jax.nn.sigmoid((month - middle) / b["task_intensity_width"])
    level = (b["task_intensity_ceiling"] * b["workload_scale"] * learned)[structure.market_segment]
    longer = b["work_horizon_gain"] * jnp.maximum(frontier - b["work_horizon_reference"], 0.0)
    return level * jnp.exp(longer) * (price / b["usage_reference_price"]) ** -b["usage_price_elasticity"]


def screen(
    b: Mapping[str, Array], structure: Structure, value: Array, quality: Array, price: Array, work: Array
) -> Array:
    """Return the score ``z`` of the adoption ceiling: ``Phi(z)`` is the share that would adopt.

    ``value`` and ``price`` in USD per WU, ``quality`` between 0 and 1, ``work`` in WU per adopter and month;
    all of shape ``(markets,)``.
    """
    setup = b["setup_cost"][structure.market_segment] / (b["setup_horizon"] * work)
    return (jnp.log(value * quality) - jnp.log(price + setup)) / b["value_spread"]


def hazard_elasticity(score: Array, spread: Array, floor: Array) -> Array:
    """Return the price elasticity of the ceiling, ``phi(z) / (Phi(z) sigma_v)``, floored."""
    log_density = -0.5 * score**2 - 0.5 * jnp.log(2.0 * jnp.pi)
    return jnp.maximum(jnp.exp(log_density - log_ndtr(score)) / spread, floor)


def adopt(
    b: Mapping[str, Array], structure: Structure, state: State, score: Array, free_score: Array
) -> Adoption:
    """Move adopters by a month.

    Parameters
    ----------
    score
        From :func:`screen` at the prices paid, shape ``(markets,)``.
    free_score
        The same at a price of zero: who would use a free tier.
    """
    segment = structure.market_segment
    people = potential(b, structure)
    ceiling = people * ndtr(score)
    speed = b["adoption_speed"][segment] / 12.0
    taken = state.adopters + state.forced
    pull = b["innovation_rate"] + b["imitation_rate"] * jnp.minimum(taken / jnp.maximum(ceiling, _LEAST), 1.0)
    room = jnp.maximum(ceiling - taken, 0.0)
    joined = speed * pull * room
    share = b["forced_share"] * b["adoption_mandates"]
    odds = jnp.minimum(share, 0.95) / (1.0 - jnp.minimum(share, 0.95))
    ordered = joined * odds * b["forced_exposure"][segment] * state.sentiment
    ordered = jnp.minimum(ordered, jnp.maximum(room - joined, 0.0))
    left = b["earned_churn"] * jnp.maximum(state.adopters - ceiling, 0.0)
    stopped = b["forced_churn"] * state.forced
    learned = b["forced_conversion"] * stopped
    adopters = state.adopters + joined - left + learned
    forced = state.forced + ordered - stopped

    free_people = people * ndtr(free_score) * structure.segment_free_tier[segment]
    free_ceiling = jnp.maximum(free_people - adopters, 0.0)
    reach = b["innovation_rate"] + b["imitation_rate"] * jnp.minimum(
        (state.free_users + taken) / jnp.maximum(free_people, _LEAST), 1.0
    )
    free = state.free_users + speed * reach * jnp.maximum(free_ceiling - state.free_users, 0.0)
    free = jnp.minimum(free, free_ceiling)
    total = jnp.maximum(adopters + forced, _LEAST)
    return Adoption(adopters, forced, free, (joined + ordered) / total, stopped.sum() / total.sum())
