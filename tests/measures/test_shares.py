"""Open shares: venues never mixed, the break respected, sums right."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measures.made import greatest, named, row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window
from twocurves.observed.measures.shares import OPENROUTER_BREAK, VENUES, open_share, run
from twocurves.observed.tables import Observations

TOP = "openrouter_top10_open_token_share"


def weekly(values: list[float], start: dt.date = OPENROUTER_BREAK) -> list[dict[str, Any]]:
    return [
        row(TOP, "OpenRouter", start + dt.timedelta(weeks=week), value, "fraction")
        for week, value in enumerate(values)
    ]


def test_a_steady_share_is_its_level_and_does_not_change() -> None:
    measured = run(table(weekly([0.3] * 26)), Window())
    sound(measured)
    assert named(measured, "open_token_share:openrouter_top10").estimate == pytest.approx(0.3)
    assert named(measured, "open_token_share_change:openrouter_top10").estimate == pytest.approx(
        0.0, abs=1e-6
    )
    assert named(measured, "usage_growth_difference").estimate == pytest.approx(0.0, abs=1e-6)


def test_growth_apart_is_told_in_doublings() -> None:
    at = np.arange(30) * 7 / 365.25
    opened, closed = 2.0 ** (4 * at), 3 * 2.0**at
    measured = run(table(weekly(list(opened / (opened + closed)))), Window())
    apart = named(measured, "usage_growth_difference")
    assert apart.unit == "doublings in 203 days"
    assert apart.estimate == pytest.approx(-3.0 * at[-1], abs=1e-6)
    assert named(measured, "usage_growth_difference_probability").estimate == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_drawn_across_the_break() -> None:
    before = weekly([0.01] * 20, OPENROUTER_BREAK - dt.timedelta(weeks=20))
    after = weekly([0.3] * 26)
    spans = [
        row(
            "openrouter_weekly_revenue_backfill",
            "OpenRouter",
            OPENROUTER_BREAK + dt.timedelta(weeks=k),
            6e6 * 9.0**k,
            "USD/week",
        )
        for k in range(4)
    ]
    spans += [
        row(
            "openrouter_weekly_revenue_backfill",
            "OpenRouter",
            OPENROUTER_BREAK - dt.timedelta(weeks=k + 1),
            6e6,
            "USD/week",
        )
        for k in range(10)
    ]
    measured = run(table(before + after + spans), Window())
    assert named(measured, "open_token_share_change:openrouter_top10").estimate == pytest.approx(
        0.0, abs=1e-6
    )
    assert named(measured, "spend_growth:openrouter_before_break").estimate == pytest.approx(1.0)


def test_venues_do_not_touch_each_other() -> None:
    alone = run(table(weekly([0.3] * 26)), Window())
    more = [
        row("vercel_open_weight_token_share", "Vercel", "2026-04-15", 0.9, "fraction"),
        row("openrouter_top10_open_revenue_share", "OpenRouter", "2026-04-12", 0.9, "fraction"),
    ]
    beside = run(table(weekly([0.3] * 26) + more), Window())
    first, second = (named(found, "open_token_share:openrouter_top10") for found in (alone, beside))
    assert first == second
    assert named(beside, "open_token_share:vercel").estimate == 0.9


def test_a_closed_share_is_turned_round_as_an_upper_limit() -> None:
    found = named(
        run(
            table(
                [row("closed_frontier_token_share", "all", "2026-05-15", 0.88, "fraction", low=0.8, high=0.9)]
            ),
            Window(),
        ),
        "open_token_share:all_api",
    )
    assert found.estimate == pytest.approx(0.12)
    assert (found.low, found.high) == pytest.approx((0.1, 0.2))
    assert "upper limit" in found.note


@pytest.mark.parametrize("bad", [-0.1, 1.5, 30.0, math.nan])
def test_impossible_shares_are_left_out(bad: float) -> None:
    measured = run(
        table([*weekly([0.3] * 26), row(TOP, "OpenRouter", "2026-06-01", bad, "fraction")]), Window()
    )
    assert named(measured, "open_token_share:openrouter_top10").estimate == pytest.approx(0.3)


def test_percent_is_not_taken_for_a_fraction() -> None:
    assert (
        named(
            run(
                table([row("vercel_open_weight_token_share", "Vercel", "2026-04-15", 0.5, "percent")]),
                Window(),
            ),
            "open_token_share:vercel",
        ).estimate
        is None
    )


def test_one_point_is_a_share_without_a_change() -> None:
    measured = run(
        table([row("menlo_enterprise_open_source_share", "enterprise", "2025-12-15", 0.11, "fraction")]),
        Window(),
    )
    sound(measured)
    assert named(measured, "open_share:menlo").estimate == 0.11
    assert named(measured, "open_share_change:menlo").estimate is None


def test_empty_tables_give_reasons() -> None:
    measured = run(table([]), Window())
    sound(measured)
    assert all(measure.estimate is None for measure in measured.measures)


def test_shares_sum_to_one(real: Observations) -> None:
    shares = run(real, Window()).tables["open_shares"]
    assert greatest((shares["value"] + shares["closed_share"] - 1).abs()) < 1e-12
    assert shares["value"].is_between(0, 1).all()


def test_shares_by_lab_do_not_exceed_one(real: Observations) -> None:
    for name in ("vercel_token_share", "vercel_spend_share"):
        sums = (
            real.series(name)
            .filter(pl.col("exclude").is_null())
            .group_by("date")
            .agg(pl.col("value").sum())["value"]
        )
        assert greatest(sums) <= 1.0 + 1e-9


def test_the_real_shares(real: Observations) -> None:
    measured = run(real, Window())
    sound(measured)
    top = named(measured, "open_token_share:openrouter_top10")
    assert 0.3 < top.estimate < 0.7
    assert named(measured, "open_spend_share:openrouter_top10").estimate < top.estimate
    assert named(measured, "open_share:menlo").estimate == 0.11
    assert named(measured, "open_share_change:menlo").estimate == pytest.approx(-8.0, abs=1.5)
    assert named(measured, "open_token_share_change:vercel").estimate is None


def test_the_window_and_the_day_of_knowledge(real: Observations) -> None:
    early = run(real, Window(None, Month.parse("2025-12")))
    assert named(early, "open_token_share:openrouter_top10").end <= Month.parse("2025-12")
    known = run(real.until(dt.date(2025, 12, 31)), Window())
    sound(known)
    assert greatest(known.tables["open_shares"]["date"]) <= dt.date(2025, 12, 31)
    for venue in VENUES:
        rows = open_share(real.until(dt.date(2025, 12, 31)), venue, Window())
        assert greatest(rows["known_on"]) is None or greatest(rows["known_on"]) <= dt.date(2025, 12, 31)


def test_under_a_year_a_change_is_told_over_its_days(real: Observations) -> None:
    measured = run(real, Window())
    change = named(measured, "open_token_share_change:openrouter_top10")
    assert change.unit == "percentage points in 176 days"
    assert change.low < change.estimate < change.high <= 100
    assert named(measured, "usage_growth_difference").unit == "doublings in 176 days"
    assert named(measured, "usage_growth_difference:menlo").unit == "doublings a year"
    for one in measured.measures:
        if one.start is not None and one.end is not None and one.estimate is not None:
            assert "a year" not in one.unit or one.end - one.start >= 11, one.id
        if " in " in one.unit:
            assert "too few for a yearly rate" in one.note


def test_two_dates_of_growth_are_not_put_on_a_yearly_footing() -> None:
    rows = [
        row("api_tokens_per_minute", "Google API", day, value, "tokens/min")
        for day, value in (("2026-03-01", 10.0), ("2026-06-01", 15.0))
    ]
    found = named(run(table(rows), Window()), "token_growth:google_api")
    assert (found.estimate, found.unit) == (pytest.approx(1.5), "x in 92 days")
