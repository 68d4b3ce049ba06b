"""The report from the pages: made in the background, kept, and served with a policy of its own."""

import time
from pathlib import Path

import pytest

from twocurves.run_result import Run
from twocurves.serve import reports as reports_module
from twocurves.serve.reports import Report, Reports


@pytest.fixture
def kept(app, tmp_path):
    """Reports in a folder of this test, and back to none after it."""
    app.state.reports = Reports(tmp_path)
    yield app.state.reports
    del app.state.reports


def put(kept, run, text="<!doctype html><title>Report</title>"):
    path = kept.path_of(run)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_report_that_is_there_is_offered_opened_and_kept(client, house, kept):
    put(kept, house.run)
    page = client.get("/report")
    assert page.status_code == 200
    assert "refresh" not in page.headers
    assert '<a class="button dark" href="/report.html">Open</a>' in page.text
    opened = client.get("/report.html")
    assert opened.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'unsafe-inline'"
    )
    assert opened.headers["x-content-type-options"] == "nosniff"
    assert "attachment" not in opened.headers.get("content-disposition", "")
    download = client.get("/download/report.html")
    assert download.content == opened.content
    assert (
        download.headers["content-disposition"] == f'attachment; filename="twocurves-{house.run.name}.html"'
    )
    assert "script-src 'self'" in download.headers["content-security-policy"]


def test_asking_begins_it_in_the_background_and_never_waits(client, house, kept, monkeypatch):
    monkeypatch.setattr(Reports, "_make", staticmethod(lambda report, place: time.sleep(0.2)))
    begun = time.monotonic()
    page = client.get("/report")
    assert time.monotonic() - begun < 5
    assert page.headers["refresh"] == "2"
    assert "is being made" in page.text
    for path in ("/report.html", "/download/report.html"):
        assert client.get(path).headers["location"] == "/report"


def test_a_failure_is_told_and_can_be_tried_again(client, house, kept, monkeypatch):
    def failing(report: Report, place: str) -> None:
        report.words, report.status = "It could not be made: <no room>", "failed"

    monkeypatch.setattr(Reports, "_make", staticmethod(failing))
    client.get("/report")
    until = time.monotonic() + 5
    while kept.of(house.run).status == "making" and time.monotonic() < until:
        time.sleep(0.01)
    page = client.get("/report")
    assert "It could not be made: &lt;no room&gt;" in page.text
    monkeypatch.setattr(Reports, "_make", staticmethod(lambda report, place: None))
    assert client.get("/report?again=1").headers["location"] == "/report"
    assert kept.of(house.run).status == "making"


def test_other_code_or_other_results_are_another_file(house, kept, monkeypatch):
    first = kept.path_of(house.run)
    monkeypatch.setattr(reports_module, "_code", lambda: "other")
    assert kept.path_of(house.run) != first


def test_every_page_links_to_it(client):
    assert '<a class="button" href="/report">Report</a>' in client.get("/method").text


@pytest.mark.slow
def test_the_process_makes_a_report_of_a_real_run(house, tmp_path):
    kept = Reports(tmp_path)
    found = kept.of(Run.at(Path(house.run.path)))
    until = time.monotonic() + 120
    while found.status == "making" and time.monotonic() < until:
        time.sleep(0.2)
    assert found.status == "done", found.words
    text = found.path.read_text(encoding="utf-8")
    assert house.run.name in text
    assert "One workload" in text
    assert len(text) < 3_000_000
