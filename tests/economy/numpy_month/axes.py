"""Named axes: how arrays of different shapes meet."""

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = dict[str, Array]

#: What a room hands to the next: its results by name.
Bag = SimpleNamespace

HOURS_A_MONTH = 730.0

#: USD billions a year in USD millions a month.
BILLION_A_YEAR = 12.0e-3


def fit(array: Array, own: str, into: str) -> Array:
    """Return an array with axes ``own`` and draws so that it broadcasts against ``into`` and draws."""
    if array.ndim != len(own) + 1:
        raise ValueError(f"an array of shape {array.shape} has no axes {own!r} and draws")
    if list(own) != [letter for letter in into if letter in own]:
        raise ValueError(f"axes {own!r} do not stand in this order in {into!r}")
    return array[tuple(slice(None) if letter in own else None for letter in into)]


def contract(formula: str, *arrays: Array) -> Array:
    """Return the sum of products that ``formula`` says, as in ``np.einsum``; every term has draws too."""
    terms, result = formula.split("->")
    whole = ",".join(f"{term}n" for term in terms.split(",")) + f"->{result}n"
    found: Array = np.einsum(whole, *arrays)
    return found


def by_home(values: Array, homes: tuple[int, ...], regions: int) -> Array:
    """Return the sum over makers of each home region: ``[maker] -> [region]``."""
    out = np.zeros((regions, *values.shape[1:]))
    for maker, home in enumerate(homes):
        out[home] += values[maker]
    return out
