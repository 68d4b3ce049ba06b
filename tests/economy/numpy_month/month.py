"""The month, in order; and the offers and prices it shares with the search for its beginning."""

import numpy as np

from tests.economy.numpy_month import (
    accounts,
    adoption,
    capability,
    certificates,
    choice,
    clearing,
    cost,
    demand,
    finance,
    policy,
    pricing,
    serving,
)
from tests.economy.numpy_month import measures as measuring
from tests.economy.numpy_month import quality as judging
from tests.economy.numpy_month import supply as building
from tests.economy.numpy_month.axes import HOURS_A_MONTH, Array, Bag, Numbers, fit
from twocurves.economy.structure import Structure

_LEAST = 1e-9


def offers(
    b: Numbers, s: Structure, before: Bag, month: float, known: Bag, presence: Array, here: Array
) -> Bag:
    """Return what is on offer before prices are set, from last month's state and this month's capability."""
    sold = np.stack([known.capability if plan else known.released for plan in s.channel_plan], axis=1)
    opened = np.concatenate([known.open_public, known.best_open[None], known.best_open[None]])
    price_used = np.exp(before.log_price_used)
    work = adoption.intensity(b, month, price_used, known.frontier)
    value = adoption.work_value(b)
    niche = 1.0 - np.sum(before.frontier_effort * here, axis=0) / np.sum(here, axis=0)
    good = judging.quality(b, s, sold, opened, before.vintage, known.frontier, niche, value, work)
    hours = cost.hours_per_unit(b, s, month, sold, opened, known.log_software)
    stack = cost.stack(b, s, before.log_firms)
    costs = cost.costs(b, s, month, hours, np.exp(before.log_rental), stack)
    substitutes = choice.substitution(b)
    reach = cost.device_reach(b, month)
    pull = choice.appeal(b, s, good, before.premium, presence, here, reach)
    # Sellers see what open products ask, not what the buyer's own team costs.
    asked = np.broadcast_to(fit(np.log(costs.open), "rso", "rsvo"), pull.log_reach_open.shape)
    score = adoption.screen(b, value, before.quality_used, price_used, work)
    market = Bag(
        cost=costs.closed,
        pull=pull,
        value_open=choice.open_nest(substitutes, pull, asked)[1],
        elasticity=adoption.volume_elasticity(b, score, price_used, work),
        presence=presence,
        substitutes=substitutes,
    )
    return Bag(
        sold=sold,
        opened=opened,
        market_work=work,
        value=value,
        good=good,
        hours=hours,
        stack=stack,
        costs=costs,
        score=score,
        market=market,
    )


def buy(
    b: Numbers,
    s: Structure,
    before: Bag,
    found: Bag,
    posted: Array,
    known: Bag,
    presence: Array,
    here: Array,
) -> tuple[Bag, tuple[Array, Array]]:
    """Return prices paid at list prices, and the shares that those who choose afresh give."""
    team = cost.team(b, s, found.market_work, demand.band_use(b, s))
    rivals = demand.near_rivals(b, known.capability, presence)
    paid = demand.paid(b, s, posted, found, team, rivals, presence, here, before.plan_margin, before.premium)
    market = found.market
    return paid, choice.target_shares(market.substitutes, market.pull, paid.closed, paid.open)


def list_price(price: Array) -> Array:
    """Return the mean ln price of each lab's products ``[r, s, v, l]``."""
    mean: Array = np.mean(np.log(price), axis=(4, 5))
    return mean


