"""One month, in order. Everything uses last month's state except the clearing of the rental price.

supply, capability, quality, cost, price, choice, adoption, clearing, accounts, policy, investment, finance,
measures
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtr

from twocurves.economy import (
    accounts as books,
)
from twocurves.economy import (
    adoption as adopting,
)
from twocurves.economy import (
    capability as learning,
)
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
    supply as building,
)
from twocurves.economy.measures import Month, Seen, measure
from twocurves.economy.state import State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "utilisation",
    "rental_price_smoothing",
    "rental_price_ceiling",
    "other_compute_share",
    "other_compute_growth",
    "other_compute_elasticity",
    "compute_stock_2025",
    "reservation_price",
    "reservation_price_spread",
    "forced_task_intensity",
    "free_user_usage",
    "free_tier_generosity",
    "subsidy_policy",
    "closed_premium_floor",
    "closed_premium_half_life",
    "closed_premium_half_life_factor",
    "closed_premium_noise",
    "training_compute_growth",
    "research_smoothing_months",
    "elasticity_floor",
    "price_smoothing",
    "value_spread",
    "compute_opex_share",
    "rnd_compute_share",
    "hazard_elasticity_floor",
    "compute_cost_factor",
    "non_compute_cost",
    "self_hosting_fixed_cost",
    "adopters_per_tuned_model",
    "open_vintage_replacement",
)

HOURS_A_MONTH = 730.0

#: Month after January 2023 to which research compute of labs follows its observed trend: June 2026.
RESEARCH_TREND_MONTH = 41

#: Rounds in which prices and shares of the first month find each other.
SETTLING_ROUNDS = 12

_LEAST = 1e-9


class Exogenous(NamedTuple):
    """What comes from outside in a month.

    Attributes
    ----------
    month
        Months after January 2023.
    shipped, shipped_known
        H100-equivalents shipped and whether observed.
    spending, spending_known
        USD billions a year on AI compute and whether observed.
    capability_shock, value_shock
        Standard normal, shape ``(labs,)``.
    premium_shock
        Standard normal, shape ``(segments,)``.
    supply_shock, sentiment_shock
        Standard normal, shape ``()``.
    """

    month: Array
    shipped: Array
    shipped_known: Array
    spending: Array
    spending_known: Array
    capability_shock: Array
    value_shock: Array
    premium_shock: Array
    supply_shock: Array
    sentiment_shock: Array


def step(
    b: Mapping[str, Array], structure: Structure, before: State, outside: Exogenous
) -> tuple[State, Month]:
    """Advance one draw by one month and return the state at its end with its measures."""
    month = outside.month
    entered = month >= structure.lab_entry_month
    lab_new = month == structure.lab_entry_month
    presence = jnp.where(lab_new, 1.0, before.presence)
    here = (month >= structure.builder_entry_month).astype(before.presence.dtype)
    before = before._replace(presence=presence)

    made = building.supply(b, before, month, outside.shipped, outside.shipped_known, outside.supply_shock)
    known = learning.capability(b, before, outside.capability_shock, here)

    product_capability = _product_capability(
        structure, known.capability, known.released, known.open_public, here
    )
    place = setting(
        b, structure, before, month, product_capability, known.log_software, known.frontier, presence, here
    )
    market, good, hours, unit = place.market, place.good, place.hours, place.market.cost
    value, market_work, use, price_used, quality_used = (
        place.value,
        place.market_work,
        place.use,
        place.price_used,
        place.quality_used,
    )
    in_cells = structure.cell_market.T
    layers = costing.stack(b, structure, before.log_firms)
    targets = pricing.target_prices(
        structure, market, unit * jnp.exp(before.log_markup), b["elasticity_floor"]
    )
    cut = 1.0 - (structure.product_lab @ before.subsidy) * b["subsidy_policy"]
    aim = jnp.log(targets.price * cut)
    moved = before.log_posted + b["price_smoothing"] * (aim - before.log_posted)
    fresh = (structure.product_lab @ lab_new.astype(aim.dtype)) > 0
    log_posted = jnp.where(structure.product_closed & ~fresh, moved, aim)
    posted = in_cells @ jnp.exp(log_posted)
    rivals = demand.near_rivals(b, known.capability, presence)
    bought = demand.paid(
        b,
        structure,
        posted,
        good.fresh,
        value,
        market_work,
        rivals,
        b["value_spread"],
        market.weight,
        in_cells @ unit,
    )
    price = bought.price + _self_hosting(b, structure, market_work)[:, None] * structure.product_local
    wanted = choice.nested_ces(
        market.appeal,
        price,
        market.premium,
        market.alpha,
        market.sigma_closed,
        market.sigma_open,
        structure.product_closed,
        market.weight,
    )

    score = adopting.screen(b, structure, value, quality_used, price_used, market_work)
    free_score = adopting.screen(b, structure, value, quality_used, 0.0 * price_used, market_work)
    people = adopting.adopt(b, structure, before, score, free_score)
    shares, kept = demand.move(b, structure, before.shares, wanted.product, in_cells @ people.joined)
    vintage, age = _vintage(b, structure, before, shares, kept, product_capability, use)

    users = people.adopters + b["forced_task_intensity"] * people.forced
    work = (in_cells @ (market_work * users)) * use
    per_product = work[:, None] * shares
    interruptible = structure.segment_interruptible[structure.cell_segment]
    cell_hours = in_cells @ hours
    free_work = people.free_users * market_work * b["free_user_usage"] * b["free_tier_generosity"]
    lab_free_users, free_hours = _free(structure, shares, use, people.free_users, free_work, hours)

    research_money = before.research_money
    open_money = before.open_research_money
    wants = _hours(
        b,
        structure,
        before,
        made,
        month,
        per_product,
        cell_hours,
        interruptible,
        free_hours,
        research_money,
        open_money,
    )
    supplied = made.in_service * b["utilisation"] * HOURS_A_MONTH / 1e6
    floor = jnp.log(investing.running_cost(b, month) * (1.0 + b["compute_opex_share"]))
    cleared = clearing.clear(wants, supplied, before.log_rental, floor, jnp.log(b["rental_price_ceiling"]))
    smooth = b["rental_price_smoothing"]
    log_rental = (1.0 - smooth) * before.log_rental + smooth * cleared.log_price
    rental = jnp.exp(log_rental)

    awake = ndtr((wants.log_reservation - log_rental) / wants.spread)[structure.cell_region]
    served_share = jnp.minimum(1.0, cleared.served / cleared.demanded)[structure.cell_region]
    done = per_product * jnp.where(interruptible, awake, 1.0)[:, None] * served_share[:, None]
    worth = valuation.market_value(b, before.revenue, before.revenue_year_ago, before.log_mispricing)
    account = books.accounts(
        b,
        structure,
        before,
        month,
        done,
        price,
        hours,
        free_hours,
        lab_free_users,
        rental,
        layers,
        presence,
        here,
        worth,
    )

    money = account.research * b["rnd_compute_share"] * 1e3 / 12.0
    open_money_now = account.builder_research * b["rnd_compute_share"] * 1e3 / 12.0
    research, log_hours = _research(b, structure, before, month, money, rental)
    open_research = _open_research(b, structure, before, open_money_now, rental)
    spent = investing.invest(b, before, made, log_rental, month, outside.spending, outside.spending_known)
    total_value = worth.sum()
    cover = (rental * made.stock).sum() / made.stock.sum() / made.full_cost
    feeling = valuation.sentiment(
        b,
        before.sentiment,
        total_value / jnp.maximum(before.value_year_ago, _LEAST) - 1.0,
        people.forced_exits,
        cover,
        outside.sentiment_shock,
    )
    flow = account.gross_profit + account.funding - account.research - account.running
    cash = before.cash + jnp.where(entered, flow / 12.0, 0.0)
    burn = jnp.maximum(account.research + account.running - account.gross_profit, 0.0) / 12.0
    runway = jnp.minimum(jnp.maximum(cash, 0.0) / jnp.maximum(burn, _LEAST), 120.0)
    closed_share = account.revenue / jnp.maximum(account.revenue.sum(), _LEAST)
    ratio = _hour_ratio(structure, account, done, cell_hours)
    need = jnp.maximum(account.research + account.running - account.gross_profit, _LEAST)
    covered = jnp.minimum(account.funding / need, 1.0)
    frontier_lab = jnp.max(account.research)
    tardy = 1.0 / 12.0
    after = State(
        stock=made.stock,
        pipeline=made.pipeline,
        investment=spent.spending,
        investment_trend=spent.trend,
        log_rental=log_rental,
        log_rental_expected=spent.log_rental_expected,
        log_software=known.log_software,
        log_lead=known.log_lead,
        research=research,
        log_research_hours=log_hours,
        research_money=money,
        capability=known.capability,
        memory=known.memory,
        open_capability=known.open_capability,
        open_public=known.open_public,
        open_supported=known.open_supported,
        open_research=open_research,
        open_research_money=open_money_now,
        frontier_effort=policy.frontier_effort(
            b, before, known.frontier - known.open_capability, account.builder_research, frontier_lab
        ),
        flagship_open=policy.flagship_open(b, before),
        vintage=vintage,
        vintage_age=age,
        shares=shares,
        premium=_premium(b, before, outside.premium_shock),
        log_markup=jnp.log(targets.price / unit),
        log_posted=log_posted,
        log_paid=jnp.log(price),
        adopters=people.adopters,
        forced=people.forced,
        free_users=people.free_users,
        api_delay=policy.api_delay(b, before, jnp.maximum(cover - 1.0, 0.0), ratio, presence),
        subsidy=policy.subsidy(b, before, closed_share, runway),
        share_year_ago=before.share_year_ago + tardy * (closed_share - before.share_year_ago),
        cash=cash,
        presence=jnp.where(
            entered,
            policy.presence(
                b,
                before,
                cash,
                covered,
                account.gross_profit.sum(),
                structure.lab_potential.astype(cash.dtype),
            ),
            before.presence,
        ),
        builder_cash=before.builder_cash,
        log_firms=policy.firms(b, before.log_firms, _layer_profit(structure, layers, account)),
        revenue=account.revenue,
        revenue_year_ago=before.revenue_year_ago + tardy * (account.revenue - before.revenue_year_ago),
        log_mispricing=valuation.mispricing(b, before.log_mispricing, outside.value_shock),
        value_year_ago=before.value_year_ago + tardy * (total_value - before.value_year_ago),
        sentiment=feeling,
    )
    seen = Seen(
        known,
        good,
        targets,
        done,
        price,
        cell_hours,
        cleared,
        rental,
        made,
        account,
        people,
        worth,
        market.elasticity,
        wanted,
        bought.fee,
        presence,
        here,
        cover,
        free_hours,
    )
    return after, measure(b, structure, after, seen)


class Setting(NamedTuple):
    """What the sellers and buyers of a month find before them; see the rooms for shapes."""

    market: pricing.Market
    good: saturation.Quality
    hours: Array
    value: Array
    market_work: Array
    use: Array
    price_used: Array
    quality_used: Array


def setting(
    b: Mapping[str, Array],
    structure: Structure,
    before: State,
    month: Array,
    product_capability: Array,
    log_software: Array,
    frontier: Array,
    presence: Array,
    here: Array,
) -> Setting:
    """Compute quality, cost, appeal and demand's elasticity from the state and this month's capability."""
    paid_before = _price_used(structure, before)
    market_work = adopting.intensity(b, structure, month, paid_before, frontier)
    value = adopting.work_value(b, structure)
    niche = 1.0 - (before.frontier_effort * here).sum() / jnp.maximum(here.sum(), 1.0)
    good = saturation.quality(
        b, structure, product_capability, before.vintage, frontier, niche, value, market_work
    )
    hours = costing.hours_per_unit(b, structure, month, product_capability, log_software)
    layers = costing.stack(b, structure, before.log_firms)
    unit = _unit_cost(b, structure, before, month, hours, layers)
    likes = demand.appeal(b, structure, good.fresh) + _local_reach(b, structure, month)
    in_cells = structure.cell_market.T
    use = demand.band_use(b, structure)[structure.cell_band] * structure.band_share[structure.cell_band]
    users = before.adopters + b["forced_task_intensity"] * before.forced
    work = (in_cells @ (market_work * users)) * use
    quality_used, price_used = _quality_used(structure, before, good), paid_before
    score = adopting.screen(b, structure, value, quality_used, price_used, market_work)
    elasticity = adopting.hazard_elasticity(score, b["value_spread"], b["hazard_elasticity_floor"])
    alpha, sigma_closed, sigma_open = pricing.substitution(b)
    market = pricing.Market(
        cost=unit,
        appeal=likes,
        premium=before.premium[structure.cell_segment],
        work=work,
        elasticity=in_cells @ elasticity,
        weight=_weight(structure, presence, here),
        alpha=alpha,
        sigma_closed=sigma_closed,
        sigma_open=sigma_open,
    )
    return Setting(market, good, hours, value, market_work, use, price_used, quality_used)


def settle(b: Mapping[str, Array], structure: Structure, start: State) -> State:
    """Return the state with prices and shares in equilibrium with each other at the first month."""
    month = jnp.zeros((), start.stock.dtype)
    here = (month >= structure.builder_entry_month).astype(start.stock.dtype)
    product = _product_capability(structure, start.capability, start.capability, start.open_public, here)
    frontier = learning.best(start.capability, start.presence)
    in_cells = structure.cell_market.T

    def once(state: State, _: None) -> tuple[State, None]:
        place = setting(
            b, structure, state, month, product, state.log_software, frontier, state.presence, here
        )
        market = place.market
        begin = market.cost * jnp.exp(state.log_markup)
        targets = pricing.target_prices(structure, market, begin, b["elasticity_floor"])
        cut = 1.0 - (structure.product_lab @ state.subsidy) * b["subsidy_policy"]
        log_posted = jnp.log(targets.price * cut)
        rivals = demand.near_rivals(b, state.capability, state.presence)
        bought = demand.paid(
            b,
            structure,
            in_cells @ jnp.exp(log_posted),
            place.good.fresh,
            place.value,
            place.market_work,
            rivals,
            b["value_spread"],
            market.weight,
            in_cells @ market.cost,
        )
        own = _self_hosting(b, structure, place.market_work)[:, None] * structure.product_local
        price = bought.price + own
        wanted = choice.nested_ces(
            market.appeal,
            price,
            market.premium,
            market.alpha,
            market.sigma_closed,
            market.sigma_open,
            structure.product_closed,
            market.weight,
        )
        return state._replace(
            log_markup=jnp.log(targets.price / market.cost),
            log_posted=log_posted,
            log_paid=jnp.log(price),
            shares=wanted.product,
        ), None

    settled, _ = jax.lax.scan(once, start, None, length=SETTLING_ROUNDS)
    return settled


def _product_capability(
    structure: Structure, capability: Array, released: Array, public: Array, here: Array
) -> Array:
    """Return what each product runs on: a lab's newest, its API's newest, a builder's or the best weights."""
    best_open = jnp.max(jnp.where(here > 0.5, public, -jnp.inf))
    lab = jnp.where(
        structure.product_api, structure.product_lab @ released, structure.product_lab @ capability
    )
    pooled = ~structure.product_closed & (structure.product_builder.sum(axis=-1) == 0)
    return lab + structure.product_builder @ public + jnp.where(pooled, best_open, 0.0)


