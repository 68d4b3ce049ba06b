"""Serving: what buyers order, which hours that takes, and what is done of it."""

import numpy as np

from tests.economy.numpy_month.axes import HOURS_A_MONTH, Array, Bag, Numbers, by_home, contract, fit
from twocurves.economy.structure import Structure
from twocurves.economy.supply import WEIGHTS_MONTH

_LEAST = 1e-9


def orders(
    b: Numbers, s: Structure, hours: Bag, work: Array, moved: Bag, paid: Bag, free_users: Array, each: Array
) -> Bag:
    """Return orders: million WU, USD millions and million hours a month.

    ``work`` is million WU ``[r, s, v]``, ``each`` WU per mean adopter ``[r, s]``.
    """
    closed_cells = moved.closed * fit(work, "rsv", "rsvlct")
    open_cells = moved.open * fit(work, "rsv", "rsvo")
    closed_bill, open_bill = closed_cells * paid.closed, open_cells * paid.open
    closed, opened = np.sum(closed_cells, axis=2), np.sum(open_cells, axis=2)
    device = fit(s.segment_local, "s", "so") * fit(s.open_local, "o", "so")
    rented = opened * fit(1.0 - device, "so", "rso")

    # Free users go to labs as plans in the standard tier do, and run on the first of those products.
    by_lab = np.sum(closed[:, :, :, list(s.plan_channels), 0], axis=3)
    mix = by_lab / np.maximum(np.sum(by_lab, axis=2, keepdims=True), _LEAST)
    free_work = free_users * each * b["free_user_usage"] * b["free_tier_generosity"]
    first_plan = hours.closed[:, s.plan_channels[0], 0]
    return Bag(
        closed=closed,
        closed_spent=np.sum(closed_bill, axis=2),
        closed_hours=closed * fit(hours.tokens, "s", "rslct") * fit(hours.closed, "lct", "rslct"),
        open=opened,
        open_spent=np.sum(open_bill, axis=2),
        open_hours=rented * fit(hours.tokens, "s", "rso") * fit(hours.open, "o", "rso"),
        device=device,
        spent_closed_by_cell=np.sum(closed_bill, axis=(3, 4, 5)),
        spent_open_by_cell=np.sum(open_bill, axis=3),
        free_users=contract("rsl,rs,s->l", mix, free_users, s.segment_advertising),
        free_hours=contract("rsl,rs,s,l->l", mix, free_work, hours.tokens, first_plan),
    )


def hours_wanted(b: Numbers, s: Structure, before: Bag, made: Bag, month: float, ordered: Bag) -> Bag:
    """Return million hours a month wanted in each region, by who wants them ``[r]``."""
    regions = len(s.names.regions)
    paused = s.segment_interruptible
    steady = 1.0 - paused
    firm = 1.0 - s.segment_developers - s.segment_consumers

    by_channel = np.sum(ordered.closed_hours, axis=(0, 4))  # [s, l, c]
    plans = np.sum(by_channel[:, :, list(s.plan_channels)], axis=2)
    api = np.sum(by_channel[:, :, list(s.api_channels)], axis=2)
    opened = np.sum(ordered.open_hours, axis=2)

    def here(closed: Array, weight: Array) -> Array:
        return by_home(contract("sl,s->l", closed, weight), s.lab_region, regions)

    background = here(plans + api, paused) + contract("rs,s->r", opened, paused)
    units = contract("rslct,s->", ordered.closed, paused)
    units = units + contract("rso,s,so->", ordered.open, paused, 1.0 - ordered.device)
    hours_per_unit = np.sum(background, axis=0) / np.maximum(units, _LEAST)

    monthly_dollars = 1e3 / 12.0 * b["rnd_compute_share"]
    research = by_home(
        before.research_budget * monthly_dollars / b["compute_cost_factor"], s.lab_region, regions
    )
    research = research + by_home(before.open_budget * monthly_dollars, s.builder_region, regions)
    other = b["other_compute_share"] * b["compute_stock_2025"] * b["utilisation"] * HOURS_A_MONTH / 1e6
    if month <= WEIGHTS_MONTH:
        other = other * np.sum(made.stock, axis=0) / b["compute_stock_2025"]
    else:
        other = other * b["other_compute_growth"] ** ((month - WEIGHTS_MONTH) / 12.0)
    return Bag(
        plans=here(plans, steady),
        enterprise=here(api, firm * steady) + contract("rs,s->r", opened, firm * steady),
        other_buyers=here(api, (1.0 - firm) * steady) + contract("rs,s->r", opened, (1.0 - firm) * steady),
        free=by_home(ordered.free_hours, s.lab_region, regions),
        research=research,
        background=background,
        log_reservation=np.log(b["reservation_price"] / np.maximum(hours_per_unit, _LEAST)),
        spread=b["reservation_price_spread"],
        other=other * made.stock / np.sum(made.stock, axis=0),
        reference=made.full_cost,
        elasticity=b["other_compute_elasticity"],
    )


