"""Certificates: a seeded violation of each kind marks the draw failed, with month, mechanism and figure."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.economy.central import Path, blank_state, run, world
from tests.economy.test_accounts import book, made_up
from tests.economy.test_clearing import HIGH, LOW, limits, wanted
from tests.economy.test_pricing import random_case
from twocurves.economy import clearing, pricing
from twocurves.economy.accounts import Accounts
from twocurves.economy.certificates import TOLERANCES, Certificates, certify, judge
from twocurves.economy.state import State

MONTHS, DRAWS = 36, 4
MECHANISMS = tuple(TOLERANCES)


@cache
def _targets(*, wrong: bool) -> pricing.Targets:
    """Target prices, settled or as they stand after one look from markups that are nobody's best reply."""
    case = random_case(81)
    start = jnp.full((1, 1, 3, 4, 1), 4.0)
    floor = jnp.array([1.02])
    if not wrong:
        for _ in range(8):
            start = jax.jit(pricing.target_prices)(case.market, start, floor).following
    found: pricing.Targets = jax.jit(pricing.target_prices, static_argnums=(3, 4))(
        case.market, start, floor, 0, 0
    )
    return found


def _cleared(*, wrong: bool) -> clearing.Cleared:
    """A market that clears, or one whose demand falls off a cliff that the search steps over."""
    one = jnp.ones((1, 1))
    hours = wanted(
        plans=20.0 * one,
        research=one,
        background=10.0 * one,
        log_reservation=0.5 * one,
        spread=np.array([1e-3 if wrong else 0.8]),
    )
    b, running = limits(LOW, HIGH)
    return clearing.clear(b, hours, 25.0 * one, jnp.zeros((1, 1)), running)


@cache
def _account(*, hours_lost: bool = False, cash_wrong: bool = False) -> Accounts:
    """A month's books: right, with hours that nobody used, or with cash that is no number."""
    b, state, served, hours, rental, worth = made_up(5)
    if hours_lost:
        served = served._replace(hours=1.05 * served.hours)
    if cash_wrong:
        state = state._replace(cash=state.cash.at[0].set(jnp.nan))
    found: Accounts = book((b, state, served, hours, rental, worth))
    return found


def _state(**given: Any) -> State:
    """A state in which all that certificates look at is in order."""
    one = np.ones((1, 1, 1))
    plain: dict[str, Any] = {
        "closed_shares": np.full((1, 1, 2, 3, 2, 2, 1), 1 / 16),
        "open_shares": np.full((1, 1, 2, 4, 1), 1 / 16),
        "cash": one[0],
        "revenue_memory": one,
        "investment": one[0, 0],
        "sentiment": one[0, 0],
        "capability": one[0],
        "open_public": one[0],
        "vintage": one,
        "adopters": one,
        "log_price_used": one,
        "log_rental": one[0],
        "log_firms": one[0],
        "log_mispricing": one[0],
    }
    return blank_state(**(plain | given))


def _healthy() -> Certificates:
    return certify(_targets(wrong=False), _cleared(wrong=False), _account(), _state())


def _seeded(mechanism: str) -> Certificates:
    """The certificates of a month in which one thing has gone wrong."""
    targets, cleared, account, after = _targets(wrong=False), _cleared(wrong=False), _account(), _state()
    if mechanism == "pricing":
        targets = _targets(wrong=True)
    elif mechanism == "deviation":
        case = random_case(81)
        wrong = targets._replace(price=targets.price.at[:, :, :, 1].multiply(1.4))
        gain = pricing.deviation_gain(case.market, wrong, jnp.array([1.02]))
        return certify(targets, cleared, account, after)._replace(deviation=gain)
    elif mechanism == "clearing":
        cleared = _cleared(wrong=True)
    elif mechanism == "money":
        account = _account(hours_lost=True)
    elif mechanism == "cash":
        account = _account(cash_wrong=True)
    elif mechanism == "shares":
        after = _state(open_shares=np.full((1, 1, 2, 4, 1), 1.01 / 16))
    else:
        after = _state(adopters=np.full((1, 1, 1), np.inf))
    return certify(targets, cleared, account, after)


def _path(month: int, draw: int, seeded: Certificates) -> Certificates:
    """Months of healthy draws but for one month of one of them, months first."""
    return Certificates(
        *(
            jnp.broadcast_to(good, (MONTHS, DRAWS)).at[month, draw].set(bad[0])
            for good, bad in zip(_healthy(), seeded, strict=True)
        )
    )


def test_a_month_in_which_all_is_well_passes():
    verdict = judge(_path(0, 0, _healthy()))
    assert np.asarray(verdict.ok).all()
    np.testing.assert_array_equal(verdict.month, -1)
    np.testing.assert_array_equal(verdict.mechanism, -1)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_seeded_violation_marks_its_draw_month_and_mechanism(mechanism):
    seeded = _seeded(mechanism)
    figure = float(getattr(seeded, mechanism)[0])
    verdict = judge(_path(17, 2, seeded))
    np.testing.assert_array_equal(np.flatnonzero(~np.asarray(verdict.ok)), [2])
    assert int(verdict.month[2]) == 17
    assert MECHANISMS[int(verdict.mechanism[2])] == mechanism
    assert float(verdict.figure[2]) == figure or np.isnan(figure)
    assert not figure <= TOLERANCES[mechanism]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_figure_that_is_no_number_has_failed(mechanism):
    seeded = _healthy()._replace(**{mechanism: jnp.array([jnp.nan])})
    verdict = judge(_path(5, 1, seeded))
    assert (int(verdict.month[1]), MECHANISMS[int(verdict.mechanism[1])]) == (5, mechanism)


def test_the_first_failure_is_the_one_that_is_named():
    path = _path(20, 0, _seeded("shares"))
    early = _seeded("money")
    path = Certificates(*(all_.at[9, 0].set(bad[0]) for all_, bad in zip(path, early, strict=True)))
    verdict = judge(path)
    assert (int(verdict.month[0]), MECHANISMS[int(verdict.mechanism[0])]) == (9, "money")


def test_a_number_lost_on_the_way_marks_the_draw_and_leaves_its_neighbours(central: Path):
    """A surprise that is no number, in one month, of one world among others."""
    month = 30
    lost = world()
    shock = lost.outside["value_shock"].copy()
    shock[month] = np.nan
    lost.outside["value_shock"] = shock
    before, broken, after = run([world(), lost, world()])
    assert before.verdict.ok
    assert after.verdict.ok
    assert not broken.verdict.ok
    assert int(broken.verdict.month) == month
    assert MECHANISMS[int(broken.verdict.mechanism)] == "finite"
    for name, array in central.measures.items():
        np.testing.assert_array_equal(before[name], array)
        if name not in ("lag_months", "lead_months"):
            np.testing.assert_array_equal(broken[name][:month], array[:month])


def test_deviations_are_looked_at_and_find_nothing(central: Path):
    """The check is made in the last month of each stretch, and there are products that it looks at."""
    assert (central.proofs.deviation >= 0.0).all()
    assert central.proofs.deviation.max() < TOLERANCES["deviation"]
