"""Known answers of the language, and how it treats what cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.claims.contract import random_paths
from twocurves.claims import MeasureShape, MeasureTable, Question, compile_question
from twocurves.months import Month

Ask = Callable[..., Question]
Values = Mapping[str, NDArray[np.float64]]

#: Twelve months of one number, and of three labs in two regions.
SMALL = MeasureTable(
    {
        "x": MeasureShape("1"),
        "y": MeasureShape("1"),
        "lag": MeasureShape("months"),
        "money": MeasureShape("usd_billion_per_year"),
        "by_lab": MeasureShape("1", ("lab",)),
        "grid": MeasureShape("1", ("lab", "region")),
    },
    {"lab": ("a", "b", "c"), "region": ("east", "west")},
    Month.parse("2028-01"),
    Month.parse("2028-12"),
)

RAMP = np.arange(12.0)


def values(**given_values: object) -> dict[str, NDArray[np.float64]]:
    return {name: np.asarray(value, dtype=np.float64)[None] for name, value in given_values.items()}


def truth(ask: Ask, expression: str, batch: Values, **more: object) -> int:
    return int(compile_question(ask(expression, **more), SMALL).truth(batch, 1)[0])


BY_LAB = np.stack([np.full(12, 3.0), RAMP, 20.0 - RAMP], axis=-1)
GRID = np.arange(12.0)[:, None, None] + np.array([[0.0, 10.0], [1.0, 20.0], [2.0, 30.0]])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("at(x, '2028-03')", 2.0),
        ("at(x, date - 9)", 2.0),
        ("mean(x, '2028-01', '2028-12')", 5.5),
        ("max(x, date - 5, date - 2)", 9.0),
        ("min(x, date - 5, date - 2)", 6.0),
        ("slope(x, '2028-01', date)", 12.0),
        ("slope(3 * x - 1, '2028-02', '2028-06')", 36.0),
        ("growth(y, '2028-01', '2028-07')", 4.0),
        ("at(x - earlier(x, 3), date)", 3.0),
        ("at(trailing(x, 3), date)", 10.0),
        ("at(earlier(trailing(x, 3), 2), date)", 8.0),
        ("at(by_lab[b], date)", 11.0),
        ("sum_over(lab, at(by_lab, date))", 23.0),
        ("sum_over(lab, at(by_lab, date), a, b)", 14.0),
        ("max_over(lab, at(by_lab, date))", 11.0),
        ("min_over(lab, at(by_lab, date))", 3.0),
        ("mean_over(lab, at(by_lab, date), b, c)", 10.0),
        ("median_over(lab, at(by_lab, date))", 9.0),
        ("median_over(lab, at(by_lab, date), a, c)", 6.0),
        ("second_over(lab, at(by_lab, date))", 9.0),
        ("count_over(lab, at(by_lab, date) > 3)", 2.0),
        ("at(max_over(lab, by_lab) - by_lab[a], date)", 8.0),
        ("at(grid[b, west], date)", 31.0),
        ("at(grid[west, b], date)", 31.0),
        ("sum_over(lab, at(grid[east], date))", 36.0),
        ("sum_over(region, at(grid[c], date))", 54.0),
        ("sum_over(lab, sum_over(region, at(grid, date)))", 129.0),
        ("sum_over(region, sum_over(lab, at(by_lab * grid, date)))", 3 * 32.0 + 11 * 43.0 + 9 * 54.0),
        ("sum_over(region, sum_over(lab, at(grid - by_lab, date)))", 129.0 - 46.0),
        ("count_months(x > 3, '2028-01', date) / quantity(1, 'month')", 8.0),
        ("-at(x, date) + 2 * 3 / 4", -9.5),
    ],
)
def test_numbers(ask: Ask, expression: str, expected: float) -> None:
    batch = values(x=RAMP, y=2.0 ** (RAMP / 6.0) * 4.0 ** (RAMP / 12.0), by_lab=BY_LAB, grid=GRID)
    if "growth" in expression:
        batch = values(y=2.0 ** (RAMP / 6.0))
    unit = "1 / year" if "slope" in expression else "1"
    compiled = compile_question(ask(expression, threshold=0.5, unit=unit, sense="above"), SMALL)
    found = compiled.outcome(batch, 1)
    assert found is not None
    assert found[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("all(x >= 0, '2028-01', date)", 1),
        ("all(x >= 1, '2028-01', date)", 0),
        ("any(x > 10.5, '2028-01', date)", 1),
        ("any(x > 11, '2028-01', date)", 0),
        ("sustained(x < 4, 4, '2028-01', date)", 1),
        ("sustained(x < 4, 5, '2028-01', date)", 0),
        ("first(x > 3, '2028-01', date) <= '2028-05'", 1),
        ("first(x > 3, '2028-01', date) < '2028-05'", 0),
        ("first(x > 99, '2028-01', date) <= '2099-01'", 0),
        ("first(x > 3, '2028-01', date) < first(x > 99, '2028-01', date)", 1),
        ("first(x > 3, '2028-01', date) < date", 1),
        ("2 < at(x, '2028-04') <= 3", 1),
        ("3 < at(x, '2028-04') <= 3", 0),
        ("not at(x, date) > 3 or at(x, date) > 10 and at(x, date) < 12", 1),
        ("any_over(lab, at(by_lab, date) > 10)", 1),
        ("all_over(lab, at(by_lab, date) > 10)", 0),
        ("all_over(lab, at(by_lab, date) > 8, b, c)", 1),
        ("at(x, date) > threshold", 1),
    ],
)
def test_truths(ask: Ask, expression: str, expected: int) -> None:
    more = {"threshold": 10.5} if "threshold" in expression else {}
    assert truth(ask, expression, values(x=RAMP, by_lab=BY_LAB), **more) == expected


@pytest.mark.parametrize(("sense", "expected"), [("above", 0), ("at_least", 1), ("below", 0), ("at_most", 1)])
def test_a_number_on_its_threshold(ask: Ask, sense: str, expected: int) -> None:
    batch = values(x=RAMP)
    assert truth(ask, "at(x, date)", batch, threshold=11.0, sense=sense) == expected


def test_units_are_converted(ask: Ask) -> None:
    batch = values(money=np.full(12, 24.0), lag=np.full(12, 18.0))
    assert truth(ask, "at(lag, date) > quantity(1.4, 'year')", batch) == 1
    assert truth(ask, "at(lag, date) > quantity(1.6, 'year')", batch) == 0
    assert truth(ask, "at(money, date) >= quantity(1999, 'million_usd / month')", batch) == 1
    assert truth(ask, "at(money, date) >= quantity(2001, 'million_usd / month')", batch) == 0
    assert (
        truth(ask, "at(money * lag, date)", batch, threshold=0.036, unit="trillion_usd", sense="at_least")
        == 1
    )
    assert truth(ask, "at(lag, date) + quantity(1, 'year') > quantity(29, 'month')", batch) == 1
    assert truth(ask, "at(lag, date) > 0 and 0 - at(lag, date) < 0", batch) == 1


def test_the_outcome_is_in_the_unit_of_the_threshold(ask: Ask) -> None:
    question = ask("at(lag, date)", threshold=1.0, unit="year", sense="above")
    found = compile_question(question, SMALL).outcome(values(lag=np.full(12, 18.0)), 1)
    assert found is not None
    assert found[0] == pytest.approx(1.5)


def test_threshold_and_date_can_be_varied(ask: Ask) -> None:
    question = ask("at(x, date)", threshold=10.0, sense="above", prior_probability=0.5)
    batch = values(x=RAMP)
    moved = question.varied(date=Month.parse("2028-06"))
    lower = moved.varied(threshold=4.0)
    answers = [int(compile_question(one, SMALL).truth(batch, 1)[0]) for one in (question, moved, lower)]
    assert answers == [1, 0, 1]
    assert lower.prior_probability is None
    assert question.prior_probability == 0.5


BAD = [np.nan, np.inf, -np.inf]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "expression",
    [
        "at(x, date) > 1",
        "not at(x, date) > 1",
        "at(x, date) > 1 or at(y, date) > 0",
        "at(x, date) > 1 and at(y, date) < 0",
        "any(x > 1 or y > 0, '2028-01', date)",
        "all(x > 99, '2028-01', date)",
        "sustained(x > 1, 2, '2028-01', date)",
        "first(x > 1, '2028-01', date) < date",
        "count_months(x > 1, '2028-01', date) > 0",
        "growth(x, '2028-01', date) > 1",
        "slope(x, '2028-01', date) > 0",
        "max(x, '2028-01', date) > 1",
        "any(trailing(x, 3) > 1, '2028-03', date)",
    ],
)
def test_what_is_not_finite_is_undetermined(ask: Ask, expression: str, bad: float) -> None:
    path = RAMP + 1.0
    path[-1] = bad
    assert truth(ask, expression, values(x=path, y=RAMP + 1.0)) == -1


@pytest.mark.parametrize("how", ["sum", "mean", "median", "max", "min", "second"])
def test_an_unknown_among_entities_stays_unknown(ask: Ask, how: str) -> None:
    broken = BY_LAB.copy()
    broken[-1, 1] = np.nan
    assert truth(ask, f"{how}_over(lab, at(by_lab, date)) > 0", values(by_lab=broken)) == -1
    assert truth(ask, f"{how}_over(lab, at(by_lab, date), a, c) > 0", values(by_lab=broken)) == 1


def test_what_lies_outside_the_window_does_not_matter(ask: Ask) -> None:
    path = RAMP.copy()
    path[:3] = np.nan
    assert truth(ask, "mean(x, '2028-04', date) > 1", values(x=path)) == 1
    assert truth(ask, "mean(x, '2028-03', date) > 1", values(x=path)) == -1


def test_a_quotient_by_zero_and_a_growth_from_nothing_are_unknown(ask: Ask) -> None:
    batch = values(x=RAMP, y=np.zeros(12))
    assert truth(ask, "at(x / y, date) > 1", batch) == -1
    assert truth(ask, "growth(x, '2028-01', date) > 1", batch) == -1
    assert truth(ask, "growth(x, '2028-02', date) > 1", batch) == 1


FINITE = hnp.arrays(np.float64, (3, 12), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


@given(x=FINITE, cut=st.floats(-1e6, 1e6))
def test_a_condition_and_its_negation_disagree(ask: Ask, x: NDArray[np.float64], cut: float) -> None:
    plain = compile_question(ask("any(x > threshold, '2028-01', date)", threshold=cut), SMALL)
    denied = compile_question(ask("all(x <= threshold, '2028-01', date)", threshold=cut), SMALL)
    assert (plain.truth({"x": x}, 3) + denied.truth({"x": x}, 3) == 1).all()


@given(x=FINITE, cut=st.floats(-1e6, 1e6))
def test_counting_agrees_with_all_any_and_sustained(ask: Ask, x: NDArray[np.float64], cut: float) -> None:
    def row(expression: str, **more: object) -> NDArray[np.int8]:
        question = ask(expression.replace("CUT", repr(cut)), **more)
        return compile_question(question, SMALL).truth({"x": x}, 3)

    span = "'2028-01', date"
    some = row(f"count_months(x > CUT, {span})", threshold=0.0, unit="month", sense="above")
    every = row(f"count_months(x > CUT, {span})", threshold=12.0, unit="month", sense="at_least")
    assert (some == row(f"any(x > CUT, {span})")).all()
    assert (every == row(f"all(x > CUT, {span})")).all()
    assert (every == row(f"sustained(x > CUT, 12, {span})")).all()
    assert (some == row(f"sustained(x > CUT, 1, {span})")).all()
    assert (some == row(f"first(x > CUT, {span}) <= date")).all()


@given(x=FINITE, shift=st.floats(-100, 100), scale=st.floats(0.1, 10))
def test_slopes_are_linear(ask: Ask, x: NDArray[np.float64], shift: float, scale: float) -> None:
    question = ask("slope(x, '2028-01', date)", threshold=1.0, unit="1 / year", sense="above")
    compiled = compile_question(question, SMALL)
    plain, moved = compiled.outcome({"x": x}, 3), compiled.outcome({"x": scale * x + shift}, 3)
    assert plain is not None
    assert moved is not None
    np.testing.assert_allclose(moved, scale * plain, rtol=1e-9, atol=1e-5)


def test_single_and_double_precision_agree(ask: Ask, table: MeasureTable) -> None:
    compiled = compile_question(ask("mean(cover, date - 11, date)", threshold=1.0, sense="above"), table)
    paths = random_paths(table, 64, 3, compiled.measures)
    single = {name: path.astype(np.float32) for name, path in paths.items()}
    one, two = compiled.outcome(paths, 64), compiled.outcome(single, 64)
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(one, two, rtol=1e-6)
