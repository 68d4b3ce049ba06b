"""The patient rule induction method: boxes of inputs in which something holds far more often.

Friedman and Fisher (1999), as Bryant and Lempert (2010) use it for scenario discovery. From the box of all
draws a twentieth of them is peeled off again and again, at whichever end of whichever input raises the share
of draws of interest most for each draw given up; then ends are pasted back while that raises it. The rules,
quantiles and ties are those of the EMA workbench (Kwakkel 2017), and so are the boxes, which a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.drivers.ranks import FloatArray

#: Share of the draws in the box that one peeling, and one pasting, takes.
PEEL = 0.05
PASTE = 0.05

#: Least share of all draws that a box may hold.
LEAST_MASS = 0.05


@dataclass(frozen=True, eq=False)
class Box:
    """A box on the way from all draws to few.

    Attributes
    ----------
    low, high
        Its limits, shape ``(inputs,)``.
    inside
        Places of the draws in it.
    coverage
        Share of all draws of interest that lie in it.
    density
        Share of the draws in it that are of interest.
    mass
        Share of all draws that lie in it.
    """

    low: FloatArray
    high: FloatArray
    inside: NDArray[np.intp]
    coverage: float
    density: float
    mass: float


@dataclass(frozen=True)
class Trajectory:
    """The boxes from all draws to the last.

    Attributes
    ----------
    boxes
        In the order in which they were found; the first holds all draws.
    inputs, interest
        What they were found in.
    """

    boxes: tuple[Box, ...]
    inputs: FloatArray
    interest: NDArray[np.bool_]

    def restricted(self, box: Box) -> NDArray[np.intp]:
        """Return the places of the inputs that a box limits."""
        first = self.boxes[0]
        return np.flatnonzero((box.low != first.low) | (box.high != first.high))


def find_box(
    inputs: FloatArray,
    interest: NDArray[np.bool_],
    *,
    peel: float = PEEL,
    paste: float = PASTE,
    least_mass: float = LEAST_MASS,
) -> Trajectory:
    """Find a box by peeling and pasting.

    Parameters
    ----------
    inputs
        Shape ``(draws, inputs)``.
    interest
        Which draws are of interest, shape ``(draws,)``; at least one is.
    peel, paste, least_mass
        See the module.

    Raises
    ------
    ValueError
        No draw is of interest.
    """
    if not interest.any():
        raise ValueError("no draw is of interest")
    made = _Maker(inputs, interest, peel, paste, least_mass)
    return Trajectory(tuple(made.boxes), inputs, interest)


class _Maker:
    def __init__(
        self, inputs: FloatArray, interest: NDArray[np.bool_], peel: float, paste: float, least_mass: float
    ) -> None:
        self.inputs = inputs
        self.interest = interest.astype(np.float64)
        self.found = int(interest.sum())
        self.peel_share, self.paste_share, self.least_mass = peel, paste, least_mass
        self.first_low, self.first_high = inputs.min(axis=0), inputs.max(axis=0)
        self.boxes = [self._box(self.first_low, self.first_high, np.arange(len(inputs)))]
        while self._peel():
            pass
        while self._paste():
            pass

    def _box(self, low: FloatArray, high: FloatArray, inside: NDArray[np.intp]) -> Box:
        held = self.interest[inside].sum()
        return Box(
            low, high, inside, held / self.found, held / max(len(inside), 1), len(inside) / len(self.interest)
        )

    def _peel(self) -> bool:
        """Cut off the best end of the last box; say whether there was one."""
        last = self.boxes[-1]
        inside = self.inputs[last.inside]
        ordered = np.sort(inside, axis=0)
        best: tuple[float, int] = (-np.inf, -1)
        chosen: tuple[FloatArray, FloatArray, NDArray[np.intp]] | None = None
        for place in range(inside.shape[1]):
            for is_low in (False, True):
                share = self.peel_share if is_low else 1.0 - self.peel_share
                cut = _quantile(ordered[:, place], share)
                kept = inside[:, place] >= cut if is_low else inside[:, place] <= cut
                limits = self._moved(last, place, cut, is_low=is_low)
                score = self._score(last, last.inside[kept], limits)
                if score > best:
                    best, chosen = score, (*limits, last.inside[kept])
        return chosen is not None and self._take(best, chosen, grows=False)

    def _paste(self) -> bool:
        """Give back the best end of the last box; say whether there was one."""
        last = self.boxes[-1]
        limited = np.flatnonzero((last.low != self.first_low) | (last.high != self.first_high))
        best: tuple[float, int] = (-np.inf, -1)
        chosen: tuple[FloatArray, FloatArray, NDArray[np.intp]] | None = None
        for place in limited.tolist():
            others = limited[limited != place]
            within = (
                (self.inputs[:, others] >= last.low[others]) & (self.inputs[:, others] <= last.high[others])
            ).all(axis=1)
            own = self.inputs[:, place]
            for is_low in (True, False):
                cut = self._given_back(own, within, last, place, is_low=is_low)
                limits = self._moved(last, place, cut, is_low=is_low)
                inside = np.flatnonzero(within & (own >= limits[0][place]) & (own <= limits[1][place]))
                score = self._score(last, inside, limits)
                if score > best:
                    best, chosen = score, (*limits, inside)
        return chosen is not None and self._take(best, chosen, grows=True)

    def _given_back(
        self, own: FloatArray, within: NDArray[np.bool_], last: Box, place: int, *, is_low: bool
    ) -> float:
        """Return to where an end goes back: over a twentieth of the draws that lie beyond it."""
        if is_low:
            beyond = own[within & (own >= self.first_low[place]) & (own <= last.low[place])]
            share, end = 1.0 - self.paste_share, float(self.first_low[place])
        else:
            beyond = own[within & (own >= last.high[place]) & (own <= self.first_high[place])]
            share, end = self.paste_share, float(self.first_high[place])
        return _quantile(np.sort(beyond), share) if len(beyond) else end

    def _moved(self, last: Box, place: int, cut: float, *, is_low: bool) -> tuple[FloatArray, FloatArray]:
        low, high = last.low.copy(), last.high.copy()
        (low if is_low else high)[place] = cut
        return low, high

    def _score(
        self, last: Box, inside: NDArray[np.intp], limits: tuple[FloatArray, FloatArray]
    ) -> tuple[float, int]:
        """Return the gain in density for each draw given up or taken in, and how many inputs stay free."""
        free = int(((limits[0] == self.first_low) & (limits[1] == self.first_high)).sum())
        before = self.interest[last.inside].mean()
        after = self.interest[inside].mean() if len(inside) else 0.0
        moved = abs(len(last.inside) - len(inside))
        return (0.0 if before == after or not moved else (after - before) / moved), free

    def _take(
        self,
        score: tuple[float, int],
        chosen: tuple[FloatArray, FloatArray, NDArray[np.intp]],
        *,
        grows: bool,
    ) -> bool:
        last, box = self.boxes[-1], self._box(*chosen)
        changed = box.mass > last.mass if grows else box.mass < last.mass
        if box.mass < self.least_mass or not changed or score[0] <= 0:
            return False
        if grows and box.density <= last.density:
            return False
        self.boxes.append(box)
        return True


def _quantile(ordered: FloatArray, share: float) -> float:
    """Return the mean of the two values around a quantile, moved past a run of equal ones."""
    at = (len(ordered) - 1) * share
    low, high = int(np.floor(at)), int(np.ceil(at))
    if share > 0.5:
        while ordered[low] == ordered[high] and low > 0:
            low -= 1
    else:
        while ordered[low] == ordered[high] and high < len(ordered) - 1:
            high += 1
    return float((ordered[low] + ordered[high]) / 2.0)
