"""Costs of tokens against genai-prices, the oracle."""

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from twocurves.decide.market import market, spread
from twocurves.decide.token_cost import TokenPrice
from twocurves.observed.catalogues.offers import offers
from twocurves.observed.catalogues.token_cost import token_cost_usd

TODAY = dt.date(2026, 7, 1)
CENT = 0.01
BY_ID = {seller.id: seller for seller in providers}


def priced_by_tokens_alone(provider, raw_id):
    """Whether a model's list prices tokens only: no fee for requests, no hours of the day."""
    model = next((one for one in BY_ID[provider].models if one.id == raw_id), None)
    return (
        model is not None
        and model.is_match(raw_id)
        and not isinstance(model.prices, list)
        and set(model.prices.__dict__) <= {"input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"}
    )


def sampled_offers():
    table = offers("genai-prices").filter("priced", "current", ~pl.col("conditional"))
    rows = [
        row
        for row in table.iter_rows(named=True)
        if row["provider"] in BY_ID and priced_by_tokens_alone(row["provider"], row["raw_id"])
    ]
    chosen = np.random.default_rng(3).permutation(len(rows))[:400]
    return [rows[place] for place in chosen]


def test_costs_equal_genai_prices_on_hundreds_of_offers_and_usages():
    random = np.random.default_rng(5)
    rows = sampled_offers()
    assert len(rows) >= 300
    compared = 0
    for row in rows:
        price = TokenPrice(
            row["usd_per_million_input"], row["usd_per_million_output"], row["usd_per_million_cached_input"]
        )
        read = int(10 ** random.uniform(2, 3.9))  # below every threshold of prompt length
        cached, written = int(read * random.uniform()), int(10 ** random.uniform(1, 4))
        try:
            oracle = token_cost_usd(
                row["raw_id"], row["provider"], on=TODAY, input_tokens=read, output_tokens=written,
                cached_input_tokens=cached,
            )  # fmt: skip
        except LookupError:
            continue
        # As many such requests as a busy month has, so that a cent is a small part.
        many = 10_000
        ours = price.usd(float(read * many), float(written * many), float(cached * many))
        assert abs(ours - float(oracle * many)) < CENT, row["raw_id"]
        compared += 1
    assert compared >= 300


@pytest.mark.parametrize("tokens", [1_000, 150_000, 250_000, 900_000])
def test_prices_by_length_of_prompt_are_those_of_genai_prices(tokens):
    tiered = [
        (seller.id, model.id)
        for seller in providers
        for model in seller.models
        if model.is_match(model.id)
        and not isinstance(model.prices, list)
        and hasattr(model.prices.__dict__.get("input_mtok"), "tiers")
    ]
    assert tiered
    today = {
        (one.provider, one.model): one for one in market(tokens).offers if one.catalogue == "genai-prices"
    }
    table = offers("genai-prices").filter("current", ~pl.col("conditional"), "priced", tier="")
    compared = 0
    for provider, raw_id in tiered:
        named = table.filter(provider=provider, raw_id=raw_id)
        if not named.height or (provider, named["model"][0]) not in today:
            continue
        if table.filter(provider=provider, model=named["model"][0]).height > 1:
            continue  # several names of one thing: which price speaks is not this test's matter
        price = today[provider, named["model"][0]].price
        oracle = token_cost_usd(raw_id, provider, on=TODAY, input_tokens=tokens, output_tokens=500)
        assert price.usd(float(tokens), 500.0, 0.0) == pytest.approx(float(oracle), abs=1e-6)
        compared += 1
    assert compared >= 3


def test_a_list_without_a_cached_price_charges_the_price_of_input():
    assert TokenPrice(2.0, 3.0).usd(1e6, 0.0, 1e6) == 2.0
    assert TokenPrice(2.0, None).usd(1e6, 1e6, 0.0) == 2.0


@given(
    prices=st.tuples(*[st.floats(0, 100)] * 3),
    counts=st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
    share=st.floats(0, 1),
)
def test_arrays_and_decimals_agree_with_numbers(prices, counts, share):
    price = TokenPrice(*prices)
    read, written = map(float, counts)
    cached = read * share
    alone = price.usd(read, written, cached)
    assert np.allclose(price.usd(np.array([read]), np.array([written]), np.array([cached])), alone)
    by_decimals = (
        Decimal(read - cached) * Decimal(prices[0])
        + Decimal(cached) * Decimal(prices[2])
        + Decimal(written) * Decimal(prices[1])
    ) / 10**6
    assert alone == pytest.approx(float(by_decimals), rel=1e-9, abs=CENT)
    assert alone >= 0.0


def test_the_spread_of_sellers_is_ordered():
    found = market().of("gpt-oss-120b")
    told = spread(found, 1e9, 1e8, 0.0)
    assert told["sellers"] > 5
    assert told["usd_low"] <= told["usd_median"] <= told["usd_high"]
