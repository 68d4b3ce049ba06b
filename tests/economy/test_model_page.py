"""The page of equations is made from the rooms, and each room declares what it uses."""

import re
from pathlib import Path

import pytest

from twocurves.beliefs import load_beliefs
from twocurves.ensemble.model_page import PAGE, ROOMS, main, model_page, used_parameters

ROOT = Path(__file__).parents[2]


def test_the_page_is_current(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["--check"]) == 0


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_declares_the_parameters_it_uses(room):
    source = (ROOT / f"src/twocurves/economy/{room}.py").read_text()
    used = set(re.findall(r'b\["(\w+)"\]', source))
    assert used == used_parameters()[room]


def test_every_declared_parameter_is_a_belief():
    known = set(load_beliefs().parameters)
    for room, names in used_parameters().items():
        assert names <= known, room


def test_the_page_names_every_field_of_state_and_measures():
    from twocurves.economy.measure_table import MEASURES
    from twocurves.economy.state import State

    text = model_page(load_beliefs())
    for name in (*State._fields, *MEASURES):
        assert f"| `{name}` |" in text


def test_the_economy_imports_nothing_of_the_other_rooms():
    for path in (ROOT / "src/twocurves/economy").glob("*.py"):
        for line in re.findall(r"^\s*(?:from|import) (twocurves\S*)", path.read_text(), flags=re.MULTILINE):
            assert line.startswith("twocurves.economy"), f"{path.name}: {line}"


def test_the_page_lies_where_the_readme_says():
    assert (ROOT / PAGE).exists()
