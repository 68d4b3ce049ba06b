"""What ``twocurves plot`` refuses, before it measures anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from twocurves.cli.entry import run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["all"], "Say into which folder to write all figures, for example: twocurves plot all -o figures"),
        (["all", "-o", "all.svg"], "For example: twocurves plot all -o all"),
        (["frontier"], "for example: twocurves plot frontier -o frontier.svg"),
        (["list", "-o", "x.svg"], "The list of figures is printed, not written to a file"),
        (["", "-o", "x.svg"], "No figure ''; there are "),
        ([""], "No figure ''; there are "),
        (["frontir"], "No figure 'frontir'; did you mean 'frontier'?"),
        (["frontier", "-o", "x.svg", "--theme", "blue"], "No theme 'blue'; there are dark, light."),
        (["frontier", "-o", "x.svg", "--theme", "drak"], "No theme 'drak'; did you mean 'dark'?"),
        (["list", "--theme", "blue"], "No theme 'blue'"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["plot", *arguments]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Value error" not in printed.err
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []
