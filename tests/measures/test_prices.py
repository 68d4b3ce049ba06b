"""Prices: known falls recovered, traps avoided, nothing said where nothing is known."""

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measures.made import greatest, least, named, row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window
from twocurves.observed.measures.prices import (
    FEWEST_FLAGSHIPS,
    FEWEST_MODELS,
    decline_at_fixed_capability,
    flagship_models,
    price_envelope,
    priced_models,
    run,
)
from twocurves.observed.measures.thin import WIDEST_FACTOR
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

USD = "USD per M tokens"


def priced(
    model: str, date: str | dt.date, price: float, eci: float, economy: str = "closed", **more: Any
) -> list[dict[str, Any]]:
    more = {"model": model, "economy": economy, "maker": "a maker", "exclude": "later price"} | more
    scored = {"model": model, "economy": economy, "pseudo_real_time": True}
    return [
        row("list_price_input", f"x/{model}", date, price, USD, **more),
        row("list_price_output", f"x/{model}", date, price, USD, **more),
        row("eci", model, date, eci, "ECI points", **scored),
    ]


def market(
    fall: float, models: int = 40, economy: str = "closed", noise: float = 0.2
) -> list[dict[str, Any]]:
    """Models whose price doubles every 5 points and is divided by ``fall`` a year."""
    errors = normals(4, f"test/market/{economy}", 0, 1, models)[0]
    scatter = normals(4, f"test/scores/{economy}", 0, 1, models)[0]
    rows = []
    for index in range(models):
        year = 2.5 * index / models
        day = dt.date(2023, 6, 1) + dt.timedelta(days=round(365.25 * year))
        eci = 120 + 12 * year + 6 * scatter[index]
        price = 2 ** ((eci - 120) / 5) * fall**-year * math.exp(noise * errors[index])
        rows += priced(f"{economy}-{index}", day, price, eci, economy, maker=f"maker {index % 4}")
    return rows


def test_a_known_fall_is_found() -> None:
    measured = run(table(market(12.0) + market(3.0, economy="open")), Window())
    sound(measured)
    closed, opened = named(measured, "price_decline:closed"), named(measured, "price_decline:open")
    assert closed.low < 12.0 < closed.high
    assert opened.low < 3.0 < opened.high
    apart = named(measured, "price_growth_difference")
    assert apart.low < 2.0 < apart.high


def test_the_difference_is_not_judged_on_prices_without_a_date() -> None:
    rows = market(12.0) + market(3.0, economy="open")
    snapshot = named(run(table(rows), Window()), "price_growth_difference_probability")
    assert snapshot.estimate is None
    assert "history" in snapshot.note
    dated = [entry | {"exclude": None} for entry in rows]
    assert named(run(table(dated), Window()), "price_growth_difference_probability").estimate > 0.95


def test_equal_lists_do_not_change() -> None:
    days = ["2024-05-31", "2025-02-27", "2025-08-29", "2026-03-01"]
    rows = [row("like_for_like_median_input_price", "same", day, 1.0, USD) for day in days]
    rows += [row("list_price_input", "one", day, 2.0, USD) for day in days[:2]]
    measured = run(table(rows), Window())
    assert named(measured, "list_price_change:like_for_like").estimate == pytest.approx(0.0, abs=1e-9)
    assert named(measured, "list_price_change:same_names").estimate == pytest.approx(0.0, abs=1e-12)


def test_a_constant_monthly_cut_is_found() -> None:
    rows = [
        row(
            "like_for_like_median_input_price",
            "same",
            dt.date(2024, 1, 1) + dt.timedelta(days=91 * k),
            0.98 ** (3 * k),
            USD,
        )
        for k in range(6)
    ]
    found = named(run(table(rows), Window()), "list_price_change:like_for_like")
    assert found.estimate == pytest.approx(-0.02, abs=2e-4)


def test_the_envelope_only_falls_and_starts_where_the_level_is_reached() -> None:
    models = priced_models(table(market(10.0)), Window())
    envelope = price_envelope(models, 130)
    assert greatest(envelope["price"].diff().drop_nulls()) <= 1e-12
    first = least(models.filter(pl.col("eci") >= 130)["date"])
    assert (envelope["date"][0].year, envelope["date"][0].month) == (first.year, first.month)
    assert envelope["date"].is_sorted()
    assert price_envelope(models, 1000).is_empty()


def test_one_row_a_model_and_a_dated_price_before_a_later_one() -> None:
    rows = priced("m", "2024-01-01", 2.0, 130) + priced("m", "2024-02-01", 8.0, 130, exclude=None)
    rows += priced("m", "2024-01-01", 2.0, 130)
    models = priced_models(table(rows), Window())
    assert models.height == 1
    assert models["price"][0] == pytest.approx(8.0)
    assert models["dated"][0]


