"""The pages in a real browser: Debian's Chromium through Playwright, engine included."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from twocurves.serve.app import create_app  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

PAGES = (
    "/",
    "/scenario?lag_pub=4.5",
    "/claims",
    "/claims/C07",
    "/data",
    "/data/fit",
    "/decide",
    "/method",
    "/api",
    "/jobs",
)


@pytest.fixture(scope="module")
def address(started):
    """A server on a free port of this machine."""
    import socket

    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(started.settings, started, start=False), port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}", server
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
    """A page whose errors are kept, and all that it asks for."""
    context = chromium.new_context(viewport={"width": 1240, "height": 900})
    found = context.new_page()
    found.errors, found.asked = [], []
    found.on("pageerror", lambda error: found.errors.append(str(error)))
    found.on("request", lambda request: found.asked.append(request.url))
    yield found
    context.close()


def live(page, address, path="/scenario"):
    page.goto(address + path, timeout=120_000)
    page.wait_for_selector("body[data-live=yes]", timeout=120_000)
    return page.locator("#sliders .range").first


def painted(page):
    return page.evaluate("window.twocurves.painted")


def paths(page):
    every = "all => all.map(path => path.getAttribute('d')).join()"
    return page.locator("[data-drawn=capability] svg path").evaluate_all(every)


def wait_painted(page, more_than):
    until = time.monotonic() + 60
    while painted(page) <= more_than:
        assert time.monotonic() < until, "nothing was painted"
        page.wait_for_timeout(20)


def test_a_key_press_repaints_curves_numbers_and_claims(page, address):
    slider = live(page, address[0])
    before = paths(page)
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    wait_painted(page, 0)
    until = time.monotonic() + 30
    while paths(page) == before and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert paths(page) != before
    assert "change" in page.locator("#named").inner_text().lower()
    assert "percentile" in slider.get_attribute("aria-valuetext")
    assert page.errors == []
    assert all(url.startswith((address[0], "data:", "blob:")) for url in page.asked)


def test_a_drag_never_has_two_requests_under_way(page, address):
    slider = live(page, address[0])
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for move in range(60):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.4 * move / 60), box["y"] + box["height"] / 2)
        page.wait_for_timeout(16)
    page.mouse.up()
    wait_painted(page, 0)
    found = page.evaluate("({...window.twocurves})")
    assert found["most"] == 1
    assert "lag_pub" in page.url or "=" in page.url


def test_back_and_undo_bring_the_numbers_and_the_link_back(page, address):
    slider = live(page, address[0])
    title = page.locator("#title").inner_text()
    slider.focus()
    for _ in range(8):
        slider.press("ArrowRight")
    slider.blur()
    wait_painted(page, 0)
    assert page.url.count("=") >= 1
    page.wait_for_timeout(500)
    while page.locator("#undo").is_enabled():
        page.locator("#undo").click()
        page.wait_for_timeout(200)
    until = time.monotonic() + 30
    while page.locator("#title").inner_text() != title and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert page.locator("#title").inner_text() == title
    assert page.url == f"{address[0]}/scenario"
    page.go_forward()
    page.wait_for_timeout(200)
    assert "=" in page.url


def test_a_wrong_value_is_named_and_the_last_result_stays(page, address):
    live(page, address[0], "/scenario?lag_pub=4.5")
    field = page.locator("#n-lag_pub")
    field.fill("400")
    field.press("Tab")
    page.locator("#fault").wait_for(state="visible", timeout=30_000)
    assert "lag_pub must be between" in page.locator("#fault").inner_text()


def test_without_javascript_the_page_still_answers(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address[0]}/scenario?lag_pub=4.5", timeout=120_000)
    assert page.locator("#figures svg").count() >= 4
    page.locator("#n-lag_pub").fill("6")
    page.get_by_role("button", name="Simulate").click()
    assert page.url == f"{address[0]}/scenario?lag_pub=6"
    context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(chromium, address, path, scheme):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address[0] + path, timeout=120_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.skipif(not Path(AXE).is_file(), reason="axe-core is not here (npm install axe-core)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, address, scheme):
    source = Path(AXE).read_text(encoding="utf-8")
    context = chromium.new_context(
        viewport={"width": 1240, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(address[0] + path, timeout=120_000)
        if path.startswith("/scenario"):
            page.wait_for_selector("body[data-live=yes]", timeout=120_000)
        page.evaluate(source)
        answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [(path, one["id"], one["nodes"][0]["html"][:120]) for one in answer["violations"]]
    context.close()
    assert found == []


def test_a_stopped_server_is_told_and_the_link_stays(page, address):
    slider = live(page, address[0])
    page.route("**/api/**", lambda route: route.abort())
    slider.focus()
    slider.press("ArrowRight")
    page.locator("#gone").wait_for(state="visible", timeout=30_000)
    assert slider.is_disabled()
    assert page.locator("#copy-link").is_enabled()
