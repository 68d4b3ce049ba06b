"""What a fit has learned: prior against posterior of each belief, and which series moved it.

At the mode the numbers balance the prior's pull against each figure's. In the linear model there,

    z = C sum_s J_s' ( r_s + J_s z ),     C = (I + J'J)^-1,   J and r whitened,

so the shift of each belief is a sum over series, exactly so for the mode, nearly so for the posterior's mean.
How much of a belief's uncertainty is gone is told from the particles.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.fit.fitting import Fit
from twocurves.fit.latent import drawn_from, unknowns

FloatArray = NDArray[np.float64]

#: Part of the prior's variance below which a belief counts as unidentified when less than this is gone.
UNIDENTIFIED = 0.1

_LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Learned:
    """One belief.

    Attributes
    ----------
    name, unit
        Its full name, and its unit.
    prior, posterior
        5th, 50th and 95th percentile.
    shift
        Of the mean of the number behind it, in standard deviations of the package's prior.
    gone
        Part of the prior's variance that is gone, from the particles; below zero where sampling says more.
    series
        The series that moved it most, with the shift that each gave, at most three.
    """

    name: str
    unit: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    shift: float
    gone: float
    series: tuple[tuple[str, float], ...]

    def as_record(self) -> dict[str, Any]:
        """Return the row as ``--json`` prints it."""
        return asdict(self)


def learned(found: Fit) -> tuple[Learned, ...]:
    """Return what was learned of every belief, most informed first."""
    beliefs = found.problem.beliefs
    what = unknowns(beliefs)
    numbers = found.particles.numbers
    variance, mean = numbers.var(axis=0), numbers.mean(axis=0) * what.width
    gone = 1.0 - variance
    drawn = drawn_from(beliefs, numbers)
    parts = by_series(found)
    rows = []
    for place, name in enumerate(what.names):
        prior = beliefs.distributions[name].quantile(np.array(_LEVELS))
        after = np.quantile(drawn.values[name], _LEVELS)
        order = np.argsort(-np.abs(parts[:, place]))[:3]
        moved = tuple(
            (found.problem.likelihood.names[one], float(parts[one, place] * what.width[place]))
            for one in order
            if abs(parts[one, place]) > 0.02
        )
        rows.append(
            Learned(
                name,
                beliefs.parameter_of(name).unit,
                (float(prior[0]), float(prior[1]), float(prior[2])),
                (float(after[0]), float(after[1]), float(after[2])),
                float(mean[place]),
                float(gone[place]),
                moved,
            )
        )
    return tuple(sorted(rows, key=lambda row: -row.gone))


def by_series(found: Fit) -> FloatArray:
    """Return the shift of each number at the mode that each series gives, shape ``(series, unknowns)``.

    Their sum over series is the mode, up to what the climb left undone.
    """
    mode = found.mode
    _, singular, right = np.linalg.svd(mode.white, full_matrices=False)
    shrunk = singular**2 / (1.0 + singular**2)
    pulls = mode.residual + mode.white @ mode.numbers
    out = np.zeros((len(mode.log_ratio), len(mode.numbers)))
    for place in np.unique(mode.of):
        own = mode.of == place
        pulled = mode.white[own].T @ pulls[own]
        out[place] = pulled - right.T @ (shrunk * (right @ pulled))
    return out
