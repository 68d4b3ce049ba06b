"""What changed between two tables of named rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

#: A cell: a figure, a text, or nothing. Only figures are checked against limits.
Cell = float | str | None

#: Rows by name, each with its cells by field. Every reader brings its source into this one form.
Rows = Mapping[str, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs.

    Attributes
    ----------
    row, field
        Where.
    old, new
        What stood there and what stands there now.
    """

    row: str
    field: str
    old: Cell
    new: Cell

    @property
    def ratio(self) -> float | None:
        """How many times larger or smaller, at least 1; None unless both are figures above zero."""
        if not isinstance(self.old, float) or not isinstance(self.new, float):
            return None
        if not (0 < self.old < math.inf and 0 < self.new < math.inf):
            return None
        return max(self.old, self.new) / min(self.old, self.new)

    def __str__(self) -> str:
        step = self.ratio
        factor = ""
        if step is not None and isinstance(self.old, float) and isinstance(self.new, float):
            size = f"{step:,.0f}" if step >= 100 else f"{step:.3g}"  # no exponents
            factor = f", {'×' if self.new > self.old else '÷'}{size}"
        return f"{self.row}: {self.field} {_text(self.old)} → {_text(self.new)}{factor}"


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two tables.

    Every row of either table is in exactly one of ``added``, ``removed``, ``changed`` and ``same``.

    Attributes
    ----------
    added, removed, changed, same
        Names of rows, sorted: only in the new table, only in the old, in both and different, in both
        and equal.
    changes
        Every cell that differs in the changed rows.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def nothing(self) -> bool:
        """Whether the tables are equal."""
        return not (self.added or self.removed or self.changed)

    @property
    def largest(self) -> Change | None:
        """The change of a figure by the greatest ratio; any change when no figure moved by a ratio."""
        return max(self.changes, key=lambda change: change.ratio or 0.0, default=None)


def compare(old: Rows, new: Rows) -> Difference:
    """Compare two tables by the names of their rows.

    A field that a row lacks counts as a cell with nothing in it.
    """
    common = sorted(old.keys() & new.keys())
    changes = tuple(change for name in common for change in _cells(name, old[name], new[name]))
    changed = {change.row for change in changes}
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(changed)),
        same=tuple(name for name in common if name not in changed),
        changes=changes,
    )


def _cells(row: str, old: Mapping[str, Cell], new: Mapping[str, Cell]) -> list[Change]:
    return [
        Change(row, field, old.get(field), new.get(field))
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    ]


def _text(cell: Cell) -> str:
    if cell is None:
        return "nothing"
    return f"{cell:,.6g}" if isinstance(cell, float) else cell
