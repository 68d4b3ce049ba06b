"""The state before the first month: January 2023, from the beliefs about it.

Stock, capability, adopters, cash and revenue stand in the belief files. The closed premium is dated November
2025 and cast back along its own law of motion. Prices and shares of the first month are found together:
rounds of the same rooms that a month passes through, until they agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy import accounts, adoption, demand, quality, serving
from twocurves.economy.axes import greatest, of_group, total
from twocurves.economy.capability import HOURS_A_MONTH, standing, supported_capability
from twocurves.economy.month import buy, log_list_price, offers
from twocurves.economy.pricing import target_prices
from twocurves.economy.state import MEMORY_MONTHS, PIPELINE_STAGES, State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "compute_stock_2023",
    "region_compute_weight",
    "region_compute_growth",
    "compute_unit_cost",
    "rental_price_2023",
    "initial_open_capability",
    "builder_rnd_weight",
    "rnd_compute_share",
    "initial_research_compute",
    "compute_cost_factor",
    "closed_premium_half_life",
    "closed_premium_half_life_factor",
    "closed_premium_anchor",
    "closed_premium_floor",
    "closed_premium",
    "closed_premium_offset",
    "initial_adopters",
    "initial_revenue",
    "time_to_build",
    "compute_build_out",
    "utilisation",
    "software_reference",
    "private_software_lead",
    "initial_capability",
    "builder_software_efficiency",
    "usage_reference_price",
    "initial_api_delay",
    "average_subsidy",
    "opening_cash",
    "builder_opening_cash",
    "layer_initial_firms",
    "layer_minimum_firms",
    "initial_sentiment",
    "elasticity_floor",
    "subsidy_policy",
)

#: Months after January 2023 at which the regions' compute weights are dated (end of 2025).
_WEIGHTS_MONTH = 35

#: Rounds in which prices and shares of the first month find each other.
SETTLING_ROUNDS = 12

_LEAST = 1e-9

#: ln of the hours of a lab that does no research yet; finite, so that gradients stay finite.
_NO_HOURS = -40.0


def initial_state(b: Mapping[str, Array], structure: Structure, spending: Array) -> State:
    """Return the state before January 2023.

    Parameters
    ----------
    spending
        USD billions a year on AI compute at the start, one a draw.
    """
    names = structure.names
    ones = jnp.ones_like(b["compute_stock_2023"])
    regions, segments, bands = len(names.regions), len(names.segments), len(names.bands)
    labs, channels, tiers = len(names.labs), len(structure.channel_plan), len(names.tiers)
    opens = len(names.open_products)
    weight = b["region_compute_weight"] * b["region_compute_growth"] ** (-_WEIGHTS_MONTH / 12.0)
    orders = spending * b["compute_build_out"] / 12.0 * 1e9 / b["compute_unit_cost"]
    standing_orders = orders / jnp.minimum(PIPELINE_STAGES / b["time_to_build"], 1.0)
    log_rental = jnp.log(b["rental_price_2023"]) * jnp.ones((regions, 1)).astype(ones.dtype)
    presence = (structure.lab_entry_month <= 0).astype(ones.dtype) * ones
    here = (structure.builder_entry_month <= 0).astype(ones.dtype)
    opened = b["initial_open_capability"]
    share = b["builder_rnd_weight"] / total(b["builder_rnd_weight"])
    open_budget = accounts.open_research_plan(b, jnp.zeros((), ones.dtype)) * share
    rental = of_group(jnp.exp(log_rental), structure.builder_region)
    open_hours = open_budget * b["rnd_compute_share"] * 1e3 / 12.0 / rental
    open_research = open_hours * 1e6 / HOURS_A_MONTH
    research_hours = b["initial_research_compute"] * HOURS_A_MONTH / 1e6
    research_money = research_hours * b["rental_price_2023"] * b["compute_cost_factor"] * 12.0e-3
    half_life = b["closed_premium_half_life"] * b["closed_premium_half_life_factor"]
    back = jnp.exp2(b["closed_premium_anchor"] / half_life)
    floor = b["closed_premium_floor"]
    anchored = b["closed_premium"] + b["closed_premium_offset"]
    premium = floor + (anchored - floor) * back
    people = adoption.potential(b) * b["initial_adopters"]
    revenue = b["initial_revenue"] * presence
    best_open = greatest(jnp.where(here > 0.5, opened, -jnp.inf))
    blank = State(
        stock=b["compute_stock_2023"] * weight / total(weight),
        pipeline=jnp.stack([standing_orders] * PIPELINE_STAGES),
        investment=spending,
        investment_trend=jnp.log(spending),
        log_rental=log_rental,
        log_rental_expected=log_rental,
        cloud_receipts=b["compute_stock_2023"]
        * b["utilisation"]
        * HOURS_A_MONTH
        * 12.0
        * 1e-9
        * b["rental_price_2023"],
        log_software=jnp.log(b["software_reference"]) * ones,
        log_lead=jnp.log(b["private_software_lead"]),
        log_training=jnp.log(b["initial_research_compute"]),
        log_research_hours=jnp.where(presence > 0.5, jnp.log(research_hours), _NO_HOURS),
        research_budget=research_money / b["rnd_compute_share"] * presence,
        capability=b["initial_capability"],
        capability_memory=jnp.stack([b["initial_capability"]] * MEMORY_MONTHS),
        open_capability=opened,
        open_public=opened,
        open_supported=supported_capability(
            b,
            jnp.log(b["software_reference"]),
            jnp.log(b["builder_software_efficiency"]),
            jnp.log(open_research),
        ),
        open_research=open_research,
        open_budget=open_budget,
        frontier_effort=jnp.ones_like(opened),
        flagship_open=jnp.ones_like(opened),
        vintage=jnp.ones_like(people) * best_open,
        vintage_age=jnp.zeros_like(people),
        vintage_old=jnp.zeros_like(people),
        closed_shares=jnp.ones((regions, segments, bands, labs, channels, tiers, 1)).astype(ones.dtype)
        * ones
        / (labs * channels * tiers + opens),
        open_shares=jnp.ones((regions, segments, bands, opens, 1)).astype(ones.dtype)
        * ones
        / (labs * channels * tiers + opens),
        premium=premium[:, None] + demand.integration(b, structure),
        markup=jnp.zeros((regions, segments, bands, labs, 1)).astype(ones.dtype) * ones,
        log_list=jnp.zeros((regions, segments, bands, labs, 1)).astype(ones.dtype) * ones,
        log_price_used=jnp.log(b["usage_reference_price"]) * jnp.ones_like(people),
        quality_used=0.5 * jnp.ones_like(people),
        plan_margin=0.5 * jnp.ones((bands, 1)).astype(ones.dtype) * ones,
        adopters=people,
        forced=jnp.zeros_like(people),
        free_users=people * structure.segment_free_tier,
        api_delay=jnp.ones_like(revenue) * b["initial_api_delay"],
        subsidy=jnp.ones_like(revenue) * b["average_subsidy"],
        share_year_ago=revenue / jnp.maximum(total(revenue), _LEAST),
        cash=b["opening_cash"],
        presence=presence,
        builder_cash=b["builder_opening_cash"],
        log_firms=jnp.log(jnp.maximum(b["layer_initial_firms"], b["layer_minimum_firms"])),
        # A year of doubling revenue before the first month, since labs were young.
        revenue_memory=jnp.stack([revenue * 0.5 ** (age / 12.0) for age in range(MEMORY_MONTHS)]),
        value_memory=jnp.stack([10.0 * total(revenue) * 0.5 ** (age / 12.0) for age in range(MEMORY_MONTHS)]),
        log_mispricing=jnp.zeros_like(revenue),
        sentiment=b["initial_sentiment"],
    )
    return settle(b, structure, blank)


def settle(b: Mapping[str, Array], structure: Structure, start: State) -> State:
    """Return the state with prices and shares in equilibrium with each other at the first month."""
    month = jnp.zeros((), start.sentiment.dtype)
    here = (structure.builder_entry_month <= 0).astype(start.sentiment.dtype)
    known = standing(start, here)

    def once(state: State, _: None) -> tuple[State, None]:
        found = offers(b, structure, state, month, known, state.presence, here)
        targets = target_prices(found.market, state.markup, b["elasticity_floor"], more=0)
        cut = 1.0 - state.subsidy * b["subsidy_policy"]
        posted = targets.price * cut[:, None, None]
        paid, wanted = buy(b, structure, state, found, posted, known.capability, state.presence, here)
        moved = demand.Moved(wanted.closed, wanted.open, total(wanted.open, 3))
        return state._replace(
            markup=targets.following,
            log_list=log_list_price(posted),
            log_price_used=jnp.log(serving.price_used(structure, moved, paid)),
            quality_used=quality.used(found.good, wanted.closed, wanted.open, structure.band_share),
            closed_shares=wanted.closed,
            open_shares=wanted.open,
        ), None

    settled, _ = jax.lax.scan(once, start, None, length=SETTLING_ROUNDS)
    return settled
