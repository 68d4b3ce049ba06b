"""Questions held against observations made for the test, and against the packaged ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest

from twocurves.claims import Ledger, Question
from twocurves.claims.resolve import BY_HAND, Outcome, resolve, resolve_all
from twocurves.errors import BadFileError
from twocurves.observed.tables import Observations, observations
from twocurves.observed.tidying import COLUMNS

Ask = Callable[..., Question]
LATE = dt.date(2032, 2, 1)


def held(*rows: tuple[str, str, str, float | None]) -> Observations:
    """Observations of ``(series, entity, date, value)``, each known on its day."""
    days = [dt.date.fromisoformat(date) for _, _, date, _ in rows]
    found = {
        "series": [row[0] for row in rows],
        "entity": [row[1] for row in rows],
        "economy": ["closed" for _ in rows],
        "date": days,
        "known_on": days,
        "value": [row[3] for row in rows],
        "row": [f"own.csv:{number}" for number in range(2, len(rows) + 2)],
        "source": ["A source" for _ in rows],
        "pseudo_real_time": [False for _ in rows],
    }
    frame = pl.DataFrame(found, strict=False)
    return Observations(
        frame.with_columns(
            *(pl.lit(None).cast(kind).alias(name) for name, kind in COLUMNS.items() if name not in found)
        ).select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
    )


def values_of_anthropic(*rows: tuple[str, float | None]) -> Observations:
    return held(*(("valuation_usd_bn", "Anthropic", day, value) for day, value in rows))


@pytest.mark.parametrize(("value", "state"), [(1999.0, "false"), (2000.0, "true"), (2500.0, "true")])
def test_the_last_valuation_decides(shipped: Ledger, value: float, state: str) -> None:
    question = shipped.question("C07.anthropic_2031")
    seen = values_of_anthropic(("2028-05-01", 9000.0), ("2031-03-01", value), ("2032-01-15", 10.0))
    found = resolve(question, seen, LATE)
    assert found.state == state
    assert found.value == pytest.approx(value / 1000.0)
    assert found.rows["row"].to_list() == ["own.csv:3"]
    assert found.score_value == (1.0 if state == "true" else 0.0)
    assert found.as_record()["sources"] == ["A source"]


def test_nothing_is_said_before_the_date_or_without_rows(shipped: Ledger) -> None:
    question = shipped.question("C07.anthropic_2031")
    seen = values_of_anthropic(("2031-03-01", 3000.0))
    early = resolve(question, seen, dt.date(2031, 12, 30))
    assert (early.state, early.score_value) == ("open", None)
    assert "not over" in early.why
    old = resolve(question, values_of_anthropic(("2029-11-01", 3000.0)), LATE)
    assert "too few rows" in old.why
    by_hand_only = resolve(shipped.question("C10"), seen, dt.date(2036, 2, 1))
    assert BY_HAND in by_hand_only.why
    assert {one.state for one in (early, old, by_hand_only)} == {"open"}


def test_rows_not_yet_known_are_left_out(shipped: Ledger) -> None:
    question = shipped.question("C07.anthropic_2031")
    seen = values_of_anthropic(("2031-03-01", 1500.0), ("2031-06-01", 3000.0))
    late = Observations(
        seen.frame.with_columns(known_on=pl.Series([dt.date(2031, 3, 1), dt.date(2032, 6, 1)]))
    )
    assert resolve(question, late, LATE).state == "false"
    assert resolve(question, late, dt.date(2032, 7, 1)).state == "true"


def test_contradicting_rows_are_ambiguous(shipped: Ledger) -> None:
    question = shipped.question("C07.anthropic_2031")
    found = resolve(question, values_of_anthropic(("2031-03-01", 1500.0), ("2031-03-01", 3000.0)), LATE)
    assert (found.state, found.score_value) == ("ambiguous", 0.5)
    assert (
        resolve(question, values_of_anthropic(("2031-03-01", 2500.0), ("2031-03-01", 3000.0)), LATE).state
        == "true"
    )


TWO = (
    '[{series = "lag_months", entity = "one", statistic = "mean", months = 12, unit = "month"},'
    ' {series = "lag_months", entity = "two", statistic = "mean", months = 12, unit = "month"}]'
)


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (10.0, 16.0, "ambiguous"),
        (11.0, 13.0, "true"),
        (10.0, 11.0, "true"),
        (13.0, 11.0, "false"),
        (None, 13.0, "false"),
    ],
)
def test_two_sources(ask: Ask, first: float | None, second: float, state: str) -> None:
    question = ask(
        "mean(lag_months, date - 11, date)", threshold=12.0, unit="month", sense="at_most", observed=TWO
    )
    rows = [("lag_months", "two", "2028-05-01", second)]
    if first is not None:
        rows.append(("lag_months", "one", "2028-04-01", first))
    assert resolve(question, held(*rows), LATE).state == state


def test_units_of_the_series_are_converted_or_refused(ask: Ask) -> None:
    def asked(unit: str) -> Outcome:
        rule = f'[{{series = "lag_months", statistic = "max", months = 12, unit = "{unit}"}}]'
        question = ask("at(lag_months, date)", threshold=11.0, unit="month", sense="at_least", observed=rule)
        return resolve(question, held(("lag_months", "x", "2028-05-01", 1.0)), LATE)

    assert asked("year").value == pytest.approx(12.0)
    assert asked("month").state == "false"
    with pytest.raises(BadFileError, match=r"T01\.q: lag_months gives dollar"):
        asked("usd")


def test_a_frontier_is_the_record_at_the_end_of_each_month(shipped: Ledger) -> None:
    question = shipped.question("C05.growth_2028")
    rows = [("eci", f"m{n}", f"{2026 + n // 12}-{n % 12 + 1:02d}-10", 100.0 + 0.5 * n) for n in range(36)]
    worse = [("eci", "w", "2028-03-20", 50.0)]
    found = resolve(question, held(*rows, *worse), LATE)
    assert found.value == pytest.approx(6.0, rel=1e-6)
    assert found.state == "true"
    assert "w" not in found.rows["entity"].to_list()
    assert resolve(question, held(*rows[30:]), LATE).state == "open"


@pytest.mark.parametrize(("value", "state"), [(1.0, "true"), (0.0, "false"), (0.5, "ambiguous")])
def test_a_person_can_answer(shipped: Ledger, value: float, state: str) -> None:
    found = resolve(
        shipped.question("C10"), held((BY_HAND, "C10.net_revenue", "2036-01-05", value)), dt.date(2036, 2, 1)
    )
    assert found.state == state


def test_an_answer_by_hand_must_be_one(shipped: Ledger) -> None:
    with pytest.raises(
        BadFileError, match=r"own\.csv:2: claim_outcome of C10\.net_revenue must be 1, 0 or 0\.5"
    ):
        resolve(
            shipped.question("C10"),
            held((BY_HAND, "C10.net_revenue", "2036-01-05", 0.7)),
            dt.date(2036, 2, 1),
        )


def test_the_packaged_observations_answer_what_is_past(shipped: Ledger) -> None:
    found = resolve_all(shipped, observations(), dt.date(2026, 6, 30))
    assert found.keys() == {question.id for question in shipped}
    answered = {name for name, one in found.items() if one.state != "open"}
    assert answered == {"C05.growth_2026", "C17.lag_2026"}
    for name in answered:
        assert found[name].rows.height > 0
        assert (found[name].rows["date"] <= dt.date(2026, 6, 30)).all()
