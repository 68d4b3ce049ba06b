from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from tests.fit.bent import bent
from twocurves.errors import MissingExtraError
from twocurves.fit import smc
from twocurves.fit.check import Reduced, nuts_check
from twocurves.fit.fitting import Fit
from twocurves.fit.laplace import climb


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> Fit:
    problem, _, _ = bent(monkeypatch, np.random.default_rng(12))
    mode = climb(problem.skeleton, problem.likelihood, np.zeros(10))
    particles = smc.begin(1, mode, problem.log_likelihood, 64)
    return Fit(problem, mode, particles, (), {})


def test_the_reduced_density_has_its_own_gradient(fitted: Fit) -> None:
    reduced = Reduced(fitted.problem, fitted.mode, 4)
    random = np.random.default_rng(1)
    at, ratio = reduced.own_mode.numbers + 0.1 * random.normal(size=4), random.normal(size=3)
    slope = reduced.value_and_gradient(at, ratio)

    def density(point: np.ndarray) -> float:
        found = reduced.log_likelihood(point[None, :4], point[None, 4:])[0]
        return float(found - 0.5 * (point**2).sum())

    whole = np.concatenate([at, ratio])
    assert slope.value == pytest.approx(density(whole), abs=1e-9)
    step = 1e-5 * np.eye(7)
    expected = [(density(whole + one) - density(whole - one)) / 2e-5 for one in step]
    np.testing.assert_allclose(
        np.concatenate([slope.coordinates, slope.log_ratio]), expected, rtol=1e-3, atol=1e-3
    )


def test_the_rest_stays_at_the_mode(fitted: Fit) -> None:
    reduced = Reduced(fitted.problem, fitted.mode, 3)
    coordinates = np.random.default_rng(1).normal(size=(5, 3))
    numbers = reduced.numbers(coordinates)
    np.testing.assert_allclose(numbers @ reduced.directions, coordinates, atol=1e-12)
    other = np.eye(10) - reduced.directions @ reduced.directions.T
    np.testing.assert_allclose((numbers - fitted.mode.numbers) @ other, 0.0, atol=1e-12)


def test_a_failed_path_has_no_density(fitted: Fit) -> None:
    object.__setattr__(fitted.problem.skeleton, "fails", lambda numbers: np.ones(len(numbers), dtype=bool))
    slope = Reduced(fitted.problem, fitted.mode, 2).value_and_gradient(np.zeros(2), np.zeros(3))
    assert slope.value == -np.inf
    assert not slope.coordinates.any()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what NumPyro warns of at import is its own affair
def test_nuts_and_particles_agree(fitted: Fit) -> None:
    pytest.importorskip("numpyro")
    pytest.importorskip("arviz_stats")
    found = nuts_check(fitted, k=4, draws=300, chains=2, seed=3, warm_up=200, particles=1500)
    assert found.names == (
        *(f"direction {place}" for place in (1, 2, 3, 4)),
        *(f"discrepancy of {name}" for name in ("growth", "share", "lag")),
    )
    assert max(found.rhat) < 1.05
    assert min(found.ess) > 150
    assert found.divergences <= 3
    assert found.gradients > 600
    # Quantiles of 5% have errors of about two standard deviations over the root of the effective size.
    assert max(found.apart) < 4.0 * 2.0 / np.sqrt(min(found.ess))
    for row in (*found.nuts, *found.particles):
        assert list(row) == sorted(row)
    json.dumps(found.as_record())


def test_without_the_extra_it_says_which(fitted: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpyro.infer", None)
    with pytest.raises(MissingExtraError, match="extra `check`"):
        nuts_check(fitted)
