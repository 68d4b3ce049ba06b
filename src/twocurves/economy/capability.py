"""Capability: closed labs from research compute and software, open builders by own effort and by learning.

    dlnS      = ln(g_S)/12 (X/X')^lam (S/S')^(-lam/r) (1 + rsi A),   A = Lam((theta_max - theta_auto)/w_a)
    theta*_i  = theta_ref + b log10( z_i S X_i / X_ref ),    theta_i += a_tr max(0, theta*_i - theta_i)
    dln z_i   = priv rsi A_i dlnS - leak (ln z_i - mean ln z)
    ACC       = (1 - s) max_i theta_i(t - l_i) + s max_i theta_i(t)
    theta_o  += f k_own e_o max(0, d theta*_o) + delta e_o max(0, ACC - theta_o)

``X'`` and ``S'`` are training compute and software at the date for which ``g_S`` is stated
(``software_growth_years`` after January 2023, the middle of the years in which it was measured); with January
2023 as the reference growth would be half as fast again by 2026.

Training compute ``X`` follows its observed trend to June 2026, as chips shipped do; from then on it grows as
the hours that research rents. Runs have grown faster than research spending, by longer use of a larger part
of it, so the level of one is no statement about the other.

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

from twocurves.economy.axes import greatest, once, total
from twocurves.economy.state import MEMORY_MONTHS, State

PARAMETERS = (
    "compute_to_capability",
    "research_compute_reference",
    "capability_reference",
    "software_growth_years",
    "software_growth",
    "training_compute_growth",
    "software_reference",
    "software_growth_before",
    "automation_threshold",
    "automation_width",
    "research_input_exponent",
    "software_returns",
    "self_improvement_gain",
    "software_growth_ceiling",
    "self_improvement_private_share",
    "private_lead_leak",
    "capability_shock_sd",
    "release_cadence",
    "spillover_share",
    "consortium_pooling",
    "builder_software_efficiency",
    "own_effort_share",
    "own_effort_gain",
    "catch_up_rate",
    "distillation_part",
    "distillation_enforcement",
    "research_smoothing_months",
)

#: Month after January 2023 to which training compute of labs follows its observed trend: June 2026.
TRAINING_TREND_MONTH = 41

HOURS_A_MONTH = 730.0

_LEAST = 1e-9
_LOG_LEAST = -20.0


class Capability(NamedTuple):
    """Capability of the month; shapes as in the state.

    Attributes
    ----------
    frontier, best_open
        Best closed and best released open capability, ECI.
    released
        What each lab sells through its API, ECI, shape ``(labs,)``.
    accessible
        What open builders can learn from, ECI.
    growth
        Growth of the closed frontier over the last year, ECI a month.
    capped
        1 when the ceiling on software growth binds.
    """

    log_software: Array
    log_lead: Array
    capability: Array
    memory: Array
    open_capability: Array
    open_public: Array
    open_supported: Array
    frontier: Array
    best_open: Array
    released: Array
    accessible: Array
    growth: Array
    capped: Array


def delayed(memory: Array, delay: Array) -> Array:
    """Return capability ``delay`` months ago, interpolated between months so that it differentiates.

    ``memory`` has shape ``(memory, labs)``, newest first; ``delay`` shape ``(labs,)``.
    """
    bounded = jnp.clip(delay, 0.0, MEMORY_MONTHS - 1.0)
    parts = [memory[age] * jnp.maximum(1.0 - jnp.abs(age - bounded), 0.0) for age in range(MEMORY_MONTHS)]
    return once(sum(parts[1:], start=parts[0]))


def best(capability: Array, presence: Array) -> Array:
    """Return the best capability among those more likely present than not; of all, when none is."""
    there = presence > 0.5
    nobody = greatest(presence) <= 0.5
    return greatest(jnp.where(there | nobody, capability, -jnp.inf))


def supported_capability(
    b: Mapping[str, Array], log_software: Array, log_lead: Array, log_training: Array
) -> Array:
    """Return the capability that software and training compute support, ECI; shapes broadcast."""
    scale = b["compute_to_capability"] / jnp.log(10.0)
    log_reference = jnp.log(b["research_compute_reference"])
    return b["capability_reference"] + scale * (log_lead + log_software + log_training - log_reference)


def capability(b: Mapping[str, Array], state: State, shocks: Array, builder_presence: Array) -> Capability:
    """Advance software, closed and open capability by a month.

    Parameters
    ----------
    shocks
        Standard normal surprises in what a lab's research supports, shape ``(labs,)``.
    builder_presence
        1 for builders that exist, shape ``(builders, 1)``.
    """
    years = b["software_growth_years"]
    log_growth = jnp.log(b["software_growth"])
    log_middle = jnp.log(b["research_compute_reference"]) + years * jnp.log(b["training_compute_growth"])
    log_software_middle = jnp.log(b["software_reference"]) + b["software_growth_before"] * years * log_growth
    frontier_before = best(state.capability, state.presence)
    automation = jax.nn.sigmoid((frontier_before - b["automation_threshold"]) / b["automation_width"])
    effort = greatest(state.log_training + jnp.log(jnp.maximum(state.presence, _LEAST))) - log_middle
    lam = b["research_input_exponent"]
    fishing_out = (state.log_software - log_software_middle) / b["software_returns"]
    base = log_growth / 12.0 * jnp.exp(lam * (effort - fishing_out))
    wanted = base * (1.0 + b["self_improvement_gain"] * automation)
    ceiling = jnp.log(b["software_growth_ceiling"]) / 12.0
    growth = jnp.minimum(wanted, ceiling)
    log_software = state.log_software + growth

    own_automation = jax.nn.sigmoid((state.capability - b["automation_threshold"]) / b["automation_width"])
    private = b["self_improvement_private_share"] * b["self_improvement_gain"]
    gained = private * own_automation * jnp.minimum(base, ceiling)
    mean_lead = total(state.presence * state.log_lead) / jnp.maximum(total(state.presence), _LEAST)
    log_lead = state.log_lead + gained - b["private_lead_leak"] * (state.log_lead - mean_lead)

    supported = supported_capability(b, log_software, log_lead, state.log_training)
    supported = supported + b["capability_shock_sd"] * shocks
    reached = state.capability + b["release_cadence"] * jnp.maximum(supported - state.capability, 0.0)
    memory = jnp.concatenate([reached[None], state.capability_memory[:-1]])
    frontier = best(reached, state.presence)

    # Builders learn in a month from what stood at its start: with this month's frontier the lag would be one
    # month short of the law above.
    s = b["spillover_share"]
    seen = best(delayed(state.capability_memory, state.api_delay), state.presence)
    accessible = (1.0 - s) * seen + s * frontier_before

    pooled = total(state.open_research * builder_presence)
    research = (1.0 - b["consortium_pooling"]) * state.open_research + b["consortium_pooling"] * pooled
    open_supported = supported_capability(
        b, log_software, jnp.log(b["builder_software_efficiency"]), jnp.log(jnp.maximum(research, _LEAST))
    )
    gain = jnp.maximum(open_supported - state.open_supported, 0.0)
    own = b["own_effort_share"] * b["own_effort_gain"] * gain
    rate = b["catch_up_rate"] * (1.0 - b["distillation_part"] * b["distillation_enforcement"])
    learned = rate * jnp.maximum(accessible - state.open_capability, 0.0)
    open_capability = state.open_capability + state.frontier_effort * (own + learned) * builder_presence
    ahead = jnp.maximum(open_capability - state.open_public, 0.0)
    open_public = state.open_public + state.flagship_open * ahead
    return Capability(
        log_software,
        log_lead,
        reached,
        memory,
        open_capability,
        open_public,
        open_supported,
        frontier,
        greatest(jnp.where(builder_presence > 0.5, open_public, -jnp.inf)),
        delayed(memory, state.api_delay),
        accessible,
        (frontier - best(state.capability_memory[-1], state.presence)) / MEMORY_MONTHS,
        (wanted > ceiling).astype(growth.dtype),
    )


def standing(state: State, builder_presence: Array) -> Capability:
    """Return capability as it stands, without a month's advance; for the state before the first month."""
    zero = jnp.zeros_like(state.log_software)
    frontier = best(state.capability, state.presence)
    best_open = greatest(jnp.where(builder_presence > 0.5, state.open_public, -jnp.inf))
    return Capability(
        state.log_software,
        state.log_lead,
        state.capability,
        state.capability_memory,
        state.open_capability,
        state.open_public,
        state.open_supported,
        frontier,
        best_open,
        delayed(state.capability_memory, state.api_delay),
        frontier,
        zero,
        zero,
    )


