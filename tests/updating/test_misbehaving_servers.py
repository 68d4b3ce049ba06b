"""Whatever a server does, the old stays as it was, to the byte, and the report says why in one sentence."""

from __future__ import annotations

import gzip
import socket
import time
from pathlib import Path

import pytest

from tests.updating import server
from tests.updating.samples import TODAY, answer, hold, source
from twocurves.observed.updating.faults import Cause
from twocurves.observed.updating.held import held_catalogue
from twocurves.observed.updating.service import Outcome, Status, update

GOOD = answer("models-dev")

CASES: dict[str, tuple[server.Behaviour, Cause, str]] = {
    "hangs": (server.hangs, Cause.TIMEOUT, "within 0.3 s"),
    "drips its header": (server.drips_head, Cause.TIMEOUT, "within 0.3 s"),
    "drips its body": (server.drips_body, Cause.TIMEOUT, "within 0.3 s"),
    "500": (server.status(500), Cause.STATUS, "500 (Internal Server Error)"),
    "503": (server.status(503), Cause.STATUS, "503"),
    "404": (server.status(404), Cause.STATUS, "404 (Not Found)"),
    "403": (server.status(403), Cause.STATUS, "403"),
    "204": (server.status(204, b""), Cause.EMPTY, "empty"),
    "799": (server.status(799), Cause.STATUS, "799"),
    "truncated": (server.truncated(GOOD), Cause.TRUNCATED, "was cut"),
    "truncated chunks": (server.truncated_chunks(GOOD), Cause.TRUNCATED, "was cut"),
    "truncated gzip": (server.truncated_gzip(GOOD), Cause.TRUNCATED, "was cut"),
    "truncated, length unknown": (server.until_close(GOOD[:-40]), Cause.FORMAT, "not JSON"),
    "resets at once": (server.resets_at_once, Cause.RESET, "cut the connection"),
    "resets midway": (server.resets_midway, Cause.RESET, "cut the connection"),
    "no http": (server.no_http, Cause.PROTOCOL, "not HTTP"),
    "redirect loop": (server.redirects_to("/data"), Cause.REDIRECTS, "more than 3 times"),
    "redirects on": (server.redirects_on_and_on, Cause.REDIRECTS, "more than 3 times"),
    "redirect to a file": (server.redirects_to("file:///etc/hostname"), Cause.REDIRECTS, "no address"),
    "redirect to plain": (server.redirects_to("http://data.example/x"), Cause.REDIRECTS, "not an https"),
    "redirect to nonsense": (server.redirects_to("https://[x"), Cause.PROTOCOL, "not HTTP"),
    "announces too much": (server.announces(10**12), Cause.TOO_LARGE, "1,000,000,000,000 bytes"),
    "endless": (server.endless, Cause.TOO_LARGE, "more than 200,000 bytes"),
    "gzip bomb": (server.good_gzip(b" " * 30_000_000), Cause.TOO_LARGE, "unpacks to more than 200,000"),
    "gzip bomb in members": (
        server.says_gzip(gzip.compress(b" " * 150_000) * 3),
        Cause.TOO_LARGE,
        "unpacks to more than",
    ),
    "no gzip": (server.says_gzip(GOOD), Cause.ENCODING, "says it is gzip"),
    "brotli": (server.says_brotli(GOOD), Cause.ENCODING, "'br'"),
    "empty": (server.good(b""), Cause.EMPTY, "empty"),
    "blank": (server.good(b" \n "), Cause.EMPTY, "empty"),
    "web page": (server.good(b"<!doctype html><h1>Sign in</h1>", "text/html"), Cause.FORMAT, "a web page"),
    "web page as json": (server.good(b"\n<HTML><body>Busy"), Cause.FORMAT, "a web page"),
    "invalid json": (server.good(b'{"maker": {]'), Cause.FORMAT, "not JSON"),
    "deep json": (server.good(b"[" * 100_000), Cause.FORMAT, "nested too deeply"),
    "long number": (server.good(b'{"a": ' + b"9" * 9_000 + b"}"), Cause.FORMAT, "number too long"),
    "invalid utf-8": (server.good(b'{"maker": "\xff\xfe"}'), Cause.ENCODING, "not UTF-8 (at byte 11)"),
}


