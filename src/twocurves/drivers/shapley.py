"""A change between two states of some parameters, shared out among them so that the shares add up to it.

*Ordered*: the parameters are moved one after the other, and each has the change that came with its own move;
so what they do only together goes to the later one. *Shapley* (Shapley 1953; Song, Nelson and Staum 2016):
the mean of that over orders, all of them where the parameters are few and pairs of a random order and its
reverse where they are many. Along every order the moves end at the same state, so the shares add up whatever
orders are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from twocurves.drivers.ranks import FloatArray

#: Parameters up to which every subset is computed: 64 of them.
EXACT_UP_TO = 6

#: Pairs of an order and its reverse where there are more.
ORDER_PAIRS = 4

#: Gives the outcome with the parameters of a subset (by place) in their second state.
Value = Callable[[frozenset[int]], float]


@dataclass(frozen=True)
class Shares:
    """A change shared out.

    Attributes
    ----------
    before, after
        The outcome in both states.
    ordered
        Share of each parameter when they are moved in the order given.
    shapley
        Mean share over orders.
    spread
        Standard error of the mean over the orders that were drawn; zero where all were.
    exact
        Whether all orders were.
    """

    before: float
    after: float
    ordered: FloatArray
    shapley: FloatArray
    spread: FloatArray
    exact: bool


def shares(number: int, value: Value, rng: np.random.Generator, *, exact_up_to: int = EXACT_UP_TO) -> Shares:
    """Share out a change.

    Parameters
    ----------
    number
        Of parameters.
    value
        Called once for each subset that is needed.
    rng
        Draws orders where there are too many.
    exact_up_to
        Parameters up to which all orders are used.
    """
    known: dict[frozenset[int], float] = {}

    def at(subset: Iterable[int]) -> float:
        moved = frozenset(subset)
        if moved not in known:
            known[moved] = value(moved)
        return known[moved]

    def along(order: Sequence[int]) -> FloatArray:
        found = np.empty(number)
        for place, one in enumerate(order):
            found[one] = at(order[: place + 1]) - at(order[:place])
        return found

    in_order = along(range(number))
    if number <= exact_up_to:
        mean, error = _exact(number, at), np.zeros(number)
    else:
        turns = []
        for _ in range(ORDER_PAIRS):
            order = rng.permutation(number).tolist()
            turns.append((along(order) + along(order[::-1])) / 2.0)
        mean = np.mean(turns, axis=0)
        error = np.std(turns, axis=0, ddof=1) / np.sqrt(len(turns))
    return Shares(at(()), at(range(number)), in_order, mean, error, number <= exact_up_to)


def _exact(number: int, at: Callable[[Iterable[int]], float]) -> FloatArray:
    found = np.zeros(number)
    for one in range(number):
        others = [other for other in range(number) if other != one]
        for size in range(number):
            weight = factorial(size) * factorial(number - size - 1) / factorial(number)
            for subset in combinations(others, size):
                found[one] += weight * (at((*subset, one)) - at(subset))
    return found
