"""Adoption: who uses models, by choice, by order and for free, and how much work they bring."""

import numpy as np
from scipy.special import expit, log_ndtr, ndtr, ndtri

from tests.economy.numpy_month.axes import Array, Bag, Numbers, fit
from twocurves.economy.structure import Structure

_LEAST = 1e-9
_MOST_FORCED = 0.95


def work_value(b: Numbers) -> Array:
    """Return USD per WU that the median user gets from work done well ``[r, s]``."""
    return fit(b["region_value"], "r", "rs") * fit(b["value_per_work_unit"], "s", "rs")


def potential(b: Numbers) -> Array:
    """Return potential adopters, millions ``[r, s]``."""
    weight = b["region_demand_weight"] / np.sum(b["region_demand_weight"], axis=0)
    return fit(weight, "r", "rs") * fit(b["potential_adopters"] * b["market_scale"], "s", "rs")


def intensity(b: Numbers, month: float, price: Array, frontier: Array) -> Array:
    """Return WU an adopter brings in a month ``[r, s]``: learning, longer tasks, cheaper work."""
    since = month - b["task_intensity_midpoint"] - b["task_intensity_delay"]
    learned = b["task_intensity_ceiling"] * b["workload_scale"] * expit(since / b["task_intensity_width"])
    longer = np.exp(b["work_horizon_gain"] * np.maximum(frontier - b["work_horizon_reference"], 0.0))
    cheaper = (b["usage_reference_price"] / price) ** b["usage_price_elasticity"]
    unbounded = fit(learned * longer, "s", "rs") * cheaper
    most = budget(b) / price
    return most * unbounded / (most + unbounded)


def budget(b: Numbers) -> Array:
    """Return the most an adopter spends, USD a month ``[r, s]``."""
    return fit(b["region_value"], "r", "rs") * fit(b["work_budget"], "s", "rs")


def usage_elasticity(b: Numbers, price: Array, work: Array) -> Array:
    """Return the elasticity of work per adopter in price ``[r, s]``, between its own and one."""
    spent = np.minimum(price * work / budget(b), 1.0)
    return (1.0 - spent) * b["usage_price_elasticity"] + spent


def screen(b: Numbers, value: Array, quality: Array, price: Array, work: Array) -> Array:
    """Return the score ``z = ln( v q / (P + setup / (H T)) ) / sigma_v`` ``[r, s]``."""
    setup = fit(b["setup_cost"] / b["setup_horizon"], "s", "rs") / work
    return np.log(value * quality / (price + setup)) / b["value_spread"]


def volume_elasticity(b: Numbers, score: Array, price: Array, work: Array) -> Array:
    """Return the elasticity of a market's work in its price ``[r, s]``, of adopters and of use."""
    log_density = -0.5 * score**2 - 0.5 * np.log(2.0 * np.pi)
    adopters = np.exp(log_density - log_ndtr(score)) / b["value_spread"]
    adopters = np.maximum(adopters, b["hazard_elasticity_floor"])
    elasticity: Array = adopters + usage_elasticity(b, price, work)
    return elasticity


def adopt(b: Numbers, s: Structure, before: Bag, score: Array, free_score: Array) -> Bag:
    """Return adopters after a month, millions ``[r, s]``."""
    people = potential(b)
    ceiling = people * ndtr(score)
    speed = b["adoption_speed"] / 12.0
    using = before.adopters + before.forced
    room = np.maximum(ceiling - using, 0.0)
    others = np.minimum(using / np.maximum(ceiling, _LEAST), 1.0)
    hazard = np.minimum(speed * (b["innovation_rate"] + b["imitation_rate"] * others), 1.0)
    joined = hazard * room
    share = np.minimum(b["forced_share"] * b["adoption_mandates"], _MOST_FORCED)
    ordered = joined * share / (1.0 - share) * fit(b["forced_exposure"], "s", "rs") * before.sentiment
    ordered = np.minimum(ordered, room - joined)
    stopped = b["forced_churn"] * before.forced
    left = b["earned_churn"] * np.maximum(before.adopters - ceiling, 0.0)
    adopters = before.adopters + joined - left + b["forced_conversion"] * stopped
    forced = before.forced + ordered - stopped

    free_people = people * ndtr(free_score) * fit(s.segment_free_tier, "s", "rs")
    free_ceiling = np.maximum(free_people - adopters, 0.0)
    others = np.minimum((before.free_users + using) / np.maximum(free_people, _LEAST), 1.0)
    hazard = speed * (b["innovation_rate"] + b["imitation_rate"] * others)
    free = before.free_users + hazard * np.maximum(free_ceiling - before.free_users, 0.0)
    everybody = np.maximum(adopters + forced, _LEAST)
    return Bag(
        adopters=adopters,
        forced=forced,
        free_users=np.minimum(free, free_ceiling),
        joined=(joined + ordered) / everybody,
        forced_exits=np.sum(stopped, axis=(0, 1)) / np.sum(everybody, axis=(0, 1)),
    )


def surplus(b: Numbers, value: Array, quality: Array, price: Array, work: Array, reach: Array) -> Array:
    """Return consumer surplus, USD a month and potential adopter ``[r, s]``.

    The mean over adopters of ``T P [ (V / P)^k - 1 ] / k``, ``k = 1 - e``, with ``V`` lognormal around
    ``v q`` and top-coded.
    """
    k = np.maximum(1.0 - usage_elasticity(b, price, work), 0.02)
    spread = b["value_spread"]
    m = np.log(value * quality / price)
    d = m / spread
    top = ndtri(b["value_top_percentile"])
    # Of V / P to the k: the part of the lognormal between the price and the top, and the mass at the top.
    between = np.maximum(ndtr(d + k * spread) - ndtr(k * spread - top), 0.0)
    mean = np.exp(k * m + 0.5 * (k * spread) ** 2) * between
    mean = mean + (1.0 - b["value_top_percentile"]) * np.exp(k * (m + spread * top))
    each = work * price * np.maximum(mean - ndtr(d), 0.0) / k
    return each * reach / np.maximum(ndtr(d), _LEAST)
