"""What decides it: how the gain of moving goes with the draws' beliefs, above the noise of so many draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decider:
    """A belief and its rank correlation with the gain of moving.

    Attributes
    ----------
    name
        The belief.
    effect, low, high
        Spearman's rank correlation and its 90% interval (Fisher's transform).
    above_noise
        Whether it stands out from what the largest of so many beliefs reaches by chance.
    tenths
        Mean gain, USD, in the tenth of the draws with the lowest and in that with the highest belief.
    low_value, high_value
        Median belief in these two tenths.
    """

    name: str
    effect: float
    low: float
    high: float
    above_noise: bool
    tenths: tuple[float, float]
    low_value: float
    high_value: float

    def as_record(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {**asdict(self), "tenths": list(self.tenths)}


def deciders(gain: Floats, beliefs: Mapping[str, Floats], most: int = 8) -> tuple[list[Decider], float]:
    """Return the beliefs that go with the gain, the largest first, and the noise floor.

    One belief after another is taken, each time that with the largest correlation with what the ones before
    leave unexplained: beliefs that merely resemble an earlier one in these draws fall away (few draws of many
    quasi-random dimensions are not independent). The floor is what the largest of as many unrelated beliefs
    stays below with 95%: by Bonferroni the normal quantile at ``1 - 0.05 / (2 m)``, over the square root of
    the draws less one.

    Parameters
    ----------
    gain
        Gain of moving against staying in each draw.
    beliefs
        Values in each draw by name; those that do not vary are left out.
    """
    draws = len(gain)
    varying = {name: values for name, values in beliefs.items() if np.ptp(values) > 0.0}
    if draws < 8 or not varying or np.ptp(gain) == 0.0:
        return [], 1.0
    from scipy.special import ndtri

    names = list(varying)
    ranks = _ranks(np.stack([varying[name] for name in names]))
    left = _ranks(gain[None])[0]
    floor = float(ndtri(1.0 - 0.05 / (2 * len(names))) / np.sqrt(draws - 1))
    half = float(ndtri(0.95)) / np.sqrt(draws - 3)
    told: list[Decider] = []
    basis: list[Floats] = []
    while len(told) < min(most, len(names)):
        effects = (ranks @ left) / draws
        place = int(np.argmax(np.abs(effects)))
        effect = float(effects[place])
        middle = float(np.arctanh(np.clip(effect, -0.999999, 0.999999)))
        low, high = float(np.tanh(middle - half)), float(np.tanh(middle + half))
        above = bool(abs(effect) > floor)
        told.append(Decider(names[place], effect, low, high, above, *_ends(gain, varying[names[place]])))
        if not told[-1].above_noise:
            break
        direction = ranks[place].copy()
        for earlier in basis:
            direction -= earlier * (earlier @ direction) / draws
        size = float(np.sqrt((direction @ direction) / draws))
        if size < 1e-9:
            break
        direction /= size
        basis.append(direction)
        left = left - direction * (direction @ left) / draws
    return told, floor


def _ends(gain: Floats, belief: Floats) -> tuple[tuple[float, float], float, float]:
    """Return the mean gain in the lowest and in the highest tenth of a belief, and its medians there."""
    order = np.argsort(belief, kind="stable")
    size = max(1, len(order) // 10)
    low, high = order[:size], order[-size:]
    ends = (float(gain[low].mean()), float(gain[high].mean()))
    return ends, float(np.median(belief[low])), float(np.median(belief[high]))


def _ranks(values: Floats) -> Floats:
    """Return ranks along the last axis, standardised; ties, which are rare, are broken by order."""
    ranks = np.empty_like(values)
    order = np.argsort(values, axis=-1, kind="stable")
    np.put_along_axis(ranks, order, np.arange(values.shape[-1], dtype=np.float64)[None], axis=-1)
    ranks -= ranks.mean(axis=-1, keepdims=True)
    return np.asarray(ranks / ranks.std(axis=-1, keepdims=True))
