"""Supply of compute: orders become stock after the time to build, within the power there is.

    K(t+1)  = (1 - 1/(12 life)) K(t) + delivered(t)
    stage_1 += orders - a stage_1,  stage_k += a stage_{k-1} - a stage_k,   a = stages / L  (Erlang, mean L)
    orders  = I / (12 c),   c = c_0 g_hw^(-t/12) (1 + kc max(0, I / I_trend - 1))
    in service = smooth minimum of K and GW(t) / kW(t)

While shipments are observed they are imposed in place of the pipeline's output, so that history is history.
The rate ``a`` is at most one a month, so the shortest time to build that the pipeline can hold is as many
months as it has stages.

Source: Kydland and Prescott (1982) for time to build; economics of adjustment costs as in GATE (2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import total
from twocurves.economy.state import PIPELINE_STAGES, State

PARAMETERS = (
    "hardware_price_performance",
    "compute_unit_cost",
    "investment_adjustment_cost",
    "hardware_life",
    "cost_of_capital",
    "compute_opex_share",
    "utilisation",
    "compute_build_out",
    "time_to_build",
    "supply_shock_sd",
    "region_compute_weight",
    "region_compute_growth",
    "chip_export_wall",
    "power_capacity_growth",
    "power_build_out",
    "power_capacity_2026",
    "power_per_h100e",
    "power_efficiency_growth",
    "electricity_price",
)

#: Months after January 2023 at which power capacity (June 2026) and compute weights (end of 2025) are dated.
POWER_MONTH = 41
WEIGHTS_MONTH = 35
_SHARPNESS = 12.0  # of the smooth minimum of stock and power: within 6% of the sharp one at equality


class Supply(NamedTuple):
    """Compute of the month.

    Attributes
    ----------
    stock, in_service
        H100-equivalents, shape ``(regions,)``.
    pipeline
        Shape ``(stages,)``.
    unit_cost
        USD per H100-equivalent.
    full_cost
        USD per sold hour at which owning an accelerator just pays, electricity included.
    delivered
        H100-equivalents that came into service.
    """

    stock: Array
    in_service: Array
    pipeline: Array
    unit_cost: Array
    full_cost: Array
    delivered: Array


def unit_cost(b: Mapping[str, Array], month: Array, investment: Array, investment_trend: Array) -> Array:
    """Return USD per H100-equivalent, dearer when investment runs ahead of its trend."""
    rush = jnp.maximum(investment / jnp.exp(investment_trend) - 1.0, 0.0)
    cheaper = b["hardware_price_performance"] ** (-month / 12.0)
    return b["compute_unit_cost"] * cheaper * (1.0 + b["investment_adjustment_cost"] * rush)


def running_cost(b: Mapping[str, Array], month: Array) -> Array:
    """Return USD of electricity in an accelerator hour, below which nobody offers."""
    kilowatts = b["power_per_h100e"] * b["power_efficiency_growth"] ** (-month / 12.0)
    return kilowatts * b["electricity_price"]


def full_cost(b: Mapping[str, Array], price_of_compute: Array, month: Array) -> Array:
    """Return USD per sold hour that pays for an accelerator: depreciation, capital and running cost.

    ``c (1/life + wacc + opex) / (8760 util)`` plus the electricity of the hour.
    """
    yearly = 1.0 / b["hardware_life"] + b["cost_of_capital"] + b["compute_opex_share"]
    return price_of_compute * yearly / (8760.0 * b["utilisation"]) + running_cost(b, month)


def supply(
    b: Mapping[str, Array], state: State, month: Array, observed: Array, is_observed: Array, shock: Array
) -> Supply:
    """Bring the month's deliveries into service.

    Parameters
    ----------
    month
        Months after January 2023.
    observed, is_observed
        Shipments of the month, h100e, and whether they are known; known ones replace the pipeline's output.
    shock
        Standard normal surprise in deliveries.
    """
    cost = unit_cost(b, month, state.investment, state.investment_trend)
    orders = state.investment * b["compute_build_out"] / 12.0 * 1e9 / cost
    rate = PIPELINE_STAGES / b["time_to_build"]
    moving = state.pipeline * jnp.minimum(rate, 1.0)
    pipeline = state.pipeline - moving + jnp.concatenate([orders[None], moving[:-1]])
    planned = moving[-1] * jnp.exp(b["supply_shock_sd"] * shock)
    delivered = jnp.where(is_observed, observed, planned)
    ahead = jnp.maximum(month - WEIGHTS_MONTH, 0.0) / 12.0  # the wall is a choice about what is to come
    weight = b["region_compute_weight"] * b["region_compute_growth"] ** ((month - WEIGHTS_MONTH) / 12.0)
    weight = weight * b["chip_export_wall"] ** ahead
    weight = weight / total(weight)
    kept = 1.0 - 1.0 / (12.0 * b["hardware_life"])
    stock = state.stock * kept + delivered * weight
    growth = 1.0 + (b["power_capacity_growth"] - 1.0) * b["power_build_out"]
    watts = b["power_capacity_2026"] * 1e6 * growth ** ((month - POWER_MONTH) / 12.0)
    per_unit = b["power_per_h100e"] * b["power_efficiency_growth"] ** (-month / 12.0)
    powered = watts / per_unit * stock / total(stock)
    ratio = stock / powered
    in_service = stock * (1.0 + ratio**_SHARPNESS) ** (-1.0 / _SHARPNESS)
    return Supply(stock, in_service, pipeline, cost, full_cost(b, cost, month), delivered)
