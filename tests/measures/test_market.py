"""Premium and commodity test: known answers on made offers, sense on the real catalogue."""

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measures.made import named, offer, offers, row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window, commodity, premium
from twocurves.observed.measures.market_offers import market_offers, one_per_seller
from twocurves.observed.measures.report import frame_of
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

EVER = Window()


def scores(**by_model: float) -> list[dict[str, Any]]:
    return [row("eci", name, "2026-01-01", eci, "ECI points", model=name) for name, eci in by_model.items()]


def closed(model: str, price: float, maker: str = "lab", **more: Any) -> dict[str, Any]:
    return offer(
        model, maker, price, opened=False, first_party=True, provider_kind="maker", maker=maker, **more
    )


def matched_market(ratio: float) -> tuple[Observations, pl.DataFrame]:
    listed, eci = [], {}
    for index in range(6):
        price = 0.5 * 1.5**index
        eci[f"open{index}"] = eci[f"closed{index}"] = 130.0 + 10 * index
        listed.append(closed(f"closed{index}", ratio * price, maker=f"lab{index % 3}"))
        listed += [
            offer(f"open{index}", f"host{host}", price, maker=f"builder{index % 3}") for host in range(3)
        ]
    return table(scores(**eci)), offers(listed)


def test_a_known_premium_is_found_exactly() -> None:
    held, listed = matched_market(4.0)
    measured = premium.run(held, EVER, offers=listed)
    sound(measured)
    for variant in ("", ":caliper_1", ":caliper_5", ":blend_1_to_1", ":blend_10_to_1", ":cheapest_host"):
        assert named(measured, f"premium_at_matched_capability{variant}").estimate == pytest.approx(4.0)
    chief = named(measured, "premium_at_matched_capability")
    assert (chief.low, chief.high) == (None, None)  # an interval without width is none
    assert chief.details == {"closed_models": 6, "open_models": 6}
    assert named(measured, "open_cheaper_at_matched_capability").estimate == 1.0
    assert measured.tables["premium_pairs"]["ratio"].to_list() == pytest.approx([4.0] * 6)


def test_the_blend_counts_input_and_output_as_it_says() -> None:
    held, _ = matched_market(1.0)
    listed = []
    for index in range(3):
        listed.append(closed(f"closed{index}", 10.0, usd_per_million_input=1.0))
        listed.append(offer(f"open{index}", "host", 1.0, usd_per_million_input=1.0))
    models = premium.scored_prices(market_offers(held, offers(listed), EVER), held)
    for weight in (0.0, 1.0, 3.0):
        found = premium.premium(models, 3.0, weight)
        assert found is not None
        assert found[0].estimate == pytest.approx((weight + 10.0) / (weight + 1.0))


def test_outside_the_caliper_nothing_is_matched() -> None:
    listed = offers(
        [closed(f"c{k}", 10.0) for k in range(3)] + [offer(f"o{k}", "host", 1.0) for k in range(3)]
    )
    eci = {f"c{k}": 150.0 for k in range(3)} | {f"o{k}": 146.9 for k in range(3)}
    measured = premium.run(table(scores(**eci)), EVER, offers=listed)
    sound(measured)
    assert named(measured, "premium_at_matched_capability").estimate is None
    assert named(measured, "premium_at_matched_capability:caliper_5").estimate == pytest.approx(10.0)


def test_what_does_not_belong_to_the_market_is_left_out() -> None:
    listed = offers(
        [
            offer("m", "a", 1.0),
            offer("m", "a", 3.0),
            offer("m", "b", 5.0),
            offer("m", "fast", 50.0, tier="fast"),
            offer("m", "old", 9.0, status="deprecated"),
            offer("m", "past", 9.0, current=False),
            offer("m", "night", 0.1, conditional=True),
            offer("m", "free", 0.0),
            offer("m", "unpriced", None),
            offer("m", "pictures", 120.0, output_kinds="text+image"),
            offer("m", "who knows", 7.0, open=None),
            offer("m", "minus", -4.0, priced=True),
            offer("m", "broken", math.nan, priced=True),
        ]
    )
    sellers = one_per_seller(market_offers(table([]), listed, EVER))
    assert dict(zip(sellers["firm"], sellers["output"], strict=True)) == {"a": 2.0, "b": 5.0}


