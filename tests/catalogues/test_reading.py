"""Reading a catalogue in the shape of models.dev: broken parts are named, not guessed."""

import datetime as dt

import pytest

from twocurves.errors import BadDataError
from twocurves.observed.catalogues.from_models_dev import read_models_dev


def _catalogue(**fields: object) -> dict[str, object]:
    model = {"release_date": "2026-04-01", "last_updated": "2026-05-02", "open_weights": True, **fields}
    return {"seller": {"name": "Seller", "models": {"a-model": model}}}


def test_a_month_counts_from_its_last_day() -> None:
    assert read_models_dev(_catalogue(release_date="2026-02"))["released"][0] == dt.date(2026, 2, 28)


def test_prices_are_known_on_the_catalogues_newest_date() -> None:
    assert read_models_dev(_catalogue())["price_known_on"][0] == dt.date(2026, 5, 2)


@pytest.mark.parametrize("text", ["2025-25-11", "soon", "1970-01-01"])
def test_a_broken_date_is_null_and_named(text: str) -> None:
    read = read_models_dev(_catalogue(release_date=text))
    assert read["released"][0] is None
    assert text in read["fault"][0]


@pytest.mark.parametrize("price", ["3", True, [1]])
def test_a_price_that_is_no_number_is_refused(price: object) -> None:
    with pytest.raises(BadDataError, match="seller/a-model: a price must be a number"):
        read_models_dev(_catalogue(cost={"input": price, "output": 1}))


def test_another_shape_is_refused() -> None:
    with pytest.raises(BadDataError, match="needs a table of models"):
        read_models_dev({"seller": ["a-model"]})
    with pytest.raises(BadDataError, match="a model needs a table"):
        read_models_dev({"seller": {"models": {"a-model": 3}}})


def test_the_old_field_for_long_prompts_counts_where_there_are_no_tiers() -> None:
    long = {"input": 2, "output": 4}
    read = read_models_dev(_catalogue(cost={"input": 1, "output": 3, "context_over_200k": long}))
    assert read["conditions"].to_list() == ["", "above 200000 context tokens"]
    tier = {**long, "tier": {"type": "context", "size": 128000}}
    both = {"input": 1, "output": 3, "context_over_200k": long, "tiers": [tier]}
    assert read_models_dev(_catalogue(cost=both))["conditions"].to_list() == [
        "",
        "above 128000 context tokens",
    ]
