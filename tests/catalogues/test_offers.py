"""The normalised table of offers: dates, conditions, zero prices, and what was known when."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.errors import BadInputError
from twocurves.observed.catalogues.from_models_dev import read_models_dev
from twocurves.observed.catalogues.offers import offers, tabulate
from twocurves.observed.catalogues.table import OFFER_COLUMNS

LAST_DAY = dt.date(2026, 6, 30)
DIRECT = ("maker", "host", "cloud")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return offers("models-dev", LAST_DAY)


def test_the_columns_are_the_promised_ones(table: pl.DataFrame) -> None:
    assert table.schema == pl.Schema(OFFER_COLUMNS)
    assert offers("genai-prices").schema == table.schema
    assert offers().height == offers("models-dev").height + offers("genai-prices").height


def test_one_base_row_per_offer(table: pl.DataFrame) -> None:
    base = table.filter(~pl.col("conditional"))
    assert base.select("provider", "raw_id").is_unique().all()
    assert base["conditions"].eq("").all()
    conditional = table.filter(pl.col("conditional"))
    assert conditional.height > 100
    assert conditional["conditions"].ne("").all()
    assert conditional.join(base, on=["provider", "raw_id"], how="anti").is_empty()


def test_long_prompts_and_fast_modes_are_conditions() -> None:
    opus = offers("models-dev").filter(
        (pl.col("provider") == "anthropic") & (pl.col("raw_id") == "claude-opus-4-6")
    )
    prices = dict(opus.select("conditions", "usd_per_million_output").iter_rows())
    assert prices == {"": 25.0, "fast mode": 150.0}
    gpt = offers("models-dev").filter((pl.col("provider") == "openai") & (pl.col("raw_id") == "gpt-5.4"))
    assert set(gpt["conditions"]) == {"", "above 272000 context tokens", "fast mode"}


def test_prices_that_are_no_price_stay_out_of_statistics(table: pl.DataFrame) -> None:
    priced = table.filter(pl.col("priced"))
    assert priced["usd_per_million_output"].min() > 0  # type: ignore[operator]
    assert priced["usd_per_million_input"].min() >= 0  # type: ignore[operator]
    assert not priced["plan"].any()
    assert not priced["free"].any()
    assert priced["doubt"].eq("").all()
    assert table.filter(pl.col("plan"))["provider_kind"].unique().to_list() == ["plan"]
    both_zero = (pl.col("usd_per_million_input") == 0) & (pl.col("usd_per_million_output") == 0)
    assert table.filter(both_zero & ~pl.col("plan") & ~pl.col("free")).is_empty()


def test_blended_price_is_three_parts_input_to_one_output(table: pl.DataFrame) -> None:
    row = table.filter((pl.col("provider") == "openai") & (pl.col("raw_id") == "gpt-5")).row(0, named=True)
    assert row["usd_per_million_blended_3to1"] == pytest.approx((3 * 1.25 + 10) / 4)


def test_nothing_newer_than_the_day_is_seen() -> None:
    seen = offers(as_of=LAST_DAY)
    for column in ("released", "price_from", "price_known_on", "price_to", "catalogue_date"):
        newest = seen[column].max()
        assert newest is None or newest <= LAST_DAY, column  # type: ignore[operator]
    replaced = seen.filter(~pl.col("current"))
    assert replaced["price_to"].null_count() == 0


@given(st.dates(dt.date(2023, 1, 1), dt.date(2026, 6, 30)))
def test_more_is_known_later(day: dt.date) -> None:
    key = ["catalogue", "provider", "raw_id", "conditions", "price_from"]
    earlier, later = offers(as_of=day), offers(as_of=LAST_DAY)
    assert earlier.join(later, on=key, how="anti", nulls_equal=True).is_empty()
    if not earlier.is_empty():
        assert earlier.select(pl.max_horizontal(pl.col("released", "price_from").max())).item() <= day


def test_a_catalogue_is_not_known_before_its_date() -> None:
    date = offers("models-dev")["catalogue_date"][0]
    assert date == dt.date(2026, 5, 21)
    assert offers("models-dev", date - dt.timedelta(days=1)).is_empty()
    assert offers("models-dev", date).height == offers("models-dev").height
    ahead = offers("models-dev", dt.date(2025, 6, 30), undated_prices=True)
    assert ahead.height > 1000
    assert ahead["released"].max() <= dt.date(2025, 6, 30)  # type: ignore[operator]


def test_dated_prices_follow_one_another() -> None:
    base = offers("genai-prices").filter(~pl.col("conditional"))
    several = base.filter(pl.len().over("provider", "raw_id") > 1).sort("provider", "raw_id", "price_from")
    assert several.height > 50
    following = pl.col("price_from").shift(-1).over("provider", "raw_id")
    gaps = several.filter(following.is_not_null() & (following - pl.col("price_to") != pl.duration(days=1)))
    assert gaps.is_empty()
    assert base.filter(pl.col("current")).select("provider", "raw_id").is_unique().all()


def test_an_unknown_catalogue_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInputError, match="did you mean 'models-dev'") as fault:
        offers("model-dev")  # type: ignore[arg-type]
    assert fault.value.field == "catalogue"


def test_an_open_model_of_many_hosts_is_one_model(table: pl.DataFrame) -> None:
    plain = table.filter(
        pl.col("priced")
        & ~pl.col("conditional")
        & (pl.col("tier") == "")
        & pl.col("provider_kind").is_in(DIRECT)
        & pl.col("open")
    )
    hosts = dict(plain.group_by("model").agg(pl.col("provider").n_unique()).iter_rows())
    widely = {model for model, count in hosts.items() if count >= 5}
    # The published count over the same catalogue is 60, with coarser names.
    assert 55 <= len(widely) <= 70
    assert hosts["gpt-oss-120b"] >= 25
    assert hosts["llama-3.3-70b"] >= 18
    assert hosts["kimi-k2.6"] >= 18


#: Median output price over direct hosts, dollars per million tokens, as published from the same catalogue.
PUBLISHED = {
    "deepseek-r1-0528": 2.18,
    "deepseek-v3-0324": 1.0,
    "deepseek-v3.2": 0.435,
    "deepseek-v4-flash": 0.28,
    "deepseek-v4-pro": 3.48,
    "glm-4.7": 2.2,
    "glm-5": 3.2,
    "glm-5.1": 4.4,
    "gpt-oss-120b": 0.6,
    "gpt-oss-20b": 0.19,
    "kimi-k2": 2.5,
    "kimi-k2.5": 2.8,
    "kimi-k2.6": 4.0,
    "llama-3.3-70b": 0.71,
    "minimax-m2.5": 1.2,
    "minimax-m2.7": 1.2,
    "qwen3-235b-a22b-instruct-2507": 0.6,
    "qwen3-32b": 0.57,
    "qwen3.5-397b-a17b": 3.6,
}


@pytest.mark.parametrize(("model", "published"), PUBLISHED.items())
def test_medians_agree_with_the_published_ones(table: pl.DataFrame, model: str, published: float) -> None:
    plain = table.filter(
        (pl.col("model") == model)
        & pl.col("priced")
        & ~pl.col("conditional")
        & (pl.col("tier") == "")
        & pl.col("provider_kind").is_in(DIRECT)
    )
    per_host = plain.group_by("provider").agg(pl.col("usd_per_million_output").min())
    assert per_host["usd_per_million_output"].median() == pytest.approx(published, rel=0.16)


def test_negative_and_missing_prices_are_kept_but_not_used() -> None:
    raw = {
        "seller": {
            "name": "Seller",
            "models": {
                "gpt-oss-120b": _model(cost={"input": -1, "output": 2}),
                "gpt-oss-20b": _model(cost=None),
                "glm-5": _model(cost={"input": 0, "output": 0}),
                "kimi-k2.6": _model(cost={"input": 1, "output": 4, "cache_read": 0.1}),
            },
        }
    }
    table = tabulate(read_models_dev(raw), "models-dev", "test", dt.date(2026, 5, 1))
    assert dict(table.select("raw_id", "priced").iter_rows()) == {
        "gpt-oss-120b": False,
        "gpt-oss-20b": False,
        "glm-5": False,
        "kimi-k2.6": True,
    }
    assert table["free"].to_list() == [False, False, True, False]
    assert table["usd_per_million_cached_input"].to_list() == [None, None, None, 0.1]


def _model(**fields: object) -> dict[str, object]:
    return {"release_date": "2026-04", "last_updated": "2026-04-30", "open_weights": True, **fields}
