"""Three quantiles over the draws of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.outcome_table import outcome_table


@dataclass(frozen=True, slots=True)
class Spread:
    """Three quantiles over draws, of those that have the figure.

    Attributes
    ----------
    low, median, high
        At 5, 50 and 95%; NaN without draws.
    draws
        Draws with the figure.
    """

    low: float
    median: float
    high: float
    draws: int

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> Spread:
        """Return the spread of one figure for each draw; NaN are left out."""
        finite = np.asarray(values, dtype=np.float64)
        finite = finite[np.isfinite(finite)]
        if not len(finite):
            return cls(np.nan, np.nan, np.nan, 0)
        low, median, high = np.quantile(finite, outcome_table().levels)
        return cls(float(low), float(median), float(high), len(finite))

    def as_record(self) -> dict[str, Any]:
        """Return the spread as ``--json`` prints it."""
        return {"p05": self.low, "p50": self.median, "p95": self.high, "draws": self.draws}