def test_a_host_that_also_resells_counts_once_as_a_host() -> None:
    listed = offers([offer("m", "both", 1.0), offer("m", "both", 9.0, provider_kind="aggregator")])
    sellers = one_per_seller(market_offers(table([]), listed, EVER))
    assert sellers.select("provider_kind", "output").rows() == [("host", 1.0)]


def test_dispersion_known_answer() -> None:
    prices = [1.0, 2.0, 3.0, 4.0, 5.0]
    listed = [offer("m", f"host{k}", price) for k, price in enumerate(prices)]
    listed += [offer("m", "reseller", 30.0, provider_kind="aggregator")]
    listed += [offer("few", f"host{k}", 1.0) for k in range(4)]
    measured = commodity.run(table([]), EVER, offers=offers(listed))
    sound(measured)
    found = named(measured, "host_price_dispersion:m")
    assert found.n == 5
    assert found.estimate == pytest.approx(np.std(prices, ddof=1) / 3.0)
    assert "1 to 5, median 3" in found.note
    unit = "usd_per_million_output_tokens"
    assert found.details["hosts"] == 5
    assert found.details["sellers"] == 6
    assert [found.details[f"{name}_{unit}"] for name in ("lowest", "median", "highest")] == [1.0, 3.0, 5.0]
    assert found.details[f"makers_{unit}"] is None
    assert found.details["variation_without_resellers"] == found.estimate
    assert found.details["variation_with_resellers"] == pytest.approx(np.std([*prices, 30.0], ddof=1) / 7.5)
    assert found.as_record()["details"] == found.details
    printed = frame_of([found, named(measured, "host_price_index")])
    assert printed["hosts"].to_list() == [5.0, None]
    assert printed[f"median_{unit}"].to_list() == [3.0, None]
    assert f"{np.std([*prices, 30.0], ddof=1) / 7.5:.2f} over 6 sellers" in found.note
    assert not [measure for measure in measured.measures if measure.id.endswith(":few")]
    assert measured.tables["host_prices"].height == len(listed)


def test_dispersion_does_not_depend_on_the_unit() -> None:
    def measured(factor: float) -> Any:
        listed = [offer("m", f"host{k}", factor * (1.0 + k)) for k in range(6)]
        return named(
            commodity.run(table([]), EVER, offers=offers(listed)), "host_price_dispersion:m"
        ).estimate

    assert measured(1.0) == pytest.approx(measured(1e-3))


def test_one_price_everywhere_is_no_dispersion() -> None:
    listed = [offer("m", f"host{k}", 1.2) for k in range(6)]
    found = named(commodity.run(table([]), EVER, offers=offers(listed)), "host_price_dispersion:m")
    assert (found.estimate, found.low, found.high) == (0.0, None, None)


@pytest.mark.parametrize("run", [premium.run, commodity.run])
def test_no_offers_no_faults(run: Any) -> None:
    measured = run(table([]), EVER, offers=offers([]))
    sound(measured)
    assert all(measure.estimate is None for measure in measured.measures)


def test_the_window_limits_releases() -> None:
    listed = offers([offer("m", f"host{k}", 1.0 + k) for k in range(6)])
    past = Window(None, Month.parse("2025-12"))
    since = named(
        commodity.run(table([]), Window(Month.parse("2025-12")), offers=listed), "host_price_dispersion:m"
    )
    assert "released from 2025-12; the prices are those of 2026-05-21" in since.note
    assert "The period" not in named(commodity.run(table([]), EVER, offers=listed), since.id).note
    assert not [m for m in commodity.run(table([]), past, offers=listed).measures if m.id.endswith(":m")]


