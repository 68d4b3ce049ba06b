"""Offers fit to be compared: one price per model and seller, from the catalogue."""

from __future__ import annotations

import datetime as dt

import polars as pl

from twocurves.observed.measures.measure import Window
from twocurves.observed.tables import Observations

#: Kinds of provider that serve a model themselves; the rest resell or pass on.
DIRECT_KINDS = ("host", "cloud", "maker")


def market_offers(observations: Observations, offers: pl.DataFrame | None, window: Window) -> pl.DataFrame:
    """Return the offers to compare.

    Parameters
    ----------
    observations
        Their ``as_of`` limits the catalogue too.
    offers
        A table of offers in place of the installed catalogue's.
    window
        Limits the release of the models; an offer without a release date stays only without limits.

    Returns
    -------
    pl.DataFrame
        Rows of the table of offers with a positive price for input and output that is in force, without a
        condition or a faster tier, of models that write text and whose openness is known. ``released`` is
        that of the model, see :func:`release_of_model`.
    """
    if offers is None:
        # The catalogue takes most of a second to read, so only who needs it waits for it.
        from twocurves.observed.catalogues.offers import offers as catalogue_offers

        offers = catalogue_offers("models-dev", as_of=observations.as_of)
    table = offers.filter(
        "priced",
        "current",
        ~pl.col("conditional"),
        pl.col("tier").fill_null("") == "",
        pl.col("status").fill_null("") != "deprecated",
        pl.col("open").is_not_null(),
        pl.col("output_kinds") == "text",
        pl.col("usd_per_million_input") > 0,
        pl.col("usd_per_million_output") > 0,
        pl.col("usd_per_million_input").is_finite(),
        pl.col("usd_per_million_output").is_finite(),
    ).with_columns(released=release_of_model())
    if window.start is not None:
        table = table.filter(pl.col("released") >= window.start.first_day)
    if window.end is not None:
        table = table.filter(pl.col("released") <= window.end.last_day)
    return table


def release_of_model() -> pl.Expr:
    """Return a model's release, from what its sellers state: the middle one of their days.

    A seller's date may be a family's first release, the start of its own service or a placeholder. Against
    the release days in the observations, the earliest is more than 60 days off for two of five open models,
    the middle one for one of thirteen.
    """
    stated = pl.col("released").drop_nulls().to_physical()
    return stated.quantile(0.5, interpolation="lower").cast(pl.Int32).cast(pl.Date).over("model")


def one_per_seller(offers: pl.DataFrame) -> pl.DataFrame:
    """Return one price for each model and selling firm: the median of its rows (regions, quantisations).

    Returns
    -------
    pl.DataFrame
        ``model, maker, open, firm, provider_kind, first_party, input, output, released, date`` in USD per
        million tokens; ``date`` is the catalogue's. A firm that sells as its maker or host counts so even
        where it also resells.
    """
    rank = pl.col("provider_kind").replace_strict(
        {kind: place for place, kind in enumerate(DIRECT_KINDS)},
        default=len(DIRECT_KINDS),
        return_dtype=pl.Int32,
    )
    return (
        offers.with_columns(rank=rank)
        .filter(pl.col("rank") == pl.col("rank").min().over("model", "firm"))
        .group_by("model", "maker", "open", "firm", maintain_order=True)
        .agg(
            pl.col("provider_kind").first(),
            pl.col("first_party").any(),
            pl.col("usd_per_million_input").median().alias("input"),
            pl.col("usd_per_million_output").median().alias("output"),
            pl.col("released").min(),
            pl.col("catalogue_date").max().alias("date"),
        )
        .sort("model", "firm")
    )


def window_note(offers: pl.DataFrame, window: Window) -> str:
    """Say that a period limits the models and not the prices; empty without a period or offers."""
    day = offers["catalogue_date"].max()
    if (window.start is None and window.end is None) or not isinstance(day, dt.date):
        return ""
    first = "" if window.start is None else f" from {window.start}"
    last = "" if window.end is None else f" to {window.end}"
    return f"The period limits the models to those released{first}{last}; the prices are those of {day}."


def catalogue_sources(offers: pl.DataFrame) -> tuple[str, ...]:
    """Return where the offers come from, one line per catalogue and date."""
    named = offers.select("catalogue", "catalogue_version", "catalogue_date").unique().sort("catalogue")
    found = []
    for name, version, date in named.iter_rows():
        day = date.isoformat() if isinstance(date, dt.date) else "undated"
        found.append(f"{name} {version}, newest entry {day} | https://models.dev (MIT)")
    return tuple(found)
