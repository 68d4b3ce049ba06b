"""The pages: what a slider costs on the server, and from a key press to the paint in a real browser.

The server is a process of its own, as it is for a visitor. ``CHROMIUM`` names the browser where it is not on
the path.
"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from bench.conftest import Timed
from twocurves.serve.house import House
from twocurves.serve.links import read_state
from twocurves.serve.services.live import FEW, live_record
from twocurves.serve.settings import ServeSettings

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
DRAWS = 256

#: A drag: moves, and milliseconds between two.
DRAG_MOVES, DRAG_STEP = 60, 16

#: Seconds that a new server gets for drawing what every visitor asks for.
WARMING_SECONDS = 60

#: Bytes, packed, of all that the Scenario page asks for.
MOST_BYTES = 600_000

PAGES = ("/", "/scenario", "/claims", "/drivers", "/data", "/decide", "/method")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = str(tmp_path_factory.mktemp("runs"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOCURVES_RUNS", folder)
        yield folder


@pytest.fixture(scope="module")
def address(runs: str) -> Iterator[str]:
    """A server that has made its run, compiled its kernel and drawn its pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "twocurves", "serve", "--port", str(port), "--draws", str(DRAWS)]
    server = subprocess.Popen(command, env={**os.environ, "TWOCURVES_RUNS": runs}, stderr=subprocess.DEVNULL)
    found = f"http://127.0.0.1:{port}"
    try:
        while not _ready(found):
            assert server.poll() is None
            time.sleep(0.5)
        time.sleep(WARMING_SECONDS)
        yield found
    finally:
        server.terminate()
        server.wait(20)


def _ready(address: str) -> bool:
    try:
        health = httpx.get(f"{address}/api/v1/health", timeout=30).json()
    except httpx.HTTPError:
        return False
    return bool(health["ready"]) and health["run"] is not None


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Any]:
    """The Scenario page, on which the first slider has the focus."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as found:
        browser = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--headless=new"])
        opened = browser.new_context(viewport={"width": 1240, "height": 900}).new_page()
        opened.goto(f"{address}/scenario", timeout=300_000)
        opened.wait_for_selector("body[data-live=yes]", timeout=300_000)
        yield opened
        browser.close()


def _key(page: Any) -> str:
    """Focus the first slider and return the key that leads away from its nearer end."""
    slider = page.locator("#sliders .range").first
    slider.focus()
    return "ArrowRight" if int(slider.input_value()) < 50 else "ArrowLeft"


def _press_and_wait(page: Any, key: str) -> None:
    before = page.evaluate("twocurves.painted")
    page.keyboard.press(key)
    while page.evaluate("twocurves.painted") <= before:
        page.wait_for_timeout(2)


def _wait_for(page: Any, draws: str) -> None:
    while f"{draws} runs" not in page.inner_text("#status"):
        page.wait_for_timeout(5)


def test_first_chart(page: Any, address: str, timed: Timed) -> None:
    def first_chart() -> None:
        page.goto(f"{address}/scenario", wait_until="commit")
        page.wait_for_selector("#figures svg")

    timed("Scenario, warm server: first chart", first_chart, rounds=5)

    def live() -> None:
        first_chart()
        page.wait_for_selector("body[data-live=yes]")

    live()


@pytest.mark.parametrize("pause", [50, 150, 400])
def test_key_press(page: Any, timed: Timed, pause: int) -> None:
    key = _key(page)
    page.wait_for_timeout(1500)
    timed(
        f"key press to painted curves and numbers, a press every {pause} ms after the last paint",
        lambda: _press_and_wait(page, key),
        rounds=15,
        before=lambda: page.wait_for_timeout(pause),
    )
    page.wait_for_timeout(4000)


@pytest.mark.parametrize("draws", ["256", "1,024"])
def test_more_draws_after_rest(page: Any, timed: Timed, draws: str) -> None:
    key = _key(page)

    def moved() -> None:
        page.wait_for_timeout(5000)
        _press_and_wait(page, key)

    timed(f"{draws} draws after a slider rests", lambda: _wait_for(page, draws), rounds=3, before=moved)


def test_drag(page: Any, timed: Timed, benchmark: Any) -> None:
    sliders = iter(range(1, 5))
    frames: list[int] = []

    def hovered() -> None:
        page.wait_for_timeout(4000)
        slider = page.locator("#sliders .range").nth(next(sliders))
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        place.update(box, y=box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + box["width"] / 2, place["y"])
        page.wait_for_timeout(1000)
        page.evaluate("Object.assign(twocurves, {painted: 0, most: 0, milliseconds: []})")

    place: dict[str, float] = {}

    def drag() -> None:
        page.mouse.down()
        for move in range(DRAG_MOVES):
            page.mouse.move(place["x"] + place["width"] * (0.5 + 0.4 * move / DRAG_MOVES), place["y"])
            page.wait_for_timeout(DRAG_STEP)
        page.mouse.up()
        told = page.evaluate("({...twocurves})")
        assert told["most"] <= 1
        frames.append(told["painted"])

    timed(f"drag of {DRAG_MOVES} moves", drag, rounds=3, warm_up=0, before=hovered)
    benchmark.extra_info.update(
        title=f"drag of {DRAG_MOVES} moves; frames painted: {', '.join(map(str, frames))}", frames=frames
    )


def test_the_weight_of_each_page(page: Any, address: str, benchmark: Any) -> None:
    weights = {path: len(gzip.compress(httpx.get(address + path, timeout=300).content)) for path in PAGES}
    taken: list[int] = []
    page.on("response", lambda answer: taken.append(int(answer.headers.get("content-length", 0))))
    page.context.clear_cookies()
    page.goto(f"{address}/scenario")
    page.wait_for_selector("body[data-live=yes]")
    benchmark.extra_info.update(title="weight of pages, packed", weights=weights, scenario=sum(taken))
    benchmark.pedantic(lambda: None, rounds=1)
    assert max(weights.values()) < MOST_BYTES
    assert sum(taken) < MOST_BYTES


@pytest.fixture(scope="module")
def house(runs: str) -> Iterator[House]:
    found = House(ServeSettings(draws=DRAWS))
    found.engine.start()
    assert found.engine.ready.wait(600)
    yield found
    found.stop()


def test_a_scenario_that_is_known(house: House, timed: Timed) -> None:
    state = read_state(house.beliefs, "lag_pub=4.5")
    timed(
        "slider, 64 draws known: four figures' data",
        lambda: live_record(house, state, FEW, "wide"),
        rounds=20,
    )


def test_a_scenario_that_is_new(house: House, timed: Timed) -> None:
    number = count()

    def new() -> None:
        live_record(house, read_state(house.beliefs, f"lag_pub={4 + next(number) / 100}"), FEW, "wide")

    timed("slider, 64 draws simulated anew", new, rounds=6)
