"""Accounts: who is paid what, who pays whom, and what is left.

Buyers pay labs for closed products and the stack for open ones; advertisers pay labs; research and other
uses pay for compute. Along the open stack each layer buys from the one below::

    labs + application + tuning + host + builders' royalties + cloud + devices
        = buyers + advertisers + research compute + other compute

where what the cloud receives is counted from the hours it served, and what the others pay for compute from
the work they did, so that the sum certifies both. A lab's cash moves only by named flows::

    cash += revenue - compute - other costs of sale - running - research + parents + investors - wound up

Nobody spends what nobody gives: running costs and research are cut to what a lab earns, holds and can raise.
Research is decided a month ahead, and what investors must add to it is raised when it is decided, so that a
lab owes something only when its sales fall between the two; that is paid back before new research.

Captured value of a lab or of the open stack comes in three definitions, never summed gross over layers:
net revenue (sales less compute bought), gross profit (less other costs of sale), and economic rent (less
running costs, research and layers' fixed costs; research is expensed, so no capital is left to charge).
Compute is bought at the rental price. With compute counted in, each definition adds the rent of the compute
layer on the hours that the lab or the stack used: rental over full cost, and the chip makers' gross profit in
it. Reckoning compute at full cost *and* adding the rent would count the rent twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import of_group, total
from twocurves.economy.cost import Hours, Stack
from twocurves.economy.state import State
from twocurves.economy.structure import Structure
from twocurves.economy.supply import running_cost

PARAMETERS = (
    "advertising_start",
    "advertising_ramp",
    "advertising_revenue_per_free_user",
    "advertising_policy",
    "parent_funding_growth",
    "parent_funding",
    "investor_cash_flow_growth",
    "open_rnd_growth_history",
    "sponsor_growth",
    "open_rnd_2026",
    "compute_cost_factor",
    "non_compute_cost",
    "rnd_compute_share",
    "cash_spending_years",
    "opex_share",
    "lab_fixed_opex",
    "fixed_opex_growth",
    "rnd_intensity",
    "rnd_intensity_policy",
    "tuned_work_share",
    "layer_own_cost",
    "application_work_share",
    "hardware_life",
    "cost_of_capital",
    "chip_share_of_capex",
    "compute_opex_share",
    "chip_gross_margin",
    "layer_fixed_cost",
    "builder_own_api_share",
    "builder_rnd_weight",
    "sponsor_share",
    "sponsor_funding_policy",
    "builder_rnd_share",
    "funding_sentiment_floor",
    "funding_margin_floor",
    "funding_share_of_valuation",
)

#: USD billions a year in a million USD a month.
BILLION_A_YEAR = 12.0e-3

#: Month (after January 2023) at which open research spending is dated: the middle of 2026.
OPEN_RND_MONTH = 41

#: Month to which parents' money follows its own growth: the middle of 2026.
PARENT_MONTH = 41

#: Width of the logistic with which investors stop giving, in units of sentiment and of margin.
_SOFTNESS = 0.05

_LEAST = 1e-12


class Served(NamedTuple):
    """Work done and hours served in the month; axes in brackets.

    Attributes
    ----------
    closed, closed_paid
        Million WU and USD millions a month ``[region, segment, lab, channel, tier]``.
    open, open_paid
        Likewise ``[region, segment, open]``.
    open_hours, device
        Million hours of open work and whether it is done on devices instead ``[region, segment, open]``.
    free_hours, research_hours
        Million hours ``[lab]``.
    free_users
        Who see advertisements, millions ``[lab]``.
    builder_hours
        Million hours of open builders' research ``[builder]``.
    other_hours, hours
        Million hours of other uses, and of all uses as the market served them ``[region]``.
    """

    closed: Array
    closed_paid: Array
    open: Array
    open_paid: Array
    open_hours: Array
    device: Array
    free_hours: Array
    research_hours: Array
    free_users: Array
    builder_hours: Array
    other_hours: Array
    hours: Array


class Value(NamedTuple):
    """Captured value, USD billions a year, compute left out; ``(labs,)`` or a number of the open stack."""

    net_revenue: Array
    gross_profit: Array
    rent: Array
    compute_rent: Array


class Accounts(NamedTuple):
    """Flows of the month, USD billions a year; axes in brackets.

    Attributes
    ----------
    revenue, advertising, compute, other_costs, running, research, parents, investors, cash
        Of each lab ``[lab]``; revenue includes advertising; cash in USD billions at the end of the month,
        before winding up.
    need, raisable, research_budget
        What a lab lacks before outside money, what investors would give it at most; research decided for next
        month ``[lab]``.
    sales, lab_hours
        Of closed products; million hours of serving them ``[lab, channel, tier]``.
    open_spending, open_hosted
        What buyers pay for open work, and for hosted work.
    layer_value_added, layer_profit
        Of the open stack; profit before fixed cost ``[layer]``. Chips and cloud share what compute costs.
    builder_income, builder_research, builder_budget, builder_cash
        ``[builder]``; the budget is for next month; cash in USD billions.
    cloud_receipts
        What all compute rented for.
    closed_value, open_value
        Captured value ``[lab]`` and of the open stack.
    mixed_value
        What third parties' applications on closed APIs add, if applications use them as they do open weights;
        counted to neither economy.
    money_gap
        Relative difference between what final buyers pay and what is received.
    cash_gap
        Largest difference between change of cash and the sum of named flows, over revenue.
    """

    revenue: Array
    advertising: Array
    compute: Array
    other_costs: Array
    running: Array
    research: Array
    parents: Array
    investors: Array
    cash: Array
    need: Array
    raisable: Array
    research_budget: Array
    sales: Array
    lab_hours: Array
    open_spending: Array
    open_hosted: Array
    layer_value_added: Array
    layer_profit: Array
    builder_income: Array
    builder_research: Array
    builder_budget: Array
    builder_cash: Array
    cloud_receipts: Array
    closed_value: Value
    open_value: Value
    mixed_value: Array
    money_gap: Array
    cash_gap: Array

    @property
    def gross_profit(self) -> Array:
        """Revenue less compute and other costs of sale, shape ``(labs,)``."""
        return self.revenue - self.compute - self.other_costs


def advertising_per_user(b: Mapping[str, Array], month: Array) -> Array:
    """Return USD per free user and month: zero before it starts, then rising to its full level."""
    since = jnp.maximum(month - b["advertising_start"], 0.0)
    ramp = 1.0 - jnp.exp2(-since / b["advertising_ramp"])
    return b["advertising_revenue_per_free_user"] * ramp * b["advertising_policy"]


def parent_money(b: Mapping[str, Array], month: Array, there: Array) -> Array:
    """Return what parents put into their labs at neutral sentiment, USD billions a year, shape ``(labs,)``.

    It grows at its own rate to mid-2026; from then on as what the same firms earn elsewhere, since a part of
    a parent's cash flow cannot for ever grow faster than the whole. ``there`` counts the months since the lab
    entered, shape ``(labs, 1)``.
    """
    later = jnp.clip(month - PARENT_MONTH, 0.0, jnp.maximum(there, 0.0))
    sooner = jnp.maximum(there, 0.0) - later
    early = b["parent_funding_growth"] ** (sooner / 12.0)
    return b["parent_funding"] * early * b["investor_cash_flow_growth"] ** (later / 12.0)


def open_research_plan(b: Mapping[str, Array], month: Array) -> Array:
    """Return open builders' planned research, USD billions a year: history, then sponsors' growth."""
    years = (month - OPEN_RND_MONTH) / 12.0
    rate = jnp.where(month < OPEN_RND_MONTH, b["open_rnd_growth_history"], b["sponsor_growth"])
    return b["open_rnd_2026"] * rate**years


def accounts(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    month: Array,
    served: Served,
    hours: Hours,
    rental: Array,
    full_cost: Array,
    stack: Stack,
    presence: Array,
    here: Array,
    value: Array,
) -> Accounts:
    """Book the month.

    Parameters
    ----------
    rental, full_cost
        USD per hour, shapes ``(regions,)`` and of a number.
    presence, here
        How far each lab, each builder is on the market, shapes ``(labs,)``, ``(builders, 1)``.
    value
        Market value of each lab, USD billions, shape ``(labs,)``.
    """
    sales = total(served.closed_paid, (0, 1)) * BILLION_A_YEAR
    lab_hours = total(total(served.closed, 0) * hours.tokens[:, None, None, None], 0) * hours.closed
    ads = advertising_per_user(b, month) * served.free_users * BILLION_A_YEAR
    revenue = total(sales, (1, 2)) + ads
    rate = of_group(rental, structure.lab_region) * b["compute_cost_factor"] * BILLION_A_YEAR
    serving_hours = total(lab_hours, (1, 2)) + served.free_hours
    compute = serving_hours * rate
    net = jnp.stack([b["non_compute_cost"][place] for place in structure.closed_channel])
    other = total(total(sales, 2) * net, 1)
    gross = revenue - compute - other

    research_compute = served.research_hours * rate
    research = research_compute + state.research_budget * (1.0 - b["rnd_compute_share"])
    there = month - jnp.maximum(structure.lab_entry_month, 0.0)
    parents = parent_money(b, month, there) * state.sentiment * presence
    outside = raisable(b, state.sentiment, value, gross / jnp.maximum(revenue, _LEAST)) * presence
    reserve = state.cash / b["cash_spending_years"]  # below zero: what is owed is paid back at the same pace
    held = jnp.maximum(reserve, 0.0)
    fixed = b["lab_fixed_opex"] * b["fixed_opex_growth"] ** (jnp.maximum(there, 0.0) / 12.0) * presence
    upkeep = b["opex_share"] * revenue + fixed
    running = lesser(upkeep, jnp.maximum(gross + parents + outside + held, 0.0))
    wanted = b["rnd_intensity"] * b["rnd_intensity_policy"] * revenue
    budget = lesser(parents + wanted, jnp.maximum(gross - running + parents + outside + reserve, 0.0))
    need = jnp.maximum(budget + upkeep - gross - parents, 0.0)
    investors = jnp.minimum(jnp.maximum(budget + running - gross - parents - held, 0.0), outside)
    flows = (revenue, -compute, -other, -running, -research, parents, investors)
    cash = state.cash + total(jnp.stack(flows)) / 12.0

    hosted = served.open_paid * (1.0 - structure.open_local)
    by_product = total(hosted, (0, 1)) * BILLION_A_YEAR
    applied = total(by_product)
    tuned = applied / stack.applied
    host = tuned / stack.tuned
    royalty = host * stack.royalty
    # Hosts' prices were set at last month's rental; what they pay for compute is this month's.
    hosted_hours = served.open_hours * (1.0 - structure.open_local)
    bought = total(total(hosted_hours, (1, 2)) * rental) * BILLION_A_YEAR
    own_hosting = (served.open_paid * (1.0 - served.device)) - hosted
    own_hosting = total(own_hosting, (0, 1, 2)) * BILLION_A_YEAR
    devices = total(served.open_paid * served.device, (0, 1, 2)) * BILLION_A_YEAR
    open_hours = total(served.open_hours, 2)
    rented = total(total(open_hours, 1) * rental) * BILLION_A_YEAR
    own_cost = (
        bought * (stack.host_cost - 1.0),
        b["tuned_work_share"] * b["layer_own_cost"][structure.layer_tuning] * host,
        b["application_work_share"] * b["layer_own_cost"][structure.layer_application] * tuned,
    )
    added = (host - royalty - bought, tuned - host, applied - tuned)
    above = (structure.layer_host, structure.layer_tuning, structure.layer_application)
    capital = 1.0 / b["hardware_life"] + b["cost_of_capital"]
    owning = full_cost - running_cost(b, month)
    chip_part = owning * b["chip_share_of_capex"] * capital / (capital + b["compute_opex_share"])
    open_hours_all = total(open_hours, (0, 1))
    chips = chip_part * open_hours_all * BILLION_A_YEAR
    zero = jnp.zeros_like(applied)
    value_added = [zero] * len(structure.names.layers)
    profit = [zero] * len(structure.names.layers)
    for layer, gain, cost in zip(above, added, own_cost, strict=True):
        value_added[layer] = gain
        profit[layer] = gain - cost
    value_added[structure.layer_chips] = chips
    value_added[structure.layer_cloud] = rented - chips

    builders = _builders(
        b, structure, state, month, served, rental, by_product, host - royalty, royalty, bought, stack, here
    )

    other_compute = total(served.other_hours * rental) * BILLION_A_YEAR
    builder_rate = of_group(rental, structure.builder_region) * BILLION_A_YEAR
    builder_compute = served.builder_hours * builder_rate
    discount = (1.0 - 1.0 / b["compute_cost_factor"]) * (compute + research_compute)
    receipts = total(served.hours * rental) * BILLION_A_YEAR + total(discount)
    labs_added = revenue - compute
    team = own_hosting - (rented - bought)
    received = total(labs_added) + added[0] + added[1] + added[2] + royalty + receipts + devices + team
    final = (
        total(sales, (0, 1, 2))
        + total(ads)
        + applied
        + own_hosting
        + devices
        + total(research_compute)
        + total(builder_compute)
        + other_compute
    )

    scarce = of_group(rental, structure.lab_region) - full_cost + chip_part * b["chip_gross_margin"]
    lab_rent = (serving_hours + served.research_hours) * scarce * BILLION_A_YEAR
    open_scarce = rental - full_cost + chip_part * b["chip_gross_margin"]
    open_rent = total(total(open_hours, 1) * open_scarce) * BILLION_A_YEAR
    open_net = added[0] + added[1] + added[2] + royalty
    open_gross = open_net - own_cost[0] - own_cost[1] - own_cost[2]
    firms = jnp.exp(state.log_firms) * b["layer_fixed_cost"] * 1e-3
    fixed_costs = (
        firms[structure.layer_host] + firms[structure.layer_tuning] + firms[structure.layer_application]
    )
    api = total(jnp.stack([total(sales[:, place], 1) for place in structure.api_channels]), (0, 1))
    return Accounts(
        revenue=revenue,
        advertising=ads,
        compute=compute,
        other_costs=other,
        running=running,
        research=research,
        parents=parents,
        investors=investors,
        cash=cash,
        need=need,
        raisable=outside,
        research_budget=budget,
        sales=sales,
        lab_hours=lab_hours,
        open_spending=applied + own_hosting + devices,
        open_hosted=applied,
        layer_value_added=jnp.stack(value_added),
        layer_profit=jnp.stack(profit),
        builder_income=builders.income,
        builder_research=builders.research,
        builder_budget=builders.budget,
        builder_cash=builders.cash,
        cloud_receipts=receipts,
        closed_value=Value(labs_added, gross, gross - running - research, lab_rent),
        open_value=Value(
            open_net, open_gross, open_gross - fixed_costs - total(builders.research), open_rent
        ),
        mixed_value=api * (stack.applied - 1.0),
        money_gap=jnp.abs(received / jnp.maximum(final, _LEAST) - 1.0),
        cash_gap=_cash_gap(state.cash, cash, flows),
    )


class _Builders(NamedTuple):
    income: Array
    research: Array
    budget: Array
    cash: Array


def _builders(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    month: Array,
    served: Served,
    rental: Array,
    by_product: Array,
    kept: Array,
    royalty: Array,
    bought: Array,
    stack: Stack,
    here: Array,
) -> _Builders:
    """Return builders' accounts; to mid-2026 research follows history, and sponsors give what is lacking."""
    own = by_product[: len(structure.names.builders)]
    mix = own / jnp.maximum(total(own), _LEAST)
    margin = kept - bought * stack.host_cost
    income = (royalty + b["builder_own_api_share"] * margin) * mix
    rate = of_group(rental, structure.builder_region) * BILLION_A_YEAR
    research = served.builder_hours * rate + state.open_budget * (1.0 - b["rnd_compute_share"])
    weight = b["builder_rnd_weight"] * here
    weight = weight / jnp.maximum(total(weight), _LEAST)
    plan = open_research_plan(b, month) * weight
    history = month < OPEN_RND_MONTH
    sponsored = plan * b["sponsor_share"] * b["sponsor_funding_policy"] * state.sentiment
    held = jnp.maximum(state.builder_cash, 0.0) / b["cash_spending_years"]
    own_money = jnp.maximum(b["builder_rnd_share"] * income, 0.0) + held
    given = jnp.where(history, jnp.maximum(plan - own_money, 0.0), sponsored)
    budget = given + jnp.where(history, jnp.minimum(plan, own_money), own_money)
    cash = state.builder_cash + (income + given - research) / 12.0
    return _Builders(income, research, budget, cash)


