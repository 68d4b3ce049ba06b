"""The Sobol dimensions that are stored with the package."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

#: The file under ``data`` that maps full names to dimensions.
DIMENSIONS_FILE = "dimensions.toml"


@lru_cache(maxsize=1)
def stored_dimensions() -> Mapping[str, int]:
    """Return the stored dimension of each full name."""
    source = files("twocurves.beliefs") / "data" / DIMENSIONS_FILE
    text = source.read_text(encoding="utf-8") if source.is_file() else ""
    return MappingProxyType({name: int(number) for name, number in tomllib.loads(text).items()})
