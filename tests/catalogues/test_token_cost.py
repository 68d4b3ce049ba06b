"""The cost of tokens is genai-prices' own."""

import datetime as dt
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from twocurves.errors import BadInputError
from twocurves.observed.catalogues.token_cost import token_cost_usd

DAY = dt.date(2026, 6, 30)
TEXT = [
    (seller.id, model.id)
    for seller in providers
    for model in seller.models
    if seller.id in {"openai", "anthropic", "google", "deepseek", "mistral", "groq", "together", "fireworks"}
    and model.is_match(model.id)
]


@given(
    st.sampled_from(TEXT),
    st.integers(0, 400_000),
    st.integers(0, 100_000),
    st.floats(0, 1),
    st.dates(dt.date(2025, 1, 1), DAY),
)
def test_equal_to_the_package(
    sold: tuple[str, str], given_tokens: int, got_tokens: int, cached: float, day: dt.date
) -> None:
    seller, model = sold
    cached_tokens = int(cached * given_tokens)
    ours = token_cost_usd(
        model,
        seller,
        on=day,
        input_tokens=given_tokens,
        output_tokens=got_tokens,
        cached_input_tokens=cached_tokens,
    )
    theirs = calc_price(
        Usage(input_tokens=given_tokens, output_tokens=got_tokens, cache_read_tokens=cached_tokens),
        model,
        provider_id=seller,
        genai_request_timestamp=dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC),
    )
    assert ours == theirs.total_price


def test_a_known_price() -> None:
    assert token_cost_usd("gpt-4o", "openai", on=DAY, input_tokens=1_000_000) == Decimal("2.5")


@pytest.mark.parametrize(
    ("model", "seller", "message"),
    [
        ("gpt-4q", "openai", "No model 'gpt-4q'; did you mean"),
        ("gpt-4o", "opena", "No provider 'opena'; did you mean 'openai'"),
        ("no-such-model-anywhere", None, "No model 'no-such-model-anywhere'"),
    ],
)
def test_unknown_names_get_the_nearest(model: str, seller: str | None, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        token_cost_usd(model, seller, on=DAY, input_tokens=1)


@pytest.mark.parametrize(
    "tokens",
    [{"input_tokens": -1}, {"output_tokens": -5}, {"input_tokens": 10, "cached_input_tokens": 11}],
)
def test_numbers_that_do_not_fit_are_refused(tokens: dict[str, int]) -> None:
    with pytest.raises(BadInputError):
        token_cost_usd("gpt-4o", "openai", on=DAY, **tokens)
