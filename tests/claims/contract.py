"""The measures that the engine promises to the claims, and paths of them made for tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from twocurves.claims import MeasureShape, MeasureTable
from twocurves.months import Month

USD = "usd_billion_per_year"

NAMES: Mapping[str, tuple[str, ...]] = {
    "lab": ("openai", "anthropic", "google", "xai", "meta_closed"),
    "builder": ("deepseek", "alibaba_qwen", "moonshot", "zai", "minimax", "mistral", "nvidia"),
    "segment": (
        "consumer_chat",
        "coding_agents",
        "knowledge_work",
        "niche_enterprise",
        "bulk_extraction",
        "background_agents",
        "creative",
        "frontier_science",
    ),
    "band": ("light", "mid", "heavy", "top"),
    "region": ("china", "rest"),
    "layer": ("chips", "cloud", "host", "tuning", "application"),
}

_SCALARS = {
    "capability_closed": "eci",
    "capability_open": "eci",
    "gap_points": "eci",
    "lag_months": "months",
    "lead_months": "months",
    "revenue_closed": USD,
    "spending_open": USD,
    "value_mixed": USD,
    "api_share": "1",
    "api_delay_best": "months",
    "open_share_tokens": "1",
    "open_share_dollars": "1",
    "open_share_hours": "1",
    "open_share_hosted_tokens": "1",
    "closed_share_top_spend": "1",
    "premium_best": "ratio",
    "best_buyable_closed_1usd": "eci",
    "best_buyable_open_1usd": "eci",
    "best_buyable_closed_10usd": "eci",
    "best_buyable_open_10usd": "eci",
    "fast_share": "1",
    "work_per_kwh": "work_unit / kilowatt / hour",
    "cr3_closed": "1",
    "hhi_closed": "1",
    "labs_near_frontier": "count",
    "host_lerner": "1",
    "vintage_age": "months",
    "old_vintage_share": "1",
    "builders_near_frontier": "count",
    "cover": "ratio",
    "rationed_share": "1",
    "idle_share": "1",
    "plan_margin_top": "1",
    "forced_share": "1",
    "forced_users": "million_users",
    "forced_exits": "1/month",
    "investment": USD,
    "stock": "h100e",
}

_BY_ENTITY = {
    "capability_by_lab": ("eci", "lab"),
    "capability_by_builder": ("eci", "builder"),
    "revenue_by_lab": (USD, "lab"),
    "api_share_by_lab": ("1", "lab"),
    "api_delay": ("months", "lab"),
    "open_share_by_segment": ("1", "segment"),
    "top_user_spend": ("usd / month", "segment"),
    "value_by_lab": ("usd_billion", "lab"),
    "firms": ("count", "layer"),
    "frontier_effort": ("1", "builder"),
    "subsidy": ("1", "lab"),
    "rental": ("usd_per_hour / h100e", "region"),
    "presence": ("1", "lab"),
}


def _shapes() -> dict[str, MeasureShape]:
    shapes = {name: MeasureShape(unit) for name, unit in _SCALARS.items()}
    shapes |= {name: MeasureShape(unit, (axis,)) for name, (unit, axis) in _BY_ENTITY.items()}
    for rule in ("net_revenue", "gross_profit", "rent"):
        for compute in ("", "_with_compute"):
            for economy in ("closed", "open"):
                shapes[f"{rule}_{economy}{compute}"] = MeasureShape(USD)
            shapes[f"{rule}_by_lab{compute}"] = MeasureShape(USD, ("lab",))
    return shapes


def contract(first: str = "2023-01", last: str = "2036-12") -> MeasureTable:
    return MeasureTable(_shapes(), NAMES, Month.parse(first), Month.parse(last))


def random_paths(
    table: MeasureTable, draws: int, seed: int, names: frozenset[str] | None = None
) -> dict[str, NDArray[np.float64]]:
    """Positive paths that wander about a random level and trend; nothing economic."""
    rng = np.random.default_rng(seed)
    found = {}
    for name in sorted(table.measures if names is None else names):
        shape = table.shape_of(name, draws)
        level = rng.lognormal(0.0, 1.5, (draws, 1, *shape[2:]))
        years = np.arange(shape[1]).reshape(1, -1, *(1 for _ in shape[2:])) / 12.0
        trend = rng.normal(0.1, 0.6, (draws, 1, *shape[2:]))
        found[name] = level * np.exp(trend * years) * rng.lognormal(0.0, 0.1, shape)
    return found
