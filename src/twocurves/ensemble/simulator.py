"""The contract between whoever simulates a micro-batch and whoever runs and stores many of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twocurves.errors import Fault


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """What a measure is.

    Attributes
    ----------
    name
        Stable name, for example ``revenue_by_lab``.
    unit
        Unit of its figures, from the units table.
    meaning
        One line for a person.
    axes
        Names of the axes behind draw and month, in order; empty for one figure a month.
    """

    name: str
    unit: str
    meaning: str
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What a simulator will deliver, known before it simulates anything.

    Attributes
    ----------
    measures
        Every measure it can deliver.
    axes
        Name of each axis -> names along it.
    beliefs
        Full names of the beliefs drawn, one column each in the table of draws.
    claims
        Ids of the questions whose truth is settled in each draw.
    """

    measures: tuple[MeasureInfo, ...]
    axes: Mapping[str, tuple[str, ...]]
    beliefs: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """The results of one micro-batch.

    Attributes
    ----------
    index
        Indices of the draws, shape ``(draws,)``.
    measures
        Name -> figures, shape ``(draws, months, *axes)``, float32 or float64.
    ok
        Whether the draw came through, shape ``(draws,)``.
    cause
        The mechanism that failed ("pricing", "clearing", "money", "finite"), "" where ok; shape ``(draws,)``.
    month
        Month of the failure counted from the first simulated month, -1 where ok; shape ``(draws,)``.
    figure
        The figure that condemned the draw (a residual, a balance), NaN where ok; shape ``(draws,)``.
    beliefs
        Full name -> values drawn, shape ``(draws,)``.
    replicate
        Which scrambling of the design the draw belongs to, shape ``(draws,)``.
    claims
        Question id -> 1 true, 0 false, -1 undecided; int8 of shape ``(draws,)``.
    """

    index: NDArray[np.integer]
    measures: Mapping[str, NDArray[np.floating]]
    ok: NDArray[np.bool_]
    cause: NDArray[np.str_]
    month: NDArray[np.integer]
    figure: NDArray[np.floating]
    beliefs: Mapping[str, NDArray[np.floating]]
    replicate: NDArray[np.integer]
    claims: Mapping[str, NDArray[np.int8]]


class Simulator(Protocol):
    """Computes draws; the same draw gives the same bits whatever was computed before it.

    Threads share one simulator, so ``simulate`` keeps nothing between calls that changes what it returns.
    """

    def simulate(self, first: int, count: int) -> Batch:
        """Compute draws ``first`` to ``first + count - 1``, at most one micro-batch, in order."""
        ...


class ContractError(Fault):
    """A simulator delivered something else than it described; a mistake in the program, so the run stops."""


class SimulatorError(Fault):
    """The simulator could not be built."""
