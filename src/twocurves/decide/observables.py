"""What a buyer can see in a month: the figures that a rule looks at and that triggers are told in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twocurves.decide.assumptions import number
from twocurves.decide.options import Option, Setting
from twocurves.decide.stopping import Floats
from twocurves.decide.world import Paths

_LEAST = 1e-12


@dataclass(frozen=True)
class Observable:
    """A figure that can be looked up.

    Attributes
    ----------
    name, said, unit
        Its name, what it is in words, and its unit.
    values
        Shape ``(draws, months)``.
    """

    name: str
    said: str
    unit: str
    values: Paths


def observables(setting: Setting, options: Sequence[Option]) -> list[Observable]:
    """Return what can be looked up: prices, rent, shortfall and lag of open weights, the API's delay."""
    world, need = setting.world, setting.need
    per_million = 1.0 / (setting.load.million_tokens * setting.volume)
    found = []
    by_name = {option.name: option for option in options}
    hosted = by_name.get("hosted_open")
    now = options[0]
    if hosted is not None and not hosted.refused and hosted is not now:
        said = "the hosted price of the open model that suffices"
        found.append(
            Observable("hosted_price", said, "usd_per_million_tokens", hosted.token_usd * per_million)
        )
    said = "the price of what is in use"
    found.append(Observable("price_in_use", said, "usd_per_million_tokens", now.token_usd * per_million))
    best_open = setting.market.best(is_open=True) + world.open_gain - need.open_penalty
    said = "what the best open model lacks on this work"
    found.append(Observable("open_shortfall", said, "ECI points", need.level - best_open))
    found.append(Observable("lag", "the lag of open models", "months", world.lag))
    hourly = setting.workload.operations.usd_per_gpu_hour or number("rental_usd_per_gpu_hour")
    found.append(Observable("rental", "the rent of an H100", "usd_per_hour", hourly * world.rental))
    found.append(Observable("api_delay", "the delay from product to API", "months", world.api_delay))
    return found


def features(setting: Setting, options: Sequence[Option]) -> Floats:
    """Return what the rule looks at, shape ``(draws, months, features)``, the most telling first."""
    world = setting.world
    now = options[0]
    cheapest = np.min(
        [
            np.where(option.allowed, option.running, np.inf)
            for option in options[1:]
            if not option.refused and option.allowed.any()
        ]
        or [np.full(now.running.shape, np.inf)],
        axis=0,
    )
    saving = np.where(np.isfinite(cheapest), now.running - cheapest, 0.0)
    saving = saving / max(float(np.abs(now.running).mean()), _LEAST)
    shortfall = (
        setting.need.level + setting.need.open_penalty - setting.market.best(is_open=True) - world.open_gain
    )
    closed, opened, rental = (np.log(path) for path in (world.price_closed, world.price_open, world.rental))
    seen = [saving, shortfall, closed, opened, saving**2, rental, world.lag, world.api_delay, closed * saving]
    return np.asarray(np.nan_to_num(np.stack(seen, axis=2)))
