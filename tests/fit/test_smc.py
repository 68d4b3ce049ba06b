from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.fit.linear import Linear, linear
from tests.fit.toys import ToySkeleton, toy_problem, toy_row, toy_series, use_table
from twocurves.fit import smc
from twocurves.fit.laplace import Mode, climb

COUNT = 3000


def whole(seed: int, mode: Mode, likelihood: smc.LogLikelihood, particles: int) -> list[smc.Particles]:
    """All stages, the first before any."""
    found = [smc.begin(seed, mode, likelihood, particles)]
    while found[-1].temperature < 1.0:
        found.append(smc.advance(seed, mode, likelihood, found[-1]))
    return found


def evidence(mode: Mode, found: smc.Particles) -> float:
    """The log evidence: what the particles say, plus what the reference's unnormalised density lacks."""
    reference = smc.Reference.of(mode)
    of_ratios = np.log(smc._ratio_width(mode)).sum()
    return float(found.log_evidence + np.log(reference.widths).sum() + of_ratios)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> Linear:
    return linear(monkeypatch)


@pytest.fixture
def mode(exact: Linear) -> Mode:
    return climb(exact.skeleton, exact.likelihood, np.zeros(exact.unknowns))


def test_particles_of_a_linear_problem_have_its_mean_covariance_and_evidence(
    exact: Linear, mode: Mode
) -> None:
    mean, covariance, log_evidence = exact.exact()
    runs = [whole(seed, mode, exact.problem.log_likelihood, COUNT)[-1] for seed in (1, 2)]
    numbers = np.concatenate([run.numbers for run in runs])
    spread = np.sqrt(np.diag(covariance))
    # Effective sizes lie below the count of particles: resampled ones move a few steps only.
    error = 5.0 / np.sqrt(len(numbers) / 4.0)
    assert np.abs((numbers.mean(axis=0) - mean) / spread).max() < error
    whitened = np.cov((numbers - mean) / spread, rowvar=False)
    assert np.abs(whitened - covariance / np.outer(spread, spread)).max() < 2.0 * error
    assert np.mean([evidence(mode, run) for run in runs]) == pytest.approx(log_evidence, abs=0.1)


def test_discrepancies_have_their_posterior(exact: Linear, mode: Mode) -> None:
    """Two independent ways to the mean of a discrepancy: particles, and the prior weighed by the evidence."""
    found = whole(4, mode, exact.problem.log_likelihood, COUNT)[-1]
    at = np.linspace(-4, 4, 33)
    weight = np.zeros((33, 33))
    for place in np.ndindex(33, 33):
        ratio = at[list(place)]
        spread = exact.errors(ratio) + exact.jacobian @ exact.jacobian.T
        off = exact.values - exact.levels
        weight[place] = -0.5 * (
            np.linalg.slogdet(spread)[1] + off @ np.linalg.solve(spread, off) + ratio @ ratio
        )
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    expected = [float(at @ weight.sum(axis=1)), float(at @ weight.sum(axis=0))]
    assert found.log_ratio.mean(axis=0) == pytest.approx(expected, abs=0.12)


def test_temperatures_rise_to_one_and_half_of_the_particles_stay_effective(exact: Linear, mode: Mode) -> None:
    stages = whole(1, mode, exact.problem.log_likelihood, 512)
    temperatures = [stage.temperature for stage in stages]
    assert temperatures[0] == 0.0
    assert temperatures[-1] == 1.0
    assert min(np.diff(temperatures)) > 0.0
    for before, after in pairwise(stages):
        gain = smc._gain(
            smc.Reference.of(mode), mode, before.numbers, before.log_ratio, before.log_likelihood
        )
        weight = np.exp((after.temperature - before.temperature) * (gain - gain.max()))
        assert weight.sum() ** 2 / (weight**2).sum() >= 0.499 * len(weight)


def test_the_same_seed_gives_the_same_bits(exact: Linear, mode: Mode) -> None:
    one, same, other = (whole(seed, mode, exact.problem.log_likelihood, 128)[-1] for seed in (5, 5, 6))
    assert one.numbers.tobytes() == same.numbers.tobytes()
    assert one.log_ratio.tobytes() == same.log_ratio.tobytes()
    assert one.log_evidence == same.log_evidence
    assert one.numbers.tobytes() != other.numbers.tobytes()


