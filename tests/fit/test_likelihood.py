from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from tests.fit.toys import toy_row, toy_series, use_table
from twocurves.fit.likelihood import TAU_WIDTH, Left, Likelihood, left_out
from twocurves.fit.series import Row, Series

MAKES = {
    "first": toy_series("first", bias=0.3, bias_by_basis=0.5),
    "second": toy_series("second", discrepancy=0.7, memory=2.0),
}


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    use_table(monkeypatch, *MAKES.values())


def covariance(one: Series, rows: list[Row], tau: float) -> np.ndarray:
    """The covariance of figures, entry by entry from the model's statement."""
    found = np.empty((len(rows), len(rows)))
    for i, first in enumerate(rows):
        for j, second in enumerate(rows):
            found[i, j] = tau**2 * np.exp(-abs(first.month - second.month) / one.memory) + one.bias**2
            found[i, j] += one.bias_by_basis**2 * (first.basis == second.basis)
            found[i, j] += first.error**2 * (i == j)
    return found


figures = st.lists(
    st.builds(
        toy_row,
        st.sampled_from(["first", "second"]),
        st.integers(0, 30),
        st.floats(-3, 3),
        st.floats(0.05, 1.0),
        at_least=st.booleans(),
        basis=st.sampled_from(["", "gross"]),
    ),
    min_size=1,
    max_size=8,
)


@hypothesis_settings(max_examples=60)
@given(rows=figures, seed=st.integers(0, 99))
def test_it_is_the_normal_density_and_the_chance_of_being_above(rows: list[Row], seed: int) -> None:
    rows.sort(key=lambda row: row.series)
    made = Likelihood(tuple(rows))
    random = np.random.default_rng(seed)
    seen, ratio = random.normal(size=(3, len(rows))), random.normal(size=(3, len(made.names)))
    found = made.by_series(seen, ratio)
    for draw in range(3):
        for column, name in enumerate(made.names):
            one = MAKES[name]
            tau = one.discrepancy * np.exp(0.5 * ratio[draw, column])
            known = [place for place, row in enumerate(rows) if row.series == name and not row.at_least]
            expected = 0.0
            if known:
                own = [rows[place] for place in known]
                expected += multivariate_normal.logpdf(
                    [row.value for row in own], seen[draw, known], covariance(one, own, tau)
                )
            for place, row in enumerate(rows):
                if row.series == name and row.at_least:
                    expected += norm.logsf(row.value, seen[draw, place], np.hypot(row.error, tau))
            assert found[draw, column] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(made.total(seen, ratio), found.sum(axis=1))


def test_discrepancies_are_log_normal_about_the_tables() -> None:
    made = Likelihood((toy_row("first", 1, 0.0), toy_row("second", 1, 0.0)))
    ratio = np.array([[-1.0, 0.0], [0.0, 1.0]])
    expected = np.array([[0.4 * np.exp(-0.5), 0.7], [0.4, 0.7 * np.exp(0.5)]])
    assert TAU_WIDTH == 0.5
    np.testing.assert_allclose(made.tau(ratio), expected)


def test_a_bound_far_below_says_nothing_and_one_far_above_a_lot() -> None:
    low, high = (Likelihood((toy_row("second", 1, value, at_least=True),)) for value in (-40.0, 40.0))
    seen, ratio = np.zeros((1, 1)), np.zeros((1, 1))
    assert low.total(seen, ratio)[0] == pytest.approx(0.0, abs=1e-12)
    assert -2000 < high.total(seen, ratio)[0] < -500


def test_no_figures_no_word() -> None:
    nothing = Likelihood(())
    assert nothing.names == ()
    assert nothing.total(np.zeros((4, 0)), np.zeros((4, 0))).tolist() == [0.0] * 4


