"""Write the direction numbers of Sobol's sequence that SciPy carries; needed only for more dimensions.

``python -m twocurves.beliefs.directions`` writes ``data/sobol_directions.npy``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.stats import qmc

from twocurves.beliefs.sobol import BITS, DIMENSIONS, DIRECTIONS_FILE, Bits


def direction_numbers() -> Bits:
    """Return the direction numbers of Joe and Kuo (2008), shape ``(DIMENSIONS, BITS)``."""
    engine = qmc.Sobol(DIMENSIONS, scramble=False, bits=BITS)
    return np.asarray(engine._sv, dtype=np.uint32)  # type: ignore[attr-defined]


if __name__ == "__main__":
    np.save(Path(__file__).parent / "data" / DIRECTIONS_FILE, direction_numbers())
