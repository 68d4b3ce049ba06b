"""Today's market for a workload: every direct offer of the price catalogues, with scores, hosts and seats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from twocurves.decide.assumptions import country_of_provider
from twocurves.decide.token_cost import TokenPrice
from twocurves.errors import BadInputError, unknown
from twocurves.observed.aliases import resolve_model
from twocurves.observed.catalogues.identity import identify
from twocurves.observed.catalogues.offers import offers
from twocurves.observed.tables import observations

#: Kinds of seller that serve a model themselves; resellers and plans are left out.
_DIRECT = ("maker", "host", "cloud")

#: Prices under a condition of prompt length, as the catalogues' readers write it.
_ABOVE = re.compile(r"^above (\d+) (?:input|context) tokens$")

_OFFER = ("catalogue", "provider", "raw_id")
_PRICES = ("usd_per_million_input", "usd_per_million_output", "usd_per_million_cached_input")


@dataclass(frozen=True, slots=True)
class Offer:
    """One seller's price for one model.

    Attributes
    ----------
    model, provider, kind
        Canonical model, seller, and whether it is the maker, a host or a cloud.
    maker, first_party, is_open
        Who made the model, whether the seller is its maker, and whether its weights are open.
    price
        US dollars per million tokens at the workload's length of prompt.
    catalogue, date
        Which catalogue says so, and its date.
    region, country
        Region of the offer and seat of the seller; empty where not known.
    context_tokens
        Longest prompt; None where not known.
    """

    model: str
    provider: str
    kind: str
    maker: str
    first_party: bool
    is_open: bool
    price: TokenPrice
    catalogue: str
    date: dt.date | None
    region: str
    country: str
    context_tokens: int | None


@dataclass(frozen=True)
class Market:
    """Every offer, and what is known of the models.

    Attributes
    ----------
    offers
        One per model, seller and region; genai-prices speaks where both catalogues do.
    eci
        Score on the Epoch Capabilities Index by canonical model.
    """

    offers: tuple[Offer, ...]
    eci: Mapping[str, float]

    def of(self, model: str) -> tuple[Offer, ...]:
        """Return a model's offers."""
        return tuple(offer for offer in self.offers if offer.model == model)

    def score(self, model: str) -> float | None:
        """Return a model's index score: its own, else that of the model whose snapshot it is."""
        found = self.eci.get(model)
        if found is not None:
            return found
        known = resolve_model(model)
        return None if known is None else self.eci.get(known.model, self.eci.get(known.family))

    def named(self, given: str, field: str) -> str:
        """Return the canonical model that a name means.

        Raises
        ------
        BadInputError
            No catalogue sells it and no index scores it; the nearest name is suggested.
        """
        sold = {offer.model for offer in self.offers}
        listed = identify(given).model
        if listed in sold or listed in self.eci:
            return listed
        known = resolve_model(given)
        if known is not None and (known.model in sold or known.model in self.eci):
            return known.model
        raise unknown("model", given, sold | set(self.eci), field=field)

    def priced(self, model: str, field: str) -> tuple[Offer, ...]:
        """Return a model's offers.

        Raises
        ------
        BadInputError
            Nobody in the catalogues states a price for it.
        """
        found = self.of(model)
        if not found:
            raise BadInputError(
                f"{field} is {model}, for which no seller in the price catalogues states a price; "
                "name a model that is sold by the token.",
                field=field,
                given=model,
                allowed="a model with a price",
            )
        return found

    def scored(self, model: str, field: str) -> float:
        """Return a model's index score.

        Raises
        ------
        BadInputError
            It has none.
        """
        found = self.score(model)
        if found is None:
            raise BadInputError(
                f"{field} is {model}, which has no score on the Epoch Capabilities Index; "
                "give quality.eci or pass rates instead, or name a scored model.",
                field=field,
                given=model,
                allowed="a model with a score",
            )
        return found

    def best(self, *, is_open: bool) -> float:
        """Return the best score that is on sale in one economy."""
        scores = [self.score(offer.model) for offer in self.offers if offer.is_open == is_open]
        return max(score for score in scores if score is not None)

    def dates(self) -> dict[str, str]:
        """Return the date of each catalogue, ``undated`` where it states none."""
        found = {offer.catalogue: offer.date for offer in self.offers}
        return {name: "undated" if day is None else day.isoformat() for name, day in sorted(found.items())}


@lru_cache(maxsize=8)
def market(request_input_tokens: int = 0) -> Market:
    """Read today's market.

    Parameters
    ----------
    request_input_tokens
        Length of a prompt, which chooses among prices by length; 0 takes the base prices.
    """
    table = offers().filter(
        pl.col("current"),
        pl.col("provider_kind").is_in(_DIRECT),
        pl.col("status") != "deprecated",
        pl.col("tier") == "",
        ~pl.col("mode").str.contains("batch"),
        pl.col("open").is_not_null(),
        pl.col("doubt") == "",
        pl.col("output_kinds").is_in(["text", ""]) | pl.col("output_kinds").is_null(),
    )
    base = table.filter(~pl.col("conditional"), "priced")
    if request_input_tokens:
        base = _at_length(base, table.filter("conditional"), request_input_tokens)
    chosen = base.sort(
        pl.col("catalogue") == "genai-prices", "usd_per_million_blended_3to1", descending=[True, False]
    ).unique(["model", "provider", "region"], keep="first", maintain_order=True)
    countries = country_of_provider()
    found = tuple(
        Offer(
            model=row["model"],
            provider=row["provider"],
            kind=row["provider_kind"],
            maker=row["maker"] or "",
            first_party=row["first_party"],
            is_open=row["open"],
            price=TokenPrice(*(row[name] for name in _PRICES)),
            catalogue=row["catalogue"],
            date=row["catalogue_date"],
            region=row["region"] or "",
            country=countries.get(row["provider"], ""),
            context_tokens=row["context_tokens"],
        )
        for row in chosen.iter_rows(named=True)
    )
    return Market(found, _scores())


@lru_cache(maxsize=1)
def _scores() -> dict[str, float]:
    rows = observations().series("eci").filter(pl.col("exclude").is_null(), pl.col("model").is_not_null())
    return dict(rows.sort("date").select("model", "value").iter_rows())


def _at_length(base: pl.DataFrame, conditional: pl.DataFrame, tokens: int) -> pl.DataFrame:
    """Return the offers at the prices of their highest threshold below a length of prompt."""
    starts = conditional["conditions"].str.extract(_ABOVE.pattern, 1).cast(pl.Int64, strict=False)
    reached = (
        conditional.with_columns(start=starts)
        .filter(pl.col("start") < tokens)
        .sort("start", descending=True)
        .unique(list(_OFFER), keep="first", maintain_order=True)
        .select(*_OFFER, *(pl.col(name).alias(f"{name}_long") for name in _PRICES))
    )
    longer = [pl.coalesce(f"{name}_long", name).alias(name) for name in _PRICES]
    return (
        base.join(reached, on=list(_OFFER), how="left", maintain_order="left")
        .with_columns(longer)
        .drop([f"{name}_long" for name in _PRICES])
    )


def spread(
    found: Collection[Offer], input_tokens: float, output_tokens: float, cached_tokens: float
) -> dict[str, float]:
    """Return how far sellers of one thing lie apart for these tokens: how many, lowest, median, highest."""
    costs = np.array([offer.price.usd(input_tokens, output_tokens, cached_tokens) for offer in found])
    return {
        "sellers": len({offer.provider for offer in found}),
        "usd_low": float(costs.min()),
        "usd_median": float(np.median(costs)),
        "usd_high": float(costs.max()),
    }
