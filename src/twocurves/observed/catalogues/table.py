"""The one normalised table of offers: its columns, and what is computed alike for every catalogue."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

import polars as pl

from twocurves.observed.catalogues.identity import identify
from twocurves.observed.catalogues.openness import Votes, decide
from twocurves.observed.catalogues.providers import provider

#: What a reader of a catalogue fills in, one row per price: the offer's base price and its conditional ones.
READ_COLUMNS: dict[str, pl.DataType] = {
    "provider_in_catalogue": pl.String(),
    "provider_title": pl.String(),
    "raw_id": pl.String(),
    "raw_name": pl.String(),
    "open_flag": pl.Boolean(),
    "status": pl.String(),
    "released": pl.Date(),
    "context_tokens": pl.Int64(),
    "output_kinds": pl.String(),
    "fault": pl.String(),
    "conditional": pl.Boolean(),
    "conditions": pl.String(),
    "usd_per_million_input": pl.Float64(),
    "usd_per_million_output": pl.Float64(),
    "usd_per_million_cached_input": pl.Float64(),
    "price_from": pl.Date(),
    "price_to": pl.Date(),
    "price_known_on": pl.Date(),
}

#: The columns of the table of offers, in order.
OFFER_COLUMNS: dict[str, pl.DataType] = {
    "catalogue": pl.String(),
    "catalogue_version": pl.String(),
    "catalogue_date": pl.Date(),
    "provider": pl.String(),
    "provider_title": pl.String(),
    "provider_kind": pl.String(),
    "firm": pl.String(),
    "raw_id": pl.String(),
    "raw_name": pl.String(),
    "model": pl.String(),
    "base_model": pl.String(),
    "family": pl.String(),
    "version": pl.String(),
    "variant": pl.String(),
    "maker": pl.String(),
    "first_party": pl.Boolean(),
    "tier": pl.String(),
    "mode": pl.String(),
    "quantisation": pl.String(),
    "region": pl.String(),
    "pin": pl.String(),
    "open": pl.Boolean(),
    "licence": pl.String(),
    "open_flag": pl.Boolean(),
    "conditional": pl.Boolean(),
    "conditions": pl.String(),
    "usd_per_million_input": pl.Float64(),
    "usd_per_million_output": pl.Float64(),
    "usd_per_million_cached_input": pl.Float64(),
    "usd_per_million_blended_3to1": pl.Float64(),
    "plan": pl.Boolean(),
    "free": pl.Boolean(),
    "priced": pl.Boolean(),
    "doubt": pl.String(),
    "status": pl.String(),
    "released": pl.Date(),
    "price_from": pl.Date(),
    "price_to": pl.Date(),
    "price_known_on": pl.Date(),
    "current": pl.Boolean(),
    "context_tokens": pl.Int64(),
    "output_kinds": pl.String(),
    "fault": pl.String(),
}

_FROM_IDENTITY = (
    "model", "base_model", "family", "version", "variant", "maker", "tier", "mode", "quantisation", "region",
    "pin",
)  # fmt: skip


def with_identity(read: pl.DataFrame) -> pl.DataFrame:
    """Add what the names mean and who sells, to a frame of :data:`READ_COLUMNS`."""
    raw_ids = read["raw_id"].unique(maintain_order=True).to_list()
    found = [identify(raw_id) for raw_id in raw_ids]
    identities = pl.DataFrame(
        {"raw_id": raw_ids, **{name: [getattr(one, name) for one in found] for name in _FROM_IDENTITY}},
        schema={"raw_id": pl.String, **dict.fromkeys(_FROM_IDENTITY, pl.String)},
    )
    names = read["provider_in_catalogue"].unique(maintain_order=True).to_list()
    sellers = [provider(name) for name in names]
    providers = pl.DataFrame(
        {
            "provider_in_catalogue": names,
            "provider": [seller.id for seller in sellers],
            "provider_kind": [seller.kind for seller in sellers],
            "firm": [seller.firm for seller in sellers],
            "provider_maker": [seller.maker for seller in sellers],
        },
        schema=dict.fromkeys(
            ("provider_in_catalogue", "provider", "provider_kind", "firm", "provider_maker"), pl.String
        ),
    )
    return (
        read.join(identities, on="raw_id", how="left", maintain_order="left")
        .join(providers, on="provider_in_catalogue", how="left", maintain_order="left")
        .with_columns(first_party=(pl.col("provider_maker") == pl.col("maker")).fill_null(value=False))
    )


def with_prices_classed(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the blended price and say which prices may enter a statistic.

    ``plan`` is an offer inside a subscription, whatever its notional price; ``free`` a zero price outside
    one. ``doubt`` says why a price cannot be what it claims, empty for most. ``priced`` is an offer whose
    price is one: none of these, with an output price above zero and an input price not below zero.
    """
    given, got = pl.col("usd_per_million_input"), pl.col("usd_per_million_output")
    doubts = pl.DataFrame(
        [(one["catalogue"], one["provider"], one["raw_id"], one["why"]) for one in doubts_file()["doubt"]],
        schema=dict.fromkeys(("catalogue", "provider", "raw_id", "doubt"), pl.String),
        orient="row",
    )
    frame = frame.join(
        doubts, on=["catalogue", "provider", "raw_id"], how="left", maintain_order="left"
    ).with_columns(pl.col("doubt").fill_null(""))
    return frame.with_columns(
        usd_per_million_blended_3to1=(3 * given + got) / 4,
        plan=pl.col("provider_kind") == "plan",
        free=((given == 0) & (got == 0) & (pl.col("provider_kind") != "plan")).fill_null(value=False),
    ).with_columns(
        priced=(~pl.col("plan") & (got > 0) & (given >= 0) & (pl.col("doubt") == "")).fill_null(value=False)
    )


@lru_cache(maxsize=1)
def doubts_file() -> dict[str, Any]:
    """Read ``doubts.toml`` once: prices that are wrong, and the limits beyond which one is suspicious."""
    text = (resources.files("twocurves.observed.catalogues") / "doubts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def openness_by_model(frame: pl.DataFrame) -> pl.DataFrame:
    """Decide once per model.

    Parameters
    ----------
    frame
        Offers with ``model``, ``open_flag``, ``conditional`` and ``first_party``.

    Returns
    -------
    pl.DataFrame
        ``model``, ``open``, ``licence``, ``decided_by``, ``why``.
    """
    flagged = ~pl.col("conditional") & pl.col("open_flag").is_not_null()
    own = pl.col("open_flag").filter(flagged & pl.col("first_party"))
    votes = frame.group_by("model", maintain_order=True).agg(
        says_open=(pl.col("open_flag") & flagged).sum(),
        says_closed=(~pl.col("open_flag") & flagged).sum(),
        maker_says=pl.when(own.len() > 0).then(own.mean() > 0.5),
    )
    decided = [
        decide(model, Votes(says_open, says_closed, maker_says))
        for model, says_open, says_closed, maker_says in votes.iter_rows()
    ]
    return pl.DataFrame(
        {
            "model": votes["model"],
            "open": [one.open for one in decided],
            "licence": [one.licence for one in decided],
            "decided_by": [one.by for one in decided],
            "why": [one.why for one in decided],
        },
        schema={
            "model": pl.String,
            "open": pl.Boolean,
            "licence": pl.String,
            "decided_by": pl.String,
            "why": pl.String,
        },
    )
