"""What the language accepts, what it refuses and how it says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.claims import BeyondHorizonError, MeasureTable, Question, compile_question
from twocurves.claims.syntax import LONGEST_EXPRESSION, ExpressionError, read_expression
from twocurves.errors import BadFileError

Ask = Callable[..., Question]


@pytest.mark.parametrize(
    "text",
    [
        "cover.__class__",
        "().__class__",
        "mean.__globals__['os']",
        "[x for x in cover]",
        "{1: 2}",
        "{1}",
        "(x for x in cover)",
        "lambda: 1",
        "9 ** 9 ** 9",
        "2 ** 3",
        "1 << 4000",
        "1 if cover else 2",
        "(x := 3)",
        "f'{cover}'",
        "mean(*cover)",
        "mean(x=cover)",
        "cover[0]",
        "cover[0:2]",
        "cover['rest']",
        "cover()()",
        "cover == 1",
        "cover != 1",
        "cover is 1",
        "cover in lab",
        "1j",
        "True",
        "None",
        "...",
        "b'bytes'",
        "1e999",
        "await cover",
        "import os",
        "x = 3",
        "cover; cover",
        "cover % 2",
        "cover // 2",
        "+cover",
        "~cover",
        "@cover",
        "",
        "   ",
        "cover >",
        "\x00",
        "-" * 1500 + "1",
        "not " * 400 + "cover",
        "(" * 300 + "1" + ")" * 300,
        "1" + "+1" * 400,
        "9" * 1999,
        "cover" + " " * 3000 + "x" * 3000,
    ],
)
def test_what_is_not_in_the_language_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_expression(text)
    assert "\n" not in caught.value.sentence


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_expression(text)
    except ExpressionError:
        return
    assert len(found.text) <= LONGEST_EXPRESSION


_WORDS = (
    *(
        "cover",
        "lag_months",
        "revenue_by_lab",
        "lab",
        "openai",
        "threshold",
        "date",
        "'2028-12'",
        "'x'",
        "3",
        "0.5",
    ),
    *(
        "at",
        "mean",
        "any",
        "max_over",
        "sustained",
        "quantity",
        "'month'",
        "__import__",
        "lambda",
        "and",
        "or",
    ),
    *("not", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "<", ">=", "**"),
)


@given(st.lists(st.sampled_from(_WORDS), max_size=12))
def test_any_words_compile_or_fail_with_line_and_claim(
    table: MeasureTable, ask: Ask, words: list[str]
) -> None:
    message = "own.toml:0: T01.q: none."
    try:
        compile_question(ask(" ".join(words)), table)
    except BeyondHorizonError:
        return
    except BadFileError as fault:
        message = fault.message
    assert "own.toml:" in message
    assert "T01.q" in message
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("at(lag_months, date) > at(value_by_lab[openai], date)", ["month", "gigadollar", "compared"]),
        ("at(lag_months + revenue_closed, date) > 0", ["month", "gigadollar / year", "added"]),
        ("at(lag_months, date) > 12", ["month", "no unit"]),
        ("at(lag_mnths, date) > 0", ["lag_mnths", "did you mean 'lag_months'"]),
        ("at(value_by_lab[opnai], date) > 0", ["opnai", "did you mean 'openai'"]),
        ("meen(cover, date - 11, date) > 1", ["function 'meen'", "did you mean 'mean'"]),
        ("exec(cover, date) > 1", ["function 'exec'"]),
        ("sum_over(labs, at(revenue_by_lab, date)) > 0", ["kind of entity 'labs'", "'lab'"]),
        ("sum_over(segment, at(revenue_by_lab, date)) > 0", ["does not vary over segment"]),
        ("sum_over(lab, at(revenue_by_lab, date), openai, openai) > 0", ["twice"]),
        ("sum_over(lab, at(revenue_by_lab, date), opnai) > 0", ["did you mean 'openai'"]),
        ("second_over(lab, at(revenue_by_lab, date), openai) > 0", ["second largest"]),
        ("cover > 1", ["'cover'", "each month", "at("]),
        ("at(revenue_by_lab, date) > 0", ["each lab", "sum_over"]),
        ("at(cover[openai], date) > 0", ["one number for the whole economy"]),
        ("at(revenue_by_lab[openai, google], date) > 0", ["two of one kind"]),
        ("at(cover, '2028-13') > 0", ["2028-13", "month"]),
        ("at(cover, 2028) > 0", ["2028", "month"]),
        ("at(cover, date + cover) > 0", ["month"]),
        ("at(cover, date, date) > 0", ["at(x, month)"]),
        ("mean(cover, date, date - 1) > 0", ["ends before it starts"]),
        ("mean(cover > 1, date - 1, date) > 0", ["true or false", "a number is needed"]),
        ("all(cover, date - 1, date)", ["a number", "true or false is needed"]),
        ("at(cover, date) and at(cover, date) > 1", ["a number where true or false"]),
        ("not at(cover, date)", ["a number where true or false"]),
        ("-(at(cover, date) > 1) > 0", ["true or false"]),
        ("at(cover, date) > 'month'", ["no month"]),
        ("at(cover, date) > '2028-01'", ["a month", "numbers are compared"]),
        ("at(cover, date) > quantity(2, 'trillion_uds')", ["trillion_uds"]),
        ("at(cover, date) > quantity(2)", ["quantity(number, 'unit')"]),
        ("at(cover, date) > quantity('2', 'month')", ["2"]),
        ("at(cover, date) > quantity(2, month)", ["no unit in quotes"]),
        ("at(cover, date) > threshold", ["names a threshold"]),
        ("mean(2, date - 1, date) > 1", ["same in every month"]),
        ("mean(at(cover, date), date - 1, date) > 1", ["same in every month"]),
        ("sustained(cover > 1, 0, date - 11, date)", ["whole number"]),
        ("sustained(cover > 1, 1.5, date - 11, date)", ["whole number"]),
        ("sustained(cover > 1, 13, date - 11, date)", ["13 months in a window of 12"]),
        ("growth(cover, date, date) > 1", ["no time"]),
        ("slope(cover, date, date) > 1", ["no slope"]),
        ("first(cover > 1, date - 11, date)", ["ends as a month"]),
        ("1 < 2", ["reads no measure"]),
        ("at(cover, date)", ["threshold and sense"]),
        ("threshold(cover)", ["function 'threshold'"]),
    ],
)
def test_mistakes_are_told_with_file_line_claim_and_names(
    table: MeasureTable, ask: Ask, expression: str, parts: list[str]
) -> None:
    with pytest.raises(BadFileError) as caught:
        compile_question(ask(expression), table)
    message = caught.value.message
    assert "own.toml:19: T01.q: " in message
    assert str(caught.value.field).endswith("own.toml:19")
    for part in parts:
        assert part in message, message


@pytest.mark.parametrize(
    ("expression", "more", "part"),
    [
        ("at(lag_months, date)", {"threshold": 3.0, "unit": "usd", "sense": "above"}, "month"),
        ("at(lag_months, date)", {"threshold": 3.0, "unit": "moons", "sense": "above"}, "moons"),
        ("at(cover, date) > 1", {"threshold": 3.0, "sense": "above"}, "true or false by itself"),
        ("at(cover, date) > 1", {"threshold": 3.0}, "does not name it"),
    ],
)
def test_thresholds_must_fit(
    table: MeasureTable, ask: Ask, expression: str, more: dict[str, object], part: str
) -> None:
    with pytest.raises(BadFileError, match=part):
        compile_question(ask(expression, **more), table)


@pytest.mark.parametrize("expression", ["at(cover, '2040-01') > 1", "at(earlier(cover, 12), '2023-06') > 1"])
def test_months_outside_the_run_are_no_mistake_of_the_claim(
    table: MeasureTable, ask: Ask, expression: str
) -> None:
    with pytest.raises(BeyondHorizonError, match=r"T01\.q cannot be answered by this run"):
        compile_question(ask(expression), table)
