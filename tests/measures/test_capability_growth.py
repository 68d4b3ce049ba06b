from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measures.frontier_cases import START, by_id, row, table
from twocurves.months import Month
from twocurves.observed.measures import capability
from twocurves.observed.measures.breaks import find_break
from twocurves.observed.measures.capability import index_growth
from twocurves.observed.measures.frontier import ReleaseDays, record_days, record_models
from twocurves.observed.measures.growth import LEAST_IMITATED, LEAST_POINTS, estimate_growth
from twocurves.observed.measures.imitation import Frontier
from twocurves.observed.measures.measure import Window
from twocurves.observed.measures.metr import horizons
from twocurves.observed.measures.scores import DAYS_PER_YEAR, Scores
from twocurves.observed.measures.uncertain import Uncertain
from twocurves.observed.tables import Observations


def on_a_line(
    points_a_year: float, count: int = 12, every: int = 60, **more: object
) -> list[dict[str, object]]:
    return [
        row(every * k, 100 + points_a_year * every * k / DAYS_PER_YEAR, **more)  # type: ignore[arg-type]
        for k in range(count)
    ]


def growth_of(rows: list[dict[str, object]], window: Window | None = None) -> tuple[float, int]:
    growth = index_growth(table(rows), "closed", window or Window())
    assert growth is not None
    return growth.rate.estimate, growth.n


@settings(max_examples=20, deadline=None)
@given(rate=st.floats(0.5, 40), count=st.integers(LEAST_POINTS, 20), every=st.integers(5, 60))
def test_a_line_without_error_is_found_exactly(rate: float, count: int, every: int) -> None:
    scores = Scores.from_table(table(on_a_line(rate, count, every)).frame)
    growth = estimate_growth(Frontier.of(scores), "test", 50)
    assert growth is not None
    assert growth.n == count
    assert growth.rate.estimate == pytest.approx(rate)
    assert growth.rate.interval() == pytest.approx((rate, rate), rel=1e-4)


def test_the_difference_of_two_lines_without_error_is_certain() -> None:
    rows = on_a_line(10) + on_a_line(20, economy="open")
    found = by_id(capability.run(table(rows), Window()))
    assert found["capability_growth_difference"].estimate == pytest.approx(-10)
    assert found["capability_growth_difference_probability"].estimate == pytest.approx(0, abs=1e-6)


def test_models_below_the_frontier_do_not_move_the_estimate() -> None:
    rows = on_a_line(10)
    below = [row(45 * k, 90.0 + k, entity=f"laggard {k}") for k in range(1, 12)]
    assert growth_of(rows + below) == pytest.approx(growth_of(rows))


def test_the_order_and_repetition_of_rows_do_not_matter() -> None:
    rows = on_a_line(10)
    shuffled = list(reversed(rows)) + rows[:4]
    first = capability.run(table(rows), Window())
    again = capability.run(table(shuffled), Window())
    assert [one.as_record() for one in first.measures] == [one.as_record() for one in again.measures]


def test_a_tie_is_no_record() -> None:
    rows = [*on_a_line(10), row(60, 100 + 10 * 60 / DAYS_PER_YEAR, entity="same day, same score")]
    rows.append(row(100, 100 + 10 * 60 / DAYS_PER_YEAR, entity="later, same score"))
    assert growth_of(rows) == pytest.approx(growth_of(on_a_line(10)))


def test_two_models_of_a_day_are_both_record_setting_but_one_point() -> None:
    day = np.array([0, 5, 5, 9])
    value = np.array([10.0, 12.0, 11.0, 11.5])
    released = ReleaseDays.of(day)
    assert record_models(value, released).tolist() == [True, True, True, False]
    assert record_days(released.best_of_day(value)).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "spoiled",
    [
        row(30, None, entity="no score"),
        row(30, math.nan, entity="not a number"),
        row(30, math.inf, entity="infinite"),
        row(None, 150.0, entity="no day"),
        row(dt.date(2031, 1, 1), 500.0, entity="released after it was known"),
        row(30, 150.0, economy=None, entity="no economy"),
        row(30, 150.0, entity="left out", exclude="doubtful source"),
    ],
    ids=lambda entry: str(entry["entity"]),
)
def test_rows_that_cannot_be_used_change_nothing(spoiled: dict[str, object]) -> None:
    assert growth_of([*on_a_line(10), spoiled]) == growth_of(on_a_line(10))


def test_scores_that_contradict_each_other_are_one_score_with_their_spread() -> None:
    scores = Scores.from_table(table([row(0, 100.0, entity="a"), row(0, 110.0, entity="a")]).frame)
    assert scores.value.tolist() == [105.0]
    assert (scores.sd_below > 0).all()
    assert (scores.sd_above > 0).all()


def test_zero_and_negative_horizons_are_left_out() -> None:
    rows = [
        row(30 * k, value, series="metr_p50_minutes") for k, value in enumerate([1.0, 0.0, -3.0, 2.0, 4.0])
    ]
    scores = horizons(table(rows).frame)
    assert scores.value.tolist() == [0.0, 1.0, 2.0]
    assert scores.dropped == 2


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_points_give_no_figure_and_say_so(count: int) -> None:
    measured = capability.run(table(on_a_line(10, count)), Window())
    for measure in measured.measures:
        assert measure.estimate is None
        assert measure.low is None
        assert measure.high is None
        assert measure.note
    assert measured.tables["frontier_points"].height == count
    assert measured.tables["frontier_fits"].height == 0


