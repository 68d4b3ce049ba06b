"""Capability: the lag law, catching up, the private lead, the API delay."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.economy.central import blank_state, medians
from twocurves.economy.capability import TRAINING_TREND_MONTH, capability, delayed, train
from twocurves.economy.state import MEMORY_MONTHS

LABS, BUILDERS = 3, 2


def numbers(**given):
    """Beliefs under which software stands still, so that research alone moves capability."""
    still = {
        "software_growth": 1.0,
        "self_improvement_gain": 0.0,
        "release_cadence": 1.0,
        "capability_shock_sd": 0.0,
        "own_effort_gain": 1.0,
        "distillation_part": 0.0,
        "consortium_pooling": 0.0,
        "private_lead_leak": 0.0,
        "builder_software_efficiency": np.ones(BUILDERS),
        "capability_reference": 100.0,
    }
    changed = {name: np.asarray(value, float)[..., None] for name, value in (still | given).items()}
    return medians() | changed


def _start(b, growth, delay, **given):
    """A state in which frontier and builders' own research grow by ``growth`` ECI points a month."""
    top = jnp.full((LABS, 1), 100.0)
    ages = jnp.arange(MEMORY_MONTHS)[:, None, None]
    plain = {
        "log_software": jnp.log(b["software_reference"]),
        "log_lead": jnp.zeros((LABS, 1)),
        "log_training": jnp.zeros((LABS, 1)) + jnp.log(b["research_compute_reference"]),
        "capability": top,
        "capability_memory": top - growth * ages,
        "open_capability": jnp.full((BUILDERS, 1), 95.0),
        "open_public": jnp.full((BUILDERS, 1), 95.0),
        "open_supported": jnp.full((BUILDERS, 1), 80.0),
        "open_research": jnp.ones((BUILDERS, 1)),
        "frontier_effort": jnp.ones((BUILDERS, 1)),
        "flagship_open": jnp.ones((BUILDERS, 1)),
        "presence": jnp.ones((LABS, 1)),
        "api_delay": jnp.full((LABS, 1), 1.0) * delay,
    }
    return blank_state(**(plain | given))


def _kept(state, found):
    """The state with what capability's room hands on."""
    same = {name: getattr(found, name) for name in found._fields if name in state._fields}
    return state._replace(**same, capability_memory=found.memory)


@partial(jax.jit, static_argnames="months")
def grown(b, growth, delay, months):
    """Let the frontier grow by ``growth`` points a month for ``months``; return each month's capabilities."""
    scale = b["compute_to_capability"] / jnp.log(10.0)
    reference = jnp.log(b["research_compute_reference"])

    def advance(state, month):
        log_compute = reference + growth * month / scale
        state = state._replace(
            log_training=jnp.zeros((LABS, 1)) + log_compute,
            open_research=jnp.zeros((BUILDERS, 1)) + jnp.exp(log_compute - 20.0 / scale),
        )
        found = capability(b, state, jnp.zeros((LABS, 1)), jnp.ones((BUILDERS, 1)))
        return _kept(state, found), found

    return jax.lax.scan(advance, _start(b, growth, delay), jnp.arange(1, months + 1, dtype=float))[1]


@pytest.mark.parametrize(
    ("own", "rate", "spill", "delay"),
    [
        (0.0, 0.08, 0.5, 0.0),
        (0.3, 0.10, 0.5, 3.0),
        (0.6, 0.05, 0.2, 6.0),
        (0.6, 0.15, 0.8, 2.5),
        (0.2, 0.12, 0.0, 9.0),
        (0.9, 0.04, 1.0, 12.0),
    ],
)
def test_the_steady_lag_is_that_of_the_law(own, rate, spill, delay):
    """Months behind a frontier that grows steadily: (1 - f) / delta + (1 - s) l."""
    b = numbers(own_effort_share=own, catch_up_rate=rate, spillover_share=spill)
    growth = 1.2
    found = grown(b, growth, delay, 600)
    frontier = np.asarray(found.frontier)[:, 0]
    lag = (frontier[-1] - np.asarray(found.open_public)[-1].max()) / growth
    assert np.diff(frontier)[-1] == pytest.approx(growth)
    assert lag == pytest.approx((1.0 - own) / rate + (1.0 - spill) * delay, rel=0.01)


