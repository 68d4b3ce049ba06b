"""Measures: everything shown, computed from the month; the state holds none of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtr

from twocurves.economy.accounts import Accounts
from twocurves.economy.adoption import Adoption, work_value
from twocurves.economy.capability import Capability
from twocurves.economy.choice import Shares
from twocurves.economy.clearing import Cleared
from twocurves.economy.pricing import Targets
from twocurves.economy.quality import Quality
from twocurves.economy.state import State
from twocurves.economy.structure import Structure
from twocurves.economy.supply import Supply

_LEAST = 1e-12


class Seen(NamedTuple):
    """What the month computed on its way."""

    known: Capability
    good: Quality
    targets: Targets
    done: Array
    price: Array
    cell_hours: Array
    cleared: Cleared
    rental: Array
    made: Supply
    account: Accounts
    people: Adoption
    worth: Array
    elasticity: Array
    wanted: Shares
    fee: Array
    presence: Array
    here: Array
    cover: Array
    free_hours: Array


class Month(NamedTuple):
    """The measures of a month; axes in brackets."""

    capability_closed: Array  # best closed, ECI []
    capability_open: Array  # best released open weights, ECI []
    capability_by_lab: Array  # ECI [lab]
    capability_by_builder: Array  # released, ECI [builder]
    gap_points: Array  # ECI []
    revenue_by_lab: Array  # USD bn a year [lab]
    revenue_closed: Array  # USD bn a year []
    spending_open: Array  # USD bn a year []
    net_revenue_closed: Array  # value added of labs, USD bn a year []
    net_revenue_open: Array  # value added of the open stack above compute, USD bn a year []
    gross_profit_closed: Array  # USD bn a year []
    gross_margin_by_lab: Array  # [lab]
    api_share: Array  # of closed sales []
    open_share_tokens: Array  # of work done []
    open_share_dollars: Array  # of what buyers pay []
    open_share_hours: Array  # of serving hours []
    open_share_by_segment: Array  # of work [segment]
    price_closed: Array  # paid per WU, USD []
    price_open: Array  # paid per WU, USD []
    work: Array  # million WU a month []
    adopters: Array  # millions [market]
    forced: Array  # millions []
    rental: Array  # USD per h100e-hour [region]
    cover: Array  # rental over full cost []
    stock: Array  # h100e []
    idle_share: Array  # of supplied hours []
    rationed_share: Array  # of demanded hours []
    investment: Array  # USD bn a year []
    api_delay: Array  # months [lab]
    value_by_lab: Array  # USD bn [lab]
    cash: Array  # USD bn [lab]
    presence: Array  # [lab]
    hhi_closed: Array  # of revenue []
    cr3_closed: Array  # of revenue []
    consumer_surplus: Array  # USD bn a year []
    fast_share: Array  # of closed revenue []
    vintage_age: Array  # months, mean over open work []
    layer_value_added: Array  # USD bn a year [layer]
    sentiment: Array  # []
    pricing_residual: Array  # []
    clearing_residual: Array  # []
    money_gap: Array  # []
    share_gap: Array  # []
    capped: Array  # []


def measure(b: Mapping[str, Array], structure: Structure, after: State, seen: Seen) -> Month:
    """Compute the measures of a month from its state and what was computed on the way."""
    closed = structure.product_closed
    account = seen.account
    done, paid = seen.done, seen.done * seen.price
    work = done.sum()
    used = done * seen.cell_hours
    sales = account.channel_revenue
    best_open = jnp.max(jnp.where(seen.here > 0.5, seen.known.open_public, -jnp.inf))
    share = account.revenue / jnp.maximum(account.revenue.sum(), _LEAST)
    top = jnp.sort(share)[::-1][:3].sum()
    closed_work = (done * closed).sum()
    open_work = work - closed_work
    by_segment = structure.cell_market @ done
    segments = len(structure.names.segments)
    total = jnp.zeros(segments, work.dtype).at[structure.market_segment].add(by_segment.sum(axis=-1))
    opened = (
        jnp.zeros(segments, work.dtype).at[structure.market_segment].add((by_segment * ~closed).sum(axis=-1))
    )
    above_compute = account.layer_value_added.sum() - account.layer_value_added[structure.layer_cloud]
    open_in_market = (by_segment * ~closed).sum(axis=-1)
    return Month(
        capability_closed=seen.known.frontier,
        capability_open=best_open,
        capability_by_lab=seen.known.capability,
        capability_by_builder=seen.known.open_public,
        gap_points=seen.known.frontier - best_open,
        revenue_by_lab=account.revenue,
        revenue_closed=account.revenue.sum(),
        spending_open=account.open_spending,
        net_revenue_closed=(account.revenue - account.compute_cost).sum(),
        net_revenue_open=above_compute + account.royalties.sum(),
        gross_profit_closed=account.gross_profit.sum(),
        gross_margin_by_lab=account.gross_profit / jnp.maximum(account.revenue, _LEAST),
        api_share=(sales * structure.product_api).sum() / jnp.maximum((sales * closed).sum(), _LEAST),
        open_share_tokens=open_work / work,
        open_share_dollars=(paid * ~closed).sum() / paid.sum(),
        open_share_hours=(used * ~closed).sum() / (used.sum() + seen.free_hours.sum()),
        open_share_by_segment=opened / jnp.maximum(total, _LEAST),
        price_closed=(paid * closed).sum() / jnp.maximum(closed_work, _LEAST),
        price_open=(paid * ~closed).sum() / jnp.maximum(open_work, _LEAST),
        work=work,
        adopters=seen.people.adopters,
        forced=seen.people.forced.sum(),
        rental=seen.rental,
        cover=seen.cover,
        stock=seen.made.stock.sum(),
        idle_share=seen.cleared.idle.sum() / seen.cleared.supplied.sum(),
        rationed_share=seen.cleared.rationed.sum() / seen.cleared.demanded.sum(),
        investment=after.investment,
        api_delay=after.api_delay,
        value_by_lab=seen.worth,
        cash=after.cash,
        presence=seen.presence,
        hhi_closed=(share**2).sum(),
        cr3_closed=top,
        consumer_surplus=_surplus(b, structure, after, seen),
        fast_share=(sales * structure.product_fast * closed).sum()
        / jnp.maximum((sales * closed).sum(), _LEAST),
        vintage_age=(open_in_market * after.vintage_age).sum() / jnp.maximum(open_in_market.sum(), _LEAST),
        layer_value_added=account.layer_value_added,
        sentiment=after.sentiment,
        pricing_residual=seen.targets.residual,
        clearing_residual=jnp.max(seen.cleared.residual),
        money_gap=account.money_gap,
        share_gap=jnp.max(jnp.abs(after.shares.sum(axis=-1) - 1.0)),
        capped=seen.known.capped,
    )


def _surplus(b: Mapping[str, Array], structure: Structure, after: State, seen: Seen) -> Array:
    """Return consumer surplus, USD billions a year: values above price, lognormal over users, top-coded.

    For a lognormal value with median ``v q`` the mean surplus of those who buy is
    ``v q exp(sigma^2/2) [Phi(d + sigma) - top] - P Phi(d)``, ``d = ln(v q / P) / sigma``: a call option.
    """
    spread = b["value_spread"]
    value = work_value(b, structure)
    mass = structure.cell_market @ (seen.done * 1.0)
    work = mass.sum(axis=-1)
    paid = (structure.cell_market @ (seen.done * seen.price)).sum(axis=-1) / jnp.maximum(work, _LEAST)
    quality = (mass * seen.good.fresh).sum(axis=-1) / jnp.maximum(work, _LEAST)
    median = value * quality
    d = jnp.log(median / paid) / spread
    from jax.scipy.special import ndtri

    top = ndtri(b["value_top_percentile"])
    reach = ndtr(d)
    mean_value = median * jnp.exp(spread**2 / 2.0) * jnp.maximum(ndtr(top - spread) - ndtr(-d - spread), 0.0)
    mean_value = mean_value + (1.0 - b["value_top_percentile"]) * median * jnp.exp(spread * top)
    per_unit = (mean_value - paid * reach) / jnp.maximum(reach, _LEAST)
    return (work * jnp.maximum(per_unit, 0.0)).sum() * 12.0e-3