def _weight(structure: Structure, presence: Array, here: Array) -> Array:
    """Return how far each product is on the market; pooled open products always are."""
    pooled = ~structure.product_closed & (structure.product_builder.sum(axis=-1) == 0)
    return structure.product_lab @ presence + structure.product_builder @ here + pooled


def _local_reach(b: Mapping[str, Array], structure: Structure, month: Array) -> Array:
    reach = jnp.log(costing.local_reach(b, month))
    eligible = structure.segment_local[structure.cell_segment][:, None] & structure.product_local
    return eligible * reach


def _unit_cost(
    b: Mapping[str, Array],
    structure: Structure,
    before: State,
    month: Array,
    hours: Array,
    layers: costing.Stack,
) -> Array:
    """Return marginal cost (closed) or price (open) of a WU, USD, shape ``(markets, products)``."""
    rental = jnp.exp(before.log_rental)
    here = rental[structure.market_region][:, None]
    lab = structure.product_lab @ (rental[structure.lab_region] * b["compute_cost_factor"])
    net = 1.0 - b["non_compute_cost"][structure.product_channel]
    closed = hours * lab / net
    hosted = hours * here * layers.host * layers.tuned * layers.applied
    own = hours * here
    device = costing.local_price(b, month) * jnp.ones_like(hours)
    on_device = structure.segment_local[structure.market_segment][:, None]
    local = jnp.where(on_device, device, own)
    return jnp.where(structure.product_closed, closed, jnp.where(structure.product_local, local, hosted))


