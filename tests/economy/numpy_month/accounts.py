"""Accounts: labs, the open stack, builders, the cloud, and what each economy captures."""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month.axes import BILLION_A_YEAR, Array, Bag, Numbers, contract, fit
from tests.economy.numpy_month.supply import electricity
from twocurves.economy.accounts import OPEN_RND_MONTH, PARENT_MONTH
from twocurves.economy.structure import Structure

_LEAST = 1e-12
_SOFTNESS = 0.05


def lesser(first: Array, second: Array) -> Array:
    """Return the smooth minimum ``low / (1 + (low / high)^4)^(1/4)`` of two amounts not below zero."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return low / (1.0 + (low / np.maximum(high, _LEAST)) ** 4) ** 0.25


def advertising_per_user(b: Numbers, month: float) -> Array:
    """Return USD per free user and month."""
    ripe = 1.0 - 0.5 ** (np.maximum(month - b["advertising_start"], 0.0) / b["advertising_ramp"])
    return b["advertising_revenue_per_free_user"] * b["advertising_policy"] * ripe


def parent_money(b: Numbers, month: float, there: Array) -> Array:
    """Return what parents give at neutral sentiment, USD billions a year ``[l]``.

    It grows from a lab's entry, ``there`` months ago: to mid-2026 at its own rate, then as cash flows do.
    """
    all_months = np.maximum(there, 0.0)
    later = np.minimum(max(month - PARENT_MONTH, 0.0), all_months)
    early = b["parent_funding_growth"] ** ((all_months - later) / 12.0)
    return b["parent_funding"] * early * b["investor_cash_flow_growth"] ** (later / 12.0)


def open_research_plan(b: Numbers, month: float) -> Array:
    """Return open builders' planned research, USD billions a year."""
    rate = b["open_rnd_growth_history"] if month < OPEN_RND_MONTH else b["sponsor_growth"]
    return b["open_rnd_2026"] * rate ** ((month - OPEN_RND_MONTH) / 12.0)


def raisable(b: Numbers, sentiment: Array, value: Array, margin: Array) -> Array:
    """Return what investors would give each lab, USD billions a year ``[l]``."""
    willing = expit((sentiment - b["funding_sentiment_floor"]) / _SOFTNESS)
    sound = expit((margin - b["funding_margin_floor"]) / _SOFTNESS)
    return b["funding_share_of_valuation"] * value * sentiment * willing * sound


def labs(
    b: Numbers,
    s: Structure,
    before: Bag,
    month: float,
    served: Bag,
    found: Bag,
    rental: Array,
    presence: Array,
    worth: Array,
) -> Bag:
    """Return the accounts of labs, USD billions a year ``[l]``."""
    sales = np.sum(served.closed_paid, axis=(0, 1)) * BILLION_A_YEAR
    hours = contract("rslct,s,lct->lct", served.closed, found.hours.tokens, found.hours.closed)
    ads = advertising_per_user(b, month) * served.free_users * BILLION_A_YEAR
    revenue = np.sum(sales, axis=(1, 2)) + ads
    rate = rental[list(s.lab_region)] * b["compute_cost_factor"] * BILLION_A_YEAR
    serving_hours = np.sum(hours, axis=(1, 2)) + served.free_hours
    compute = serving_hours * rate
    other = contract("lct,c->l", sales, b["non_compute_cost"][list(s.closed_channel)])
    gross = revenue - compute - other

    research_compute = served.research_hours * rate
    research = research_compute + (1.0 - b["rnd_compute_share"]) * before.research_budget
    there = month - np.maximum(s.lab_entry_month, 0.0)
    parents = parent_money(b, month, there) * before.sentiment * presence
    margin = gross / np.maximum(revenue, _LEAST)
    outside = raisable(b, before.sentiment, worth, margin) * presence
    reserve = before.cash / b["cash_spending_years"]
    held = np.maximum(reserve, 0.0)
    fixed = b["lab_fixed_opex"] * b["fixed_opex_growth"] ** (np.maximum(there, 0.0) / 12.0) * presence
    upkeep = b["opex_share"] * revenue + fixed
    running = lesser(upkeep, np.maximum(gross + parents + outside + held, 0.0))
    wanted = parents + b["rnd_intensity"] * b["rnd_intensity_policy"] * revenue
    means = np.maximum(gross - running + parents + outside + reserve, 0.0)  # debt is paid back out of it
    budget = lesser(wanted, means)
    lacking = np.maximum(budget + running - gross - parents - held, 0.0)
    investors = np.minimum(lacking, outside)
    flow = revenue - compute - other - running - research + parents + investors
    moved = np.abs(revenue) + np.abs(compute) + np.abs(other) + np.abs(running) + np.abs(research)
    size = moved + np.abs(parents) + np.abs(investors) + np.abs(before.cash) + _LEAST
    cash = before.cash + flow / 12.0
    return Bag(
        sales=sales,
        hours=hours,
        serving_hours=serving_hours,
        ads=ads,
        revenue=revenue,
        compute=compute,
        gross=gross,
        research_compute=research_compute,
        research=research,
        running=running,
        parents=parents,
        investors=investors,
        need=np.maximum(budget + upkeep - gross - parents, 0.0),
        raisable=outside,
        budget=budget,
        cash=cash,
        cash_gap=np.max(np.abs((cash - before.cash) * 12.0 - flow) / size, axis=0),
    )


