"""Dummy inputs drawn as the real ones are: what an input that does nothing shows in the same design.

A run's draws are points of a Sobol sequence in hundreds of dimensions. Single columns are even, but some
pairs of columns are far from independent at a few thousand points, so that an input that does nothing looks a
little like one that matters. Shuffling an outcome does not show that; columns of dimensions that no belief
has do.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs.sobol import DIMENSIONS, REPLICATES, sobol_uniforms
from twocurves.beliefs.stored import stored_dimensions
from twocurves.drivers.ranks import FloatArray

#: Dummies drawn, at most.
MOST = 400


def design_dummies(names: Iterable[str], seed: int, draw: NDArray[np.int64], most: int = MOST) -> FloatArray:
    """Return dummy inputs from dimensions that no belief has, shape ``(draws, dummies)``.

    Parameters
    ----------
    names
        Full names of the run's inputs; where none has a stored dimension, the run was not drawn from the
        sequence and there are no dummies of it.
    seed
        Seed of the run.
    draw
        Indices of the draws wanted, rising.
    most
        Dummies at most.
    """
    known = stored_dimensions()
    if not len(draw) or not any(name in known for name in names):
        return np.empty((len(draw), 0))
    taken = set(known.values())
    free = islice((number for number in range(DIMENSIONS) if number not in taken), most)
    count = -(-(int(draw[-1]) + 1) // REPLICATES) * REPLICATES
    columns = [sobol_uniforms(seed, f"drivers/dummy/{number}", number, 0, count)[draw] for number in free]
    return np.stack(columns, axis=1) if columns else np.empty((len(draw), 0))
