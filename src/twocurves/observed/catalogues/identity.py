"""What a seller's name for a model means: the same weights under twenty spellings are one model.

The vocabulary (prefixes, rewrites, endings, synonyms, makers) is data, in ``identity.toml``; this module only
applies it. Where the observations' own alias table knows the result, its id is used, so that catalogue and
observations join.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from twocurves.observed.aliases import ModelIdentity, alias_table, name_key

_Ending = Literal["quantisation", "neutral", "tier", "mode", "instruct"]

_BEDROCK_REVISION = re.compile(r"-v?\d+:\d+$")
_SIZE = re.compile(r"\d+(?:\.\d+)?[bt](?:-|$)")
_POINT_AS_LETTER = re.compile(r"(?<=\d)p(?=\d)")
_POINT_AS_UNDERSCORE = re.compile(r"(?<=\d)_(?=\d)")
_NOT_IN_IDS = re.compile(r"[\s_]+")
_INSTRUCT_INSIDE = re.compile(r"-instruct(?=-)")
_VERSION = re.compile(r"^(?P<stem>[a-z]*)(?P<number>[1-9]\d*(?:\.\d+)*[a-z]?)$")
_PARAMETER_COUNT = re.compile(r"^(?:a?\d+(?:\.\d+)?[bmt]|\d+x\d+b|\d+e)$")


@dataclass(frozen=True, slots=True)
class OfferIdentity:
    """What one offer sells.

    Attributes
    ----------
    model
        Canonical id of the weights or of the product, such as ``claude-opus-4.5`` or
        ``qwen3-235b-a22b-instruct-2507``.
    base_model
        The model without its snapshot (``gpt-4o`` for ``gpt-4o-2024-08-06``), after the alias table; the
        model itself otherwise.
    family, version, variant
        The id taken apart: ``claude-opus``, ``4.5``, empty; ``qwen``, ``3``, ``235b-a22b-instruct-2507``.
    maker
        Canonical id of the organisation that made the model, None when the name does not say.
    tier
        A faster, dearer, safer or cheaper service of the same model (``fast``, ``turbo``, ``tee``), several
        joined by ``+``; empty for the plain one.
    mode
        Reasoning mode or effort that the name selects (``thinking``, ``high``).
    quantisation
        Number format that the name gives away (``fp8``); empty when it says nothing.
    region
        Region that the name is bound to (``eu``).
    pin
        Date of the snapshot that the name is pinned to.
    """

    model: str
    base_model: str
    family: str
    version: str
    variant: str
    maker: str | None
    tier: str = ""
    mode: str = ""
    quantisation: str = ""
    region: str = ""
    pin: str = ""


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    region: re.Pattern[str]
    vendor: re.Pattern[str]
    vendor_tiers: frozenset[str]
    path_tiers: Mapping[str, str]
    colon_tiers: frozenset[str]
    rewrites: tuple[tuple[re.Pattern[str], str], ...]
    any_rewrite: re.Pattern[str]
    ending: re.Pattern[str]
    ending_kinds: Mapping[str, tuple[_Ending, re.Pattern[str] | None, re.Pattern[str] | None]]
    instruct_kept: re.Pattern[str]
    pin: re.Pattern[str]
    pin_kept: re.Pattern[str]
    same_as: Mapping[str, str]
    stem: re.Pattern[str]
    maker_by_stem: Mapping[str, str]
    maker_by_path: Mapping[str, str]
    own: Mapping[str, re.Pattern[str]]


@lru_cache(maxsize=16_384)
def identify(raw_id: str) -> OfferIdentity:
    """Return what a seller's id for a model means.

    Parameters
    ----------
    raw_id
        The id as the catalogue has it, path and suffixes included, for example
        ``accounts/fireworks/models/deepseek-v3p1`` or ``us.anthropic.claude-opus-4-5-20251101-v1:0``.

    Notes
    -----
    The result does not depend on case or on the path before the name (save for tiers that the path states),
    and identifying a canonical id gives that id again.
    """
    words = _vocabulary()
    path, _, name = raw_id.strip().lower().rpartition("/")
    qualities: dict[str, list[str]] = {"tier": [], "mode": [], "quantisation": [], "region": [], "pin": []}
    first_of_path = path.split("/", 1)[0]
    if first_of_path in words.path_tiers:
        qualities["tier"].append(words.path_tiers[first_of_path])
    name = _without_suffixes(_BEDROCK_REVISION.sub("", name), words, qualities)
    name = _without_prefixes(name, words, qualities)
    name = _rewritten(name, words)
    stated = name
    name = _without_endings(_without_pin(name, words, qualities), words, qualities)
    # The alias table has ids for snapshots and for faster services that are priced apart: the first are
    # models of their own here too, the second are tiers of one model.
    as_stated = not qualities["tier"] and not qualities["mode"] and stated not in words.same_as
    known = (_listed(stated) if as_stated else None) or _listed(name)
    model = name if known is None else known.model
    family, version, variant = _parts(model)
    maker = _maker(model, path, words) if known is None else known.maker
    return OfferIdentity(
        model=model,
        base_model=model if known is None else known.family,
        family=family,
        version=version,
        variant=variant,
        maker=maker,
        **{quality: "+".join(found) for quality, found in qualities.items()},
    )


def _listed(name: str) -> ModelIdentity | None:
    table = alias_table()
    model = table.by_key.get(name_key(name))
    return None if model is None else table.models[model]


def _without_suffixes(name: str, words: _Vocabulary, qualities: dict[str, list[str]]) -> str:
    name, *suffixes = name.split(":")
    for suffix in suffixes:
        if _SIZE.match(suffix):
            name = f"{name}-{suffix}"
        elif suffix in words.colon_tiers:
            qualities["tier"].append(suffix)
        elif suffix:
            qualities["mode"].append(suffix)
    name = _POINT_AS_UNDERSCORE.sub(".", _POINT_AS_LETTER.sub(".", name))
    return _NOT_IN_IDS.sub("-", name.strip("~ ").replace("@", "-")).strip("-")


def _without_prefixes(name: str, words: _Vocabulary, qualities: dict[str, list[str]]) -> str:
    region = words.region.match(name)
    if region is not None:
        qualities["region"].append(region[1])
        name = name[region.end() :]
    while (vendor := words.vendor.match(name)) is not None:
        if vendor[1] in words.vendor_tiers:
            qualities["tier"].append(vendor[1])
        name = name[vendor.end() :]
    return name


def _rewritten(name: str, words: _Vocabulary) -> str:
    if not words.any_rewrite.search(name):  # most names; found out sooner than by trying every rule
        return name
    for pattern, replacement in words.rewrites:
        name = pattern.sub(replacement, name)
    return name


def _without_pin(name: str, words: _Vocabulary, qualities: dict[str, list[str]]) -> str:
    if words.pin_kept.match(name):
        return name
    found = words.pin.search(name)
    if found is None:
        return name
    qualities["pin"].append(found[1])
    return name[: found.start()] + name[found.end() :]


def _without_endings(name: str, words: _Vocabulary, qualities: dict[str, list[str]]) -> str:
    if not words.instruct_kept.match(name):
        name = _INSTRUCT_INSIDE.sub("", name)
    while name not in words.same_as:
        found = words.ending.search(name)
        if found is None:
            return name
        kind, kept, only = words.ending_kinds[found[1]]
        if (kept is not None and kept.match(name)) or (only is not None and not only.match(name)):
            return name
        if kind in qualities:
            qualities[kind].append(found[1])
        name = name[: found.start()]
    return words.same_as[name]


def _parts(model: str) -> tuple[str, str, str]:
    """Cut an id into family, version and variant: the version is the first number that is no size."""
    tokens = model.split("-")
    for index, token in enumerate(tokens):
        found = _VERSION.match(token)
        if found is None or _PARAMETER_COUNT.match(token) or (len(token) == 4 and token.isdigit()):
            continue
        stem, version = found["stem"], found["number"]
        if len(stem) == 1 and index > 0:
            stem, version = "", token
        family = "-".join([*tokens[:index], *([stem] if stem else [])])
        if family:
            return family, version, "-".join(tokens[index + 1 :])
    for index, token in enumerate(tokens[1:], start=1):
        if token[:1].isdigit():
            return "-".join(tokens[:index]), "", "-".join(tokens[index:])
    return model, "", ""


def _maker(model: str, path: str, words: _Vocabulary) -> str | None:
    stem = words.stem.match(model)
    if stem is not None:
        maker = words.maker_by_stem[stem[1]]
        return maker if maker not in words.own or words.own[maker].match(model) else None
    for folder in reversed(path.split("/")):
        if folder in words.maker_by_path:
            return words.maker_by_path[folder]
    return None


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    text = (resources.files("twocurves.observed.catalogues") / "identity.toml").read_text(encoding="utf-8")
    raw: dict[str, Any] = tomllib.loads(text)
    stems = [(stem, maker) for maker, own in raw["makers"].items() for stem in own]
    stems.sort(key=lambda pair: (-len(pair[0]), pair[0]))
    any_stem = "|".join(re.escape(stem) for stem, _ in stems)
    vendors = "|".join(re.escape(vendor) for vendor in sorted(raw["vendors"], key=len, reverse=True))
    endings = _endings(raw)
    same_as = {spelling: model for model, spellings in raw["same_as"].items() for spelling in spellings}
    return _Vocabulary(
        region=re.compile(rf"({'|'.join(raw['regions'])})\."),
        vendor=re.compile(rf"({vendors})(?:--|-|\.)(?=(?:(?:{vendors})[.-])*(?:{any_stem})(?:[\d.-]|$))"),
        vendor_tiers=frozenset(raw["vendor_tiers"]),
        path_tiers=raw["path_tiers"],
        colon_tiers=frozenset(raw["colon"]["tiers"]),
        rewrites=tuple((re.compile(rule["from"]), rule["to"]) for rule in raw["rewrite"]),
        any_rewrite=re.compile("|".join(f"(?:{rule['from']})" for rule in raw["rewrite"])),
        ending=re.compile(
            rf"(?<=.)-({'|'.join(re.escape(token) for token in sorted(endings, key=len, reverse=True))})$"
        ),
        ending_kinds=endings,
        instruct_kept=re.compile(raw["instruct"]["unless"]),
        pin=re.compile(raw["pins"]["pattern"]),
        pin_kept=re.compile(raw["pins"]["unless"]),
        same_as=same_as,
        stem=re.compile(rf"({any_stem})(?:[\d.-]|$)"),
        maker_by_stem=dict(reversed(stems)),
        maker_by_path=raw["makers_by_path"],
        own={maker: re.compile(pattern) for maker, pattern in raw["own"].items()},
    )


def _endings(
    raw: Mapping[str, Any],
) -> dict[str, tuple[_Ending, re.Pattern[str] | None, re.Pattern[str] | None]]:
    """Return every ending with its kind, the names that keep it and the only names that lose it."""
    found: dict[str, tuple[_Ending, re.Pattern[str] | None, re.Pattern[str] | None]] = {}

    def add(kind: _Ending, rule: Mapping[str, Any]) -> None:
        kept = re.compile(rule["unless"]) if "unless" in rule else None
        only = re.compile(rule["only"]) if "only" in rule else None
        found.update((token, (kind, kept, only)) for token in rule.get("tokens", (rule.get("token"),)))

    add("quantisation", raw["quantisations"])
    for rule in raw["neutral"]:
        add("neutral", rule)
    add("instruct", raw["instruct"])
    for rule in raw["tier"]:
        add("tier", rule)
    for rule in raw["mode"]:
        add("mode", rule)
    return found
