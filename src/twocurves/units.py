"""The units table: every unit that data, beliefs and measures may use, in one place.

Money is in USD billions a year unless a name says otherwise. Compute is in H100-equivalents. Capability is
in points of the Epoch Capabilities Index (ECI). Work is in WU, one million blended tokens at the tokeniser
and cache mix of January 2025.

Pint checks and converts at the edges (files, claims, display); inside the engine units are in names.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from twocurves.errors import BadInputError, nearest

if TYPE_CHECKING:
    from pint import Quantity, UnitRegistry

_OURS = (
    "dollar = [money] = usd = USD",
    "month = [period] = months = mo",
    "year = 12 * month = years = yr = a",
    "quarter = 3 * month",
    "week = month / 4.348125 = weeks",
    "day = month / 30.436875 = days",
    "hour = day / 24 = hours",
    "minute = hour / 60 = minutes",
    "second = minute / 60 = seconds",
    "token = [work] = tokens",
    "work_unit = 1e6 * token = WU",
    "h100e = [compute] = H100e",
    "eci = [capability] = ECI",
    "elo = [rating] = Elo",
    "user = [] = users = adopter = adopters = seat = seats",
    "task = [task] = tasks",
    "watt = [power] = W",
    "percent = 0.01 = %",
    "log_unit = [] = nat",
)

_PREFIXES = (
    "kilo- = 1e3 = k-",
    "mega- = 1e6 = M- = million_",
    "giga- = 1e9 = G- = billion_",
    "tera- = 1e12 = T- = trillion_",
)

#: Units joined by ``*`` and ``/``, each with a whole power; checked before Pint, whose parser may assert.
_TERM = r"(?:[A-Za-z_]\w*|\d+(?:\.\d+)?)(?:\s*\*\*\s*-?\d+)?"
_SHAPE = re.compile(rf"\s*{_TERM}(?:\s*[*/]\s*{_TERM})*\s*\Z")


@cache
def registry() -> UnitRegistry[float]:
    """Return the registry, made once: our own base dimensions, none of the physical defaults."""
    from pint import UnitRegistry

    made: UnitRegistry[float] = UnitRegistry(None)
    for line in (*_PREFIXES, *_OURS):
        made.define(line)
    return made


def unit(text: str) -> Quantity[float]:
    """Read a unit such as ``"usd / hour"`` or ``"eci / year"``.

    Raises
    ------
    BadInputError
        The unit is not in the table; the nearest one is named.
    """
    if _SHAPE.match(text) is None:
        raise BadInputError(
            f"No unit {text!r}: write units joined by * and /, such as usd / hour.", field="unit", given=text
        )
    for word in re.findall(r"[A-Za-z_]\w*", text):
        if word not in registry():
            near = nearest(word, registry())
            hint = f"; did you mean {near!r}?" if near else "."
            raise BadInputError(
                f"No unit {word!r}{hint}",
                field="unit",
                given=text,
                allowed=sorted(registry()),
                suggestion=near,
            )
    quantity: Quantity[float] = registry().Quantity(1.0, text)
    return quantity


def convert(value: float, given: str, wanted: str) -> float:
    """Convert a number between two units of the same dimension.

    >>> round(convert(12.0, "usd / month", "usd / year"), 6)
    144.0

    Raises
    ------
    BadInputError
        The units differ in dimension.
    """
    from pint.errors import DimensionalityError

    try:
        return float((value * unit(given)).to(unit(wanted).units).magnitude)
    except DimensionalityError as fault:
        raise BadInputError(
            f"Cannot turn {given} into {wanted}: {fault.dim1} is not {fault.dim2}.",
            field="unit",
            given=given,
            allowed=wanted,
        ) from fault
