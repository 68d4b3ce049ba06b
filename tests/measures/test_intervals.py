"""Intervals for proportions, dispersion, concentration, medians and means."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.observed.measures.intervals import (
    herfindahl,
    largest_share,
    median,
    over_ranges,
    proportion,
    variation,
    weighted_mean,
)
from twocurves.randomness import normals, uniforms

PRICES = st.lists(st.floats(0.01, 100), min_size=3, max_size=25)
SIZES = st.lists(st.floats(0, 1e6), min_size=1, max_size=12).filter(lambda sizes: sum(sizes) > 1e-3)


def test_wilson_known_answer() -> None:
    # Ten of a hundred at 95%: 0.0552 to 0.1744 (Newcombe 1998, method 3).
    found = proportion(10, 100, level=0.95)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.1, 0.0552, 0.1744), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_proportion_stays_between_0_and_1(counts: Any) -> None:
    found = proportion(*counts)
    assert found.low is not None
    assert found.high is not None
    assert 0.0 <= found.low <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.high <= 1.0


@pytest.mark.parametrize(("hits", "trials"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(hits: Any, trials: Any) -> None:
    with pytest.raises(ValueError, match="hits"):
        proportion(hits, trials)


@given(PRICES, st.floats(0.001, 1000))
def test_variation_does_not_depend_on_the_unit(prices: Any, factor: Any) -> None:
    first, second = variation(prices), variation(factor * np.array(prices))
    assert first is not None
    assert second is not None
    assert second.estimate == pytest.approx(first.estimate, rel=1e-6, abs=1e-9)
    if first.low is not None and second.low is not None:
        assert second.low == pytest.approx(first.low, rel=1e-4)


def test_variation_known_answers() -> None:
    assert variation([1.0, 2.0, 3.0]).estimate == pytest.approx(0.5)  # type: ignore[union-attr]
    alike = variation([2.0, 2.0, 2.0, 2.0])
    assert alike is not None
    assert (alike.estimate, alike.low, alike.high) == (0.0, None, None)
    assert variation([1.0]) is None
    assert variation([1.0, 0.0, 2.0]) is None
    assert variation([1.0, -1.0, 2.0]) is None
    assert variation([1.0, math.nan]) is None


@given(SIZES)
def test_concentration_has_its_bounds(sizes: Any) -> None:
    assert 1 / len(sizes) - 1e-9 <= herfindahl(sizes) <= 1 + 1e-9
    assert largest_share(sizes) <= 1.0
    assert largest_share(sizes, 1) <= largest_share(sizes, 2) <= largest_share(sizes, len(sizes)) + 1e-12
    assert herfindahl(sizes) == pytest.approx(herfindahl(sizes[::-1]))


def test_concentration_known_answers() -> None:
    assert herfindahl([1, 1, 1, 1]) == pytest.approx(0.25)
    assert herfindahl([5]) == 1.0
    assert herfindahl([0.5, 0.3, 0.2]) == pytest.approx(0.38)
    assert largest_share([4, 3, 2, 1]) == pytest.approx(0.9)
    for nothing in ([], [0, 0], [1, -1], [1, math.inf]):
        with pytest.raises(ValueError, match="sizes"):
            herfindahl(nothing)


def test_ranges_hold_the_figure_at_every_corner() -> None:
    found = over_ranges([(20, 24, 30), (34, 47, 47), (0.4, 0.4, 0.4)], herfindahl)
    assert found.estimate == pytest.approx(herfindahl([24, 47, 0.4]))
    assert found.low is not None
    assert found.high is not None
    for first in (20, 30):
        for second in (34, 47):
            assert found.low <= herfindahl([first, second, 0.4]) <= found.high


def test_a_median_needs_five_values_for_an_interval() -> None:
    assert median([1, 2, 3, 4]).low is None  # type: ignore[union-attr]
    five = median([5, 1, 2, 4, 3])
    assert five is not None
    assert (five.low, five.estimate, five.high) == (1, 3, 5)
    assert median([]) is None


def test_a_weighted_mean_with_equal_weights_is_the_student_interval() -> None:
    found = weighted_mean([1.0, 2.0, 3.0])
    assert found is not None
    assert found.estimate == pytest.approx(2.0)
    assert found.high == pytest.approx(2.0 + 2.919986 / math.sqrt(3), rel=1e-5)
    assert weighted_mean([1.0]).low is None  # type: ignore[union-attr]
    assert weighted_mean([]) is None
    assert weighted_mean([1.0, 2.0], [1.0, 0.0]) is None


@pytest.mark.slow
@pytest.mark.parametrize("n", [8, 14, 25])
@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_coverage_of_variation(n: Any, spread: Any) -> None:
    truth = math.sqrt(math.expm1(spread**2))
    held = 0
    for draw in range(500):
        found = variation(np.exp(spread * normals(7, f"test/cv/{n}/{spread}", draw, 1, n)[0]))
        assert found is not None
        held += (found.low or 0) <= truth <= (math.inf if found.high is None else found.high)
    assert 0.84 <= held / 500 <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize(("n", "truth"), [(30, 0.2), (60, 0.8), (150, 0.13)])
def test_coverage_of_a_proportion(n: Any, truth: Any) -> None:
    held = 0
    for draw in range(500):
        found = proportion(int((uniforms(7, f"test/share/{n}", draw, 1, n) < truth).sum()), n)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.85 <= held / 500 <= 0.96


@pytest.mark.slow
def test_coverage_of_a_median() -> None:
    held = 0
    for draw in range(500):
        found = median(np.exp(normals(7, "test/median", draw, 1, 21)[0]))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1.0 <= found.high
    assert 0.88 <= held / 500 <= 0.99


@pytest.mark.slow
def test_coverage_of_a_mean_over_few_firms() -> None:
    held = 0
    for draw in range(500):
        growth = 2.0 + normals(7, "test/firms", draw, 1, 5)[0]
        weights = 0.3 + uniforms(7, "test/spans", draw, 1, 5)[0]
        found = weighted_mean(growth, weights)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 2.0 <= found.high
    assert 0.84 <= held / 500 <= 0.95
