"""What is printed of one measure: a strip only where there is an interval."""

from __future__ import annotations

import pytest

from twocurves.cli.entry import run


@pytest.fixture(autouse=True)
def packaged_data_only(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path_factory.mktemp("data")))


@pytest.mark.parametrize(
    ("identifier", "strip"), [("cr3_closed_revenue", False), ("hhi_closed_revenue", True)]
)
def test_without_an_interval_there_is_no_strip(
    identifier: str, strip: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["measure", identifier]) == 0
    printed = capsys.readouterr().out
    assert ("90% interval" in printed) == strip
    assert ("─" in printed) == strip
    assert ("no interval" in printed) != strip