def _self_hosting(b: Mapping[str, Array], structure: Structure, market_work: Array) -> Array:
    """Return USD per WU that a team of one's own costs, by cell; nothing on a device of the user's own."""
    monthly = b["self_hosting_fixed_cost"] * 1e6 / 12.0 / b["adopters_per_tuned_model"]
    use = (structure.cell_market.T @ market_work) * demand.band_use(b, structure)[structure.cell_band]
    return jnp.where(structure.segment_local[structure.cell_segment], 0.0, monthly / use)


def _held(structure: Structure, before: State) -> Array:
    """Return shares of users by cell and product, shape ``(cells, products)``; sums to one over a market."""
    return before.shares * structure.band_share[structure.cell_band][:, None]


def _quality_used(structure: Structure, before: State, good: saturation.Quality) -> Array:
    """Return the quality of the work in use, shape ``(markets,)``: closed as sold today, open as adopted."""
    by_market = structure.cell_market @ _held(structure, before)
    closed = (by_market * structure.product_closed * good.fresh).sum(axis=-1)
    opened = (by_market * ~structure.product_closed).sum(axis=-1) * good.in_use
    return (closed + opened) / by_market.sum(axis=-1)


def _price_used(structure: Structure, before: State) -> Array:
    """Return the mean price paid, USD per WU, shape ``(markets,)``."""
    held = _held(structure, before)
    spent = (held * jnp.exp(before.log_paid)).sum(axis=-1)
    return (structure.cell_market @ spent) / (structure.cell_market @ held.sum(axis=-1))


