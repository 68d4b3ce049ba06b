"""Policy: how long labs withhold, how much they subsidise, who enters and leaves, how builders turn.

    dl_i  = k_l w_i m [ scarcity max(0, R_P / R_A - 1) + D ] - k_c (1 - l_rivals / l_max) - l / tau_l
    sub_i : halves in its half-life; rises when a lab with cash loses share; goes when cash runs short
    a_i   = presence: falls by the exit hazard when cash and money are gone; entrants come by the entry rule
    e_o   = effort on the frontier: falls by the niche hazard when the gap is wide or the money short
    g_o   = probability that the flagship is released: falls by the closing, rises by the reopening hazard

Without rivalry withholding would always be optimal, without scarcity and distillation loss never.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.state import State

PARAMETERS = (
    "withholding_pull",
    "rivalry_push",
    "withholding_decay",
    "withholding_limit",
    "distillation_loss",
    "withholding_propensity",
    "api_release_policy",
    "api_delay_floor",
    "spillover_share",
    "subsidy_half_life",
    "subsidy_runway",
    "subsidy_stop_runway",
    "subsidy_share_loss",
    "subsidy_step",
    "exit_speed",
    "entry_speed",
    "frontier_entry_cost",
    "entrant_expected_share",
    "niche_hazard",
    "niche_gap_threshold",
    "niche_funding_threshold",
    "frontier_need_share",
    "niche_effort_floor",
    "flagship_closing_hazard",
    "builder_closing_propensity",
    "flagship_closing_policy",
    "flagship_reopening_hazard",
    "layer_entry_speed",
    "layer_entry_clip",
    "layer_fixed_cost",
    "layer_minimum_firms",
)

_MONTHS_SOFT = 2.0  # width, in months of runway, with which subsidies stop
_POINTS_SOFT = 2.0  # width, in ECI points, of the gap at which builders turn
_LEAST = 1e-9


def api_delay(b: Mapping[str, Array], state: State, scarcity: Array, ratio: Array, presence: Array) -> Array:
    """Return next month's API delay of each lab, months.

    Parameters
    ----------
    scarcity
        How short compute is: rental price over full cost less one, not below zero, shape ``()``.
    ratio
        What an accelerator hour earns in a lab's own products over what it earns in its API, ``(labs,)``.
    """
    loss = (1.0 - b["spillover_share"]) * b["distillation_loss"]
    incentive = scarcity * jnp.clip(ratio - 1.0, 0.0, 5.0) + loss
    pull = b["withholding_pull"] * b["withholding_propensity"] * b["api_release_policy"] * incentive
    total = (state.api_delay * presence).sum()
    others = jnp.maximum(presence.sum() - presence, _LEAST)
    rivals = (total - state.api_delay * presence) / others
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
    broke = jax.nn.sigmoid(-cash / 0.1) * (1.0 - money)
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


def flagship_open(b: Mapping[str, Array], state: State) -> Array:
    """Return next month's probability that each builder's flagship is released."""
    closing = (
        b["flagship_closing_hazard"] * b["builder_closing_propensity"] * b["flagship_closing_policy"] / 12.0
    )
    closing = jnp.minimum(closing, 1.0)
    opening = b["flagship_reopening_hazard"] / 12.0
    return state.flagship_open * (1.0 - closing) + (1.0 - state.flagship_open) * opening


def firms(b: Mapping[str, Array], log_firms: Array, profit: Array) -> Array:
    """Return next month's ln number of firms of each layer; ``profit`` is before fixed cost, USD millions."""
    count = jnp.exp(log_firms)
    excess = profit / (count * b["layer_fixed_cost"]) - 1.0
    clip = b["layer_entry_clip"]
    moved = log_firms + b["layer_entry_speed"] * jnp.clip(excess, -clip, clip) / 12.0
    return jnp.maximum(moved, jnp.log(b["layer_minimum_firms"]))
