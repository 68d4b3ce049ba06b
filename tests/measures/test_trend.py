"""Trends: exact on exact lines, sound on awkward ones, and covering what they claim to cover."""

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.measures.compare import COMPARED, Ends
from twocurves.observed.measures.trend import (
    difference,
    doubling_months,
    linear_trend,
    log_linear_trend,
    logit_trend,
    steady_level,
    years,
)
from twocurves.randomness import normals, uniforms


def test_years_count_from_1970() -> None:
    assert years([dt.date(1970, 1, 1), dt.date(2026, 1, 1)]) == pytest.approx([0.0, 56.0], abs=0.01)


@given(slope=st.floats(-5, 5), level=st.floats(-100, 100), count=st.integers(3, 30))
@settings(deadline=None, max_examples=25)
def test_an_exact_line_is_found_exactly(slope: Any, level: Any, count: Any) -> None:
    at = 2020 + np.arange(count) / 4
    found = linear_trend(at, level + slope * (at - 2020))
    assert found is not None
    assert found.slope == pytest.approx(slope, abs=1e-6)
    low, high = found.interval()
    assert high - low < 1e-6


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(-3, 3)), min_size=3, max_size=20))
@settings(deadline=None, max_examples=40)
def test_order_does_not_matter_and_the_interval_holds_the_slope(points: Any) -> None:
    at, seen = (np.array(column) for column in zip(*points, strict=True))
    found = linear_trend(at, seen)
    if len(np.unique(at)) < 3:
        assert found is None
        return
    assert found is not None
    low, high = found.interval()
    assert low <= found.slope <= high
    back = linear_trend(at[::-1], seen[::-1])
    assert back is not None
    assert back.slope == pytest.approx(found.slope, rel=1e-6, abs=1e-6)


def test_values_scale_and_turn_with_their_units() -> None:
    at, noise = _points("units", 0, 12)
    found, scaled = linear_trend(at, noise), linear_trend(at, -1000 * noise)
    assert found is not None
    assert scaled is not None
    assert scaled.slope == pytest.approx(-1000 * found.slope, rel=1e-6)
    grown, also = log_linear_trend(at, np.exp(noise)), log_linear_trend(at, 1e9 * np.exp(noise))
    assert grown is not None
    assert also is not None
    assert grown.interval() == pytest.approx(also.interval(), rel=1e-6)


def test_twins_of_one_date_count_once() -> None:
    at = np.array([0.0, 1.0, 2.0, 3.0, 3.0, 3.0])
    found = linear_trend(at, [0.0, 1.0, 2.0, 2.5, 3.0, 3.5])
    assert found is not None
    assert found.n == 4
    assert found.slope == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("at", "seen"),
    [
        ([], []),
        ([1.0], [2.0]),
        ([1.0, 2.0], [1.0, 2.0]),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
        ([1, 2, 3], [1, np.nan, 2]),
    ],
)
def test_too_little_gives_nothing(at: Any, seen: Any) -> None:
    assert linear_trend(at, seen) is None
    assert steady_level(at, seen) is None


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_growth_of_what_is_not_positive_is_refused(bad: Any) -> None:
    assert log_linear_trend([0, 1, 2, 3], [1, 2, bad, 4]) is None


def test_shares_at_the_edge_are_pulled_in_and_beyond_it_refused() -> None:
    assert logit_trend([0, 1, 2, 3], [0.0, 0.1, 0.2, 1.0]) is not None
    assert logit_trend([0, 1, 2, 3], [0.1, 0.2, 0.3, 1.2]) is None
    assert logit_trend([0, 1, 2], [0.0, 0.0, 1.0]) is None


def test_the_log_odds_grow_by_the_difference_of_the_growth_rates() -> None:
    at = np.arange(8) / 4
    opened, closed = np.exp(1.5 * at), 5 * np.exp(0.4 * at)
    found = logit_trend(at, opened / (opened + closed))
    assert found is not None
    assert found.slope == pytest.approx(1.1)


def test_a_covariate_is_held_fixed() -> None:
    at = 2020 + np.arange(20) / 4
    other = np.sin(3 * at) + at
    found = linear_trend(at, 2.0 * at - 3.0 * other, [other])
    assert found is not None
    assert found.slope == pytest.approx(2.0, abs=1e-6)
    assert linear_trend(at, at, [2 * at]) is None


