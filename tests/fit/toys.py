"""Small problems in the place of the economy: paths that are functions of a few numbers, by toy series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.measures.made import row as observation
from tests.measures.made import table
from twocurves.fit import fitting, hindcast, likelihood, predictive
from twocurves.fit.fitting import Problem
from twocurves.fit.series import FIRST, Row, Series
from twocurves.fit.skeleton import Paths

FloatArray = NDArray[np.float64]

MONTHS = 42

#: Numbers ``(draws, unknowns)`` to a path ``(draws, months)``.
Path = Callable[[FloatArray], FloatArray]


def toy_series(name: str, **more: Any) -> Series:
    given: dict[str, Any] = {
        "id": name,
        "title": name,
        "family": "toys",
        "series": ("none",),
        "scale": "linear",
        "measurement": 0.3,
        "discrepancy": 0.4,
        "memory": 6.0,
        "why": "for a test",
    }
    return Series(**(given | more))


def toy_row(series: str, month: int, value: float, error: float = 0.3, **more: Any) -> Row:
    given: dict[str, Any] = {"at_least": False, "basis": "", "source": "made for a test"}
    return Row(series, month, (FIRST + month).last_day, value, error, **(given | more))


def use_table(patch: pytest.MonkeyPatch, *series: Series) -> dict[str, Series]:
    """Let the fit see these series in place of the package's."""
    found = {one.id: one for one in series}
    for module in (likelihood, predictive, hindcast):
        patch.setattr(module, "series_table", lambda: found)
    return found


@dataclass(frozen=True, eq=False)
class ToySkeleton:
    """Paths by series; a draw fails where ``fails`` says so. Counts the draws that it has run."""

    by_series: Mapping[str, Path]
    fails: Callable[[FloatArray], NDArray[np.bool_]] = lambda numbers: np.zeros(len(numbers), dtype=bool)

    def paths(self, numbers: FloatArray) -> Paths:
        failed = self.fails(numbers)
        shown = {name: np.asarray(path(numbers)).copy() for name, path in self.by_series.items()}
        for path in shown.values():
            path[failed] = np.nan
        return Paths(shown, ~failed)


@dataclass(frozen=True, eq=False)
class ToyProblem(Problem):
    toy: ToySkeleton | None = None

    @property
    def skeleton(self) -> Any:
        return self.toy


def toy_problem(toy: ToySkeleton, rows: tuple[Row, ...], beliefs: Any = None) -> ToyProblem:
    held = table([observation("arr_usd_bn", "OpenAI", dt.date(2024, 12, 31), 1.0, "bn USD")])
    return ToyProblem(beliefs, held, rows, toy)


def straight(level: FloatArray, slopes: FloatArray) -> Path:
    """A path linear in the first numbers: level ``(months,)`` and slopes ``(months, numbers)``."""
    return lambda numbers: level + numbers[:, : slopes.shape[1]] @ slopes.T


def solved_by(patch: pytest.MonkeyPatch, problem: ToyProblem) -> None:
    """Let :func:`twocurves.fit.fitting.fit` find this problem whatever it is asked to fit."""
    patch.setattr(fitting.Problem, "of", classmethod(lambda cls, beliefs, held: problem))
