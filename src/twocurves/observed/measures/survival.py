"""Time until an event when some are still waiting for it (Kaplan and Meier 1958, doi:10.2307/2281868)."""

from __future__ import annotations

import numpy as np

from twocurves.observed.measures.frontier import Flags
from twocurves.observed.measures.scores import Numbers


def median_wait(duration: Numbers, happened: Flags) -> float | None:
    """Return the Kaplan-Meier median of waiting times, some of them cut off before the event.

    Parameters
    ----------
    duration
        Time until the event, or until watching ended, shape ``(n,)``.
    happened
        Whether the event was seen, shape ``(n,)``.

    Returns
    -------
    float | None
        The first time by which at most half are still waiting; None when more than half still are at the
        end, or when there is nothing to count.
    """
    times, events = np.unique(duration[happened], return_counts=True)
    at_risk = duration.size - np.searchsorted(np.sort(duration), times, side="left")
    still_waiting = np.cumprod(1 - events / at_risk)
    reached = np.flatnonzero(still_waiting <= 0.5 + 1e-12)
    return float(times[reached[0]]) if reached.size else None
