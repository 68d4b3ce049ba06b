"""Every page answers its question from the run, reads without JavaScript, and links to what exists."""

import re
import xml.etree.ElementTree as ET

import pytest

PAGES = [
    "/claims",
    "/claims/C07",
    "/data/series/arr_usd_bn",
    "/decide",
    "/method",
    "/method/assumptions",
    "/api",
    "/jobs",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_with_its_sentence_and_its_provenance(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    text = answer.text
    assert text.count("<h1") == 1
    assert "twocurves run central" in text
    assert 'href="#main"' in text
    assert "<script>" not in text
    assert not re.search(r'(src|href)="(https?:)?//(?!www\.|[a-z])', text)


def test_no_page_loads_anything_from_elsewhere(client):
    for path in PAGES:
        text = client.get(path).text
        for tag in re.findall(r"<(?:script|link|img|iframe)[^>]*>", text):
            assert "//" not in tag.replace("http://www.w3.org", "")


def test_the_overview_says_what_the_run_says(client, real_run):
    text = client.get("/").text
    assert "64 runs" in text
    assert text.count('class="number"') == 4
    assert "in 20" in text
    for svg in re.findall(r"<svg aria-hidden.*?</svg>", text, flags=re.DOTALL):
        ET.fromstring(svg.replace("xmlns:xlink", "xmlns_xlink") if "xmlns=" not in svg else svg)
        assert "NaN" not in svg


def test_claims_are_filtered_and_an_empty_list_says_so(client):
    assert "C07" in client.get("/claims?find=OpenAI").text
    assert "No claim matches" in client.get("/claims?find=zzzz").text


def test_a_question_can_be_asked_with_another_threshold(client):
    given = {"question": "C07.both_2031", "threshold": "0.001"}
    text = client.get("/claims/C07", params=given).text
    assert 'class="answer"' in text
    impossible = client.get("/claims/C07", params={**given, "threshold": "1e9"}).text
    assert "<b>0 in 20</b>" in impossible
    assert "must be a number" in client.get("/claims/C07", params={**given, "threshold": "x"}).text


def test_unknown_things_are_named_with_the_nearest(client):
    answer = client.get("/claims/C0")
    assert answer.status_code == 404
    assert "C0" in answer.text
    answer = client.get("/data/series/arr_usd")
    assert answer.status_code == 404
    assert "arr_usd_bn" in answer.text


def test_the_sentence_is_decided_and_a_wrong_blank_is_named(client):
    answer = client.get("/decide", params={"horizon.months": "24"})
    assert answer.status_code == 200
    assert "What each way costs" in answer.text
    wrong = client.get("/decide", params={"horizon.months": "2"})
    assert wrong.status_code == 422
    assert "Months looked ahead" in wrong.text
    assert 'value="2"' in wrong.text


def test_a_usage_export_fills_the_sentence(client):
    rows = ["timestamp,model,input_tokens,output_tokens"]
    rows += [
        f"2026-{month:02d}-{day:02d},gpt-5.4,1000000,50000" for month in (3, 4, 5) for day in range(1, 29)
    ]
    answer = client.post("/decide", files={"usage": ("usage.csv", "\n".join(rows).encode())})
    assert answer.status_code == 303
    assert "now.model=gpt-5.4" in answer.headers["location"]
    empty = client.post("/decide", files={"usage": ("usage.csv", b"")})
    assert empty.status_code == 422


def test_downloads_are_what_they_say(client):
    assert client.get("/download/claims.csv").text.startswith("id,sentence")
    svg = client.get("/download/curve/capability.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    ET.fromstring(svg.text)
    assert client.get("/download/curve/net_revenue.parquet").content[:4] == b"PAR1"
    assert client.get("/download/series/arr_usd_bn.csv").text.startswith("table,series")
    toml = client.get("/download/scenario.toml?lag_pub=4.5&from=open_surge").text
    assert 'from = "open_surge"' in toml
    assert "lag_pub = 4.5" in toml
    assert client.get("/download/curve/nothing.svg").status_code == 404
    assert client.get("/download/series/arr_usd_bn.exe").status_code == 404


def test_page_weight_stays_below_the_limit(client):
    import gzip

    for path in ["/", *PAGES]:
        assert len(gzip.compress(client.get(path).content)) < 120_000


def test_the_document_of_the_interface_names_its_paths(client):
    document = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/scenario", "/api/v1/run", "/api/v1/claims", "/api/v1/jobs"} <= set(document["paths"])
    assert client.get("/api/v1/run").json()["scenario"] == "central"


def test_faults_of_the_interface_have_one_shape(client):
    for path in ("/api/v1/jobs/nothing", "/api/v1/claims/C99", "/api/v1/nope", "/api/v1/scenario?draws=1e9"):
        error = client.get(path).json()["error"]
        assert set(error) == {"field", "given", "allowed", "suggestion", "message"}


def test_before_the_engine_is_there_the_interface_says_so(client, house):
    if house.engine.ready.is_set():
        pytest.skip("the engine has been started by another test")
    answer = client.get("/api/v1/scenario?lag_pub=4.5")
    assert answer.status_code == 503
    assert "compiled" in answer.json()["error"]["message"]
