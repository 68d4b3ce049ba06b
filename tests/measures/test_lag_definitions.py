"""Known answers: on two parallel lines every definition of the lag is the lag."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measures.frontier_cases import START, by_id, parallel_lines, row, table
from twocurves.months import Month
from twocurves.observed.measures import lag
from twocurves.observed.measures.measure import Window
from twocurves.observed.measures.scores import DAYS_PER_MONTH
from twocurves.observed.tables import Observations


def end_of(days: int) -> dt.date:
    return START + dt.timedelta(days=days)


@settings(max_examples=8, deadline=None)
@given(lag_days=st.integers(0, 300), slope=st.floats(0.005, 0.1), step=st.sampled_from([1, 3, 7, 20]))
def test_every_definition_gives_the_lag_of_parallel_lines(lag_days: int, slope: float, step: int) -> None:
    releases = 420 // step
    observed = table(parallel_lines(lag_days, slope, step, releases)).until(end_of(step * (releases - 1)))
    found = by_id(lag.run(observed, Window()))
    months = lag_days / DAYS_PER_MONTH
    one_step = step / DAYS_PER_MONTH
    for definition in ("releases", "frontiers", "catch_up", "levels_within_error"):
        assert found[f"lag_months:{definition}"].estimate == pytest.approx(months, abs=1e-6), definition
    # An open model that is the best for a step of days is on average half a step old.
    weekly = found["lag_months:weekly"].estimate
    assert weekly is not None
    assert months - 1e-9 <= weekly <= months + one_step
    # Open models are level with a closed one until the day before the next.
    within = found["lag_months:within_error"].estimate
    assert within is not None
    assert within == pytest.approx(max(weekly - one_step, 0), abs=one_step + 1e-9)
    gap = found["gap_points:frontiers"].estimate
    assert gap == pytest.approx(slope * lag_days, abs=1e-6)


def test_no_error_of_measurement_leaves_no_interval_of_realised_lags() -> None:
    observed = table(parallel_lines(90, 0.03, 5)).until(end_of(195))
    found = by_id(lag.run(observed, Window()))
    for definition in (
        "lag_months:weekly",
        "gap_points:weekly",
        "lag_months:releases",
        "lag_months:catch_up",
    ):
        measure = found[definition]
        assert measure.low == pytest.approx(measure.estimate)
        assert measure.high == pytest.approx(measure.estimate)


def test_open_models_ahead_give_a_negative_gap_and_no_negative_lag() -> None:
    rows = [
        row(0, 100.0),
        row(60, 105.0),
        row(0, 110.0, economy="open"),
        row(60, 115.0, economy="open"),
        row(120, 104.0),
    ]
    found = by_id(lag.run(table(rows, 140).until(end_of(140)), Window()))
    assert found["gap_points:weekly"].estimate == pytest.approx(-10.0, abs=0.5)
    assert found["lag_months:weekly"].estimate == 0
    assert found["lag_months:releases"].estimate == 0
    assert found["lag_months:catch_up"].estimate == 0
    assert "ahead" in found["lag_months:weekly"].note


def test_ties_count_as_reached() -> None:
    rows = [row(0, 100.0), row(30, 110.0), row(10, 100.0, economy="open"), row(90, 110.0, economy="open")]
    found = by_id(lag.run(table(rows).until(end_of(90)), Window()))
    assert found["lag_months:releases"].estimate == pytest.approx((10 + 60) / 2 / DAYS_PER_MONTH)
    assert found["lag_months:catch_up"].n == 2


@pytest.mark.parametrize("missing", ["open", "closed"])
def test_an_economy_without_models_gives_no_figure_and_says_so(missing: str) -> None:
    rows = [entry for entry in parallel_lines(60, 0.03, 10) if entry["economy"] != missing]
    measured = lag.run(table(rows), Window())
    for measure in measured.measures:
        assert measure.estimate is None
        assert measure.low is None
        assert measure.high is None
        assert measure.n == 0
        assert measure.start is None
        assert missing in measure.note
    assert all(frame.height == 0 for frame in measured.tables.values())


def test_one_model_each() -> None:
    rows = [row(0, 120.0), row(50, 110.0, economy="open")]
    found = by_id(lag.run(table(rows, 80).until(end_of(80)), Window()))
    assert found["gap_points:weekly"].estimate == pytest.approx(10)
    assert found["lag_months:weekly"].estimate is not None
    assert found["lag_months:frontiers"].estimate is None
    assert "fewer than 5 record-setting" in found["lag_months:frontiers"].note
    assert found["lag_months:catch_up"].estimate is None
    assert "still waiting" in found["lag_months:catch_up"].note


def test_months_without_releases_still_age() -> None:
    rows = [row(0, 100.0), row(10, 100.0, economy="open")]
    # Something else is described up to the last day, or nobody would know that nothing was released.
    short = by_id(lag.run(table(rows, 40).until(end_of(40)), Window()))["lag_months:weekly"].estimate
    long = by_id(lag.run(table(rows, 400).until(end_of(400)), Window()))["lag_months:weekly"].estimate
    assert short is not None
    assert long is not None
    assert long > short + 5


def test_a_window_limits_the_weeks_but_not_the_frontier() -> None:
    rows = [row(0, 100.0), row(300, 100.0, economy="open")]
    window = Window(Month.of(2023, 12), Month.of(2023, 12))
    measured = lag.run(table(rows, 364).until(end_of(364)), window)
    measure = by_id(measured)["lag_months:weekly"]
    assert measure.n == 5
    assert (str(measure.start), str(measure.end)) == ("2023-12", "2023-12")
    assert measure.estimate is not None
    assert measure.estimate > 300 / DAYS_PER_MONTH
    assert all("@" not in one.id for one in measured.measures)


def test_a_window_before_the_data_gives_no_figure() -> None:
    measured = lag.run(table(parallel_lines(60, 0.03, 10)), Window(Month.of(2019, 1), Month.of(2019, 12)))
    assert all(measure.estimate is None and measure.note for measure in measured.measures)


@pytest.mark.parametrize("day", [40, 203, 259, 430])
def test_nothing_beyond_the_day_of_knowledge_is_looked_at(day: int) -> None:
    rows = parallel_lines(80, 0.03, 9, 45)
    rows += [row(200, 180.0, entity="surprise"), row(260, 190.0, economy="open", entity="open surprise")]
    known = [entry for entry in rows if entry["date"] <= end_of(day)]  # type: ignore[operator]
    seen = lag.run(table(rows).until(end_of(day)), Window())
    told = lag.run(table(known).until(end_of(day)), Window())
    assert [one.as_record() for one in seen.measures] == [one.as_record() for one in told.measures]


def test_the_lag_of_a_day_uses_only_releases_by_then() -> None:
    rows = parallel_lines(80, 0.03, 9, 45)
    early, late = table(rows).until(end_of(250)), table(rows).until(end_of(400))
    first = lag.run(early, Window()).tables["lag_over_time"].head(6)
    again = lag.run(late, Window()).tables["lag_over_time"].head(6)
    np.testing.assert_allclose(first["lag"], again["lag"])


def test_lag_over_time_marks_what_was_never_reached() -> None:
    over = lag.run(table(parallel_lines(80, 0.03, 9, 45)).until(end_of(350)), Window()).tables[
        "lag_over_time"
    ]
    assert over["censored"][-1]
    assert not over["censored"][0]
    assert (over["low"] <= over["lag"]).all()
    assert (over["high"] >= over["lag"]).all()
    assert over["date"].is_sorted()
    reached = over.filter(~over["censored"])
    np.testing.assert_allclose(reached["catch_up"], 80 / DAYS_PER_MONTH, atol=9 / DAYS_PER_MONTH)


def test_a_gap_moves_in_points_and_a_lag_in_months() -> None:
    rows = [row(day, 100 + day / 10) for day in range(0, 400, 40)]
    rows += [row(day, 95 + day / 20, economy="open") for day in range(0, 400, 40)]
    found = by_id(lag.run(table(rows).until(end_of(360)), Window()))
    # Closed models gain 36.5 points a year and open ones half of it.
    assert "moves by +18.3 points a year" in found["gap_points:frontiers"].note
    assert "moves by +6.0 months a year" in found["lag_months:frontiers"].note


def test_a_lag_between_lines_through_few_records_has_no_interval(real: Observations) -> None:
    window = Window(Month.parse("2024-06"), Month.parse("2025-06"))
    found = by_id(lag.run(real, window))
    for name in ("lag_months:frontiers", "gap_points:frontiers"):
        assert found[name].estimate is not None
        assert found[name].low is None
        assert found[name].note.startswith("No interval: too few records")
