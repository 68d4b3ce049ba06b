"""What stands before every request."""

import pytest
from starlette.testclient import TestClient

from tests.serve.conftest import BASE
from twocurves.errors import BadInputError
from twocurves.serve.app import create_app
from twocurves.serve.settings import Limits, ServeSettings

TOKEN = "a-token-of-enough-letters"


@pytest.fixture
def guarded(house):
    settings = ServeSettings(host="192.0.2.1", token=TOKEN, run=house.settings.run)
    app = create_app(settings, house, start=False)
    return TestClient(app, base_url="http://192.0.2.1:8765", follow_redirects=False)


def test_another_address_needs_a_token():
    with pytest.raises(BadInputError, match="token"):
        ServeSettings(host="0.0.0.0")
    with pytest.raises(BadInputError, match="16 characters"):
        ServeSettings(host="192.0.2.1", token="short")
    assert ServeSettings(host="192.0.2.1", token=TOKEN).address == "http://192.0.2.1:8765/"


def test_without_the_token_nothing_is_answered(guarded):
    assert guarded.get("/claims").status_code == 401
    assert guarded.get("/api/v1/health").json()["error"]["field"] == "token"
    assert guarded.get("/claims", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_link_with_the_token_leaves_a_cookie_and_goes_on_without_it(guarded):
    answer = guarded.get(f"/claims?find=price&token={TOKEN}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/claims?find=price"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Strict" in answer.headers["set-cookie"]
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert guarded.get("/claims", headers={"cookie": cookie}).status_code == 200


def test_a_token_link_never_leads_to_another_site(guarded):
    answer = guarded.get(f"//evil.example/x?token={TOKEN}")
    assert not answer.headers.get("location", "/").startswith("//")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]:8765"])
def test_another_host_name_is_refused(client, host):
    assert client.get("/claims", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9"])
def test_a_change_asked_for_from_elsewhere_is_refused(client, origin):
    answer = client.post("/jobs", data={"kind": "ensemble"}, headers={"origin": origin})
    assert answer.status_code == 403


def test_another_site_may_not_ask_for_work(client):
    answer = client.get("/api/v1/scenario", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/claims", "/nope", "/api/v1/nope", "/static/pages.css"])
def test_every_answer_carries_the_content_policy(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_large_file_is_answered_kindly(client):
    answer = client.post("/decide", files={"usage": ("usage.csv", b"x" * 10_000_000)})
    assert answer.status_code == 413
    assert "export fewer months" in answer.text


def test_a_large_body_without_a_length_is_refused_too(client):
    chunks = (b"x" * 100_000 for _ in range(60))
    answer = client.post(
        "/decide", content=chunks, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 413


def test_an_endless_link_is_refused(client):
    assert client.get("/claims?find=" + "x" * 20_000).status_code == 414


def test_when_too_many_ask_the_rest_are_told_to_come_again(house):
    settings = ServeSettings(run=house.settings.run, limits=Limits(waiting=0))
    client = TestClient(create_app(settings, house, start=False), base_url=BASE)
    answer = client.get("/claims")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"


HOSTILE = [
    '"><script>alert(1)</script>',
    "'; drop table runs; --",
    "{{7*7}}",
    "\x00\x1b[31m",
    "../../etc/passwd",
    "%00",
    "😀" * 50,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/claims", "find"),
        ("/claims", "topic"),
        ("/claims/C07", "threshold"),
        ("/claims/C07", "question"),
        ("/claims/C07", "date"),
        ("/drivers", "target"),
        ("/decide", "now.model"),
        ("/decide", "usage.cached_share"),
        ("/decide", "note"),
        ("/download/scenario.toml", "lag_pub"),
    ],
)
def test_hostile_text_is_never_markup_and_never_a_failure_of_ours(client, path, field, text):
    answer = client.get(
        path, params={field: text, **({"question": "C07.both_2031"} if field == "threshold" else {})}
    )
    assert answer.status_code < 500
    assert "<script>alert" not in answer.text
    assert ">49<" not in answer.text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "path",
    ["/claims/{}", "/data/series/{}", "/static/{}", "/download/figure/{}.svg", "/api/v1/jobs/{}", "/{}"],
)
def test_hostile_paths_lead_nowhere(client, path, text):
    from urllib.parse import quote

    answer = client.get(path.format(quote(text, safe="")))
    assert answer.status_code in (404, 405, 422)
    if answer.headers["content-type"] != "application/json":
        assert "<script>alert" not in answer.text
    assert "root:" not in answer.text
