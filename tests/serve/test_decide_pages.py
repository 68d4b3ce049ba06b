"""The Decide page: the answer with its figures, and files that are too large, wrong or hostile."""

import re

import pytest

from twocurves.serve.services.decide_sentence import PRESETS, SENTENCE, Blank, in_blank, usual, workload

ASKED = "/decide?horizon.months=12"


@pytest.fixture(scope="module")
def answered(app):
    from starlette.testclient import TestClient

    from tests.serve.conftest import BASE

    answer = TestClient(app, base_url=BASE).get(ASKED)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def figure_of(page: str, name: str) -> str:
    """Return the part of a page that holds a figure."""
    found = re.search(rf'<figure[^>]*data-figure="{name}".*?</figure>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_the_answer_has_every_figure_with_its_numbers(answered):
    shown = set(re.findall(r'data-figure="([a-z_]+)"', answered))
    assert {"regret", "stay_or_move", "moved_now"} <= shown
    for name in shown:
        figure = figure_of(answered, name)
        assert "<table" in figure
        assert f"/download/decision/{name}.svg?" in figure


def test_costs_are_fans_of_three_bands_for_both_ways(answered):
    figure = figure_of(answered, "stay_or_move")
    wide = figure.partition('<div class="wide">')[2].partition('<div class="narrow">')[0]
    assert "Stay" in wide
    assert "Move" in wide
    assert "Projection" in wide
    bands = re.findall(r'opacity="0\.(?:09|17|26)"', wide)
    assert len(bands) >= 9  # two ways and what is saved, three bands each


def test_what_would_change_the_advice_is_offered(answered):
    assert "Tell me again if" in answered
    assert "/download/memo.html?" in answered


def test_a_figure_of_a_decision_can_be_had_as_a_file(client):
    answer = client.get("/download/decision/moved_now.svg?horizon.months=12")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg")
    assert client.get("/download/decision/nothing.svg?horizon.months=12").status_code == 404


def test_the_memo_stands_alone(client):
    memo = client.get("/download/memo.html?horizon.months=12")
    assert memo.status_code == 200
    assert "<script" not in memo.text
    assert not re.search(r'(?:src|href)="http', memo.text)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_workload(preset):
    made = workload({**usual(), **PRESETS[preset][1]})
    assert made.usage.input_tokens_per_month


def test_presets_change_only_blanks_of_the_sentence():
    blanks = {blank.key for line in SENTENCE for blank in line}
    assert all(differs.keys() <= blanks for _, differs in PRESETS.values())


@pytest.mark.parametrize(
    ("typed", "shown", "value"),
    [
        ("2000000000", "2 bn", 2e9),
        ("2 bn", "2 bn", 2e9),
        ("1.5bn", "1.5 bn", 1.5e9),
        ("300M", "300 m", 3e8),
        ("20k", "20,000", 2e4),
        ("1,234", "1,234", 1234),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, shown, value):
    key = "usage.input_tokens_per_month"
    assert in_blank(Blank(key, "Tokens", ""), typed) == shown
    assert workload({**usual(), key: typed}).usage.input_tokens_per_month == value
    assert workload({**usual(), key: shown}).usage.input_tokens_per_month == value


@pytest.mark.parametrize("typed", ["many", "nan", "1e400", "inf", "bn", "-", "<b>", "9" * 60])
def test_numbers_that_are_none_are_refused_with_the_blank_named(client, typed):
    answer = client.get("/decide", params={"usage.input_tokens_per_month": typed})
    assert answer.status_code == 422
    assert "Tokens read a month" in answer.text
    assert "<b>" not in answer.text.partition('role="alert"')[2].partition("</p>")[0]


def post(client, content, name="usage.csv"):
    return client.post("/decide", files={"usage": (name, content, "text/csv")})


def test_ten_megabytes_are_refused_with_a_sentence(client):
    answer = post(client, b"a,b\n" * (10 * 2**20 // 4))
    assert answer.status_code == 413
    assert "larger than 2 MB" in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe\x00",
        b"time,model,input_tokens,output_tokens\n2026-05-01,m,=cmd(),1\n",
        b"time,model,input_tokens,output_tokens\n" + b"," * 5000,
        b"<script>alert(1)</script>",
        b'{"a": ' * 3000,
    ],
)
def test_hostile_files_are_refused_and_nothing_is_executed(client, content):
    for name in ("usage.csv", "usage.jsonl", "../../etc/passwd"):
        answer = post(client, content, name)
        assert answer.status_code == 422, answer.text[:200]
        assert 'role="alert"' in answer.text
        assert "<script>alert" not in answer.text


def test_a_hostile_model_name_is_text_and_the_tokens_are_kept(client):
    content = (
        b"time,model,input_tokens,output_tokens\n"
        b"2026-05-01,<script>alert(1)</script>,1000,500\n2026-06-01,<script>alert(1)</script>,1000,500\n"
    )
    answer = post(client, content)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