def _vintage(
    b: Mapping[str, Array],
    structure: Structure,
    before: State,
    shares: Array,
    kept: Array,
    capability: Array,
    use: Array,
) -> tuple[Array, Array]:
    """Return capability (ECI) and age (months) of the open weights in use, shape ``(markets,)``."""
    opened = ~structure.product_closed
    now = structure.cell_market @ (shares * opened * use[:, None])
    old = structure.cell_market @ (kept * opened * use[:, None])
    total = now.sum(axis=-1) + _LEAST
    newest = (now * capability).sum(axis=-1) / total
    stayed = jnp.clip(old.sum(axis=-1) / total, 0.0, 1.0)
    renewed = before.vintage + b["open_vintage_replacement"] * jnp.maximum(newest - before.vintage, 0.0)
    vintage = stayed * renewed + (1.0 - stayed) * newest
    age = stayed * (1.0 - b["open_vintage_replacement"]) * (before.vintage_age + 1.0)
    return vintage, age


def _free(
    structure: Structure, shares: Array, use: Array, users: Array, work: Array, hours: Array
) -> tuple[Array, Array]:
    """Return free users (millions) and hours (millions a month) that each lab carries, shape ``(labs,)``."""
    plan = structure.product_plan & ~structure.product_fast
    mass = structure.cell_market @ (shares * use[:, None] * plan)
    mix = mass / (mass.sum(axis=-1, keepdims=True) + _LEAST)
    lab_users = (mix * users[:, None]).sum(axis=0) @ structure.product_lab
    lab_hours = (mix * work[:, None] * hours).sum(axis=0) @ structure.product_lab
    return lab_users, lab_hours


