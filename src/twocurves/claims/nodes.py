"""The parts of a compiled expression, each computed for many draws at once.

Every part returns float64 of shape ``(draws or 1, months or 1, *axes)``. Truths are 1 and 0. What cannot be
known is NaN and stays NaN through every operation, also through ``and`` and ``or``: a row whose inputs are
not finite never becomes true or false.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.claims.kinds import Kind

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Node(ABC):
    """One part of an expression, with what it is."""

    kind: Kind

    @abstractmethod
    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch, from the arrays of the measures by name."""


@dataclass(frozen=True)
class Measured(Node):
    """A measure over a window of months, perhaps of some entities only.

    ``picks`` has one entry for each axis of the stored array: the place of an entity, or None to keep all.
    """

    name: str
    start: int
    stop: int
    picks: tuple[int | None, ...]

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the window; infinite values become NaN, since nothing can be concluded from them."""
        index = (slice(None), slice(self.start, self.stop))
        entities = tuple(slice(None) if pick is None else pick for pick in self.picks)
        stored = values[self.name][index + entities]
        finite = np.isfinite(stored)
        found = stored.astype(np.float64)
        if not finite.all():
            found[~finite] = np.nan
        return found


@dataclass(frozen=True)
class Constant(Node):
    """A number, a truth or a month written in the expression."""

    value: float

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        return np.full((1, 1), self.value)


def spread(array: Array, axes: tuple[str, ...], wanted: tuple[str, ...]) -> Array:
    """Return an array over ``axes`` laid out to meet one over ``wanted``, of which they are some."""
    order = [axes.index(axis) for axis in wanted if axis in axes]
    moved = array.transpose(0, 1, *(2 + place for place in order))
    lengths = iter(moved.shape[2:])
    return moved.reshape(*moved.shape[:2], *(next(lengths) if axis in axes else 1 for axis in wanted))


@dataclass(frozen=True)
class _Pair(Node):
    left: Node
    right: Node

    def both(self, values: Mapping[str, NDArray[np.floating]]) -> tuple[Array, Array]:
        return (
            spread(self.left.evaluate(values), self.left.kind.axes, self.kind.axes),
            spread(self.right.evaluate(values), self.right.kind.axes, self.kind.axes),
        )


ARITHMETIC: Mapping[str, Callable[[Array, Array], Array]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
COMPARISON: Mapping[str, Callable[[Array, Array], NDArray[np.bool_]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Arithmetic(_Pair):
    """Sum, difference, product or quotient; a quotient by zero cannot be known."""

    sign: str
    right_factor: float

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        left, right = self.both(values)
        with np.errstate(all="ignore"):
            found = np.asarray(ARITHMETIC[self.sign](left, right * self.right_factor))
        found[~np.isfinite(found)] = np.nan
        return found


@dataclass(frozen=True)
class Comparison(_Pair):
    """A comparison of two numbers of one unit, or of two months."""

    sign: str
    right_factor: float

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        left, right = self.both(values)
        return compared(self.sign, left, right * self.right_factor)


def compared(sign: str, left: Array, right: Array) -> Array:
    """Return 1 where the comparison holds, 0 where not, NaN where a side is unknown."""
    found = COMPARISON[sign](left, right).astype(np.float64)
    found[np.isnan(left) | np.isnan(right)] = np.nan
    return found


@dataclass(frozen=True)
class Both(_Pair):
    """Logical and."""

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        left, right = self.both(values)
        return left * right  # a product, so that an unknown stays unknown even beside a false


@dataclass(frozen=True)
class Either(_Pair):
    """Logical or."""

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        left, right = self.both(values)
        return np.maximum(left, right)


@dataclass(frozen=True)
class Negated(Node):
    """Logical not (``base`` 1) or a minus sign (``base`` 0)."""

    inner: Node
    base: float

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        return self.base - self.inner.evaluate(values)


Reduction = Callable[[Array, int], Array]


def _second(array: Array, axis: int) -> Array:
    # The sum is there for its NaN, which sorting would move to the end.
    return np.asarray(np.take(np.sort(array, axis=axis), -2, axis=axis) + 0.0 * array.sum(axis=axis))


def _sum(array: Array, axis: int) -> Array:
    return np.asarray(array.sum(axis=axis))


def _mean(array: Array, axis: int) -> Array:
    return np.asarray(array.mean(axis=axis))


def _most(array: Array, axis: int) -> Array:
    return np.asarray(array.max(axis=axis))


def _least(array: Array, axis: int) -> Array:
    return np.asarray(array.min(axis=axis))


def _median(array: Array, axis: int) -> Array:
    middle = np.sort(array, axis=axis)
    length = array.shape[axis]
    pair = np.take(middle, [(length - 1) // 2, length // 2], axis=axis)
    return np.asarray(pair.mean(axis=axis) + 0.0 * array.sum(axis=axis))


REDUCTIONS: Mapping[str, Reduction] = {
    "sum": _sum,
    "mean": _mean,
    "max": _most,
    "min": _least,
    "median": _median,
    "second": _second,
    "count": _sum,
    "any": _most,
    "all": _least,
}


@dataclass(frozen=True)
class OverEntities(Node):
    """One value from those of several entities; ``places`` limits them, all when empty."""

    inner: Node
    axis: str
    how: str
    places: tuple[int, ...]

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        axis = 2 + self.inner.kind.axes.index(self.axis)
        found = self.inner.evaluate(values)
        if self.places:
            found = np.take(found, self.places, axis=axis)
        return REDUCTIONS[self.how](found, axis)


@dataclass(frozen=True)
class OverMonths(Node):
    """One value from those of the months of a window."""

    inner: Node
    how: str

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        return REDUCTIONS[self.how](self.inner.evaluate(values), 1)[:, None]


@dataclass(frozen=True)
class Growth(Node):
    """The factor a year by which a positive number grew; unknown where one end is not positive."""

    before: Node
    after: Node
    months: int

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        before, after = self.before.evaluate(values), self.after.evaluate(values)
        with np.errstate(all="ignore"):
            positive = (before > 0.0) & (after > 0.0)
            return np.asarray(np.where(positive, (after / before) ** (12.0 / self.months), np.nan))


@dataclass(frozen=True)
class Slope(Node):
    """The least-squares slope over a window, per year."""

    inner: Node
    months: int

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        years = (np.arange(self.months) - (self.months - 1) / 2.0) / 12.0
        weights = years / np.square(years).sum()
        found = self.inner.evaluate(values)
        return np.asarray(np.tensordot(weights, found, axes=(0, 1)))[:, None]


@dataclass(frozen=True)
class Sustained(Node):
    """Whether a condition held in some run of this many months on end."""

    inner: Node
    months: int

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        runs, length = self.inner.evaluate(values), 1
        while length < self.months:  # two runs that touch or overlap make a longer one
            step = min(length, self.months - length)
            runs = np.minimum(runs[:, :-step], runs[:, step:])
            length += step
        return np.asarray(runs.max(axis=1))[:, None]


@dataclass(frozen=True)
class First(Node):
    """The first month in which a condition held, counted as :class:`twocurves.months.Month`; never is inf."""

    inner: Node
    first_month: int

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        held = self.inner.evaluate(values)
        month = np.where(held.max(axis=1) > 0.0, self.first_month + held.argmax(axis=1), np.inf)
        return np.asarray(np.where(np.isnan(held).any(axis=1), np.nan, month))[:, None]


@dataclass(frozen=True)
class Trailing(Node):
    """The mean over the months that end with each month; the inner window starts ``months - 1`` earlier."""

    inner: Node
    months: int

    def evaluate(self, values: Mapping[str, NDArray[np.floating]]) -> Array:
        """Return the values for a batch."""
        runs = np.lib.stride_tricks.sliding_window_view(self.inner.evaluate(values), self.months, axis=1)
        return np.asarray(runs.mean(axis=-1))
