"""Rows and what is said of them."""

from __future__ import annotations

import datetime as dt
import importlib

import pytest

from tests.measures.made import row, sound, table
from twocurves.months import Month
from twocurves.observed.measures import Window
from twocurves.observed.measures.rows import EPOCH_CREDIT, rows, slug, sources_of
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
            row("s", "a", "2026-01-01", 1.0, "u", source="A paper | https://a.example"),
            row("s", "b", "2026-01-02", 1.0, "u", source="Epoch AI | https://b.example"),
            row("s", "c", "2026-01-03", 1.0, "u", source="A paper | https://a.example"),
        ]
    )
    assert sources_of(held.frame) == (
        EPOCH_CREDIT,
        "A paper | https://a.example",
        "Epoch AI | https://b.example",
    )


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
