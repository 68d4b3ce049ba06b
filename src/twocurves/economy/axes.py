"""Sums and extremes along a named few of an array's axes, written out term by term.

Every array of the engine ends with the axis of draws, so that a number of the whole economy, shape
``(draws,)``, meets any other without ado, and every loop runs along the draws. The compiler adds up a short
leading axis ten times as fast when the terms are written out than when it is told to reduce it; hence these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

Arrays = TypeVar("Arrays")

#: Entries, draws apart, from which a sum is worth writing down.
_LARGE = 128


def _over(join: Callable[[Array, Array], Array], array: Array, axis: int | Sequence[int]) -> Array:
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    large = array.size >= _LARGE * array.shape[-1]
    for place in sorted(axes, reverse=True):
        parts = [
            jax.lax.index_in_dim(array, index, place, keepdims=False) for index in range(array.shape[place])
        ]
        array = reduce(join, parts)
    return once(array) if large else array


def total(array: Array, axis: int | Sequence[int] = 0) -> Array:
    """Return the sum over one or several axes, counted from the left."""
    return _over(jnp.add, array, axis)


def greatest(array: Array, axis: int | Sequence[int] = 0) -> Array:
    """Return the largest value over one or several axes, counted from the left."""
    return _over(jnp.maximum, array, axis)


def least(array: Array, axis: int | Sequence[int] = 0) -> Array:
    """Return the smallest value over one or several axes, counted from the left."""
    return _over(jnp.minimum, array, axis)


def once(arrays: Arrays) -> Arrays:
    """Return the arrays (one, or a tree of them) as they are, computed once.

    The compiler likes to compute an array anew inside every loop that reads it, a sum over products once for
    each product; over all cells that costs many times what writing it down does. It does not repeat a
    division, though, so a division by one that it cannot know to be one makes it write the array down. The
    values and derivatives are those of the array. Place this where a large array, or a sum over one, is read
    by something larger.
    """

    def written(array: Any) -> Any:
        if isinstance(array, np.ndarray) or not jnp.issubdtype(array.dtype, jnp.floating):
            return array
        # Constants of the array's own type, unless that is still open: they must not settle it.
        one, two = (1.0, 2.0) if array.weak_type else (array.dtype.type(1.0), array.dtype.type(2.0))
        return array / jnp.where(array == array, one, two)

    kept: Arrays = jax.tree.map(written, arrays)
    return kept


def by_group(array: Array, group: Sequence[int], groups: int) -> Array:
    """Return the sums of the first axis's entries that share a group, shape ``(groups, ...)``."""
    sums = []
    for wanted in range(groups):
        parts = [array[place] for place, own in enumerate(group) if own == wanted]
        sums.append(reduce(jnp.add, parts) if parts else jnp.zeros_like(array[0]))
    return jnp.stack(sums)


def of_group(array: Array, group: Sequence[int]) -> Array:
    """Return the entry of each member's group along the first axis, shape ``(members, ...)``."""
    return jnp.stack([array[own] for own in group])
