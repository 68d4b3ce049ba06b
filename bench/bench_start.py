"""Commands as a user starts them: a new process each time, compiled by the start before it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from bench.conftest import Timed

Python = Callable[..., None]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Python:
    """Return a function that runs the interpreter and keeps compiled modules, whatever is set here."""
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled"))}

    def run(*arguments: str) -> None:
        subprocess.run(
            [sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True, env={**os.environ, **kept}
        )

    return run


@pytest.mark.parametrize(
    ("words", "rounds"),
    [("--help", 9), ("data list", 9), ("data show eci", 9), ("beliefs list", 5), ("measure", 5)],
)
def test_command(timed: Timed, python: Python, words: str, rounds: int) -> None:
    command = ["-m", "twocurves", *words.split()]
    timed(f"`twocurves {words}`", lambda: python(*command), rounds=rounds, children=True)


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
def test_imports(timed: Timed, python: Python, title: str, modules: str) -> None:
    timed(title, lambda: python("-c", f"import {modules}"), rounds=7, children=True)
