"""What a part of an expression is: a truth, a number with a unit, or a month; and over what it varies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pint import Quantity

What = Literal["truth", "number", "month"]

#: How messages call each.
IN_WORDS: dict[What, str] = {"truth": "true or false", "number": "a number", "month": "a month"}


@dataclass(frozen=True)
class Kind:
    """What a part of an expression is.

    Attributes
    ----------
    what
        Truth, number or month (of which ``never`` is one: later than all).
    axes
        The kinds of entity over which it still varies, in the order of its array.
    monthly
        Whether it has a value for each month of a window, or one for all.
    unit
        One of its unit, of a number; None otherwise.
    """

    what: What
    axes: tuple[str, ...] = ()
    monthly: bool = False
    unit: Quantity[float] | None = field(default=None)
