"""Many draws of the economy: one compiled kernel per structure, run in micro-batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Draws
from twocurves.economy.initial import initial_state
from twocurves.economy.month import Exogenous
from twocurves.economy.simulate import simulate
from twocurves.economy.structure import Structure
from twocurves.ensemble.assembly import numbers_of, outside_of, structure_of
from twocurves.ensemble.microbatch import Kernel, run_micro_batches
from twocurves.ensemble.precision import Precision, prepare_jax
from twocurves.observed.tables import Observations

_OUTSIDE = "outside/"


@lru_cache(maxsize=4)
def _kernel(beliefs: Beliefs, precision: Precision) -> tuple[Structure, Kernel]:
    """Return the structure of the beliefs and the kernel for it; compiled at its first call."""
    prepare_jax()
    structure = structure_of(beliefs).cast(precision.dtype)

    def one(inputs: Mapping[str, Any]) -> dict[str, Any]:
        outside = Exogenous(**{name: inputs[_OUTSIDE + name] for name in Exogenous._fields})
        numbers = {name: value for name, value in inputs.items() if not name.startswith(_OUTSIDE)}
        first = initial_state(numbers, structure, outside.spending[0])
        _, months = simulate(numbers, structure, first, outside)
        return months._asdict()

    return structure, jax.jit(jax.vmap(one))


def paths(
    beliefs: Beliefs,
    drawn: Draws,
    held: Observations,
    months: int,
    precision: Precision = Precision.FLOAT64,
) -> Iterator[dict[str, NDArray[np.generic]]]:
    """Simulate every draw and yield the measures of each micro-batch.

    Parameters
    ----------
    held
        Observations from which shipments and spending are imposed while they last.
    months
        From January 2023 on.

    Yields
    ------
    dict
        For each field of :class:`twocurves.economy.measures.Month`, shape ``(draws, months, ...)``.
    """
    structure, kernel = _kernel(beliefs, precision)
    numbers = numbers_of(beliefs, drawn)
    outside = outside_of(structure, numbers, held, drawn, months)
    feed = {_OUTSIDE + name: np.asarray(value) for name, value in outside._asdict().items()}
    return run_micro_batches(kernel, {**numbers, **feed}, precision)
