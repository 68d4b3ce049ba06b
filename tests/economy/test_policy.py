"""Policy: what labs withhold, which subsidies last, who enters and leaves, how open builders turn."""

import jax.numpy as jnp
import numpy as np
import pytest

from tests.economy.central import blank_state, medians
from twocurves.economy import policy

LABS = 4


def delays(months=240, scarcity=1.0, ratio=3.0, growth=1.0, exposed=2.0, start=3.0, **given):
    """API delay of each lab month by month, from ``start`` on, shape ``(months, labs)``."""
    b = medians(**{"withholding_propensity": 1.0, "withholding_decay": 1e9, "api_delay_floor": 0.0} | given)
    delay, seen = jnp.full((LABS, 1), start), []
    for _ in range(months):
        delay = policy.api_delay(
            {name: b[name][:LABS] if b[name].ndim == 2 else b[name] for name in b},
            blank_state(api_delay=delay),
            jnp.array([scarcity]),
            jnp.full((LABS, 1), ratio),
            jnp.array([growth]),
            jnp.full((LABS, 1), exposed),
            jnp.ones((LABS, 1)),
        )
        seen.append(np.asarray(delay)[:, 0])
    return np.array(seen)


def test_without_rivalry_withholding_grows_to_its_limit():
    found = delays(rivalry_push=0.0, withholding_pull=0.2, withholding_limit=12.0)
    assert (np.diff(found, axis=0) >= 0).all()
    np.testing.assert_allclose(found[-1], 12.0)


def test_without_scarcity_and_distillation_loss_withholding_goes_to_zero():
    for found in (delays(scarcity=0.0, growth=0.0), delays(scarcity=0.0, distillation_loss=0.0)):
        assert (np.diff(found, axis=0) <= 0).all()
        np.testing.assert_array_equal(found[-1], 0.0)


def test_withholding_needs_scarcity_or_a_distillation_loss():
    """Each alone keeps delays up where rivalry is weak; scarcity counts only if own products earn more."""
    weak = {"rivalry_push": 0.05, "withholding_pull": 0.2, "withholding_limit": 12.0}
    assert (delays(**weak, growth=0.0)[-1] > 3.0).all()
    assert (delays(**weak, scarcity=0.0, distillation_loss=0.5)[-1] > 3.0).all()
    assert (delays(**weak, growth=0.0, ratio=0.9)[-1] == 0.0).all()


def test_rivals_that_release_at_once_push_a_lab_to_release():
    found = [delays(months=1, rivalry_push=push, withholding_pull=0.0)[0, 0] for push in (0.0, 0.2, 0.4)]
    assert found[0] > found[1] > found[2]


def test_a_policy_of_release_takes_the_pull_away():
    given = {"withholding_pull": 0.2, "rivalry_push": 0.1}
    assert (delays(api_release_policy=0.0, **given)[-1] == 0.0).all()


def test_subsidies_halve_in_their_half_life_and_stop_without_cash():
    b = medians(subsidy_half_life=10.0, subsidy_step=0.0)
    state = blank_state(subsidy=jnp.full((1, 1), 0.4), share_year_ago=jnp.full((1, 1), 0.3))
    rich, poor = (
        float(policy.subsidy(b, state, jnp.full((1, 1), 0.3), jnp.full((1, 1), runway))[0, 0])
        for runway in (100.0, 0.0)
    )
    assert rich == pytest.approx(0.4 * 2 ** (-1 / 10))
    assert poor < 0.5 * rich


def test_a_rich_lab_that_loses_share_raises_its_subsidy():
    b = medians()
    state = blank_state(subsidy=jnp.full((1, 1), 0.2), share_year_ago=jnp.full((1, 1), 0.4))
    losing, holding = (
        float(policy.subsidy(b, state, jnp.full((1, 1), share), jnp.full((1, 1), 100.0))[0, 0])
        for share in (0.2, 0.4)
    )
    assert losing > holding


def test_a_lab_leaves_when_cash_and_money_are_gone_and_only_potential_ones_enter():
    b = medians(exit_speed=0.2, entry_speed=0.1)
    state = blank_state(presence=jnp.array([[1.0], [1.0], [1.0], [0.0], [0.0]]), sentiment=jnp.ones(1))
    cash = jnp.array([[50.0], [-50.0], [-50.0], [0.0], [0.0]])
    money = jnp.array([[0.0], [1.0], [0.0], [1.0], [1.0]])
    potential = jnp.array([[0.0], [0.0], [0.0], [0.0], [1.0]])
    found = np.asarray(policy.presence(b, state, cash, money, jnp.array([500.0]), potential))[:, 0]
    np.testing.assert_allclose(found[:4], [1.0, 1.0, 0.8, 0.0], atol=1e-12)
    assert 0.0 < found[4] < 1.0
    poor = np.asarray(policy.presence(b, state, cash, money, jnp.array([0.0]), potential))[:, 0]
    assert poor[4] == 0.0


def test_builders_turn_to_niches_when_far_behind_or_short_of_money():
    b = medians(niche_effort_floor=0.1)
    state = blank_state(frontier_effort=jnp.ones((2, 1)))

    def effort(gap, funding):
        found = policy.frontier_effort(
            b, state, jnp.full((2, 1), gap), jnp.full((2, 1), funding), jnp.array([100.0])
        )
        return float(found[0, 0])

    near = effort(0.0, 1e3)
    assert near > effort(40.0, 1e3)
    assert near > effort(0.0, 0.0)
    assert near == pytest.approx(1.0, abs=1e-3)


def test_a_flagship_known_to_be_closed_is_closed():
    b = medians(flagship_closing_hazard=0.0, flagship_reopening_hazard=0.0)
    builders = b["builder_closing_propensity"].shape[0]
    state = blank_state(flagship_open=jnp.ones((builders, 1)))
    closed = jnp.zeros((builders, 1)).at[1].set(1.0)
    found = np.asarray(policy.flagship_open(b, state, closed))[:, 0]
    assert found[1] == 0.0
    np.testing.assert_array_equal(np.delete(found, 1), 1.0)


def test_firms_enter_on_profit_and_stop_where_it_only_pays_their_fixed_cost():
    b = medians()
    log_firms = jnp.log(b["layer_initial_firms"] + 5.0)
    breaking_even = jnp.exp(log_firms) * b["layer_fixed_cost"]
    np.testing.assert_allclose(policy.firms(b, log_firms, breaking_even), log_firms, rtol=1e-12)
    assert (policy.firms(b, log_firms, 1.5 * breaking_even) > log_firms).all()
    assert (policy.firms(b, log_firms, 0.5 * breaking_even) < log_firms).all()
