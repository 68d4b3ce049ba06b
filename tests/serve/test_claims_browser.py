"""A claim asked otherwise in a real browser: sliders, keys, the dragged line, the address, no script."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.serve.study_house import study_house, study_run, unsure  # noqa: E402, F401  (fixtures)
from twocurves.serve.app import create_app  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js")
ASK = "/claims/C07?question=C07.both_2031"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]


@pytest.fixture(scope="module")
def address(study_house):  # noqa: F811
    """A server of the pages on a free port of this machine; the engine is not needed."""
    import socket

    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(study_house.settings, study_house, start=False)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def chromium():
    """One browser for all."""
    with playwright.sync_playwright() as found:
        browser = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--headless=new"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page whose errors are kept."""
    context = chromium.new_context(viewport={"width": 1240, "height": 900})
    found = context.new_page()
    found.errors = []
    found.on("pageerror", lambda error: found.errors.append(str(error)))
    yield found
    context.close()


def ready(page, address, path=ASK):
    page.goto(address + path, timeout=60_000)
    page.wait_for_selector("body[data-asked=yes]")
    return page.locator("#asked .answer b")


def settled(page):
    page.wait_for_selector("#asked:not(.stale)", timeout=20_000)


def test_a_key_press_asks_the_stored_runs_and_the_address_follows(page, address):
    ready(page, address)
    before = page.locator("#asked .answer").inner_text()
    page.locator("#drag-threshold").focus()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    settled(page)
    assert page.locator("#asked .answer").inner_text() != before
    assert "threshold=" in page.url
    assert page.evaluate("document.activeElement.id") == "drag-threshold"
    assert page.evaluate("window.twocurves.most") == 1
    shown = page.locator("#asked .answer b").inner_text()
    assert page.locator("#drag-threshold").get_attribute("aria-valuetext").endswith(shown)
    again = page.locator("#asked .answer").inner_text()
    page.reload()
    assert page.locator("#asked .answer").inner_text() == again
    page.go_back()
    page.wait_for_selector("body[data-asked=yes]")
    assert page.locator("#ask-threshold").input_value() == "2"
    assert page.errors == []


def test_the_line_in_the_drawing_is_dragged(page, address):
    ready(page, address)
    page.locator("#asked .drag-box").scroll_into_view_if_needed()
    box = page.locator("#asked .drag-box .drawn").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 150, y)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(box["x"] + 150 + 3 * step, y)
    value = float(page.locator("#ask-threshold").input_value())
    page.mouse.up()
    settled(page)
    assert value > 2.5
    assert f"threshold={value:g}" in page.url
    assert page.evaluate("window.twocurves.most") == 1
    shares = page.locator("#asked .figure-title").first.inner_text()
    assert "in 20 runs lie at or above" in shares
    assert page.errors == []


def test_the_month_is_dragged(page, address):
    ready(page, address)
    page.locator("#drag-date").focus()
    page.keyboard.press("End")
    settled(page)
    assert page.locator("#ask-date").input_value() == "2036-12"
    assert "date=2036-12" in page.url


def test_what_changes_the_mind_comes_by_itself(page, address, unsure):  # noqa: F811
    ready(page, address, f"/claims/{unsure}")
    page.wait_for_selector(".mind-sentence", timeout=60_000)
    page.goto(f"{address}/drivers?target={unsure}")
    page.wait_for_selector("table.heat", timeout=60_000)
    assert page.errors == []


def test_without_a_script_the_form_asks(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + ASK)
    assert not page.locator("#drag-threshold").is_visible()
    page.fill("#ask-threshold", "0.5")
    page.click("#ask-form button")
    assert "threshold=0.5" in page.url
    assert "$500bn" in page.content() or "$0.5tn" in page.content()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/claims", ASK, "/drivers", "/drivers?target=C02&grid=1"])
def test_nothing_bars_anybody_and_a_phone_fits(chromium, address, scheme, path):
    if not Path(AXE).exists():
        pytest.skip("axe-core is not installed")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address + path, timeout=60_000)
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(Path(AXE).read_text())
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == []
    context.close()
