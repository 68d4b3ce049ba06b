"""``twocurves report``, called as the command line calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.report.inputs import decision, drivers, score
from twocurves.cli import report_command
from twocurves.ensemble.results import StoredRun
from twocurves.errors import BadFileError, BadInputError
from twocurves.report.build import report_html


def called(*arguments: str) -> str:
    app = typer.Typer()
    app.command("report")(report_command.report)
    found = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_a_report_is_written_whole_and_the_same_each_time(
    runs: Path, real_run: StoredRun, tmp_path: Path
) -> None:
    found = {"drivers": drivers(), "scorecard": score(), "decision": decision()}
    options = []
    for name, record in found.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        options += [f"--{name}", str(path)]
    target = tmp_path / "out" / "report.html"
    target.parent.mkdir()
    printed = json.loads(called("-o", str(target), "--json", *options))
    assert printed == {
        "written": str(target),
        "bytes": target.stat().st_size,
        "run": next(runs.iterdir()).name,
    }
    assert list(target.parent.iterdir()) == [target]
    assert target.read_text(encoding="utf-8") == report_html(real_run, **found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say where to write the report"),
        (["-o", "x.pdf"], "A report is written as .html"),
        (["-o", "x.html"], "There is no complete run yet; make one with `twocurves run`."),
        (["-o", "x.html", "--run", "nothing"], "No run 'nothing'"),
        (["-o", "x.html", "--drivers", "none.json"], "none.json cannot be read"),
    ],
)
def test_bad_input_is_refused_before_any_work(
    arguments: list[str], said: str, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((BadInputError, BadFileError), match=said):
        called(*arguments)
    assert list(tmp_path.glob("*.html")) == []
