"""Capability: closed labs from research compute and software, open builders by own effort and by learning.

    dlnS      = ln(g_S)/12 (X/X')^lam (S/S')^(-lam/r) (1 + rsi A),   A = Lam((theta_max - theta_auto)/w_a)
    theta*_i  = theta_ref + b log10( z_i S X_i / X_ref ),    theta_i += a_tr max(0, theta*_i - theta_i)
    dln z_i   = priv rsi A_i dlnS - leak (ln z_i - mean ln z)
    ACC       = (1 - s) max_i theta_i(t - l_i) + s max_i theta_i(t)
    theta_o  += f k_own e_o max(0, d theta*_o) + delta e_o max(0, ACC - theta_o)

``X'`` and ``S'`` are research and software at the start of 2025, the middle of the years in which ``g_S`` was
measured; with January 2023 as the reference growth would be half as fast again by 2026.

The own-effort term is the share ``f`` of what the builder's own research adds in the month, so that with
equal growth of both frontiers the gap is ``(1 - f) g / delta + (1 - s) g l`` and the lag
``(1 - f)/delta + (1 - s) l``; when a builder's money dries up the term falls. Growth of software is capped
(``software_growth_ceiling``), since with returns above one and self-improvement it would blow up in finite
time; a month in which the cap binds is reported. Capability never falls.

Source: Jones (1995) for the ideas equation; Nelson and Phelps (1966) for catching up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from twocurves.economy.state import MEMORY_MONTHS, State

PARAMETERS = (
    "compute_to_capability",
    "software_growth",
    "training_compute_growth",
    "research_input_exponent",
    "software_returns",
    "self_improvement_gain",
    "automation_threshold",
    "automation_width",
    "capability_reference",
    "research_compute_reference",
    "software_reference",
    "release_cadence",
    "software_growth_ceiling",
    "private_lead_leak",
    "self_improvement_private_share",
    "capability_shock_sd",
    "own_effort_share",
    "spillover_share",
    "catch_up_rate",
    "own_effort_gain",
    "distillation_part",
    "distillation_enforcement",
    "builder_software_efficiency",
    "consortium_pooling",
)


#: Years from January 2023 to the date at which growth of software is stated: the start of 2025.
REFERENCE_YEARS = 2.0

#: Growth of software in those years relative to its growth at their end, for the medians of the beliefs.
SOFTWARE_BY_THEN = 0.85


class Capability(NamedTuple):
    """Capability of the month; shapes as in the state.

    Attributes
    ----------
    frontier
        Best closed capability, ECI, shape ``()``.
    released
        What each lab sells through its API, ECI, shape ``(labs,)``.
    accessible
        What open builders can learn from, ECI, shape ``()``.
    capped
        1 when the ceiling on software growth binds, shape ``()``.
    """

    log_software: Array
    log_lead: Array
    capability: Array
    memory: Array
    open_capability: Array
    open_public: Array
    open_supported: Array
    frontier: Array
    released: Array
    accessible: Array
    capped: Array


def delayed(memory: Array, delay: Array) -> Array:
    """Return capability ``delay`` months ago, interpolated between months so that it differentiates.

    ``memory`` has shape ``(months, labs)``, newest first; ``delay`` shape ``(labs,)``.
    """
    ages = jnp.arange(MEMORY_MONTHS, dtype=memory.dtype)[:, None]
    weights = jnp.maximum(1.0 - jnp.abs(ages - jnp.clip(delay, 0.0, MEMORY_MONTHS - 1.0)), 0.0)
    return (weights * memory).sum(axis=0)


def best(capability: Array, presence: Array) -> Array:
    """Return the best capability among those more likely present than not; of all, when none is."""
    there = presence > 0.5
    return jnp.max(jnp.where(there | ~there.any(), capability, -jnp.inf))


def capability(b: Mapping[str, Array], state: State, shocks: Array, builder_presence: Array) -> Capability:
    """Advance software, closed and open capability by a month.

    Parameters
    ----------
    shocks
        Standard normal surprises in what a lab's research supports, shape ``(labs,)``.
    builder_presence
        1 for builders that exist, shape ``(builders,)``.
    """
    reference = b["research_compute_reference"]
    middle = reference * b["training_compute_growth"] ** REFERENCE_YEARS
    log_middle = jnp.log(b["software_reference"]) + SOFTWARE_BY_THEN * REFERENCE_YEARS * jnp.log(
        b["software_growth"]
    )
    frontier_before = best(state.capability, state.presence)
    automation = jax.nn.sigmoid((frontier_before - b["automation_threshold"]) / b["automation_width"])
    effort = jnp.max(state.research * state.presence) / middle
    lam = b["research_input_exponent"]
    base = (
        jnp.log(b["software_growth"])
        / 12.0
        * effort**lam
        * jnp.exp(-(lam / b["software_returns"]) * (state.log_software - log_middle))
    )
    wanted = base * (1.0 + b["self_improvement_gain"] * automation)
    ceiling = jnp.log(b["software_growth_ceiling"]) / 12.0
    growth = jnp.minimum(wanted, ceiling)
    log_software = state.log_software + growth

    own_automation = jax.nn.sigmoid((state.capability - b["automation_threshold"]) / b["automation_width"])
    gained = (
        b["self_improvement_private_share"]
        * b["self_improvement_gain"]
        * own_automation
        * jnp.minimum(base, ceiling)
    )
    weight = state.presence / jnp.maximum(state.presence.sum(), 1e-6)
    spread = state.log_lead - (weight * state.log_lead).sum()
    log_lead = state.log_lead + gained - b["private_lead_leak"] * spread

    scale = b["compute_to_capability"] / jnp.log(10.0)
    supported = (
        b["capability_reference"]
        + scale * (log_lead + log_software + jnp.log(state.research / reference))
        + b["capability_shock_sd"] * shocks
    )
    reached = state.capability + b["release_cadence"] * jnp.maximum(supported - state.capability, 0.0)
    memory = jnp.concatenate([reached[None], state.memory[:-1]])
    released = delayed(memory, state.api_delay)

    frontier = best(reached, state.presence)
    # Builders learn in a month from what stood at its start: with this month's frontier the lag would be one
    # month short of the law above.
    s = b["spillover_share"]
    seen = best(delayed(state.memory, state.api_delay), state.presence)
    accessible = (1.0 - s) * seen + s * frontier_before

    pooled = (state.open_research * builder_presence).sum()
    research = (1.0 - b["consortium_pooling"]) * state.open_research + b["consortium_pooling"] * pooled
    open_supported = b["capability_reference"] + scale * (
        jnp.log(b["builder_software_efficiency"]) + log_software + jnp.log(research / reference)
    )
    own = (
        b["own_effort_share"] * b["own_effort_gain"] * jnp.maximum(open_supported - state.open_supported, 0.0)
    )
    rate = b["catch_up_rate"] * (1.0 - b["distillation_part"] * b["distillation_enforcement"])
    learned = rate * jnp.maximum(accessible - state.open_capability, 0.0)
    open_capability = state.open_capability + state.frontier_effort * (own + learned) * builder_presence
    open_public = state.open_public + state.flagship_open * jnp.maximum(
        open_capability - state.open_public, 0.0
    )
    return Capability(
        log_software,
        log_lead,
        reached,
        memory,
        open_capability,
        open_public,
        open_supported,
        frontier,
        released,
        accessible,
        (wanted > ceiling).astype(growth.dtype),
    )