def serve(b: Numbers, s: Structure, before: Bag, ordered: Bag, cleared: Bag) -> Bag:
    """Return work done and hours served: each order by its priority's share where it runs."""
    owned, enterprise, others, free, background = cleared.share
    firm = fit(1.0 - s.segment_developers - s.segment_consumers, "s", "rs")
    paused = fit(s.segment_interruptible, "s", "rs")
    woken = fit(background * cleared.awake, "r", "rs")
    by_plan = (1.0 - paused) * fit(owned, "r", "rs") + paused * woken
    by_token = firm * fit(enterprise, "r", "rs") + (1.0 - firm) * fit(others, "r", "rs")
    by_token = (1.0 - paused) * by_token + paused * woken

    labs, builders = list(s.lab_region), list(s.builder_region)
    channels = [by_plan[labs] if plan else by_token[labs] for plan in s.channel_plan]
    closed_share = fit(np.moveaxis(np.stack(channels), (0, 1, 2), (2, 1, 0)), "slc", "rslct")
    open_share = np.where(fit(ordered.device, "so", "rso") == 1.0, 1.0, fit(by_token, "rs", "rso"))
    monthly_dollars = 1e3 / 12.0 * b["rnd_compute_share"]
    rental = np.exp(cleared.log_price)
    lab_rental = rental[labs] * b["compute_cost_factor"]
    return Bag(
        closed=ordered.closed * closed_share,
        closed_paid=ordered.closed_spent * closed_share,
        open=ordered.open * open_share,
        open_paid=ordered.open_spent * open_share,
        open_hours=ordered.open_hours * open_share,
        device=ordered.device,
        free_hours=ordered.free_hours * free[labs],
        free_users=ordered.free_users,
        research_hours=before.research_budget * monthly_dollars / lab_rental * owned[labs],
        builder_hours=before.open_budget * monthly_dollars / rental[builders] * owned[builders],
        other_hours=cleared.other,
        hours=cleared.served,
    )


def price_used(s: Structure, moved: Bag, paid: Bag) -> Array:
    """Return the mean price paid over users, USD per WU ``[r, s]``."""
    cell = np.sum(moved.closed * paid.closed, axis=(3, 4, 5)) + np.sum(moved.open * paid.open, axis=3)
    return contract("rsv,v->rs", cell, s.band_share)


def plan_margin(
    b: Numbers, s: Structure, before: Bag, costs: Bag, ordered: Bag, moved: Bag, paid: Bag
) -> Array:
    """Return the smoothed margin of plans ``[v]``, markets weighted by the work ordered in them."""
    volume = np.sum(ordered.closed, axis=(2, 3, 4)) + np.sum(ordered.open, axis=2)
    volume = volume / np.maximum(np.sum(volume, axis=(0, 1)), _LEAST)
    plans = list(s.plan_channels)
    shares = moved.closed[:, :, :, :, plans] * fit(volume, "rs", "rsvlct")
    earned = np.sum(shares * paid.closed[:, :, :, :, plans], axis=(0, 1, 3, 4, 5))
    spent = contract("rsvlct,slct->v", shares, costs.closed[:, :, plans])
    margin = 1.0 - spent / np.maximum(earned, _LEAST)
    smoothed: Array = before.plan_margin + (margin - before.plan_margin) / b["usage_cap_patience"]
    return smoothed
