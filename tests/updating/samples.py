"""Small answers of each kind of source, and sources that read them."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

from twocurves.observed.updating.fetch import Fetched
from twocurves.observed.updating.held import Held, digest_of, held_path, put_in_place
from twocurves.observed.updating.sources import Source, load_sources
from twocurves.observed.updating.tables import read_epoch_eci

TODAY = dt.date(2026, 6, 30)
BEFORE = dt.date(2026, 6, 1)
N = 12
KINDS = ("models-dev", "genai-prices", "epoch-eci", "own")


def source(name: str, url: str = "http://127.0.0.1:9/data", **changes: Any) -> Source:
    """A packaged source, or an ``own`` one of observations, turned to another address and small answers."""
    packaged = {entry.id: entry for entry in load_sources()}
    if name == "own":
        given = packaged["epoch-eci"].model_dump()
        given |= {
            "id": "own",
            "kind": "observations",
            "columns": {},
            "expected": {"columns": ["series", "entity", "date", "value", "unit", "source"]},
        }
        given["limits"]["highest"] = None
    else:
        given = packaged[name].model_dump()
    given["limits"] |= {"least_rows": 5, "least_changed_for_median": 5} | changes.pop("limits", {})
    return Source.model_validate(given | {"url": url, "timeout_seconds": 5.0, "max_bytes": 200_000} | changes)


def models_dev() -> dict[str, Any]:
    models = {
        f"model-{i}": {
            "id": f"model-{i}",
            "name": f"Model {i}",
            "attachment": False,
            "reasoning": True,
            "tool_call": True,
            "open_weights": i % 2 == 0,
            "release_date": f"2025-{i + 1:02d}-01",
            "last_updated": "2026-01-01",
            "modalities": {"input": ["text"], "output": ["text"]},
            "limit": {"context": 128_000, "output": 8_192},
            "cost": {
                "input": 0.5 * (i + 1),
                "output": 2 * (i + 1),
                "tiers": [{"input": 1.0 * (i + 1), "tier": {"type": "context", "size": 200_000}}],
                "context_over_200k": {"input": 1.0 * (i + 1)},
            },
        }
        for i in range(N)
    }
    return {"maker": {"id": "maker", "name": "Maker", "env": [], "npm": "x", "doc": "y", "models": models}}


def genai_prices() -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = [
        {
            "id": f"model-{i}",
            "match": {"equals": f"model-{i}"},
            "prices": {
                "input_mtok": 0.5 * (i + 1),
                "output_mtok": {"base": 2 * (i + 1), "tiers": [{"start": 200_000, "price": 3 * (i + 1)}]},
            },
        }
        for i in range(N)
    ]
    models[0]["prices"] = [
        {"prices": {"input_mtok": 1}},
        {"constraint": {"start_date": "2026-02-01"}, "prices": {"input_mtok": 0.8}},
        {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": {"input_mtok": 0.4}},
    ]
    models[1]["price_variants"] = [{"when": {"processing": "batch"}, "prices": {"input_mtok": 0.5}}]
    return [{"id": "maker", "name": "Maker", "api_pattern": "maker", "models": models}]


ECI_HEADER = (
    "Model,Display name,eci,eci_ci_low,eci_ci_high,date,Organization,Country (of organization),"
    "Model accessibility,Accessibility group,model_versions"
)


def epoch_eci() -> str:
    lines = [
        f"m{i},Model {i},{100 + i}.5,{99 + i},{103 + i},2025-{i + 1:02d}-03,Maker,Nowhere,"
        + ("API access,Closed weights," if i % 2 else "Open weights (unrestricted),Open weights,")
        for i in range(N)
    ]
    return "\n".join([ECI_HEADER, *lines]) + "\n"


def own() -> str:
    lines = [f"my_price,Model {i},2025-{i + 1:02d}-03,{i + 1}.5,USD per M tokens,me" for i in range(N)]
    return "\n".join(["series,entity,date,value,unit,source", *lines]) + "\n"


def answer(name: str) -> bytes:
    """The plain good answer of a source."""
    made: dict[str, Any] = {
        "models-dev": models_dev,
        "genai-prices": genai_prices,
        "epoch-eci": epoch_eci,
        "own": own,
    }
    found = made[name]()
    return found.encode() if isinstance(found, str) else json.dumps(found).encode()


def altered(name: str, **changes: Any) -> bytes:
    """The good answer of a catalogue with fields of the fourth model, or its prices, set."""
    found: Any = models_dev() if name == "models-dev" else genai_prices()
    model = found["maker"]["models"]["model-3"] if name == "models-dev" else found[0]["models"][3]
    prices = model["cost"] if name == "models-dev" else model["prices"]
    for key, value in changes.items():
        (model if key in model else prices)[key] = value
    return json.dumps(found).encode()


def without(name: str, removed: int) -> bytes:
    """The good answer with the last rows gone."""
    if name == "models-dev":
        found = models_dev()
        for i in range(N - removed, N):
            del found["maker"]["models"][f"model-{i}"]
        return json.dumps(found).encode()
    if name == "genai-prices":
        listed = genai_prices()
        listed[0]["models"] = listed[0]["models"][: N - removed]
        return json.dumps(listed).encode()
    lines = answer(name).decode().splitlines(keepends=True)
    return "".join(lines[: len(lines) - removed]).encode()


def hold(source: Source, folder: Path, content: bytes | None = None, day: dt.date = BEFORE) -> Path:
    """Put an older fetched file in place, as an update on ``day`` would have."""
    path = held_path(source.id, catalogue=source.is_catalogue, folder=folder)
    content = answer(source.id) if content is None else content
    if source.kind == "epoch-eci":
        content = _as_observations(content, day)
    origin = (source.url, source.licence, source.credit)
    put_in_place(Held(source.id, path, day, day, *origin, digest_of(content)), content)
    return path


@cache
def _as_observations(content: bytes, day: dt.date) -> bytes:
    return read_epoch_eci(Fetched(content), source("epoch-eci"), day).content
