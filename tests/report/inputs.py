"""What other commands print as JSON, as a report takes it; the scorecard is a real one of made forecasts."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np

from twocurves.fit.scorecard import ScoredTarget, Skipped, scorecard


@cache
def _score() -> str:
    random = np.random.default_rng(11)
    targets = []
    for series, family in (("eci", "capability"), ("arr", "revenue")):
        for month in range(1, 13):
            samples = {
                "model": random.normal(0.1, 1.0, 200),
                "persistence": random.normal(0.6, 1.4, 200),
                "damped_trend": random.normal(0.3, 1.2, 200),
            }
            observed = float(random.normal(0, 1))
            targets.append(ScoredTarget(series, family, f"2025-{month:02}", "log", observed, samples))
    card = scorecard(targets, window="2025", skipped=[Skipped("other", "too <few> rows")])
    return json.dumps(card.as_record(), default=str)


def score() -> dict[str, Any]:
    """Return a scorecard as ``twocurves score --json`` prints it."""
    found: dict[str, Any] = json.loads(_score())
    return found


def drivers(name: str = "Fast-follower lag") -> dict[str, Any]:
    """Return a study of drivers."""
    beliefs = [
        {
            "name": f"{name} {place}",
            "effect": effect,
            "low": effect - 0.08,
            "high": effect + 0.08,
            "above_noise": abs(effect) > 0.1,
            "by_tenth": [0.2 + effect / 4, 0.3, 0.2 - effect / 4],
            "lowest_tenth": 2.0,
            "highest_tenth": 14.0,
        }
        for place, effect in enumerate((0.6, -0.45, 0.2, -0.03))
    ]
    return {
        "target": "C10",
        "kind": "claim",
        "unit": "1",
        "run": "x",
        "level": 0.2,
        "noise_floor": 0.1,
        "beliefs": beliefs,
        "choices": [],
    }


def decision(answer: str = "Stay until the middle of 2027, then move.") -> dict[str, Any]:
    """Return a decision."""
    regret = [
        {
            "month": f"{2026 + (6 + place) // 12}-{(6 + place) % 12 + 1:02}",
            **{f"p{level}": 100.0 * level * (1 + abs(place - 10)) for level in (10, 25, 50, 75, 90)},
        }
        for place in range(30)
    ]
    switch = {"p10": "2027-01", "p50": "2027-05", "p90": "2028-02", "never": 0.1}
    return {"answer": answer, "advice": "Ask again in March.", "regret": regret, "switch_month": switch}