def _by_region(structure: Structure, values: Array, home: Array, regions: int) -> Array:
    return jnp.zeros(regions, values.dtype).at[home].add(values)


def _hours(
    b: Mapping[str, Array],
    structure: Structure,
    before: State,
    made: building.Supply,
    month: Array,
    per_product: Array,
    cell_hours: Array,
    interruptible: Array,
    free_hours: Array,
    research_money: Array,
    open_money: Array,
) -> clearing.Hours:
    """Return hours wanted in each region: closed work in the lab's region, open work where it is used."""
    regions = len(structure.names.regions)
    needed = per_product * cell_hours
    steady = needed * ~interruptible[:, None]
    paused = needed * interruptible[:, None]

    def split(cells: Array) -> Array:
        closed = cells.sum(axis=0) @ structure.product_lab
        at_home = _by_region(structure, closed, structure.lab_region, regions)
        opened = (cells * ~structure.product_closed).sum(axis=-1)
        return at_home + _by_region(structure, opened, structure.cell_region, regions)

    inference = split(steady) + _by_region(structure, free_hours, structure.lab_region, regions)
    research = _by_region(structure, research_money, structure.lab_region, regions)
    research = research + _by_region(structure, open_money, structure.builder_region, regions)
    background = split(paused)
    per_unit = paused.sum() / jnp.maximum((per_product * interruptible[:, None]).sum(), _LEAST)
    log_reservation = jnp.log(b["reservation_price"]) - jnp.log(jnp.maximum(per_unit, _LEAST))
    share = made.stock / made.stock.sum()
    at_2025 = b["other_compute_share"] * b["compute_stock_2025"] * b["utilisation"] * HOURS_A_MONTH / 1e6
    other = at_2025 * b["other_compute_growth"] ** ((month - building.WEIGHTS_MONTH) / 12.0) * share
    return clearing.Hours(
        inference,
        research,
        background,
        jnp.full(regions, log_reservation),
        b["reservation_price_spread"],
        other,
        made.full_cost,
        b["other_compute_elasticity"],
    )


