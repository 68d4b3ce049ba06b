"""Probabilities as a reader sees them: so many in twenty first, percent second, without decimals."""

from __future__ import annotations

import math

OUT_OF = 20

_HARDLY = 0.005


def twentieths(chance: float) -> int:
    """Return how many of twenty dots are full."""
    return math.floor(OUT_OF * chance + 0.5)


def in_twenty(chance: float | None) -> str:
    """Write a probability as so many in twenty; what is less or more than that can say, in words.

    >>> in_twenty(0.35), in_twenty(0.01), in_twenty(None)
    ('7 in 20', '<1 in 20', '–')
    """
    if chance is None or not math.isfinite(chance):
        return "–"
    if 0 < chance < 0.5 / OUT_OF:
        return f"<1 in {OUT_OF}"
    if 1 - 0.5 / OUT_OF < chance < 1:
        return f">{OUT_OF - 1} in {OUT_OF}"
    return f"{twentieths(chance)} in {OUT_OF}"


def percent(chance: float | None, half_width: float | None = None) -> str:
    """Write a probability in percent, with half of the 90% interval of its Monte Carlo error.

    >>> percent(0.354, 0.031), percent(0.001), percent(1.0)
    ('35% ±4', '<1%', '100%')
    """
    if chance is None or not math.isfinite(chance):
        return ""
    if 0 < chance < _HARDLY:
        return "<1%"
    if 1 - _HARDLY < chance < 1:
        return ">99%"
    return f"{100 * chance:.0f}%" + (f" ±{math.ceil(100 * half_width)}" if half_width else "")
