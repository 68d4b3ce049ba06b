"""The whole path at the medians of the beliefs: finite, balanced, repeatable."""

import numpy as np
import pytest

from tests.economy.central import MONTHS, Path, run, structure, world
from twocurves.economy.measure_table import MEASURES

#: Largest figures of each certificate at the medians, in double precision.
EXACT = {"clearing": 1e-9, "money": 1e-10, "cash": 1e-10, "shares": 1e-10, "finite": 0.0}


def test_every_measure_is_there_and_finite(central: Path):
    assert set(central.measures) == set(MEASURES)
    broken = {
        name: np.argwhere(~np.isfinite(array))[:3].tolist()
        for name, array in central.measures.items()
        if not np.isfinite(array).all()
    }
    assert broken == {}


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_measure_has_the_axes_that_its_table_says(central: Path, name: str):
    sizes = {
        "lab": len(structure().names.labs),
        "builder": len(structure().names.builders),
        "segment": len(structure().names.segments),
        "region": len(structure().names.regions),
        "layer": len(structure().names.layers),
    }
    assert central[name].shape == (MONTHS, *(sizes[axis] for axis in MEASURES[name].axes))


def test_the_state_is_finite_at_the_end_but_for_labs_that_never_came(central: Path):
    broken = [name for name, array in central.end._asdict().items() if not np.isfinite(array).all()]
    assert set(broken) <= {"log_research_hours"}


def test_all_certificates_hold(central: Path):
    assert central.verdict.ok
    assert central.verdict.month == -1


@pytest.mark.parametrize(("mechanism", "bar"), EXACT.items())
def test_in_double_precision_certificates_hold_to_rounding(central: Path, mechanism: str, bar: float):
    assert np.max(getattr(central.proofs, mechanism)) <= bar


def test_prices_are_near_their_equilibrium_in_every_month(central: Path):
    assert np.max(central.proofs.pricing) < 5e-3
    assert np.max(central.proofs.deviation) < 5e-3


AMOUNTS = (
    "stock",
    "investment",
    "rental",
    "adopters",
    "forced_users",
    "work",
    "revenue_by_lab",
    "spending_open",
    "value_by_lab",
    "api_delay",
    "vintage_age",
    "consumer_surplus",
    "firms",
    "subsidy",
)


@pytest.mark.parametrize("name", AMOUNTS)
def test_amounts_are_not_negative(central: Path, name: str):
    assert np.min(central[name]) >= 0.0


SHARES = (
    "api_share",
    "open_share_tokens",
    "open_share_dollars",
    "open_share_hours",
    "open_share_hosted_tokens",
    "open_share_router",
    "open_share_enterprise",
    "open_share_by_segment",
    "closed_share_top_spend",
    "old_vintage_share",
    "fast_share",
    "forced_share",
    "hhi_closed",
    "hhi_all",
    "cr3_closed",
    "presence",
    "frontier_effort",
    "flagship_open",
    "idle_share",
    "rationed_share",
)


@pytest.mark.parametrize("name", SHARES)
def test_shares_are_between_zero_and_one(central: Path, name: str):
    assert central[name].min() >= -1e-12
    assert central[name].max() <= 1.0 + 1e-12


def test_capability_never_falls(central: Path):
    assert (np.diff(central["capability_by_lab"], axis=0) >= 0).all()
    assert (np.diff(central["capability_by_builder"], axis=0) >= 0).all()


def test_parts_add_up(central: Path):
    np.testing.assert_allclose(central["revenue_by_lab"].sum(axis=1), central["revenue_closed"], rtol=1e-12)
    for name in ("net_revenue", "gross_profit", "rent"):
        for with_compute in ("", "_with_compute"):
            np.testing.assert_allclose(
                central[f"{name}_by_lab{with_compute}"].sum(axis=1),
                central[f"{name}_closed{with_compute}"],
                rtol=1e-9,
                atol=1e-9,
            )
    np.testing.assert_allclose(
        central["capability_closed"] - central["capability_open"], central["gap_points"], rtol=1e-9, atol=1e-9
    )


def test_the_same_beliefs_give_the_same_bits_whatever_runs_beside_them(central: Path):
    other = world(quality_weight=lambda value: 1.3 * value, shocks=True)
    again = run([world(), other])[0]
    for name, array in central.measures.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)
