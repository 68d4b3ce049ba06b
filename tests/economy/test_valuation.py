"""Valuation of labs and sentiment."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.state import MEMORY_MONTHS
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
    return {name: np.asarray([value], float) for name, value in (plain | given).items()}


def valued(now, year_ago, u=0.0, **given):
    """Market value of one lab, USD billions, whose revenue grew in a straight line over the year."""
    memory = jnp.linspace(now, year_ago, MEMORY_MONTHS)[:, None, None]
    return float(market_value(beliefs(**given), memory, jnp.full((1, 1), u))[0, 0])


def multiple(growth, *args, **given):
    return float(value_over_revenue(beliefs(*args, **given), jnp.array([growth]))[0])


@pytest.mark.parametrize("rate", sorted(PUBLISHED))
def test_multiples_are_those_of_the_published_table(rate):
    """The table counts the first year's growth (it is over revenue now), the engine's multiple does not."""
    for (growth, half_life), published in zip(COLUMNS, PUBLISHED[rate], strict=True):
        forward = multiple(growth, rate, half_life)
        rounding = 0.5 if published >= 16 else 0.05
        slack = 0.02 * published if growth > 0.05 else 0.04 * published  # 5%: its half-life is not given
        assert forward * (1.0 + growth) == pytest.approx(published, abs=rounding + slack)


def test_market_value_is_the_multiple_of_next_years_revenue():
    found = valued(30.0, 20.0)
    assert found == pytest.approx(30.0 * 1.5 * multiple(0.5))
    assert valued(30.0, 20.0, 0.4) == pytest.approx(found * np.exp(0.4))


def test_a_value_of_no_growth_is_a_perpetuity():
    """Growth at the terminal rate from a full margin: margin / (r - g), discounted to now."""
    assert multiple(0.04, 0.11, 2.0, margin_ramp_years=1e-9) == pytest.approx(0.25 / 0.07, rel=1e-12)


@given(st.floats(0.0, 3.0), st.floats(0.01, 1.0), st.floats(0.06, 0.2))
def test_growth_is_worth_more_and_a_dearer_capital_less(growth, more, rate):
    value = multiple(growth, rate)
    assert multiple(growth + more, rate) > value
    assert multiple(growth, rate + 0.01) < value


def test_the_market_shrinks_growth_to_the_base_rate():
    believing, half, sober = (valued(40.0, 10.0, base_rate_weight=weight) for weight in (0.0, 0.5, 1.0))
    assert sober < half < believing
    assert sober == pytest.approx(40.0 * 1.1 * multiple(0.1))


def test_mispricing_has_the_spread_of_its_persistence_and_noise():
    rng = np.random.default_rng(5)
    level, seen = jnp.zeros(4000), []
    for _ in range(150):
        level = mispricing(beliefs(), level, jnp.asarray(rng.normal(size=4000)))
        seen.append(float(level.std()))
    assert seen[-1] == pytest.approx(0.12 / np.sqrt(1 - 0.95**2), rel=0.05)


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
    values = (jnp.array([value]) for value in (before, growth, exits, cover, shock))
    return float(sentiment({name: jnp.array([value]) for name, value in b.items()}, *values)[0])


def test_sentiment_rests_at_one_and_moves_as_named():
    assert _feeling() == pytest.approx(1.0)
    assert _feeling(growth=0.6) > 1.0
    assert _feeling(exits=0.05) < 1.0
    assert _feeling(cover=0.5) < 1.0
    assert _feeling(cover=3.0) == pytest.approx(1.0)  # dear compute is no good news
    assert _feeling(before=1.8, growth=2.0, shock=5.0) == pytest.approx(1.8)
    assert _feeling(before=0.3, growth=-0.9, shock=-5.0) == pytest.approx(0.3)
