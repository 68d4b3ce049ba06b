from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twocurves.charts.number_text import (
    NUMBER_STYLES,
    check_style,
    round_figures,
    say,
    say_all,
    say_estimate,
    say_range,
)
from twocurves.charts.text_width import text_width, wrap
from twocurves.charts.ticks import MAX_TICKS, ScaleName, span_of, time_span_of
from twocurves.errors import BadInputError

finite = st.floats(-1e14, 1e14, allow_nan=False, allow_infinity=False)
positive = st.floats(1e-9, 1e14)
fixed = settings(derandomize=True, deadline=None)
styles = st.sampled_from([*NUMBER_STYLES, "{} mo", "${}bn"])


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (0, "usd", "$0"),
        (0.35, "usd", "35¢"),
        (0.001, "usd", "0.1¢"),
        (12.5, "usd", "$12.5"),
        (4.1e9, "usd", "$4.1bn"),
        (-5, "usd", "−$5"),
        (0.38, "share", "38%"),
        (5.7, "times", "5.7×"),
        (1234, "number", "1,230"),
        (12500, "number", "12.5k"),
        (-3.2e6, "number", "−3.2m"),
        (15, "minutes", "15 min"),
        (240, "minutes", "4 h"),
        (0.5, "minutes", "30 s"),
        (7.4, "{} mo", "7.4 mo"),
        (1e-7, "number", "1e−7"),
        (-1e-320, "{}%", "−1e−320%"),
    ],
)
def test_numbers_as_people_write_them(value: float, style: str, text: str) -> None:
    assert say(value, style) == text


@fixed
@given(finite, styles)
def test_numbers_carry_no_hyphen_and_no_python(value: float, style: str) -> None:
    text = say(value, style)
    assert "-" not in text
    assert "+" not in text
    assert "nan" not in text


@fixed
@given(st.lists(finite, min_size=1, max_size=5, unique=True), styles)
def test_labels_of_an_axis_differ(values: list[float], style: str) -> None:
    values = sorted({round_figures(value) for value in values})
    assert len(set(say_all(values, style))) == len(values)


@fixed
@given(finite, finite, styles)
def test_ranges_can_be_said(one: float, other: float, style: str) -> None:
    low, high = sorted((one, other))
    assert " to " in say_range(low, high, style)
    assert say_estimate((low + high) / 2, low, high, style)


def test_figures_follow_the_width_of_the_interval() -> None:
    assert say_range(154.12, 162.43) == "154.1 to 162.4"
    assert say_range(120.2, 160.7) == "120 to 161"
    assert say_estimate(7.0, 5.1, 9.2) == "7.0"
    assert say_range(0.08, 0.19, "share") == "8 to 19%"
    assert say_range(0.2, 4, "usd") == "20¢ to $4.0"


def test_unknown_style_names_the_nearest() -> None:
    with pytest.raises(BadInputError) as caught:
        check_style("usdd")
    assert caught.value.suggestion == "usd"


@fixed
@given(st.lists(finite, min_size=1, max_size=6), st.booleans(), styles)
def test_linear_axes_hold_their_values(values: list[float], zero: bool, style: str) -> None:
    _check_span(values, "linear", style, zero)


@fixed
@given(st.lists(positive, min_size=1, max_size=6), styles)
def test_log_axes_hold_their_values(values: list[float], style: str) -> None:
    span = _check_span(values, "log", style, False)
    assert span > 0


def _check_span(values: list[float], scale: ScaleName, style: str, zero: bool) -> float:
    span = span_of(values, scale, style, zero=zero)
    assert span.low < span.high
    assert math.isfinite(span.low)
    assert math.isfinite(span.high)
    assert all(-1e-9 <= span.fraction(value) <= 1 + 1e-9 for value in values)
    assert 1 <= len(span.ticks) <= MAX_TICKS
    assert list(span.ticks) == sorted(set(span.ticks))
    assert all(
        span.low - 1e-6 * abs(span.low) <= tick <= span.high + 1e-6 * abs(span.high) for tick in span.ticks
    )
    assert len(set(span.labels)) == len(span.ticks)
    if zero:
        assert span.low <= 0 <= span.high
    return span.low


days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@fixed
@given(st.lists(days, min_size=1, max_size=6), st.integers(3, MAX_TICKS))
def test_time_axes_hold_their_days(found: list[dt.date], at_most: int) -> None:
    span = time_span_of(found, at_most)
    assert all(0 <= span.fraction(day) <= 1 for day in found)
    assert 1 <= len(span.ticks) <= at_most
    assert all(span.first <= day <= span.last for day in span.ticks)
    assert len(set(span.labels)) == len(span.ticks)


@fixed
@given(st.text(max_size=80), st.floats(8, 30), st.floats(20, 600))
def test_wrapping_keeps_every_word_and_the_width(text: str, size: float, width: float) -> None:
    lines = wrap(text, size, width)
    assert " ".join(lines).split() == text.split()
    assert all(
        text_width(line, size) <= width or " " not in line.strip() or len(line.split()) == 1 for line in lines
    )
