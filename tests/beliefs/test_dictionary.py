from pathlib import Path

import pytest

from twocurves.beliefs import Beliefs
from twocurves.beliefs.dictionary import dictionary, main


def test_everything_declared_is_on_the_page(small: Beliefs) -> None:
    page = dictionary(small)
    for name, parameter in small.parameters.items():
        assert f"`{name}`" in page
        assert parameter.meaning in page
        assert parameter.identified_by in page
    for name in ("`difficulty.chat`", "`half_life.*`", "`half_life.coding`", "3 / 4.5 / 8", "0.5 to 40"):
        assert name in page
    for kind in small.entities.values():
        for entity in kind:
            assert f"`{entity}`" in page
    for name in (*small.events, *small.targets, *small.scenarios):
        assert f"`{name}`" in page
    assert "+0.5" in page
    assert "(1 - tau) / (open_lag - (1 - s) * 5)" in page


def test_tables_keep_their_columns(small: Beliefs) -> None:
    width = 0
    for line in dictionary(small).splitlines():
        if line.startswith("|"):
            cells = line.replace("\\|", "").count("|")
            assert width in (0, cells), line
            width = cells
        else:
            width = 0


def test_the_page_is_written_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert "is current" in capsys.readouterr().out
