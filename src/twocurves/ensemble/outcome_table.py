"""The numbers that a run is told by: which, at which dates, how they are written."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from twocurves.beliefs.reading import read_belief_file
from twocurves.beliefs.schema import Strict, Words

_FILE = "outcomes.toml"


class Outcome(Strict):
    """A number that a run is told by.

    ``name`` is a measure, with its entity behind a dot where it has one; ``times`` is what a figure is
    multiplied by before it is written in its ``style`` with ``digits`` significant figures; ``shown`` says
    whether the terminal prints it.
    """

    name: Words
    title: Words
    style: Words
    times: float = 1.0
    digits: Annotated[int, Field(ge=1, le=6)] = 2
    economy: Literal["closed", "open"] | None = None
    shown: bool = False


class OutcomeTable(Strict):
    """The numbers that a run is told by, their dates, and the levels of their intervals."""

    dates: Annotated[tuple[str, ...], Field(min_length=1)]
    captured_in: int
    levels: tuple[float, float, float]
    outcome: Annotated[tuple[Outcome, ...], Field(min_length=1)]


@lru_cache(maxsize=1)
def outcome_table() -> OutcomeTable:
    """Return the table of outcomes, from its file."""
    read = read_belief_file(files("twocurves.ensemble") / "data" / _FILE, _FILE)
    return read.table(read.tables, OutcomeTable)
