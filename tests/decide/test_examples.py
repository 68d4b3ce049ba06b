"""The examples decide, and their page says what they say."""

import re
from pathlib import Path

import pytest

from twocurves.cli.decide_examples import examples, page
from twocurves.cli.entry import run as call
from twocurves.decide.decision import decide
from twocurves.decide.wording import explained
from twocurves.ensemble.results import open_run

FOLDER = Path(__file__).parents[2] / "examples"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_there_are_six():
    assert len(examples(FOLDER)) == 6


@pytest.mark.parametrize("path", examples(FOLDER), ids=lambda path: path.stem)
def test_every_example_decides_and_is_on_the_page(path, real_run):
    found = decide(path, real_run)
    assert f"## {found.workload}\n" in PAGE
    assert f"$ twocurves decide examples/{path.name}\n" in PAGE
    assert found.advice in ("move_now", "wait", "stay")
    assert explained(found)
    feasible = [option for option in found.options if option.feasible]
    assert feasible
    assert found.target == "" or found.target in {option.name for option in feasible}
    assert not next((one.dominated for one in found.options if one.name == found.target), False)


def test_the_page_is_plain():
    assert "nan" not in PAGE.lower().split()
    assert all(len(line) <= 110 or not line.startswith(" ") for line in PAGE.splitlines())


@pytest.mark.slow
def test_the_page_is_what_its_run_says(tmp_path):
    named = re.search(r"Worlds of `twocurves (run [^`]*)`, results (\w+)\.", PAGE)
    assert named is not None
    place = tmp_path / "run"
    assert call([*named[1].split(), "--into", str(place)]) == 0
    made = open_run(place)
    again = page(FOLDER, made)
    if str(made.digest).startswith(named[2]):
        assert again == PAGE
        return
    # Another kind of processor rounds otherwise; the advice must not turn on that.
    said = re.compile(r"^\$ twocurves decide [^\n]*\n\n(\w+)", re.MULTILINE)
    assert said.findall(again) == said.findall(PAGE)
