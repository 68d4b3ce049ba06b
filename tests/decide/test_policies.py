"""Policies and what they must never do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decide.conftest import load, path, small_market, workload, world
from twocurves.decide.decision import decide_in
from twocurves.decide.options import Option
from twocurves.decide.policies import cost_of, gains, policies
from twocurves.decide.workload import Risk


def option(name, running, entry=0.0, allowed=True):
    running = np.asarray(running, dtype=float)
    return Option(
        name, name, name, running,
        np.broadcast_to(np.asarray(entry, dtype=float), running.shape).copy(),
        np.broadcast_to(np.asarray(allowed), running.shape).copy(),
        running, np.zeros_like(running),
    )  # fmt: skip


def random_options(random, draws=60, months=12, targets=3):
    made = [option("now", random.gamma(4.0, 1.0, (draws, months)))]
    for number in range(targets):
        running = random.gamma(3.0, 1.0, (draws, months))
        made.append(
            option(f"t{number}", running, random.uniform(0, 8), random.uniform(size=(draws, months)) < 0.8)
        )
    return made


def decided(found, seed=0):
    random = np.random.default_rng(seed)
    features = random.normal(size=(*found.moving.shape[:2], 3))
    return policies(found, features, Risk())


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_gains_are_what_brute_force_finds(seed):
    random = np.random.default_rng(seed)
    made = random_options(random, draws=8, months=6)
    discount = 0.97
    found = gains(made, discount)
    value = discount ** np.arange(6)
    for place, name in enumerate(found.names):
        target = next(one for one in made if one.name == name)
        for month in range(6):
            stay = (made[0].running * value).sum(axis=1)
            moved = (
                (made[0].running * value)[:, :month].sum(axis=1)
                + (target.running * value)[:, month:].sum(axis=1)
                + target.entry[:, month] * value[month]
            )
            assert np.allclose(found.moving[:, month, place], stay - moved)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_regret_is_never_negative_and_hindsight_is_never_beaten(seed):
    found = gains(random_options(np.random.default_rng(seed)), 0.99)
    chosen = decided(found, seed)
    for policy in (chosen.stay, chosen.now, chosen.date, chosen.rule, *chosen.by_month):
        assert (policy.gain <= found.best + 1e-9).all()
    assert (found.best >= 0.0).all()


def test_a_dominated_option_is_never_advised():
    random = np.random.default_rng(7)
    made = random_options(random, draws=200)
    worse = option("worse", made[1].running + 0.1, made[1].entry + 0.5, made[1].allowed)
    same = option("same", made[2].running, made[2].entry, made[2].allowed)
    found = gains([*made, worse, same], 0.99)
    assert "worse" not in found.names
    assert "same" not in found.names
    assert "t0" in found.names
    dominated_by_staying = option("dear", made[0].running + 1.0, 5.0)
    alone = decided(gains([made[0], dominated_by_staying], 0.99))
    assert alone.advised.name == "stay"


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_risk_measures_lie_between_the_mean_and_the_worst(seed):
    cost = np.random.default_rng(seed).gamma(2.0, 3.0, 500)
    expected = cost_of(cost, Risk())
    tails = [cost_of(cost, Risk(attitude="cvar", worst_share=share)) for share in (1.0, 0.5, 0.2, 0.01)]
    assert tails[0] == pytest.approx(expected)
    assert tails == sorted(tails)
    assert tails[-1] <= cost.max() + 1e-9


# -- through the whole of a decision -------------------------------------------------


def decide(of=None, market=None, **changes):
    of = of or workload()
    return decide_in(of, load(of), market or small_market(), world(**changes))


def total(found):
    return float(found.policies.advised.gain.mean())


def test_under_certainty_and_without_cost_of_switching_the_month_is_the_best_one():
    # The open price falls below the closed one in the eighth month, for good.
    falling = path(40, 24, np.where(np.arange(24) < 8, 30.0, 1.0))
    found = decide(price_open=falling)
    assert found.advice == "wait"
    assert (found.policies.rule.moved == 8).all()
    assert np.allclose(found.policies.rule.gain, found.policies.advised.gain)
    assert np.allclose(found.regret_above[1], 0.0)
    assert (found.hindsight_months == 8).all()
    assert found.of_which_learning_usd == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2, 0.4])
@pytest.mark.parametrize("open_price", [0.5, 8.0, 9.5, 20.0])
def test_the_value_of_waiting_is_never_negative(spread, open_price):
    of = workload(switching={"migration_risk_usd": 20_000.0})
    found = decide(of, small_market(open_price=open_price), spread=spread, draws=200)
    assert found.value_of_waiting_usd >= 0.0
    assert found.of_which_planning_usd >= 0.0
    assert found.of_which_learning_usd >= 0.0


def test_the_value_of_waiting_falls_to_nothing_as_uncertainty_does():
    of = workload(switching={"migration_risk_usd": 30_000.0})
    market = small_market(open_price=9.0)
    values = [
        decide(of, market, spread=spread, draws=2000).value_of_waiting_usd for spread in (0.2, 0.1, 0.05, 0.0)
    ]
    assert values[0] > values[1] > values[2] >= values[3] >= 0.0
    assert values[0] > 1_000.0
    assert values[-1] == pytest.approx(0.0, abs=1e-6)


def test_dearer_switching_never_makes_moving_better():
    gained = [
        total(decide(workload(switching={"migration_risk_usd": usd}), spread=0.1, draws=400))
        for usd in (0.0, 20_000.0, 80_000.0, 150_000.0, 1e6)
    ]
    assert gained == sorted(gained, reverse=True)
    assert gained[-1] == 0.0


def test_a_larger_premium_never_makes_moving_worse():
    of = workload(switching={"migration_risk_usd": 50_000.0})
    gained = [total(decide(of, small_market(closed_price=price))) for price in (0.5, 1.0, 3.0, 10.0, 30.0)]
    assert gained == sorted(gained)
    assert gained[0] == 0.0
    assert gained[-1] > 0.0


def test_a_higher_discount_makes_savings_to_come_worth_less():
    gained = [
        total(
            decide(
                workload(
                    switching={"migration_risk_usd": 50_000.0}, horizon={"months": 24, "discount_rate": rate}
                )
            )
        )
        for rate in (0.0, 0.1, 0.3, 1.0)
    ]
    assert gained == sorted(gained, reverse=True)


def test_moving_waits_for_quality():
    gain = path(40, 24, np.arange(24) * 0.5)
    # 151 is needed, 150 less nothing is there: reached in the second month after the start.
    found = decide(workload(quality={"eci": 151.0}), open_gain=gain, closed_gain=gain, closed_api_gain=gain)
    assert found.advice == "wait"
    assert (found.policies.advised.moved == 2).all()
    assert "as soon as it is good enough" in found.answer


def test_a_commitment_is_paid_whether_used_or_not():
    free = decide()
    bound = decide(workload(contract={"committed_until": "2026-12", "committed_usd_per_month": 11_000.0}))
    moved_now = {name: found.policies.now.gain.mean() for name, found in (("free", free), ("bound", bound))}
    assert moved_now["bound"] == pytest.approx(moved_now["free"] - 11_000.0 * 6, rel=0.05)
    assert (bound.policies.rule.moved >= free.policies.rule.moved).all()


def test_what_decides_it_is_found_and_luck_is_not():
    random = np.random.default_rng(1)
    taste = random.normal(size=400)
    base = world(draws=400)
    beliefs = {**base.beliefs, "taste": taste, "luck": random.normal(size=400)}
    rising = path(400, 24, 1.0) * np.exp(0.3 * taste[:, None])
    found = decide(price_closed=rising, beliefs=beliefs, draws=400)
    named = {one.name: one for one in found.deciders}
    assert named["taste"].above_noise
    assert named["taste"].effect > 0.95
    assert not any(one.above_noise for name, one in named.items() if name != "taste")


def test_a_trigger_parts_the_worlds_it_is_told_of():
    of = workload(switching={"migration_risk_usd": 60_000.0})
    found = decide(of, small_market(open_price=9.0), spread=0.15, draws=2000)
    assert found.advice in ("wait", "stay")
    assert found.triggers
    for one in found.triggers:
        assert 0.0 < one.share < 1.0
        assert one.usd > 0.0
        assert one.side in ("below", "above")
