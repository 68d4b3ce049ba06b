"""The pages of claims: the list, one claim, asked otherwise, its history, its record, what would move it."""

import datetime as dt
import re
import xml.etree.ElementTree as ET
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serve.study_house import study_client, study_house, study_run, unsure, view_shown  # noqa: F401  (fixtures)
from twocurves.claims.resolve import Outcome
from twocurves.errors import BadInputError
from twocurves.fit.frozen import FrozenBrief, FrozenClaim
from twocurves.months import Month
from twocurves.serve.remembered import Remembered
from twocurves.serve.services.claim_asked import Asking
from twocurves.serve.services.claim_history import Step, change_words, history, sparkline
from twocurves.serve.services.claim_mind import FlipShown, MoveShown, _sentence
from twocurves.serve.services.claim_record import calibration, record_of

QUESTION = "C07.both_2031"


@pytest.fixture(scope="module")
def asked(house):
    """Answers from the stored draws of the small run."""
    return Asking(view_shown(house).run)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_list_shows_dots_history_and_dates(client, house):
    text = client.get("/claims").text
    assert text.count('class="spark"') >= len(house.ledger.claims)
    assert text.count('class="dots"') >= len(house.ledger.claims)
    assert "of record" in text
    assert "2031-12" in text


def test_filters_leave_what_they_say(client):
    resolved = client.get("/claims?state=resolved").text
    assert "Came true" in resolved
    assert "At the end of 2031 OpenAI and Anthropic" not in resolved
    still = client.get("/claims?state=open").text
    assert "Over the two years to mid-2026" not in still.partition('id="done"')[0]
    assert "At the end of 2031 OpenAI and Anthropic" in still
    both = client.get("/claims?state=open&topic=prices&find=heaviest").text
    assert both.count('<span class="id">') == 1
    assert "No claim matches" in client.get("/claims?state=resolved&find=zzzz").text


def test_an_unknown_filter_or_order_is_the_usual_one(client):
    assert client.get("/claims?state=zz&order=zz").text == client.get("/claims").text


def test_without_a_resolved_forecast_the_record_says_so(client):
    text = words(client.get("/claims"))
    assert "no Brier score and no calibration plot yet" in text
    assert "The first to come due is" in text
    assert "so no forecast is scored on it" in text


def test_as_it_stands_the_answer_is_the_stored_one(house, asked):
    claims = view_shown(house).claims
    for question in house.ledger:
        if question.id in claims:
            assert asked.ask(question).found == claims[question.id]


@settings(deadline=None, max_examples=25)
@given(first=st.floats(0.01, 30.0), second=st.floats(0.01, 30.0))
def test_a_higher_bar_is_never_likelier(house, asked, first, second):
    question = house.ledger.question(QUESTION)
    low, high = sorted((first, second))
    assert asked.ask(question, low).found.probability >= asked.ask(question, high).found.probability


def test_the_outcome_and_the_threshold_give_the_probability(house, asked):
    for question in house.ledger:
        told = asked.ask(question)
        if told.outcome is None or told.found.probability is None:
            continue
        held = told.outcome[np.isfinite(told.outcome)]
        above = {
            "above": held > question.threshold,
            "at_least": held >= question.threshold,
            "below": held < question.threshold,
            "at_most": held <= question.threshold,
        }[question.sense]
        assert above.mean() == pytest.approx(told.found.probability)
        low, high = told.reach
        assert low <= question.threshold <= high


def test_what_the_run_has_no_months_for_is_refused(house, asked):
    with pytest.raises(BadInputError):
        asked.ask(house.ledger.question(QUESTION), None, Month.parse("2050-01"))


def test_memory_of_answers_is_bounded():
    kept: Remembered[int] = Remembered(3)
    for number in range(10):
        assert kept.once(number, partial(int, number * 2)) == number * 2
    assert len(kept) == 3


def test_the_page_asks_otherwise_and_the_address_says_so(client):
    page = client.get("/claims/C07", params={"question": QUESTION, "threshold": "1", "date": "2030-12"})
    text = words(page)
    assert "Asked with $1tn in place of $2tn and December 2030 in place of December 2031" in text
    assert "As it stands in the ledger" in text
    assert 'value="2030-12"' in page.text
    assert (
        "/download/claims/C07/outcome.csv?question=C07.both_2031&amp;threshold=1&amp;date=2030-12"
        in page.text
    )


