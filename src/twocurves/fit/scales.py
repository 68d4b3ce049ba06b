"""Working scales: where errors of a quantity are about even, so that forecasts of it can be scored."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

#: ``log``: natural logarithm, for money, prices and counts; ``logit``: for shares; ``linear``: as it stands,
#: for index points and months.
Scale = Literal["linear", "log", "logit"]

SCALES: Final[tuple[Scale, ...]] = get_args(Scale)

#: Shares are kept this far from zero and one before a logit: published shares are rounded to whole percents.
EDGE: Final = 0.005


def on_scale(scale: Scale, values: ArrayLike) -> NDArray[np.bool_]:
    """Say of each value, in natural units, whether it has a place on a scale.

    Money, prices and counts must be above zero; shares from zero to one; all must be finite.
    """
    given = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(given)
    if scale == "linear":
        return finite
    return finite & ((given > 0.0) if scale == "log" else ((given >= 0.0) & (given <= 1.0)))


def to_scale(scale: Scale, values: ArrayLike) -> NDArray[np.float64]:
    """Return natural values on a working scale; shares nearer than :data:`EDGE` to a bound stand at it.

    Raises
    ------
    ValueError
        A value has no place there; see :func:`on_scale`.
    """
    given = np.asarray(values, dtype=np.float64)
    outside = ~on_scale(scale, given)
    if outside.any():
        raise ValueError(f"{given[outside].flat[0]} has no place on the {scale} scale")
    if scale == "linear":
        return given
    placed = np.log(given) if scale == "log" else logit(np.clip(given, EDGE, 1.0 - EDGE))
    return np.asarray(placed, dtype=np.float64)


def from_scale(scale: Scale, values: ArrayLike) -> NDArray[np.float64]:
    """Return values on a working scale in natural units."""
    given = np.asarray(values, dtype=np.float64)
    if scale == "linear":
        return given
    return np.asarray(np.exp(given) if scale == "log" else expit(given), dtype=np.float64)
