"""Numbers that are neither the buyer's nor the run's: shares, rates, machines, with their evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import Field

from twocurves.beliefs.reading import BeliefFile, parse_belief_text
from twocurves.beliefs.schema import Evidence, Strict, Words
from twocurves.errors import unknown

_SIZES_IN_NAME = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)b-a(\d+(?:\.\d+)?)b(?![a-z0-9])")
_SIZE_IN_NAME = re.compile(r"(?<![\d.a-z])(\d+(?:\.\d+)?)b(?![a-z0-9])")

#: Seconds in a month of 730 hours.
SECONDS_PER_MONTH = 730.0 * 3600.0


class Number(Strict):
    """One number with its unit, date, evidence and source."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    value: float
    unit: str
    meaning: Words
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$")]
    evidence: Evidence
    source: Words
    note: str = ""


class OpenModelSize(Strict):
    """Size of an open model whose name does not say it."""

    model: str
    total_billion: Annotated[float, Field(gt=0.0)]
    active_billion: Annotated[float, Field(gt=0.0)]
    bytes_per_parameter: Annotated[float, Field(gt=0.0)] = 1.0
    evidence: Evidence
    source: Words


class Seat(Strict):
    """In which country a seller has its seat."""

    country: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    providers: tuple[str, ...]
    evidence: Literal["J", "U", "V", "S", "D"]
    source: Words


@dataclass(frozen=True, slots=True)
class Size:
    """Parameters of a model, in billions, and the bytes that each takes when served."""

    total_billion: float
    active_billion: float
    bytes_per_parameter: float


@lru_cache(maxsize=1)
def numbers() -> dict[str, Number]:
    """Return every number of ``assumptions.toml`` and ``hardware.toml`` by name.

    Raises
    ------
    BadFileError
        A file is malformed; ``field`` is ``file:line``.
    """
    found: dict[str, Number] = {}
    for name in ("assumptions.toml", "hardware.toml"):
        found |= {one.name: one for one in _file(name).list_of("number", Number)}
    return found


def number(name: str) -> float:
    """Return one number.

    Raises
    ------
    BadInputError
        There is none of this name.
    """
    if name not in numbers():
        raise unknown("assumption", name, numbers())
    return numbers()[name].value


def size_of(model: str) -> Size | None:
    """Return a model's size: from the table, else from its name, else None.

    >>> size_of("qwen3-30b-a3b")
    Size(total_billion=30.0, active_billion=3.0, bytes_per_parameter=1.0)
    """
    listed = _sizes().get(model)
    if listed is not None:
        return listed
    sparse = _SIZES_IN_NAME.search(model)
    if sparse is not None:
        return Size(float(sparse[1]), float(sparse[2]), 1.0)
    dense = _SIZE_IN_NAME.search(model)
    return None if dense is None else Size(float(dense[1]), float(dense[1]), 1.0)


@lru_cache(maxsize=1)
def country_of_provider() -> dict[str, str]:
    """Return the country of each seller whose seat is known, by its id in the catalogues."""
    return {
        provider: seat.country
        for seat in _file("seats_of_providers.toml").list_of("seat", Seat)
        for provider in seat.providers
    }


@lru_cache(maxsize=1)
def _sizes() -> dict[str, Size]:
    listed = _file("open_models.toml").list_of("model", OpenModelSize)
    return {one.model: Size(one.total_billion, one.active_billion, one.bytes_per_parameter) for one in listed}


def _file(name: str) -> BeliefFile:
    text = (resources.files("twocurves.decide") / "data" / name).read_text(encoding="utf-8")
    return parse_belief_text(text, name)
