"""Demand: the pull of each product in each cell, what its buyers pay, and how they move between products.

    A_jc    = beta beta_b q_js + phi phi_b phi_s ln v_j + xi_{s,channel} + brand_j
    fee_b   = min( P_j , max( c_j, P_next + k v_b max(0, q_j - q_next) ) )
    next    : of all other makers, the one with the least v_b (1 - q) + P
    k       = k_ext exp(-k_riv (rivals near the leader))
    paid    = fee_b (covered share) + P_j (metered share)
    xi(t+1) = floor + (xi - floor) 2^(-1/hl) + noise,     floor and xi by segment and closed channel
    w(t+1)  = (1 - a) [ (1 - chi_j) w_j + w*_j sum_k chi_k w_k ] + a w*_j,     a = share of newcomers

The fee for a unit of work in a band leaves the user no worse off than the next-best alternative, an open
one included: its price ``P_next`` plus the part ``k`` of what the product is worth above it. An open
alternative counts at the price at which buyers would be indifferent, ``P exp(xi / alpha)``: what keeps them
with closed models keeps them there at a fee too. No plan costs more than paying by the token, nor less than
the work it covers costs. Metered use above the plan's cap begins when a band's plans have lost money for
some months; until then a plan covers all.

Newcomers and those who reconsider choose by the target shares ``w*``; the others stay where they are. A wall
between regions keeps a product from a share of buyers. A closed product upgrades itself, and forces its users
to move when it is withdrawn, most of them within the vendor; open weights stay as they were adopted until
their user replaces them (the vintage).

Source: Mussa and Rosen (1978) and Shaked and Sutton (1982) for the bound; Farrell and Klemperer (2007) for
switching.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import ndtri

from twocurves.economy.axes import greatest, least, once, total
from twocurves.economy.choice import Pull, Substitution
from twocurves.economy.cost import Costs
from twocurves.economy.quality import Quality
from twocurves.economy.state import State
from twocurves.economy.structure import Structure

PARAMETERS = (
    "band_usage",
    "value_spread",
    "value_top_percentile",
    "quality_weight",
    "band_quality_weight",
    "speed_value",
    "speed_weight",
    "band_speed_weight",
    "fast_tier_speed",
    "standard_speed",
    "lab_brand_appeal",
    "region_wall",
    "region_wall_policy",
    "integration_premium",
    "builder_brand_appeal",
    "open_weights_wall",
    "closed_premium_half_life",
    "closed_premium_half_life_factor",
    "closed_premium_floor",
    "closed_premium_noise",
    "leader_group_width",
    "plan_fee_extraction",
    "plan_fee_rivalry",
    "plan_usage_cap",
    "closed_open_price_sensitivity",
    "usage_cap_patience",
    "developer_model_reconsideration",
    "consumer_vendor_reconsideration",
    "enterprise_vendor_reconsideration",
    "forced_migration",
    "deprecation_policy",
    "forced_migration_leave",
    "open_vintage_replacement",
)

_LEAST = 1e-9
_FAR = 1e30

#: Stands for no reach at all in a logarithm; finite, so that gradients stay finite.
_LEAST_REACH = 1e-30

#: Width, as a margin, of the logistic with which caps come when a plan loses money.
_CAP_SOFTNESS = 0.05

#: Most that liking adds to the ln price at which an open rival counts: beyond it there is no rival.
_MOST_LOG_LIKING = 30.0

#: Age in months from which weights in use count as old.
OLD_MONTHS = 12.0


def band_use(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return work per user of each band relative to the mean user, shape ``(bands,)``; the mean is one."""
    return b["band_usage"] / total(b["band_usage"] * structure.band_share)


