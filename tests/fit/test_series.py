from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.fit.toys import toy_series
from tests.measures.made import row, table
from twocurves.beliefs import Beliefs
from twocurves.economy.measure_table import MEASURES
from twocurves.fit.scales import from_scale, to_scale
from twocurves.fit.series import FIRST, Row, observed_rows, series_table
from twocurves.months import Month
from twocurves.observed.tables import Observations, counted_from

MONTH_DAYS = 365.25 / 12

some_day = st.dates(dt.date(2023, 1, 1), dt.date(2026, 6, 30))


def of(rows: tuple[Row, ...], *names: str) -> list[Row]:
    return [one for one in rows if one.series in names]


def eci(economy: str, day: str, value: float, **more: Any) -> dict[str, Any]:
    return row("eci", f"{economy} {day}", day, value, "ECI points", economy=economy, **more)


def test_the_table_reads_and_names_what_exists(packaged: Beliefs, held: Observations) -> None:
    known = set(held.frame["series"].unique())
    for name, one in series_table().items():
        assert one.id == name
        assert set(one.measures) <= set(MEASURES)
        assert known.issuperset(one.series), name
        assert set(one.discount_series) <= set(one.series)
        assert set(packaged.targets).issuperset(one.targets), name
        assert one.unit
        if one.series:
            entities = set(held.series(*one.series)["entity"])
            assert entities.issuperset(one.entities), name


@pytest.mark.parametrize(
    "change",
    [{"series": ()}, {"measure": "nothing"}, {"over": "nothing"}, {"discrepancy": 0.0}, {"mood": "calm"}],
)
def test_a_series_that_says_too_little_or_too_much_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        toy_series("one", **change)


@hypothesis_settings(max_examples=20)
@given(day=some_day)
def test_nothing_is_known_ahead_of_its_day(packaged: Beliefs, held: Observations, day: dt.date) -> None:
    known = held.frame.filter(counted_from() <= day)
    later = held.frame.filter((pl.col("known_on") <= day) | pl.col("pseudo_real_time"))
    found = observed_rows(packaged, held.until(day))
    for one in found:
        assert one.day <= day
        assert one.month <= Month.containing(day) - FIRST
        assert math.isfinite(one.value)
        assert one.error > 0
        made = series_table()[one.series]
        if made.series and not made.monthly and not made.discount_series:
            value = float(from_scale(made.scale, np.array(one.value)))
            frame = known.filter(pl.col("series").is_in(made.series) & (pl.col("date") == one.day))
            assert frame.join(later.select("row"), on="row", how="semi").height == frame.height
            assert np.isclose(frame["value"].to_numpy(), value, rtol=1e-9, atol=0.0051).any()


@hypothesis_settings(max_examples=10)
@given(days=st.tuples(some_day, some_day))
def test_what_is_known_stays_known(
    packaged: Beliefs, held: Observations, days: tuple[dt.date, dt.date]
) -> None:
    """But for waits that go on, and means of a month that is not over."""
    before, after = (observed_rows(packaged, held.until(day)) for day in sorted(days))
    changing = {name for name, one in series_table().items() if one.monthly} | {"catch_up"}
    lasting = [one for one in before if one.series not in changing]
    assert set(lasting) <= set(after)


@hypothesis_settings(max_examples=10)
@given(day=some_day)
def test_the_last_day_limits_waits_as_well(packaged: Beliefs, held: Observations, day: dt.date) -> None:
    """Scores have no later day of knowing, so both ways of looking back see the same."""
    until = of(observed_rows(packaged, held, until=day), "catch_up", "closed_frontier", "open_frontier")
    as_of = of(
        observed_rows(packaged, held.until(day), until=day), "catch_up", "closed_frontier", "open_frontier"
    )
    assert until == as_of


def test_figures_are_in_order(packaged: Beliefs, held: Observations) -> None:
    found = observed_rows(packaged, held)
    order = list(series_table())
    keys = [(order.index(one.series), one.month, one.day) for one in found]
    assert keys == sorted(keys)
    assert min(one.month for one in found) >= 0


def test_records_never_fall(packaged: Beliefs, held: Observations) -> None:
    for name in ("closed_frontier", "open_frontier"):
        records = of(observed_rows(packaged, held), name)
        assert len(records) > 10
        assert all(before.value <= after.value for before, after in pairwise(records))
        assert {one.day.month for one in records} == {3, 6, 9, 12}


def test_a_record_is_the_best_of_all_so_far(packaged: Beliefs) -> None:
    scores = [
        eci("closed", "2022-11-01", 100.0, low=98.0, high=102.0),
        eci("closed", "2023-02-01", 95.0),
        eci("closed", "2023-04-01", 120.0, low=100.0, high=140.0),
        eci("open", "2023-05-01", 90.0),
        eci("closed", "2023-10-01", 130.0),
    ]
    found = observed_rows(packaged, table(scores), dt.date(2023, 12, 30))
    closed, opened = of(found, "closed_frontier"), of(found, "open_frontier")
    assert [(one.month, one.value) for one in closed] == [(2, 100.0), (5, 120.0), (8, 120.0)]
    assert [(one.month, one.value) for one in opened] == [(5, 90.0), (8, 90.0)]
    assert closed[0].error == pytest.approx(1.5)  # the table's, which is more than the interval's
    assert closed[1].error == pytest.approx(40.0 / 3.2897, rel=1e-4)


