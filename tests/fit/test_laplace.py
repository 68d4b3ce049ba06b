from __future__ import annotations

import numpy as np
import pytest

from tests.fit.linear import Linear, linear
from tests.fit.toys import ToySkeleton, toy_row, toy_series, use_table
from twocurves.fit.laplace import INFORMED, climb
from twocurves.fit.likelihood import Likelihood


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> Linear:
    return linear(monkeypatch)


def test_the_mode_of_a_linear_problem_is_the_posterior_mean(exact: Linear) -> None:
    told: list[tuple[int, float]] = []
    mode = climb(
        exact.skeleton, exact.likelihood, np.zeros(exact.unknowns), told=lambda *what: told.append(what)
    )
    mean, covariance = exact.given(mode.log_ratio)
    np.testing.assert_allclose(mode.numbers, mean, atol=1e-6)
    # The prior's precision and the figures' together are the posterior's.
    within = mode.directions * (mode.information / (1.0 + mode.information)) @ mode.directions.T
    left = np.linalg.eigvalsh(np.eye(exact.unknowns) - within - covariance)
    assert np.abs(left).max() < INFORMED + 1e-6  # what is left out of the informed directions
    assert (mode.information > INFORMED).all()
    assert np.diff(mode.information).max() <= 0.0
    np.testing.assert_allclose(mode.directions.T @ mode.directions, np.eye(len(mode.information)), atol=1e-12)
    assert [step for step, _ in told] == list(range(1, mode.steps + 1))[: len(told)]
    assert np.diff([value for _, value in told]).min(initial=0.0) >= 0.0


def test_information_is_the_figures_part_of_the_precision(exact: Linear) -> None:
    mode = climb(exact.skeleton, exact.likelihood, np.zeros(exact.unknowns))
    _, covariance = exact.given(mode.log_ratio)
    precision = np.linalg.eigvalsh(np.linalg.inv(covariance))[::-1] - 1.0
    np.testing.assert_allclose(mode.information, precision[precision > INFORMED], rtol=1e-5)


def test_the_whitened_rows_balance_the_prior_at_the_mode(exact: Linear) -> None:
    mode = climb(exact.skeleton, exact.likelihood, np.zeros(exact.unknowns))
    np.testing.assert_allclose(mode.white.T @ mode.residual, mode.numbers, atol=1e-5)
    assert mode.of.tolist() == sorted(mode.of.tolist())


@pytest.mark.parametrize("start", [-2.0, 0.0, 3.0])
def test_the_start_does_not_matter(exact: Linear, start: float) -> None:
    mode = climb(exact.skeleton, exact.likelihood, np.full(exact.unknowns, start))
    mean, _ = exact.given(mode.log_ratio)
    np.testing.assert_allclose(mode.numbers, mean, atol=1e-6)


def test_a_bound_pulls_only_from_below(monkeypatch: pytest.MonkeyPatch) -> None:
    use_table(monkeypatch, toy_series("one", discrepancy=1e-6))
    skeleton = ToySkeleton({"one": lambda numbers: numbers[:, :1] * np.ones(5)})
    low, high = (
        climb(skeleton, Likelihood((toy_row("one", 2, bound, at_least=True),)), np.zeros(2))  # type: ignore[arg-type]
        for bound in (-3.0, 3.0)
    )
    assert abs(low.numbers[0]) < 0.01
    assert 1.5 < high.numbers[0] < 3.0
    assert high.numbers[1] == pytest.approx(0.0, abs=1e-9)


def test_it_stays_where_paths_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    use_table(monkeypatch, toy_series("one"))
    skeleton = ToySkeleton(
        {"one": lambda numbers: numbers[:, :1] * np.ones(5)}, fails=lambda numbers: numbers[:, 0] > 1.0
    )
    mode = climb(skeleton, Likelihood((toy_row("one", 2, 9.0, 0.1),)), np.zeros(1))  # type: ignore[arg-type]
    assert 0.5 < mode.numbers[0] <= 1.0


def test_a_bent_path_is_climbed(monkeypatch: pytest.MonkeyPatch) -> None:
    use_table(monkeypatch, toy_series("one", discrepancy=0.05))
    months = np.arange(12.0)

    def path(numbers: np.ndarray) -> np.ndarray:
        return np.exp(0.6 * numbers[:, :1] + 0.05 * months * np.exp(0.3 * numbers[:, 1:2]))

    truth = np.array([[1.2, -0.8]])
    rows = tuple(toy_row("one", month, path(truth)[0, month], 0.02) for month in range(12))
    mode = climb(ToySkeleton({"one": path}), Likelihood(rows), np.zeros(2))  # type: ignore[arg-type]
    assert mode.numbers == pytest.approx(truth[0], abs=0.15)
    assert mode.information[0] > 100.0