def band_value(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return the value of each band's middle user relative to the median user, shape ``(bands,)``.

    Values are lognormal over users and top-coded at ``value_top_percentile``: the tail is not observed.
    """
    return jnp.exp(b["value_spread"] * jnp.minimum(structure.band_z, ndtri(b["value_top_percentile"])))


def pull(
    b: Mapping[str, Array],
    structure: Structure,
    quality: Quality,
    premium: Array,
    substitutes: Substitution,
    presence: Array,
    here: Array,
    reach_local: Array,
) -> tuple[Pull, Pull]:
    """Return the pull of the closed and of the open products.

    Parameters
    ----------
    premium
        Shape ``(segments, channels)``.
    presence, here
        How far each lab, each builder is on the market, shapes ``(labs,)``, ``(builders, 1)``.
    reach_local
        Share of eligible work that the buyer's own devices can do.
    """
    scale = substitutes.closed / substitutes.alpha
    weight = b["quality_weight"] * b["band_quality_weight"]
    haste = b["speed_value"] * b["speed_weight"][:, None] * b["band_speed_weight"]
    haste = haste * jnp.log(b["fast_tier_speed"] / b["standard_speed"])

    best = greatest(quality.closed, (1, 2))
    dearest = greatest(premium, 1)
    by_quality = weight[:, None, None] * (quality.closed - best[:, None, None])[:, None]
    by_maker = b["lab_brand_appeal"][:, None] + (premium - dearest[:, None])[:, None]
    by_tier = once(scale * jnp.stack([jnp.zeros_like(haste), haste], axis=2))
    wall = 1.0 - (b["region_wall"] * b["region_wall_policy"])[:, None] * structure.foreign_lab
    standing = jnp.log(jnp.maximum(wall * presence, _LEAST_REACH))[:, None, None, :, None]
    closed = once(standing + scale * (by_quality + by_maker[:, None]))
    closed = closed[:, :, :, :, :, None] + by_tier[:, :, None, None]
    channels, tiers = premium.shape[1], len(structure.names.tiers)
    closed_count = jnp.maximum(total(presence) * channels * tiers, _LEAST)
    closed_level = weight * best[:, None] + dearest[:, None]

    scale = substitutes.open / substitutes.alpha
    best_open = greatest(quality.open, 2)
    hosted = b["integration_premium"][structure.hosted_channel]
    local = b["integration_premium"][structure.local_channel]
    builders = len(structure.names.builders)
    liking = once(jnp.concatenate([b["builder_brand_appeal"] + hosted, hosted[None], local[None]]))
    fast = np.array([[float(place == builders)] for place in range(builders + 2)], dtype=haste.dtype)
    own_wall = 1.0 - (b["open_weights_wall"] * b["region_wall_policy"])[:, None] * structure.foreign_builder
    ones = jnp.ones_like(own_wall[:, :1])
    reach = once(jnp.concatenate([own_wall * here, ones, ones], axis=1))[:, None]
    reach = reach * (1.0 - structure.open_local * structure.segment_local[:, None] * (1.0 - reach_local))
    own = weight[:, None] * (quality.open - best_open[:, :, None])[:, :, None] + liking
    opened = jnp.log(jnp.maximum(reach, _LEAST_REACH))[:, :, None] + scale * (own + fast * haste[:, :, None])
    return (
        Pull(closed, closed_level, closed_count),
        Pull(opened, weight * best_open[:, :, None], total(here) + 2.0),
    )


def next_premium(b: Mapping[str, Array], structure: Structure, premium: Array, shock: Array) -> Array:
    """Return next month's closed premium, shape ``(segments, channels)``.

    It fades towards its floor, which the channel's integration raises for good; a shock is a segment's.
    """
    half_life = b["closed_premium_half_life"] * b["closed_premium_half_life_factor"]
    kept = jnp.exp2(-1.0 / half_life)[:, None]
    floor = b["closed_premium_floor"] + integration(b, structure)
    return floor + (premium - floor) * kept + (b["closed_premium_noise"] * shock)[:, None]


def integration(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return the integration premium of each closed channel, log units, shape ``(channels,)``."""
    return jnp.stack([b["integration_premium"][place] for place in structure.closed_channel])


def near_rivals(b: Mapping[str, Array], capability: Array, presence: Array) -> Array:
    """Return how many labs besides the leader are near it (a smooth count)."""
    leader = greatest(jnp.where(presence > 0.5, capability, -_FAR))
    near = jax.nn.sigmoid(b["leader_group_width"] - (leader - capability))
    return jnp.maximum(total(near * presence) - 1.0, 0.0)


class Paid(NamedTuple):
    """What buyers pay.

    Attributes
    ----------
    closed
        USD per WU, plans averaged over the work they cover, shape of the closed odds.
    open
        USD per WU, the team of those who host for themselves included, shape of the open odds.
    covered
        Share of a band's plan work that the fee covers, shape ``(bands,)``.
    """

    closed: Array
    open: Array
    covered: Array


def paid(
    b: Mapping[str, Array],
    structure: Structure,
    posted: Array,
    costs: Costs,
    team: Array,
    quality: Quality,
    value: Array,
    rivals: Array,
    presence: Array,
    here: Array,
    plan_margin: Array,
    premium: Array,
) -> Paid:
    """Return prices paid, after plans.

    Parameters
    ----------
    posted
        List prices, USD per WU, shape of the closed odds.
    team
        USD per WU of self-hosting's team, shape ``(regions, segments, bands)``.
    value
        USD per WU of the median user, shape ``(regions, segments)``.
    presence, here
        How far each lab, each builder is on the market, shapes ``(labs,)``, ``(builders, 1)``.
    plan_margin
        Smoothed margin of plans in each band, shape ``(bands,)``.
    """
    worth = value[:, :, None] * band_value(b, structure)
    take = b["plan_fee_extraction"] * jnp.exp(-b["plan_fee_rivalry"] * rivals)
    tight = jax.nn.sigmoid(-plan_margin / _CAP_SOFTNESS)
    room = jnp.minimum(b["plan_usage_cap"] / band_use(b, structure), 1.0)
    covered = 1.0 - tight * (1.0 - room)
    # At these prices buyers would be indifferent between open and closed work of one quality.
    liking = jnp.exp(jnp.minimum(greatest(premium, 1) / b["closed_open_price_sensitivity"], _MOST_LOG_LIKING))
    by_cell = costs.open[:, :, None] + team[:, :, :, None] * structure.open_local
    best_price, best_lacks = _next_best(
        worth, posted, quality, by_cell * liking[:, None, None], presence, _open_here(here)
    )
    # Better by v (q - q_next); as what each lacks, since near one the difference of qualities has few digits.
    better = best_lacks[:, :, :, :, None] - quality.closed_lacks[:, None]
    gain = worth[:, :, :, None, None] * jnp.maximum(better, 0.0)
    bound = once(best_price[:, :, :, :, None] + take * gain)
    fee = jnp.minimum(posted, jnp.maximum(bound[:, :, :, :, :, None], costs.closed[:, None]))
    by_plan = np.array(structure.channel_plan)[:, None, None]
    metered = (1.0 - covered)[:, None, None, None]
    closed = jnp.where(by_plan, fee + metered * (posted - fee), posted)
    return Paid(closed, by_cell, covered)


def _open_here(here: Array) -> Array:
    """Return which open products are there: of builders that exist, and the pooled ones, ``(open, 1)``."""
    return jnp.concatenate([here, jnp.ones_like(here[:1]), jnp.ones_like(here[:1])])


def _next_best(
    worth: Array, posted: Array, quality: Quality, asked_open: Array, presence: Array, open_here: Array
) -> tuple[Array, Array]:
    """Return price of the best alternative to each lab and what it lacks in quality, by cell and lab.

    The best leaves its user the least of ``v (1 - q) + P`` behind: of labs that are there, each with the
    better of its channels, and of open products.
    """
    channels = range(posted.shape[4])
    loss, price, lacks = once(
        _least_loss(
            worth[:, :, :, None],
            [posted[:, :, :, :, place, 0] for place in channels],
            [quality.closed_lacks[:, :, place][:, None] for place in channels],
        )
    )
    loss = jnp.where(presence > 0.5, loss, _FAR)
    products = range(asked_open.shape[3])
    open_loss, open_price, open_lacks = once(
        _least_loss(
            worth,
            [jnp.where(open_here[place] > 0.5, asked_open[:, :, :, place], _FAR) for place in products],
            [quality.open_lacks[:, :, place][:, :, None] for place in products],
        )
    )
    first = jnp.minimum(least(loss, 3), open_loss)
    leads, open_leads = loss <= first[:, :, :, None], open_loss <= first
    second = jnp.minimum(least(jnp.where(leads, _FAR, loss), 3), jnp.where(open_leads, _FAR, open_loss))
    follows, open_follows = loss <= second[:, :, :, None], open_loss <= second
    # Of two that lead together each has the other for its next best.
    alone = total(jnp.where(leads, 1.0, 0.0), 3) + jnp.where(open_leads, 1.0, 0.0) < 1.5
    leads_alone = leads & alone[:, :, :, None]

    def other(own: Array, of_open: Array) -> Array:
        ahead = _mean_where(leads, own, open_leads, of_open)
        behind = _mean_where(follows & ~leads, own, open_follows & ~open_leads, of_open)
        return jnp.where(leads_alone, behind[:, :, :, None], ahead[:, :, :, None])

    return once((other(price, open_price), other(lacks, open_lacks)))


def _mean_where(here: Array, own: Array, open_here: Array, of_open: Array) -> Array:
    """Return the mean over labs and the open offer where they are meant; one of them, but for ties."""
    summed = total(jnp.where(here, own, 0.0), 3) + jnp.where(open_here, of_open, 0.0)
    count = total(jnp.where(here, 1.0, 0.0), 3) + jnp.where(open_here, 1.0, 0.0)
    return summed / jnp.maximum(count, 1.0)


def _least_loss(worth: Array, prices: list[Array], lacks: list[Array]) -> tuple[Array, Array, Array]:
    """Return the least ``v (1 - q) + P`` of several offers with its price and what it lacks."""
    loss = worth * lacks[0] + prices[0]
    price, lack = (jnp.broadcast_to(part[0], loss.shape) for part in (prices, lacks))
    for its_price, its_lack in zip(prices[1:], lacks[1:], strict=True):
        its_loss = worth * its_lack + its_price
        better = its_loss < loss
        price, lack = jnp.where(better, its_price, price), jnp.where(better, its_lack, lack)
        loss = jnp.minimum(its_loss, loss)
    return loss, price, lack


def next_plan_margin(b: Mapping[str, Array], before: Array, earned: Array, cost: Array) -> Array:
    """Return next month's smoothed margin of plans; ``earned`` and ``cost`` of plan work by band."""
    margin = 1.0 - cost / jnp.maximum(earned, _LEAST)
    return before + (margin - before) / b["usage_cap_patience"]


def reconsideration(b: Mapping[str, Array], structure: Structure) -> Array:
    """Return the monthly hazard that a buyer in each segment chooses anew, shape ``(segments,)``."""
    developers, consumers = structure.segment_developers, structure.segment_consumers
    hazard: Array = (
        developers * b["developer_model_reconsideration"]
        + consumers * b["consumer_vendor_reconsideration"]
        + (1.0 - developers - consumers) * b["enterprise_vendor_reconsideration"]
    )
    return hazard


class Moved(NamedTuple):
    """Shares after the month's moves, and of the open ones how much was kept, by cell."""

    closed: Array
    open: Array
    kept_open: Array


def move(
    b: Mapping[str, Array],
    structure: Structure,
    closed: Array,
    opened: Array,
    target_closed: Array,
    target_open: Array,
    joined: Array,
) -> Moved:
    """Return next month's shares of each cell's work.

    ``joined`` is the share of newcomers in each market, shape ``(regions, segments)``.
    """
    leaving = b["forced_migration"] * b["deprecation_policy"] * b["forced_migration_leave"]
    chi_open = reconsideration(b, structure)
    chi_closed = jnp.minimum(chi_open + leaving, 1.0)
    of_open = total(opened, 3)
    freed = chi_closed[:, None] * (1.0 - of_open) + chi_open[:, None] * of_open
    stayed = 1.0 - joined
    taken = stayed[:, :, None] * freed + joined[:, :, None]
    keep_closed = (stayed * (1.0 - chi_closed))[:, :, None]
    keep_open = (stayed * (1.0 - chi_open))[:, :, None]
    new_closed = keep_closed[:, :, :, None, None, None] * closed
    new_closed = new_closed + taken[:, :, :, None, None, None] * target_closed
    new_open = keep_open[:, :, :, None] * opened + taken[:, :, :, None] * target_open
    return Moved(new_closed, new_open, keep_open * of_open)


class Vintage(NamedTuple):
    """Capability (ECI), mean age (months) and share older than a year of the open weights in use."""

    capability: Array
    age: Array
    old: Array


def vintage(
    b: Mapping[str, Array],
    structure: Structure,
    state: State,
    moved: Moved,
    capability: Array,
    use: Array,
) -> Vintage:
    """Return the vintage of open weights in use, each of shape ``(regions, segments)``.

    Parameters
    ----------
    capability
        ECI of open products as offered today, shape ``(open,)``.
    use
        Share of a market's work in each band, shape ``(bands,)``.
    """
    by_product = total(moved.open * use[:, None], 2)
    now = total(by_product, 2) + _LEAST
    newest = total(by_product * capability, 2) / now
    stayed = jnp.clip(total(moved.kept_open * use, 2) / now, 0.0, 1.0)
    replaced = b["open_vintage_replacement"]
    renewed = state.vintage + replaced * jnp.maximum(newest - state.vintage, 0.0)
    kept = stayed * (1.0 - replaced)
    # Weights pass a year of age at the rate at which those of its age leave the younger group.
    ripening = (1.0 - state.vintage_old) / OLD_MONTHS
    return Vintage(
        stayed * renewed + (1.0 - stayed) * newest,
        kept * (state.vintage_age + 1.0),
        kept * (state.vintage_old + ripening),
    )
