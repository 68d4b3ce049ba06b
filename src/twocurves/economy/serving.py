"""Serving: what buyers order, which hours that takes, and who gets them when hours are short.

Closed work runs in the lab's home region, open work where it is used; labs carry the hours of free users in
proportion to their plans. Hours are rented in each region at its own price (see clearing); here products are
joined to the priorities by which they are served.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from twocurves.economy import demand
from twocurves.economy.accounts import Served
from twocurves.economy.axes import by_group, of_group, once, total
from twocurves.economy.clearing import Cleared, Hours
from twocurves.economy.cost import Costs
from twocurves.economy.cost import Hours as HoursPerUnit
from twocurves.economy.demand import Moved, Paid
from twocurves.economy.state import State
from twocurves.economy.structure import Structure
from twocurves.economy.supply import WEIGHTS_MONTH, Supply

PARAMETERS = (
    "free_user_usage",
    "free_tier_generosity",
    "reservation_price",
    "rnd_compute_share",
    "compute_cost_factor",
    "other_compute_share",
    "compute_stock_2025",
    "utilisation",
    "other_compute_growth",
    "reservation_price_spread",
    "other_compute_elasticity",
)

HOURS_A_MONTH = 730.0

_LEAST = 1e-9


class Orders(NamedTuple):
    """What buyers order; million WU, USD millions and million hours a month; axes in brackets.

    Attributes
    ----------
    closed, closed_spent, closed_hours
        ``[region, segment, lab, channel, tier]``.
    open, open_spent, open_hours, device
        ``[region, segment, open]``; ``device`` is 1 where work is done on devices.
    spent_closed_by_cell, spent_open_by_cell
        ``[region, segment, band]``.
    free_users, free_hours
        Those who see advertisements, millions, and million hours of all free use ``[lab]``.
    """

    closed: Array
    closed_spent: Array
    closed_hours: Array
    open: Array
    open_spent: Array
    open_hours: Array
    device: Array
    spent_closed_by_cell: Array
    spent_open_by_cell: Array
    free_users: Array
    free_hours: Array


def orders(
    b: Mapping[str, Array],
    structure: Structure,
    hours: HoursPerUnit,
    work: Array,
    moved: Moved,
    paid: Paid,
    free_users: Array,
    market_work: Array,
) -> Orders:
    """Return what is ordered at the month's shares.

    Parameters
    ----------
    work
        Million WU a month, shape ``(regions, segments, bands)``.
    free_users
        Millions, shape ``(regions, segments)``.
    market_work
        WU per mean adopter and month, shape ``(regions, segments)``.
    """
    closed_cells = moved.closed * work[:, :, :, None, None, None]
    closed_spent_cells = closed_cells * paid.closed
    open_cells = moved.open * work[:, :, :, None]
    open_spent_cells = open_cells * paid.open
    closed, closed_spent = total(closed_cells, 2), total(closed_spent_cells, 2)
    opened, open_spent = total(open_cells, 2), total(open_spent_cells, 2)
    device = structure.open_local * structure.segment_local[:, None]
    tokens = hours.tokens[:, None, None, None]
    plans = jnp.stack([closed[:, :, :, place, 0] for place in structure.plan_channels])
    plan = total(plans)
    mix = plan / jnp.maximum(total(plan, 2), _LEAST)[:, :, None]
    per_unit = hours.closed[:, structure.plan_channels[0], 0]
    free_work = free_users * market_work * b["free_user_usage"] * b["free_tier_generosity"]
    return Orders(
        closed,
        closed_spent,
        closed * tokens * hours.closed,
        opened,
        open_spent,
        opened * hours.tokens[:, None] * hours.open * (1.0 - device),
        device,
        total(closed_spent_cells, (3, 4, 5)),
        total(open_spent_cells, 3),
        total(mix * (free_users * structure.segment_advertising)[:, :, None], (0, 1)),
        total(mix * (free_work * hours.tokens)[:, :, None], (0, 1)) * per_unit,
    )


def hours_wanted(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    made: Supply,
    month: Array,
    ordered: Orders,
) -> Hours:
    """Return hours wanted in each region, by the priority in which they are served."""
    regions = len(structure.names.regions)
    steady = 1.0 - structure.segment_interruptible
    firm = 1.0 - structure.segment_developers - structure.segment_consumers

    def at_home(by_lab: Array) -> Array:
        return by_group(by_lab, structure.lab_region, regions)

    by_channel = total(total(ordered.closed_hours, 4), 0)
    plan = total(jnp.stack([by_channel[:, :, place] for place in structure.plan_channels]))
    api = total(jnp.stack([by_channel[:, :, place] for place in structure.api_channels]))
    opened = total(ordered.open_hours, 2)

    def both(weight: Array, closed: Array) -> Array:
        return at_home(total(closed * weight[:, None])) + total(opened * weight, 1)

    background_closed = at_home(total((plan + api) * structure.segment_interruptible[:, None]))
    background = background_closed + total(opened * structure.segment_interruptible, 1)
    ordered_units = total(
        (total(ordered.closed, (2, 3, 4)) + total(ordered.open * (1.0 - ordered.device), 2))
        * structure.segment_interruptible,
        (0, 1),
    )
    per_unit = total(background) / jnp.maximum(ordered_units, _LEAST)
    log_reservation = jnp.log(b["reservation_price"]) - jnp.log(jnp.maximum(per_unit, _LEAST))
    dollars = 1e3 / 12.0 * b["rnd_compute_share"]
    research = at_home(state.research_budget * dollars / b["compute_cost_factor"])
    research = research + by_group(state.open_budget * dollars, structure.builder_region, regions)
    at_2025 = b["other_compute_share"] * b["compute_stock_2025"] * b["utilisation"] * HOURS_A_MONTH / 1e6
    # Before the date of the share nothing is known but that other uses filled a like part of what there was.
    history = total(made.stock) / b["compute_stock_2025"]
    later = b["other_compute_growth"] ** ((month - WEIGHTS_MONTH) / 12.0)
    growth = jnp.where(month <= WEIGHTS_MONTH, history, later)
    return Hours(
        plans=at_home(total(plan * steady[:, None])),
        enterprise=both(firm * steady, api),
        other_buyers=both((1.0 - firm) * steady, api),
        free=at_home(ordered.free_hours),
        research=research,
        background=background,
        log_reservation=log_reservation,
        spread=b["reservation_price_spread"],
        other=at_2025 * growth * made.stock / total(made.stock),
        reference=made.full_cost,
        elasticity=b["other_compute_elasticity"],
    )


def serve(
    b: Mapping[str, Array], structure: Structure, state: State, ordered: Orders, cleared: Cleared
) -> Served:
    """Return the work done: each order by the share of its priority that is served in its region."""
    owned, enterprise, others, free, background = (cleared.share[place] for place in range(5))
    firm = 1.0 - structure.segment_developers - structure.segment_consumers
    paused = structure.segment_interruptible

    def of_segments(steady: Array, api: bool) -> Array:
        """Return shares served by region and segment, shape ``(regions, segments)``."""
        by_buyer = firm * enterprise[:, None] + (1.0 - firm) * others[:, None] if api else steady[:, None]
        share: Array = (1.0 - paused) * by_buyer + paused * (background * cleared.awake)[:, None]
        return share

    by_region = once((of_segments(owned, api=False), of_segments(owned, api=True)))
    plan_share, api_share = (
        jnp.stack([share[region] for region in structure.lab_region], axis=1)[:, :, None]
        for share in by_region
    )
    by_plan = np.array(structure.channel_plan)[:, None]
    share = jnp.where(by_plan, plan_share, api_share)[:, :, :, None]
    open_share = by_region[1][:, :, None]
    open_share = open_share * (1.0 - ordered.device) + ordered.device
    at_home = of_group(jnp.exp(cleared.log_price), structure.lab_region) * b["compute_cost_factor"]
    dollars = 1e3 / 12.0 * b["rnd_compute_share"]
    builder_price = of_group(jnp.exp(cleared.log_price), structure.builder_region)
    return Served(
        closed=ordered.closed * share,
        closed_paid=ordered.closed_spent * share,
        open=ordered.open * open_share,
        open_paid=ordered.open_spent * open_share,
        open_hours=ordered.open_hours * open_share,
        device=ordered.device,
        free_hours=ordered.free_hours * of_group(free, structure.lab_region),
        research_hours=state.research_budget * dollars / at_home * of_group(owned, structure.lab_region),
        free_users=ordered.free_users,
        builder_hours=state.open_budget * dollars / builder_price * of_group(owned, structure.builder_region),
        other_hours=cleared.other,
        hours=cleared.served,
    )


def price_used(structure: Structure, moved: Moved, paid: Paid) -> Array:
    """Return the mean price paid over users, USD per WU, shape ``(regions, segments)``."""
    closed = total(moved.closed * paid.closed, (3, 4, 5))
    opened = total(moved.open * paid.open, 3)
    return total((closed + opened) * structure.band_share, 2)


def plan_margin(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    costs: Costs,
    ordered: Orders,
    moved: Moved,
    paid: Paid,
) -> Array:
    """Return next month's smoothed margin of plans in each band, weighting products by the work they do."""
    earned = cost = jnp.zeros_like(state.plan_margin)
    work = total(ordered.closed, (2, 3, 4)) + total(ordered.open, 2)
    volume = work / jnp.maximum(total(work, (0, 1)), _LEAST)
    for place in structure.plan_channels:
        shares = moved.closed[:, :, :, :, place] * volume[:, :, None, None, None]
        earned = earned + total(shares * paid.closed[:, :, :, :, place], (0, 1, 3, 4))
        cost = cost + total(shares * costs.closed[:, :, place][None, :, None], (0, 1, 3, 4))
    return demand.next_plan_margin(b, state.plan_margin, earned, cost)
