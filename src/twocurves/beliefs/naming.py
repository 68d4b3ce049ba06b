"""Names of parameters as people read them."""

from __future__ import annotations

from functools import cache

#: Names that do not say what they are once the underscores are gone.
_WHOLE = {"lag_pub": "lag of open behind closed"}

#: Parts of names that are written otherwise.
_PARTS = {
    "rnd": "R&D",
    "ood": "out-of-distribution",
    "opex": "operating cost",
    "capex": "capital spending",
    "sd": "size",
    "api": "API",
    "h100e": "H100",
}


def plain_name(name: str) -> str:
    """Return a parameter's name without entity as people read it.

    >>> plain_name("lag_pub"), plain_name("rnd_intensity")
    ('Lag of open behind closed', 'R&D intensity')
    """
    words = _WHOLE.get(name) or " ".join(_PARTS.get(part, part) for part in name.split("_"))
    return words[:1].upper() + words[1:]


def full_plain_name(name: str) -> str:
    """Return a parameter's full name, with its entity, as people read it.

    >>> full_plain_name("lab_brand_appeal.openai")
    'Lab brand appeal, OpenAI'
    """
    plain, _, entity = name.partition(".")
    return plain_name(plain) + (f", {entity_title(entity)}" if entity else "")


def entity_title(entity: str) -> str:
    """Return the title of an actor, segment or layer; its name in words where the package has none such."""
    return _titles().get(entity, entity.replace("_", " "))


@cache
def _titles() -> dict[str, str]:
    from twocurves.beliefs.load import load_beliefs

    return {name: one.title for held in load_beliefs().entities.values() for name, one in held.items()}
