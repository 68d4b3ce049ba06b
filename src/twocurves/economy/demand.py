"""Demand: the appeal of each product in each cell, what its buyers pay, and how they move between products.

    A_jc   = beta beta_b q_jm + phi phi_b phi_s ln v_j + xi_channel + brand_j + ln(reach_jr)
    fee_b <= k v_b u_b (q_best - q_next) + P_next u_b,    k = k_ext exp(-k_riv (rivals near the leader))
    paid   = min( P_j min(u, cap), fee_b ) + P_j max(u - cap, 0)
    w(t+1) = (1 - a) [ (1 - chi_j) w_j + w*_j sum_k chi_k w_k ] + a w*_j,     a = share of newcomers

Newcomers and those who reconsider choose by the target shares ``w*``; the others stay where they are. A wall
between regions divides the odds of a foreign product by the share that can reach it. A closed product
upgrades itself; open weights stay as they were adopted until their user replaces them (the vintage).

Source: Mussa and Rosen (1978) and Shaked and Sutton (1982) for the bound; Farrell and Klemperer (2007) for
switching.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from twocurves.economy.structure import Structure

PARAMETERS = (
    "quality_weight",
    "band_quality_weight",
    "band_speed_weight",
    "band_usage",
    "speed_value",
    "speed_weight",
    "integration_premium",
    "lab_brand_appeal",
    "builder_brand_appeal",
    "region_wall",
    "open_weights_wall",
    "region_wall_policy",
    "plan_fee_extraction",
    "plan_fee_rivalry",
    "leader_group_width",
    "plan_usage_cap",
    "enterprise_vendor_reconsideration",
    "developer_model_reconsideration",
    "consumer_vendor_reconsideration",
    "forced_migration",
    "forced_migration_leave",
    "deprecation_policy",
    "value_top_percentile",
    "fast_tier_speed",
    "standard_speed",
)

_LEAST_REACH = 1e-3


class Paid(NamedTuple):
    """What buyers pay.

    Attributes
    ----------
    price
        USD per WU in each cell, plans averaged over the work they cover, shape ``(cells, products)``.
    fee
        Monthly plan fee per user of the dearest plan product in each cell, USD, shape ``(cells,)``.
    """

    price: Array
    fee: Array


def band_use(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return work per user of each band relative to the mean user, scaled so that the mean is one."""
    return b["band_usage"] / (b["band_usage"] * structure.band_share).sum()


def band_value(b: Mapping[str, Array], structure: Structure, spread: Array) -> Array:
    """Return the value of each band's middle user relative to the median user.

    Values are lognormal over users and top-coded at ``value_top_percentile``: the tail is not observed.
    """
    from jax.scipy.special import ndtri

    return jnp.exp(spread * jnp.minimum(structure.band_z, ndtri(b["value_top_percentile"])))


def appeal(b: Mapping[str, Array], structure: Structure, quality: Array) -> Array:
    """Return utility without price, shape ``(cells, products)``; ``quality`` is ``(markets, products)``."""
    weight = b["quality_weight"] * b["band_quality_weight"][structure.cell_band]
    haste = b["speed_value"] * b["speed_weight"][structure.cell_segment]
    haste = haste * b["band_speed_weight"][structure.cell_band]
    speed = jnp.log(b["fast_tier_speed"] / b["standard_speed"]) * structure.product_fast
    brand = (
        structure.product_lab @ b["lab_brand_appeal"] + structure.product_builder @ b["builder_brand_appeal"]
    )
    channel = b["integration_premium"][structure.product_channel]
    closed_wall = (b["region_wall"] * b["region_wall_policy"])[:, None] * structure.foreign_closed
    open_wall = (b["open_weights_wall"] * b["region_wall_policy"])[:, None] * structure.foreign_open
    reach = jnp.log(jnp.maximum(1.0 - closed_wall, _LEAST_REACH))
    reach = reach + jnp.log(jnp.maximum(1.0 - open_wall, _LEAST_REACH))
    return (
        weight[:, None] * (structure.cell_market.T @ quality)
        + haste[:, None] * speed
        + (brand + channel)
        + reach[structure.cell_region]
    )


def near_rivals(b: Mapping[str, Array], capability: Array, presence: Array) -> Array:
    """Return how many labs besides the leader are near it (smooth count, shape ``()``)."""
    leader = jnp.max(jnp.where(presence > 0.5, capability, -jnp.inf))
    near = 1.0 / (1.0 + jnp.exp((leader - capability - b["leader_group_width"]) / 1.0))
    return jnp.maximum((near * presence).sum() - 1.0, 0.0)


