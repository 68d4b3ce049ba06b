"""The one unit of execution: a padded micro-batch of fixed size.

XLA chooses its vector code by the shape of a batch, so the last bits of a draw's result change with the
number of draws computed beside it. Computing every draw inside a batch of exactly ``MICRO_BATCH`` draws,
padded where fewer are left, makes them depend on the draw alone: not on how many draws there are, the size
or order of chunks, or the process. It is also about the block that fits a core's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.precision import Arrays, Precision, prepare_jax

#: Draws in a micro-batch. Changing it changes the last bits of every result.
MICRO_BATCH = 32

#: A compiled function of arrays whose leading axis is exactly ``MICRO_BATCH`` draws.
Kernel = Callable[[dict[str, Any]], dict[str, Any]]


def spans(draws: int) -> Iterator[slice]:
    """Yield the draws of each micro-batch in turn; only the last may be shorter than ``MICRO_BATCH``."""
    return (slice(first, min(first + MICRO_BATCH, draws)) for first in range(0, draws, MICRO_BATCH))


def pad(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Fill a short micro-batch by repeating its last draw, which is valid wherever the others are.

    Parameters
    ----------
    array
        Shape ``(draws, ...)`` with 1 to ``MICRO_BATCH`` draws.
    """
    missing = MICRO_BATCH - len(array)
    if missing == 0:
        return array
    return np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])


def run_micro_batches(
    kernel: Kernel, inputs: Arrays, precision: Precision = Precision.FLOAT64
) -> Iterator[dict[str, NDArray[np.generic]]]:
    """Compute every draw in micro-batches and yield each micro-batch's results, in order of the draws.

    Parameters
    ----------
    kernel
        Compiled once by the caller (``jax.jit``); always called with the same shapes, so never recompiled.
    inputs
        Arrays of shape ``(draws, ...)``, all with the same number of draws.
    precision
        Floating-point inputs are cast to it; the kernel computes in it.

    Yields
    ------
    dict
        The kernel's outputs as NumPy arrays, shape ``(draws in this micro-batch, ...)``, padding removed.

    Raises
    ------
    ValueError
        The inputs disagree on the number of draws.
    """
    prepare_jax()
    lengths = {name: len(array) for name, array in inputs.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"inputs must have the same number of draws, not {lengths}")
    (draws,) = set(lengths.values())
    cast = precision.cast(inputs)
    for span in spans(draws):
        outputs = kernel({name: pad(array[span]) for name, array in cast.items()})
        kept = span.stop - span.start
        yield {name: np.asarray(array)[:kept] for name, array in outputs.items()}


def gather(batches: Iterator[dict[str, NDArray[np.generic]]]) -> dict[str, NDArray[np.generic]]:
    """Join the results of micro-batches into arrays over all draws (for sizes that fit in memory)."""
    parts = list(batches)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
