"""Which economy and layer a firm belongs to."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm with revenue: its name in the tables, its economy, its layer, and what to know of it."""

    name: str
    economy: Literal["closed", "open", "mixed"]
    layer: Literal["lab", "builder", "host", "application", "cloud"]
    note: str = ""


@lru_cache(maxsize=1)
def firms() -> dict[str, Firm]:
    """Read ``data/firms.toml`` once; firms by name."""
    text = (resources.files("twocurves.observed") / "data" / "firms.toml").read_text(encoding="utf-8")
    return {name: Firm(name=name, **entry) for name, entry in tomllib.loads(text).items()}


def firms_in(*, economy: str | None = None, layer: str | None = None) -> tuple[str, ...]:
    """Return the names of the firms of an economy, a layer, or both, in the file's order."""
    return tuple(
        firm.name
        for firm in firms().values()
        if economy in (None, firm.economy) and layer in (None, firm.layer)
    )