@given(
    st.floats(0.02, 0.3), st.floats(1.01, 2.0), st.floats(0.0, 0.9), st.floats(0.0, 12.0), st.floats(0.0, 1.0)
)
@settings(max_examples=25)
def test_a_faster_catch_up_never_widens_the_gap(rate, more, own, delay, spill):
    given = {"own_effort_share": own, "spillover_share": spill}
    slow = grown(numbers(catch_up_rate=rate, **given), 1.2, delay, 120)
    fast = grown(numbers(catch_up_rate=min(rate * more, 1.0), **given), 1.2, delay, 120)
    assert (np.asarray(fast.open_public) >= np.asarray(slow.open_public) - 1e-9).all()
    np.testing.assert_array_equal(fast.frontier, slow.frontier)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_capability_never_falls(seed):
    """Whatever happens to research, effort and surprises."""
    rng = np.random.default_rng(seed)
    b = numbers(capability_shock_sd=3.0, release_cadence=0.4)
    state = _start(
        b,
        1.0,
        2.0,
        log_training=rng.normal(8.0, 4.0, (LABS, 1)),
        open_research=np.exp(rng.normal(5.0, 4.0, (BUILDERS, 1))),
        capability=rng.normal(140.0, 15.0, (LABS, 1)),
        open_capability=rng.normal(130.0, 15.0, (BUILDERS, 1)),
        open_public=rng.normal(120.0, 15.0, (BUILDERS, 1)),
        open_supported=rng.normal(120.0, 15.0, (BUILDERS, 1)),
        frontier_effort=rng.uniform(0.0, 1.0, (BUILDERS, 1)),
        flagship_open=rng.uniform(0.0, 1.0, (BUILDERS, 1)),
    )
    found = _once(b, state, rng.normal(size=(LABS, 1)))
    assert (np.asarray(found.capability) >= state.capability).all()
    assert (np.asarray(found.open_capability) >= state.open_capability).all()
    assert (np.asarray(found.open_public) >= state.open_public).all()
    assert float(found.log_software[0]) >= float(state.log_software[0])


@jax.jit
def _once(b, state, shocks):
    return capability(b, state, shocks, jnp.ones((BUILDERS, 1)))


def test_builders_do_not_pass_the_frontier_by_learning():
    found = grown(numbers(own_effort_share=0.0, catch_up_rate=1.0, spillover_share=1.0), 1.2, 0.0, 120)
    assert (np.asarray(found.open_capability).max(axis=1) <= np.asarray(found.frontier) + 1e-9).all()


def test_a_builder_that_does_not_exist_learns_nothing():
    b = numbers()
    state = _start(b, 1.0, 0.0, open_research=np.full((BUILDERS, 1), 1e5))
    found = capability(b, state, jnp.zeros((LABS, 1)), jnp.array([[1.0], [0.0]]))
    assert float(found.open_capability[1, 0]) == float(state.open_capability[1, 0])
    assert float(found.open_capability[0, 0]) > float(state.open_capability[0, 0])


@jax.jit
def _run_on(b, first):
    def advance(state, _):
        found = capability(b, state, jnp.zeros((LABS, 1)), jnp.ones((BUILDERS, 1)))
        return _kept(state, found), (found.log_lead, found.capability)

    return jax.lax.scan(advance, first, None, length=168)[1]


def _leads(gain, leak):
    """Advantage of the first lab in ln private software, and in ECI points, month by month."""
    b = numbers(
        self_improvement_gain=gain,
        self_improvement_private_share=0.5,
        private_lead_leak=leak,
        software_growth=3.0,
        software_growth_ceiling=30.0,
    )
    ahead = np.log(b["research_compute_reference"]) + np.log(np.array([[3.0], [1.0], [1.0]]))
    lead, reached = _run_on(b, _start(b, 1.0, 0.0, log_training=ahead))
    lead, reached = np.asarray(lead)[..., 0], np.asarray(reached)[..., 0]
    return lead[:, 0] - lead[:, 1:].mean(axis=1), reached[:, 0] - reached[:, 1]


def test_the_private_lead_runs_away_only_with_self_improvement_and_no_leak():
    away, points = _leads(gain=8.0, leak=0.0)
    assert (np.diff(away) >= -1e-12).all()
    assert away[-1] > away[60] > away[12]
    assert points[-1] > points[0]
    leaking, _ = _leads(gain=8.0, leak=0.1)
    assert leaking[-1] < 0.1 * away[-1]
    none, _ = _leads(gain=0.0, leak=0.0)
    np.testing.assert_allclose(none, 0.0, atol=1e-12)


