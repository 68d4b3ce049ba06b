"""The linked cursor in a real browser: the same month in every chart, by pointer and by keyboard."""

import os
import shutil
import socket
import threading
import time

import pytest

from twocurves.charts.export import figure_spec
from twocurves.serve.figures import without_text_tables
from twocurves.serve.services.overview import run_tables
from twocurves.serve.services.run_view import RunView

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

PRESENT = "import('/static/cursor.js').then(cursor => cursor.present)"

#: Where a chart's line stands between the ends of its plot, from 0 to 1.
PLACES = """() => [...document.querySelectorAll('.drawn[data-cursor]')].map(drawn => {
  const line = drawn.querySelector('.cursor-line').getBoundingClientRect();
  const svg = [...drawn.querySelectorAll('svg.marks')].find(one => one.getClientRects().length);
  const plot = (svg.querySelector('.role-scope > g > path.background')
    ?? svg.querySelector('.root > g > path.background')).getBoundingClientRect();
  return (line.left - plot.left) / plot.width;
})"""


@pytest.fixture(scope="module")
def address(app):
    """A server on a free port of this machine; its engine is not needed."""
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as found:
        opened = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1240, "height": 1400})
    found = context.new_page()
    found.errors = []
    found.on("pageerror", lambda error: found.errors.append(str(error)))
    found.goto(address, timeout=120_000)
    found.wait_for_selector(".drawn[data-cursor]")
    yield found
    assert found.errors == []
    context.close()


def read(page):
    page.wait_for_timeout(350)  # a frame to paint, and the quarter of a second before it is said
    return page.evaluate(PRESENT)


def test_pointing_at_a_month_shows_it_in_every_chart(page):
    page.locator("[data-drawn=net_revenue]").hover(position={"x": 200, "y": 120})
    shown = read(page)
    over_time = page.locator(".drawn[data-cursor]").count()
    assert over_time >= 2
    fans = {"net_revenue", "capability"}
    assert {one["id"] for one in shown["charts"]} >= fans
    assert all(shown["month"] in one["text"] for one in shown["charts"])
    assert all("Closed" in one["text"] for one in shown["charts"] if one["id"] in fans)
    places = page.evaluate(PLACES)[:2]
    assert places[0] == pytest.approx(places[1], abs=0.01)
    said = page.locator("#say").inner_text()
    assert said.startswith(f"{shown['month']}. Closed $")
    assert "Epoch Capabilities Index" in said
    page.mouse.move(2, 2)
    assert read(page) == {"month": None, "charts": []}
    assert page.locator(".cursor-line:visible").count() == 0


def test_arrow_keys_move_the_month_in_every_chart_and_escape_ends_it(page):
    chart = page.locator("[data-drawn=capability]")
    chart.focus()
    chart.press("End")
    last = read(page)["month"]
    chart.press("ArrowLeft")
    before = read(page)
    assert before["month"] != last
    assert len(before["charts"]) >= 2
    chart.press("PageUp")
    assert int(read(page)["month"][-4:]) == int(before["month"][-4:]) - 1
    assert page.locator("#say").inner_text().startswith(read(page)["month"])
    chart.press("Escape")
    assert read(page)["month"] is None


def test_the_values_beside_a_chart_are_those_of_its_table(page):
    chart = page.locator("[data-drawn=capability]")
    chart.focus()
    chart.press("End")
    page.wait_for_timeout(100)
    text = page.locator("#capability .cursor-read").inner_text()
    month = read(page)["month"]
    row = page.locator("#capability tbody tr", has_text=month[-4:]).last
    cells = [cell.strip() for cell in row.locator("td").all_text_contents()]
    assert month.startswith("Dec")
    assert f"Closed {cells[0]} ({cells[1]})" in text
    assert f"Open {cells[2]} ({cells[3]})" in text


def test_quick_moves_are_said_once(page):
    page.evaluate(
        "() => { window.said = []; new MutationObserver(() => window.said.push(1))"
        ".observe(document.getElementById('say'), {childList: true, characterData: true, subtree: true}); }"
    )
    chart = page.locator("[data-drawn=capability]")
    chart.focus()
    for _ in range(6):
        chart.press("ArrowRight")
    page.wait_for_timeout(600)
    assert len(page.evaluate("window.said")) == 1


def test_a_live_view_follows_too(page, house):
    from twocurves.serve.curves import draw

    view = RunView(house.run)
    chart = draw(run_tables(house, view, "price"), projection_from=view.projection_from, width=300)
    page.evaluate("""() => { const figure = document.createElement('figure');
        figure.innerHTML = '<figcaption><p class=quiet>Live, USD</p></figcaption><div class=drawn></div>';
        document.querySelector('main').append(figure); }""")
    page.add_script_tag(url="/static/vega.js")
    page.evaluate(
        """async spec => {
        const drawn = [...document.querySelectorAll('.drawn')].at(-1);
        const how = {renderer: 'svg', actions: false, ast: true, defaultStyle: false};
        const {view} = await vegaEmbed(drawn, spec, how);
        drawn.dataset.drawn = 'live';
        const cursor = await import('/static/cursor.js');
        cursor.followView(drawn, spec, view); }""",
        without_text_tables(figure_spec(chart)),
    )
    page.locator("[data-drawn=capability]").hover(position={"x": 200, "y": 120})
    shown = read(page)
    live = next(one for one in shown["charts"] if one["id"] == "live")
    assert shown["month"] in live["text"]
    assert "Closed" in live["text"]
    places = page.evaluate(PLACES)
    assert places[-1] == pytest.approx(places[0], abs=0.01)
