"""The state of the economy: what next month needs, and nothing that can be computed from it."""

from __future__ import annotations

from typing import NamedTuple

from jax import Array

#: Stages of the pipeline from order to service: an Erlang distribution of the time to build.
PIPELINE_STAGES = 4

#: Months of capability and of revenue that are remembered: for the API delay (its ceiling is twelve) and
#: for growth over a year.
MEMORY_MONTHS = 13


class State(NamedTuple):
    """Draws of the state at the end of a month; axes in brackets, the last axis, of draws, left out.

    Money is in USD billions (a year where it is a flow), work in million WU a month, adopters in millions,
    compute in H100-equivalents, prices in logs of USD. Closed is short for lab, channel, tier.
    """

    # supply
    stock: Array  # h100e in service [region]
    pipeline: Array  # h100e ordered, by stage [stage]
    investment: Array  # spending on AI compute, USD bn a year []
    investment_trend: Array  # its smoothed logarithm []
    log_rental: Array  # ln USD per h100e-hour [region]
    log_rental_expected: Array  # smoothed [region]
    cloud_receipts: Array  # what all compute rented for, USD bn a year []
    # capability
    log_software: Array  # ln S []
    log_lead: Array  # ln z, private software lead [lab]
    log_training: Array  # ln training compute, h100e of January 2023 [lab]
    log_research_hours: Array  # smoothed ln of million hours a month that research rents [lab]
    research_budget: Array  # decided for the month to come, USD bn a year [lab]
    capability: Array  # best model, ECI [lab]
    capability_memory: Array  # capability of the last months, newest first [memory, lab]
    open_capability: Array  # best model of each builder, released or not, ECI [builder]
    open_public: Array  # best released weights of each builder, ECI [builder]
    open_supported: Array  # what each builder's own research supports, ECI [builder]
    open_research: Array  # research compute, h100e, smoothed [builder]
    open_budget: Array  # research decided for the month to come, USD bn a year [builder]
    frontier_effort: Array  # share of effort on the frontier index [builder]
    flagship_open: Array  # probability that the flagship is released [builder]
    vintage: Array  # capability of the open weights in use, ECI [region, segment]
    vintage_age: Array  # their mean age, months [region, segment]
    vintage_old: Array  # share of them older than a year [region, segment]
    # demand
    closed_shares: Array  # shares of a cell's work [region, segment, band, closed]
    open_shares: Array  # the rest of a cell's work [region, segment, band, open]
    premium: Array  # closed premium, integration included, log units [segment, channel]
    markup: Array  # what target prices add to costs, over its least cost [region, segment, band, lab]
    log_list: Array  # mean ln of a lab's list prices, USD per WU [region, segment, band, lab]
    log_price_used: Array  # mean price paid, ln USD per WU [region, segment]
    quality_used: Array  # mean quality of the work in use [region, segment]
    plan_margin: Array  # smoothed margin of plans over their cost [band]
    adopters: Array  # adopters by choice, millions [region, segment]
    forced: Array  # adopters by order, millions [region, segment]
    free_users: Array  # users who do not pay, millions [region, segment]
    # policy and money
    api_delay: Array  # months [lab]
    subsidy: Array  # share by which posted prices lie below target [lab]
    share_year_ago: Array  # smoothed share of closed revenue [lab]
    cash: Array  # USD bn [lab]
    presence: Array  # probability that the lab is in the market [lab]
    builder_cash: Array  # USD bn [builder]
    log_firms: Array  # ln effective number of firms [layer]
    revenue_memory: Array  # revenue of the last months, newest first, USD bn a year [memory, lab]
    value_memory: Array  # market value of all labs, newest first, USD bn [memory]
    log_mispricing: Array  # ln of market price over value [lab]
    sentiment: Array  # 1 is normal []