def test_waits_run_from_a_record_to_the_first_open_score_as_high(packaged: Beliefs) -> None:
    scores = [
        eci("open", "2022-06-01", 105.0),
        eci("closed", "2022-11-01", 110.0),  # before the model's first month
        eci("closed", "2023-02-01", 120.0),
        eci("closed", "2023-03-01", 115.0),  # no record
        eci("open", "2023-03-20", 119.0),
        eci("closed", "2023-06-01", 125.0),
        eci("open", "2023-09-01", 121.0),
        eci("open", "2023-10-01", 124.0),
        eci("closed", "2023-12-01", 130.0),
    ]
    last = dt.date(2024, 6, 1)
    waits = of(observed_rows(packaged, table(scores), last), "catch_up")

    def months(first: dt.date, then: dt.date) -> float:
        return (then - first).days / MONTH_DAYS

    assert [(one.month, one.at_least) for one in waits] == [(1, False), (5, True), (11, True)]
    assert waits[0].value == pytest.approx(months(dt.date(2023, 2, 1), dt.date(2023, 9, 1)))
    assert waits[1].value == pytest.approx(months(dt.date(2023, 6, 1), last))
    assert waits[2].value == pytest.approx(months(dt.date(2023, 12, 1), last))
    early = of(observed_rows(packaged, table(scores), dt.date(2023, 8, 1)), "catch_up")
    assert [(one.month, one.at_least) for one in early] == [(1, True), (5, True)]


def test_a_record_that_open_weights_had_reached_before_is_no_lead(packaged: Beliefs) -> None:
    scores = [
        eci("open", "2023-02-01", 130.0),
        eci("closed", "2023-04-01", 125.0),
        eci("closed", "2023-05-01", 140.0),
    ]
    waits = of(observed_rows(packaged, table(scores), dt.date(2023, 6, 30)), "catch_up")
    assert [(one.month, one.at_least) for one in waits] == [(4, True)]


def test_a_discount_is_a_ratio_of_prices(packaged: Beliefs) -> None:
    given_rows = [
        row(
            "open_discount", "Nagle & Yue inference price", "2025-05-15", 0.87, "fraction", low=0.8, high=0.9
        ),
        row("open_discount", "NBER w34608, same intelligence", "2025-06-15", 0.0, "fraction"),
        row("closed_open_price_premium", "Nagle & Yue average", "2025-07-15", 6.0, "ratio"),
    ]
    found = of(observed_rows(packaged, table(given_rows)), "closed_over_open_price")
    assert [math.exp(one.value) for one in found] == pytest.approx([1 / 0.13, 1.0, 6.0])
    assert {one.error for one in found} == {series_table()["closed_over_open_price"].measurement}


def test_a_month_of_figures_is_their_mean(packaged: Beliefs) -> None:
    name, entity = "openrouter_top10_open_token_share", "OpenRouter top 9-10"
    weeks = [("2025-05-05", 0.2), ("2025-05-12", 0.4), ("2025-05-26", 0.3), ("2025-06-02", 0.5)]
    given_rows = [row(name, entity, day, value, "fraction") for day, value in weeks]
    found = of(observed_rows(packaged, table(given_rows)), "open_share_openrouter_top")
    assert [(one.month, one.day) for one in found] == [(28, dt.date(2025, 5, 26)), (29, dt.date(2025, 6, 2))]
    assert [one.value for one in found] == pytest.approx(to_scale("logit", np.array([0.3, 0.5])).tolist())


def test_figures_of_years_stand_at_their_first_month(packaged: Beliefs) -> None:
    given_rows = [
        row("api_revenue_usd_bn", "OpenAI", "2025-07-01", 1.8, "bn USD", date_precision="year"),
        row("api_revenue_usd_bn", "OpenAI", "2025-03-01", 9.0, "bn USD", date_precision="month"),
        row("arr_usd_bn", "OpenAI", "2025-08-01", 12.0, "bn USD", basis="run rate"),
        row("arr_usd_bn", "Somebody", "2025-08-01", 12.0, "bn USD"),
        row("arr_usd_bn", "OpenAI", "2025-09-01", 14.0, "bn USD", exclude="projection"),
    ]
    found = observed_rows(packaged, table(given_rows))
    (year,), (rate,) = of(found, "api_revenue_openai"), of(found, "revenue_openai")
    assert (year.month, year.day) == (24, dt.date(2025, 7, 1))
    assert (rate.month, rate.basis) == (31, "run rate")
    assert [year.value, rate.value] == pytest.approx([math.log(1.8), math.log(12.0)])


def test_targets_stand_at_the_end_of_their_month(packaged: Beliefs) -> None:
    made = table([eci("closed", "2023-02-01", 120.0)])
    late = of(observed_rows(packaged, made, dt.date(2026, 6, 30)), "revenue_hosts")
    target = packaged.targets["open_hosted_revenue"]
    assert not of(observed_rows(packaged, made, dt.date(2026, 6, 29)), "revenue_hosts")
    assert [one.value for one in late] == pytest.approx([math.log(target.p50)])
