"""The learned rule against published and exact optima."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.decide.stopping import learn, learned_across


def put_paths(draws, steps, *, start=36.0, rate=0.06, sigma=0.2, years=1.0, seed=1):
    random = np.random.default_rng(seed)
    normal = random.normal(size=(draws // 2, steps))
    normal = np.concatenate([normal, -normal])[np.random.default_rng(0).permutation(draws)]
    step = years / steps
    growth = (rate - sigma**2 / 2) * step + sigma * np.sqrt(step) * normal
    return start * np.exp(np.cumsum(growth, axis=1)), np.exp(-rate * step * np.arange(1, steps + 1))


def american_put(draws, **case):
    prices, discount = put_paths(draws, 50, **case)
    payoff = np.maximum(40.0 - prices, 0.0)
    scaled = prices / 40.0
    features = np.stack([scaled, scaled**2, scaled**3], axis=2)
    return learned_across((payoff * discount)[:, :, None], (payoff > 0)[:, :, None], features).gain


@pytest.mark.parametrize(
    ("start", "sigma", "years", "published"),
    # Longstaff and Schwartz (2001), table 1: finite differences, strike 40, rate 6%, 50 exercises a year.
    [(36.0, 0.2, 1.0, 4.478), (38.0, 0.2, 1.0, 3.250), (40.0, 0.2, 1.0, 2.314), (44.0, 0.4, 1.0, 3.948)],
)
def test_an_american_put_has_its_published_value(start, sigma, years, published):
    gain = american_put(40_000, start=start, sigma=sigma, years=years)
    # A rule on draws that taught it nothing is a little below the best.
    assert gain.mean() == pytest.approx(published, abs=0.05)


@pytest.mark.slow
def test_an_american_put_is_met_within_two_cents():
    assert american_put(200_000).mean() == pytest.approx(4.478, abs=0.02)


@given(
    gains=st.lists(st.lists(st.floats(-10, 10), min_size=2, max_size=2), min_size=1, max_size=8),
)
def test_under_certainty_the_rule_is_the_best_of_all_by_brute_force(gains):
    one = np.array(gains)
    draws = 20
    many = np.broadcast_to(one, (draws, *one.shape)).copy()
    allowed = np.ones_like(many, dtype=bool)
    features = np.zeros((draws, len(one), 3))
    stops = learned_across(many, allowed, features)
    assert np.allclose(stops.gain, max(0.0, one.max()), atol=1e-6)


def test_nothing_allowed_means_waiting_for_ever():
    gains = np.ones((30, 5, 2))
    stops = learned_across(gains, np.zeros_like(gains, dtype=bool), np.zeros((30, 5, 1)))
    assert (stops.month == 5).all()
    assert (stops.gain == 0).all()


def test_a_signal_is_used_and_noise_is_not_worth_anything():
    random = np.random.default_rng(2)
    draws, months = 4000, 6
    signal = random.normal(size=(draws, 1))
    gains = np.repeat(signal, months, axis=1)[:, :, None]
    allowed = np.ones_like(gains, dtype=bool)
    seen = np.broadcast_to(signal[:, :, None], (draws, months, 1)).copy()
    seen[:, 0] = 0.0  # in the first month nothing is known yet
    told = learned_across(gains, allowed, seen)
    # Waiting a month and then taking what is above zero gives E[max(Z, 0)] = 1 / sqrt(2 pi).
    assert told.gain.mean() == pytest.approx(1 / np.sqrt(2 * np.pi), abs=0.03)
    blind = learned_across(gains, allowed, random.normal(size=seen.shape))
    assert abs(blind.gain.mean()) < 0.05


def test_few_draws_use_few_features_and_many_features_do_no_harm():
    random = np.random.default_rng(4)
    gains = random.normal(size=(24, 6, 2))
    features = random.normal(size=(24, 6, 9))
    rule = learn(gains, np.ones_like(gains, dtype=bool), features)
    assert (np.abs(np.nan_to_num(rule.coefficients[:, :, 3:])) < 1e-9).all()
