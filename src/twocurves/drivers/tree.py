"""A small classification tree: the one or two questions that part the futures best.

CART (Breiman, Friedman, Olshen and Stone 1984) with the Gini index and cuts half way between two neighbouring
values, grown to a few levels and not pruned: a tree of two questions is for reading, not for predicting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.drivers.ranks import FloatArray

DEPTH = 2

#: Least share of all draws in a leaf.
LEAST_LEAF = 0.05


@dataclass(frozen=True)
class Node:
    """A node of a tree.

    Attributes
    ----------
    draws
        Draws that come here.
    share
        Share of them that are of interest.
    place, cut
        Input and value of the question asked here: is it at most the cut? None in a leaf.
    yes, no
        Where the two answers lead.
    """

    draws: int
    share: float
    place: int | None = None
    cut: float | None = None
    yes: Node | None = None
    no: Node | None = None


def grow(
    inputs: FloatArray, interest: NDArray[np.bool_], depth: int = DEPTH, least_leaf: int | None = None
) -> Node:
    """Grow a tree.

    Parameters
    ----------
    inputs
        Shape ``(draws, inputs)``.
    interest
        Which draws are of interest, shape ``(draws,)``.
    depth
        Questions from the root to a leaf, at most.
    least_leaf
        Draws in a leaf, at least; a twentieth of all when left out.
    """
    least = max(1, int(LEAST_LEAF * len(inputs))) if least_leaf is None else least_leaf
    share = float(interest.mean())
    found = _best_cut(inputs, interest, least) if depth > 0 and 0.0 < share < 1.0 else None
    if found is None:
        return Node(len(inputs), share)
    place, cut = found
    yes = inputs[:, place] <= cut
    return Node(
        len(inputs),
        share,
        place,
        cut,
        grow(inputs[yes], interest[yes], depth - 1, least),
        grow(inputs[~yes], interest[~yes], depth - 1, least),
    )


def _best_cut(inputs: FloatArray, interest: NDArray[np.bool_], least: int) -> tuple[int, float] | None:
    """Return the input and value that lessen the Gini index most, None where none may be cut."""
    draws = len(inputs)
    if draws < 2 * least:
        return None
    order = np.argsort(inputs, axis=0, kind="stable")
    ordered = np.take_along_axis(inputs, order, axis=0)
    held = np.cumsum(interest[order], axis=0, dtype=np.float64)
    left = np.arange(1.0, draws)[:, None]
    right = draws - left
    of_left, of_right = held[:-1], held[-1] - held[:-1]
    impurity = of_left * (1.0 - of_left / left) + of_right * (1.0 - of_right / right)
    allowed = (ordered[1:] > ordered[:-1]) & (left >= least) & (right >= least)
    impurity = np.where(allowed, impurity, np.inf)
    at, place = np.unravel_index(int(np.argmin(impurity)), impurity.shape)
    whole = held[-1, 0]
    if not impurity[at, place] < whole * (1.0 - whole / draws):
        return None
    return int(place), float((ordered[at, place] + ordered[at + 1, place]) / 2.0)
