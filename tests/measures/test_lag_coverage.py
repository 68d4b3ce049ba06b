"""Do the 90% intervals of lags and gaps hold the lag that exact scores would have shown?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

from tests.measures.frontier_cases import SyntheticFrontier
from twocurves.observed.measures.distance import (
    Pair,
    both_known,
    gap_on,
    lag_at_releases,
    lag_on,
    lag_over_levels_within_error,
    lag_within_error,
    median_catch_up,
    weeks,
)
from twocurves.observed.measures.lag_measures import interval_of
from twocurves.observed.measures.scores import Numbers, day_number

PERIODS = {
    "2023-01..2025-10": (dt.date(2023, 1, 1), dt.date(2025, 10, 31)),
    "2026-01..2026-06": (dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
}
DEFINITIONS = ("weekly", "gap", "releases", "within_error", "levels_within_error", "catch_up")


def figure(definition: str, period: str) -> Callable[[Pair], Numbers]:
    first, last = (day_number(day) for day in PERIODS[period])
    counted = weeks(first, last)

    def mean_within_error(pair: Pair) -> Numbers:
        lag = lag_within_error(pair, both_known(pair, counted))
        known = np.isfinite(lag)
        mean: Numbers = np.where(known, lag, 0.0).sum(-1) / np.maximum(known.sum(-1), 1)
        return mean

    return {
        "weekly": lambda pair: lag_on(pair, both_known(pair, counted)).mean(-1),
        "gap": lambda pair: gap_on(pair, both_known(pair, counted)).mean(-1),
        "releases": lambda pair: lag_at_releases(pair, first, last)[0],
        "within_error": mean_within_error,
        "levels_within_error": lambda pair: lag_over_levels_within_error(pair, first, last)[0],
        "catch_up": lambda pair: median_catch_up(pair, first, last),
    }[definition]


def coverage(definition: str, period: str, replications: int, redraws: int) -> float:
    closed = SyntheticFrontier("closed", 0.2, replications, seed=5)
    opened = SyntheticFrontier("open", 0.2, replications, seed=6)
    compute = figure(definition, period)
    exact = compute(Pair(closed.scores, opened.scores, closed.true, opened.true))
    hits = counted = 0
    for index in range(replications):
        pair = (closed.replication(index), opened.replication(index))
        estimate = compute(Pair.measured(*pair))[0]
        again = compute(Pair.redrawn(*pair, f"coverage/{index}", redraws))
        known = np.isfinite(again).mean() >= 0.9
        if not np.isfinite(estimate) or not np.isfinite(exact[index]) or not known:
            continue
        counted += 1
        low, high = interval_of(float(estimate), again)
        assert low is not None
        assert high is not None
        hits += low <= exact[index] <= high
    assert counted >= 0.5 * replications
    return hits / counted


@pytest.mark.parametrize("definition", ["weekly", "gap"])
def test_lag_intervals_hold_the_truth_roughly(definition: str) -> None:
    assert coverage(definition, "2023-01..2025-10", 60, 100) >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("definition", DEFINITIONS)
def test_lag_intervals_hold_the_truth(definition: str) -> None:
    assert 0.85 <= coverage(definition, "2023-01..2025-10", 500, 200) <= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("definition", ["weekly", "gap", "releases", "within_error"])
def test_lag_intervals_of_the_latest_months_hold_the_truth(definition: str) -> None:
    assert 0.85 <= coverage(definition, "2026-01..2026-06", 500, 200) <= 0.95
