"""What the tests of the commands share: a run of the real economy, folders of runs, and calling a command."""

import shutil

import pytest

from tests.real_run import real_run
from twocurves.cli.entry import run

__all__ = ["real_run"]


@pytest.fixture
def runs(real_run, tmp_path, monkeypatch):
    """A folder of runs of one's own that holds a copy of the shared run."""
    folder = tmp_path / "runs"
    shutil.copytree(real_run.path, folder / real_run.name)
    monkeypatch.setenv("TWOCURVES_RUNS", str(folder))
    monkeypatch.setenv("COLUMNS", "120")
    return folder


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOCURVES_RUNS", str(tmp_path / "none"))
    return tmp_path / "none"


@pytest.fixture
def printed(capsys):
    """Run a command and return its exit code, standard output and standard error."""

    def call(*arguments):
        code = run(list(arguments))
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return call
