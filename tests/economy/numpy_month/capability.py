"""Capability: software and research of closed labs, own effort and learning of open builders."""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month.axes import HOURS_A_MONTH, Array, Bag, Numbers, fit
from twocurves.economy.capability import TRAINING_TREND_MONTH
from twocurves.economy.state import MEMORY_MONTHS

_LEAST = 1e-9


def best(capability: Array, presence: Array) -> Array:
    """Return the best of the labs ``[l]`` more likely present than not; of all labs when none is."""
    there = presence > 0.5
    there = there | ~np.any(there, axis=0)
    frontier: Array = np.max(np.where(there, capability, -np.inf), axis=0)
    return frontier


def best_open(public: Array, here: Array) -> Array:
    """Return the best released weights of the builders ``[m]`` that are here."""
    frontier: Array = np.max(np.where(here > 0.5, public, -np.inf), axis=0)
    return frontier


def delayed(memory: Array, delay: Array) -> Array:
    """Return capability ``delay`` months ago ``[l]`` from ``memory`` ``[a, l]``, linear between months."""
    oldest = MEMORY_MONTHS - 1
    bounded = np.clip(delay, 0.0, oldest)
    newer = np.floor(bounded).astype(int)
    older = np.minimum(newer + 1, oldest)
    part = bounded - newer
    at_newer = np.take_along_axis(memory, newer[None], axis=0)[0]
    at_older = np.take_along_axis(memory, older[None], axis=0)[0]
    then: Array = (1.0 - part) * at_newer + part * at_older
    return then


def supported(b: Numbers, log_software: Array, log_lead: Array, log_compute: Array) -> Array:
    """Return the capability that software and compute support, ECI."""
    decades = (log_lead + log_software + log_compute - np.log(b["research_compute_reference"])) / np.log(10.0)
    eci: Array = b["capability_reference"] + b["compute_to_capability"] * decades
    return eci


def advance(b: Numbers, before: Bag, shocks: Array, here: Array) -> Bag:
    """Return capability after a month."""
    frontier_before = best(before.capability, before.presence)

    # Software, relative to where training compute and software stood in the middle of the measured years.
    years = b["software_growth_years"]
    yearly = np.log(b["software_growth"])
    log_middle_compute = np.log(b["research_compute_reference"]) + years * np.log(
        b["training_compute_growth"]
    )
    log_middle_software = np.log(b["software_reference"]) + years * b["software_growth_before"] * yearly
    log_compute = np.max(before.log_training + np.log(np.maximum(before.presence, _LEAST)), axis=0)
    x = np.exp(log_compute - log_middle_compute)
    software = np.exp(before.log_software - log_middle_software)
    lam = b["research_input_exponent"]
    plain = yearly / 12.0 * x**lam * software ** (-lam / b["software_returns"])
    automation = expit((frontier_before - b["automation_threshold"]) / b["automation_width"])
    wanted = plain * (1.0 + b["self_improvement_gain"] * automation)
    ceiling = np.log(b["software_growth_ceiling"]) / 12.0
    log_software = before.log_software + np.minimum(wanted, ceiling)

    # A lab keeps to itself a part of what its own models add to its software; leads leak to the mean.
    own_automation = expit((before.capability - b["automation_threshold"]) / b["automation_width"])
    added = b["self_improvement_gain"] * own_automation * np.minimum(plain, ceiling)
    everybody = np.maximum(np.sum(before.presence, axis=0), _LEAST)
    mean_lead = np.sum(before.presence * before.log_lead, axis=0) / everybody
    log_lead = before.log_lead + b["self_improvement_private_share"] * added
    log_lead = log_lead - b["private_lead_leak"] * (before.log_lead - mean_lead)

    reach = supported(b, log_software, log_lead, before.log_training) + b["capability_shock_sd"] * shocks
    capability = before.capability + b["release_cadence"] * np.maximum(reach - before.capability, 0.0)
    memory = np.concatenate([capability[None], before.capability_memory[:-1]])
    frontier = best(capability, before.presence)

    # Open builders see last month's world: what is sold with the delay, and some of what is not sold yet.
    sold_before = best(delayed(before.capability_memory, before.api_delay), before.presence)
    s = b["spillover_share"]
    accessible = (1.0 - s) * sold_before + s * frontier_before
    pooling = b["consortium_pooling"]
    pool = np.sum(here * before.open_research, axis=0)
    research = (1.0 - pooling) * before.open_research + pooling * pool
    open_supported = supported(
        b, log_software, np.log(b["builder_software_efficiency"]), np.log(np.maximum(research, _LEAST))
    )
    own = b["own_effort_share"] * b["own_effort_gain"]
    own = own * np.maximum(open_supported - before.open_supported, 0.0)
    delta = b["catch_up_rate"] * (1.0 - b["distillation_part"] * b["distillation_enforcement"])
    learned = delta * np.maximum(accessible - before.open_capability, 0.0)
    open_capability = before.open_capability + here * before.frontier_effort * (own + learned)
    unreleased = np.maximum(open_capability - before.open_public, 0.0)
    open_public = before.open_public + before.flagship_open * unreleased

    oldest = best(before.capability_memory[-1], before.presence)
    return Bag(
        log_software=log_software,
        log_lead=log_lead,
        capability=capability,
        memory=memory,
        open_capability=open_capability,
        open_public=open_public,
        open_supported=open_supported,
        frontier=frontier,
        best_open=best_open(open_public, here),
        released=delayed(memory, before.api_delay),
        growth=(frontier - oldest) / MEMORY_MONTHS,
        capped=np.where(wanted > ceiling, 1.0, 0.0),
    )


def standing(state: Bag, here: Array) -> Bag:
    """Return capability as it stands before the first month."""
    return Bag(
        log_software=state.log_software,
        capability=state.capability,
        open_public=state.open_public,
        frontier=best(state.capability, state.presence),
        best_open=best_open(state.open_public, here),
        released=delayed(state.capability_memory, state.api_delay),
    )


def train(b: Numbers, before: Bag, month: float, hours: Array) -> tuple[Array, Array]:
    """Return ln training compute and smoothed ln research hours ``[l]``.

    Training compute follows its observed trend, later the hours that research rents. A lab without hours
    so far begins at its first ones.
    """
    begun = before.log_research_hours > -20.0
    kept = np.where(begun, np.exp(before.log_research_hours), hours)
    smoothed = kept * (1.0 - 1.0 / b["research_smoothing_months"]) + hours / b["research_smoothing_months"]
    log_hours = np.log(np.maximum(smoothed, _LEAST))
    known = np.where(begun, before.log_research_hours, log_hours)
    trend = fit(np.log(b["training_compute_growth"]) / 12.0, "", "l")
    change = trend if month < TRAINING_TREND_MONTH else log_hours - known
    grows = begun & (before.presence > 0.5)
    return np.where(grows, before.log_training + change, before.log_training), log_hours


def learn_alone(b: Numbers, before: Bag, hours: Array) -> Array:
    """Return builders' smoothed research compute ``[m]``, H100-equivalents."""
    now = hours * 1e6 / HOURS_A_MONTH
    smooth = 1.0 / b["research_smoothing_months"]
    smoothed: Array = (1.0 - smooth) * before.open_research + smooth * now
    return smoothed
