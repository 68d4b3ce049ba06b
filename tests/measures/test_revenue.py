"""Revenue: conflicts become ranges, growth is recovered, firms and layers are kept apart."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest

from tests.measures.made import named, row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window
from twocurves.observed.measures.firms import firms, firms_in
from twocurves.observed.measures.intervals import herfindahl
from twocurves.observed.measures.revenue import run
from twocurves.observed.tables import Observations

UNIT = "USD billion/yr"


def rates(firm: str, *points: tuple[str, float], **more: Any) -> list[dict[str, Any]]:
    return [row("arr_usd_bn", firm, date, value, UNIT, **more) for date, value in points]


def growing(firm: str, months_to_double: float, start: float = 1.0, count: int = 8) -> list[dict[str, Any]]:
    first = dt.date(2025, 1, 1)
    days = [first + dt.timedelta(days=60 * step) for step in range(count)]
    return [
        row("arr_usd_bn", firm, day, start * 2 ** ((day - first).days * 12 / 365.25 / months_to_double), UNIT)
        for day in days
    ]


def test_a_known_doubling_time_is_found() -> None:
    measured = run(table(growing("OpenAI", 6.0) + growing("Anthropic", 3.0)), Window())
    sound(measured)
    assert named(measured, "revenue_doubling_months:openai").estimate == pytest.approx(6.0, rel=1e-4)
    assert named(measured, "revenue_doubling_months:anthropic").estimate == pytest.approx(3.0, rel=1e-4)
    assert named(measured, "revenue_growth:closed").estimate == pytest.approx(3.0, rel=1e-4)


def test_economies_of_equal_growth_do_not_differ() -> None:
    rows = [entry for firm in ("OpenAI", "Anthropic", "Baseten", "Moonshot") for entry in growing(firm, 6.0)]
    measured = run(table(rows), Window())
    apart = named(measured, "revenue_growth_difference")
    assert apart.estimate == pytest.approx(0.0, abs=1e-6)
    assert named(measured, "revenue_growth_difference_probability").estimate == pytest.approx(0.5, abs=0.2)


def test_the_difference_covers_the_years_that_its_growth_rates_do() -> None:
    firms_ = ("OpenAI", "Anthropic", "Baseten", "Moonshot")
    early = [entry for firm in firms_ for entry in rates(firm, ("2022-07-01", 0.01))]
    late = [entry for firm in firms_ for entry in growing(firm, 6.0)]
    measured = run(table([*early, *late]), Window())
    apart = named(measured, "revenue_growth_difference")
    sides = [named(measured, f"revenue_growth:{economy}") for economy in ("closed", "open")]
    assert apart.start == min(side.start for side in sides) == Month.of(2025, 1)
    assert apart.end == max(side.end for side in sides)


def test_a_shrinking_firm_has_no_doubling_time() -> None:
    found = named(run(table(growing("OpenAI", -6.0)), Window()), "revenue_doubling_months:openai")
    assert found.estimate is None


def test_net_and_gross_become_a_range_and_the_net_row_no_estimate() -> None:
    rows = rates("Anthropic", ("2026-04-15", 30.0), ("2026-05-15", 47.0), basis="run rate, gross of resale")
    rows += rates("Anthropic", ("2026-04-15", 22.0), basis="run rate, net of resale", exclude="other basis")
    found = named(run(table(rows), Window()), "revenue_run_rate:anthropic")
    assert found.estimate == 47.0
    assert found.high == 47.0
    assert found.low == pytest.approx(47.0 * 22 / 30)
    assert "22 against 30" in found.note


def test_contradicting_twins_are_averaged_and_ranged() -> None:
    found = named(
        run(table(rates("xAI", ("2026-03-31", 0.2), ("2026-03-31", 0.3))), Window()), "revenue_run_rate:xai"
    )
    assert found.estimate == pytest.approx(math.sqrt(0.06))
    assert (found.low, found.high) == (0.2, 0.3)


def test_rows_that_are_no_run_rate_are_left_out() -> None:
    rows = rates("OpenAI", ("2026-01-15", 20.0), ("2026-02-15", 0.0), ("2026-03-15", -5.0))
    rows += [row("arr_usd_bn", "OpenAI", "2026-04-15", 24000.0, "USD million/yr")]
    rows += rates("OpenAI", ("2026-04-20", 44.0), exclude="misdated")
    rows += [
        row("arr_usd_bn", "OpenAI", None, 50.0, UNIT),
        row("arr_usd_bn", "OpenAI", "2026-04-21", math.nan, UNIT),
    ]
    found = named(run(table(rows), Window()), "revenue_run_rate:openai")
    assert (found.estimate, found.n) == (20.0, 1)


def test_layers_add_firms_and_leave_the_stale_out() -> None:
    rows = rates("Baseten", ("2026-03-15", 0.6)) + rates("Together AI", ("2026-05-15", 1.0))
    rows += rates("Fireworks AI", ("2024-05-15", 0.1)) + rates("OpenAI", ("2026-04-15", 24.0))
    measured = run(table(rows), Window())
    hosts = named(measured, "revenue_run_rate:layer_host")
    assert hosts.estimate == pytest.approx(1.6)
    assert "Fireworks AI" in hosts.note
    assert named(measured, "revenue_run_rate:layer_lab").estimate == 24.0
    assert named(measured, "revenue_run_rate:layer_builder").estimate is None


def test_concentration_is_that_of_the_closed_labs_alone() -> None:
    rows = rates("OpenAI", ("2026-04-15", 24.0)) + rates("Anthropic", ("2026-04-15", 30.0))
    rows += rates("Together AI", ("2026-04-15", 1.0)) + rates("Microsoft AI", ("2026-04-15", 37.0))
    found = named(run(table(rows), Window()), "hhi_closed_revenue")
    assert found.estimate == pytest.approx(herfindahl([24.0, 30.0]))
    assert found.n == 2
    assert (found.low, found.high) == (None, None)
    assert "Of 2 labs it cannot fall below 0.50" in found.note


def test_the_share_of_three_of_three_has_no_interval(real: Observations) -> None:
    found = named(run(real, Window()), "cr3_closed_revenue")
    assert (found.estimate, found.low, found.high) == (1.0, None, None)
    assert "1 by construction" in found.note


def test_one_report_has_no_range_and_an_old_one_says_its_age(real: Observations) -> None:
    measured = run(real, Window())
    assert "no range" in named(measured, "revenue_run_rate:layer_builder").note
    assert named(measured, "revenue_run_rate:z.ai").note.startswith("Old: a figure of 2025-04, 15 months")
    assert "Old" not in named(measured, "revenue_run_rate:openai").note
    then = run(real, Window(None, Month.parse("2025-06")))
    assert "Old" not in named(then, "revenue_run_rate:z.ai").note


def test_a_valuation_of_more_than_the_firm_is_no_multiple_of_its_revenue(real: Observations) -> None:
    def measured(basis: str) -> Any:
        rows = rates("xAI", ("2025-09-30", 0.4))
        rows += [row("valuation_usd_bn", "xAI", "2025-12-01", 230.0, "USD billion post-money", basis=basis)]
        return named(run(table(rows), Window()), "ev_to_revenue:xai")

    assert measured("primary").estimate == pytest.approx(575)
    assert measured("wider scope: primary").estimate is None
    assert "covers more than the revenue" in measured("wider scope: primary").note
    found = run(real, Window())
    assert named(found, "ev_to_revenue:xai").estimate is None
    assert "social network" in named(found, "ev_to_revenue:xai").note
    assert "social network" in named(found, "valuation:xai").note.lower()


def test_growth_from_less_than_a_year_says_so() -> None:
    rows = rates("Baseten", ("2026-01-01", 0.2), ("2026-04-01", 0.6))
    found = named(run(table(rows), Window()), "revenue_growth:open")
    assert "Put on a yearly footing from 90 days of figures." in found.note
    assert "One firm, so no interval." in found.note


def test_a_multiple_is_valuation_over_the_nearest_run_rate() -> None:
    rows = rates("Anthropic", ("2025-01-15", 1.0), ("2026-05-15", 47.0))
    rows += [row("valuation_usd_bn", "Anthropic", "2026-05-28", 965.0, "USD billion post-money")]
    rows += [row("valuation_usd_bn", "Mistral AI", "2026-05-28", 20.0, "EUR billion post-money")]
    measured = run(table(rows), Window())
    assert named(measured, "ev_to_revenue:anthropic").estimate == pytest.approx(965 / 47)
    assert not [m for m in measured.measures if m.id == "valuation:mistral_ai"]
    far = run(
        table(
            [
                *rates("Cursor", ("2024-01-15", 1.0)),
                row("valuation_usd_bn", "Cursor", "2026-05-28", 9.0, "USD billion post-money"),
            ]
        ),
        Window(),
    )
    assert named(far, "ev_to_revenue:cursor").estimate is None


def test_talks_are_called_talks_and_a_closed_round_goes_first() -> None:
    rows = [
        row(
            "valuation_usd_bn",
            "DeepSeek",
            "2026-05-15",
            45.0,
            "USD billion post-money",
            basis="talks",
            exclude="talks",
        ),
        row("valuation_usd_bn", "Baseten", "2026-01-15", 5.0, "USD billion post-money"),
        row(
            "valuation_usd_bn",
            "Baseten",
            "2026-06-15",
            13.0,
            "USD billion post-money",
            basis="talks",
            exclude="talks",
        ),
    ]
    measured = run(table(rows), Window())
    assert "talks" in named(measured, "valuation:deepseek").note
    assert named(measured, "valuation:baseten").estimate == 5.0


def test_empty_tables_give_reasons() -> None:
    measured = run(table([]), Window())
    sound(measured)
    assert all(measure.estimate is None for measure in measured.measures)
    assert measured.tables["revenue"].is_empty()


def test_firms_are_known() -> None:
    assert set(firms_in(economy="closed", layer="lab")) >= {"OpenAI", "Anthropic", "xAI"}
    assert set(firms_in(layer="host")) <= set(firms_in(economy="open"))
    assert all(firm.name == name for name, firm in firms().items())


def test_every_firm_with_a_run_rate_is_placed(real: Observations) -> None:
    rated = real.series("arr_usd_bn").filter(pl.col("exclude").is_null())["entity"].unique().to_list()
    assert set(rated) <= set(firms())


def test_the_real_revenue(real: Observations) -> None:
    measured = run(real, Window())
    sound(measured)
    anthropic = named(measured, "revenue_run_rate:anthropic")
    assert (anthropic.estimate, anthropic.high) == (47.0, 47.0)
    assert anthropic.low == pytest.approx(34.5, abs=0.1)
    assert 6 < named(measured, "revenue_doubling_months:openai").estimate < 8.5
    assert 2 < named(measured, "revenue_doubling_months:anthropic").estimate < 4.5
    assert named(measured, "ev_to_revenue:anthropic").estimate == pytest.approx(20.5, abs=0.2)
    assert 0.4 < named(measured, "hhi_closed_revenue").estimate < 0.7
    share = named(measured, "api_share_of_closed_revenue")
    assert 0.3 < share.low <= share.estimate <= share.high < 0.8


def test_the_window_and_the_day_of_knowledge(real: Observations) -> None:
    early = run(real, Window(Month.parse("2024-01"), Month.parse("2024-12")))
    sound(early)
    found = named(early, "revenue_run_rate:openai")
    assert found.end <= Month.parse("2024-12")
    day = dt.date(2025, 7, 1)
    past = run(real.until(day), Window())
    assert all(measure.end is None or measure.end.first_day <= day for measure in past.measures)
    assert named(past, "revenue_run_rate:openai").estimate == 10.0


@pytest.mark.slow
def test_the_probability_of_a_difference_is_calibrated() -> None:
    # Five firms against four whose growth rates are drawn alike: the probability must be below 0.1 or above
    # 0.9 in about a fifth of the cases.
    from twocurves.randomness import normals

    extreme = 0
    names = [*firms_in(economy="closed", layer="lab"), *firms_in(layer="host"), "Moonshot"]
    for draw in range(120):
        noise = normals(8, "test/growth", draw, 1, len(names))[0]
        rows = [
            entry
            for name, shock in zip(names, noise, strict=True)
            for entry in growing(name, 12 / (2.0 + 0.6 * shock), count=4)
        ]
        found = named(run(table(rows), Window()), "revenue_growth_difference_probability").estimate
        assert found is not None
        extreme += found < 0.1 or found > 0.9
    assert 0.08 <= extreme / 120 <= 0.32
