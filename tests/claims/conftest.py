"""A ledger written for one test, and the measures it is held against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.claims.contract import contract
from twocurves.claims import Ledger, MeasureTable, Question, load_ledger

HEAD = """
[[claim]]
id = "{id}"
title = "A test"
sentence = "Something holds."
falsified_if = "It does not hold."
evidence = "J"
[claim.resolution]
rule = "As it is read."
source = "A public source"
fallback = "Another public source"
ambiguity = "One half."
in_model = "The same."
"""


def claim_text(expression: str, *, id_: str = "T01", date: str = "2028-12", **more: object) -> str:
    lines = [
        HEAD.format(id=id_),
        "[[claim.question]]",
        'id = "q"',
        'sentence = "It holds."',
        f'date = "{date}"',
    ]
    lines.append(f'expression = """{expression}"""')
    lines += [f"{key} = {value!r}" for key, value in more.items() if key != "observed"]
    if "observed" in more:
        lines.append(f"observed = {more['observed']}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def table() -> MeasureTable:
    return contract()


@pytest.fixture(scope="session")
def shipped() -> Ledger:
    return load_ledger()


@pytest.fixture(scope="session")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Question]:
    folder = tmp_path_factory.mktemp("ledger")

    def made(expression: str, **more: object) -> Question:
        file = Path(folder) / "own.toml"
        file.write_text(claim_text(expression, **more), encoding="utf-8")  # type: ignore[arg-type]
        return load_ledger(file).questions[0]

    return made