def test_zero_negative_and_foreign_prices_are_left_out() -> None:
    rows = priced("zero", "2024-01-01", 0.0, 130) + priced("minus", "2024-01-01", -1.0, 130)
    cents = [
        entry | {"unit": "US cents per K tokens"} for entry in priced("cents", "2024-01-01", 1.0, 130)[:2]
    ]
    rows += cents + priced("cents", "2024-01-01", 1.0, 130)[2:]
    assert priced_models(table(rows), Window()).is_empty()


def test_flagships_are_new_bests_and_the_cheaper_of_a_day() -> None:
    rows = (
        priced("one", "2024-01-01", 5.0, 130)
        + priced("one-pro", "2024-01-01", 50.0, 131.5)
        + priced("worse", "2024-03-01", 1.0, 128)
        + priced("hardly", "2024-04-01", 9.0, 131.9)
        + priced("two", "2024-06-01", 4.0, 140)
    )
    assert flagship_models(priced_models(table(rows), Window()))["model"].to_list() == ["one", "two"]


def test_too_few_models_say_so() -> None:
    rows = [
        entry
        for index in range(FEWEST_MODELS - 1)
        for entry in priced(f"m{index}", f"2024-0{index + 1}-01", 1.0, 130 + index)
    ]
    models = priced_models(table(rows), Window())
    assert decline_at_fixed_capability(models) is None
    measured = run(table(rows), Window())
    sound(measured)
    assert named(measured, "price_decline:all").estimate is None


def test_an_empty_table_gives_reasons_not_faults() -> None:
    measured = run(table([]), Window())
    sound(measured)
    assert all(measure.estimate is None for measure in measured.measures)
    assert measured.tables["price_frontier"].is_empty()


def test_the_window_limits_what_is_described() -> None:
    everything, early = table(market(10.0)), Window(None, Month.parse("2024-12"))
    assert greatest(priced_models(everything, early)["date"]) <= dt.date(2024, 12, 31)
    assert named(run(everything, early), "price_decline:all").end <= Month.parse("2024-12")


def test_what_was_not_known_changes_nothing(real: Observations) -> None:
    day = dt.date(2025, 6, 30)
    past = real.until(day)
    sound(run(past, Window()))
    poisoned = Observations(pl.concat([past.frame, _later(real)]).filter(pl.col("known_on") <= day), day)
    first, second = run(past, Window()), run(poisoned, Window())
    assert [m.estimate for m in first.measures] == [m.estimate for m in second.measures]
    # The catalogue of May 2026 was not known in June 2025.
    assert named(first, "price_decline:all").estimate is None


def test_real_prices(real: Observations) -> None:
    measured = run(real, Window())
    sound(measured)
    fall = named(measured, "price_decline:all")
    assert 3.0 < fall.low < fall.estimate < fall.high < 100.0
    assert any("Epoch" in source for source in fall.sources[:1])
    lists = named(measured, "list_price_change:like_for_like")
    assert -0.03 < lists.estimate < 0.0
    published = named(measured, "price_decline:published")
    assert published.n == 10
    assert published.estimate == pytest.approx(25.5, abs=0.5)


def _later(real: Observations) -> pl.DataFrame:
    return real.frame.with_columns(
        value=pl.col("value") * 1000,
        known_on=pl.lit(dt.date(2026, 6, 1)),
        pseudo_real_time=pl.lit(value=False),
    )


@pytest.mark.slow
def test_coverage_of_the_fall_at_fixed_capability() -> None:
    held = 0
    for draw in range(300):
        errors = normals(9, "test/fall", draw, 1, 200)[0]
        at = np.sort(2.5 * (np.arange(45) + 0.5) / 45)
        eci = 120 + 12 * at + 6 * errors[:45]
        logs = 0.14 * (eci - 120) - 2.5 * at + 0.8 * errors[45:90]
        days = [dt.date(2023, 6, 1) + dt.timedelta(days=round(365.25 * year)) for year in at]
        models = pl.DataFrame({"date": days, "eci": eci, "price": np.exp(logs)})
        found = decline_at_fixed_capability(models)
        assert found is not None
        low, high = found.interval()
        held += low <= -2.5 <= high
    assert 0.85 <= held / 300 <= 0.97


def test_a_short_window_says_what_it_is_worth(real: Observations) -> None:
    year = run(real, Window(Month.parse("2024-01"), Month.parse("2024-12")))
    sound(year)
    every = named(year, "price_decline:all")
    assert every.high / every.low > WIDEST_FACTOR
    assert every.note.startswith("Too few to tell how much")
    assert "put on a yearly footing" in every.note
    flagships = named(year, "flagship_price_trend")
    assert flagships.estimate is None
    assert f"{FEWEST_FLAGSHIPS} are needed" in flagships.note
    whole = named(run(real, Window()), "price_decline:all")
    assert "Too few to tell" not in whole.note
    assert "footing" not in whole.note