def test_a_leak_closes_a_lead_that_nothing_feeds():
    """Of a lead that leaks at 10% a month nine tenths are left after each."""
    b = numbers(private_lead_leak=0.1)
    state = _start(b, 0.0, 0.0, log_lead=np.array([[0.9], [0.0], [0.0]]))
    for month in range(1, 8):
        found = _once(b, state, np.zeros((LABS, 1)))
        state = state._replace(log_lead=found.log_lead)
        spread = np.asarray(state.log_lead)[:, 0]
        assert spread[0] - spread[1] == pytest.approx(0.9 * 0.9**month)
        assert spread.mean() == pytest.approx(0.3)


def test_software_growth_stops_at_its_ceiling_and_says_so():
    """With returns above one and self-improvement growth would blow up in finite time."""
    wild = {"software_growth": 3.0, "self_improvement_gain": 8.0, "software_returns": 3.0}
    b = numbers(**wild, software_growth_ceiling=12.0, automation_threshold=50.0)
    found = _once(b, _start(b, 1.0, 0.0), np.zeros((LABS, 1)))
    assert float(found.capped[0]) == 1.0
    grown_by = float(found.log_software[0] - jnp.log(b["software_reference"])[0])
    assert grown_by == pytest.approx(np.log(12.0) / 12.0)


def test_training_follows_its_trend_and_then_the_hours_that_research_rents():
    b = numbers(research_smoothing_months=6.0, training_compute_growth=4.0)
    hours = jnp.array([[10.0], [20.0], [40.0]])
    state = _start(b, 0.0, 0.0, log_research_hours=np.log(np.array([[5.0], [20.0], [20.0]])))
    on_trend, _ = train(b, state, jnp.asarray(TRAINING_TREND_MONTH - 1.0), hours)
    np.testing.assert_allclose(on_trend - state.log_training, np.log(4.0) / 12.0)
    free, smoothed = train(b, state, jnp.asarray(float(TRAINING_TREND_MONTH)), hours)
    # Hours, not their logs, are smoothed over six months: five of ten more, none, twenty of forty.
    grown = np.log([[1.0 + 1.0 / 6.0], [1.0], [1.0 + 1.0 / 6.0]])
    np.testing.assert_allclose(free - state.log_training, grown, atol=1e-15)
    starved, _ = train(b, state, jnp.asarray(float(TRAINING_TREND_MONTH)), jnp.zeros((3, 1)))
    np.testing.assert_allclose(starved - state.log_training, np.log(5.0 / 6.0), rtol=1e-9)
    np.testing.assert_allclose(smoothed - state.log_research_hours, free - state.log_training, rtol=1e-9)


@given(st.floats(0.0, MEMORY_MONTHS - 1.0), st.floats(-3.0, 3.0), st.floats(100.0, 160.0))
def test_delay_interpolates_a_straight_line_exactly(delay, growth, today):
    memory = today - growth * np.arange(MEMORY_MONTHS)[:, None, None]
    found = _delayed(memory, np.array([[delay]]))
    np.testing.assert_allclose(found, today - growth * delay, rtol=1e-12)


@given(st.integers(0, MEMORY_MONTHS - 1), st.integers(0, 2**32 - 1))
def test_a_delay_of_whole_months_is_that_month(delay, seed):
    memory = np.random.default_rng(seed).normal(size=(MEMORY_MONTHS, 2, 1))
    np.testing.assert_array_equal(_delayed(memory, np.full((2, 1), float(delay))), memory[delay])


@given(st.floats(0.05, 0.95), st.integers(0, MEMORY_MONTHS - 2), st.integers(0, 2**32 - 1))
def test_delay_differentiates(part, whole, seed):
    memory = np.random.default_rng(seed).normal(size=(MEMORY_MONTHS, 1, 1))
    slope = _delayed_slope(memory, np.array([[whole + part]]))
    np.testing.assert_allclose(slope, memory[whole + 1] - memory[whole], rtol=1e-9)


_delayed = jax.jit(delayed)
_delayed_slope = jax.jit(jax.grad(lambda memory, delay: delayed(memory, delay).sum(), argnums=1))
