"""Break-even figures: how busy a machine must be, and how dear the closed price, for a move to pay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twocurves.decide import machines
from twocurves.decide.answer import Break
from twocurves.decide.assumptions import Size, number, size_of
from twocurves.decide.options import Option, Setting
from twocurves.decide.policies import Gains, Policy

#: Months after the start for which utilisation is told.
_AFTER = (0, 12, 24)


def break_evens(setting: Setting, options: Sequence[Option], found: Gains, now: Policy) -> list[Break]:
    """Return break-even utilisation of rented machines by date, and the break-even premium."""
    told = _utilisation(setting, options)
    premium = _premium(setting, options, found, now)
    return [*told, *([] if premium is None else [premium])]


def _utilisation(setting: Setting, options: Sequence[Option]) -> list[Break]:
    priced = _sized_and_hosted(setting, options)
    if priced is None:
        return []
    model, size, usd_now = priced
    world, load, operations = setting.world, setting.load, setting.workload.operations
    needs = machines.serving(size, operations)
    seconds = needs.seconds(load.input_tokens, load.output_tokens, load.cached_tokens)
    tokens_per_hour = 3600.0 * (load.input_tokens + load.output_tokens) / seconds
    hourly = operations.usd_per_gpu_hour or number("rental_usd_per_gpu_hour")
    usd_per_million = usd_now / load.million_tokens
    today = machines.break_even_utilisation(hourly, tokens_per_hour, usd_per_million)
    told = []
    for after in _AFTER:
        if after >= world.months:
            continue
        path = machines.break_even_utilisation(
            hourly * world.rental[:, after],
            tokens_per_hour / world.hours[:, after],
            usd_per_million * world.price_open[:, after],
        )
        low, middle, high = np.quantile(path, (0.05, 0.5, 0.95))
        told.append(
            Break(
                "utilisation",
                "share of hours in which a rented machine must work to match hosted "
                f"{model}, people not counted",
                "1",
                float(today) if after == 0 else None,
                float(low),
                float(middle),
                float(high),
                str(world.start + after),
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
