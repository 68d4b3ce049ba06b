"""Policy: how long labs withhold, how much they subsidise, who enters and leaves, how builders turn.

    dl_i  = k_l w_i m [ scarcity max(0, R_P / R_A - 1) + D_i ] - k_c (1 - l_rivals / l_max) - l / tau_l
    D_i   = (1 - s) g d_dist Pi_i / R_API,i
    sub_i : halves in its half-life; rises when a lab with cash loses share; goes when cash runs short
    a_i   = presence: falls by the exit hazard when cash and money are gone; entrants come by the entry rule
    e_o   = effort on the frontier: falls by the niche hazard when the gap is wide or the money short
    g_o   = probability that the flagship is released: falls by the closing, rises by the reopening hazard

``D`` is the distillation loss: points of the frontier exposed in a month (``g``, less what leaks anyway),
times the share ``d_dist`` of gross profit that a point costs, over what the API brings. It grows as a lab's
business moves from its API to its own products. Without rivalry withholding would always be optimal, without
scarcity and distillation loss never.

A flagship that is known to have been closed is closed in that month; the hazards carry on from there. All
events here are hazards that move expected mass, smooth in every belief; none is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import total
from twocurves.economy.state import State

PARAMETERS = (
    "spillover_share",
    "distillation_loss",
    "withholding_incentive_limit",
    "withholding_pull",
    "withholding_propensity",
    "api_release_policy",
    "rivalry_push",
    "withholding_limit",
    "withholding_decay",
    "api_delay_floor",
    "subsidy_half_life",
    "subsidy_share_loss",
    "subsidy_runway",
    "subsidy_step",
    "subsidy_stop_runway",
    "exit_speed",
    "entrant_expected_share",
    "frontier_entry_cost",
    "entry_speed",
    "niche_gap_threshold",
    "frontier_need_share",
    "niche_funding_threshold",
    "niche_hazard",
    "niche_effort_floor",
    "builder_closing_propensity",
    "flagship_closing_policy",
    "flagship_closing_hazard",
    "flagship_reopening_hazard",
    "layer_fixed_cost",
    "layer_entry_clip",
    "layer_entry_speed",
    "layer_minimum_firms",
)

_MONTHS_SOFT = 2.0  # width, in months of runway, with which subsidies stop
_POINTS_SOFT = 2.0  # width, in ECI points, of the gap at which builders turn
_BROKE_WIDTH = 0.01  # width of the rule of exit, as a share of what it costs to come near the frontier
_LEAST = 1e-9


def api_delay(
    b: Mapping[str, Array],
    state: State,
    scarcity: Array,
    ratio: Array,
    growth: Array,
    exposed: Array,
    presence: Array,
) -> Array:
    """Return next month's API delay of each lab, months.

    Parameters
    ----------
    scarcity
        How short compute is: rental price over full cost less one, not below zero.
    ratio
        What an accelerator hour earns in a lab's own products over what it earns in its API, ``(labs,)``.
    growth
        Of the closed frontier, ECI a month.
    exposed
        Gross profit of each lab over its API revenue: what followers would eat into, per dollar of what the
        API brings, ``(labs,)``.
    """
    loss = (1.0 - b["spillover_share"]) * growth * b["distillation_loss"] * exposed
    incentive = scarcity * jnp.maximum(ratio - 1.0, 0.0) + loss
    incentive = jnp.minimum(incentive, b["withholding_incentive_limit"])
    pull = b["withholding_pull"] * b["withholding_propensity"] * b["api_release_policy"] * incentive
    weighted = state.api_delay * presence
    others = jnp.maximum(total(presence) - presence, _LEAST)
    rivals = (total(weighted) - weighted) / others
    push = b["rivalry_push"] * (1.0 - rivals / b["withholding_limit"])
    moved = state.api_delay + pull - push - state.api_delay / b["withholding_decay"]
    return jnp.clip(moved, b["api_delay_floor"], b["withholding_limit"])


def subsidy(b: Mapping[str, Array], state: State, share: Array, runway: Array) -> Array:
    """Return next month's subsidy of each lab; ``share`` of closed revenue, ``runway`` in months of cash."""
    kept = state.subsidy * jnp.exp2(-1.0 / b["subsidy_half_life"])
    losing = jax.nn.sigmoid((state.share_year_ago - share - b["subsidy_share_loss"]) / 0.01)
    rich = jax.nn.sigmoid((runway - b["subsidy_runway"]) / _MONTHS_SOFT)
    raised = kept + b["subsidy_step"] * losing * rich
    alive = jax.nn.sigmoid((runway - b["subsidy_stop_runway"]) / _MONTHS_SOFT)
    return jnp.clip(raised * alive, 0.0, 0.9)


def presence(
    b: Mapping[str, Array], state: State, cash: Array, money: Array, closed_profit: Array, potential: Array
) -> Array:
    """Return next month's presence of each lab.

    Parameters
    ----------
    cash
        USD billions, shape ``(labs,)``.
    money
        Share of its need that investors cover, 0 to 1.
    closed_profit
        Gross profit of all labs, USD billions a year, which an entrant expects its share of.
    potential
        1 for labs that may enter by the rule.
    """
    broke = jax.nn.sigmoid(-cash / (_BROKE_WIDTH * b["frontier_entry_cost"])) * (1.0 - money)
    stay = state.presence * (1.0 - b["exit_speed"] * broke)
    gain = b["entrant_expected_share"] * closed_profit / b["frontier_entry_cost"]
    enter = potential * (1.0 - stay) * b["entry_speed"] * jnp.minimum(gain / 2.0, 2.0) * state.sentiment
    return jnp.clip(stay + enter, 0.0, 1.0)


def frontier_effort(b: Mapping[str, Array], state: State, gap: Array, funding: Array, leader: Array) -> Array:
    """Return next month's share of each builder's effort on the frontier.

    ``gap`` in ECI points to the closed frontier; ``funding`` and ``leader``'s research in USD bn a year.
    """
    behind = jax.nn.sigmoid((gap - b["niche_gap_threshold"]) / _POINTS_SOFT)
    need = b["frontier_need_share"] * leader
    cover = funding / jnp.maximum(need, _LEAST)
    short = jax.nn.sigmoid((b["niche_funding_threshold"] - cover) / 0.1)
    hazard = b["niche_hazard"] / 12.0 * (1.0 - (1.0 - behind) * (1.0 - short))
    return state.frontier_effort - hazard * (state.frontier_effort - b["niche_effort_floor"])


def flagship_open(b: Mapping[str, Array], state: State, closed_now: Array) -> Array:
    """Return next month's probability that each builder's flagship is released.

    ``closed_now`` is 1 for builders known to close theirs this month, shape ``(builders, 1)``.
    """
    propensity = b["builder_closing_propensity"] * b["flagship_closing_policy"]
    closing = jnp.minimum(b["flagship_closing_hazard"] * propensity / 12.0, 1.0)
    opening = b["flagship_reopening_hazard"] / 12.0
    moved = state.flagship_open * (1.0 - closing) + (1.0 - state.flagship_open) * opening
    return moved * (1.0 - closed_now)


def firms(b: Mapping[str, Array], log_firms: Array, profit: Array) -> Array:
    """Return next month's ln number of firms of each layer; ``profit`` is before fixed cost, USD millions."""
    count = jnp.exp(log_firms)
    excess = profit / (count * b["layer_fixed_cost"]) - 1.0
    clip = b["layer_entry_clip"]
    moved = log_firms + b["layer_entry_speed"] * jnp.clip(excess, -clip, clip) / 12.0
    return jnp.maximum(moved, jnp.log(b["layer_minimum_firms"]))
