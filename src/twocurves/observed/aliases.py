"""One table of names: what ECI, METR, arenas, price lists and gateways call a model, and who makes it.

The table is ``data/aliases.toml``. A name is looked up by its *key*: lower case, provider prefix dropped,
cut at every change between letters and digits, so that ``claude-opus-4-5``, ``Claude Opus 4.5`` and
``anthropic/claude-opus-4.5`` are one. What is left over (an effort level, ``-preview``, the date of a
snapshot) is peeled off the end only when the full name is not in the table, and is reported as ``variant``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from twocurves.errors import BadFileError

#: ``closed`` is sold through its maker's terms only; ``open`` has weights to download.
Economy = Literal["closed", "open"]

_FILE = "aliases.toml"
_P_FOR_POINT = re.compile(r"(?<=\d)p(?=\d)")
_PIECES = re.compile(r"[a-z]+|\d+")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model a name means.

    Attributes
    ----------
    model
        Canonical id, such as ``claude-opus-4.5``. A snapshot that was scored or priced apart has its own
        (``gpt-4o-2024-08-06``).
    variant
        What the name added to it (effort level, ``preview``, a date stamp); empty when nothing.
    maker
        Canonical id of the organisation, such as ``anthropic``.
    economy
        ``closed`` or ``open``.
    family
        The model without its snapshot (``gpt-4o``): how an undated price finds its scores.
    """

    model: str
    variant: str
    maker: str
    economy: Economy
    family: str


@dataclass(frozen=True, slots=True)
class Maker:
    """An organisation: canonical id, title, layer (model, host, application, cloud, chips, aggregator)."""

    id: str
    title: str
    layer: str


@dataclass(frozen=True, slots=True)
class AliasTable:
    """The loaded table.

    Attributes
    ----------
    models
        Identity of every canonical model id.
    by_key
        Canonical model id by the key of each of its names.
    makers
        Organisation by canonical id.
    maker_of_key
        Canonical organisation id by the key of each of its names.
    endings
        What may be peeled off the end of a key.
    prefixes
        What may be dropped from the front of a key, each ending in a dash.
    """

    models: Mapping[str, ModelIdentity]
    by_key: Mapping[str, str]
    makers: Mapping[str, Maker]
    maker_of_key: Mapping[str, str]
    endings: tuple[re.Pattern[str], ...]
    prefixes: tuple[str, ...]


def name_key(name: str) -> str:
    """Return the key under which a name is looked up.

    >>> name_key("Claude Opus 4.5") == name_key("anthropic/claude-opus-4-5")
    True
    """
    text = name.strip().lower().rsplit("/", 1)[-1]
    return "-".join(_PIECES.findall(_P_FOR_POINT.sub(".", text)))


@lru_cache(maxsize=1)
def alias_table() -> AliasTable:
    """Read ``data/aliases.toml`` once.

    Raises
    ------
    BadFileError
        A name stands for two models, or a model names no known maker.
    """
    text = (resources.files("twocurves.observed") / "data" / _FILE).read_text(encoding="utf-8")
    return read_alias_table(tomllib.loads(text))


def read_alias_table(raw: Mapping[str, Any]) -> AliasTable:
    """Build the table from its parsed file; see :func:`alias_table` for the errors raised."""
    makers: dict[str, Maker] = {}
    maker_of_key: dict[str, str] = {}
    for maker, entry in raw["makers"].items():
        makers[maker] = Maker(maker, entry["title"], entry["layer"])
        _claim(maker_of_key, (maker, entry["title"], *entry.get("names", ())), maker)
    models: dict[str, ModelIdentity] = {}
    by_key: dict[str, str] = {}
    for maker, economies in raw["models"].items():
        if maker not in makers:
            raise BadFileError(
                f"{_FILE} lists models of {maker!r}, which is no maker.", field=_FILE, given=maker
            )
        for economy, members in economies.items():
            for model, entry in members.items():
                names, family = (
                    (entry, model) if isinstance(entry, list) else (entry.get("names", []), entry["of"])
                )
                _claim(by_key, (model, *names), model)
                models[model] = ModelIdentity(model, "", maker, economy, family)
    return AliasTable(
        models=models,
        by_key=by_key,
        makers=makers,
        maker_of_key=maker_of_key,
        endings=tuple(re.compile(pattern) for pattern in raw["endings"]),
        prefixes=tuple(f"{name_key(prefix)}-" for prefix in raw["prefixes"]),
    )


def resolve_model(name: str) -> ModelIdentity | None:
    """Return which model a name means, None when the table has no such model.

    The full name is tried first, then the name without what stands in brackets; endings (date stamps,
    effort levels, ``preview``, ``latest``) and provider prefixes are peeled off only when that finds nothing.
    """
    return _resolve(name.strip())


def resolve_maker(name: str) -> str | None:
    """Return the canonical id of an organisation, None when the table has no such name.

    A name such as ``OpenAI / ChatGPT`` (organisation and product) means the organisation.
    """
    table = alias_table()
    found = table.maker_of_key.get(_maker_key(name))
    if found is None and " / " in name:
        return table.maker_of_key.get(_maker_key(name.split(" / ", 1)[0]))
    return found


@lru_cache(maxsize=16_384)
def _resolve(name: str) -> ModelIdentity | None:
    table = alias_table()
    for candidate in dict.fromkeys((name, _BRACKETS.sub(" ", name))):
        key = name_key(candidate)
        while key:
            found = _peel_to_model(key, table)
            if found is not None:
                return found
            key = _without_prefix(key, table.prefixes)
    return None


def _peel_to_model(key: str, table: AliasTable) -> ModelIdentity | None:
    whole = key
    while key not in table.by_key:
        shorter = next((key[: hit.start()] for ending in table.endings if (hit := ending.search(key))), "")
        if not shorter:
            return None
        key = shorter
    found = table.models[table.by_key[key]]
    return ModelIdentity(found.model, whole[len(key) + 1 :], found.maker, found.economy, found.family)


def _without_prefix(key: str, prefixes: tuple[str, ...]) -> str:
    if not key.startswith(prefixes):
        return ""
    return next(key[len(prefix) :] for prefix in prefixes if key.startswith(prefix))


def _maker_key(name: str) -> str:
    # Organisations keep slashes and commas apart from letters only: "Meta AI,Meta" is a list, not a path.
    return "-".join(_PIECES.findall(name.strip().lower()))


def _claim(table: dict[str, str], names: Iterable[str], owner: str) -> None:
    for name in names:
        key = name_key(name)
        if table.setdefault(key, owner) != owner:
            raise BadFileError(
                f"{_FILE}: the name {name!r} stands for both {table[key]!r} and {owner!r}.",
                field=_FILE,
                given=name,
            )
