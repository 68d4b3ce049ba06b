"""Rules for figures that say too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.observed.measures.intervals import Interval
from twocurves.observed.measures.thin import (
    DAYS_OF_A_YEAR,
    WIDEST_FACTOR,
    cannot_tell_apart,
    cannot_tell_growth,
    over_period,
    too_wide,
    without_degenerate,
    yearly_footing,
)


@given(st.floats(0.01, 100), st.floats(1.01, 1e6))
def test_ends_a_hundredfold_apart_are_too_wide_for_a_factor(low: float, apart: float) -> None:
    found = Interval(low * apart**0.5, low, low * apart)
    said = too_wide(found, "x a year")
    if abs(apart / WIDEST_FACTOR - 1) > 1e-9:
        assert bool(said) == (apart > WIDEST_FACTOR)
    assert not too_wide(found, "months")
    assert not too_wide(Interval(1.0, None, 5.0), "x a year")
    assert not too_wide(None, "x a year")


@pytest.mark.parametrize("unit", ["doublings a year", "halvings a year", "doublings in 176 days"])
def test_a_factor_and_its_doublings_are_judged_alike(unit: str) -> None:
    assert too_wide(Interval(0.0, -3.4, 3.4), unit)  # 6.8 doublings are a factor of 111
    assert not too_wide(Interval(0.0, -3.2, 3.2), unit)


@given(st.floats(0.1, 100), st.floats(-200, 200), st.floats(0, 400))
def test_no_growth_and_twice_the_growth_in_one_interval_tell_nothing(
    estimate: float, low: float, width: float
) -> None:
    high = low + width
    said = cannot_tell_growth(estimate, low, high, "growth")
    assert bool(said) == (low <= 0 and high >= 2 * estimate)
    assert bool(cannot_tell_growth(-estimate, -high, -low, "growth")) == bool(said)
    assert not cannot_tell_growth(estimate, None, high, "growth")


def test_rates_of_equal_size_can_be_close_or_unknown() -> None:
    assert not cannot_tell_apart(-5.9, 3.4, 13.6, 13.9)
    assert cannot_tell_apart(-2.9, 3.2, 2.6, 2.5)
    assert not cannot_tell_apart(-2.9, 3.2, None, 2.5)


def test_under_a_year_is_said_or_told_over_its_days() -> None:
    assert yearly_footing(176) == "From 176 days, put on a yearly footing."
    assert not yearly_footing(DAYS_OF_A_YEAR)
    assert not yearly_footing(0)
    assert over_period(1000) == (1.0, "a year")
    spell, words = over_period(176)
    assert words == "in 176 days"
    assert spell == pytest.approx(176 / 365.25)


def test_an_interval_without_width_is_none() -> None:
    assert without_degenerate(Interval(0.7, 0.7, 0.7)) == Interval(0.7, None, None)
    assert without_degenerate(Interval(0.7, 0.6, 0.7)) == Interval(0.7, 0.6, 0.7)
    assert without_degenerate(Interval(0.7, None, 0.7)) == Interval(0.7, None, 0.7)
    assert without_degenerate(None) is None
