"""Compute: sums over makers, growth recovered, retirements stated."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest

from tests.measures.made import named, row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window, compute
from twocurves.observed.measures.compute import in_service, run, total_shipped
from twocurves.observed.tables import Observations

QUARTERS = [dt.date(2024, 3, 31) + dt.timedelta(days=91 * k) for k in range(8)]


def shipped(maker: str, days: list[dt.date], start: float = 1e6, growth: float = 3.0) -> list[dict[str, Any]]:
    return [
        row(
            "cumulative_h100e_shipped",
            maker,
            day,
            value := start * growth ** ((day - days[0]).days / 365.25),
            "H100 equivalents",
            low=0.9 * value,
            high=1.1 * value,
        )
        for day in days
    ]


def test_growth_and_sum_are_found() -> None:
    rows = shipped("one", QUARTERS) + shipped("two", QUARTERS, 5e5)
    measured = run(table(rows), Window())
    sound(measured)
    assert named(measured, "compute_growth").estimate == pytest.approx(3.0, rel=1e-4)
    stock = named(measured, "compute_stock:shipped")
    assert stock.estimate == pytest.approx(1.5e6 * 3 ** (7 * 91 / 365.25))
    assert (stock.low, stock.high) == pytest.approx((0.9 * stock.estimate, 1.1 * stock.estimate))
    assert "not chips in service" in stock.note


def test_a_quarter_with_a_maker_missing_is_not_summed() -> None:
    rows = shipped("one", QUARTERS) + shipped("two", QUARTERS[:-1])
    total = total_shipped(table(rows).frame)
    assert total["date"].max() == QUARTERS[-2]


def test_sum_rows_and_partial_quarters_do_not_count() -> None:
    rows = shipped("one", QUARTERS)
    with_sums = rows + [entry | {"entity": "all", "exclude": "sum of parts", "value": 9e9} for entry in rows]
    with_sums += [
        rows[-1] | {"entity": "one", "exclude": "partial quarter", "value": 1.0, "date": dt.date(2026, 3, 31)}
    ]
    first, second = (named(run(table(each), Window()), "compute_stock:shipped") for each in (rows, with_sums))
    assert first == second


def test_duplicates_are_averaged_not_added() -> None:
    rows = shipped("one", QUARTERS)
    assert total_shipped(table(rows + rows).frame)["value"].to_list() == pytest.approx(
        total_shipped(table(rows).frame)["value"].to_list()
    )


def test_retirement_known_answers() -> None:
    frame = pl.DataFrame({"date": [dt.date(2024, 1, 1), dt.date(2025, 1, 1)], "value": [100.0, 300.0]})
    assert in_service(frame, 1e12) == pytest.approx(300.0)
    assert in_service(frame, 1.0) == pytest.approx(200.0 + 100.0 * math.exp(-366 / 365.25))
    assert in_service(frame.clear(), 4.0) is None


def test_without_a_life_only_shipments_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    held = table(shipped("one", QUARTERS))
    with monkeypatch.context() as patch:
        patch.setattr(compute, "hardware_life", lambda: None)
        assert named(run(held, Window()), "compute_stock:in_service").estimate is None
    told = run(held, Window())
    serving, stock = named(told, "compute_stock:in_service"), named(told, "compute_stock:shipped")
    assert serving.low < serving.estimate < stock.estimate
    assert serving.estimate < serving.high
    assert "years" in serving.method
    last = told.tables["compute_stock"].filter(pl.col("vendor") == "all").tail(1)
    assert last["in_service"][0] == serving.estimate


def test_bad_rows_and_empty_tables_give_reasons() -> None:
    rows = [
        row("gpu_hour_price", "H100", "2026-01-15", 0.0, "USD/GPU-hour"),
        row("gpu_hour_price", "H100", "2026-02-15", -1.0, "USD/GPU-hour"),
        row("gpu_hour_price", "H100", "2026-03-15", 250.0, "US cents/GPU-hour"),
        row("hyperscaler_capex_quarter", "five", "2026-02-15", -3.0, "USD billion/quarter"),
    ]
    for each in (rows, []):
        measured = run(table(each), Window())
        sound(measured)
        assert all(measure.estimate is None for measure in measured.measures)


def test_the_real_compute(real: Observations) -> None:
    measured = run(real, Window())
    sound(measured)
    stock = named(measured, "compute_stock:shipped")
    assert stock.estimate == pytest.approx(19_737_835, rel=1e-3)
    assert stock.end == Month.parse("2025-12")
    growth = named(measured, "compute_growth")
    assert 2.7 < growth.low < growth.high < 4.1
    assert 2.3 < named(measured, "gpu_hour_price:h100").estimate < 3.0
    assert named(measured, "capex:hyperscalers").estimate == pytest.approx(4 * 140.648)
    assert any("Epoch" in source for source in stock.sources)


def test_the_window_and_the_day_of_knowledge(real: Observations) -> None:
    early = run(real, Window(None, Month.parse("2024-12")))
    sound(early)
    assert named(early, "compute_stock:shipped").end == Month.parse("2024-12")
    before = run(real.until(dt.date(2022, 1, 1)), Window())
    sound(before)
    assert named(before, "compute_stock:shipped").estimate is None


def test_a_quarter_is_named_and_its_months_are_all_covered(real: Observations) -> None:
    found = named(run(real, Window()), "capex:hyperscalers")
    assert found.note.startswith("Of the fourth quarter of 2025.")
    assert (str(found.start), str(found.end)) == ("2025-10", "2025-12")


def test_one_quote_has_no_range() -> None:
    quote = row("gpu_hour_price", "H100", "2026-05-01", 2.5, "USD/GPU-hour", basis="on demand")
    found = named(run(table([quote]), Window()), "gpu_hour_price:h100")
    assert (found.estimate, found.low, found.high) == (2.5, None, None)
    assert found.note.startswith("One quote")
