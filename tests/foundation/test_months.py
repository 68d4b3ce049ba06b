import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.errors import BadInputError
from twocurves.months import Month, months_from

months = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)).map(Month.containing)


@given(month=months)
def test_text_reads_back(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert Month.parse(f" {month}-15 ") == month
    assert Month.of(month.year, month.month) == month
    assert repr(month) == f"Month('{month}')"


@given(day=st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)))
def test_a_day_lies_in_its_month(day: dt.date) -> None:
    month = Month.containing(day)
    assert (month.year, month.month) == (day.year, day.month)
    assert month.first_day <= day <= month.last_day
    assert month.first_day.day == 1
    assert (month.last_day + dt.timedelta(days=1)).day == 1


@given(month=months)
def test_months_count_as_numpy_does(month: Month) -> None:
    assert month.to_numpy() == np.datetime64(str(month), "M")
    assert int(month) == np.datetime64(str(month), "M").astype(int)


@given(month=months, step=st.integers(-500, 500))
def test_arithmetic_moves_by_months(month: Month, step: int) -> None:
    moved = month + step
    assert isinstance(moved, Month)
    assert moved - month == step
    assert not isinstance(moved - month, Month)
    back = moved - step
    assert isinstance(back, Month)
    assert back == month
    assert (moved > month) == (step > 0)


@given(month=months, count=st.integers(0, 40))
def test_a_run_of_months_holds_both_ends(month: Month, count: int) -> None:
    run = list(months_from(month, month + count))
    assert len(run) == count + 1
    assert (run[0], run[-1]) == (month, month + count)
    assert [later - earlier for earlier, later in itertools.pairwise(run)] == [1] * count
    assert list(months_from(month, month + -1)) == []


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "26-01", "2026/06", "June 2026", "2026-06-1"]
)
def test_what_is_no_month_is_named(text: str) -> None:
    with pytest.raises(BadInputError, match="must be a month such as 2026-06") as caught:
        Month.parse(text, "from")
    assert caught.value.field == "from"
    assert caught.value.given == text
