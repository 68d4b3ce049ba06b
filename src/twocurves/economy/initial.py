"""The state before the first month: January 2023, from the beliefs about it."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from twocurves.economy import accounts, adoption
from twocurves.economy.month import HOURS_A_MONTH, settle
from twocurves.economy.state import MEMORY_MONTHS, PIPELINE_STAGES, State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "compute_stock_2023",
    "region_compute_weight",
    "region_compute_growth",
    "compute_unit_cost",
    "time_to_build",
    "rental_price_2023",
    "private_software_lead",
    "initial_research_compute",
    "initial_capability",
    "initial_open_capability",
    "builder_rnd_weight",
    "rnd_compute_share",
    "closed_premium",
    "closed_premium_offset",
    "closed_premium_anchor",
    "initial_adopters",
    "initial_api_delay",
    "average_subsidy",
    "opening_cash",
    "builder_opening_cash",
    "layer_initial_firms",
    "layer_minimum_firms",
    "initial_revenue",
    "initial_sentiment",
    "compute_to_capability",
    "capability_reference",
    "builder_software_efficiency",
    "research_compute_reference",
    "closed_premium_half_life",
    "closed_premium_half_life_factor",
    "closed_premium_floor",
    "software_reference",
)

#: Months after January 2023 at which the regions' compute weights are dated (end of 2025).
_WEIGHTS_MONTH = 35
_LEAST = 1e-9


def initial_state(b: Mapping[str, Array], structure: Structure, spending: Array) -> State:
    """Return the state before January 2023.

    Parameters
    ----------
    spending
        USD billions a year on AI compute at the start, shape ``()``.
    """
    labs, builders = len(structure.names.labs), len(structure.names.builders)
    markets = len(structure.market_segment)
    dtype = b["compute_stock_2023"].dtype
    weight = b["region_compute_weight"] * b["region_compute_growth"] ** (-_WEIGHTS_MONTH / 12.0)
    stock = b["compute_stock_2023"] * weight / weight.sum()
    orders = spending / 12.0 * 1e9 / b["compute_unit_cost"]
    stage = jnp.ones(PIPELINE_STAGES, dtype) * orders * b["time_to_build"] / PIPELINE_STAGES
    log_rental = jnp.log(b["rental_price_2023"]) * jnp.ones(len(structure.names.regions), dtype)
    presence = (structure.lab_entry_month <= 0).astype(dtype)
    here = (structure.builder_entry_month <= 0).astype(dtype)
    research = b["initial_research_compute"]
    capability = b["initial_capability"]
    opened = b["initial_open_capability"]
    plan = accounts.open_research_plan(b, jnp.zeros((), dtype))
    share = b["builder_rnd_weight"] / b["builder_rnd_weight"].sum()
    open_money = plan * share * b["rnd_compute_share"] * 1e3 / 12.0
    open_research = open_money * 1e6 / b["rental_price_2023"] / HOURS_A_MONTH
    scale = b["compute_to_capability"] / jnp.log(10.0)
    supported = b["capability_reference"] + scale * (
        jnp.log(b["builder_software_efficiency"]) + jnp.log(open_research / b["research_compute_reference"])
    )
    half_life = b["closed_premium_half_life"] * b["closed_premium_half_life_factor"]
    back = jnp.exp2(b["closed_premium_anchor"] / half_life)
    floor = b["closed_premium_floor"]
    anchored = b["closed_premium"] + b["closed_premium_offset"]
    premium = floor + (anchored - floor) * back
    people = adoption.potential(b, structure) * b["initial_adopters"][structure.market_segment]
    revenue = b["initial_revenue"] * presence
    best_open = jnp.max(jnp.where(here > 0.5, opened, -jnp.inf))
    products = len(structure.names.products)
    cells = len(structure.cell_segment)
    blank = State(
        stock=stock,
        pipeline=stage,
        investment=spending,
        investment_trend=jnp.log(spending),
        log_rental=log_rental,
        log_rental_expected=log_rental,
        log_software=jnp.log(b["software_reference"]),
        log_lead=jnp.log(b["private_software_lead"]),
        research=research,
        log_research_hours=jnp.log(research * HOURS_A_MONTH / 1e6),
        research_money=research * HOURS_A_MONTH / 1e6 * b["rental_price_2023"],
        capability=capability,
        memory=jnp.tile(capability, (MEMORY_MONTHS, 1)),
        open_capability=opened,
        open_public=opened,
        open_supported=supported,
        open_research=open_research,
        open_research_money=open_money,
        frontier_effort=jnp.ones(builders, dtype),
        flagship_open=jnp.ones(builders, dtype),
        vintage=jnp.ones(markets, dtype) * best_open,
        vintage_age=jnp.zeros(markets, dtype),
        shares=jnp.full((cells, products), 1.0 / products, dtype),
        premium=premium,
        log_markup=jnp.zeros((markets, products), dtype),
        log_posted=jnp.zeros((markets, products), dtype),
        log_paid=jnp.zeros((cells, products), dtype),
        adopters=people,
        forced=jnp.zeros(markets, dtype),
        free_users=people * structure.segment_free_tier[structure.market_segment],
        api_delay=jnp.ones(labs, dtype) * b["initial_api_delay"],
        subsidy=jnp.ones(labs, dtype) * b["average_subsidy"],
        share_year_ago=revenue / jnp.maximum(revenue.sum(), _LEAST),
        cash=b["opening_cash"],
        presence=presence,
        builder_cash=b["builder_opening_cash"],
        log_firms=jnp.log(jnp.maximum(b["layer_initial_firms"], b["layer_minimum_firms"])),
        revenue=revenue,
        revenue_year_ago=0.5 * revenue,
        log_mispricing=jnp.zeros(labs, dtype),
        value_year_ago=10.0 * revenue.sum(),
        sentiment=b["initial_sentiment"],
    )
    return settle(b, structure, blank)
