"""Sobol indices from a Saltelli design: known answers, SALib's figures, intervals that cover."""

import numpy as np
import pytest
from SALib.analyze import sobol as salib_sobol
from scipy.stats import qmc

from tests.drivers.functions import (
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    ishigami,
    sobol_g,
    sobol_g_indices,
)
from twocurves.drivers.sobol_indices import indices


def design(function, rows, inputs, seed=0, low=0.0, high=1.0, quasi=True):
    if quasi:
        drawn = qmc.Sobol(2 * inputs, rng=np.random.default_rng(seed)).random(rows)
    else:
        drawn = np.random.default_rng(seed).random((rows, 2 * inputs))
    a, b = (low + (high - low) * part for part in np.split(drawn, 2, axis=1))
    ab = np.stack([function(np.where(np.arange(inputs) == place, b, a)) for place in range(inputs)], axis=1)
    return function(a), function(b), ab


def of(samples, seed=0):
    a, b, ab = samples
    return indices(a, b, ab, np.random.default_rng(seed))


def test_ishigami():
    found = of(design(ishigami, 8192, 3, low=-np.pi, high=np.pi))
    np.testing.assert_allclose(found.first, ISHIGAMI_FIRST, atol=0.02)
    np.testing.assert_allclose(found.total, ISHIGAMI_TOTAL, atol=0.02)


def test_sobol_g():
    a = np.array([0.0, 1.0, 4.5, 9.0])
    found = of(design(lambda x: sobol_g(x, a), 8192, 4))
    first, total = sobol_g_indices(a)
    np.testing.assert_allclose(found.first, first, atol=0.02)
    np.testing.assert_allclose(found.total, total, atol=0.02)


def test_figures_are_salibs():
    a, b, ab = design(ishigami, 256, 3, low=-np.pi, high=np.pi)
    rows = np.concatenate([a[:, None], ab, b[:, None]], axis=1).ravel()
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-np.pi, np.pi]] * 3}
    theirs = salib_sobol.analyze(problem, rows, calc_second_order=False, num_resamples=2, seed=1)
    found = indices(a, b, ab, np.random.default_rng(0))
    np.testing.assert_allclose(found.total, theirs["ST"], rtol=1e-6)
    np.testing.assert_allclose(found.first, theirs["S1"], atol=0.02)  # it centres all samples together


def test_intervals_cover():
    """Of a linear model, whose indices are the shares of its squares."""
    weights = np.array([3.0, 2.0, 1.0])
    expected = weights**2 / (weights**2).sum()
    inside = np.zeros(2)
    repeats = 60
    for seed in range(repeats):
        found = of(design(lambda x: x @ weights, 200, 3, seed=seed, quasi=False), seed)
        for place, interval in enumerate((found.first_interval, found.total_interval)):
            inside[place] += ((interval[:, 0] <= expected) & (expected <= interval[:, 1])).mean()
    assert (inside / repeats >= 0.82).all()
    assert (inside / repeats <= 0.97).all()


def test_rows_that_failed_are_left_out():
    a, b, ab = design(ishigami, 64, 3, low=-np.pi, high=np.pi)
    a[3] = ab[5, 1] = np.nan
    assert indices(a, b, ab, np.random.default_rng(0)).rows == 62


def test_a_constant_outcome_has_no_indices():
    with pytest.raises(ValueError, match="does not differ"):
        indices(np.ones(9), np.ones(9), np.ones((9, 2)), np.random.default_rng(0))
