"""An estimate with what chance does to it, read off replications whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from twocurves.observed.measures.measure import LEVEL
from twocurves.observed.measures.scores import Numbers


@dataclass(frozen=True)
class Uncertain:
    """An estimate with what chance does to it.

    Attributes
    ----------
    estimate
        The plain estimate.
    bias
        By how much estimates of its kind lie above the truth on average.
    sd
        Their standard deviation; NaN when unknown.
    freedom
        Degrees of freedom behind ``sd``.
    """

    estimate: float
    bias: float
    sd: float
    freedom: float

    def interval(self, level: float = LEVEL) -> tuple[float, float] | None:
        """Return the interval that holds the truth with probability ``level``; None when unknown."""
        if not np.isfinite(self.sd) or not np.isfinite(self.bias) or self.freedom <= 0:
            return None
        reach = float(stdtrit(self.freedom, 0.5 + level / 2)) * self.sd
        return self.estimate - self.bias - reach, self.estimate - self.bias + reach

    def probability_above(self, limit: float = 0.0) -> float | None:
        """Return the probability that the truth lies above a limit; None when unknown."""
        if not np.isfinite(self.sd) or self.freedom <= 0:
            return None
        distance = self.estimate - self.bias - limit
        if self.sd == 0:
            return 0.5 if distance == 0 else float(distance > 0)
        return float(stdtr(self.freedom, distance / self.sd))

    def minus(self, other: Uncertain) -> Uncertain:
        """Return the difference of two independent estimates (Welch and Satterthwaite's freedom)."""
        first, second = self.sd**2, other.sd**2
        below = first**2 / max(self.freedom, 1e-9) + second**2 / max(other.freedom, 1e-9)
        return Uncertain(
            estimate=self.estimate - other.estimate,
            bias=self.bias - other.bias,
            sd=float(np.sqrt(first + second)),
            freedom=(first + second) ** 2 / below if below > 0 else min(self.freedom, other.freedom),
        )


def from_replications(estimate: float, truth: float, replications: Numbers, freedom: float) -> Uncertain:
    """Read bias and spread off replications whose truth is known.

    Replications without an estimate (NaN) are left out; when more than one in ten are, nothing can be said.
    """
    found = replications[np.isfinite(replications)]
    if found.size < 0.9 * replications.size or found.size < 2:
        return Uncertain(estimate, float("nan"), float("nan"), freedom)
    return Uncertain(estimate, float(found.mean() - truth), float(found.std(ddof=1)), freedom)


def shifted(estimate: Uncertain, by: Callable[[float], float]) -> tuple[float | None, float | None]:
    """Return the ends of an interval through a rising or falling function, in rising order.

    An end that the function cannot take (a doubling time at growth 0) is None.
    """
    ends = estimate.interval()
    if ends is None:
        return None, None
    values = sorted(by(end) for end in ends)
    low, high = (value if np.isfinite(value) else None for value in values)
    return low, high
