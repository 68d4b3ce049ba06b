"""The array of providers that genai-prices publishes, as the objects of the installed package.

The package has no public reader of its own file format, so this one is built from its public types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from twocurves.errors import BadDataError

if TYPE_CHECKING:
    from genai_prices.types import Provider

#: How usage is read from answers of an API: of no use for prices.
_LEFT_OUT = "extractors"


def providers_from(found: Sequence[Mapping[str, Any]]) -> list[Provider]:
    """Return providers as ``genai_prices.data.providers`` has them, from the JSON of ``data.json``.

    Parameters
    ----------
    found
        The parsed JSON: an array of providers, each with its models.

    Raises
    ------
    BadDataError
        The installed package cannot make its objects of it: another shape, or price keys that it does not
        know.
    """
    import pydantic
    from genai_prices.types import ModelPrice, Provider, TieredPrices

    prices = pydantic.TypeAdapter(dict[str, Decimal | TieredPrices | None])
    providers = pydantic.TypeAdapter(list[Provider], config=pydantic.ConfigDict(arbitrary_types_allowed=True))

    def with_prices(entry: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(entry)
        given = entry["prices"]
        if isinstance(given, list):
            made["prices"] = [with_prices(conditional) for conditional in given]
        else:
            made["prices"] = ModelPrice(**prices.validate_python(given))
        if entry.get("price_variants"):
            made["price_variants"] = [with_prices(variant) for variant in entry["price_variants"]]
        return made

    try:
        return providers.validate_python(
            [
                {key: value for key, value in provider.items() if key != _LEFT_OUT}
                | {"models": [with_prices(model) for model in provider["models"]]}
                for provider in found
            ]
        )
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        raise BadDataError(
            f"The price lists cannot be read by the installed genai-prices (at {at}).",
            field=at,
            given=first["msg"],
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadDataError(
            f"The price lists cannot be read by the installed genai-prices: {error}."
        ) from error
