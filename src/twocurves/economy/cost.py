"""Cost: accelerator hours that a unit of work takes, and the prices of the layers under an open product.

    ln h_j = ln h_0 + k_th (theta_j - theta_ref) - e_S ln S + ln r_s(t) + k_v ln(v_j / v_0)
    P_l    = (P_{l-1} x_l + k_l P_{l-1}) (1 + mu_l),   mu_l = 1 / (eps_l n_l - 1)   (Cournot),
    mu_app = 1 / (sig_app - 1)                                                     (differentiated)

Open models run at ``kap_o`` of a closed model's hours at equal capability; a channel multiplies by its own
factor. Layers sell to each other at these markups, so a closed product carries one margin where the open
stack carries one for each layer (Spengler 1950), and free entry takes them to zero profit (Mankiw and
Whinston 1986).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from twocurves.economy.structure import Structure

PARAMETERS = (
    "hours_per_work_unit",
    "capability_cost_slope",
    "software_cost_elasticity",
    "open_cost_factor",
    "tokens_per_task_growth",
    "tokens_per_task_ceiling",
    "speed_cost_exponent",
    "standard_speed",
    "fast_tier_speed",
    "channel_cost_factor",
    "local_energy_cost",
    "local_efficiency_growth",
    "local_device_cost",
    "local_unserved_2025",
    "local_growth",
    "layer_input_per_unit",
    "layer_own_cost",
    "layer_demand_elasticity",
    "application_substitution",
    "application_work_share",
    "tuned_work_share",
    "host_royalty_share",
    "open_licence_fee",
    "capability_reference",
)

#: Month (after January 2023) at which token habits and local costs are dated: January 2025.
HABITS_MONTH = 24

#: Month at which the reach of local models is dated: October 2025.
LOCAL_MONTH = 33


class Stack(NamedTuple):
    """Prices along the open stack; dollars per dollar of the layer below, shape ``()`` each.

    Attributes
    ----------
    host_cost
        What a host spends per dollar of compute it rents: the compute and its own cost.
    host
        What a host asks per dollar of compute it rents, royalties included.
    tuned, applied
        What work costs per dollar of hosting, averaged over work that is tuned and not; and per dollar of
        that, averaged over work that reaches its user through an application and not.
    tuning_price, application_price
        What a tuned (an application) dollar sells for.
    royalty
        Share of the host's price that goes to the builder of the weights.
    """

    host_cost: Array
    host: Array
    tuned: Array
    applied: Array
    tuning_price: Array
    application_price: Array
    royalty: Array


def hours_per_unit(
    b: Mapping[str, Array], structure: Structure, month: Array, capability: Array, log_software: Array
) -> Array:
    """Return accelerator hours per WU, shape ``(markets, products)``."""
    growth = b["tokens_per_task_growth"] ** ((month - HABITS_MONTH) / 12.0)
    tokens = jnp.minimum(growth, b["tokens_per_task_ceiling"])[structure.market_segment]
    speed = jnp.where(structure.product_fast, b["fast_tier_speed"] / b["standard_speed"], 1.0)
    factor = jnp.where(structure.product_closed, 1.0, b["open_cost_factor"])
    channel = b["channel_cost_factor"][structure.product_channel]
    log_hours = (
        jnp.log(b["hours_per_work_unit"])
        + b["capability_cost_slope"] * (capability - b["capability_reference"])
        - b["software_cost_elasticity"] * log_software
        + b["speed_cost_exponent"] * jnp.log(speed)
        + jnp.log(factor * channel)
    )
    return jnp.exp(log_hours)[None, :] * tokens[:, None]


def stack(b: Mapping[str, Array], structure: Structure, log_firms: Array) -> Stack:
    """Return prices along the open stack at the present (effective) numbers of firms.

    Chips and cloud are priced by the market for accelerator hours; here stand the layers above it.
    """
    cournot = 1.0 / (b["layer_demand_elasticity"] * jnp.exp(log_firms) - 1.0)
    step = b["layer_input_per_unit"] + b["layer_own_cost"]
    price = step * (1.0 + cournot)
    application = step[structure.layer_application] * (1.0 + 1.0 / (b["application_substitution"] - 1.0))
    tuning = price[structure.layer_tuning]
    royalty = b["host_royalty_share"] + b["open_licence_fee"]
    return Stack(
        host_cost=step[structure.layer_host],
        host=price[structure.layer_host] / (1.0 - royalty),
        tuned=1.0 + b["tuned_work_share"] * (tuning - 1.0),
        applied=1.0 + b["application_work_share"] * (application - 1.0),
        tuning_price=tuning,
        application_price=application,
        royalty=royalty,
    )


def local_reach(b: Mapping[str, Array], month: Array) -> Array:
    """Return the share of eligible queries that devices of the buyer's own can serve.

    ``1 - u_L exp(-g_L (t - October 2025))``; before that date the same law is cast back, never below zero.
    """
    years = (month - LOCAL_MONTH) / 12.0
    return jnp.maximum(1.0 - b["local_unserved_2025"] * jnp.exp(-b["local_growth"] * years), 1e-3)


def local_price(b: Mapping[str, Array], month: Array) -> Array:
    """Return USD per WU on a device of the buyer's own: energy, falling, and a device's share."""
    energy = b["local_energy_cost"] * b["local_efficiency_growth"] ** (-(month - HABITS_MONTH) / 12.0)
    return energy + b["local_device_cost"]
