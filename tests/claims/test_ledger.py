"""The files of claims: what is shipped, what a user may add, how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.claims.conftest import HEAD, claim_text
from twocurves.claims import Ledger, MeasureTable, compile_question, load_ledger
from twocurves.errors import BadFileError, BadInputError
from twocurves.observed.series import series_catalogue


def test_the_ledger_has_c01_to_c20(shipped: Ledger) -> None:
    assert [claim.id for claim in shipped.claims] == [f"C{number:02d}" for number in range(1, 21)]
    assert [question.claim.id for question in shipped.headlines] == [claim.id for claim in shipped.claims]


def test_every_shipped_question_compiles(shipped: Ledger, table: MeasureTable) -> None:
    for question in shipped:
        assert compile_question(question, table).measures


def test_named_series_exist(shipped: Ledger) -> None:
    known = set(series_catalogue())
    for claim in shipped.claims:
        named = {*claim.resolution.series, *(one.series for q in claim.question for one in q.observed)}
        assert named <= known, claim.id


def test_c10_comes_under_three_rules_twice_each_way(shipped: Ledger) -> None:
    asked = {question.id.removeprefix("C10.") for question in shipped.of("C10")}
    rules = ("net_revenue", "gross_profit", "rent")
    assert asked == {
        f"{twice}{rule}{compute}"
        for twice in ("", "twice_")
        for rule in rules
        for compute in ("", "_with_compute")
    }


def test_questions_are_found_by_claim_and_by_id(shipped: Ledger) -> None:
    assert shipped.question("C07").id == "C07.both_2031"
    assert shipped.question("C07.openai_2031").prior_probability == 0.40
    with pytest.raises(BadInputError, match=r"did you mean 'C07\.openai_2031'"):
        shipped.question("C07.openai_203")
    with pytest.raises(BadInputError, match="claim 'C99'"):
        shipped.of("C99")


def test_records_are_plain(shipped: Ledger) -> None:
    record = shipped.question("C07").as_record()
    assert record["resolves_on"] == "2031-12"
    assert record["condition"].endswith(">= 2 trillion_usd")


def test_a_user_adds_a_claim_in_a_file_of_their_own(tmp_path: Path, table: MeasureTable) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(claim_text("at(cover, date) > 1", id_="MY_1"), encoding="utf-8")
    ledger = load_ledger(extra=[own])
    assert ledger.claims[-1].id == "MY_1"
    assert compile_question(ledger.question("MY_1"), table).measures == {"cover"}
    assert len(load_ledger(tmp_path).claims) == 1


def test_an_id_can_be_used_once(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(claim_text("at(cover, date) > 1", id_="C07"), encoding="utf-8")
    with pytest.raises(BadFileError, match=r"mine\.toml:3: the claim C07 is already in C07\.toml"):
        load_ledger(extra=[own])


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ('title = "A test"', 'titel = "A test"', 4, "did you mean 'title'"),
        ('source = "A public source"\n', "", 8, "source"),
        ('evidence = "J"', 'evidence = "Z"', 7, "evidence"),
        ('id = "T01"', 'id = "T 01"', 3, "a letter, then letters, digits"),
        ('date = "2028-12"', 'date = "2028"', 18, "a month such as"),
        ('date = "2028-12"', 'date = "2028-13"', 18, "T01.q: date must be a month"),
        ('date = "2028-12"', 'date = "2028-12"\nheadlin = true', 19, "did you mean 'headline'"),
        ('date = "2028-12"', 'date = "2028-12"\nprior_probability = 1.5', 19, "prior_probability"),
        ('date = "2028-12"', 'date = "2028-12"\nsense = "over"\nthreshold = 1', 19, "sense"),
        ('date = "2028-12"', 'date = "2028-12"\nsense = "above"', 15, "a sense and no threshold"),
        ("at(cover, date) > 1", "at(cover, date) >", 19, "T01.q: the expression cannot be read"),
        ("at(cover, date) > 1", "cover.real > 1", 19, "T01.q: 'cover.real' holds a dot"),
        ("[[claim]]", "[[claims]]", 2, "did you mean 'claim'"),
        ("[[claim.question]]", "[claim.question]", 15, "question"),
    ],
)
def test_mistakes_in_a_file_are_told_by_line_and_name(
    tmp_path: Path, old: str, new: str, line: int, part: str
) -> None:
    own = tmp_path / "mine.toml"
    text = claim_text("at(cover, date) > 1")
    assert old in text
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFileError) as caught:
        load_ledger(own)
    assert f"mine.toml:{line}: " in caught.value.message
    assert part in caught.value.message


def test_a_claim_needs_an_expression_somewhere(tmp_path: Path, table: MeasureTable) -> None:
    own = tmp_path / "mine.toml"
    text = claim_text("")
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadFileError, match=r"T01\.q: neither the question nor its claim"):
        load_ledger(own)
    shared = text.replace('title = "A test"', 'title = "A test"\nexpression = "at(cover, date) > threshold"')
    own.write_text(shared + "threshold = 1.0\n", encoding="utf-8")
    found = load_ledger(own).questions[0]
    assert compile_question(found, table).measures == {"cover"}
    assert found.where.endswith("mine.toml:5")


def test_a_claim_needs_one_headline_and_distinct_questions(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    one = claim_text("at(cover, date) > 1").removeprefix(HEAD.format(id="T01"))
    own.write_text(HEAD.format(id="T01") + one + one, encoding="utf-8")
    with pytest.raises(BadFileError, match="two questions called q"):
        load_ledger(own)
    own.write_text(HEAD.format(id="T01") + one + one.replace('"q"', '"r"'), encoding="utf-8")
    with pytest.raises(BadFileError, match="one question with headline = true, not none"):
        load_ledger(own)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", b"[[claim]\n", b"claim = 3\n"])
def test_files_that_are_no_ledger(tmp_path: Path, content: bytes) -> None:
    own = tmp_path / "mine.toml"
    own.write_bytes(content)
    with pytest.raises(BadFileError, match=r"mine\.toml:1: "):
        load_ledger(own)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match=r"none\.toml:1: cannot be read"):
        load_ledger(extra=[tmp_path / "none.toml"])
