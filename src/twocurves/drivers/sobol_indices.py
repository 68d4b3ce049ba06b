"""First-order and total indices from a Saltelli design.

The design has two samples, A and B, and for each input a third that is A with that input from B. With
outcomes ``f`` (Saltelli and others 2010, table 2, b; Jansen 1999)::

    S_i = mean(f_B (f_ABi - f_A)) / V        T_i = mean((f_A - f_ABi)^2) / (2 V)

where ``V`` is the variance over A and B together. The intervals are percentiles of a bootstrap over rows, all
samples resampled together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twocurves.drivers.ranks import FloatArray

#: Resamples of the rows.
_RESAMPLES = 400

_LEVELS = (0.05, 0.95)


@dataclass(frozen=True)
class Indices:
    """Indices of each input, with 90% intervals.

    Attributes
    ----------
    first, total
        Shape ``(inputs,)``.
    first_interval, total_interval
        Shape ``(inputs, 2)``.
    rows
        Rows of the design that were used.
    """

    first: FloatArray
    total: FloatArray
    first_interval: FloatArray
    total_interval: FloatArray
    rows: int


def indices(a: FloatArray, b: FloatArray, ab: FloatArray, rng: np.random.Generator) -> Indices:
    """Return first-order and total indices.

    Parameters
    ----------
    a, b
        Outcomes in both samples, shape ``(rows,)``.
    ab
        Outcomes with one input from B, shape ``(rows, inputs)``. Rows with a figure that is not finite are
        left out everywhere.
    rng
        Draws the resamples.

    Raises
    ------
    ValueError
        Fewer than two rows are left, or the outcome is constant in them.
    """
    kept = np.isfinite(a) & np.isfinite(b) & np.isfinite(ab).all(axis=1)
    a, b, ab = a[kept], b[kept], ab[kept]
    if len(a) < 2 or np.ptp(np.concatenate([a, b])) == 0:
        raise ValueError("the outcome does not differ between the rows of the design")
    middle = np.concatenate([a, b]).mean()
    a, b, ab = a - middle, b - middle, ab - middle  # lessens the error of the first-order estimate
    product, square, spread = b[:, None] * (ab - a[:, None]), (a[:, None] - ab) ** 2, (a**2 + b**2) / 2.0
    weights = np.stack(
        [np.bincount(rng.integers(0, len(a), len(a)), minlength=len(a)) for _ in range(_RESAMPLES)]
    ).astype(np.float64)
    mean = (weights @ ((a + b) / 2.0)) / len(a)
    variance = (weights @ spread) / len(a) - mean**2
    variance = np.where(variance > 0, variance, np.nan)
    firsts = (weights @ product) / len(a) / variance[:, None]
    totals = (weights @ square) / len(a) / (2.0 * variance[:, None])
    whole = float(np.concatenate([a, b]).var())
    return Indices(
        first=product.mean(axis=0) / whole,
        total=square.mean(axis=0) / (2.0 * whole),
        first_interval=np.nanquantile(firsts, _LEVELS, axis=0).T,
        total_interval=np.nanquantile(totals, _LEVELS, axis=0).T,
        rows=len(a),
    )
