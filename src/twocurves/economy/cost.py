"""Cost: accelerator hours that a unit of work takes, and the prices of the layers under an open product.

    ln h_j = ln h_0 + k_th (theta_j - theta_ref) - e_S ln S + ln r_s(t) + k_v ln(v_j / v_0)
    P_l    = (P_{l-1} x_l + k_l P_{l-1}) (1 + mu_l),   mu_l = 1 / (eps_l n_l - 1)   (Cournot),
    mu_app = 1 / (sig_app - 1)                                                     (differentiated)

Open models run at ``kap_o`` of a closed model's hours at equal capability; a channel multiplies by its own
factor. Layers sell to each other at these markups, so a closed product carries one margin where the open
stack carries one for each layer (Spengler 1950), and free entry takes them to zero profit (Mankiw and
Whinston 1986). A part of a closed product's sales goes to others than the owners of accelerators (payment,
support), so its marginal cost is that of its hours over one less that part. Work on a device of the buyer's
own takes no accelerator hours and pays no layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import of_group
from twocurves.economy.structure import Structure

PARAMETERS = (
    "tokens_per_task_growth",
    "hours_per_work_unit",
    "software_cost_elasticity",
    "capability_cost_slope",
    "capability_reference",
    "speed_cost_exponent",
    "fast_tier_speed",
    "standard_speed",
    "channel_cost_factor",
    "open_cost_factor",
    "tokens_per_task_ceiling",
    "compute_cost_factor",
    "non_compute_cost",
    "self_hosting_fixed_cost",
    "adopters_per_tuned_model",
    "power_per_h100e",
    "power_efficiency_growth",
    "layer_demand_elasticity",
    "layer_input_per_unit",
    "layer_own_cost",
    "application_substitution",
    "host_royalty_share",
    "open_licence_fee",
    "tuned_work_share",
    "application_work_share",
    "local_unserved_2025",
    "local_growth",
    "local_energy_cost",
    "local_efficiency_growth",
    "local_device_cost",
)

#: Month (after January 2023) at which token habits and local costs are dated: January 2025.
HABITS_MONTH = 24

#: Month at which the reach of local models is dated: October 2025.
LOCAL_MONTH = 33


class Stack(NamedTuple):
    """Prices along the open stack; dollars per dollar of the layer below.

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


class Hours(NamedTuple):
    """Accelerator hours per WU at the token habits of January 2025; times ``tokens`` in a segment.

    Attributes
    ----------
    closed, open
        Shapes ``(labs, channels, tiers)`` and ``(open,)``.
    tokens
        Tokens a task takes relative to January 2025, shape ``(segments,)``.
    """

    closed: Array
    open: Array
    tokens: Array


class Costs(NamedTuple):
    """Marginal cost of closed products, price of open ones; USD per WU.

    Attributes
    ----------
    closed
        Shape ``(segments, labs, channels, tiers)``.
    open
        Shape ``(regions, segments, open)``; self-hosting without the team it needs.
    """

    closed: Array
    open: Array


def hours_per_unit(
    b: Mapping[str, Array],
    structure: Structure,
    month: Array,
    sold: Array,
    opened: Array,
    log_software: Array,
) -> Hours:
    """Return accelerator hours per WU.

    Parameters
    ----------
    sold
        ECI of each lab's products, shape ``(labs, channels)``.
    opened
        ECI of open products, shape ``(open,)``.
    """
    growth = b["tokens_per_task_growth"] ** ((month - HABITS_MONTH) / 12.0)
    log_base = jnp.log(b["hours_per_work_unit"]) - b["software_cost_elasticity"] * log_software
    slope, reference = b["capability_cost_slope"], b["capability_reference"]
    log_fast = b["speed_cost_exponent"] * jnp.log(b["fast_tier_speed"] / b["standard_speed"])
    haste = jnp.exp(jnp.stack([jnp.zeros_like(log_fast), log_fast]))
    closed = jnp.exp(log_base + slope * (sold - reference))
    closed = closed * jnp.stack([b["channel_cost_factor"][place] for place in structure.closed_channel])
    factor = b["open_cost_factor"] * jnp.exp(log_base + slope * (opened - reference))
    hosted = b["channel_cost_factor"][structure.hosted_channel]
    local = b["channel_cost_factor"][structure.local_channel]
    builders = len(structure.names.builders)
    channel = jnp.stack([*[hosted] * builders, hosted * haste[1], local * jnp.ones_like(hosted)])
    return Hours(
        closed[:, :, None] * haste,
        factor * channel,
        jnp.minimum(growth, b["tokens_per_task_ceiling"]),
    )


def costs(
    b: Mapping[str, Array],
    structure: Structure,
    month: Array,
    hours: Hours,
    rental: Array,
    layers: Stack,
) -> Costs:
    """Return marginal costs and open prices at a rental price, USD per hour, shape ``(regions,)``."""
    at_home = of_group(rental, structure.lab_region) * b["compute_cost_factor"]
    net = jnp.stack([1.0 - b["non_compute_cost"][place] for place in structure.closed_channel])
    closed = hours.closed * (at_home[:, None] / net)[:, :, None]
    through_layers = hours.open * layers.host * layers.tuned * layers.applied
    chain = jnp.where(structure.open_local > 0, hours.open, through_layers)
    rented = hours.tokens[None, :, None] * rental[:, None, None] * chain
    device = local_price(b, month)
    on_device = (structure.segment_local[:, None] * structure.open_local) > 0
    return Costs(hours.tokens[:, None, None, None] * closed, jnp.where(on_device, device, rented))


def team_cost(b: Mapping[str, Array], structure: Structure, work: Array, use: Array) -> Array:
    """Return USD per WU that a team of one's own costs where work is self-hosted, not on a device.

    Parameters
    ----------
    work
        WU per mean adopter and month, shape ``(regions, segments)``.
    use
        Work per user of each band relative to the mean user, shape ``(bands,)``.
    """
    monthly = b["self_hosting_fixed_cost"] * 1e6 / 12.0 / b["adopters_per_tuned_model"]
    team: Array = (monthly / work * (1.0 - structure.segment_local))[:, :, None] / use
    return team


def work_per_kilowatt_hour(b: Mapping[str, Array], month: Array, hours: Array) -> Array:
    """Return WU per kilowatt-hour of a product that takes ``hours`` per WU; watts fall as chips improve."""
    kilowatts = b["power_per_h100e"] * b["power_efficiency_growth"] ** (-month / 12.0)
    return 1.0 / (hours * kilowatts)


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
