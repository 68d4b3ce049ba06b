"""Checks of tables: the shipped ones pass, and every fault is named by its row."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.observed.rows import as_csv, fetched, row, tidied, write
from twocurves.observed.check import Problem, check_frame, check_observations, check_tables
from twocurves.observed.tables import IMPORTED

TODAY = dt.date(2026, 6, 30)


def found(folder: Path, *rows: dict[str, str]) -> list[Problem]:
    return check_frame(tidied(folder, *rows), TODAY)


def test_the_shipped_tables_pass(tmp_path: Path) -> None:
    assert [str(problem) for problem in check_tables(tmp_path, TODAY)] == []
    checked = check_observations(tmp_path, TODAY)
    assert not checked.broken
    assert checked.rows == 1615
    assert len(checked.conflicts) > 30
    assert sum(checked.left_out.values()) > 300
    record = checked.as_record()
    assert record["problems"] == []
    assert checked.lines()[0] == "Observations: 1,615 rows of 134 series."


def test_a_fetched_table_changed_by_other_hands_is_broken(tmp_path: Path) -> None:
    content = as_csv([row()])
    path = fetched(tmp_path, "newer", content)
    assert check_tables(tmp_path, TODAY) == []
    path.write_text(content.replace("0.5", "0.6"))
    (problem,) = check_tables(tmp_path, TODAY)
    assert (problem.row, problem.severity) == ("newer.csv", "broken")
    assert "not as it was fetched" in problem.message
    assert check_observations(tmp_path, TODAY).broken


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"low": "0.6"}, "low 0.6 is above value 0.5"),
        ({"high": "0.4"}, "high 0.4 is below value 0.5"),
        ({"unit": ""}, "unit is empty"),
        ({"source": ""}, "source is empty"),
        ({"entity": ""}, "entity is empty"),
        ({"series": ""}, "series is empty"),
        (
            {"series": "ECI"},
            "series must be named in small letters, digits, _ : . and -; it is 'ECI'; did you mean 'eci'?",
        ),
        ({"date": "1999-01-01"}, "date 1999-01-01 lies outside 2010-01-01 to 2027-12-31"),
        ({"date": "2026-07-01"}, "date 2026-07-01 lies in the future (today is 2026-06-30)"),
        ({"date": "2031"}, "date 2031-07-01 lies outside 2010-01-01 to 2027-12-31"),
        ({"access": "semi"}, "access must be open, closed or empty; it is 'semi'"),
        (
            {"date_precision": "week"},
            "date_precision must be one of day, month, quarter, half, year, undated; it is 'week'",
        ),
        (
            {"value": "50"},
            "value 50 must be at most 1 (fraction); a fraction lies between 0 and 1; is it in percent?",
        ),
        (
            {"series": "take_rate", "value": "5"},
            "value 5 must be at least 0 and at most 1 (fraction); is it in percent?",
        ),
        (
            {"series": "take_rate", "unit": "percent"},
            "unit of take_rate must be 'fraction'; it is 'percent'",
        ),
        (
            {"series": "compute_spend", "unit": "USD billion/y"},
            "unit of compute_spend must be 'USD billion/yr' or 'USD billion/yr (run rate)'; "
            "it is 'USD billion/y'; did you mean 'USD billion/yr'?",
        ),
        (
            {"series": "list_price_output", "unit": "USD per M tokens", "value": "-1"},
            "value -1 must be above 0 and at most 1000 (USD per M tokens); it is negative",
        ),
        (
            {"series": "list_price_output", "unit": "USD per M tokens", "value": "0"},
            "value 0 must be above 0 and at most 1000 (USD per M tokens)",
        ),
        (
            {"series": "arr_usd_bn", "unit": "USD billion/yr", "value": "30000000000"},
            "value 3e+10 must be above 0 and at most 10000 (USD billion/yr)",
        ),
        (
            {"series": "take_rate", "value": "0.05", "low": "-0.2"},
            "low -0.2 must be at least 0 and at most 1 (fraction)",
        ),
        (
            {"series": "fresh", "unit": "USD per M tokens", "value": "-3"},
            "value -3 must be at least 0 (USD per M tokens); this cannot be negative",
        ),
        (
            {
                "series": "openrouter_top10_weekly_revenue",
                "unit": "USD/week (list price)",
                "date": "2025-11-09",
            },
            "date 2025-11-09 lies where the method of openrouter_top10_weekly_revenue does not hold;"
            " it holds from 2025-11-16 on",
        ),
    ],
)
def test_a_broken_row_is_named_with_what_is_wrong(
    cells: dict[str, str], message: str, tmp_path: Path
) -> None:
    problems = found(tmp_path, row(entity="Sound"), row(**cells))
    broken = [str(problem) for problem in problems if problem.severity == "broken"]
    assert f"table.csv:3: {message}" in broken


@pytest.mark.parametrize("cells", [{"series": "", "date": "1999"}, {"series": "", "unit": ""}])
def test_a_row_without_a_series_is_told_in_words(cells: dict[str, str], tmp_path: Path) -> None:
    for problem in found(tmp_path, row(**cells)):
        assert problem.row == "table.csv:2"
        assert "_" not in problem.message
        assert "the start" not in problem.message


def test_a_garbage_file_does_not_hide_what_else_there_is(tmp_path: Path) -> None:
    folder = tmp_path / IMPORTED
    write(folder / "good.csv", [row(series="mine", unit="pebbles", low="0.9")])
    (folder / "bad.csv").write_bytes(b"\x00\x01garbage")
    checked = check_observations(tmp_path, TODAY)
    assert [problem.row for problem in checked.problems] == ["bad.csv", "good.csv:2"]
    assert "twocurves data remove bad" in checked.problems[0].message
    assert (checked.rows, checked.data_to) == (1616, TODAY)


def test_a_missing_value_is_broken_where_the_series_measures(tmp_path: Path) -> None:
    problems = found(tmp_path, row(series="take_rate", value=""))
    assert [str(problem) for problem in problems] == ["table.csv:2: value is empty; only events have none"]


def test_a_table_without_any_day_is_broken(tmp_path: Path) -> None:
    problems = found(tmp_path, row(date=""))
    assert [str(problem) for problem in problems] == [
        "table.csv:2: there is no date and no known_on, here or elsewhere in the table"
    ]


def test_a_row_written_twice_is_broken_and_a_second_source_is_not(tmp_path: Path) -> None:
    problems = found(tmp_path, row(), row(), row(source="Another report"))
    assert [(problem.row, problem.severity) for problem in problems] == [
        ("table.csv:3", "broken"),
        ("table.csv:4", "doubtful"),
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row(known_on="2026-01-01")], "lies before the date"),
        ([row(exclude="because")], "none of the reasons"),
        (
            [row(series="new", unit="USD"), row(series="new", unit="EUR", date="2026-02")],
            "in 'EUR' here and in 'USD'",
        ),
        (
            [
                row(series="new", unit="USD", value="3"),
                row(series="new", unit="USD", value="3000", date="2026-04-30"),
            ],
            "1,000 times above the one before it",
        ),
        ([row(series="eci", unit="ECI points", value="150", entity="A model nobody knows")], "no model"),
        ([row(series="eci", unit="ECI points", value="150", entity="GPT-5", access="open")], "as closed"),
    ],
)
def test_what_is_only_doubtful_is_told_and_does_not_break(
    rows: list[dict[str, str]], says: str, tmp_path: Path
) -> None:
    problems = found(tmp_path, *rows)
    assert problems
    assert {problem.severity for problem in problems} == {"doubtful"}
    assert any(says in problem.message for problem in problems)


def test_a_broken_file_of_the_user_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    write(tmp_path / IMPORTED / "mine.csv", [row(value="many")])
    checked = check_observations(tmp_path, TODAY)
    assert checked.broken
    assert [problem.row for problem in checked.problems] == ["mine.csv"]
    assert any("mine.csv:2: value must be a number" in line for line in checked.lines())


def test_problems_come_in_order_of_rows(tmp_path: Path) -> None:
    problems = found(tmp_path, row(low="0.9"), row(entity="B", unit=""), row(entity="C", high="0.1"))
    assert [problem.row for problem in problems] == ["table.csv:2", "table.csv:3", "table.csv:4"]


def test_an_empty_and_a_one_row_table_pass(tmp_path: Path) -> None:
    assert found(tmp_path, row()) == []
    assert check_frame(tidied(tmp_path, row()).clear(), TODAY) == []
