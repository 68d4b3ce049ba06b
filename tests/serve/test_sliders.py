"""Sliders: every assumption with a spread has one, and places agree with values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twocurves.beliefs import load_beliefs, read_settings, scenario
from twocurves.serve.sliders import STEPS, ordinal, priors, slider

BELIEFS = load_beliefs()
PRIORS = priors(BELIEFS)


def test_every_uncertain_assumption_has_a_slider():
    uncertain = {
        name
        for name, found in BELIEFS.distributions.items()
        if float(found.quantile(np.array([0.9]))[0]) > float(found.quantile(np.array([0.1]))[0])
    }
    assert uncertain <= set(PRIORS)


@given(st.sampled_from(sorted(PRIORS)), st.floats(0.0, 1.0))
def test_places_rise_with_values(name, part):
    prior = PRIORS[name]
    value = prior.low + part * (prior.high - prior.low)
    assert 0.0 <= prior.place(value) <= 1.0
    assert prior.place(prior.low) <= prior.place(value) <= prior.place(prior.high)
    assert 1 <= prior.percentile(value) <= 99


def test_the_middle_lies_inside_every_slider():
    for prior in PRIORS.values():
        assert prior.low <= prior.middle <= prior.high
        assert prior.low < prior.high
        assert list(prior.quantiles) == sorted(prior.quantiles)


def test_a_change_moves_the_slider_and_is_shown_as_it_was_made():
    own = scenario(BELIEFS, "central").settings
    moved = slider(BELIEFS, PRIORS["lag_pub"], own, read_settings(BELIEFS, ["lag_pub=3..9"]))
    assert moved.field == "3..9"
    assert 3 < moved.value < 9
    still = slider(BELIEFS, PRIORS["lag_pub"], own, read_settings(BELIEFS, []))
    assert still.change is None
    assert abs(still.position / STEPS - PRIORS["lag_pub"].place(PRIORS["lag_pub"].middle)) < 0.01
    assert "percentile" in still.said


def test_ordinal_numbers():
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 93)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "93rd",
    ]  # fmt: skip
