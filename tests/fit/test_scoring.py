"""Scores against closed forms, and that honest forecasts score best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twocurves.fit.scales import from_scale, on_scale, to_scale
from twocurves.fit.scoring import (
    EXACT_DRAWS,
    brier,
    coverage,
    crps_ensemble,
    energy_score,
    from_quantiles,
    inside,
    log_score,
    pit,
    skill,
)
from twocurves.randomness import normals, uniforms

values = st.floats(-50.0, 50.0)
ensembles = st.lists(values, min_size=1, max_size=30)

LEVELS = np.array([0.01, 0.05, 0.10, 0.25, 0.5, 0.75, 0.90, 0.95, 0.99])


def points(distribution, draws=4000):
    """Return equally likely points of a distribution."""
    return distribution.ppf((np.arange(draws) + 0.5) / draws)


def normal_crps(y, mean=0.0, deviation=1.0):
    z = (y - mean) / deviation
    return deviation * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))


def logistic_crps(y):
    return y - 2 * np.log(1 / (1 + np.exp(-y))) - 1


@pytest.mark.parametrize("y", [-4.0, -1.0, 0.0, 0.3, 2.5])
def test_crps_of_normal_and_logistic_ensembles_is_the_closed_form(y):
    assert crps_ensemble(points(stats.norm), y) == pytest.approx(normal_crps(y), abs=2e-3)
    assert crps_ensemble(points(stats.logistic), y) == pytest.approx(logistic_crps(y), abs=4e-3)


@given(ensembles, values)
def test_crps_is_the_double_sum_in_any_order(drawn, y):
    x = np.array(drawn)
    direct = np.abs(x - y).mean() - np.abs(x[:, None] - x).sum() / (2 * x.size**2)
    assert crps_ensemble(x, y) == pytest.approx(direct, abs=1e-9)
    assert crps_ensemble(x[::-1], y) == pytest.approx(float(crps_ensemble(x, y)), abs=1e-12)
    if x.size > 1:
        fair = np.abs(x - y).mean() - np.abs(x[:, None] - x).sum() / (2 * x.size * (x.size - 1))
        assert crps_ensemble(x, y, fair=True) == pytest.approx(fair, abs=1e-9)


@given(values, values)
def test_a_single_draw_scores_its_absolute_error(x, y):
    assert crps_ensemble([x], y) == pytest.approx(abs(x - y))
    assert energy_score([[x]], [y]) == pytest.approx(abs(x - y))


@given(ensembles, values, st.floats(-1e6, 1e6), st.floats(0.01, 100.0))
def test_crps_moves_with_its_unit_and_not_with_its_zero(drawn, y, shift, factor):
    x = np.array(drawn)
    moved = crps_ensemble(factor * x + shift, factor * y + shift)
    assert moved == pytest.approx(factor * float(crps_ensemble(x, y)), abs=1e-6 * max(1.0, factor))


@given(ensembles, values)
def test_the_energy_score_of_one_target_is_the_crps(drawn, y):
    x = np.array(drawn)
    assert energy_score(x[:, None], [y]) == pytest.approx(float(crps_ensemble(x, y)), abs=1e-9)
    if x.size > 1:
        fair = float(crps_ensemble(x, y, fair=True))
        assert energy_score(x[:, None], [y], fair=True) == pytest.approx(fair, abs=1e-9)


def test_the_energy_score_in_groups_stays_near_that_of_all_pairs():
    drawn = normals(3, "test", 0, EXACT_DRAWS + 905, 3)
    x = drawn[:, 0]
    assert energy_score(x[:, None], [0.4]) == pytest.approx(float(crps_ensemble(x, 0.4)), abs=2e-3)


def test_the_energy_score_is_invariant_to_order_and_sees_correlation():
    z = normals(5, "test/energy", 0, 1500, 2)
    apart, together = z, np.column_stack([z[:, 0], 0.9 * z[:, 0] + np.sqrt(0.19) * z[:, 1]])
    assert energy_score(apart[::-1], [0.1, 0.2]) == pytest.approx(energy_score(apart, [0.1, 0.2]), abs=1e-12)
    truths = normals(5, "test/truths", 0, 400, 2)
    truths[:, 1] = 0.9 * truths[:, 0] + np.sqrt(0.19) * truths[:, 1]
    mine, other = (np.mean([energy_score(x[:400], y) for y in truths]) for x in (together, apart))
    assert mine < other


@pytest.mark.parametrize(("shift", "width"), [(0.5, 1.0), (-0.5, 1.0), (0.0, 2.0), (0.0, 0.5), (1.0, 1.5)])
def test_the_true_distribution_beats_others(shift, width):
    truths = points(stats.norm, 400)
    x = points(stats.norm, 800)
    honest = crps_ensemble(np.repeat(x[:, None], 400, axis=1), truths).mean()
    other = crps_ensemble(np.repeat((shift + width * x)[:, None], 400, axis=1), truths).mean()
    assert honest < other


def test_the_fair_score_does_not_reward_more_draws():
    truths = normals(1, "test/fair/truths", 0, 4000)[:, 0]
    means = [
        crps_ensemble(normals(1, f"test/fair/{m}", 0, 4000, m).T, truths, fair=True).mean()
        for m in (2, 8, 64)
    ]
    assert np.ptp(means) < 0.03
    assert means[-1] == pytest.approx(1 / np.sqrt(np.pi), abs=0.03)


def test_pit_is_uniform_and_coverage_nominal_when_the_forecast_is_right():
    drawn, truths = normals(2, "test/pit", 0, 2000, 250).T, normals(2, "test/pit/y", 0, 2000)[:, 0]
    places = pit(drawn, truths)
    assert stats.kstest(places, "uniform").pvalue > 0.01
    for level in (0.5, 0.9):
        assert coverage(drawn, truths, level) == pytest.approx(level, abs=0.03)
    assert coverage(3.0 * drawn, truths, 0.5) > 0.8
    assert coverage(0.3 * drawn, truths, 0.9) < 0.6


def test_pit_of_ties_is_spread_over_their_step_and_the_same_each_time():
    zeros, truths = np.zeros((100, 3000)), np.zeros(3000)
    places = pit(zeros, truths, seed=4)
    assert stats.kstest(places, "uniform").pvalue > 0.01
    assert np.array_equal(places, pit(zeros, truths, seed=4))
    assert not np.array_equal(places, pit(zeros, truths, seed=5))


@given(ensembles, values)
def test_pit_rises_with_what_came_and_stays_inside(drawn, y):
    low, high = pit(drawn, y), pit(drawn, y + 200.0)
    assert 0.0 < low <= 1.0
    assert high > 1.0 - 1.0 / len(drawn)


def test_ends_of_an_interval_are_inside():
    assert inside(np.arange(1.0, 20.0), 1.0, 0.9)
    assert not inside(np.arange(1.0, 20.0), 0.999, 0.9)


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=40
    )
)
def test_the_brier_score_is_the_sum_of_its_parts(events):
    said, came = np.array([one for one, _ in events]), np.array([float(one) for _, one in events])
    found = brier(said, came)
    assert found.within == pytest.approx(0.0, abs=1e-12)
    assert found.score == pytest.approx(found.reliability - found.resolution + found.uncertainty, abs=1e-12)
    grouped = brier(said, came, groups=4)
    assert grouped.score == found.score
    assert np.isfinite(log_score(said, came))


def test_events_outside_zero_to_one_or_none_are_refused():
    for said, came in (([1.1], [1.0]), ([0.5], [2.0]), ([], []), ([0.5, 0.5], [1.0])):
        with pytest.raises(ValueError):
            brier(said, came)


def test_skill_is_the_share_saved_with_the_same_bits_in_any_order():
    theirs = uniforms(1, "test/skill", 0, 60)[:, 0] + 0.5
    ours = 0.8 * theirs
    series = [f"s{number // 6}" for number in range(60)]
    found = skill(ours, theirs, series, seed=9)
    assert found.estimate == pytest.approx(0.2)
    assert found.low == pytest.approx(0.2)
    assert found.high == pytest.approx(0.2)
    noisy = ours * np.exp(0.4 * normals(1, "test/skill/noise", 0, 60)[:, 0])
    first = skill(noisy, theirs, series, seed=9)
    order = np.argsort(noisy)
    assert skill(noisy[order], theirs[order], np.array(series)[order], seed=9) == first
    assert first.low is not None
    assert first.high is not None
    assert first.estimate is not None
    assert first.low < first.estimate < first.high
    assert skill(noisy, theirs, series, seed=10) != first


def test_skill_draws_whole_series():
    rng = normals(1, "test/clusters", 0, 12)[:, 0]
    theirs = np.ones(120)
    ours = np.repeat(np.exp(0.5 * rng), 10)
    clustered = skill(ours, theirs, np.repeat(np.arange(12), 10))
    single = skill(ours, theirs, np.arange(120))
    assert clustered.high - clustered.low > 2.0 * (single.high - single.low)  # type: ignore[operator]


def test_skill_without_series_to_draw_from_has_no_interval():
    found = skill([1.0, 2.0], [2.0, 2.0], ["a", "b"])
    assert (found.estimate, found.low, found.high, found.clusters) == (0.25, None, None, 2)
    assert skill([1.0], [0.0], ["a"]).estimate is None


def test_a_wide_bootstrap_needs_no_more_than_the_streams_hold():
    assert skill(np.ones(300), 2 * np.ones(300), np.arange(300), replicates=50).low == pytest.approx(0.5)


@given(st.floats(-20, 20), st.floats(0.05, 5.0), st.floats(-3, 3))
def test_normal_quantiles_give_back_their_normal(mean, deviation, z):
    rebuilt = from_quantiles(LEVELS, mean + deviation * stats.norm.ppf(LEVELS))
    y = mean + deviation * z
    assert crps_ensemble(rebuilt, y) == pytest.approx(normal_crps(y, mean, deviation), abs=5e-3 * deviation)
    assert pit(rebuilt, y) == pytest.approx(stats.norm.cdf(z), abs=1e-3)


@pytest.mark.parametrize("y", [-6.0, -3.0, 0.0, 1.0, 5.0])
def test_logistic_quantiles_score_near_their_logistic(y):
    rebuilt = from_quantiles(LEVELS, stats.logistic.ppf(LEVELS))
    assert crps_ensemble(rebuilt, y) == pytest.approx(logistic_crps(y), rel=0.02)


def test_rebuilt_points_keep_the_quantiles_and_their_shape():
    quantiles = np.stack([np.sort(np.square(LEVELS)), np.zeros(9)])
    rebuilt = from_quantiles(LEVELS, quantiles)
    assert rebuilt.shape == (2000, 2)
    assert (np.diff(rebuilt, axis=0) >= 0).all()
    assert np.allclose(np.quantile(rebuilt[:, 0], LEVELS), quantiles[0], atol=2e-3)


@pytest.mark.parametrize(
    ("levels", "quantiles"),
    [
        ([0.1, 0.9], [1.0, 0.0]),
        ([0.9, 0.1], [0.0, 1.0]),
        ([0.0, 0.5], [0.0, 1.0]),
        ([0.1, 0.9], [0.0, np.nan]),
    ],
)
def test_quantiles_that_are_none_are_refused(levels, quantiles):
    with pytest.raises(ValueError):
        from_quantiles(levels, quantiles)


def test_what_is_not_finite_or_not_paired_is_refused():
    for drawn, y in (([np.nan], 0.0), ([1.0], np.inf), ([], 0.0), ([[1.0, 2.0]], [1.0, 2.0, 3.0])):
        with pytest.raises(ValueError):
            crps_ensemble(drawn, y)
    with pytest.raises(ValueError):
        crps_ensemble([1.0], 0.0, fair=True)


@given(st.sampled_from(["log", "logit", "linear"]), st.floats(0.01, 0.99))
def test_scales_there_and_back(scale, value):
    assert from_scale(scale, to_scale(scale, value)) == pytest.approx(value)


def test_what_has_no_place_on_a_scale_is_said():
    assert on_scale("log", [0.0, -1.0, 1.0, np.inf]).tolist() == [False, False, True, False]
    assert on_scale("logit", [0.0, 1.0, 1.1, np.nan]).tolist() == [True, True, False, False]
    with pytest.raises(ValueError):
        to_scale("log", [1.0, 0.0])
