"""The state before January 2023."""

import numpy as np

from tests.economy.numpy_month import accounts, adoption, capability, demand, pricing, serving
from tests.economy.numpy_month import quality as judging
from tests.economy.numpy_month.axes import BILLION_A_YEAR, HOURS_A_MONTH, Array, Bag, Numbers, fit
from tests.economy.numpy_month.month import buy, list_price, offers
from twocurves.economy.initial import SETTLING_ROUNDS
from twocurves.economy.state import MEMORY_MONTHS, PIPELINE_STAGES
from twocurves.economy.structure import Structure
from twocurves.economy.supply import WEIGHTS_MONTH

_LEAST = 1e-9


def initial_state(b: Numbers, s: Structure, spending: Array) -> Bag:
    """Return the state before the first month; ``spending`` on AI compute in USD billions a year."""
    names = s.names
    n = len(spending)
    regions, segments, bands, labs = (
        len(names.regions),
        len(names.segments),
        len(names.bands),
        len(names.labs),
    )
    products = (labs, len(s.channel_plan), len(names.tiers))
    opens = len(names.open_products)
    equal_share = 1.0 / (np.prod(products) + opens)
    weight = b["region_compute_weight"] * b["region_compute_growth"] ** (-WEIGHTS_MONTH / 12.0)
    ordered = spending * 1e9 * b["compute_build_out"] / 12.0 / b["compute_unit_cost"]
    in_each = ordered * np.maximum(b["time_to_build"] / PIPELINE_STAGES, 1.0)
    presence = np.where(s.lab_entry_month <= 0.0, 1.0, 0.0) * np.ones(n)
    here = np.where(s.builder_entry_month <= 0.0, 1.0, 0.0)
    rental = b["rental_price_2023"]

    open_budget = accounts.open_research_plan(b, 0.0) * b["builder_rnd_weight"]
    open_budget = open_budget / np.sum(b["builder_rnd_weight"], axis=0)
    open_hours = open_budget * b["rnd_compute_share"] / BILLION_A_YEAR / rental
    open_research = open_hours * 1e6 / HOURS_A_MONTH
    research_hours = b["initial_research_compute"] * HOURS_A_MONTH / 1e6
    research_bill = research_hours * rental * b["compute_cost_factor"] * BILLION_A_YEAR
    log_software = np.log(b["software_reference"])

    # The premium's law of motion backwards from the month in which it is observed.
    half_lives = b["closed_premium_anchor"] / (
        b["closed_premium_half_life"] * b["closed_premium_half_life_factor"]
    )
    floor = b["closed_premium_floor"]
    above = (b["closed_premium"] + b["closed_premium_offset"] - floor) * 2.0**half_lives
    premium = fit(floor + above, "s", "sc") + fit(demand.integration(b, s), "c", "sc")

    people = adoption.potential(b) * fit(b["initial_adopters"], "s", "rs")
    revenue = b["initial_revenue"] * presence
    halving = 0.5 ** (np.arange(MEMORY_MONTHS) / 12.0)
    opened = b["initial_open_capability"]
    start = Bag(
        stock=b["compute_stock_2023"] * weight / np.sum(weight, axis=0),
        pipeline=np.stack([in_each] * PIPELINE_STAGES),
        investment=spending,
        investment_trend=np.log(spending),
        log_rental=np.log(rental) * np.ones((regions, 1)),
        log_rental_expected=np.log(rental) * np.ones((regions, 1)),
        cloud_receipts=b["compute_stock_2023"]
        * b["utilisation"]
        * HOURS_A_MONTH
        / 1e6
        * rental
        * BILLION_A_YEAR,
        log_software=log_software,
        log_lead=np.log(b["private_software_lead"]),
        log_training=np.log(b["initial_research_compute"]),
        log_research_hours=np.where(presence == 1.0, np.log(research_hours), -40.0),
        research_budget=research_bill / b["rnd_compute_share"] * presence,
        capability=b["initial_capability"],
        capability_memory=np.stack([b["initial_capability"]] * MEMORY_MONTHS),
        open_capability=opened,
        open_public=opened,
        open_supported=capability.supported(
            b, log_software, np.log(b["builder_software_efficiency"]), np.log(open_research)
        ),
        open_research=open_research,
        open_budget=open_budget,
        frontier_effort=np.ones_like(opened),
        flagship_open=np.ones_like(opened),
        vintage=capability.best_open(opened, here) * np.ones_like(people),
        vintage_age=np.zeros_like(people),
        vintage_old=np.zeros_like(people),
        closed_shares=np.full((regions, segments, bands, *products, n), equal_share),
        open_shares=np.full((regions, segments, bands, opens, n), equal_share),
        premium=premium,
        markup=np.zeros((regions, segments, bands, labs, n)),
        log_list=np.zeros((regions, segments, bands, labs, n)),
        log_price_used=np.log(b["usage_reference_price"]) * np.ones_like(people),
        quality_used=np.full_like(people, 0.5),
        plan_margin=np.full((bands, n), 0.5),
        adopters=people,
        forced=np.zeros_like(people),
        free_users=people * fit(s.segment_free_tier, "s", "rs"),
        api_delay=b["initial_api_delay"] * np.ones((labs, 1)),
        subsidy=b["average_subsidy"] * np.ones((labs, 1)),
        share_year_ago=revenue / np.maximum(np.sum(revenue, axis=0), _LEAST),
        cash=b["opening_cash"],
        presence=presence,
        builder_cash=b["builder_opening_cash"],
        log_firms=np.log(np.maximum(b["layer_initial_firms"], b["layer_minimum_firms"])),
        revenue_memory=fit(halving[:, None], "a", "al") * revenue,
        value_memory=halving[:, None] * 10.0 * np.sum(revenue, axis=0),
        log_mispricing=np.zeros((labs, n)),
        sentiment=b["initial_sentiment"],
    )
    for _ in range(SETTLING_ROUNDS):
        start = settle(b, s, start, here)
    return start


def settle(b: Numbers, s: Structure, state: Bag, here: Array) -> Bag:
    """Return the state after one round in which labs price and all buyers choose afresh."""
    known = capability.standing(state, here)
    found = offers(b, s, state, 0.0, known, state.presence, here)
    targets = pricing.target_prices(found.market, state.markup, b["elasticity_floor"])
    kept = 1.0 - state.subsidy * b["subsidy_policy"]
    posted = targets.price * fit(kept, "l", "rsvlct")
    paid, (closed, opened) = buy(b, s, state, found, posted, known, state.presence, here)
    chosen = Bag(closed=closed, open=opened)
    return Bag(
        **(
            vars(state)
            | {
                "markup": targets.following,
                "log_list": list_price(posted),
                "log_price_used": np.log(serving.price_used(s, chosen, paid)),
                "quality_used": judging.used(s, found.good, closed, opened),
                "closed_shares": closed,
                "open_shares": opened,
            }
        )
    )
