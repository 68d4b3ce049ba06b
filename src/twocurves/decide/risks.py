"""What the risks of either side cost: expected, over the horizon, as of today."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twocurves.decide.answer import PricedRisk
from twocurves.decide.assumptions import number
from twocurves.decide.options import Option, Setting
from twocurves.decide.policies import present_values
from twocurves.decide.stopping import Floats
from twocurves.decide.world import Paths

_SAID = {
    "forced_migration": "the closed model in use is retired and work must move to its successor",
    "lab_exit": "the lab leaves the market",
    "host_exit": "the host drops the model",
    "outage": "the service does not answer and tasks are not done",
}

#: A delay from product to API that leaves API buyers out, months.
_WITHHELD_MONTHS = 6.0


def priced_risks(setting: Setting, options: Sequence[Option], target: str) -> list[PricedRisk]:
    """Return every risk of what is in use and of the option moved to.

    Prices, delays and closed flagships are in the draws already; the rest are expected costs of events.
    """
    world = setting.world
    value = present_values(setting.discount, world.months)
    now = options[0]
    other = next((one for one in options if one.name == target), None)
    told: list[PricedRisk] = []
    for option in (now, other):
        if option is None or option.refused:
            continue
        for name, cost in option.risk_usd.items():
            told.append(
                PricedRisk(
                    name,
                    _SAID[name],
                    _present(cost, value),
                    _chance(setting, name),
                    option.name,
                    in_cost=True,
                )
            )
        told.append(_price_rise(option, value, setting))
    told.extend(_withheld(setting, now, value))
    opened = other if other is not None and not other.refused and "open" in other.name else None
    if opened is not None:
        told.append(_licence_gate(setting, opened, value))
    return told


def _present(cost: Paths, value: Floats) -> float:
    return float((cost * value).sum(axis=1).mean())


def _chance(setting: Setting, name: str) -> float | None:
    months = setting.world.months
    if name == "forced_migration":
        hazard = setting.world.belief("forced_migration")
        return float((1.0 - np.exp(-hazard * months)).mean())
    if name == "host_exit":
        return float(1.0 - np.exp(-number("host_exit_per_month") * months))
    return None


def _price_rise(option: Option, value: Floats, setting: Setting) -> PricedRisk:
    """Return what price rises above today's cost once locked in, volume apart."""
    unit = option.token_usd / setting.volume
    above = np.maximum(unit - unit[:, :1], 0.0) * setting.volume
    return PricedRisk(
        "price_rise",
        "the unit price rises above today's once locked in",
        _present(above, value),
        float((unit[:, -1] > unit[:, 0]).mean()),
        option.name,
        in_cost=True,
    )


def _withheld(setting: Setting, now: Option, value: Floats) -> list[PricedRisk]:
    """Return the price of models kept from the API: failures that the delay adds to what is in use."""
    if not now.name.startswith("closed") or now.name == "closed_seats":
        return []
    world, need = setting.world, setting.need
    usd = 0.0
    if need.score_now is not None:
        with_delay = np.asarray(setting.failing_usd(need.score_now + world.closed_api_gain))
        without = np.asarray(setting.failing_usd(need.score_now + world.closed_gain))
        usd = _present(np.broadcast_to(with_delay - without, world.price_closed.shape), value)
    chance = float((world.api_delay.max(axis=1) >= _WITHHELD_MONTHS).mean())
    said = f"the best closed models reach the API {_WITHHELD_MONTHS:.0f} months late or more"
    return [PricedRisk("withheld_model", said, usd, chance, now.name, in_cost=True)]


def _licence_gate(setting: Setting, opened: Option, value: Floats) -> PricedRisk:
    """Return the price of a gate: the fee, where flagships stop being released, beyond today's chance."""
    released = setting.world.flagship_open
    lost = np.clip((released[:, :1] - released) / np.maximum(released[:, :1], 1e-9), 0.0, 1.0)
    return PricedRisk(
        "licence_gate",
        "builders release flagships under a gate only, and hosts pay a fee",
        _present(lost * opened.token_usd * number("licence_gate_fee"), value),
        float(lost[:, -1].mean()),
        opened.name,
        in_cost=False,
    )