def paid(
    b: Mapping[str, Array],
    structure: Structure,
    posted: Array,
    quality: Array,
    value: Array,
    work: Array,
    rivals: Array,
    spread: Array,
    weight: Array,
    cost: Array,
) -> Paid:
    """Return prices paid, after plans.

    Parameters
    ----------
    posted
        Posted prices, USD per WU, shape ``(cells, products)``.
    quality
        Shape ``(markets, products)``.
    value, work
        USD per WU of the median user and WU per mean user and month, shape ``(markets,)``.
    rivals
        From :func:`near_rivals`.
    weight
        How far each product is on the market, shape ``(products,)``.
    cost
        Marginal cost, USD per WU, shape ``(cells, products)``: no plan is meant to lose money on the work
        it covers, beyond the seller's subsidy, which is in the posted price.
    """
    to_cells = structure.cell_market.T
    use = (to_cells @ work) * band_use(b, structure)[structure.cell_band]
    cap = (to_cells @ work) * b["plan_usage_cap"][structure.cell_band]
    worth = (to_cells @ value) * band_value(b, structure, spread)[structure.cell_band]
    lead = to_cells @ _lead(structure, quality, weight)
    rival = jnp.where(structure.product_closed & (weight > 0.5), posted, jnp.inf)
    cheapest = rival.min(axis=-1, keepdims=True)
    take = b["plan_fee_extraction"] * jnp.exp(-b["plan_fee_rivalry"] * rivals)
    covered = jnp.minimum(use, cap)[:, None]
    beyond = jnp.maximum(use - cap, 0.0)[:, None]
    bound = take * worth[:, None] * covered * jnp.maximum(lead, 0.0) + cheapest * covered
    full = posted * covered
    fee = jnp.minimum(full, jnp.maximum(bound, cost * covered))
    plan = (fee + posted * beyond) / use[:, None]
    price = jnp.where(structure.product_plan, plan, posted)
    return Paid(price, jnp.max(jnp.where(structure.product_plan, fee, 0.0), axis=-1))


def _lead(structure: Structure, quality: Array, weight: Array) -> Array:
    """Return by how much each product is better than the best of other makers, shape ``(markets, products)``.

    Open weights together count as one maker; makers that are not on the market do not count.
    """
    maker = jnp.concatenate([structure.product_lab.T > 0, ~structure.product_closed[None]])
    there = maker & (weight > 0.5)
    best = jnp.max(jnp.where(there, quality[:, None, :], -jnp.inf), axis=-1)
    first = best.max(axis=-1, keepdims=True)
    is_first = best == first
    alone = is_first & (is_first.sum(axis=-1, keepdims=True) == 1)
    second = jnp.where(alone, -jnp.inf, best).max(axis=-1, keepdims=True)
    other = jnp.where(alone, second, first)
    rival = jnp.where(maker, other[:, :, None], -jnp.inf).max(axis=1)
    return quality - jnp.where(jnp.isfinite(rival), rival, quality)


def reconsideration(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return the monthly hazard that a buyer in each cell chooses anew, shape ``(cells,)``."""
    chi = jnp.where(
        structure.segment_developers,
        b["developer_model_reconsideration"],
        jnp.where(
            structure.segment_consumers,
            b["consumer_vendor_reconsideration"],
            b["enterprise_vendor_reconsideration"],
        ),
    )
    return chi[structure.cell_segment]


def move(
    b: Mapping[str, Array], structure: Structure, shares: Array, target: Array, joined: Array
) -> tuple[Array, Array]:
    """Return next month's shares and what of them was kept, both of shape ``(cells, products)``.

    ``joined`` is the share of newcomers in each cell, shape ``(cells,)``.
    """
    leaving = b["forced_migration"] * b["deprecation_policy"] * b["forced_migration_leave"]
    chi = reconsideration(b, structure)[:, None] + leaving * structure.product_closed
    chi = jnp.minimum(chi, 1.0)
    freed = (chi * shares).sum(axis=-1, keepdims=True)
    new = joined[:, None]
    kept = (1.0 - new) * (1.0 - chi) * shares
    return kept + ((1.0 - new) * freed + new) * target, kept