def step(b: Numbers, s: Structure, before: Bag, now: Bag) -> tuple[Bag, dict[str, Array], dict[str, Array]]:
    """Return the state a month later, the month's measures and its certificates."""
    month = now.month
    arrives = month == s.lab_entry_month
    presence = np.where(arrives, np.maximum(before.presence, 1.0), before.presence)
    here = np.where(month >= s.builder_entry_month, 1.0, 0.0)
    before = Bag(**(vars(before) | {"presence": presence}))

    made = building.supply(b, before, now)
    known = capability.advance(b, before, now.capability_shock, here)
    found = offers(b, s, before, month, known, presence, here)

    targets = pricing.target_prices(found.market, before.markup, b["elasticity_floor"])
    wanted_list = list_price(targets.price) + np.log(1.0 - before.subsidy * b["subsidy_policy"])
    smooth = np.where(arrives, 1.0, b["price_smoothing"])
    log_list = (1.0 - smooth) * before.log_list + smooth * wanted_list
    move = np.exp(log_list - list_price(targets.price))
    posted = targets.price * fit(move, "rsvl", "rsvlct")
    paid, wanted = buy(b, s, before, found, posted, known, presence, here)

    free_score = adoption.screen(b, found.value, before.quality_used, np.zeros(()), found.market_work)
    people = adoption.adopt(b, s, before, found.score, free_score)
    moved = demand.move(b, s, before, wanted, people.joined)
    use = demand.band_use(b, s) * s.band_share
    vintage, vintage_age, vintage_old = demand.vintage(b, before, moved, found.opened, use)

    users = people.adopters + b["forced_task_intensity"] * people.forced
    work = fit(found.market_work * users, "rs", "rsv") * fit(use, "v", "rsv")
    ordered = serving.orders(b, s, found.hours, work, moved, paid, people.free_users, found.market_work)
    wants = serving.hours_wanted(b, s, before, made, month, ordered)
    supplied = made.in_service * b["utilisation"] * HOURS_A_MONTH / 1e6
    cleared = clearing.clear(b, wants, supplied, before.log_rental, building.electricity(b, month))
    rental = np.exp(cleared.log_price)
    served = serving.serve(b, s, before, ordered, cleared)

    worth = finance.market_value(b, before.revenue_memory, before.log_mispricing)
    account = accounts.accounts(
        b, s, before, month, served, found, rental, made.full_cost, presence, here, worth
    )
    lab = account.lab
    log_training, log_research_hours = capability.train(b, before, month, served.research_hours)
    spent = finance.invest(b, before, made, cleared.log_price, now)
    cover = np.sum(rental * made.stock, axis=0) / np.sum(made.stock, axis=0) / made.full_cost
    all_value = np.sum(worth, axis=0)
    value_growth = all_value / np.maximum(before.value_memory[11], _LEAST) - 1.0
    burn = np.maximum(lab.research + lab.running - lab.gross - lab.parents - lab.raisable, 0.0)
    runway = np.minimum(12.0 * np.maximum(lab.cash, 0.0) / np.maximum(burn, _LEAST), 120.0)
    closed_share = lab.revenue / np.maximum(np.sum(lab.revenue, axis=0), _LEAST)
    stay = policy.presence(b, s, month, before, account)
    gap = known.frontier - known.open_capability
    after = Bag(
        stock=made.stock,
        pipeline=made.pipeline,
        investment=spent.spending,
        investment_trend=spent.trend,
        log_rental=cleared.log_price,
        log_rental_expected=spent.log_rental_expected,
        cloud_receipts=account.receipts,
        log_software=known.log_software,
        log_lead=known.log_lead,
        log_training=log_training,
        log_research_hours=log_research_hours,
        research_budget=lab.budget,
        capability=known.capability,
        capability_memory=known.memory,
        open_capability=known.open_capability,
        open_public=known.open_public,
        open_supported=known.open_supported,
        open_research=capability.learn_alone(b, before, served.builder_hours),
        open_budget=account.builder.budget,
        frontier_effort=policy.frontier_effort(
            b, before, gap, account.builder.research, np.max(lab.research, axis=0)
        ),
        flagship_open=policy.flagship_open(b, before, now.flagship_closed),
        vintage=vintage,
        vintage_age=vintage_age,
        vintage_old=vintage_old,
        closed_shares=moved.closed,
        open_shares=moved.open,
        premium=demand.next_premium(b, s, before.premium, now.premium_shock),
        markup=targets.following,
        log_list=log_list,
        log_price_used=before.log_price_used
        + b["price_smoothing"] * (np.log(serving.price_used(s, moved, paid)) - before.log_price_used),
        quality_used=judging.used(s, found.good, moved.closed, moved.open),
        plan_margin=serving.plan_margin(b, s, before, found.costs, ordered, moved, paid),
        adopters=people.adopters,
        forced=people.forced,
        free_users=people.free_users,
        api_delay=policy.api_delay(b, s, before, account, cover, known.growth, presence),
        subsidy=policy.subsidy(b, before, closed_share, runway),
        share_year_ago=before.share_year_ago * 11.0 / 12.0 + closed_share / 12.0,
        cash=lab.cash
        * np.where(presence > _LEAST, np.minimum(stay / np.maximum(presence, _LEAST), 1.0), 1.0),
        presence=stay,
        builder_cash=account.builder.cash,
        log_firms=policy.firms(b, before.log_firms, account.flows.profit),
        revenue_memory=np.concatenate([lab.revenue[None], before.revenue_memory[:-1]]),
        value_memory=np.concatenate([all_value[None], before.value_memory[:-1]]),
        log_mispricing=b["valuation_persistence"] * before.log_mispricing
        + b["valuation_noise"] * now.value_shock,
        sentiment=finance.sentiment(b, before, value_growth, people.forced_exits, cover, now.sentiment_shock),
    )
    seen = Bag(
        month=month,
        known=known,
        found=found,
        posted=posted,
        orders=ordered,
        served=served,
        cleared=cleared,
        rental=rental,
        cover=cover,
        account=account,
        people=people,
        worth=worth,
        presence=presence,
        here=here,
    )
    return after, measuring.measure(b, s, after, seen), certificates.certify(targets, cleared, account, after)
