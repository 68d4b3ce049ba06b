"""Quality: the chance that a product does a segment's work well, by saturation in capability.

    q_js   = Lam( (theta_j + F_s cust - ood nu_s 1[open] - d_s(t)) / w_s )
    d_s(t) = d_s + tau tau_s max(0, theta_max(t) - theta_bar)

As quality saturates for both economies the difference of qualities goes to zero and competition moves to
price and speed by itself; ``tau`` says how far the work itself moves out with the frontier. A tuned model
gains ``F`` where the segment allows it and where the gain pays for the tuning; the gain fades as quality
nears one, since then nothing is left to gain. Effort that open builders move from the frontier to niches
adds to it.

Source: item-response form of the capability index (Ho et al., "A Rosetta Stone for AI Benchmarks").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.axes import total
from twocurves.economy.structure import Structure

PARAMETERS = (
    "task_frontier_tracking",
    "task_frontier_exposure",
    "task_difficulty",
    "task_frontier_reference",
    "difficulty_width",
    "ood_penalty",
    "ood_exposure",
    "customisation_uplift",
    "customisation_weight",
    "adopters_per_tuned_model",
    "customisation_life",
    "customisation_cost",
    "local_capability_gap",
)

#: How sharply the share of tuned work rises around the point where tuning just pays (exponent of the ratio).
_TUNING_SHARPNESS = 2.0

_LEAST = 1e-12


class Quality(NamedTuple):
    """Quality of the month, between 0 and 1 each; axes in brackets.

    Attributes
    ----------
    closed
        Of each lab's products as sold today, the same in both tiers ``[segment, lab, channel]``.
    open
        Of open products as offered today ``[region, segment, open]``.
    closed_lacks, open_lacks
        One less these, with all its digits where quality is near one.
    in_use
        Of the open weights in use ``[region, segment]``.
    difficulty
        ECI at which half of a segment's work succeeds ``[segment]``.
    tuned
        Share of open work for which tuning pays ``[region, segment]``.
    """

    closed: Array
    open: Array
    closed_lacks: Array
    open_lacks: Array
    in_use: Array
    difficulty: Array
    tuned: Array


def quality(
    b: Mapping[str, Array],
    structure: Structure,
    sold: Array,
    opened: Array,
    vintage: Array,
    frontier: Array,
    niche_share: Array,
    work_value: Array,
    intensity: Array,
) -> Quality:
    """Return the quality of every product in every market.

    Parameters
    ----------
    sold
        ECI of each lab's products, shape ``(labs, channels)``.
    opened
        ECI of open products, shape ``(open,)``.
    vintage
        ECI of the open weights in use, shape ``(regions, segments)``.
    frontier
        Best closed ECI.
    niche_share
        Share of open builders' effort that went to niches.
    work_value
        USD per WU of the median user, shape ``(regions, segments)``.
    intensity
        WU an adopter brings in a month, shape ``(regions, segments)``.
    """
    moved = b["task_frontier_tracking"] * b["task_frontier_exposure"]
    hard = b["task_difficulty"] + moved * jnp.maximum(frontier - b["task_frontier_reference"], 0.0)
    width = b["difficulty_width"]
    penalty = b["ood_penalty"] * b["ood_exposure"]
    plain = jax.nn.sigmoid((vintage - penalty - hard) / width)
    uplift = b["customisation_uplift"] * b["customisation_weight"] * (1.0 + niche_share) * (1.0 - plain)
    gain = jax.nn.sigmoid((vintage - penalty + uplift - hard) / width) - plain
    worth = gain * work_value * intensity * b["adopters_per_tuned_model"] * b["customisation_life"]
    ratio = jnp.log(jnp.maximum(worth, _LEAST)) - jnp.log(b["customisation_cost"])
    tuned = jax.nn.sigmoid(_TUNING_SHARPNESS * ratio)
    shift = (uplift * tuned - penalty - hard)[:, :, None]
    on_device = structure.segment_local * b["local_capability_gap"]
    local = structure.open_local * on_device[:, None]
    closed = (sold - hard[:, None, None]) / width[:, None, None]
    on_offer = (opened + shift - local) / width[:, None]
    return Quality(
        closed=jax.nn.sigmoid(closed),
        open=jax.nn.sigmoid(on_offer),
        closed_lacks=jax.nn.sigmoid(-closed),
        open_lacks=jax.nn.sigmoid(-on_offer),
        in_use=jax.nn.sigmoid((vintage - penalty + uplift * tuned - hard) / width),
        difficulty=hard,
        tuned=tuned,
    )


def used(quality: Quality, closed_shares: Array, open_shares: Array, band_share: Array) -> Array:
    """Return the mean quality of the work in use, shape ``(regions, segments)``.

    Closed products improve by themselves; open weights are as good as on the day they were adopted.
    """
    by_channel = total(closed_shares, 5) * band_share[:, None, None]
    closed = total(total(by_channel, 2) * quality.closed, (2, 3))
    opened = total(total(open_shares, 3) * band_share, 2)
    return closed + opened * quality.in_use
