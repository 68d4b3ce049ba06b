"""Supply of compute: shipments and the pipeline, the power there is, what an accelerator costs."""

import numpy as np

from tests.economy.numpy_month.axes import Array, Bag, Numbers
from twocurves.economy.state import PIPELINE_STAGES
from twocurves.economy.supply import POWER_MONTH, WEIGHTS_MONTH

#: Exponent of the smooth minimum of stock and power.
_SHARPNESS = 12.0


def supply(b: Numbers, before: Bag, now: Bag) -> Bag:
    """Return stock, compute in service, the pipeline and costs of the month."""
    years = now.month / 12.0
    rush = np.maximum(before.investment / np.exp(before.investment_trend) - 1.0, 0.0)
    price = b["compute_unit_cost"] / b["hardware_price_performance"] ** years
    price = price * (1.0 + b["investment_adjustment_cost"] * rush)
    # Paid by the hour sold: wear, capital and running cost over a year's sold hours.
    yearly = 1.0 / b["hardware_life"] + b["cost_of_capital"] + b["compute_opex_share"]
    full_cost = price * yearly / (8760.0 * b["utilisation"]) + electricity(b, now.month)

    ordered = before.investment * 1e9 * b["compute_build_out"] / 12.0 / price
    rate = np.minimum(PIPELINE_STAGES / b["time_to_build"], 1.0)
    pipeline = before.pipeline * (1.0 - rate)
    pipeline[0] += ordered
    pipeline[1:] += rate * before.pipeline[:-1]
    ready = rate * before.pipeline[-1] * np.exp(b["supply_shock_sd"] * now.supply_shock)
    delivered = now.shipped if now.shipped_known else ready

    weight = regional_weight(b, now.month)
    stock = before.stock * (1.0 - 1.0 / (12.0 * b["hardware_life"])) + delivered * weight
    gigawatt_growth = 1.0 + (b["power_capacity_growth"] - 1.0) * b["power_build_out"]
    kilowatts = b["power_capacity_2026"] * 1e6 * gigawatt_growth ** ((now.month - POWER_MONTH) / 12.0)
    powered = kilowatts / kilowatts_each(b, now.month) * stock / np.sum(stock, axis=0)
    in_service = (stock**-_SHARPNESS + powered**-_SHARPNESS) ** (-1.0 / _SHARPNESS)
    return Bag(stock=stock, in_service=in_service, pipeline=pipeline, unit_cost=price, full_cost=full_cost)


def regional_weight(b: Numbers, month: float) -> Array:
    """Return each region's share of new compute ``[r]``; a wall on chips counts from the end of 2025 on."""
    years = (month - WEIGHTS_MONTH) / 12.0
    weight = b["region_compute_weight"] * b["region_compute_growth"] ** years
    weight = weight * b["chip_export_wall"] ** max(years, 0.0)
    share: Array = weight / np.sum(weight, axis=0)
    return share


def electricity(b: Numbers, month: float) -> Array:
    """Return USD of electricity per accelerator hour."""
    return b["electricity_price"] * kilowatts_each(b, month)


def kilowatts_each(b: Numbers, month: float) -> Array:
    """Return kilowatts per H100-equivalent."""
    return b["power_per_h100e"] * b["power_efficiency_growth"] ** (-month / 12.0)
