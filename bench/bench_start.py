"""Commands as a user starts them: a new process each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.conftest import Timed


@pytest.mark.parametrize(
    ("words", "rounds"),
    [("--help", 9), ("data list", 9), ("data show eci", 9), ("beliefs list", 5), ("measure", 5)],
)
def test_command(timed: Timed, words: str, rounds: int) -> None:
    command = ["-m", "twocurves", *words.split()]
    timed(f"`twocurves {words}`", lambda: _python(*command), rounds=rounds, children=True)


@pytest.mark.parametrize(
    ("title", "modules"),
    [
        ("importing Typer with its help", "typer.rich_utils"),
        ("importing Typer, Pydantic, Polars", "typer._adapters, rich.table, polars"),
        (
            "importing Typer, Pydantic, Polars, SciPy",
            "typer._adapters, rich.table, polars, numpy, scipy.special",
        ),
        ("importing `twocurves.beliefs`", "twocurves.beliefs"),
    ],
)
def test_imports(timed: Timed, title: str, modules: str) -> None:
    timed(title, lambda: _python("-c", f"import {modules}"), rounds=7, children=True)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
