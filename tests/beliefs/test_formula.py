import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.beliefs.formula import LONGEST_FORMULA, read_formula

numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 3))
leaves = st.one_of(st.sampled_from(["a", "b"]), numbers.map(lambda x: f"({x!r})"), st.integers(0, 9).map(str))
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"-{part}"),
    ),
    max_leaves=8,
)


@given(text=formulas, a=numbers, b=numbers)
def test_formulas_mean_what_arithmetic_means(text: str, a: float, b: float) -> None:
    formula = read_formula(text)
    values = {"a": np.array([a, 1.0]), "b": np.array([b, 2.0])}
    found = np.broadcast_to(formula.evaluate(values), (2,))
    for place in range(2):
        try:
            names = {name: float(column[place]) for name, column in values.items()}
            expected = float(eval(text, {"__builtins__": {}}, names))
        except (ZeroDivisionError, OverflowError):
            assert not math.isfinite(found[place]) or "/" in text
            continue
        if math.isfinite(expected):
            assert found[place] == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "1 +", "a ** 2", "a % 2", "a // b", "f(a)", "a.b", "a[0]", "[a]", "a if b else 1", "lambda: 1",
        "a < b", "a and b", "~a", "+a", "'a'", "True", "1j", "None", "a; b", "a = 1", "__import__('os')",
        "(a := 3)", "1e400", "9" * 400, "a\x00", "(" * 300 + "a" + ")" * 300,
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="formula") as caught:
        read_formula(text)
    assert "\n" not in str(caught.value)


def test_names_are_listed_once_in_order() -> None:
    assert read_formula("b * a - b / (c + 1)").names == ("b", "a", "c")


def test_a_long_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        read_formula("a + " * LONGEST_FORMULA + "a")
