"""Rows and what is said of them."""

from __future__ import annotations

import datetime as dt
import importlib

import pytest

from tests.measures.made import row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window
from twocurves.observed.measures.report import measure_all
from twocurves.observed.measures.rows import hindsight, months_covered, rows, slug, sources_of
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import Observations

FAMILIES = ("prices", "premium", "commodity", "shares", "revenue", "compute")


def test_only_dated_usable_rows_of_the_window_in_order() -> None:
    held = table(
        [
            row("s", "late", "2026-02-01", 1.0, "u"),
            row("s", "early", "2025-02-01", 1.0, "u"),
            row("s", "undated", None, 1.0, "u"),
            row("s", "empty", "2025-03-01", None, "u"),
            row("s", "infinite", "2025-03-01", float("inf"), "u"),
            row("s", "out", "2025-03-01", 1.0, "u", exclude="scope"),
            row("t", "other", "2025-03-01", 1.0, "u"),
        ]
    )
    assert rows(held, "s", window=Window())["entity"].to_list() == ["early", "late"]
    assert rows(held, "s", window=Window(), also=("scope",)).height == 3
    assert rows(held, "s", window=Window(Month.parse("2026-02"), None))["entity"].to_list() == ["late"]
    assert rows(held, "nothing of this name", window=Window()).is_empty()


def test_credit_comes_first_and_each_source_once() -> None:
    held = table(
        [
            row("eci", "a", "2026-01-01", 1.0, "u", source="A paper | https://a.example"),
            row("s", "b", "2026-01-02", 1.0, "u", source="Epoch AI | https://b.example"),
            row("eci", "c", "2026-01-03", 1.0, "u", source="A paper | https://a.example"),
        ]
    )
    assert sources_of(held.frame) == (
        series_catalogue()["eci"].credit,
        "A paper | https://a.example",
        "Epoch AI | https://b.example",
    )


def test_the_credit_of_a_series_is_that_of_the_catalogue_and_stands_once(real: Observations) -> None:
    due = {entry.credit for entry in series_catalogue().values() if entry.credit}
    for name, entry in series_catalogue().items():
        found = sources_of(real.frame.filter(real.frame["series"] == name))
        given = [source for source in found if source in due]
        assert given == ([entry.credit] if entry.credit and found else []), name
    for measure in measure_all(table=real).measures:
        bare = [source for source in measure.sources if source in due]
        assert len(bare) == len(set(bare)), measure.id
        if measure.id.startswith(("compute_", "capability_growth", "lag_months", "metr_")):
            assert len(bare) == 1, measure.id


def test_what_rests_on_a_later_fit_or_count_says_so(real: Observations) -> None:
    without = Observations(real.frame.filter(~real.frame["pseudo_real_time"]), real.as_of)
    real_time = {one.id: (one.estimate, one.low, one.high) for one in measure_all(table=without).measures}
    resting = [
        one
        for one in measure_all(table=real).measures
        if one.estimate is not None and real_time.get(one.id) != (one.estimate, one.low, one.high)
    ]
    ids = {one.id for one in resting}
    assert {"metr_doubling_days", "compute_growth", "compute_stock:in_service", "flagship_price_trend"} <= ids
    assert [one.id for one in resting if "pseudo-real-time" not in one.note] == []


def test_hindsight_names_the_days_of_the_fit() -> None:
    later = {"pseudo_real_time": True, "known_on": dt.date(2026, 4, 11)}
    held = table([row("s", "a", "2025-01-01", 1.0, "u", **later), row("s", "b", "2025-01-02", 1.0, "u")])
    assert "(2026-04-11): pseudo-real-time for any earlier day." in hindsight(held.frame)
    assert "here 2025-02-01" in hindsight(held.frame, dt.date(2025, 2, 1))
    assert hindsight(held.frame.filter(~held.frame["pseudo_real_time"])) == ""


def test_slugs_are_stable() -> None:
    assert slug("Together AI") == "together_ai"
    assert slug("Z.ai") == "z.ai"
    assert slug(" MMLU >=43.9 ") == "mmlu_43.9"


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("as_of", [dt.date(2023, 6, 1), dt.date(2024, 12, 31), dt.date(2025, 12, 31)])
def test_no_family_sees_past_its_day(name: str, as_of: dt.date, real: Observations) -> None:
    family = importlib.import_module(f"twocurves.observed.measures.{name}").FAMILY
    measured = family.run(real.until(as_of), Window())
    sound(measured)
    assert all(measure.end is None or measure.end.first_day <= as_of for measure in measured.measures)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_keeps_to_its_promises(name: str, real: Observations) -> None:
    family = importlib.import_module(f"twocurves.observed.measures.{name}").FAMILY
    measured = family.run(real, Window())
    ids = {measure.id for measure in measured.measures}
    assert set(family.chief) <= ids
    assert measured.tables
    records = [measure.as_record() for measure in measured.measures]
    assert all(record["level"] == 0.9 for record in records)


@pytest.mark.parametrize(
    ("day", "precision", "covered"),
    [
        ("2025-11-15", "quarter", ("2025-10", "2025-12")),
        ("2025-07-01", "year", ("2025-01", "2025-12")),
        ("2025-10-01", "half", ("2025-07", "2025-12")),
        ("2025-11-15", "month", ("2025-11", "2025-11")),
        ("2025-11-03", "quarter", ("2025-11", "2025-11")),
        ("2025-07-01", "day", ("2025-07", "2025-07")),
    ],
)
def test_a_period_covers_its_months(day: str, precision: str, covered: tuple[str, str]) -> None:
    frame = table([row("s", "e", day, 1.0, "u", date_precision=precision)]).frame
    first, last = months_covered(frame)
    assert (str(first), str(last)) == covered
