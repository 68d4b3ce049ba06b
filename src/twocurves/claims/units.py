"""Units of measures and of numbers in claims, read with the one units table."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from twocurves.units import registry, unit

if TYPE_CHECKING:
    from pint import Quantity

#: Names of one that say what is counted or divided; all are the unit 1.
ONE = ("1", "ratio", "count", "share", "dimensionless")

_SCALED_USD = re.compile(r"\busd_(thousand|million|billion|trillion)\b")
_PREFIX = {"thousand": "kilo", "million": "million_", "billion": "billion_", "trillion": "trillion_"}


@lru_cache(maxsize=256)
def read_unit(text: str) -> Quantity[float]:
    """Return one of a unit, written for the units table or as the name of a measure writes it.

    >>> str(read_unit("usd_billion_per_year").units), str(read_unit("ratio").units)
    ('gigadollar / year', 'dimensionless')

    Raises
    ------
    BadInputError
        The units table has no such unit; the nearest one is named.
    """
    plain = text.strip()
    if plain in ONE:
        return registry().Quantity(1.0, "dimensionless")
    plain = plain.replace("_per_", " / ").replace("ECI points", "eci")
    plain = _SCALED_USD.sub(lambda found: f"{_PREFIX[found[1]]}usd", plain)
    return unit(plain)


def shown(one: Quantity[float]) -> str:
    """Return how messages call a unit."""
    return "no unit" if one.unitless else str(one.units)


def factor(given: Quantity[float], wanted: Quantity[float]) -> float | None:
    """Return what a number in ``given`` is multiplied by to be in ``wanted``; None when it cannot be."""
    if not given.is_compatible_with(wanted):
        return None
    return float(given.to(wanted.units).magnitude / wanted.magnitude)
