"""Numbers as a reader sees them: few figures, k, m and bn, a true minus sign, the unit attached.

A *number style* is one of the names below or a template with ``{}`` where the number goes (``"{} mo"``,
``"${}bn"``).

===========  =======================================================
``number``   plain: 158, 12.5k, 3.2m
``usd``      US dollars: $12, 35¢, 0.1¢, $4.1bn
``share``    a fraction, shown as a percentage: 0.38 is 38%
``times``    a ratio: 5.7×
``minutes``  a duration in minutes: 30 s, 15 min, 4 h
``year``     a date in years: 2028.1
===========  =======================================================
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from twocurves.errors import unknown

NUMBER_STYLES: tuple[str, ...] = ("number", "usd", "share", "times", "minutes", "year")

_WORDS = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
_FIRST_WITH_WORD = 10_000.0
_LAST_WITH_WORD = 1e15
_FIRST_DECIMAL = 1e-4
_MINUS = "−"
_WIDE_RATIO = 4.0
_WHOLE_YEAR = 3
_FINER_THAN_TENTHS = 4


def check_style(style: str, field: str = "number") -> str:
    """Return ``style`` if it is a number style.

    Raises
    ------
    BadInputError
        It is neither a known name nor a template with one ``{}``.
    """
    if style in NUMBER_STYLES or style.count("{}") == 1:
        return style
    raise unknown("number style", style, NUMBER_STYLES, field=field)


def say(value: float, style: str = "number", digits: int = 3, *, fixed: bool = False) -> str:
    """Write a number with ``digits`` significant figures and its unit; zeros at the end only when ``fixed``.

    >>> say(0.35, "usd"), say(-12345, "number"), say(0.384, "share"), say(90, "minutes")
    ('35¢', '−12.3k', '38.4%', '1.5 h')
    """
    sign = _MINUS if value < 0 and float(f"{value:.{digits}g}") != 0 else ""
    size = abs(value)
    if style == "usd":
        cents = 0 < size < 0.995
        return sign + (
            f"{_short(size * 100, digits, fixed)}¢" if cents else f"${_short(size, digits, fixed)}"
        )
    if style == "share":
        return f"{sign}{_short(size * 100, digits, fixed)}%"
    if style == "times":
        return f"{sign}{_short(size, digits, fixed)}×"
    if style == "minutes":
        return sign + _duration(size, digits)
    if style == "year" and digits > _FINER_THAN_TENTHS:
        return sign + f"{size:.{digits}g}".replace("-", _MINUS)
    if style == "year":
        tenths = f"{size:.1f}"
        return sign + (tenths if fixed or digits < _WHOLE_YEAR else tenths.removesuffix(".0"))
    template = "{}" if style == "number" else style
    return sign + template.replace("{}", _short(size, digits, fixed))


def say_estimate(value: float, low: float | None, high: float | None, style: str = "number") -> str:
    """Write an estimate with as many figures as its interval allows.

    >>> say_estimate(7.0, 5.1, 9.2, "{} mo"), say_estimate(0.384, 0.2, 0.6, "share")
    ('7.0 mo', '38%')
    """
    if low is None or high is None:
        return say(value, style)
    return say(value, style, _digits(value, low, high, style), fixed=True)


def say_range(low: float, high: float, style: str = "number") -> str:
    """Write an interval with as many figures as its width allows, the unit once where it follows the number.

    >>> say_range(9.32, 18.5, "{} mo"), say_range(0.08, 0.19, "share"), say_range(0.2, 4, "usd")
    ('9.3 to 18.5 mo', '8 to 19%', '20¢ to $4.0')
    """
    first, last = (say(end, style, _digits(end, low, high, style), fixed=True) for end in (low, high))
    unit = {"share": "%", "times": "×"}.get(style, style.partition("{}")[2])
    if style == "minutes" and first.partition(" ")[2] == last.partition(" ")[2]:
        unit = f" {last.partition(' ')[2]}"
    if unit and first.endswith(unit):
        first = first.removesuffix(unit)
    return f"{first} to {last}"


def _digits(value: float, low: float, high: float, style: str) -> int:
    """Return the significant figures that a number inside an interval deserves.

    Down to the decimal place of a tenth of the width: finer figures would claim what is not known. Where the
    interval spans a large ratio, two figures at every point of it.
    """
    width = high - low
    if width <= 0 or style == "year":
        return 3
    if style == "minutes" or (low > 0 and high / low > _WIDE_RATIO):
        return 2
    if value == 0:
        return 1
    place = math.floor(math.log10(width / 10))
    return min(6, max(1, math.floor(math.log10(abs(value))) - place + 1))


def say_all(values: Sequence[float], style: str = "number") -> list[str]:
    """Write the labels of an axis: as few figures as keep them different, exact where that is short."""
    for digits in range(3, 16):
        labels = [say(value, style, digits) for value in values]
        if len(set(labels)) == len(set(values)):
            return labels
    return [say(value, style, 17) for value in values]


def _short(size: float, digits: int, fixed: bool) -> str:
    rounded = float(f"{size:.{digits}g}")
    if rounded == 0:
        return "0"
    if rounded >= _LAST_WITH_WORD or rounded < _FIRST_DECIMAL:
        mantissa, exponent = f"{rounded:.{digits - 1}e}".split("e")
        return f"{_plain(float(mantissa), digits, fixed)}e{int(exponent)}".replace("-", _MINUS)
    if rounded >= _FIRST_WITH_WORD:
        factor, word = next(pair for pair in _WORDS if rounded >= pair[0])
        return _plain(rounded / factor, digits, fixed) + word
    return _plain(rounded, digits, fixed)


def _plain(size: float, digits: int, fixed: bool) -> str:
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{size:,.{decimals}f}"
    return text if fixed or "." not in text else text.rstrip("0").rstrip(".")


def _duration(minutes: float, digits: int) -> str:
    if minutes == 0:
        return "0"
    if minutes < 1:
        return f"{_short(minutes * 60, digits, fixed=False)} s"
    if minutes < 60:
        return f"{_short(minutes, digits, fixed=False)} min"
    return f"{_short(minutes / 60, digits, fixed=False)} h"


def round_figures(value: float, digits: int = 5) -> float:
    """Round to significant figures: what a drawing can show, so that specs stay small."""
    return float(f"{value:.{digits}g}")
