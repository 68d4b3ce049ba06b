"""Units convert within a dimension and refuse across."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.errors import BadInputError
from twocurves.units import convert, unit


@pytest.mark.parametrize(
    ("value", "given_unit", "wanted", "expected"),
    [
        (12.0, "usd / month", "usd / year", 144.0),
        (1.0, "billion_usd / year", "million_usd / year", 1000.0),
        (1.0, "WU", "tokens", 1e6),
        (2.0, "usd / WU", "usd / million_token", 2.0),
        (1.0, "year", "months", 12.0),
        (50.0, "percent", "1", 0.5),
    ],
)
def test_known_conversions(value, given_unit, wanted, expected):
    assert convert(value, given_unit, wanted) == pytest.approx(expected, rel=1e-12)


@given(st.floats(1e-6, 1e6), st.sampled_from([("usd / hour", "usd / year"), ("eci / year", "eci / month")]))
def test_conversion_and_back_is_the_identity(value, units):
    first, second = units
    assert convert(convert(value, first, second), second, first) == pytest.approx(value, rel=1e-12)


def test_money_is_not_capability():
    with pytest.raises(BadInputError, match="Cannot turn usd into eci"):
        convert(1.0, "usd", "eci")


@pytest.mark.parametrize("text", ["uds / hour", "usd /", "((", "usd ** 'x'", ""])
def test_a_unit_outside_the_table_is_refused_in_one_sentence(text):
    with pytest.raises(BadInputError, match="No unit") as caught:
        unit(text)
    assert caught.value.field == "unit"
    assert "\n" not in caught.value.message


def test_a_misspelt_unit_gets_the_nearest():
    with pytest.raises(BadInputError) as caught:
        unit("dolar / hour")
    assert caught.value.suggestion == "dollar"