def one_sentence(outcome: Outcome) -> bool:
    reason = outcome.reason
    return reason.endswith(".") and ". " not in reason and "\n" not in reason and len(reason) < 220


@pytest.mark.parametrize("case", CASES)
def test_the_old_stays(case: str, tmp_path: Path) -> None:
    behaviour, cause, words = CASES[case]
    before = hold(source("models-dev"), tmp_path).read_bytes()
    began = time.monotonic()
    with server.serving(behaviour) as site:
        seconds = 0.3 if cause is Cause.TIMEOUT else 5.0
        near = source("models-dev", site.url, timeout_seconds=seconds)
        report = update([near], tmp_path, today=TODAY)
    outcome = report.outcomes[0]
    assert (outcome.status, outcome.cause) == (Status.KEPT, cause), outcome
    assert words in outcome.reason
    assert one_sentence(outcome), outcome.reason
    assert outcome.line.startswith("models-dev: kept the data of 2026-06-01. ")
    held = held_catalogue("models-dev", tmp_path)
    assert held is not None
    assert held.path.read_bytes() == before
    assert held.fetched_on.isoformat() == "2026-06-01"
    assert report.fault is not None
    assert report.fault.exit_code == 1
    assert time.monotonic() - began < 2.0


def test_refused(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/data"
        report = update([source("models-dev", url)], tmp_path, today=TODAY)
    assert report.outcomes[0].cause is Cause.REFUSED
    assert report.outcomes[0].line == "models-dev: kept what is packaged. The server refused the connection."


def test_a_server_that_cannot_prove_who_it_is(tmp_path: Path) -> None:
    with server.serving(server.good(GOOD)) as site:
        near = source("models-dev", site.url.replace("http:", "https:"))
        report = update([near], tmp_path, today=TODAY)
    assert report.outcomes[0].cause is Cause.CERTIFICATE
    assert "No safe connection" in report.outcomes[0].reason


@pytest.mark.parametrize(
    "failure",
    [socket.gaierror(-3, "Temporary failure in name resolution"), OSError(101, "Network is unreachable")],
)
def test_no_network(failure: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object, **settings: object) -> object:
        raise failure

    monkeypatch.setattr(socket, "create_connection", fails)
    sources = [source(name, "https://data.example/x") for name in ("models-dev", "epoch-eci")]
    report = update(sources, tmp_path, today=TODAY)
    assert report.no_network
    assert len(report.lines()) == 1
    assert "no network" in report.lines()[0]
    assert report.fault is not None
    assert "connect to a network" in report.fault.message
    assert report.as_record()["no_network"] is True


def test_a_name_server_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.serving(server.hangs) as site:

        def never(*given: object, **settings: object) -> object:
            site.closing.wait(server.LONGEST_SECONDS)
            raise socket.gaierror(-3, "Temporary failure in name resolution")

        monkeypatch.setattr(socket, "create_connection", never)
        began = time.monotonic()
        near = source("models-dev", "https://data.example/x", timeout_seconds=0.3)
        report = update([near], tmp_path, today=TODAY)
        assert time.monotonic() - began < 1.0
    assert report.outcomes[0].cause is Cause.TIMEOUT


def test_one_bad_source_does_not_hinder_the_others(tmp_path: Path) -> None:
    def mixed(handler: server.Handler) -> None:
        bad = handler.path == "/bad"
        (server.status(500) if bad else server.good(answer("genai-prices")))(handler)

    with server.serving(mixed) as site:
        hold(source("genai-prices"), tmp_path)
        bad = source("models-dev", site.url.replace("data", "bad"))
        report = update([bad, source("genai-prices", site.url)], tmp_path, today=TODAY)
    assert [outcome.status for outcome in report.outcomes] == [Status.KEPT, Status.UNCHANGED]
    assert report.fault is None
    assert not report.no_network
    assert len(report.lines()) == 2
