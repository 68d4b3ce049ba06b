"""The report in a real browser: from disk, without a network, light and dark, on desk, phone and paper."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as found:
        opened = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(full_page: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(full_page, encoding="utf-8")
    return path.as_uri()


def opened(browser: Any, address: str, **how: Any) -> Any:
    context = browser.new_context(bypass_csp=True, **how)
    page = context.new_page()
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.goto(address)
    return page


@pytest.mark.parametrize("width", [1240, 390])
def test_it_opens_from_disk_and_asks_for_nothing(browser: Any, address: str, width: int) -> None:
    page = opened(browser, address, viewport={"width": width, "height": 900})
    page.evaluate("document.fonts.ready")
    assert [url for url in page.asked if not url.startswith("data:")] == [address]
    assert page.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.check('600 20px \"Twocurves Serif\"')")
    page.context.close()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here (npm install axe-core)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, address: str, scheme: str) -> None:
    page = opened(browser, address, viewport={"width": 1240, "height": 900}, color_scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    found = [(one["id"], one["nodes"][0]["html"][:160]) for one in answer["violations"]]
    page.context.close()
    assert found == []


def test_on_paper_no_figure_is_cut_and_the_paper_is_white(browser: Any, address: str) -> None:
    page = opened(browser, address, viewport={"width": 680, "height": 960}, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    outside = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].filter(svg => {
        const box = svg.getBoundingClientRect();
        return box.width && (box.left < 0 || box.right > innerWidth + 1); }).length"""
    )
    assert outside == 0
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.context.close()
