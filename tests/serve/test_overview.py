"""The Overview: everything that it promises, each number linked, and what it does while parts are missing."""

import re
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.serve.figures import Drawings
from twocurves.serve.house import House
from twocurves.serve.services import claim_mind, overview_figures
from twocurves.serve.services.run_view import RunView


@pytest.fixture(scope="module")
def text(app):
    from starlette.testclient import TestClient

    from tests.serve.conftest import BASE

    return TestClient(app, base_url=BASE).get("/").text


def test_it_has_every_part(text, house):
    assert len(re.findall(r"<h1>", text)) == 1
    assert text.count('class="number"') == 4
    assert text.count('class="interval-dot"') >= 4
    for name in ("capability", "price", "net_revenue", "regret"):
        assert f'data-drawn="{name}"' in text
    for name in ("capability", "price", "net_revenue"):
        cursor = re.search(rf'id="{name}".*?class="cursor-data">(.*?)</script>', text, re.DOTALL)
        assert cursor is not None
        assert cursor[1].count('"name"') == 3  # both economies, and the paired gap below them
    assert len(re.findall(r'<tr><th scope="row" class="claim-words">', text)) == 5
    assert text.count('class="dot-full"') + text.count('class="dot-none"') == 20 * 5
    assert "Should this workload move, and when?" in text
    assert house.run.manifest.command in text.replace("&#39;", "'")


def test_each_number_links_to_its_page_and_each_page_is_there(text, client):
    links = re.findall(r'class="number-value"><a href="([^"]+)"', text)
    assert len(links) == 4
    for link in links:
        assert client.get(link.partition("#")[0]).status_code in (200, 303)


def test_every_scenario_can_be_picked(text, house):
    picker = re.search(r'<nav class="sub-in" aria-label="Scenarios">(.*?)</nav>', text, re.DOTALL)
    assert picker is not None
    for name, one in house.beliefs.scenarios.items():
        assert one.title in picker[1]
        assert (f"/scenario?from={name}" in picker[1]) == (name != "central")
    assert '<a href="/" aria-current="true">Central</a>' in picker[1]


def test_the_worked_decision_is_that_of_the_decide_page(text, client, house):
    found = overview_figures.worked(house, RunView(house.run), client.app.state.drawings)
    assert found is not None
    assert found.answer.replace("'", "&#39;") in text
    assert any(blank for _, blank in found.workload)
    full = client.get(f"/decide?{found.query}").text
    assert found.answer.replace("'", "&#39;") in full


def test_few_draws_have_slopes_in_place_of_a_tornado(text):
    assert 'data-drawn="deciding"' not in text
    assert "What decides it" in text


def test_with_enough_draws_there_is_a_tornado_the_widest_bar_first(client, house, monkeypatch):
    def effect(name, low, high):
        return SimpleNamespace(
            input=SimpleNamespace(name=name),
            tenths=np.array([low, 50.0, high]),
            low_value=1.0,
            high_value=2.5,
        )

    above = [effect(f"lag_pub.{place}", 50.0 - place, 50.0 + 2 * place) for place in range(1, 10)]
    asked = []

    def studied(house, view, target):
        asked.append(target)
        return SimpleNamespace(above=above, level=50.0)

    monkeypatch.setattr(claim_mind, "studied", studied)
    drawings = Drawings()
    found = overview_figures.deciding(house, RunView(house.run), drawings)
    assert asked == ["net_revenue_open@2030-12"]
    assert found is not None
    assert found.table is not None
    assert len(found.table.rows) == 7
    assert found.table.rows[0] == ("Lag of open behind closed, 9", "$41bn", "$68bn")
    assert found.title == "Lag of open behind closed, 9 decides most: 1.7× between its ends"
    assert "2030" in found.subtitle


class Engine:
    """An engine that knows what it is told to know."""

    seed = 7

    def __init__(self, house, known):
        self.known_names = known
        self.months = house.engine.months
        self.ready = SimpleNamespace(is_set=lambda: True)

    def known(self, settings, count):
        return settings in self.known_names

    def sample(self, settings, count, *, timeout):
        values = np.full((count, len(self.months)), float(settings.bit_length()))
        values[0] = -3.0
        return SimpleNamespace(measures={overview_figures.DECIDED: values})


def test_ridges_wait_until_every_scenario_is_known(house, client):
    names = list(house.beliefs.scenarios)
    numbers = {name: 1 << place for place, name in enumerate(names)}
    kept: dict[str, Any] = {}

    def once(key, make):
        return kept.setdefault(key, make())

    stand_in = SimpleNamespace(
        beliefs=house.beliefs,
        settings_of=lambda name, changes: numbers[name] if changes is NO_SETTINGS else None,
        kept=kept.get,
        once=once,
    )
    drawings = client.app.state.drawings
    stand_in.engine = Engine(house, set(list(numbers.values())[:-1]))
    assert overview_figures.scenario_ridges(cast("House", stand_in), drawings) is None
    stand_in.engine = Engine(house, set(numbers.values()))
    found = overview_figures.scenario_ridges(cast("House", stand_in), drawings)
    assert found is not None
    titles = [house.beliefs.scenarios[name].title for name in names]
    assert found.table is not None
    assert [row[0] for row in found.table.rows] == titles[::-1]
    assert titles[-1] in found.title
    assert titles[0] in found.title
    stand_in.engine = Engine(house, set())
    assert overview_figures.scenario_ridges(cast("House", stand_in), drawings) is found