def open_stack(b: Numbers, s: Structure, served: Bag, stack: Bag, rental: Array, owning: Array) -> Bag:
    """Return the accounts of the open stack, USD billions a year.

    ``owning`` is the full cost of an accelerator hour less its electricity.
    From what buyers pay for hosted work down: applications, tuning, hosts, royalties, the compute they buy.
    """
    hosted_part = fit(1.0 - s.open_local, "o", "rso")
    device_part = fit(served.device, "so", "rso")
    paid = served.open_paid * BILLION_A_YEAR
    by_product = np.sum(paid * hosted_part, axis=(0, 1))
    applied = np.sum(by_product, axis=0)
    own_hosting = np.sum(paid * (1.0 - hosted_part) * (1.0 - device_part), axis=(0, 1, 2))
    devices = np.sum(paid * device_part, axis=(0, 1, 2))
    tuned = applied / stack.applied
    host = tuned / stack.tuned
    royalty = stack.royalty * host
    hours = np.sum(served.open_hours, axis=(1, 2))
    bought = contract("rso,r,o->", served.open_hours, rental, 1.0 - s.open_local) * BILLION_A_YEAR
    rented = contract("r,r->", hours, rental) * BILLION_A_YEAR

    own = b["layer_own_cost"]
    cost = {
        s.layer_host: (stack.host_cost - 1.0) * bought,
        s.layer_tuning: b["tuned_work_share"] * own[s.layer_tuning] * host,
        s.layer_application: b["application_work_share"] * own[s.layer_application] * tuned,
    }
    gain = {
        s.layer_host: host - royalty - bought,
        s.layer_tuning: tuned - host,
        s.layer_application: applied - tuned,
    }
    # Of what compute costs, chips earn the part of owning that pays for capital in chips.
    capital = 1.0 / b["hardware_life"] + b["cost_of_capital"]
    chip_part = owning * b["chip_share_of_capex"] * capital / (capital + b["compute_opex_share"])
    chips = chip_part * np.sum(hours, axis=0) * BILLION_A_YEAR
    added = np.zeros((len(s.names.layers), *applied.shape))
    profit = np.zeros_like(added)
    for layer, value in gain.items():
        added[layer] = value
        profit[layer] = value - cost[layer]
    added[s.layer_chips] = chips
    added[s.layer_cloud] = rented - chips
    return Bag(
        by_product=by_product,
        applied=applied,
        own_hosting=own_hosting,
        devices=devices,
        spending=applied + own_hosting + devices,
        host=host,
        royalty=royalty,
        bought=bought,
        rented=rented,
        hours=hours,
        gained=sum(gain.values()),
        own_cost=sum(cost.values()),
        value_added=added,
        profit=profit,
        chip_part=chip_part,
    )


