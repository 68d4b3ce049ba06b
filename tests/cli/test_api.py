"""What ``import twocurves`` offers: text for months and days, and faults in one sentence."""

import datetime as dt

import pytest

import twocurves as tc
from twocurves.months import Month, as_day, as_month


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path / "data"))


def test_every_public_name_is_there_and_the_version_is_a_text():
    for name in dir(tc):
        assert getattr(tc, name) is not None
    assert {"measure", "scenario", "read_settings", "__version__"} <= set(dir(tc))
    assert tc.__version__.count(".") >= 1
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tc.nothing  # noqa: B018


def test_months_and_days_may_be_text():
    by_text = tc.measure(start="2024-01", end="2025-12", as_of="2026-01-31")
    by_value = tc.measure(
        start=Month.parse("2024-01"), end=Month.parse("2025-12"), as_of=dt.date(2026, 1, 31)
    )
    assert by_text.as_record() == by_value.as_record()
    assert tc.observations("2024-12-31").frame.equals(tc.observations(dt.date(2024, 12, 31)).frame)
    assert tc.offers("models-dev", "2026-04-30").equals(tc.offers("models-dev", dt.date(2026, 4, 30)))
    assert as_day(dt.datetime(2024, 1, 2, 3, 4), "day") == dt.date(2024, 1, 2)
    assert as_month(None, "month") is None


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tc.measure(start="January"), "start must be a month such as 2026-06; you gave 'January'"),
        (
            lambda: tc.measure(start=202401),  # type: ignore[arg-type]
            "start must be a month such as 2026-06; you gave 202401",
        ),
        (lambda: tc.measure(as_of="2024-13-01"), "as_of must be a day such as 2026-06-30"),
        (
            lambda: tc.measure(as_of=2024),  # type: ignore[arg-type]
            "as_of must be a day such as 2026-06-30; you gave 2024",
        ),
        (lambda: tc.observations("yesterday"), "as_of must be a day"),
        (lambda: tc.observations("1999-01-01"), "the first observation counts from"),
        (lambda: tc.offers(as_of="soon"), "as_of must be a day"),
        (
            lambda: tc.draws("central"),  # type: ignore[arg-type]
            "draws takes what load_beliefs",
        ),
        (
            lambda: tc.draws(tc.load_beliefs(), "central"),  # type: ignore[arg-type]
            "draws takes what load_beliefs",
        ),
        (lambda: tc.draws(tc.load_beliefs()).array("lag_pubb"), "did you mean 'lag_pub'"),
        (lambda: tc.draws(tc.load_beliefs()).entities("lag_pub"), "No indexed parameter 'lag_pub'"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(call, says):
    with pytest.raises(tc.BadInputError) as caught:
        call()
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_the_words_of_the_fault_are_a_way_that_works():
    beliefs = tc.load_beliefs()
    drawn = tc.draws(beliefs, tc.scenario(beliefs, "api_shut").settings, seed=7, count=8)
    assert len(drawn.array("lag_pub")) == 8