def train(b: Mapping[str, Array], state: State, month: Array, hours: Array) -> tuple[Array, Array]:
    """Return next month's ln training compute of labs and the smoothed ln of the hours that research rents.

    Parameters
    ----------
    hours
        Million hours of research of the month, shape ``(labs,)``.
    """
    smooth = 1.0 / b["research_smoothing_months"]
    # Before it has a budget a lab has no hours to grow from: the first ones it rents are its starting point.
    # Hours are smoothed, not their logs: a month without money is a month lost, not a fall without end.
    begun = state.log_research_hours > _LOG_LEAST
    kept = jnp.exp(state.log_research_hours)
    log_hours = jnp.log(jnp.maximum(jnp.where(begun, kept + smooth * (hours - kept), hours), _LEAST))
    trend = jnp.log(b["training_compute_growth"]) / 12.0
    change = jnp.where(month < TRAINING_TREND_MONTH, trend, log_hours - state.log_research_hours)
    moving = begun & (state.presence > 0.5)
    return state.log_training + jnp.where(moving, change, 0.0), log_hours


def learn_alone(b: Mapping[str, Array], state: State, hours: Array) -> Array:
    """Return research compute of builders, h100e, smoothed; ``hours`` in millions, ``(builders,)``."""
    target = hours * 1e6 / HOURS_A_MONTH
    return state.open_research + (target - state.open_research) / b["research_smoothing_months"]