def _premium(b: Mapping[str, Array], before: State, shock: Array) -> Array:
    """Return next month's closed premium of each segment: it fades towards its floor, with noise."""
    half_life = b["closed_premium_half_life"] * b["closed_premium_half_life_factor"]
    kept = jnp.exp2(-1.0 / half_life)
    floor = b["closed_premium_floor"]
    return floor + (before.premium - floor) * kept + b["closed_premium_noise"] * shock


def _research(
    b: Mapping[str, Array], structure: Structure, before: State, month: Array, money: Array, rental: Array
) -> tuple[Array, Array]:
    """Return research compute of labs (h100e) and the smoothed ln of the hours their money buys.

    To June 2026 compute follows its observed trend; from then on it grows as the hours that money buys.
    """
    hours = money / (rental[structure.lab_region] * b["compute_cost_factor"])
    target = jnp.log(jnp.maximum(hours, _LEAST))
    smoothed = (
        before.log_research_hours + (target - before.log_research_hours) / b["research_smoothing_months"]
    )
    begun = before.research_money > 0.0
    log_hours = jnp.where(begun, smoothed, target)
    trend = jnp.log(b["training_compute_growth"]) / 12.0
    change = jnp.where(month < RESEARCH_TREND_MONTH, trend, log_hours - before.log_research_hours)
    present = begun & (before.presence > 0.5)
    return before.research * jnp.exp(jnp.where(present, change, 0.0)), log_hours


def _open_research(
    b: Mapping[str, Array], structure: Structure, before: State, money: Array, rental: Array
) -> Array:
    """Return research compute of builders, h100e: what their money rents, smoothed."""
    target = money * 1e6 / rental[structure.builder_region] / HOURS_A_MONTH
    return before.open_research + (target - before.open_research) / b["research_smoothing_months"]


def _hour_ratio(structure: Structure, account: books.Accounts, done: Array, cell_hours: Array) -> Array:
    """Return what an hour earns in a lab's own products over what it earns in its API, shape ``(labs,)``."""
    used = (done * cell_hours).sum(axis=0)
    earned = account.channel_revenue
    plan, api = structure.product_plan, structure.product_api
    own = (earned * plan) @ structure.product_lab / ((used * plan) @ structure.product_lab + _LEAST)
    sold = (earned * api) @ structure.product_lab / ((used * api) @ structure.product_lab + _LEAST)
    return own / jnp.maximum(sold, _LEAST)


def _layer_profit(structure: Structure, layers: costing.Stack, account: books.Accounts) -> Array:
    """Return profit of each layer before fixed cost, USD millions a year."""
    value = account.layer_value_added
    own = jnp.zeros_like(value)
    rented = account.layer_revenue[structure.layer_host] / layers.host
    own = own.at[structure.layer_host].set(rented * (layers.host_cost - 1.0))
    return jnp.maximum(value - own, 0.0) * 1e3
