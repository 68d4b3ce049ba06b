"""What a number of tokens costs at a list price, by the arithmetic of ``genai-prices``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from twocurves.errors import BadInputError, unknown


def token_cost_usd(
    model: str,
    provider: str | None = None,
    *,
    on: dt.date,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cached_input_tokens: int = 0,
    cache_write_tokens: int = 0,
) -> Decimal:
    """Return the price in US dollars of one request's tokens.

    Parameters
    ----------
    model
        The model, as the provider calls it.
    provider
        Id of the provider in genai-prices; the provider that the model's name suggests when left out.
    on
        The day of the request (at noon UTC), which chooses among dated prices and prices by time of day.
    input_tokens, output_tokens
        Tokens of the prompt and of the answer. A threshold of prompt length counts for the whole request.
    cached_input_tokens, cache_write_tokens
        Of ``input_tokens``, those read from and those written to a cache.

    Raises
    ------
    BadInputError
        There is no such provider or model, or the numbers of tokens do not fit together.
    """
    from genai_prices import Usage, calc_price

    counts = {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cached_input_tokens": cached_input_tokens,
        "cache_write_tokens": cache_write_tokens,
    }
    for field, count in counts.items():
        if count < 0:
            raise BadInputError(
                f"{field} must be 0 or more; you gave {count}.", field=field, given=count, allowed="0 or more"
            )
    if cached_input_tokens + cache_write_tokens > input_tokens:
        raise BadInputError(
            f"cached_input_tokens and cache_write_tokens are part of input_tokens ({input_tokens}); "
            f"together they are {cached_input_tokens + cache_write_tokens}.",
            field="input_tokens",
            given=input_tokens,
            allowed=f"{cached_input_tokens + cache_write_tokens} or more",
        )
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cache_read_tokens=cached_input_tokens,
        cache_write_tokens=cache_write_tokens,
    )
    noon = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
    try:
        price = calc_price(usage, model, provider_id=provider, genai_request_timestamp=noon)
    except LookupError as error:
        raise _not_found(model, provider) from error
    return price.total_price


def _not_found(model: str, provider: str | None) -> BadInputError:
    from genai_prices.data import providers
    from genai_prices.data_snapshot import find_provider_by_id

    sellers = providers
    if provider is not None:
        seller = find_provider_by_id(providers, provider)
        if seller is None:
            return unknown("provider", provider, {one.id for one in providers})
        sellers = [seller]
    # A few ids of the list do not match themselves; those are no use as a suggestion.
    names = {one.id for seller in sellers for one in seller.models if one.is_match(one.id)}
    return unknown("model", model, names)
