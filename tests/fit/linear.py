"""A linear problem with normal errors, whose posterior and evidence are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from tests.fit.toys import MONTHS, ToySkeleton, straight, toy_problem, toy_row, toy_series, use_table
from twocurves.fit.fitting import Problem
from twocurves.fit.likelihood import Likelihood

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Linear:
    """Figures ``y = level + J z + e``; discrepancies are unknowns too, over which the truth is summed."""

    problem: Problem
    unknowns: int
    levels: FloatArray
    jacobian: FloatArray

    @property
    def skeleton(self) -> Any:
        return self.problem.skeleton

    @property
    def likelihood(self) -> Likelihood:
        return self.problem.likelihood

    @property
    def values(self) -> FloatArray:
        return np.array([row.value for row in self.problem.rows])

    def errors(self, log_ratio: FloatArray) -> FloatArray:
        """Covariance of all figures about the path."""
        tau = self.likelihood.tau(log_ratio[None])[0]
        found = np.zeros((len(self.values), len(self.values)))
        for place, name in enumerate(self.likelihood.names):
            group = self.likelihood.groups[name]
            found[np.ix_(group.places, group.places)] = group.covariance(tau[place : place + 1])[0]
        return found

    def given(self, log_ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance of the numbers given the discrepancies."""
        weighed = self.jacobian.T @ np.linalg.inv(self.errors(log_ratio))
        covariance = np.linalg.inv(np.eye(self.unknowns) + weighed @ self.jacobian)
        mean: FloatArray = covariance @ weighed @ (self.values - self.levels)
        return mean, np.asarray(covariance, dtype=np.float64)

    def exact(self, nodes: int = 15) -> tuple[FloatArray, FloatArray, float]:
        """Mean, covariance and log evidence, discrepancies integrated out by Gauss and Hermite."""
        at, weight = hermegauss(nodes)
        weight = weight / weight.sum()
        series = len(self.likelihood.names)
        logs, means, seconds = [], [], []
        for places in np.ndindex(*(nodes,) * series):
            log_ratio = at[list(places)]
            spread = self.errors(log_ratio) + self.jacobian @ self.jacobian.T
            logs.append(
                multivariate_normal.logpdf(self.values, self.levels, spread)
                + np.log(weight[list(places)]).sum()
            )
            mean, covariance = self.given(log_ratio)
            means.append(mean)
            seconds.append(covariance + np.outer(mean, mean))
        evidence = float(np.logaddexp.reduce(logs))
        share = np.exp(np.array(logs) - evidence)
        mean = share @ np.array(means)
        return mean, np.tensordot(share, np.array(seconds), 1) - np.outer(mean, mean), evidence


def linear(patch: pytest.MonkeyPatch, unknowns: int = 6, beliefs: Any = None) -> Linear:
    """Two series of eight and six figures, of which the first four numbers speak."""
    use_table(
        patch,
        toy_series("first", discrepancy=0.3, memory=4.0),
        toy_series("second", discrepancy=0.4, memory=9.0, bias=0.3),
    )
    random = np.random.default_rng(11)
    months = np.arange(MONTHS)
    levels: dict[str, FloatArray] = {}
    slopes: dict[str, FloatArray] = {}
    rows, own_levels, jacobian = [], [], []
    for name, count in (("first", 8), ("second", 6)):
        levels[name] = np.asarray(0.02 * months, dtype=np.float64)
        slopes[name] = random.normal(size=(4,)) + 0.05 * np.outer(months, random.normal(size=4))
        for month in sorted(random.choice(MONTHS, count, replace=False).tolist()):
            rows.append(toy_row(name, month, levels[name][month] + random.normal(0, 1.0), 0.3))
            own_levels.append(levels[name][month])
            jacobian.append(np.concatenate([slopes[name][month], np.zeros(unknowns - 4)]))
    skeleton = ToySkeleton({name: straight(levels[name], slopes[name]) for name in levels})
    problem = toy_problem(skeleton, tuple(rows), beliefs)
    return Linear(problem, unknowns, np.array(own_levels), np.array(jacobian))
