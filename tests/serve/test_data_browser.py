"""The Data and Decide pages in a real browser: choices in place, dots that tell their source, a phone."""

import os
import threading
import time
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.serve.test_browser import AXE, CHROMIUM, chromium, page  # noqa: E402, F401  (fixtures)
from twocurves.serve.app import create_app  # noqa: E402
from twocurves.serve.services.data import data_page, fit_page  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

PAGES = (
    "/data?show=openai",
    "/data/series/arr_usd_bn",
    "/data/series/eci?of=every",
    "/data/fit",
    "/decide",
    "/decide?horizon.months=12",
)


@pytest.fixture(scope="module")
def address(house):
    """A server on a free port; what a started one does ahead is done."""
    import socket

    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = create_app(house.settings, house, start=False)
    house.once("data page", lambda: data_page(house, made.state.drawings))
    house.once("fit page", lambda: fit_page(house, made.state.drawings))
    server = uvicorn.Server(uvicorn.Config(made, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def titled(page, words):  # noqa: F811
    """Wait until the figure shown is called so."""
    page.locator(".explorer .figure-title").first.filter(has_text=words).wait_for()


def test_a_choice_changes_the_figure_in_place_and_back_undoes_it(page, address):  # noqa: F811
    page.goto(f"{address}/data")
    page.evaluate("window.kept = true")
    page.get_by_role("link", name="Revenue of OpenAI", exact=True).click()
    titled(page, "Revenue of OpenAI")
    assert page.url.endswith("?show=openai")
    assert page.evaluate("document.activeElement.textContent") == "Revenue of OpenAI"
    page.locator('a[data-key="curve break"]').click()
    page.wait_for_url("**fits=steady%2Clogistic")
    page.go_back()
    page.go_back()
    titled(page, "Best closed")
    assert page.evaluate("window.kept")
    assert not page.errors


def test_a_dot_tells_who_published_it(page, address):  # noqa: F811
    page.goto(f"{address}/data/series/arr_usd_bn?whom=OpenAI")
    page.locator(".wide .goto").last.click(force=True)
    card = page.locator("#dot-card")
    card.wait_for(state="visible")
    row = page.locator(".wide .goto").last.get_attribute("data-goto")
    source = page.locator(f"#{row} td").last.inner_text() or page.locator(f"#{row} td").last.text_content()
    assert source.split("\n")[0].strip()[:20] in card.inner_text()
    card.get_by_role("link", name="Row").click()
    assert page.locator(f"#{row}").is_visible()
    assert not page.errors


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_scrolls_neither_page_nor_figures_sideways(chromium, address, path):  # noqa: F811
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    phone = context.new_page()
    phone.goto(f"{address}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    wide = phone.evaluate(
        "[...document.querySelectorAll('.drawn')].filter(one => one.offsetParent"
        " && one.scrollWidth > one.clientWidth + 1).map(one => one.dataset.drawn)"
    )
    assert wide == []
    context.close()


def test_choices_and_sources_are_there_without_javascript(chromium, address):  # noqa: F811
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{address}/data")
    plain.get_by_role("link", name="Revenue of Anthropic", exact=True).click()
    assert "show=anthropic" in plain.url
    plain.get_by_text("Dots and their sources").click()
    assert plain.locator(".explorer tbody tr[id]").first.is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(chromium, address, path, scheme):  # noqa: F811
    if not Path(AXE).is_file():
        if os.environ.get("AXE_CORE"):
            pytest.fail(f"there is no axe-core at {AXE}")
        pytest.skip("axe-core is not installed: npm install axe-core")
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    found = context.new_page()
    found.goto(f"{address}{path}")
    found.add_script_tag(path=AXE)
    result = found.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in result["violations"]]
    assert told == []
    context.close()
