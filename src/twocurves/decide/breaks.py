"""Break-even figures: how busy a machine must be, and how dear the closed price, for a move to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.decide import machines
from twocurves.decide.assumptions import SECONDS_PER_MONTH, Size, number, size_of
from twocurves.decide.courses import Course, course
from twocurves.decide.options import Option, Setting
from twocurves.decide.policies import Gains, Policy
from twocurves.decide.world import Paths

#: Months after the start for which utilisation is told.
_AFTER = (0, 12, 24)


def break_evens(setting: Setting, options: Sequence[Option], found: Gains, now: Policy) -> list[Break]:
    """Return break-even utilisation of rented machines by date, and the break-even premium."""
    told = _utilisation(setting, options)
    premium = _premium(setting, options, found, now)
    return [*told, *([] if premium is None else [premium])]


@dataclass(frozen=True)
class Break:
    """A break-even figure with its interval.

    Attributes
    ----------
    name, said, unit
        The figure.
    now
        At today's prices; None where it has no such value.
    p05, p50, p95
        Over the draws.
    at
        The month, or the whole horizon.
    """

    name: str
    said: str
    unit: str
    now: float | None
    p05: float
    p50: float
    p95: float
    at: str

    def as_record(self) -> dict[str, Any]:
        """Return the figure as ``--json`` prints it."""
        return {
            "name": self.name,
            "meaning": self.said,
            "unit": self.unit,
            "now": self.now,
            "p05": self.p05,
            "p50": self.p50,
            "p95": self.p95,
            "at": self.at,
        }


@dataclass(frozen=True)
class Utilisation:
    """How busy rented machines must be to match a host, beside how busy this work would keep them.

    Attributes
    ----------
    model
        The open model.
    today
        Break-even at today's prices.
    needed
        Break-even share of hours by month, over the draws; above one the host is cheaper however busy.
    own
        Median share of hours in which the machines that this work needs would work, by month.
    """

    model: str
    today: float
    needed: Course
    own: NDArray[np.float64]

    def as_record(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        own = [
            {"month": str(self.needed.start + place), "own": float(one)} for place, one in enumerate(self.own)
        ]
        needed = self.needed.as_record()
        return {
            "model": self.model,
            "today": self.today,
            "months": [{**one, **two} for one, two in zip(needed, own, strict=True)],
        }


def utilisation(setting: Setting, options: Sequence[Option]) -> Utilisation | None:
    """Return break-even utilisation month by month; None where no open model of known size is hosted."""
    found = _utilisation_paths(setting, options)
    if found is None:
        return None
    model, size, today, paths = found
    needs = machines.serving(size, setting.workload.operations)
    load = setting.load
    seconds = needs.seconds(load.input_tokens, load.output_tokens, load.cached_tokens)
    busy = seconds * setting.volume * setting.world.hours
    kept = machines.accelerators(needs, busy, load.peak_over_mean)
    own = np.median(busy / (kept * SECONDS_PER_MONTH), axis=0)
    return Utilisation(model, today, course(setting.world.start, paths), own)


def _utilisation_paths(setting: Setting, options: Sequence[Option]) -> tuple[str, Size, float, Paths] | None:
    """Return model, size, break-even utilisation today and in each draw and month."""
    priced = _sized_and_hosted(setting, options)
    if priced is None:
        return None
    model, size, usd_now = priced
    world, load, operations = setting.world, setting.load, setting.workload.operations
    needs = machines.serving(size, operations)
    seconds = needs.seconds(load.input_tokens, load.output_tokens, load.cached_tokens)
    tokens_per_hour = 3600.0 * (load.input_tokens + load.output_tokens) / seconds
    hourly = operations.usd_per_gpu_hour or number("rental_usd_per_gpu_hour")
    usd_per_million = usd_now / load.million_tokens
    today = machines.break_even_utilisation(hourly, tokens_per_hour, usd_per_million)
    paths = machines.break_even_utilisation(
        hourly * world.rental, tokens_per_hour / world.hours, usd_per_million * world.price_open
    )
    return model, size, float(np.asarray(today)), np.asarray(paths, dtype=np.float64)


def _utilisation(setting: Setting, options: Sequence[Option]) -> list[Break]:
    found = _utilisation_paths(setting, options)
    if found is None:
        return []
    model, _, today, paths = found
    told = []
    for after in _AFTER:
        if after >= setting.world.months:
            continue
        low, middle, high = np.quantile(paths[:, after], (0.05, 0.5, 0.95))
        told.append(
            Break(
                "utilisation",
                "share of hours in which a rented machine must work to match hosted "
                f"{model}, people not counted",
                "1",
                today if after == 0 else None,
                float(low),
                float(middle),
                float(high),
                str(setting.world.start + after),
            )
        )
    return told


def _sized_and_hosted(setting: Setting, options: Sequence[Option]) -> tuple[str, Size, float] | None:
    """Return the model, its size and its cheapest month at a host: that hosted, else that on machines."""
    for name in ("hosted_open", "dedicated_open"):
        option = next((one for one in options if one.name == name and not one.refused), None)
        if option is None:
            continue
        model = option.what.replace(" on ", " at ").partition(" at ")[0]
        size, offers = size_of(model), setting.market.of(model)
        if size is not None and offers:
            return model, size, min(setting.tokens_usd(offer.price) for offer in offers)
    return None


def _premium(setting: Setting, options: Sequence[Option], found: Gains, now: Policy) -> Break | None:
    """Return how many times the move's price what is in use must cost for both to be worth the same.

    Only the price in use is scaled, over the months that the move replaces: failures, risks and the cost of
    moving stand.
    """
    stay = options[0]
    if found.must_move:
        return None
    target = next((one for one in options if one.name == now.target), None)
    if target is None:
        return None
    months = np.arange(found.moving.shape[1])
    value = setting.discount**months
    replaced = (months[None] >= now.moved[:, None]) * value
    paid = (stay.token_usd * replaced).sum(axis=1)
    rent = (target.token_usd * replaced).sum(axis=1)
    usable = (paid > 0.0) & (rent > 0.0)
    if not usable.any():
        return None
    even = (paid - now.gain)[usable] / rent[usable]
    ratio = paid[usable] / rent[usable]
    low, middle, high = np.quantile(np.maximum(even, 0.0), (0.05, 0.5, 0.95))
    return Break(
        "premium",
        f"price in use over that of {target.title} at which moving now and staying cost the same",
        "times",
        float(np.median(ratio)),
        float(low),
        float(middle),
        float(high),
        "the whole horizon",
    )
