"""``twocurves plot`` of runs and of other commands' findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.report.inputs import drivers

Printed = Callable[..., tuple[int, str, str]]


def test_the_newest_run_is_drawn(runs: Path, printed: Printed, tmp_path: Path) -> None:
    target = tmp_path / "claims.svg"
    code, out, _ = printed("plot", "claims", "-o", str(target), "--json")
    assert code == 0
    assert json.loads(out) == {"written": [str(target)]}
    assert next(runs.iterdir()).name in target.read_text(encoding="utf-8")


def test_a_run_by_the_beginning_of_its_name(runs: Path, printed: Printed, tmp_path: Path) -> None:
    target = tmp_path / "lag.json"
    assert printed("plot", "lag_by_year", "--run", "central", "-o", str(target))[0] == 0
    assert "datasets" in json.loads(target.read_text(encoding="utf-8"))


def test_findings_are_drawn_from_a_file(empty: Path, printed: Printed, tmp_path: Path) -> None:
    given = tmp_path / "drivers.json"
    given.write_text(json.dumps(drivers()), encoding="utf-8")
    target = tmp_path / "drivers.svg"
    assert printed("plot", "drivers", "--input", str(given), "-o", str(target))[0] == 0
    assert "Fast-follower lag" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["claims"], "There is no complete run yet; make one with `twocurves run`."),
        (["claims", "--run", "nothing"], "No run 'nothing'; there are none."),
        (["claims_moved"], "claims_moved shows two runs: name the other with --beside RUN."),
        (["claims", "--beside", "x"], "claims shows one run; leave out --beside."),
        (["claims", "--from", "2024-01"], "claims does not heed --from; it takes --run, --beside."),
        (["frontier", "--run", "x"], "frontier does not heed --run; it takes --from, --to, --as-of."),
        (["drivers"], "draws what `twocurves drivers ... --json` printed: name that file with --input."),
        (["pit", "--input", "none.json"], "none.json cannot be read"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    arguments: list[str],
    said: str,
    empty: Path,
    printed: Printed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, fault = printed("plot", *arguments, "-o", "x.svg")
    assert (code, out) == (2, "")
    assert said in " ".join(fault.split())
    assert not (tmp_path / "x.svg").exists()


def test_lists_say_what_each_figure_is_of(printed: Printed) -> None:
    code, out, _ = printed("plot", "list", "--json")
    of = {one["name"]: one["of"] for one in json.loads(out)["figures"]}
    assert code == 0
    assert of["frontier"] == "observations"
    assert of["two_curves"] == "a run"
    assert of["regret"] == "decide --json"
