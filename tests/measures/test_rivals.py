"""Rival curves through series whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twocurves.observed.measures.rivals import RIVALS, placed, rival_fits

YEARS = np.linspace(2023.0, 2026.5, 24)


def series(curve, scale, noise=0.05, seed=1, years=YEARS):
    """Values whose errors on the scale are normal."""
    rng = np.random.default_rng(seed)
    on_scale = placed(scale, curve) + noise * rng.normal(size=len(years))
    if scale == "log":
        return np.exp(on_scale)
    return on_scale if scale == "linear" else 1 / (1 + np.exp(-on_scale))


def by_name(found):
    return {one.name: one for one in found.fits}


def test_an_exponential_is_told_from_its_rivals_and_its_growth_found():
    found = rival_fits(YEARS, series(3 * np.exp(1.1 * (YEARS - 2023)), "log"), "log")
    fits = by_name(found)
    assert max(found.fits, key=lambda one: one.weight).name == "steady"
    assert fits["steady"].figures["slope"] == pytest.approx(1.1, abs=0.05)


def test_a_break_is_found_where_it_is():
    curve = np.exp(np.where(YEARS < 2025, 0.4 * (YEARS - 2023), 0.8 + 2.0 * (YEARS - 2025)))
    fit = by_name(rival_fits(YEARS, series(curve, "log"), "log"))["break"]
    assert fit.weight > 0.95
    assert fit.figures["at"] == pytest.approx(2025, abs=0.2)
    assert fit.figures["before"] == pytest.approx(0.4, abs=0.1)
    assert fit.figures["after"] == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    ("curve", "scale", "ceiling"),
    [
        (40 / (1 + np.exp(-3 * (YEARS - 2024.3))), "log", 40),
        (120 + 30 / (1 + np.exp(-4 * (YEARS - 2024.5))), "linear", 150),
        (0.35 / (1 + np.exp(-3 * (YEARS - 2024.3))), "logit", 0.35),
        (5 * (1 + np.exp(-3 * (YEARS - 2024.3))), "log", 5),
    ],
)
def test_a_logistic_levels_off_where_it_does(curve, scale, ceiling):
    noise = 0.5 if scale == "linear" else 0.04
    fit = by_name(rival_fits(YEARS, series(curve, scale, noise), scale))["logistic"]
    assert fit.weight > 0.9
    assert fit.figures["ceiling"] == pytest.approx(ceiling, rel=0.15)


def test_a_ceiling_that_cannot_be_seen_is_not_told():
    fit = by_name(rival_fits(YEARS, series(np.exp(1.2 * (YEARS - 2023)), "log"), "log"))["logistic"]
    assert "ceiling" not in fit.figures


def test_a_break_is_seldom_preferred_where_there_is_none():
    curve = np.exp(1.2 * (YEARS - 2023))
    wins = 0
    for seed in range(20):
        found = rival_fits(YEARS, series(curve, "log", 0.1, seed), "log")
        wins += max(found.fits, key=lambda one: one.weight).name == "break"
    assert wins <= 4


def test_a_slow_wave_about_a_line_is_remembered_error():
    wave = np.exp(1.2 * (YEARS - 2023) + 0.3 * np.sin(4 * YEARS))
    assert by_name(rival_fits(YEARS, wave, "log"))["steady"].memory > 0.2


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(0.01, 0.99), min_size=9, max_size=16),
    st.sampled_from(["linear", "log", "logit"]),
    st.integers(0, 5),
)
def test_weights_sum_to_one_and_order_does_not_matter(values, scale, seed):
    years = 2023 + np.arange(len(values)) / 5.0
    found = rival_fits(years, values, scale)
    assert sum(one.weight for one in found.fits) == pytest.approx(1.0)
    for one in found.fits:
        assert np.isfinite(found.value(one, [2020.0, 2024.0, 2030.0])).all()
        assert np.allclose(
            found.residuals(one, years, values), placed(scale, values) - one.on_scale(years), atol=1e-9
        )
    order = np.random.default_rng(seed).permutation(len(values))
    again = rival_fits(years[order], np.asarray(values)[order], scale)
    for one, two in zip(found.fits, again.fits, strict=True):
        assert one.aicc == pytest.approx(two.aicc, rel=1e-6, abs=1e-6)


def test_what_cannot_be_fitted_is_said():
    few = rival_fits([2023.0, 2024.0, 2025.0], [1.0, 2.0, 4.0], "log")
    assert few.fits == ()
    assert set(few.missing) == set(RIVALS)
    assert "3 dates" in few.missing["steady"]
    assert set(rival_fits([2023.0], [1.0], "log").missing) == set(RIVALS)


@pytest.mark.parametrize(
    ("values", "scale"), [([1.0, -1.0], "log"), ([0.5, 1.5], "logit"), ([1.0, float("nan")], "linear")]
)
def test_values_without_a_place_on_the_scale_are_refused(values, scale):
    with pytest.raises(ValueError, match=r"must|between|finite"):
        rival_fits([2023.0, 2024.0], values, scale)


def test_a_series_exactly_on_its_line_has_finite_weights():
    found = rival_fits(YEARS, 100 + 10 * (YEARS - 2023), "linear")
    assert all(np.isfinite(one.aicc) for one in found.fits)