def test_differences_are_antisymmetric() -> None:
    first, second = (linear_trend(*_points("difference", draw, 10, 1.0 - draw)) for draw in (0, 1))
    assert first is not None
    assert second is not None
    one, other = difference(first, second), difference(second, first)
    assert one.estimate == pytest.approx(-other.estimate, abs=1e-9)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-9)
    assert one.probability_above_zero == pytest.approx(1 - other.probability_above_zero, abs=1e-9)
    assert first.probability_above(first.slope) == pytest.approx(0.5, abs=1e-6)


def test_doubling() -> None:
    assert doubling_months(math.log(2)) == pytest.approx(12)
    assert doubling_months(0) is None
    assert doubling_months(-1) is None


def _points(
    name: str, draw: int, count: int, slope: float = 0.5, correlation: float = 0.4, *, regular: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = np.arange(count) * 1.0
    if not regular:
        at = np.sort(uniforms(11, f"test/dates/{name}", draw, 1, count)[0] * count)
    gaps = np.abs(at[:, None] - at[None, :])
    shape = np.eye(count) if correlation == 0 else correlation**gaps
    errors = (
        np.linalg.cholesky(shape + 1e-10 * np.eye(count))
        @ normals(11, f"test/noise/{name}", draw, 1, count)[0]
    )
    return np.asarray(at, dtype=np.float64), np.asarray(slope * at + errors, dtype=np.float64)


def _coverage(method: Ends, count: int, correlation: float, replications: int, *, regular: bool) -> float:
    held = 0
    for draw in range(replications):
        at, seen = _points(f"{count}/{correlation}/{regular}", draw, count, 0.5, correlation, regular=regular)
        low, high = method(at, seen)
        held += low <= 0.5 <= high
    return held / replications


def _mixture(at: NDArray[np.float64], seen: NDArray[np.float64]) -> tuple[float, float]:
    found = linear_trend(at, seen)
    assert found is not None
    return found.interval()


@pytest.mark.slow
def test_the_interval_covers_and_the_rivals_do_not() -> None:
    # The claim of the module: the average over designs lies within 85% to 95%, and no rival's does.
    designs = [(n, r, regular) for n in (6, 9, 14, 26) for r in (0.0, 0.3, 0.6) for regular in (True, False)]
    each = 500 // 4
    ours = [_coverage(_mixture, n, r, each, regular=regular) for n, r, regular in designs]
    assert 0.85 <= np.mean(ours) <= 0.95
    assert min(ours) >= 0.74
    for name, method in COMPARED.items():
        theirs = np.mean([_coverage(method, n, r, each, regular=regular) for n, r, regular in designs])
        assert theirs < np.mean(ours), name
        assert theirs < 0.86, name


@pytest.mark.slow
@pytest.mark.parametrize(("count", "regular"), [(9, False), (14, False), (26, True)])
def test_coverage_of_a_typical_series_over_500_replications(count: Any, regular: Any) -> None:
    held = _coverage(_mixture, count, 0.4, 500, regular=regular)
    assert 0.85 <= held <= 0.96


@pytest.mark.slow
def test_coverage_of_a_difference() -> None:
    held = 0
    for draw in range(500):
        first = linear_trend(*_points("difference/first", draw, 10, 1.0, 0.4))
        second = linear_trend(*_points("difference/second", draw, 16, 0.7, 0.2))
        assert first is not None
        assert second is not None
        found = difference(first, second)
        held += found.low <= 0.3 <= found.high
    assert 0.85 <= held / 500 <= 0.97


@pytest.mark.slow
def test_coverage_of_a_slope_beside_a_covariate() -> None:
    held = 0
    for draw in range(300):
        count = 30
        at = np.sort(uniforms(3, "test/covariate/at", draw, 1, count)[0] * 3)
        own = normals(3, "test/covariate/own", draw, 1, count)[0]
        other = 5 * at + 4 * normals(3, "test/covariate/other", draw, 1, count)[0]
        found = linear_trend(at, 0.2 * other - 2.0 * at + own, [other])
        assert found is not None
        low, high = found.interval()
        held += low <= -2.0 <= high
    assert 0.85 <= held / 300 <= 0.97


@pytest.mark.slow
def test_coverage_of_a_level() -> None:
    held = 0
    for draw in range(300):
        at, seen = _points("level", draw, 9, 0.0, 0.5)
        found = steady_level(at, seen)
        assert found is not None
        low, high = found.interval()
        held += low <= 0.0 <= high
    assert 0.82 <= held / 300 <= 0.97
