from __future__ import annotations

import numpy as np
import pytest

from tests.fit.toys import MONTHS, toy_row, toy_series, use_table
from twocurves.fit.likelihood import Likelihood
from twocurves.fit.predictive import at_rows, predicted_paths, quantiles_of
from twocurves.fit.skeleton import Paths

DRAWS = 6000


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    use_table(
        monkeypatch,
        toy_series("seen", bias=0.2, bias_by_basis=0.6),
        toy_series("unseen", discrepancy=0.7, bias=0.4),
    )


@pytest.fixture
def likelihood() -> Likelihood:
    return Likelihood((toy_row("seen", 4, 1.0, 0.2), toy_row("seen", 12, 2.0, 0.2, basis="gross")))


@pytest.fixture
def paths() -> Paths:
    path = np.tile(0.1 * np.arange(float(MONTHS)), (DRAWS, 1))
    return Paths({"seen": path, "unseen": -path}, np.ones(DRAWS, dtype=bool))


def test_predictions_are_the_conditional_normal(likelihood: Likelihood, paths: Paths) -> None:
    """Against the joint covariance of figures and predictions, written out."""
    targets = (
        toy_row("seen", 16, 0.0, 0.1, basis="gross"),
        toy_row("seen", 16, 0.0, 0.3),
        toy_row("seen", 20, 0.0, 0.3, basis="gross"),
    )
    found = at_rows(paths, likelihood, np.zeros((DRAWS, 1)), targets, seed=1)
    figures = (*likelihood.rows, *targets)
    months = np.array([row.month for row in figures])
    same = np.array([[one.basis == other.basis for other in figures] for one in figures])
    whole = 0.16 * np.exp(-np.abs(months[:, None] - months) / 6.0) + 0.04 + 0.36 * same
    whole += np.diag([row.error**2 for row in figures])
    gain = whole[2:, :2] @ np.linalg.inv(whole[:2, :2])
    mean = 0.1 * months[2:] + gain @ np.array([1.0 - 0.4, 2.0 - 1.2])
    spread = whole[2:, 2:] - gain @ whole[:2, 2:]
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(found, rowvar=False), spread, atol=0.05)


def test_a_series_without_figures_has_its_prior_about_the_path(likelihood: Likelihood, paths: Paths) -> None:
    found = predicted_paths(paths, likelihood, np.zeros((DRAWS, 1)), ["unseen"], [3, 30], seed=1)["unseen"]
    np.testing.assert_allclose(found.mean(axis=0), [-0.3, -3.0], atol=0.05)
    np.testing.assert_allclose(found.std(axis=0), np.hypot(0.7, 0.4), rtol=0.05)


def test_at_a_figure_without_error_it_stands_there(paths: Paths) -> None:
    sharp = Likelihood((toy_row("seen", 4, 1.0, 1e-6), toy_row("seen", 9, -2.0, 1e-6)))
    found = predicted_paths(paths, sharp, np.zeros((DRAWS, 1)), ["seen"], [4, 9], seed=1)["seen"]
    np.testing.assert_allclose(found, np.tile([1.0, -2.0], (DRAWS, 1)), atol=1e-3)


def test_larger_discrepancies_spread_more(likelihood: Likelihood, paths: Paths) -> None:
    ratio = np.repeat([[-2.0], [2.0]], DRAWS // 2, axis=0)
    found = predicted_paths(paths, likelihood, ratio, ["seen"], [40], seed=1)["seen"][:, 0]
    assert found[DRAWS // 2 :].std() > 1.4 * found[: DRAWS // 2].std()


def test_the_same_seed_gives_the_same_bits_whatever_else_is_asked_for(
    likelihood: Likelihood, paths: Paths
) -> None:
    ratio, rows = np.zeros((DRAWS, 1)), [toy_row("seen", 20, 0.0), toy_row("unseen", 20, 0.0)]
    both = at_rows(paths, likelihood, ratio, rows, seed=1)
    one = at_rows(paths, likelihood, ratio, rows[1:], seed=1)
    assert both[:, 1].tobytes() == one[:, 0].tobytes()
    assert not np.array_equal(at_rows(paths, likelihood, ratio, rows, seed=2), both)


def test_figures_of_one_month_and_basis_share_what_is_left_out(likelihood: Likelihood, paths: Paths) -> None:
    rows = [toy_row("seen", 20, 0.0, 1e-9), toy_row("seen", 20, 1.0, 1e-9)]
    found = at_rows(paths, likelihood, np.zeros((DRAWS, 1)), rows, seed=1)
    np.testing.assert_allclose(found[:, 0], found[:, 1], atol=1e-6)


def test_quantiles_are_over_draws() -> None:
    found = quantiles_of({"one": np.arange(101.0)[:, None] * np.ones(3)}, (0.05, 0.5))
    assert found["one"].tolist() == [[5.0] * 3, [50.0] * 3]