def test_a_models_release_is_the_middle_of_what_its_sellers_say() -> None:
    days = ["2024-01-01", "2025-08-05", "2025-08-05", "2025-08-06", None]
    said = [
        offer("m", f"host {i}", 1.0 + i, released=day and dt.date.fromisoformat(day))
        for i, day in enumerate(days)
    ]
    said += [offer("undated", f"host {i}", 1.0 + i, released=None) for i in range(5)]
    table_ = market_offers(table([]), offers(said), Window())
    assert set(table_.filter(pl.col("model") == "m")["released"]) == {dt.date(2025, 8, 5)}
    assert table_.filter(pl.col("model") == "undated")["released"].null_count() == 5
    late = Window(Month.of(2025, 1), None)
    assert market_offers(table([]), offers(said), late)["model"].to_list() == ["m"] * 5
    shown = commodity.run(table([]), Window(), offers=offers(said)).tables["host_dispersion"]
    assert shown.filter(pl.col("model") == "m")["released"].to_list() == [dt.date(2025, 8, 5)]


def test_the_catalogue_is_not_seen_before_its_day(real: Observations) -> None:
    before = real.until(dt.date(2026, 5, 1))
    for run in (premium.run, commodity.run):
        measured = run(before, EVER)
        sound(measured)
        assert all(measure.estimate is None for measure in measured.measures if "published" not in measure.id)


def test_the_real_market(real: Observations) -> None:
    found = premium.run(real, EVER)
    sound(found)
    chief = named(found, "premium_at_matched_capability")
    assert 1.5 < chief.low < chief.estimate < chief.high < 12
    assert chief.n > 30
    assert named(found, "vintage_gradient:closed").low > 1.0
    spread = commodity.run(real, EVER)
    sound(spread)
    opened, sold = named(spread, "host_price_dispersion"), named(spread, "provider_price_dispersion_closed")
    assert opened.n > 40
    assert opened.estimate > sold.estimate
    assert "of 20 models" in opened.note
    assert named(spread, "host_price_dispersion:gpt-oss-120b").n > 20
    assert named(spread, "host_price_index").estimate is None


def test_intervals_are_the_same_on_every_run(real: Observations) -> None:
    assert premium.run(real, EVER).measures == premium.run(real, EVER).measures


@pytest.mark.slow
def test_coverage_of_the_premium() -> None:
    held = 0
    for draw in range(500):
        noise = normals(5, "test/premium", draw, 1, 200)[0]
        makers = np.repeat(np.arange(7), 6)
        logs = 0.5 * noise[makers] + 0.5 * noise[20:62]
        eci = 130 + 15 * np.abs(noise[70:112])
        models = pl.DataFrame(
            {
                "maker": [f"{maker}" for maker in makers] * 2,
                "open": [False] * 42 + [True] * 42,
                "eci": [*eci, *(130 + 15 * np.abs(noise[120:162]))],
                "input": np.exp([*(1.2 + logs), *(0.5 * noise[7 + makers] + 0.5 * noise[158:200])]),
            }
        ).with_columns(output=pl.col("input"))
        found = premium.premium(models, 3.0, 3.0)
        assert found is not None
        assert found[0].low is not None
        assert found[0].high is not None
        held += found[0].low <= math.exp(1.2) <= found[0].high
    assert 0.85 <= held / 500 <= 0.97


def test_the_premium_says_what_a_period_limits() -> None:
    held, listed = matched_market(4.0)
    found = premium.run(held, Window(None, Month.parse("2026-02")), offers=listed)
    chief = named(found, "premium_at_matched_capability")
    assert "released to 2026-02; the prices are those of 2026-05-21" in chief.note
    assert "caliper of 1 point" in named(found, "premium_at_matched_capability:caliper_1").title
    assert "1 points" not in " ".join(f"{one.title} {one.method} {one.note}" for one in found.measures)
