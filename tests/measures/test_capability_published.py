"""What is measured on the packaged tables, against figures that others published."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.measures.frontier_cases import by_id, packaged
from twocurves.months import Month
from twocurves.observed.measures import capability, lag
from twocurves.observed.measures.distance import both_known, lag_on, lag_within_error, weeks
from twocurves.observed.measures.lag_measures import Setting
from twocurves.observed.measures.measure import CALENDAR_YEAR, Measure, Measured, Window, month_of_year


@cache
def capabilities() -> Measured:
    return capability.run(packaged(), Window())


@cache
def lags(start: str = "", end: str = "") -> Measured:
    return lag.run(
        packaged(), Window(Month.parse(start) if start else None, Month.parse(end) if end else None)
    )


def estimate(measures: dict[str, Measure], identifier: str) -> float:
    found = measures[identifier].estimate
    assert found is not None
    return found


def test_metr_doubling_time_is_the_published_one_on_record_setters() -> None:
    found = by_id(capabilities())
    assert estimate(found, "metr_doubling_days") == pytest.approx(128.74, abs=0.5)
    assert estimate(found, "metr_doubling_days:all_models") == pytest.approx(122, abs=1)
    headline = found["metr_doubling_days"]
    assert headline.low is not None
    assert headline.high is not None
    assert headline.low < 105
    assert headline.high > 157
    assert "almost no open models" in headline.note


@pytest.mark.parametrize(
    ("start", "end", "identifier", "published", "n"),
    [
        ("2023-01", "2025-10", "lag_months:weekly", 6.9, 137),
        ("2023-01", "2025-10", "gap_points:weekly", 8.5, 137),
        ("2026-01", "2026-05", "lag_months:weekly", 7.7, 22),
        ("2026-01", "2026-05", "gap_points:weekly", 9.3, 22),
        ("2023-01", "2025-10", "lag_months:releases", 7.0, 19),
        ("2026-01", "2026-06", "lag_months:releases", 5.6, 4),
    ],
)
def test_lags_on_the_dates_that_the_index_lists(
    start: str, end: str, identifier: str, published: float, n: int
) -> None:
    limited = by_id(lags(start, end))[identifier]
    assert limited.estimate == pytest.approx(published, abs=0.051)
    assert limited.n == n
    whole = by_id(lags())[f"{identifier}@{start}..{end}"]
    assert (whole.estimate, whole.low, whole.high, whole.n) == (
        limited.estimate,
        limited.low,
        limited.high,
        limited.n,
    )


@pytest.mark.parametrize("period", ["", "@2023-01..2025-10", "@2026-01..2026-05"])
def test_each_version_at_its_own_release_shortens_the_lag(period: str) -> None:
    found = by_id(lags())
    listed = estimate(found, f"lag_months:weekly{period}")
    released = estimate(found, f"lag_months:weekly:release_dates{period}")
    assert 0.4 < listed - released < 1.2


def test_the_published_lag_is_nearest_to_the_definitions_within_error() -> None:
    found = by_id(lags())
    period = "@2023-01..2025-10"
    nearest = [
        estimate(found, f"lag_months:{name}{period}") for name in ("within_error", "levels_within_error")
    ]
    others = [estimate(found, f"lag_months:{name}{period}") for name in ("weekly", "releases")]
    # Published: 3.5 months, 1.1 to 5.3.
    assert all(1.1 <= value <= 5.3 for value in nearest)
    assert max(abs(value - 3.5) for value in nearest) < min(abs(value - 3.5) for value in others)
    assert "3 months" in found[f"lag_months:within_error{period}"].note


def test_the_false_record_is_gone_by_its_own_date() -> None:
    points = capabilities().tables["frontier_points"]
    false_record = points.filter(points["label"].str.contains("Gemini 1.5 Flash (Sep 2024)", literal=True))
    assert false_record["record"].to_list() == [False]
    o3 = points.filter(points["label"] == "o3")
    assert str(o3["date"][0]) == "2025-04-16"


def test_scale_anchors_have_no_interval() -> None:
    points = capabilities().tables["frontier_points"]
    anchors = points.filter(points["label"].is_in(["GPT-5", "Claude 3.5 Sonnet"]))
    assert anchors.height == 2
    assert anchors["low"].null_count() == 2
    others = points.filter(points["low"].is_not_null())
    assert others.height > 200
    assert (others["low"] <= others["value"]).all()


def test_every_measure_says_what_it_needs_to() -> None:
    for measured in (capabilities(), lags(), lags("2024-01", "2024-12")):
        for measure in by_id(measured).values():
            assert measure.method
            assert measure.unit
            assert measure.note
            assert measure.sources
            if measure.id.startswith(("capability", "lag", "gap")):
                assert measure.sources[0].startswith("Epoch AI")
                assert "CC BY 4.0" in measure.sources[0]
                assert "pseudo-real-time" in measure.note
            if measure.estimate is not None and measure.unit != "probability":
                assert measure.n > 0
                assert measure.low is None or measure.high is None or measure.low <= measure.high


def test_probabilities_have_one_unit_and_breaks_are_points_in_time() -> None:
    found = by_id(capabilities())
    for name, measure in found.items():
        assert measure.unit != "1", name
        if name.endswith("_probability") or "_p_value" in name:
            assert measure.unit == "probability", name
        if "_break_month" in name:
            assert measure.unit == CALENDAR_YEAR
            assert measure.estimate is not None
            assert str(month_of_year(measure.estimate)) in measure.note


def test_the_score_itself_is_older_than_one_within_its_error_in_every_week() -> None:
    setting = Setting.of(packaged(), "listed")
    counted = both_known(setting.measured, weeks(19358, 20600))
    within = lag_within_error(setting.measured, counted)[0]
    known = np.isfinite(within)
    assert known.any()
    assert (lag_on(setting.measured, counted)[0][known] >= within[known]).all()


def test_chief_measures_exist() -> None:
    assert set(capability.FAMILY.chief) <= set(by_id(capabilities()))
    assert set(lag.FAMILY.chief) <= set(by_id(lags()))


def test_the_same_figures_every_time() -> None:
    again = capability.run(packaged(), Window())
    assert [one.as_record() for one in again.measures] == [one.as_record() for one in capabilities().measures]
