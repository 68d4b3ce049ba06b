"""Accounts: who is paid what, who pays whom, and what is left.

Buyers pay for closed products to labs, for open ones to the stack. Along the open stack each layer buys from
the one below::

    application + tuning + host + royalties + cloud (compute)  =  what buyers of open work pay
    lab's revenue  =  compute + other costs of sale + gross profit

so the layers' value added sums to final spending. Cash moves only by named flows: gross profit, research,
running costs, parents, investors.

Captured value of an economy comes in three definitions, never summed gross over layers: net revenue (value
added plus outside purchases), gross profit (compute at full cost), and economic rent (after running costs and
capital charge).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.cost import Stack
from twocurves.economy.state import State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "compute_cost_factor",
    "non_compute_cost",
    "rnd_intensity",
    "rnd_intensity_policy",
    "opex_share",
    "lab_fixed_opex",
    "fixed_opex_growth",
    "parent_funding",
    "parent_funding_growth",
    "funding_share_of_valuation",
    "funding_sentiment_floor",
    "funding_margin_floor",
    "advertising_revenue_per_free_user",
    "advertising_start",
    "advertising_ramp",
    "advertising_policy",
    "builder_rnd_share",
    "builder_own_api_share",
    "open_rnd_2026",
    "open_rnd_growth_history",
    "sponsor_share",
    "sponsor_growth",
    "sponsor_funding_policy",
    "builder_rnd_weight",
)

#: USD billions a year in a million USD a month.
BILLION_A_YEAR = 12.0e-3

#: Month (after January 2023) at which open research spending is dated: the middle of 2026.
OPEN_RND_MONTH = 41

#: Years over which a lab is ready to spend the cash it holds on research.
CASH_YEARS = 2.0

#: Width of the logistic with which investors stop giving, in units of sentiment and of margin.
_SOFTNESS = 0.05

_LEAST = 1e-12


class Accounts(NamedTuple):
    """Flows of the month, USD billions a year.

    Attributes
    ----------
    revenue, gross_profit, research, running, funding
        Of each lab, shape ``(labs,)``; revenue includes advertising.
    advertising
        Part of revenue, shape ``(labs,)``.
    channel_revenue
        Of closed products by plan and API, shape ``(products,)``.
    compute_cost
        Of serving, shape ``(labs,)``.
    open_spending
        What buyers of hosted open work pay, shape ``()``.
    layer_revenue, layer_value_added
        Of the open stack, shape ``(layers,)``; chips and cloud only for the open work they serve.
    royalties, builder_income
        To each builder, shape ``(builders,)``; income adds what it earns by serving its own weights.
    builder_research
        Spending of each builder, shape ``(builders,)``.
    money_gap
        Relative difference between what buyers pay and what is received, shape ``()``.
    """

    revenue: Array
    gross_profit: Array
    research: Array
    running: Array
    funding: Array
    advertising: Array
    channel_revenue: Array
    compute_cost: Array
    open_spending: Array
    layer_revenue: Array
    layer_value_added: Array
    royalties: Array
    builder_income: Array
    builder_research: Array
    money_gap: Array


def advertising_per_user(b: Mapping[str, Array], month: Array) -> Array:
    """Return USD per free user and month: zero before it starts, then rising to its full level."""
    since = jnp.maximum(month - b["advertising_start"], 0.0)
    ramp = 1.0 - jnp.exp2(-since / b["advertising_ramp"])
    return b["advertising_revenue_per_free_user"] * ramp * b["advertising_policy"]


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
    work: Array,
    price: Array,
    hours: Array,
    free_hours: Array,
    free_users: Array,
    rental: Array,
    stack: Stack,
    presence: Array,
    builder_presence: Array,
    value: Array,
) -> Accounts:
    """Book the month.

    Parameters
    ----------
    work
        Millions of WU a month by cell and product, served, shape ``(cells, products)``.
    price
        USD per WU paid, shape ``(cells, products)``.
    hours
        Accelerator hours per WU, shape ``(markets, products)``.
    free_hours
        Millions of hours a month that each lab spends on free users, shape ``(labs,)``.
    free_users
        Of each lab, millions, shape ``(labs,)``.
    rental
        USD per hour, shape ``(regions,)``.
    value
        Market value of each lab, USD billions, shape ``(labs,)``.
    """
    spent = (work * price).sum(axis=0) * BILLION_A_YEAR
    used = (work * (structure.cell_market.T @ hours)).sum(axis=0)
    ads = advertising_per_user(b, month) * free_users * BILLION_A_YEAR
    sales = spent @ structure.product_lab
    revenue = sales + ads
    rate = rental[structure.lab_region] * b["compute_cost_factor"]
    compute = (used @ structure.product_lab + free_hours) * rate * BILLION_A_YEAR
    other = (spent * b["non_compute_cost"][structure.product_channel]) @ structure.product_lab
    gross = revenue - compute - other

    parents = b["parent_funding"] * b["parent_funding_growth"] ** (month / 12.0) * state.sentiment * presence
    fixed = b["lab_fixed_opex"] * b["fixed_opex_growth"] ** (month / 12.0) * presence
    running = b["opex_share"] * revenue + fixed
    wanted = b["rnd_intensity"] * b["rnd_intensity_policy"] * revenue
    outside = raisable(b, state.sentiment, value, gross / jnp.maximum(revenue, _LEAST))
    own = jnp.maximum(gross - running, 0.0) + jnp.maximum(state.cash, 0.0) / CASH_YEARS
    research = parents + _lesser(wanted, own + outside)
    need = jnp.maximum(research + running - gross - parents, 0.0)
    funding = parents + _lesser(need, outside)

    hosted = spent * structure.product_hosted
    local = (spent * structure.product_local).sum()
    applied = hosted.sum()
    tuned = applied / stack.applied
    host = tuned / stack.tuned
    royalty = host * stack.royalty
    bought = host / stack.host
    layers = jnp.zeros(len(structure.names.layers), applied.dtype)
    layer_revenue = (
        layers.at[structure.layer_cloud]
        .set(bought + local)
        .at[structure.layer_host]
        .set(host)
        .at[structure.layer_tuning]
        .set(tuned)
        .at[structure.layer_application]
        .set(applied)
    )
    layer_value_added = (
        layers.at[structure.layer_cloud]
        .set(bought + local)
        .at[structure.layer_host]
        .set(host - royalty - bought)
        .at[structure.layer_tuning]
        .set(tuned - host)
        .at[structure.layer_application]
        .set(applied - tuned)
    )
    by_builder = hosted @ structure.product_builder
    mix = by_builder / jnp.maximum(by_builder.sum(), _LEAST)
    margin = host - royalty - bought * stack.host_cost
    income = royalty * mix + b["builder_own_api_share"] * margin * mix

    weight = b["builder_rnd_weight"] * builder_presence
    weight = weight / jnp.maximum(weight.sum(), _LEAST)
    plan = open_research_plan(b, month) * weight
    sponsored = plan * b["sponsor_share"] * b["sponsor_funding_policy"] * state.sentiment
    own = jnp.where(
        month < OPEN_RND_MONTH, plan * (1.0 - b["sponsor_share"]), b["builder_rnd_share"] * income
    )
    received = sales.sum() + layer_value_added.sum() + royalty
    return Accounts(
        revenue=revenue,
        gross_profit=gross,
        research=research,
        running=running,
        funding=funding,
        advertising=ads,
        channel_revenue=spent,
        compute_cost=compute,
        open_spending=applied + local,
        layer_revenue=layer_revenue,
        layer_value_added=layer_value_added,
        royalties=royalty * mix,
        builder_income=income,
        builder_research=sponsored + own,
        money_gap=jnp.abs(received / jnp.maximum(spent.sum(), _LEAST) - 1.0),
    )


def raisable(b: Mapping[str, Array], sentiment: Array, value: Array, margin: Array) -> Array:
    """Return what investors would give each lab, USD billions a year.

    A share of its market value, more when sentiment is high; hardly anything below the floor of sentiment, or
    to a lab whose gross margin is below what investors bear.
    """
    willing = jax.nn.sigmoid((sentiment - b["funding_sentiment_floor"]) / _SOFTNESS)
    sound = jax.nn.sigmoid((margin - b["funding_margin_floor"]) / _SOFTNESS)
    return b["funding_share_of_valuation"] * sentiment * value * willing * sound


def _lesser(first: Array, second: Array) -> Array:
    """Return a smooth minimum of two amounts, never above either."""
    low, high = jnp.minimum(first, second), jnp.maximum(first, second)
    ratio = low / jnp.maximum(high, _LEAST)
    return low * (1.0 + ratio**4) ** -0.25
