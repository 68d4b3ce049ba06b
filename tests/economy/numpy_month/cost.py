"""Cost: accelerator hours per unit of work, and prices along the open stack."""

import numpy as np

from tests.economy.numpy_month.axes import Array, Bag, Numbers, fit
from tests.economy.numpy_month.supply import kilowatts_each
from twocurves.economy.cost import HABITS_MONTH, LOCAL_MONTH
from twocurves.economy.structure import Structure


def hours_per_unit(
    b: Numbers, s: Structure, month: float, sold: Array, opened: Array, log_software: Array
) -> Bag:
    """Return hours per WU of closed ``[l, c, t]`` and open products ``[o]`` and token habits ``[s]``."""
    grown = b["tokens_per_task_growth"] ** ((month - HABITS_MONTH) / 12.0)
    tokens = np.minimum(grown, b["tokens_per_task_ceiling"])
    at_reference = b["hours_per_work_unit"] * np.exp(-b["software_cost_elasticity"] * log_software)
    slope, reference = b["capability_cost_slope"], b["capability_reference"]
    hurry = (b["fast_tier_speed"] / b["standard_speed"]) ** b["speed_cost_exponent"]
    by_tier = np.stack([np.ones_like(hurry), hurry])

    channel = b["channel_cost_factor"]
    closed = at_reference * np.exp(slope * (sold - reference)) * channel[list(s.closed_channel)]
    closed = fit(closed, "lc", "lct") * fit(by_tier, "t", "lct")
    builders = len(s.names.builders)
    hosted, local = channel[s.hosted_channel], channel[s.local_channel]
    through = np.stack([hosted] * builders + [hosted * hurry, local])
    open_hours = b["open_cost_factor"] * at_reference * np.exp(slope * (opened - reference)) * through
    return Bag(closed=closed, open=open_hours, tokens=tokens)


def stack(b: Numbers, s: Structure, log_firms: Array) -> Bag:
    """Return prices along the open stack: Cournot in hosting and tuning, differentiated applications."""
    own = b["layer_input_per_unit"] + b["layer_own_cost"]
    cournot = own * (1.0 + 1.0 / (b["layer_demand_elasticity"] * np.exp(log_firms) - 1.0))
    sigma = b["application_substitution"]
    royalty = b["host_royalty_share"] + b["open_licence_fee"]
    tuning, application = cournot[s.layer_tuning], own[s.layer_application] * sigma / (sigma - 1.0)
    part_tuned, part_applied = b["tuned_work_share"], b["application_work_share"]
    return Bag(
        host_cost=own[s.layer_host],
        host=cournot[s.layer_host] / (1.0 - royalty),
        tuned=(1.0 - part_tuned) + part_tuned * tuning,
        applied=(1.0 - part_applied) + part_applied * application,
        royalty=royalty,
    )


def costs(b: Numbers, s: Structure, month: float, hours: Bag, rental: Array, layers: Bag) -> Bag:
    """Return marginal cost of closed ``[s, l, c, t]`` and price of open products ``[r, s, o]``, USD a WU."""
    home_rental = rental[list(s.lab_region)] * b["compute_cost_factor"]
    kept = 1.0 - b["non_compute_cost"][list(s.closed_channel)]
    closed = fit(hours.tokens, "s", "slct") * fit(hours.closed, "lct", "slct")
    closed = closed * fit(home_rental, "l", "slct") / fit(kept, "c", "slct")

    marked_up = layers.host * layers.tuned * layers.applied
    chain = np.where(s.open_local == 1.0, 1.0, marked_up) * hours.open
    opened = fit(rental, "r", "rso") * fit(hours.tokens, "s", "rso") * fit(chain, "o", "rso")
    years = (month - HABITS_MONTH) / 12.0
    device = b["local_energy_cost"] / b["local_efficiency_growth"] ** years + b["local_device_cost"]
    on_device = fit(s.open_local, "o", "so") * fit(s.segment_local, "s", "so")
    return Bag(closed=closed, open=np.where(fit(on_device, "so", "rso") == 1.0, device, opened))


def team(b: Numbers, s: Structure, work: Array, use: Array) -> Array:
    """Return USD per WU of the team that self-hosting takes ``[r, s, v]``; devices take none."""
    monthly_per_adopter = b["self_hosting_fixed_cost"] * 1e6 / 12.0 / b["adopters_per_tuned_model"]
    needed = 1.0 - fit(s.segment_local, "s", "rsv")
    return needed * monthly_per_adopter / (fit(work, "rs", "rsv") * fit(use, "v", "rsv"))


def device_reach(b: Numbers, month: float) -> Array:
    """Return the share of eligible queries that the buyer's own devices can serve."""
    unserved = b["local_unserved_2025"] * np.exp(-b["local_growth"] * (month - LOCAL_MONTH) / 12.0)
    return np.maximum(1.0 - unserved, 1e-3)


def work_per_kilowatt_hour(b: Numbers, month: float, hours: Array) -> Array:
    """Return WU per kilowatt-hour."""
    return 1.0 / (hours * kilowatts_each(b, month))
