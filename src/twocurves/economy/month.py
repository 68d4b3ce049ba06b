"""One month, in order. Everything uses last month's state except the clearing of the rental price.

supply, capability, quality, cost, price, choice, adoption, clearing, accounts, policy, investment, finance,
measures, certificates
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from twocurves.economy import (
    accounts as books,
)
from twocurves.economy import (
    adoption as adopting,
)
from twocurves.economy import (
    capability as learning,
)
from twocurves.economy import certificates as certifying
from twocurves.economy import (
    choice,
    clearing,
    demand,
    policy,
    pricing,
    valuation,
)
from twocurves.economy import (
    cost as costing,
)
from twocurves.economy import (
    investment as investing,
)
from twocurves.economy import (
    quality as saturation,
)
from twocurves.economy import (
    serving as serving_room,
)
from twocurves.economy import (
    supply as building,
)
from twocurves.economy.axes import greatest, once, total
from twocurves.economy.certificates import Certificates
from twocurves.economy.measures import Seen, measure
from twocurves.economy.state import State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "elasticity_floor",
    "frontier_entry_cost",
    "subsidy_policy",
    "price_smoothing",
    "utilisation",
)

_LEAST = 1e-9

#: Months in a year: a memory's place ``YEAR - 1``, before the month is added to it, is a year ago.
YEAR = 12

#: Share of the cost of coming near the frontier below which a lab's yearly need for money does not count.
_SMALL_NEED = 1e-4


class Exogenous(NamedTuple):
    """What comes from outside in a month; axes in brackets, draws left out.

    Attributes
    ----------
    month
        Months after January 2023, the same for all draws.
    shipped, spending
        H100-equivalents shipped and USD billions a year spent on AI compute.
    shipped_known, spending_known
        Whether they are observed, the same for all draws.
    flagship_closed
        1 for builders known to close their flagship in the month ``[builder]``.
    capability_shock, value_shock
        Standard normal ``[lab]``.
    premium_shock
        Standard normal ``[segment]``.
    supply_shock, sentiment_shock
        Standard normal.
    """

    month: Array
    shipped: Array
    shipped_known: Array
    spending: Array
    spending_known: Array
    flagship_closed: Array
    capability_shock: Array
    value_shock: Array
    premium_shock: Array
    supply_shock: Array
    sentiment_shock: Array


class Offers(NamedTuple):
    """What buyers and sellers find in a month before prices are set; see the rooms for shapes."""

    sold: Array
    opened: Array
    good: saturation.Quality
    hours: costing.Hours
    costs: costing.Costs
    stack: costing.Stack
    market_work: Array
    value: Array
    score: Array
    pull_closed: choice.Pull
    pull_open: choice.Pull
    market: pricing.Market


def offers(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    month: Array,
    known: learning.Capability,
    presence: Array,
    here: Array,
) -> Offers:
    """Compute quality, cost, pull and elasticity from last month's state and this month's capability."""
    sold = jnp.stack(
        [known.capability if plan else known.released for plan in structure.channel_plan], axis=1
    )
    opened = jnp.concatenate([known.open_public, jnp.stack([known.best_open] * 2)])
    price_used = jnp.exp(state.log_price_used)
    market_work = adopting.intensity(b, month, price_used, known.frontier)
    value = adopting.work_value(b)
    niche = 1.0 - total(state.frontier_effort * here) / total(here)
    good = saturation.quality(
        b, structure, sold, opened, state.vintage, known.frontier, niche, value, market_work
    )
    hours = costing.hours_per_unit(b, structure, month, sold, opened, known.log_software)
    stack = costing.stack(b, structure, state.log_firms)
    costs = costing.costs(b, structure, month, hours, jnp.exp(state.log_rental), stack)
    substitutes = choice.substitution(b)
    pull_closed, pull_open = demand.pull(
        b, structure, good, state.premium, substitutes, presence, here, costing.local_reach(b, month)
    )
    pull_closed, pull_open, costs = once((pull_closed, pull_open, costs))
    # Sellers see what open products ask; what self-hosting's team costs is the buyer's affair.
    asked = choice.nest(pull_open, jnp.log(costs.open)[:, :, None], substitutes.alpha, substitutes.open)
    score = adopting.screen(b, value, state.quality_used, price_used, market_work)
    market = pricing.Market(
        cost=costs.closed,
        pull=pull_closed,
        value_open=asked.value,
        elasticity=adopting.volume_elasticity(b, score, price_used, market_work),
        presence=presence,
        substitutes=substitutes,
    )
    return Offers(
        sold, opened, good, hours, costs, stack, market_work, value, score, pull_closed, pull_open, market
    )


def buy(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    found: Offers,
    posted: Array,
    capability: Array,
    presence: Array,
    here: Array,
) -> tuple[demand.Paid, choice.Target]:
    """Return what is paid at posted prices, and the shares that those who choose afresh give."""
    team = costing.team_cost(b, structure, found.market_work, demand.band_use(b, structure))
    rivals = demand.near_rivals(b, capability, presence)
    paid = demand.paid(
        b,
        structure,
        posted,
        found.costs,
        team,
        found.good,
        found.value,
        rivals,
        presence,
        here,
        state.plan_margin,
        state.premium,
    )
    paid = once(paid)
    wanted = choice.target_shares(
        found.market.substitutes,
        found.pull_closed,
        found.pull_open,
        jnp.log(paid.closed),
        jnp.log(paid.open),
    )
    return paid, wanted


def step(
    b: Mapping[str, Array],
    structure: Structure,
    before: State,
    outside: Exogenous,
) -> tuple[State, dict[str, Array], Certificates]:
    """Advance draws by one month; return the state at its end, its measures and its certificates."""
    month = outside.month
    lab_new = (month == structure.lab_entry_month).astype(before.presence.dtype)
    entered = month >= structure.lab_entry_month
    presence = jnp.maximum(before.presence, lab_new)
    here = (month >= structure.builder_entry_month).astype(presence.dtype)
    before = before._replace(presence=presence)

    made = building.supply(b, before, month, outside.shipped, outside.shipped_known, outside.supply_shock)
    known = learning.capability(b, before, outside.capability_shock, here)
    made, known = once((made, known))
    found = offers(b, structure, before, month, known, presence, here)

    targets = once(pricing.target_prices(found.market, before.markup, b["elasticity_floor"]))
    log_target = log_list_price(targets.price)
    cut = jnp.log(1.0 - before.subsidy * b["subsidy_policy"])
    smooth = jnp.where(lab_new > 0, 1.0, b["price_smoothing"])
    log_list = before.log_list + smooth * (log_target + cut - before.log_list)
    posted = once(targets.price * jnp.exp(log_list - log_target)[:, :, :, :, None, None])
    paid, wanted = buy(b, structure, before, found, posted, known.capability, presence, here)

    free_score = adopting.screen(
        b, found.value, before.quality_used, 0.0 * before.quality_used, found.market_work
    )
    people = adopting.adopt(b, structure, before, found.score, free_score)
    moved = once(
        demand.move(
            b, structure, before.closed_shares, before.open_shares, wanted.closed, wanted.open, people.joined
        )
    )
    use = demand.band_use(b, structure) * structure.band_share
    aged = demand.vintage(b, structure, before, moved, found.opened, use)

    users = adopting.users(b, people.adopters, people.forced)
    work = once((found.market_work * users)[:, :, None] * use)
    orders = once(
        serving_room.orders(
            b, structure, found.hours, work, moved, paid, people.free_users, found.market_work
        )
    )
    wants = serving_room.hours_wanted(b, structure, before, made, month, orders)
    supplied = made.in_service * b["utilisation"] * learning.HOURS_A_MONTH / 1e6
    cleared = clearing.clear(b, wants, supplied, before.log_rental, building.running_cost(b, month))
    cleared = once(cleared)
    rental = jnp.exp(cleared.log_price)
    served = once(serving_room.serve(b, structure, before, orders, cleared))

    worth = valuation.market_value(b, before.revenue_memory, before.log_mispricing)
    account = books.accounts(
        b,
        structure,
        before,
        month,
        served,
        found.hours,
        rental,
        made.full_cost,
        found.stack,
        presence,
        here,
        worth,
    )
    log_training, log_research_hours = learning.train(b, before, month, served.research_hours)
    spent = investing.invest(
        b, before, made, cleared.log_price, month, outside.spending, outside.spending_known
    )
    cover = total(rental * made.stock) / total(made.stock) / made.full_cost
    all_value = total(worth)
    feeling = valuation.sentiment(
        b,
        before.sentiment,
        all_value / jnp.maximum(before.value_memory[YEAR - 1], _LEAST) - 1.0,
        people.forced_exits,
        cover,
        outside.sentiment_shock,
    )
    coming = account.gross_profit + account.parents + account.raisable
    burn = jnp.maximum(account.research + account.running - coming, 0.0)
    runway = jnp.minimum(12.0 * jnp.maximum(account.cash, 0.0) / jnp.maximum(burn, _LEAST), 120.0)
    all_revenue = total(account.revenue)
    closed_share = account.revenue / jnp.maximum(all_revenue, _LEAST)
    # Who needs nothing lacks nothing.
    small = _SMALL_NEED * b["frontier_entry_cost"]
    covered = jnp.minimum((account.investors + small) / (account.need + small), 1.0)
    stay = jnp.where(
        entered | (structure.lab_potential > 0),
        policy.presence(
            b, before, account.cash, covered, total(account.gross_profit), structure.lab_potential
        ),
        presence,
    )
    # A lab that has not entered has nothing to wind up: its opening cash waits for it.
    wound_up = jnp.where(presence > _LEAST, jnp.minimum(stay / jnp.maximum(presence, _LEAST), 1.0), 1.0)
    gap = known.frontier - known.open_capability
    after = State(
        stock=made.stock,
        pipeline=made.pipeline,
        investment=spent.spending,
        investment_trend=spent.trend,
        log_rental=cleared.log_price,
        log_rental_expected=spent.log_rental_expected,
        cloud_receipts=account.cloud_receipts,
        log_software=known.log_software,
        log_lead=known.log_lead,
        log_training=log_training,
        log_research_hours=log_research_hours,
        research_budget=account.research_budget,
        capability=known.capability,
        capability_memory=known.memory,
        open_capability=known.open_capability,
        open_public=known.open_public,
        open_supported=known.open_supported,
        open_research=learning.learn_alone(b, before, served.builder_hours),
        open_budget=account.builder_budget,
        frontier_effort=policy.frontier_effort(
            b, before, gap, account.builder_research, greatest(account.research)
        ),
        flagship_open=policy.flagship_open(b, before, outside.flagship_closed),
        vintage=aged.capability,
        vintage_age=aged.age,
        vintage_old=aged.old,
        closed_shares=moved.closed,
        open_shares=moved.open,
        premium=demand.next_premium(b, structure, before.premium, outside.premium_shock),
        markup=targets.following,
        log_list=log_list,
        # Habits follow prices no faster than prices follow costs; at once they would swing against rental.
        log_price_used=before.log_price_used
        + b["price_smoothing"]
        * (jnp.log(serving_room.price_used(structure, moved, paid)) - before.log_price_used),
        quality_used=saturation.used(found.good, moved.closed, moved.open, structure.band_share),
        plan_margin=serving_room.plan_margin(b, structure, before, found.costs, orders, moved, paid),
        adopters=people.adopters,
        forced=people.forced,
        free_users=people.free_users,
        api_delay=policy.api_delay(
            b,
            before,
            jnp.maximum(cover - 1.0, 0.0),
            _hour_ratio(structure, account),
            jnp.maximum(known.growth, 0.0),
            _exposed(structure, account),
            presence,
        ),
        subsidy=policy.subsidy(b, before, closed_share, runway),
        share_year_ago=before.share_year_ago + (closed_share - before.share_year_ago) / 12.0,
        cash=account.cash * wound_up,
        presence=stay,
        builder_cash=account.builder_cash,
        log_firms=policy.firms(b, before.log_firms, jnp.maximum(account.layer_profit, 0.0) * 1e3),
        revenue_memory=jnp.concatenate([account.revenue[None], before.revenue_memory[:-1]]),
        value_memory=jnp.concatenate([all_value[None], before.value_memory[:-1]]),
        log_mispricing=valuation.mispricing(b, before.log_mispricing, outside.value_shock),
        sentiment=feeling,
    )
    seen = Seen(
        month=month,
        known=known,
        sold=found.sold,
        opened=found.opened,
        served=served,
        spent_closed=orders.spent_closed_by_cell,
        spent_open=orders.spent_open_by_cell,
        posted=posted,
        costs=found.costs,
        hours=found.hours,
        stack=found.stack,
        cleared=cleared,
        rental=rental,
        made=made,
        cover=cover,
        account=account,
        people=people,
        value=found.value,
        market_work=found.market_work,
        worth=worth,
        presence=presence,
        here=here,
    )
    shown = measure(b, structure, after, seen)
    return after, shown, certifying.certify(targets, cleared, account, after)


def deviation_check(b: Mapping[str, Array], structure: Structure, state: State, month: Array) -> Array:
    """Return the most that a lab would gain by moving its prices alone, as a share of its profit, one a draw.

    For the target prices that labs would set on the state at the end of a month.
    """
    here = (month >= structure.builder_entry_month).astype(state.sentiment.dtype)
    found = offers(b, structure, state, month, learning.standing(state, here), state.presence, here)
    targets = pricing.target_prices(found.market, state.markup, b["elasticity_floor"])
    return pricing.deviation_gain(found.market, targets, b["elasticity_floor"])


def log_list_price(price: Array) -> Array:
    """Return the mean ln of each lab's prices, shape ``(regions, segments, bands, labs)``."""
    return total(jnp.log(price), (4, 5)) / (price.shape[4] * price.shape[5])


def _hour_ratio(structure: Structure, account: books.Accounts) -> Array:
    """Return what an hour earns in a lab's own products over what it earns in its API, shape ``(labs,)``."""

    def per_hour(places: tuple[int, ...]) -> Array:
        sales = total(jnp.stack([total(account.sales[:, place], 1) for place in places]))
        hours = total(jnp.stack([total(account.lab_hours[:, place], 1) for place in places]))
        return sales / (hours + _LEAST)

    return per_hour(structure.plan_channels) / jnp.maximum(per_hour(structure.api_channels), _LEAST)


def _exposed(structure: Structure, account: books.Accounts) -> Array:
    """Return gross profit over API revenue, not below zero, shape ``(labs,)``."""
    api = total(jnp.stack([total(account.sales[:, place], 1) for place in structure.api_channels]))
    return jnp.maximum(account.gross_profit, 0.0) / jnp.maximum(api, _LEAST)
