"""The pages: what a slider costs on the server, and from a key press to the paint in a real browser."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from itertools import count
from statistics import median
from typing import Any

import pytest

from bench.conftest import Timed
from twocurves.serve.app import create_app
from twocurves.serve.house import House
from twocurves.serve.links import read_state
from twocurves.serve.services.live import live_record
from twocurves.serve.settings import ServeSettings

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
DRAWS = 256
DRAG_MOVES = 60

#: Bytes, packed, of all that the Scenario page asks for.
MOST_BYTES = 600_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOCURVES_RUNS", str(tmp_path_factory.mktemp("runs")))
        found = House(ServeSettings(draws=DRAWS))
        found.start()
        assert found.engine.ready.wait(600)
        while found.run is None:
            time.sleep(0.1)
        yield found
        found.stop()


def test_a_scenario_that_is_known(house: House, timed: Timed) -> None:
    state = read_state(house.beliefs, "lag_pub=4.5")
    timed(
        "slider, 64 draws known: four figures' data",
        lambda: live_record(house, state, 64, "wide"),
        rounds=20,
    )


def test_a_scenario_that_is_new(house: House, timed: Timed) -> None:
    number = count()

    def new() -> None:
        live_record(house, read_state(house.beliefs, f"lag_pub={4 + next(number) / 100}"), 64, "wide")

    timed("slider, 64 draws simulated anew", new, rounds=6)


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(house.settings, house), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_from_key_press_to_paint(address: str, timed: Timed, benchmark: Any) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as found:
        browser = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--headless=new"])
        page = browser.new_context(viewport={"width": 1240, "height": 900}).new_page()
        taken: list[int] = []
        page.on("response", lambda answer: taken.append(int(answer.headers.get("content-length", 0))))
        page.goto(f"{address}/scenario", timeout=300_000)
        page.wait_for_selector("body[data-live=yes]", timeout=300_000)
        assert sum(taken) < MOST_BYTES
        slider = page.locator("#sliders .range").first
        slider.focus()

        def rest() -> None:
            page.wait_for_timeout(4000)

        def press() -> None:
            before = page.evaluate("twocurves.painted")
            slider.press("ArrowRight")
            while page.evaluate("twocurves.painted") <= before:
                page.wait_for_timeout(2)

        timed("key press to paint, at rest before", press, rounds=8, before=rest)
        rest()
        page.evaluate("Object.assign(twocurves, {painted: 0, most: 0, milliseconds: []})")
        box = slider.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        page.mouse.down()
        for move in range(DRAG_MOVES):
            page.mouse.move(box["x"] + box["width"] * (0.5 + 0.4 * move / DRAG_MOVES), middle)
            page.wait_for_timeout(16)
        page.mouse.up()
        drag = page.evaluate("({...twocurves})")
        assert drag["most"] == 1
        benchmark.extra_info.update(
            page_bytes=sum(taken), drag_painted=drag["painted"], drag_ms=median(drag["milliseconds"] or [0])
        )
        browser.close()


def test_the_weight_of_each_page(address: str, house: House, benchmark: Any) -> None:
    import httpx

    weights = {
        path: len(gzip.compress(httpx.get(address + path, timeout=300).content))
        for path in ("/", "/scenario", "/claims", "/drivers", "/data", "/decide", "/method")
    }
    benchmark.extra_info.update(title="weight of pages, packed", weights=weights)
    benchmark.pedantic(lambda: None, rounds=1)
    assert max(weights.values()) < MOST_BYTES