def builders(
    b: Numbers,
    s: Structure,
    before: Bag,
    month: float,
    served: Bag,
    stack: Bag,
    flows: Bag,
    rental: Array,
    here: Array,
) -> Bag:
    """Return the accounts of open builders, USD billions a year ``[m]``."""
    own = flows.by_product[: len(s.names.builders)]
    mix = own / np.maximum(np.sum(own, axis=0), _LEAST)
    host_profit = flows.host - flows.royalty - flows.bought * stack.host_cost
    income = (flows.royalty + b["builder_own_api_share"] * host_profit) * mix
    compute = served.builder_hours * rental[list(s.builder_region)] * BILLION_A_YEAR
    research = compute + (1.0 - b["rnd_compute_share"]) * before.open_budget
    weight = b["builder_rnd_weight"] * here
    plan = open_research_plan(b, month) * weight / np.maximum(np.sum(weight, axis=0), _LEAST)
    own_money = np.maximum(b["builder_rnd_share"] * income, 0.0)
    own_money = own_money + np.maximum(before.builder_cash, 0.0) / b["cash_spending_years"]
    if month < OPEN_RND_MONTH:
        given = np.maximum(plan - own_money, 0.0)
        budget = given + np.minimum(plan, own_money)
    else:
        given = plan * b["sponsor_share"] * b["sponsor_funding_policy"] * before.sentiment
        budget = given + own_money
    cash = before.builder_cash + (income + given - research) / 12.0
    return Bag(compute=compute, research=research, budget=budget, cash=cash)


def accounts(
    b: Numbers,
    s: Structure,
    before: Bag,
    month: float,
    served: Bag,
    found: Bag,
    rental: Array,
    full_cost: Array,
    presence: Array,
    here: Array,
    worth: Array,
) -> Bag:
    """Return all accounts of the month, with what each economy captures and whether money adds up."""
    lab = labs(b, s, before, month, served, found, rental, presence, worth)
    flows = open_stack(b, s, served, found.stack, rental, full_cost - electricity(b, month))
    builder = builders(b, s, before, month, served, found.stack, flows, rental, here)

    # What labs pay above (or below) the rental for their compute also goes to the cloud.
    above = (1.0 - 1.0 / b["compute_cost_factor"]) * (lab.compute + lab.research_compute)
    receipts = contract("r,r->", served.hours, rental) * BILLION_A_YEAR + np.sum(above, axis=0)
    team = flows.own_hosting - (flows.rented - flows.bought)
    received = np.sum(lab.revenue - lab.compute, axis=0) + flows.gained + flows.royalty
    received = received + receipts + flows.devices + team
    other = contract("r,r->", served.other_hours, rental) * BILLION_A_YEAR
    final = np.sum(lab.revenue, axis=0) + flows.spending
    final = final + np.sum(lab.research_compute, axis=0) + np.sum(builder.compute, axis=0) + other

    scarce = rental - full_cost + flows.chip_part * b["chip_gross_margin"]
    lab_hours = lab.serving_hours + served.research_hours
    closed = Bag(
        net_revenue=lab.revenue - lab.compute,
        gross_profit=lab.gross,
        rent=lab.gross - lab.running - lab.research,
        compute_rent=lab_hours * scarce[list(s.lab_region)] * BILLION_A_YEAR,
    )
    net = flows.gained + flows.royalty
    gross = net - flows.own_cost
    fixed = np.exp(before.log_firms) * b["layer_fixed_cost"] * 1e-3
    fixed = fixed[s.layer_host] + fixed[s.layer_tuning] + fixed[s.layer_application]
    opened = Bag(
        net_revenue=net,
        gross_profit=gross,
        rent=gross - fixed - np.sum(builder.research, axis=0),
        compute_rent=contract("r,r->", flows.hours, scarce) * BILLION_A_YEAR,
    )
    return Bag(
        lab=lab,
        flows=flows,
        builder=builder,
        receipts=receipts,
        closed_value=closed,
        open_value=opened,
        mixed=np.sum(lab.sales[:, list(s.api_channels)], axis=(0, 1, 2)) * (found.stack.applied - 1.0),
        money_gap=np.abs(received / np.maximum(final, _LEAST) - 1.0),
    )
