"""The hindcasts that ship with the package, as ``twocurves score --json`` printed them."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def packaged_scores() -> dict[str, Any]:
    """Return the record of the packaged hindcasts: the first origin's, with the others under ``also``."""
    text = resources.files("twocurves.fit").joinpath("data", "hindcasts.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
