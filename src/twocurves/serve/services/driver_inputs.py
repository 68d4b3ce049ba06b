"""Assumptions and targets of the Drivers page, draw by draw: who has a low value, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.claims.compiling import UNDETERMINED
from twocurves.drivers.inputs import Input, draws_of, inputs_of, values_of
from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.target import Target, TargetValues, find_target, read_target
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.rows import CLAIM
from twocurves.errors import unknown
from twocurves.serve.house import House
from twocurves.serve.services.run_view import RunView
from twocurves.serve.sliders import unit_words

#: From this ratio between the 95th and the 5th percentile on, a positive number is drawn on a log axis.
_LOG_FROM = 7.0

#: Letters of a unit that fit beside a tick.
_TICK = 9


@dataclass(frozen=True)
class Picked:
    """An assumption with its values in the runs in which a target is settled.

    Attributes
    ----------
    input
        The assumption.
    values
        Shape ``(known,)``.
    outcome
        The target in the same runs.
    """

    input: Input
    values: FloatArray
    outcome: FloatArray

    def parts(self, number: int) -> NDArray[np.int64]:
        """Return in which part of its values each run lies, from 0; parts are of equal size."""
        return parts_of(self.values, number)


def parts_of(values: FloatArray, number: int) -> NDArray[np.int64]:
    """Return in which part each value lies, from 0; parts are of equal size, but ties stay together."""
    edges = np.quantile(values, np.linspace(0.0, 1.0, number + 1)[1:-1])
    return np.asarray(np.searchsorted(edges, values, side="left"), dtype=np.int64)


def inputs_known(house: House, view: RunView) -> Mapping[str, Input]:
    """Return the assumptions of a run that differ between its runs, by name."""

    def make() -> dict[str, Input]:
        draws_of(view.run)
        every = inputs_of(view.run)
        found: dict[str, Input] = {}
        for begin in range(0, len(every), 64):
            block = every[begin : begin + 64]
            values = values_of(view.run, [one.name for one in block])
            differs = values.min(axis=0) < values.max(axis=0)
            found |= {one.name: one for one, moves in zip(block, differs, strict=True) if moves}
        return found

    return house.once(f"inputs|{view.run.name}", make)


def input_named(house: House, view: RunView, name: str) -> Input:
    """Return an assumption.

    Raises
    ------
    BadInputError
        The run drew none of this name, or all runs have the same value.
    """
    known = inputs_known(house, view)
    if name not in known:
        raise unknown("assumption", name, known, field="belief")
    return known[name]


def target_read(house: House, view: RunView, name: str) -> tuple[Target, TargetValues]:
    """Return a target with its values; read once.

    Raises
    ------
    BadInputError
        There is no such target, or nothing can be said of it.
    """

    def make() -> tuple[Target, TargetValues]:
        target = find_target(view.run, name)
        return target, read_target(view.run, target)

    return house.once(f"target|{view.run.name}|{name}", make)


def picked(house: House, view: RunView, target: str, name: str) -> Picked:
    """Return an assumption beside a target."""
    chosen = input_named(house, view, name)
    _, read = target_read(house, view, target)
    return Picked(chosen, values_of(view.run, [name])[read.known][:, 0], read.values)


def truths(house: House, view: RunView) -> NDArray[np.int8]:
    """Return the answers of the headline questions in the runs that came through, ``(runs, claims)``."""

    def make() -> NDArray[np.int8]:
        names = [question.id for question in house.ledger.headlines]
        there = set(view.run.manifest.description.claims)
        asked = [name for name in names if name in there]
        blocks = [np.empty((0, len(names)), np.int8)]
        for table in view.run.iterate_draws(["ok", *(CLAIM + name for name in asked)]):
            ok = np.asarray(from_column(table["ok"]), dtype=np.bool_)
            block = np.full((len(ok), len(names)), UNDETERMINED, np.int8)
            for place, name in enumerate(names):
                if name in there:
                    block[:, place] = from_column(table[CLAIM + name], UNDETERMINED)
            blocks.append(block[ok])
        return np.concatenate(blocks)

    return house.once(f"truths|{view.run.name}", make)


def is_log(values: FloatArray) -> bool:
    """Whether numbers are best drawn on a log axis."""
    low, high = (float(end) for end in np.quantile(values, [0.05, 0.95]))
    return float(values.min()) > 0.0 and high > _LOG_FROM * low


def number_of_input(one: Input) -> str:
    """Return the number style of an assumption."""
    if one.unit == "share":
        return "share"
    words = unit_words(one.unit)
    return "number" if one.unit == "1" or len(words) > _TICK else f"{{}} {words}"
