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

from twocurves.economy.structure import Structure

PARAMETERS = (
    "task_difficulty",
    "difficulty_width",
    "task_frontier_tracking",
    "task_frontier_exposure",
    "task_frontier_reference",
    "ood_penalty",
    "ood_exposure",
    "customisation_uplift",
    "customisation_weight",
    "customisation_cost",
    "customisation_life",
    "adopters_per_tuned_model",
    "local_capability_gap",
)

#: How sharply the share of tuned work rises around the point where tuning just pays (exponent of the ratio).
_TUNING_SHARPNESS = 2.0


class Quality(NamedTuple):
    """Quality of the month.

    Attributes
    ----------
    fresh
        Of each product as sold today, shape ``(markets, products)``, between 0 and 1.
    in_use
        Of the open weights in use, shape ``(markets,)``.
    difficulty
        ECI at which half of a segment's work succeeds, shape ``(segments,)``.
    tuned
        Share of open work for which tuning pays, shape ``(markets,)``.
    """

    fresh: Array
    in_use: Array
    difficulty: Array
    tuned: Array


def quality(
    b: Mapping[str, Array],
    structure: Structure,
    capability: Array,
    vintage: Array,
    frontier: Array,
    niche_share: Array,
    work_value: Array,
    intensity: Array,
) -> Quality:
    """Return the quality of every product in every market.

    Parameters
    ----------
    capability
        ECI of each product, shape ``(products,)``.
    vintage
        ECI of the open weights in use, shape ``(markets,)``.
    frontier
        Best closed ECI, shape ``()``.
    niche_share
        Share of open builders' effort that went to niches, shape ``()``.
    work_value
        USD per WU of the median user, shape ``(markets,)``.
    intensity
        WU an adopter brings in a month, shape ``(markets,)``.
    """
    segment = structure.market_segment
    moved = b["task_frontier_tracking"] * b["task_frontier_exposure"]
    difficulty = b["task_difficulty"] + moved * jnp.maximum(frontier - b["task_frontier_reference"], 0.0)
    hard, width = difficulty[segment], b["difficulty_width"][segment]
    penalty = (b["ood_penalty"] * b["ood_exposure"])[segment]
    plain = jax.nn.sigmoid((vintage - penalty - hard) / width)
    uplift = (b["customisation_uplift"] * b["customisation_weight"])[segment]
    uplift = uplift * (1.0 + niche_share) * (1.0 - plain)
    gain = jax.nn.sigmoid((vintage - penalty + uplift - hard) / width) - plain
    worth = gain * work_value * intensity * b["adopters_per_tuned_model"] * b["customisation_life"]
    tuned = worth**_TUNING_SHARPNESS / (
        worth**_TUNING_SHARPNESS + b["customisation_cost"] ** _TUNING_SHARPNESS
    )
    opened = ~structure.product_closed
    on_device = structure.product_local & structure.segment_local[segment][:, None]
    shift = opened * (uplift * tuned - penalty)[:, None] - on_device * b["local_capability_gap"]
    fresh = jax.nn.sigmoid((capability + shift - hard[:, None]) / width[:, None])
    in_use = jax.nn.sigmoid((vintage - penalty + uplift * tuned - hard) / width)
    return Quality(fresh, in_use, difficulty, tuned)
