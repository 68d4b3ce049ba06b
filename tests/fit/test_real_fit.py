"""One small fit with the real economy, end to end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from twocurves.beliefs import Beliefs
from twocurves.fit.fitting import Fit, Progress, fit
from twocurves.fit.learned import learned
from twocurves.fit.likelihood import TAU_WIDTH
from twocurves.fit.predictive import predicted_paths
from twocurves.fit.series import series_table
from twocurves.observed.tables import Observations

pytestmark = pytest.mark.slow

PARTICLES = 64


class Stopped(Exception):
    """The fit was stopped by its listener."""


@pytest.fixture(scope="module")
def known(held: Observations) -> Observations:
    return held.until(dt.date(2024, 12, 31))


@pytest.fixture(scope="module")
def found(packaged: Beliefs, known: Observations, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    return fit(packaged, known, tmp_path_factory.mktemp("fit"), particles=PARTICLES)


def test_it_fits(found: Fit) -> None:
    assert found.made["figures"] == len(found.problem.rows) > 40
    assert found.particles.temperature == 1.0
    assert np.isfinite(found.particles.log_likelihood).all()
    assert found.made["failed_at_first"] < 0.3
    assert 0.1 < found.made["acceptance"] < 0.9
    assert found.made["distinct_particles"] > PARTICLES // 2
    at_prior = np.zeros((1, len(found.mode.numbers)))
    before = found.problem.log_likelihood(at_prior, np.zeros((1, len(found.mode.log_ratio))))[0]
    assert np.median(found.particles.log_likelihood) > before


def test_the_closed_frontier_is_within_its_discrepancy(found: Fit) -> None:
    """Of the month of the origin: the path alone, and with what it leaves out."""
    name, month = "closed_frontier", 23
    rows = [row for row in found.problem.rows if row.series == name and row.month == month]
    assert len(rows) == 1
    paths = found.problem.skeleton.paths(found.particles.numbers)
    one, row = series_table()[name], rows[0]
    place = found.problem.likelihood.names.index(name)
    tau = one.discrepancy * np.exp(TAU_WIDTH * found.particles.log_ratio[:, place])
    off = paths.by_series[name][:, month] - row.value
    assert np.abs(off.mean()) < 2.0 * np.hypot(np.median(tau), row.error)
    likelihood = found.problem.likelihood
    with_rest = predicted_paths(paths, likelihood, found.particles.log_ratio, [name], [month], seed=1)[name]
    assert abs(with_rest.mean() - row.value) < 2.0 * row.error
    assert with_rest.std() < 1.5 * row.error


def test_something_was_learned_of_what_the_figures_speak_of(found: Fit) -> None:
    rows = learned(found)
    assert rows[0].gone > 0.3
    assert rows[0].series
    assert found.posterior.directions.shape[1] >= 10


def test_stopped_and_resumed_it_has_the_same_digest(
    found: Fit, packaged: Beliefs, known: Observations, tmp_path: Path
) -> None:
    """Stopped in the second stage of the particles; the mode is found anew, to the same bits."""
    said: list[Progress] = []

    def told(progress: Progress) -> None:
        said.append(progress)
        if progress.phase == "particles" and progress.step == 2:
            raise Stopped

    with pytest.raises(Stopped):
        fit(packaged, known, tmp_path, particles=PARTICLES, told=told)
    again = fit(packaged, known, tmp_path, particles=PARTICLES, told=said.append)
    steps = [progress.step for progress in said if progress.phase == "particles"]
    assert steps == list(range(1, len(found.stages) + 1))
    assert again.posterior.digest == found.posterior.digest
    assert again.made == found.made
