"""The Monte Carlo error of a mean, from the spread of independent randomisations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from twocurves.beliefs.sobol import REPLICATES

#: Share of an interval made from a Monte Carlo error.
LEVEL = 0.90
#: Fewest draws from which an error is given: two in each randomisation.
FEWEST_DRAWS = 2 * REPLICATES


@dataclass(frozen=True, slots=True)
class MonteCarloError:
    """A mean over draws with the error due to their finite number.

    Attributes
    ----------
    mean
        The mean; None without draws.
    standard_error
        Its standard error; None where it cannot be told, and ``reason`` says why.
    half_width
        Half of the interval that holds the infinite-draw mean in a share ``LEVEL`` of cases (Student's t
        with one degree of freedom less than there are randomisations).
    n
        Number of draws.
    """

    mean: float | None
    standard_error: float | None
    half_width: float | None
    n: int
    reason: str = ""


def monte_carlo_error(values: ArrayLike, replicate: ArrayLike) -> MonteCarloError:
    """Return the mean of ``values`` with its Monte Carlo error.

    The draws of one randomisation cover the space evenly together, so they are not independent and
    ``p (1 - p) / n`` is wrong for them; the randomisations are independent of each other. With weights
    ``w_r = n_r / n`` the squared error is ``R / (R - 1) sum w_r^2 (mean_r - mean)^2``, which for equal
    numbers is the usual variance of a mean of ``R`` values.

    Parameters
    ----------
    values
        One finite number (or truth) for each draw, shape ``(n,)``.
    replicate
        The randomisation of each draw, shape ``(n,)``.

    Raises
    ------
    ValueError
        The shapes differ, or a value is not finite: leave failed draws out before, and count them.
    """
    x = np.asarray(values, dtype=np.float64)
    group = np.asarray(replicate, dtype=np.int64)
    if x.ndim != 1 or x.shape != group.shape:
        raise ValueError(f"values and replicate must be of one length, not {x.shape} and {group.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    n = len(x)
    if n == 0:
        return MonteCarloError(None, None, None, 0, "there are no draws")
    mean = float(x.mean())
    if n < FEWEST_DRAWS:
        return MonteCarloError(mean, None, None, n, f"an error needs at least {FEWEST_DRAWS} draws, not {n}")
    counts = np.bincount(group, minlength=REPLICATES)
    if len(counts) > REPLICATES or (counts == 0).any():
        reason = f"an error needs draws of all {REPLICATES} randomisations"
        return MonteCarloError(mean, None, None, n, reason)
    means = np.bincount(group, weights=x - mean, minlength=REPLICATES) / counts
    squares = float(np.sum((counts / n * means) ** 2)) * REPLICATES / (REPLICATES - 1)
    error = float(np.sqrt(squares))
    width = error * float(stdtrit(REPLICATES - 1, 0.5 + LEVEL / 2.0))
    return MonteCarloError(mean, error, width, n)
