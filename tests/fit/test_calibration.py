"""Simulation-based calibration of the climb and the particles (Talts and others 2018).

Where figures are drawn from the prior's own numbers, the rank of the truth among the particles is uniform.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from tests.fit.bent import SERIES, UNKNOWNS, bent
from twocurves.fit import smc
from twocurves.fit.laplace import climb

REPLICATIONS, PARTICLES, BINS = 200, 384, 8


@pytest.mark.slow
def test_the_truth_has_any_rank_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2024)
    ranks = np.empty((REPLICATIONS, UNKNOWNS + len(SERIES) + 1))
    for replication in range(REPLICATIONS):
        problem, numbers, log_ratio = bent(monkeypatch, random)
        mode = climb(problem.skeleton, problem.likelihood, np.zeros(UNKNOWNS))
        now = smc.begin(replication, mode, problem.log_likelihood, PARTICLES)
        while now.temperature < 1.0:
            now = smc.advance(replication, mode, problem.log_likelihood, now)
        own = problem.log_likelihood(numbers[None], log_ratio[None])
        truth = np.concatenate([numbers, log_ratio, own])
        found = np.column_stack([now.numbers, now.log_ratio, now.log_likelihood])
        ranks[replication] = ((found < truth).sum(axis=0) + random.uniform(size=len(truth))) / (PARTICLES + 1)
    by_unknown = [chisquare(np.histogram(column, BINS, (0.0, 1.0))[0]).pvalue for column in ranks.T]
    # Of so many tests one falls below its own hundredth by chance, so together they may not.
    assert min(by_unknown) > 0.01 / len(by_unknown), by_unknown
    assert kstest(by_unknown, "uniform").pvalue > 0.01, by_unknown
    pooled = chisquare(np.histogram(ranks[:, :UNKNOWNS], BINS, (0.0, 1.0))[0]).pvalue
    assert pooled > 0.01
