"""The report: stands alone, valid, escaped, the same bytes each time, the numbers of the run."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.report.inputs import decision, drivers, score
from twocurves.charts.chance_text import in_twenty
from twocurves.charts.palette import PALETTES
from twocurves.charts.run_figures import measured
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.run_record import run_record
from twocurves.errors import BadInputError
from twocurves.report.build import check_report_path
from twocurves.report.decides import decides
from twocurves.report.findings import Findings
from twocurves.report.hindcast import hindcast
from twocurves.report.markup import Html, joined, tag
from twocurves.report.opening import opening, sections
from twocurves.report.weak import known

_VOID = {"meta", "br", "hr", "link", "img", "input"}
_LARGEST = 1_000_000


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.faults.append(f"{name} has an attribute twice")
        self.elements.append((name, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.links += [str(given[key]) for key in ("href", "src", "xlink:href") if given.get(key)]
        if re.fullmatch(r"h[1-6]", name):
            self.headings.append(int(name[1]))
        if name not in _VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(name, attrs)
        if name not in _VOID:
            self.open.pop()

    def handle_endtag(self, name: str) -> None:
        if not self.open or self.open[-1] != name:
            self.faults.append(f"</{name}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def words(page: str) -> str:
    return " ".join(" ".join(read(page).words).split())


def test_the_page_is_well_formed(full_page: str) -> None:
    reader = read(full_page)
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    steps = zip(reader.headings, reader.headings[1:], strict=False)
    assert all(second <= first + 1 for first, second in steps)


def test_it_stands_alone(full_page: str) -> None:
    reader = read(full_page)
    assert full_page.startswith("<!doctype html>")
    assert {name for name, _ in reader.elements} & {"script", "link", "img", "iframe", "object"} == set()
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    assert re.findall(r"url\((?!data:font/woff2)", full_page) == []
    assert "@import" not in full_page
    assert not re.search(r"\son[a-z]+=", full_page)
    assert len(full_page.encode()) < _LARGEST


def test_it_can_be_used_by_everybody(full_page: str) -> None:
    reader = read(full_page)
    named = dict(reader.elements)
    assert named["html"]["lang"] == "en"
    assert {"main", "nav", "header", "footer"} <= set(named)
    for name, given in reader.elements:
        if name == "svg":
            assert given.get("aria-hidden") == "true" or len(given.get("aria-label") or "") > 5
        if name == "th":
            assert given["scope"] in ("col", "row")
    assert [name for name, _ in reader.elements].count("figcaption") >= 5
    for anchor, heading in sections():
        assert f'href="#{anchor}"' in full_page
        assert heading in words(full_page)


def test_it_follows_light_dark_and_paper(full_page: str) -> None:
    body = full_page.partition("</style>")[2]
    assert re.findall(r'(?:fill|stroke)="#[0-9a-fA-F]{6}"', body) == []
    for palette in PALETTES.values():
        assert f"--closed:{palette.closed}" in full_page
    assert "prefers-color-scheme:dark" in full_page
    assert "@media print" in full_page
    assert "NaN" not in body
    assert "Infinity" not in body


def test_it_has_the_numbers_of_the_run(words_alone: str, real_run: StoredRun) -> None:
    text, record = words(words_alone), run_record(real_run)
    assert record["headline"] in text
    assert record["data_to"] in text
    for claim in record["claims"]:
        if claim["probability"] is not None and claim["id"].split(".")[0] != "C10":
            assert f"{in_twenty(claim['probability'])}" in text
            assert claim["sentence"] in text
    for value in (record["digest"], record["command"], real_run.manifest.plan_digest, real_run.name):
        assert value in text
    assert f"{record['draws']['ok']:,} futures" in text
    for version in ("twocurves", "jax", "numpy"):
        assert record["versions"][version] in text


def test_it_says_what_it_does_not_know(words_alone: str, real_run: StoredRun) -> None:
    text = words(words_alone)
    assert "No scorecard was given" in text
    assert "No study of drivers was given" in text
    assert all(says in text for _, says in known())
    prior = "not fitted to what was observed" in text
    assert prior == (real_run.plan.beliefs_from == "prior")


def test_what_was_given_is_shown(full_page: str) -> None:
    text = words(full_page)
    assert "No scorecard was given" not in text
    assert score()["sentences"][0] in text
    assert "Fast-follower lag 0 decides most; 3 of 4 are above the noise" in text
    assert "C10: rank correlation over the draws" in text
    assert "twocurves drivers C10 --run" in text
    assert "Stay until the middle of 2027, then move." in text
    assert "figures came above the middle of their forecasts" in text
    assert "too <few> rows" in text


HOSTILE = '</p></svg><script>alert(1)</script>" onload="x" & <img src=x onerror=y> \x00\x1b \''


def test_hostile_strings_are_only_text(real_run: StoredRun, full_page: str) -> None:
    record = score() | {"window": HOSTILE, "sentences": [HOSTILE]}
    record["families"][0]["name"] = HOSTILE
    found = Findings(
        real_run,
        measured(),
        drivers=drivers(HOSTILE) | {"target": HOSTILE},
        scorecard=record,
        decision=decision(HOSTILE),
    )
    page = str(tag("div", opening(found), decides(found), hindcast(found)))
    reader, usual = read(page), read(full_page)
    assert reader.faults == []
    assert {name for name, _ in reader.elements} <= {name for name, _ in usual.elements}
    assert not any(key.startswith("on") for _, given in reader.elements for key in given)
    assert "\x00" not in page
    assert "<script" not in page


BROKEN: dict[str, dict[str, Any]] = {
    "no beliefs": {"target": "C10", "beliefs": []},
    "no target": {"beliefs": [{"name": "a", "effect": 0.1}]},
}


@pytest.mark.parametrize("name", BROKEN)
def test_inputs_that_lack_what_is_needed_are_refused(name: str, real_run: StoredRun) -> None:
    with pytest.raises(BadInputError, match="drivers:"):
        decides(Findings(real_run, measured(), drivers=BROKEN[name]))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("report.pdf", "A report is written as .html; 'report.pdf' ends in '.pdf'"),
        ("report", "has no suffix"),
        ("nowhere/report.html", "does not exist"),
    ],
)
def test_paths_that_cannot_be_written(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(said)):
        check_report_path(tmp_path / name)


def test_markup_escapes_what_it_did_not_make() -> None:
    assert tag("p", "<b>", class_='"x"') == '<p class="&quot;x&quot;">&lt;b&gt;</p>'
    assert tag("p", tag("b", "x"), None, ["y", Html("<i>z</i>")]) == "<p><b>x</b>y<i>z</i></p>"
    assert tag("td", "x", hidden=True, id=None, open=False) == "<td hidden>x</td>"
    assert joined(("a<", Html("<br>"))) == "a&lt;<br>"