def joint(one: Series, rows: list[Row], months: np.ndarray, bases: list[str], tau: float) -> tuple[Any, Any]:
    """Mean weights and covariance of what is left out, by conditioning the whole joint covariance."""
    wanted = [
        toy_row(one.id, int(month), 0.0, 0.0, basis=basis) for month, basis in zip(months, bases, strict=True)
    ]
    whole = covariance(one, [*rows, *wanted], tau)
    n = len(rows)
    gain = whole[n:, :n] @ np.linalg.inv(whole[:n, :n])
    return gain, whole[n:, n:] - gain @ whole[:n, n:]


def conditional(rows: list[Row], tau: np.ndarray, seen: np.ndarray, *more: object) -> Left:
    made = Likelihood(tuple(rows))
    return left_out(MAKES["first"], made.groups["first"], seen, tau, *more)  # type: ignore[arg-type]


@hypothesis_settings(max_examples=60)
@given(
    months=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    wanted=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["", "gross", "new"])), min_size=1, max_size=5
    ),
    seed=st.integers(0, 99),
)
def test_what_is_left_out_is_the_gaussian_conditional(
    months: list[int], wanted: list[tuple[int, str]], seed: int
) -> None:
    random = np.random.default_rng(seed)
    rows = [
        toy_row("first", month, random.normal(), basis=["", "gross"][place % 2])
        for place, month in enumerate(months)
    ]
    tau, seen = np.array([0.2, 0.9]), random.normal(size=(2, len(rows)))
    at = np.array([month for month, _ in wanted], dtype=float)
    bases = [basis for _, basis in wanted]
    found = conditional(rows, tau, seen, at, bases)
    for draw in range(2):
        gain, spread = joint(MAKES["first"], rows, at, bases, tau[draw])
        residual = np.array([row.value for row in rows]) - seen[draw]
        np.testing.assert_allclose(found.mean[draw], gain @ residual, atol=1e-8)
        np.testing.assert_allclose(found.lower[draw] @ found.lower[draw].T, spread, atol=1e-7)


def test_figures_on_two_bases_leave_the_uncertainty_of_either() -> None:
    """A difference of scope seen on one basis is not that of the other."""
    rows = [toy_row("first", month, 0.0, 0.01, basis=basis) for month in range(8) for basis in ("", "gross")]
    tau, seen = np.array([0.05]), np.zeros((1, len(rows)))
    known, fresh = (
        conditional(rows, tau, seen, np.array([8.0]), [basis]).lower[0, 0, 0] for basis in ("gross", "new")
    )
    assert known < 0.1
    assert fresh > 0.5


def test_left_to_itself_it_speaks_on_the_basis_of_the_latest_figure() -> None:
    rows = [toy_row("first", 3, 0.0, basis="gross"), toy_row("first", 9, 1.0), toy_row("first", 5, 0.3)]
    tau, seen, at = np.array([0.3]), np.zeros((1, 3)), np.array([10.0, 20.0])
    left = conditional(rows, tau, seen, at)
    same = conditional(rows, tau, seen, at, ["", ""])
    np.testing.assert_array_equal(left.mean, same.mean)
    np.testing.assert_array_equal(left.lower, same.lower)


def test_a_series_without_figures_has_its_prior() -> None:
    one, tau, at = MAKES["first"], np.array([0.2, 0.6]), np.array([1.0, 4.0, 30.0])
    found = left_out(one, None, None, tau, at)
    rows = [toy_row("first", int(month), 0.0, 0.0) for month in at]
    assert not found.mean.any()
    for draw in range(2):
        np.testing.assert_allclose(
            found.lower[draw] @ found.lower[draw].T, covariance(one, rows, tau[draw]), atol=1e-7
        )


def test_it_fades_with_distance() -> None:
    made = Likelihood((toy_row("second", 10, 2.0, 0.01),))
    tau, at = np.array([0.5]), np.array([10.0, 12.0, 200.0])
    found = left_out(MAKES["second"], made.groups["second"], np.zeros((1, 1)), tau, at)
    assert found.mean[0] == pytest.approx([2.0, 2.0 * np.exp(-1.0), 0.0], abs=0.01)
    spread = np.sqrt((found.lower[0] ** 2).sum(axis=1))
    assert spread[0] < 0.02
    assert spread[2] == pytest.approx(0.5, rel=1e-3)
