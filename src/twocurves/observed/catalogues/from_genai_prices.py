"""Read the price lists of ``genai-prices``: prices by date, by time of day, by prompt length and by tier.

The package says when a price starts only for some models, and never when it was published. So an undated
price is known at no date before the package's own, which it does not state either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import TYPE_CHECKING, Any

import polars as pl

from twocurves.observed.catalogues.table import READ_COLUMNS

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

NAME = "genai-prices"

_INPUT, _OUTPUT, _CACHED = "input_mtok", "output_mtok", "cache_read_mtok"
_ONE_DAY = dt.timedelta(days=1)


def installed_genai_prices() -> tuple[pl.DataFrame, str]:
    """Return the installed price lists as read, and their version."""
    from genai_prices.data import providers

    return read_genai_prices(providers), metadata.version(NAME)


def read_genai_prices(providers: Iterable[Provider]) -> pl.DataFrame:
    """Return price lists in the package's own types as rows of :data:`READ_COLUMNS`."""
    rows: list[tuple[Any, ...]] = []
    for seller in providers:
        for model in seller.models:
            common = (
                seller.id,
                seller.name,
                model.id,
                model.name or model.id,
                None,
                "deprecated" if model.deprecated else "offered",
                None,
                model.context_window,
                None,
                "",
            )
            rows.extend((*common, *price) for price in _prices(model))
    return pl.DataFrame(rows, schema=READ_COLUMNS, orient="row")


def _prices(model: ModelInfo) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of :data:`READ_COLUMNS` from ``conditional`` on, a row for each price and condition.

    The package tries conditional prices from the last to the first and takes the first whose condition
    holds; so a price ends on the day before any later one in the list starts.
    """
    from genai_prices.types import ConditionalPrice, ModelPrice, StartDateConstraint, TimeOfDateConstraint

    listed = [ConditionalPrice(prices=model.prices)] if isinstance(model.prices, ModelPrice) else model.prices
    for index, entry in enumerate(listed):
        later = [
            other.constraint.start_date
            for other in listed[index + 1 :]
            if isinstance(other.constraint, StartDateConstraint)
        ]
        price_to = min(later) - _ONE_DAY if later else None
        price_from, condition = None, ""
        if isinstance(entry.constraint, StartDateConstraint):
            price_from = entry.constraint.start_date
        elif isinstance(entry.constraint, TimeOfDateConstraint):
            start, end = entry.constraint.start_time, entry.constraint.end_time
            condition = f"between {start:%H:%M} and {end:%H:%M} UTC"
        if price_from is not None and price_to is not None and price_to < price_from:
            continue
        for conditions, *three in _by_prompt_length(entry.prices):
            together = " and ".join(part for part in (condition, conditions) if part)
            yield (bool(together), together, *three, price_from, price_to, price_from)
    for variant in model.price_variants or ():
        price_from = (
            variant.constraint.start_date if isinstance(variant.constraint, StartDateConstraint) else None
        )
        chosen = " and ".join(f"{key} {value}" for key, value in sorted(variant.when.items()))
        for conditions, *three in _by_prompt_length(variant.prices):
            together = " and ".join(part for part in (chosen, conditions) if part)
            yield (True, together, *three, price_from, None, price_from)


def _by_prompt_length(price: ModelPrice) -> Iterator[tuple[str, float | None, float | None, float | None]]:
    """Yield (condition, input, output, cached input): the base price, then each threshold of length."""
    from genai_prices.types import TieredPrices

    values = [getattr(price, key) for key in (_INPUT, _OUTPUT, _CACHED)]
    starts = {tier.start for value in values if isinstance(value, TieredPrices) for tier in value.tiers}
    for start in (0, *sorted(starts)):
        three: list[float | None] = []
        for value in values:
            if isinstance(value, TieredPrices):
                reached = [tier.price for tier in value.tiers if tier.start <= start]
                value = reached[-1] if reached else value.base
            three.append(None if value is None else float(value))
        yield ("" if start == 0 else f"above {start} input tokens", three[0], three[1], three[2])
