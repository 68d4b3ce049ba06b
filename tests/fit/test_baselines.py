"""Baselines: exact on straight lines, honest about spread, blind to what they forecast."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.fit.baselines import BASELINES, Kind, Past, forecast, forecasts, kind_of
from twocurves.fit.baselines import given as assumed
from twocurves.fit.scoring import coverage, inside
from twocurves.randomness import normals

AHEAD = np.array([24.0, 27.0, 30.0, 36.0, 41.0])
TRENDS = ("damped_trend", "exponential")


def line(slope=0.1, level=1.0, months=None):
    at = np.arange(0.0, 24.0) if months is None else np.asarray(months, dtype=float)
    return Past("line", "log", at, level + slope * at)


def centre(name, past, months=AHEAD, seed=1):
    return forecast(name, past, months, draws=4, seed=seed).centre


@given(
    slope=st.floats(-0.3, 0.3),
    level=st.floats(-5, 5),
    months=st.lists(st.integers(0, 22), min_size=2, max_size=20),
)
def test_on_a_straight_line_the_exponential_is_the_line(slope, level, months):
    past = line(slope, level, [*months, 23])
    if np.ptp(past.months) < assumed().trend.shortest_span_months:
        return
    assert centre("exponential", past) == pytest.approx(level + slope * AHEAD, abs=1e-8)


@given(slope=st.floats(-0.3, 0.3), level=st.floats(-5, 5))
def test_on_a_straight_line_the_damped_trend_loses_half_its_growth_a_year(slope, level):
    past = line(slope, level)
    year = np.array([23.0, 35.0, 47.0, 59.0, 2000.0])
    moves = np.diff(centre("damped_trend", past, year))
    assert moves[1] == pytest.approx(0.5 * moves[0], abs=1e-12)
    assert moves[2] == pytest.approx(0.25 * moves[0], abs=1e-12)
    assert centre("damped_trend", past, year)[0] == pytest.approx(past.values[-1])
    assert moves.sum() == pytest.approx(slope * 12 / np.log(2), abs=1e-9)
    soon = np.array([23.001])
    assert centre("damped_trend", past, soon)[0] - past.values[-1] == pytest.approx(0.001 * slope, abs=1e-7)


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(-3, 3)), min_size=1, max_size=12))
def test_persistence_stays_at_the_mean_of_the_last_month(rows):
    months, values = (np.array(column) for column in zip(*rows, strict=True))
    past = Past("any", "linear", months, values)
    last = np.floor(months) == np.floor(months.max())
    assert centre("persistence", past) == pytest.approx(np.full(5, values[last].mean()), abs=1e-12)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize(
    ("months", "values"),
    [([20.0, 23.0], [0.0, 0.4]), ([23.0, 23.2], [0.0, 0.4]), ([23.0, 23.0], [0.0, 0.4]), ([23.0], [0.4])],
)
def test_one_or_two_points_are_enough_and_spread_grows(name, kind, months, values):
    found = forecast(name, Past("two", kind, np.array(months), np.array(values)), AHEAD, draws=3000, seed=1)
    assert np.isfinite(found.samples).all()
    widths = np.ptp(np.quantile(found.samples, [0.05, 0.95], axis=0), axis=0)
    assert (np.diff(widths) > 0).all()
    prior = assumed().spread[kind]
    assert widths[-1] > 2 * prior.walk_with_trend
    assert np.median(found.samples, axis=0) == pytest.approx(found.centre, abs=0.12 * widths[-1])


def test_growth_of_a_week_sets_no_trend():
    past = Past("week", "log", np.array([22.75, 23.0]), np.array([0.0, 0.5]))
    assert centre("exponential", past, [35.0])[0] < 0.25 + 0.5 / 3.0 * 12.5 + 1e-9
    assert centre("damped_trend", past, [35.0])[0] < 0.5 + 0.5 / 3.0 * 12


@pytest.mark.parametrize("name", BASELINES)
def test_the_order_of_the_past_is_nothing_and_the_seed_is_everything(name):
    months, values = np.array([3.0, 7.0, 7.0, 12.5, 20.0]), np.array([0.0, 0.4, 0.5, 0.8, 1.7])
    first = forecast(name, Past("one", "log", months, values), AHEAD, draws=50, seed=3).samples
    turned = forecast(name, Past("one", "log", months[::-1], values[::-1]), AHEAD, draws=50, seed=3).samples
    assert np.array_equal(first, turned)
    more = forecast(name, Past("one", "log", months, values), AHEAD, draws=80, seed=3).samples
    assert np.allclose(more[:50], first, rtol=0, atol=1e-12)
    assert not np.array_equal(
        first, forecast(name, Past("one", "log", months, values), AHEAD, draws=50, seed=4).samples
    )
    other = forecast(name, Past("other", "log", months, values), AHEAD, draws=50, seed=3).samples
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", BASELINES)
def test_nothing_after_the_origin_is_looked_at(name):
    months, values = np.arange(0.0, 40.0), normals(1, "test/future", 0, 40)[:, 0].cumsum()
    whole = Past("one", "linear", months, values)
    changed = Past("one", "linear", months, np.where(months > 23, 1e6, values))
    first, second = (forecast(name, one.until(23), AHEAD, draws=20, seed=1) for one in (whole, changed))
    assert np.array_equal(first.samples, second.samples)
    with pytest.raises(ValueError, match="before that"):
        forecast(name, whole, AHEAD, draws=20, seed=1)


@pytest.mark.parametrize("name", BASELINES)
def test_draws_are_joint_over_months(name):
    past = line(0.05, months=[0, 6, 12, 18, 23])
    drawn = forecast(name, past, [30.0, 31.0, 31.0, 60.0], draws=4000, seed=1).samples
    between = np.corrcoef((drawn - drawn.mean(axis=0)).T)
    assert between[0, 1] > 0.6
    assert between[1, 2] > 0.6
    assert not np.array_equal(drawn[:, 1], drawn[:, 2])
    assert between[0, 3] < between[0, 1]


def simulated(number, walk, noise, slope, months):
    """Return a random walk with drift, and noise on every figure."""
    steps = np.concatenate([[0.0], np.sqrt(np.diff(months))])
    moves = walk * steps * normals(7, "test/walk", number, 1, months.size)[0]
    return slope * months + moves.cumsum() + noise * normals(7, "test/noise", number, 1, months.size)[0]


@pytest.mark.parametrize(("name", "slope"), [("persistence", 0.0), ("exponential", 0.08)])
@pytest.mark.parametrize(("walk", "noise"), [(0.3, 0.02), (0.25, 0.15)])
def test_coverage_of_simulated_series_is_near_nominal(name, slope, walk, noise):
    months = np.concatenate(
        [np.sort(np.array([0, 2, 3, 5, 6, 8, 9, 12, 13, 15, 16, 18, 20, 21, 23.0])), AHEAD[1:]]
    )
    drawn, seen = [], []
    for number in range(250):
        values = simulated(number, walk, noise, slope, months)
        past = Past(f"s{number}", "log", months[:15], values[:15])
        drawn.append(forecast(name, past, AHEAD[1:], draws=400, seed=1).samples)
        seen.append(values[15:])
    samples, came = np.stack(drawn, axis=1), np.stack(seen)
    assert coverage(samples, came, 0.9) == pytest.approx(0.9, abs=0.05)
    assert coverage(samples, came, 0.5) == pytest.approx(0.5, abs=0.08)


def test_coverage_from_three_points_is_not_far_off():
    months = np.concatenate([[14.0, 20.0, 23.0], AHEAD[1:]])
    hits = []
    for number in range(300):
        values = simulated(number, 0.3, 0.08, 0.0, months)
        past = Past(f"t{number}", "log", months[:3], values[:3])
        hits.append(
            inside(forecast("persistence", past, AHEAD[1:], draws=300, seed=1).samples, values[3:], 0.9)
        )
    assert 0.84 < np.mean(hits) < 0.97


@pytest.mark.slow
def test_the_damped_trend_covers_series_whose_trend_is_damped():
    months = np.concatenate([np.arange(0.0, 24.0, 2.0), [23.0], AHEAD[1:]])
    rate = -np.log(0.5) / 12
    hits = []
    for number in range(1000):
        values = simulated(number, 0.2, 0.05, 0.1, months)
        ahead = months[13:] - 23.0
        values[13:] += 0.1 * (-np.expm1(-rate * ahead) / rate - ahead)
        past = Past(f"d{number}", "log", months[:13], values[:13])
        hits.append(
            inside(forecast("damped_trend", past, AHEAD[1:], draws=400, seed=1).samples, values[13:], 0.9)
        )
    assert 0.86 < np.mean(hits) < 0.95


def test_many_figures_and_many_months_are_no_matter():
    months = np.linspace(0.0, 23.0, 120)
    past = Past("dense", "linear", months, normals(1, "test/dense", 0, 120)[:, 0])
    found = forecasts(past, np.linspace(24.0, 40.0, 50), draws=20, seed=1)
    assert set(found) == set(BASELINES)
    assert all(one.shape == (20, 50) and np.isfinite(one).all() for one in found.values())
    wide = forecast("persistence", line(months=[0, 23]), np.linspace(24.0, 40.0, 260), draws=5, seed=1)
    assert np.isfinite(wide.samples).all()


def test_noise_alone_is_not_taken_for_wandering():
    months = np.arange(0.0, 24.0)
    noisy = Past("noise", "log", months, 0.3 * normals(1, "test/noise alone", 0, 24)[:, 0])
    wandering = Past("walk", "log", months, 0.3 * normals(1, "test/walk alone", 0, 24)[:, 0].cumsum())
    widths = [
        np.ptp(np.quantile(forecast("exponential", one, [41.0], draws=2000, seed=1).samples, [0.05, 0.95]))
        for one in (noisy, wandering)
    ]
    assert widths[0] < 0.7 * widths[1]


def test_a_past_that_is_none_is_refused():
    for months, values in (([], []), ([1.0], [np.nan]), ([1.0, 2.0], [1.0])):
        with pytest.raises(ValueError):
            Past("none", "log", np.array(months), np.array(values))


@pytest.mark.parametrize("name", TRENDS)
def test_trends_follow_the_recent_part_or_the_whole(name):
    bent = np.concatenate([0.3 * np.arange(12.0), 0.3 * 11 + 0.01 * np.arange(1.0, 13.0)])
    past = Past("bent", "log", np.arange(24.0), bent)
    moved = centre(name, past, [35.0])[0] - centre(name, past, [24.0])[0]
    assert (moved < 0.2) == (name == "damped_trend")


def test_a_margin_has_another_prior_than_an_index():
    assert [kind_of("linear", unit) for unit in ("1", "ECI points")] == ["fraction", "linear"]
    assert kind_of("logit", "1") == "logit"