def test_another_question_drops_the_numbers_of_the_old_one(client):
    given = {"of": QUESTION, "question": "C07.any_10tn_2036", "threshold": "1", "date": "2030-12"}
    text = client.get("/claims/C07", params=given).text
    assert (
        'id="ask-threshold" name="threshold" inputmode="decimal" size="8" maxlength="40" value="10"' in text
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("threshold=x", "must be a number"),
        ("threshold=nan", "must be a number"),
        ("date=2031-99", "2031-99"),
        ("date=2090-01", "cannot be answered by this run"),
        ("question=%3Cscript%3E&threshold=1", "Choose one of the claim"),
    ],
)
def test_what_cannot_be_asked_is_said_in_place(client, query, said):
    for path in ("/claims/C07", "/claims/C07/asked"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text
        assert said in words(answer)
        assert "<script>" not in answer.text


def test_every_kind_of_claim_has_its_page_with_drawings_that_parse(client):
    kinds = ("C03", "C04", "C05", "C08", "C10")  # a number, a truth, a resolved one, thresholds inside truths
    for name in kinds:
        text = client.get(f"/claims/{name}").text
        assert text.count("<h1") == 1
        for svg in re.findall(r"<svg aria-hidden.*?</svg>", text, flags=re.DOTALL):
            ET.fromstring(svg if "xmlns" in svg else svg.replace("xlink:", ""))
            assert "NaN" not in svg


def test_the_interface_answers_as_the_page_does(client):
    query = f"question={QUESTION}&threshold=1&date=2030-12"
    told = client.get(f"/api/v1/claims/C07?{query}").json()["varied"]
    page = words(client.get(f"/claims/C07/asked?{query}"))
    assert f"{told['in_twenty']} · {told['percent']}" in page
    assert told["threshold_said"] == "$1tn"
    assert client.get("/api/v1/claims/C07").json()["varied"] is None


def test_files_of_a_claim(client, house):
    rows = client.get("/download/claims/C07/questions.csv").text.splitlines()
    assert len(rows) == 1 + len(house.ledger.of("C07"))
    table = pl.read_csv(client.get(f"/download/claims/C07/outcome.csv?question={QUESTION}").content)
    share = (table["outcome"] >= 2.0).mean()
    assert share == pytest.approx(view_shown(house).claims[QUESTION].probability)
    ET.fromstring(client.get("/download/claims/C07/outcome.svg").text)
    assert client.get("/download/claims/C04/outcome.svg").status_code == 422
    assert client.get("/download/claims/C99/questions.csv").status_code == 404


def test_history_runs_from_judgement_to_this_run(house):
    steps = history(house, view_shown(house))[QUESTION]
    assert steps[0] == Step("Judged before any run", 0.28, by_model=False)
    assert "Forecast of record" in steps[1].name
    assert (steps[-1].name, steps[-1].chance) == ("This run", view_shown(house).claims[QUESTION].probability)


def test_a_small_line_stays_in_its_box_and_needs_two_steps():
    assert sparkline((Step("once", 0.5),)) is None
    line = sparkline((Step("a", 0.0), Step("b", 1.0), Step("c", 0.4)))
    assert line is not None
    assert line.change == -12
    assert all(0 <= float(number) <= 96 for number in re.findall(r"[\d.]+", line.path))
    assert change_words(-12) == "−12 in 20"
    assert change_words(0) == "no change"


def outcome(question, state):
    return Outcome(question.id, state, 1.0, pl.DataFrame(), "because", dt.date(2032, 1, 1))


def brief(day, chances):
    return FrozenBrief(
        "a.json",
        day,
        "",
        {name: FrozenClaim(id=name, probability=chance) for name, chance in chances.items()},
    )


def test_only_what_was_said_beforehand_is_scored(house):
    questions = house.ledger.of("C07")
    states = ("true", "false", "ambiguous", "open", "true")
    found = {one.id: outcome(one, state) for one, state in zip(questions, states, strict=True)}
    before = brief(dt.date(2026, 6, 30), {one.id: 0.8 for one in questions[:3]})
    late = brief(dt.date(2033, 1, 31), {one.id: 0.99 for one in questions})
    done = record_of(questions, found, [before, late], dt.date(2032, 1, 1))
    assert [one.brier for one in done.scored] == pytest.approx([0.04, 0.64, 0.09, 0.0001])
    assert done.brier == pytest.approx(0.7701 / 4)
    assert len(done.resolved) == 4
    assert done.resolved[-1].said == 0.99  # its date is in 2036, after the later forecast's data
    assert done.next_id == "C07.both_within_2036"


def test_calibration_counts_every_scored_question_once(house):
    questions = house.ledger.of("C10")
    found = {one.id: outcome(one, "true" if place % 2 else "false") for place, one in enumerate(questions)}
    said = brief(dt.date(2026, 6, 30), {one.id: place / 11 for place, one in enumerate(questions)})
    done = record_of(questions, found, [said], dt.date(2036, 1, 31))
    points = calibration(done.scored)
    assert points["n"].sum() == len(questions)
    assert (points["low"] <= points["came"]).all()
    assert (points["came"] <= points["high"]).all()


def move(inside):
    return MoveShown("Lag", "meaning", "belief", "2", "5", "97th percentile of its prior", inside)


def test_what_would_change_the_mind_is_said_plainly():
    one = FlipShown((move(True),), "50%", "/scenario")
    far = FlipShown((move(False),), "50%", "/scenario")
    near = FlipShown((move(True),), "31%", "/scenario")
    assert _sentence(0.2, one, None, True) == "Lag at 5 in place of 2 would take it from 20% to 50%."
    assert "outside what is believed possible" in _sentence(0.2, far, near, True)
    assert (
        _sentence(0.2, None, near, True)
        == "No single assumption takes it from 20% across 50%. The nearest is lag at 5: 31%."
    )
    assert "No assumption stands out of the noise" in _sentence(0.2, None, None, False)


def test_the_smallest_move_comes_later_or_when_asked_for(study_client, unsure):  # noqa: F811
    first = study_client.get(f"/claims/{unsure}").text
    assert f'data-late="/claims/{unsure}/mind"' in first
    assert f"/claims/{unsure}?mind=1#mind" in first
    part = study_client.get(f"/claims/{unsure}/mind")
    assert 'class="mind-sentence"' in part.text
    now = study_client.get(f"/claims/{unsure}").text
    assert "data-late" not in now
    assert 'class="mind-sentence"' in now


def test_too_few_runs_for_it_is_said_and_does_not_fail(client):
    answer = client.get("/claims/C07/mind")
    assert answer.status_code == 200
    assert "Nothing can be said of it" in answer.text