def _cash_gap(before: Array, after: Array, flows: tuple[Array, ...]) -> Array:
    """Return the largest difference between change of cash and named flows, relative to their size."""
    size = total(jnp.stack([jnp.abs(flow) for flow in flows])) + jnp.abs(before) + _LEAST
    named = flows[0]
    for flow in flows[1:]:
        named = named + flow
    off = jnp.abs((after - before) * 12.0 - named) / size
    worst = off[0]
    for lab in range(1, off.shape[0]):
        worst = jnp.maximum(worst, off[lab])
    return worst


def raisable(b: Mapping[str, Array], sentiment: Array, value: Array, margin: Array) -> Array:
    """Return what investors would give each lab, USD billions a year.

    A share of its market value, more when sentiment is high; hardly anything below the floor of sentiment, or
    to a lab whose gross margin is below what investors bear.
    """
    willing = jax.nn.sigmoid((sentiment - b["funding_sentiment_floor"]) / _SOFTNESS)
    sound = jax.nn.sigmoid((margin - b["funding_margin_floor"]) / _SOFTNESS)
    return b["funding_share_of_valuation"] * sentiment * value * willing * sound


def lesser(first: Array, second: Array) -> Array:
    """Return a smooth minimum of two amounts not below zero, never above either."""
    low, high = jnp.minimum(first, second), jnp.maximum(first, second)
    ratio = low / jnp.maximum(high, _LEAST)
    return low * (1.0 + ratio**4) ** -0.25