def test_what_the_particles_carry_is_their_own_likelihood(exact: Linear, mode: Mode) -> None:
    found = whole(1, mode, exact.problem.log_likelihood, 128)[-1]
    np.testing.assert_allclose(
        found.log_likelihood, exact.problem.log_likelihood(found.numbers, found.log_ratio), rtol=1e-12
    )


def test_unknowns_of_which_nothing_is_said_keep_their_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    many = linear(monkeypatch, unknowns=150)
    mode = climb(many.skeleton, many.likelihood, np.zeros(150))
    silent = whole(1, mode, many.problem.log_likelihood, 1024)[-1].numbers[:, 4:]
    assert np.abs(silent.mean(axis=0)).max() < 6.0 / np.sqrt(1024)
    assert silent.var(axis=0).mean() == pytest.approx(1.0, abs=0.03)


def test_the_reference_has_its_own_density() -> None:
    random = np.random.default_rng(1)
    directions = np.linalg.qr(random.normal(size=(5, 2)))[0]
    reference = smc.Reference(random.normal(size=5), directions, np.array([0.2, 0.7]))
    covariance = np.eye(5) - directions @ np.diag(1.0 - reference.widths**2) @ directions.T
    white = random.normal(size=(200_000, 5))
    made = reference.coloured(white)
    np.testing.assert_allclose(np.cov(made, rowvar=False), covariance, atol=0.02)
    off = made[:50]
    expected = -0.5 * np.einsum("di,ij,dj->d", off, np.linalg.inv(covariance), off)
    np.testing.assert_allclose(reference.log_density(reference.mean + off), expected, rtol=1e-9)


def truncated(monkeypatch: pytest.MonkeyPatch) -> tuple[smc.LogLikelihood, Mode]:
    """One number seen once at zero, whose path fails where it is above zero."""
    use_table(monkeypatch, toy_series("one", discrepancy=1e-6))
    skeleton = ToySkeleton(
        {"one": lambda numbers: numbers[:, :1] * np.ones(5)}, fails=lambda numbers: numbers[:, 0] > 1e-9
    )
    problem = toy_problem(skeleton, (toy_row("one", 2, 0.0, 1.0),))
    mode = climb(problem.skeleton, problem.likelihood, np.zeros(2))
    assert not mode.information.size  # a move up fails, so no slope is seen
    return problem.log_likelihood, replace(mode, directions=np.eye(2)[:, :1], information=np.ones(1))


def test_failing_paths_have_no_likelihood_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    likelihood, mode = truncated(monkeypatch)
    first, *_, last = whole(3, mode, likelihood, 2048)
    failed = first.numbers[:, 0] > 1e-9
    assert np.isneginf(first.log_likelihood[failed]).all()
    assert np.isfinite(first.log_likelihood[~failed]).all()
    assert first.failed == pytest.approx(failed.mean())
    assert 0.45 < first.failed < 0.55
    assert last.failed == first.failed
    assert (last.numbers[:, 0] <= 1e-9).all()
    # Half of a normal distribution of variance one half.
    assert last.numbers[:, 0].mean() == pytest.approx(-np.sqrt(0.5) * np.sqrt(2.0 / np.pi), abs=0.05)


def test_without_any_path_that_holds_there_is_nothing_to_weigh(monkeypatch: pytest.MonkeyPatch) -> None:
    likelihood, mode = truncated(monkeypatch)
    lost = replace(mode, numbers=np.array([80.0, 0.0]))
    start = smc.begin(1, lost, likelihood, 64)
    assert start.failed == 1.0
    with pytest.raises(ValueError, match="no particle has a path that holds"):
        smc.advance(1, lost, likelihood, start)


def test_systematic_resampling_takes_each_as_often_as_its_weight() -> None:
    random = np.random.default_rng(2)
    log_weight = np.where(random.uniform(size=300) < 0.2, -np.inf, random.normal(size=300))
    picked = smc._resample(1, 0, log_weight)
    expected = 300 * np.exp(log_weight) / np.exp(log_weight).sum()
    counts = np.bincount(picked, minlength=300)
    assert np.abs(counts - expected).max() < 1.0
    assert not counts[np.isneginf(log_weight)].any()