def test_a_frontier_that_does_not_grow_has_no_doubling_time() -> None:
    falling = [row(60 * k, 2.0**-k, series="metr_p50_minutes") for k in range(6)]
    found = by_id(capability.run(table(falling), Window()))
    assert found["metr_doubling_days"].estimate is None
    everything = found["metr_doubling_days:all_models"]
    assert everything.estimate is None
    assert "did not grow" in everything.note


def test_a_window_limits_the_points_and_earlier_models_still_hold_records() -> None:
    rows = [*on_a_line(10, 24, 30), row(0, 112.0, entity="early giant")]
    window = Window(Month.of(2024, 1), Month.of(2024, 8))
    estimate, n = growth_of(rows, window)
    assert estimate == pytest.approx(10)
    above_the_giant = [k for k in range(24) if 10 * 30 * k / DAYS_PER_YEAR > 12]
    inside = [k for k in above_the_giant if START + dt.timedelta(30 * k) <= dt.date(2024, 8, 31)]
    assert n == len(inside)


@pytest.mark.parametrize("day", [150, 399, 520])
def test_nothing_beyond_the_day_of_knowledge_is_looked_at(day: int) -> None:
    rows = on_a_line(12) + on_a_line(9, economy="open") + [row(400, 190.0, entity="surprise")]
    as_of = START + dt.timedelta(days=day)
    known = [entry for entry in rows if entry["date"] <= as_of]  # type: ignore[operator]
    seen = capability.run(table(rows).until(as_of), Window())
    told = capability.run(table(known).until(as_of), Window())
    assert [one.as_record() for one in seen.measures] == [one.as_record() for one in told.measures]
    assert "pseudo-real-time" in by_id(seen)["capability_growth_closed"].note


def test_larger_errors_give_wider_intervals() -> None:
    widths = []
    for error in (0.5, 2.0, 6.0):
        rows = [
            {**entry, "low": entry["value"] - error, "high": entry["value"] + error}  # type: ignore[operator]
            for entry in on_a_line(10)
        ]
        growth = estimate_growth(Frontier.of(Scores.from_table(table(rows).frame)), "test")
        assert growth is not None
        found = growth.rate.interval()
        assert found is not None
        widths.append(found[1] - found[0])
    assert widths == sorted(widths)


def bent(before: float, after: float, noise: float, seed: int = 0) -> Frontier:
    generator = np.random.default_rng(seed)
    days = np.arange(0, 1200, 40)
    years = days / DAYS_PER_YEAR
    kink = 600 / DAYS_PER_YEAR
    line = 100 + before * np.minimum(years, kink) + after * np.maximum(years - kink, 0)
    values = line + noise * generator.standard_normal(days.size)
    rows = [row(int(day), float(value)) for day, value in zip(days, values, strict=True)]
    return Frontier.of(Scores.from_table(table(rows).frame))


def test_a_break_is_found_where_it_is() -> None:
    growth = estimate_growth(bent(5, 20, 0.2), "test")
    assert growth is not None
    found = find_break(growth, "test")
    assert found is not None
    truth = 3 + 600 / DAYS_PER_YEAR
    assert found.day == pytest.approx(truth, abs=0.15)
    assert found.p_value < 0.05
    for side, rate in ((found.before, 5), (found.after, 20)):
        interval = side.interval()
        assert interval is not None
        assert interval[0] - 0.3 <= rate <= interval[1] + 0.3


def test_a_straight_line_shows_no_break() -> None:
    growth = estimate_growth(bent(12, 12, 1.0), "test")
    assert growth is not None
    found = find_break(growth, "test")
    assert found is not None
    assert found.p_value > 0.1


def test_differences_of_estimates() -> None:
    closed, opened = Uncertain(10, 1, 2, 8), Uncertain(7, 0, 1, 20)
    difference = closed.minus(opened)
    assert difference.estimate == 3
    assert difference.bias == 1
    assert difference.sd == pytest.approx(math.sqrt(5))
    assert min(8, 20) <= difference.freedom <= 28
    above = difference.probability_above()
    assert above is not None
    assert 0.5 < above < 1
    assert Uncertain(1, math.nan, math.nan, 5).interval() is None
    assert Uncertain(1, 0, 0, 5).probability_above() == 1
    assert Uncertain(0, 0, 0, 5).probability_above() == 0.5


def test_fewer_records_than_stated_give_no_growth() -> None:
    few = by_id(capability.run(table(on_a_line(10, LEAST_POINTS - 1)), Window()))["capability_growth_closed"]
    assert few.estimate is None
    assert f"Fewer than {LEAST_POINTS}" in few.note
    enough = by_id(capability.run(table(on_a_line(10, LEAST_POINTS)), Window()))["capability_growth_closed"]
    assert enough.estimate == pytest.approx(10)
    assert "From 240 days, put on a yearly footing." in enough.note


def test_imitated_frontiers_of_two_records_do_not_carry_an_interval(real: Observations) -> None:
    window = Window(Month.parse("2024-06"), Month.parse("2025-06"))
    growth = index_growth(real, "open", window)
    assert growth is not None
    few = growth.replications.n < LEAST_IMITATED
    assert few.any()
    assert np.isnan(growth.replications.slope[few]).all()
    ends = growth.rate.interval()
    assert ends is not None
    assert ends[1] - ends[0] < 60
    found = by_id(capability.run(real, window))
    assert found["capability_growth_open"].note.startswith("Too few to tell")
    assert found["capability_growth_difference"].note.startswith("Too few to tell")
    whole = by_id(capability.run(real, Window()))
    assert "Too few to tell" not in whole["capability_growth_open"].note
    assert "Too few to tell" not in whole["capability_growth_difference"].note
