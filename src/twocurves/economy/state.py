"""The state of the economy: what next month needs, and nothing that can be computed from it."""

from __future__ import annotations

from typing import NamedTuple

from jax import Array

#: Stages of the pipeline from order to service: an Erlang distribution of the time to build.
PIPELINE_STAGES = 4

#: Months of capability that are remembered, for the API delay (its ceiling is twelve).
MEMORY_MONTHS = 13


class State(NamedTuple):
    """One draw's state at the end of a month; axes in brackets.

    Money is in USD billions (a year where it is a flow), work in million WU a month, adopters in millions,
    compute in H100-equivalents, prices in logs of USD.
    """

    # supply
    stock: Array  # h100e in service [region]
    pipeline: Array  # h100e ordered, by stage [stage]
    investment: Array  # spending on AI compute, USD bn a year []
    investment_trend: Array  # its smoothed logarithm []
    log_rental: Array  # ln USD per h100e-hour [region]
    log_rental_expected: Array  # smoothed [region]
    # capability
    log_software: Array  # ln S []
    log_lead: Array  # ln z, private software lead [lab]
    research: Array  # research compute, h100e [lab]
    log_research_hours: Array  # smoothed ln of hours that research money buys [lab]
    research_money: Array  # spent on research compute, USD millions a month [lab]
    capability: Array  # best model, ECI [lab]
    memory: Array  # capability of the last months, newest first [month, lab]
    open_capability: Array  # best model of each builder, released or not, ECI [builder]
    open_public: Array  # best released weights of each builder, ECI [builder]
    open_supported: Array  # what each builder's own research supports, ECI [builder]
    open_research: Array  # research compute, h100e, smoothed [builder]
    open_research_money: Array  # spent on research compute, USD millions a month [builder]
    frontier_effort: Array  # share of effort on the frontier index [builder]
    flagship_open: Array  # probability that the flagship is released [builder]
    vintage: Array  # capability of the open weights in use, ECI [market]
    vintage_age: Array  # their age, months [market]
    # demand
    shares: Array  # shares of work, sums to one over products [cell, product]
    premium: Array  # closed premium, log units [segment]
    log_markup: Array  # ln of target price over cost [market, product]
    log_paid: Array  # prices paid, ln USD per WU [cell, product]
    log_posted: Array  # posted prices, ln USD per WU [market, product]
    adopters: Array  # adopters by choice, millions [market]
    forced: Array  # adopters by order, millions [market]
    free_users: Array  # users who do not pay, millions [market]
    # policy and money
    api_delay: Array  # months [lab]
    subsidy: Array  # share by which posted prices lie below target [lab]
    share_year_ago: Array  # smoothed share of closed revenue [lab]
    cash: Array  # USD bn [lab]
    presence: Array  # probability that the lab is in the market [lab]
    builder_cash: Array  # USD bn [builder]
    log_firms: Array  # ln effective number of firms [layer]
    revenue: Array  # last month's revenue, USD bn a year [lab]
    revenue_year_ago: Array  # revenue smoothed to stand about a year back [lab]
    log_mispricing: Array  # ln of market price over value [lab]
    value_year_ago: Array  # total market value a year ago, smoothed, USD bn []
    sentiment: Array  # 1 is normal []
