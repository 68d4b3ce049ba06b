"""Do the 90% intervals of growth hold the truth in about 90 cases of 100? On synthetic frontiers, they do.

The frontiers have the release days, the published errors and the laggards of the real table; a frontier
follows a line with noise around it, independent or remembered for some time.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from tests.measures.frontier_cases import SyntheticFrontier
from twocurves.observed.measures.growth import estimate_growth
from twocurves.observed.measures.imitation import Frontier


def coverage(economy: str, memory_years: float, replications: int, imitations: int) -> float:
    truth = SyntheticFrontier(economy, memory_years, replications, seed=17)
    hits = 0
    for index in range(replications):
        frontier = Frontier.of(truth.replication(index))
        growth = estimate_growth(frontier, f"coverage/{index}", imitations)
        found = None if growth is None else growth.rate.interval()
        hits += found is not None and found[0] <= truth.slope <= found[1]
    return hits / replications


def textbook_coverage(economy: str, memory_years: float, replications: int) -> float:
    truth = SyntheticFrontier(economy, memory_years, replications, seed=17)
    frontier = Frontier.of(truth.scores)
    lines = frontier.line(frontier.released.best_of_day(truth.measured))
    reach = stdtrit(lines.n - 2, 0.95) * lines.residual_sd / np.sqrt(lines.spread)
    return float((np.abs(lines.slope - truth.slope) <= reach).mean())


@pytest.mark.parametrize("economy", ["closed", "open"])
def test_growth_intervals_hold_the_truth_roughly(economy: str) -> None:
    assert coverage(economy, 0.0, 60, 200) >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("memory_years", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("economy", ["closed", "open"])
def test_growth_intervals_hold_the_truth(economy: str, memory_years: float) -> None:
    assert 0.85 <= coverage(economy, memory_years, 500, 300) <= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("memory_years", [0.0, 0.4])
@pytest.mark.parametrize("economy", ["closed", "open"])
def test_textbook_intervals_do_not(economy: str, memory_years: float) -> None:
    assert textbook_coverage(economy, memory_years, 500) < 0.8


@pytest.mark.slow
@pytest.mark.parametrize("memory_years", [0.0, 0.4])
def test_the_interval_of_the_difference_holds_the_truth(memory_years: float) -> None:
    truths = [
        SyntheticFrontier(economy, memory_years, 500, seed)
        for economy, seed in (("closed", 17), ("open", 18))
    ]
    difference = truths[0].slope - truths[1].slope
    hits = 0
    for index in range(500):
        rates = [estimate_growth(Frontier.of(truth.replication(index)), "coverage", 300) for truth in truths]
        assert rates[0] is not None
        assert rates[1] is not None
        found = rates[0].rate.minus(rates[1].rate).interval()
        hits += found is not None and found[0] <= difference <= found[1]
    assert 0.85 <= hits / 500 <= 0.95
