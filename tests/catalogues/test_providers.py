"""Every seller of the catalogues has a kind."""

import polars as pl

from twocurves.observed.catalogues.offers import offers
from twocurves.observed.catalogues.providers import known_providers, provider
from twocurves.observed.catalogues.report import report_on


def test_every_seller_of_the_catalogues_is_listed() -> None:
    listed = {seller.id for seller in known_providers().values()}
    assert set(offers()["provider"]) <= listed


def test_an_unknown_seller_is_other_and_reported() -> None:
    stranger = provider("a-new-seller")
    assert (stranger.kind, stranger.listed, stranger.firm) == ("other", False, "a-new-seller")
    table = offers("models-dev").head(1).with_columns(provider=pl.lit("a-new-seller"))
    assert report_on(table).unknown_providers == ("a-new-seller",)


def test_names_of_the_second_catalogue_lead_to_the_first() -> None:
    assert provider("aws").id == "amazon-bedrock"
    assert provider("x-ai").id == "xai"


def test_makers_sell_their_own_models() -> None:
    own = offers("models-dev").filter(pl.col("first_party"))
    assert {"openai", "anthropic", "deepseek", "mistral", "alibaba", "zai"} <= set(own["maker"])
    assert own.filter(pl.col("provider") == "openrouter").is_empty()
