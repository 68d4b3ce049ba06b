"""Properties of the whole path with an economic reason, each a world beside the central one."""

from typing import Any

import numpy as np
import pytest

from tests.economy.central import MONTHS, Path, World, beliefs, medians, run, world
from twocurves.economy.measure_table import MEASURES

#: Nobody chooses anew, nobody is moved, nobody comes or goes.
FROZEN: dict[str, Any] = {
    "enterprise_vendor_reconsideration": 0.0,
    "developer_model_reconsideration": 0.0,
    "consumer_vendor_reconsideration": 0.0,
    "forced_migration": 0.0,
    "innovation_rate": 0.0,
    "imitation_rate": 0.0,
    "earned_churn": 0.0,
}

#: Money and power without end, so that returns alone say what is built.
UNBOUND: dict[str, Any] = {"investor_cash_flow_2026": 1e6, "power_capacity_2026": 1e6}

#: Spot expectations that look at no order under way, and no cost of adjusting: spending follows them.
SPOT: dict[str, Any] = {
    "return_expectation_months": 1.0,
    "pipeline_weight": 0.0,
    "investment_adjustment_cost": 0.0,
    "investment_response": 0.3,
    "investment_ceiling_change": 0.2,
    "investment_floor_change": -0.2,
}

#: Delays that answer nothing but their start.
HELD_DELAY: dict[str, Any] = {"withholding_pull": 0.0, "rivalry_push": 0.0, "withholding_decay": 1e9}

#: Measures at a fixed number of dollars, and counts of what stands above a threshold in the last digit.
OF_FIXED_DOLLARS = tuple(name for name in MEASURES if name.endswith("usd"))


def in_dollars() -> list[str]:
    """Parameters that are stated in an amount of money."""
    return [
        name
        for name, parameter in beliefs().parameters.items()
        if parameter.unit.startswith("usd") and parameter.unit != "usd_per_usd"
    ]


def in_doubled_dollars(given: World) -> World:
    """The same world in a currency of half the worth: every amount of money, spending too, is twice."""
    numbers = given.numbers | {name: 2.0 * given.numbers[name] for name in in_dollars()}
    return World(numbers, given.outside | {"spending": 2.0 * given.outside["spending"]})


def _worlds() -> dict[str, World]:
    stays = world(exit_speed=0.0)
    strong: dict[str, Any] = {"self_improvement_gain": 8.0, "self_improvement_private_share": 0.5}
    return {
        "central": world(),
        "central doubled": in_doubled_dollars(world()),
        "nobody leaves": stays,
        "nobody leaves doubled": in_doubled_dollars(stays),
        "frozen": world(**FROZEN),
        "unbound": world(**UNBOUND),
        "unbound, spot": world(**UNBOUND, **SPOT),
        "lean work": world(hours_per_work_unit=lambda value: 0.8 * value),
        "cheap chips": world(compute_unit_cost=lambda value: 0.8 * value),
        "no rivalry": world(rivalry_push=0.0),
        "delay held": world(**HELD_DELAY),
        "delay held, fast": world(**HELD_DELAY, catch_up_rate=lambda value: 1.5 * value),
        "runaway": world(**strong, private_lead_leak=0.0),
        "leaking": world(**strong, private_lead_leak=0.1),
        "no gain": world(self_improvement_gain=0.0, private_lead_leak=0.0),
    }


@pytest.fixture(scope="module")
def worlds() -> dict[str, Path]:
    """All of them, run side by side."""
    given = _worlds()
    return dict(zip(given, run(given.values()), strict=True))


def test_every_world_holds_its_certificates(worlds):
    assert [name for name, path in worlds.items() if not path.verdict.ok] == []


def _off_scale(base: Path, doubled: Path) -> dict[str, float]:
    """Measures that are not twice (dollars) or the same (all else), with by how much."""
    off = {}
    for name, info in MEASURES.items():
        if name in OF_FIXED_DOLLARS:
            continue
        expected = base[name] * (2.0 if info.unit.startswith("usd") else 1.0)
        scale = np.maximum(np.abs(expected), 1e-6 * np.abs(expected).max() + 1e-9)
        worst = float(np.max(np.abs(doubled[name] - expected) / scale))
        if not worst < 1e-6:
            off[name] = worst
    return off


def test_doubling_all_money_doubles_dollars_and_leaves_shares(worlds):
    assert len(in_dollars()) >= 20
    assert _off_scale(worlds["nobody leaves"], worlds["nobody leaves doubled"]) == {}


def test_doubling_all_money_doubles_dollars_where_labs_leave(worlds):
    assert _off_scale(worlds["central"], worlds["central doubled"]) == {}


def test_without_switching_and_newcomers_shares_are_frozen(worlds):
    frozen = worlds["frozen"]
    for name in ("adopters", "adopters_by_lab"):
        np.testing.assert_allclose(
            frozen[name], np.broadcast_to(frozen[name][0], frozen[name].shape), rtol=1e-9
        )
    assert np.ptp(worlds["central"]["adopters_by_lab"], axis=0).max() > 0.0


def test_a_glut_follows_spot_expectations_without_adjustment_costs(worlds):
    """Time to build and spot expectations make a cobweb: rental below 60% of full cost, and far below what
    smoothed expectations that heed the orders under way make of the same world."""
    spot, heeding = worlds["unbound, spot"]["cover"].min(), worlds["unbound"]["cover"].min()
    assert spot < 0.6
    assert spot < 0.6 * heeding


@pytest.mark.parametrize("name", ["lean work", "cheap chips"])
def test_cheaper_compute_never_raises_all_prices(worlds, name):
    """Means of each year, since cycles of building are shifted by some months."""
    dearer = []
    for price in ("price_closed", "price_open", "rental"):
        cheap, central = (
            np.log(worlds[key][price].reshape(MONTHS // 12, 12, -1)).mean(axis=1) for key in (name, "central")
        )
        dearer.append(cheap > central + 1e-9)
    assert not np.concatenate(dearer, axis=1).all(axis=1).any()


def test_without_rivalry_labs_withhold_no_less(worlds):
    free, held = worlds["no rivalry"]["api_delay"], worlds["central"]["api_delay"]
    assert (free >= held - 1e-2).all()
    assert free.mean() > held.mean()


def test_with_delays_held_a_faster_catch_up_never_widens_the_lag(worlds):
    slow, fast = worlds["delay held"], worlds["delay held, fast"]
    start = medians()["initial_api_delay"][0]
    for path in (slow, fast):
        np.testing.assert_allclose(path["api_delay"], start, atol=1e-5)
    assert (fast["capability_open"] >= slow["capability_open"] - 1e-9).all()
    assert (fast["lag_months"] <= slow["lag_months"] + 1e-6).all()
    assert fast["lag_months"][-1] < slow["lag_months"][-1]


def test_the_private_lead_runs_away_only_with_self_improvement_and_no_leak(worlds):
    """Spread of labs' private software, in logs, at the end against January 2023."""
    before = float(np.ptp(np.log(medians()["private_software_lead"])))

    def spread(name):
        return float(np.ptp(worlds[name].end.log_lead))

    assert spread("runaway") > before + 1.0
    assert spread("leaking") < before
    assert spread("no gain") == pytest.approx(before, rel=1e-9)
