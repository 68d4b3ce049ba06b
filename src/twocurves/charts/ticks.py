"""Scales and ticks chosen here, not by the drawer: five ticks at most, on numbers a person would choose."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from twocurves.charts.number_text import say_all

ScaleName = Literal["linear", "log"]

MAX_TICKS = 5

#: Durations, in minutes, that a reader knows by name.
_DURATIONS = (
    *(1 / 60, 1 / 15, 1 / 4),
    *(1.0, 4.0, 15.0),
    *(60.0, 240.0, 960.0, 3600.0, 15e3, 60e3, 240e3, 960e3),
)
_STEPS = (1.0, 2.0, 2.5, 5.0)
_ZERO_WHEN_BELOW = 0.1
_PAD = 0.05

#: Pixels that a year needs under an axis.
_YEAR_ROOM = 50.0


@dataclass(frozen=True, slots=True)
class Span:
    """The extent of a numeric axis with its ticks.

    Attributes
    ----------
    low, high
        The ends of the axis, in the unit of the data.
    scale
        ``linear`` or ``log``.
    ticks
        At most five values inside the ends.
    labels
        One text per tick, with the unit.
    """

    low: float
    high: float
    scale: ScaleName
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def fraction(self, value: float) -> float:
        """Return where a value lies on the axis, 0 at the low end and 1 at the high end."""
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def span_of(
    values: Sequence[float],
    scale: ScaleName,
    style: str = "number",
    *,
    zero: bool = False,
    at_most: int = MAX_TICKS,
) -> Span:
    """Choose the extent and the ticks for some values.

    Parameters
    ----------
    values
        Everything that must lie inside; positive throughout on a log scale (the caller checks).
    scale
        ``linear`` or ``log``.
    style
        The number style of the labels.
    zero
        Whether a linear axis must hold zero; it does anyway when the values come near.
    at_most
        How many ticks at most.
    """
    low, high = min(values), max(values)
    if scale == "log":
        low, high = (low / 2, high * 2) if low == high else (low, high)
        pad = _PAD * math.log(high / low)
        low, high = low * math.exp(-pad), high * math.exp(pad)
        ticks = _log_ticks(low, high, style, at_most)
    else:
        low, high, ticks = _linear(low, high, zero=zero, style=style, at_most=at_most)
    ticks = sorted(set(ticks))  # in a span of a few last digits two ticks may round to one number
    return Span(low, high, scale, tuple(ticks), tuple(say_all(ticks, style)))


def _linear(
    low: float, high: float, *, zero: bool, style: str, at_most: int
) -> tuple[float, float, list[float]]:
    if zero or (0 <= low <= _ZERO_WHEN_BELOW * high):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        half = abs(low) * 0.1 or 1.0
        low, high = low - half, high + half
    pad = _PAD * (high - low)
    low = low if low == 0 else low - pad
    high = high if high == 0 else high + pad
    if style == "share" and high > 1 >= high - pad:
        high = max(1.0, high - pad)
    return low, high, _linear_ticks(low, high, at_most)


def _linear_ticks(low: float, high: float, at_most: int) -> list[float]:
    width = high - low
    exponent = math.floor(math.log10(width / at_most)) - 1
    for power in range(exponent, exponent + 4):
        for base in _STEPS:
            step = base * 10.0**power
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first + 1 <= at_most:
                # Through a decimal string, so that 3 * 0.1 is 0.3.
                return [float(f"{index * step:.12g}") for index in range(first, last + 1)]
    return [low, high]


def _log_ticks(low: float, high: float, style: str, at_most: int) -> list[float]:
    if style == "minutes":
        named = [value for value in _DURATIONS if low <= value <= high]
        if len(named) >= 2:
            return named[:: math.ceil(len(named) / at_most)]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for bases in ((1, 2, 5), (1, 3), (1,)):
        ticks = [
            float(f"{base}e{power}")
            for power in range(first, last + 1)
            for base in bases
            if low <= float(f"{base}e{power}") <= high
        ]
        if 3 <= len(ticks) <= at_most:
            return ticks
    if len(ticks) > at_most:
        return ticks[:: math.ceil(len(ticks) / at_most)]
    return [tick for tick in _linear_ticks(low, high, at_most) if low <= tick <= high and tick > 0]


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """The extent of a time axis with its ticks, at most five."""

    first: dt.date
    last: dt.date
    ticks: tuple[dt.date, ...]
    labels: tuple[str, ...]

    def fraction(self, day: dt.date) -> float:
        """Return where a day lies on the axis, 0 at its first and 1 at its last."""
        return (day - self.first).days / (self.last - self.first).days


def ticks_that_fit(width: float) -> int:
    """Return how many years can be written along an axis of a width in pixels, two at least."""
    return max(2, min(MAX_TICKS, int(width // _YEAR_ROOM)))


def time_span_of(days: Sequence[dt.date], at_most: int = MAX_TICKS) -> TimeSpan:
    """Choose the extent and the ticks for some days: years where they fit, months for short spans."""
    first, last = min(days), max(days)
    if (last - first).days < 60:
        first, last = first - dt.timedelta(days=30), last + dt.timedelta(days=30)
    years = [dt.date(year, 1, 1) for year in range(first.year, last.year + 2)]
    inside = [day for day in years if first <= day <= last]
    if len(inside) >= 3:
        step = math.ceil(len(inside) / at_most)
        # Count from the end of a round stride, so that 2025 and 2030 are kept rather than 2023 and 2028.
        kept = [day for day in inside if day.year % step == 0] if step > 1 else inside
        return TimeSpan(first, last, tuple(kept), tuple(str(day.year) for day in kept))
    months = [dt.date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    for stride in (1, 2, 3, 6, 12):
        kept = [day for day in months if first <= day <= last and (day.month - 1) % stride == 0]
        if len(kept) <= at_most:
            break
    labels = tuple(f"{day:%b} {day.year}" for day in kept)
    return TimeSpan(first, last, tuple(kept), labels)
