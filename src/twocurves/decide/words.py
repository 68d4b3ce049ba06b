"""Small phrases that answers share."""

from __future__ import annotations

from twocurves.months import Month

_OUT_OF = 20


def in_twenty(chance: float) -> str:
    """Return a probability as draws in twenty.

    >>> in_twenty(0.66), in_twenty(0.001)
    ('13 of 20', 'fewer than 1 of 20')
    """
    count = round(chance * _OUT_OF)
    if count == 0 and chance > 0.0:
        return f"fewer than 1 of {_OUT_OF}"
    if count == _OUT_OF and chance < 1.0:
        return f"nearly all of {_OUT_OF}"
    return f"{count} of {_OUT_OF}"


def in_words(month: Month) -> str:
    """Return a month as a person says it.

    >>> in_words(Month.of(2027, 5))
    'May 2027'
    """
    return f"{month.first_day:%B %Y}"
