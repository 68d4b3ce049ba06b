"""Policy: withholding, subsidies, entry and exit, where builders put their effort, firms in the layers."""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month.axes import Array, Bag, Numbers
from twocurves.economy.structure import Structure

_LEAST = 1e-9


def api_delay(
    b: Numbers, s: Structure, before: Bag, account: Bag, cover: Array, growth: Array, presence: Array
) -> Array:
    """Return next month's API delay ``[l]``, months."""
    plans, tokens = list(s.plan_channels), list(s.api_channels)
    sales, hours = np.sum(account.lab.sales, axis=2), np.sum(account.lab.hours, axis=2)

    def per_hour(places: list[int]) -> Array:
        dollars: Array = np.sum(sales[:, places], axis=1) / (np.sum(hours[:, places], axis=1) + _LEAST)
        return dollars

    ratio = per_hour(plans) / np.maximum(per_hour(tokens), _LEAST)
    api_sales = np.maximum(np.sum(sales[:, tokens], axis=1), _LEAST)
    exposed = np.maximum(account.lab.gross, 0.0) / api_sales
    leaking = (1.0 - b["spillover_share"]) * np.maximum(growth, 0.0)
    incentive = np.maximum(cover - 1.0, 0.0) * np.maximum(ratio - 1.0, 0.0)
    incentive = incentive + leaking * b["distillation_loss"] * exposed
    incentive = np.minimum(incentive, b["withholding_incentive_limit"])
    pull = b["withholding_pull"] * b["withholding_propensity"] * b["api_release_policy"] * incentive

    delay = before.api_delay
    rivals = np.empty_like(delay)
    for lab in range(len(delay)):
        others = [place for place in range(len(delay)) if place != lab]
        weight = np.maximum(np.sum(presence[others], axis=0), _LEAST)
        rivals[lab] = np.sum(delay[others] * presence[others], axis=0) / weight
    push = b["rivalry_push"] * (1.0 - rivals / b["withholding_limit"])
    moved = delay * (1.0 - 1.0 / b["withholding_decay"]) + pull - push
    months: Array = np.clip(moved, b["api_delay_floor"], b["withholding_limit"])
    return months


def subsidy(b: Numbers, before: Bag, share: Array, runway: Array) -> Array:
    """Return next month's subsidy ``[l]``."""
    lost = before.share_year_ago - share
    losing = expit((lost - b["subsidy_share_loss"]) / 0.01)
    rich = expit((runway - b["subsidy_runway"]) / 2.0)
    alive = expit((runway - b["subsidy_stop_runway"]) / 2.0)
    kept = before.subsidy * 0.5 ** (1.0 / b["subsidy_half_life"])
    moved: Array = np.clip((kept + b["subsidy_step"] * losing * rich) * alive, 0.0, 0.9)
    return moved


def presence(b: Numbers, s: Structure, month: float, before: Bag, account: Bag) -> Array:
    """Return next month's presence ``[l]``: the exit hazard, and the entry rule for labs that may come."""
    small = 1e-4 * b["frontier_entry_cost"]
    covered = np.minimum((account.lab.investors + small) / (account.lab.need + small), 1.0)
    broke = expit(-account.lab.cash / (0.01 * b["frontier_entry_cost"])) * (1.0 - covered)
    stay = before.presence * (1.0 - b["exit_speed"] * broke)
    profit = np.sum(account.lab.gross, axis=0)
    gain = b["entrant_expected_share"] * profit / b["frontier_entry_cost"]
    coming = b["entry_speed"] * np.minimum(gain / 2.0, 2.0) * before.sentiment
    moved = np.clip(stay + s.lab_potential * (1.0 - stay) * coming, 0.0, 1.0)
    subject = (month >= s.lab_entry_month) | (s.lab_potential > 0.0)
    chance: Array = np.where(subject, moved, before.presence)
    return chance


def frontier_effort(b: Numbers, before: Bag, gap: Array, funding: Array, leader: Array) -> Array:
    """Return next month's share of builders' effort on the frontier ``[m]``."""
    behind = expit((gap - b["niche_gap_threshold"]) / 2.0)
    cover = funding / np.maximum(b["frontier_need_share"] * leader, _LEAST)
    short = expit((b["niche_funding_threshold"] - cover) / 0.1)
    either = behind + short - behind * short
    hazard = b["niche_hazard"] / 12.0 * either
    effort: Array = (1.0 - hazard) * before.frontier_effort + hazard * b["niche_effort_floor"]
    return effort


def flagship_open(b: Numbers, before: Bag, closed_now: Array) -> Array:
    """Return next month's probability that each builder's flagship is released ``[m]``."""
    closing = (
        b["flagship_closing_hazard"] / 12.0 * b["builder_closing_propensity"] * b["flagship_closing_policy"]
    )
    closing = np.minimum(closing, 1.0)
    opening = b["flagship_reopening_hazard"] / 12.0
    is_open = before.flagship_open
    moved = (1.0 - closing) * is_open + opening * (1.0 - is_open)
    return np.where(closed_now == 1.0, 0.0, moved)


def firms(b: Numbers, log_firms: Array, profit: Array) -> Array:
    """Return next month's ln number of firms of each layer ``[k]``; ``profit`` in USD billions a year."""
    each = np.maximum(profit, 0.0) * 1e3 / np.exp(log_firms)
    excess = each / b["layer_fixed_cost"] - 1.0
    bounded = np.clip(excess, -b["layer_entry_clip"], b["layer_entry_clip"])
    moved = log_firms + b["layer_entry_speed"] / 12.0 * bounded
    return np.maximum(moved, np.log(b["layer_minimum_firms"]))
