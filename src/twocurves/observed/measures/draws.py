"""The random numbers of the measures: one documented seed, one stream a purpose, the same on every run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twocurves.randomness import MONTHS_PER_DRAW, normals

#: Seed of every interval that ``measure`` prints, so that two people with the same data print the same.
SEED = 20260630

#: Replications behind each interval; 1,000 place the ends of a 90% interval within about 2% of its width.
REPLICATIONS = 1000


def standard_normals(name: str, replications: int, columns: int, first: int = 0) -> NDArray[np.float64]:
    """Return standard normal numbers of a named stream, shape ``(replications, columns)``.

    Parameters
    ----------
    name
        What they are for. Streams of different names are independent.
    replications
        Rows; a row's numbers do not depend on how many rows are asked for.
    columns
        Numbers in a row, any number: blocks beyond a stream's width come from numbered sub-streams.
    first
        Number of the first row.
    """
    blocks = [
        normals(
            SEED,
            f"measure/{name}/{start // MONTHS_PER_DRAW}",
            first,
            replications,
            min(width, MONTHS_PER_DRAW),
        )
        for start in range(0, columns, MONTHS_PER_DRAW)
        if (width := columns - start) > 0
    ]
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((replications, 0))
