"""Valuation of labs and sentiment."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.adoption import hazard_elasticity
from twocurves.economy.valuation import market_value, mispricing, sentiment, value_over_revenue

# Yearly growth, and the years in which its excess over the terminal rate halves.
COLUMNS = ((0.05, 3.0), (0.15, 3.0), (0.30, 2.0), (0.50, 2.0), (1.00, 1.5), (2.00, 1.0))

# Enterprise value over revenue now: mature margin 25% reached in 5 years, terminal growth 4%.
PUBLISHED = {
    0.11: (3.3, 5.1, 6.9, 11.5, 22.0, 39.0),
    0.09: (4.8, 7.4, 10.1, 17.0, 33.0, 58.0),
    0.13: (2.5, 3.8, 5.1, 8.4, 16.0, 29.0),
}


def beliefs(rate=0.11, half_life=2.0, **given):
    plain = {
        "cost_of_capital": rate,
        "growth_half_life_years": half_life,
        "terminal_growth": 0.04,
        "mature_margin": 0.25,
        "margin_ramp_years": 5.0,
        "base_rate_weight": 0.0,
        "base_growth_rate": 0.1,
        "valuation_persistence": 0.95,
        "valuation_noise": 0.12,
    }
    return {name: np.asarray(value, float) for name, value in (plain | given).items()}


@pytest.mark.parametrize("rate", sorted(PUBLISHED))
def test_multiples_are_those_of_the_published_table(rate):
    """The table counts the first year's growth (it is over revenue now), the engine's multiple does not."""
    for (growth, half_life), published in zip(COLUMNS, PUBLISHED[rate], strict=True):
        forward = float(value_over_revenue(beliefs(rate, half_life), jnp.asarray(growth)))
        rounding = 0.5 if published >= 16 else 0.05
        slack = 0.02 * published if growth > 0.05 else 0.04 * published  # 5%: its half-life is not given
        assert forward * (1.0 + growth) == pytest.approx(published, abs=rounding + slack)


def test_market_value_is_the_multiple_of_next_years_revenue():
    b = beliefs()
    found = float(market_value(b, jnp.asarray(30.0), jnp.asarray(20.0), jnp.asarray(0.0)))
    multiple = float(value_over_revenue(b, jnp.asarray(0.5)))
    assert found == pytest.approx(30.0 * 1.5 * multiple)
    dearer = float(market_value(b, jnp.asarray(30.0), jnp.asarray(20.0), jnp.asarray(0.4)))
    assert dearer == pytest.approx(found * np.exp(0.4))


def test_a_value_of_no_growth_is_a_perpetuity():
    """Growth at the terminal rate from a full margin: margin / (r - g), discounted to now."""
    b = beliefs(0.11, 2.0, margin_ramp_years=1e-9)
    assert float(value_over_revenue(b, jnp.asarray(0.04))) == pytest.approx(0.25 / 0.07, rel=1e-12)


@given(st.floats(0.0, 3.0), st.floats(0.01, 1.0), st.floats(0.06, 0.2))
def test_growth_is_worth_more_and_a_dearer_capital_less(growth, more, rate):
    value = float(value_over_revenue(beliefs(rate), jnp.asarray(growth)))
    assert float(value_over_revenue(beliefs(rate), jnp.asarray(growth + more))) > value
    assert float(value_over_revenue(beliefs(rate + 0.01), jnp.asarray(growth))) < value


def test_the_market_shrinks_growth_to_the_base_rate():
    revenue, before = jnp.asarray(40.0), jnp.asarray(10.0)
    believing = market_value(beliefs(base_rate_weight=0.0), revenue, before, jnp.asarray(0.0))
    half = market_value(beliefs(base_rate_weight=0.5), revenue, before, jnp.asarray(0.0))
    sober = market_value(beliefs(base_rate_weight=1.0), revenue, before, jnp.asarray(0.0))
    assert float(sober) < float(half) < float(believing)
    assert float(sober) == pytest.approx(40.0 * 1.1 * float(value_over_revenue(beliefs(), jnp.asarray(0.1))))


def test_mispricing_has_the_spread_of_its_persistence_and_noise():
    rng = np.random.default_rng(5)
    level, seen = jnp.zeros(4000), []
    for _ in range(150):
        level = mispricing(beliefs(), level, jnp.asarray(rng.normal(size=4000)))
        seen.append(float(level.std()))
    assert seen[-1] == pytest.approx(0.12 / np.sqrt(1 - 0.95**2), rel=0.05)


@pytest.mark.parametrize(("penetration", "published"), [(0.01, 1.07), (0.10, 0.70), (0.50, 0.32)])
def test_elasticity_of_the_ceiling_falls_with_penetration(penetration, published):
    """Value spread 2.5: elastic while few have adopted, inelastic when half have."""
    found = float(hazard_elasticity(jnp.asarray(ndtri(penetration)), jnp.asarray(2.5), jnp.asarray(0.0)))
    assert found == pytest.approx(published, abs=0.005)


def test_elasticity_is_the_slope_of_the_ceiling():
    for z in (-4.0, -1.0, 0.0, 2.0):
        from scipy.stats import norm

        step = 1e-6
        slope = (norm.logcdf(z + step) - norm.logcdf(z - step)) / (2 * step) / 2.5
        found = float(hazard_elasticity(jnp.asarray(z), jnp.asarray(2.5), jnp.asarray(0.0)))
        assert found == pytest.approx(slope, rel=1e-6)
    floored = hazard_elasticity(jnp.asarray(3.0), jnp.asarray(2.5), jnp.asarray(0.3))
    assert float(floored) == pytest.approx(0.3)


def _feeling(before=1.0, growth=0.2, exits=0.0, cover=1.0, shock=0.0):
    b = {
        "sentiment_growth_gain": 0.5,
        "sentiment_hurdle": 0.2,
        "sentiment_churn_loss": 2.0,
        "sentiment_glut_loss": 0.5,
        "sentiment_persistence": 0.9,
        "sentiment_noise": 0.1,
        "sentiment_floor": 0.3,
        "sentiment_ceiling": 1.8,
    }
    values = (jnp.asarray(value) for value in (before, growth, exits, cover, shock))
    return float(sentiment({name: jnp.asarray(value) for name, value in b.items()}, *values))


def test_sentiment_rests_at_one_and_moves_as_named():
    assert _feeling() == pytest.approx(1.0)
    assert _feeling(growth=0.6) > 1.0
    assert _feeling(exits=0.05) < 1.0
    assert _feeling(cover=0.5) < 1.0
    assert _feeling(cover=3.0) == pytest.approx(1.0)  # dear compute is no good news
    assert _feeling(before=1.8, growth=2.0, shock=5.0) == pytest.approx(1.8)
    assert _feeling(before=0.3, growth=-0.9, shock=-5.0) == pytest.approx(0.3)
