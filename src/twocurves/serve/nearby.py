"""Draws between two positions of a slider, while it is dragged: each future interpolated between its own.

A drag passes more positions than can be simulated in its time. The futures at some positions of the slider
are simulated ahead; between two of them every future is drawn on the straight line between its two selves (in
logs where both are positive). At the positions themselves nothing is interpolated, and as soon as the slider
rests its position is simulated.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Settings
from twocurves.serve.engine import Engine, Sample

#: Sliders whose positions are remembered, and positions of each.
_MOST_LINES = 64
_MOST_PLACES = 240


@dataclass(frozen=True)
class Between:
    """A sample that was interpolated.

    Attributes
    ----------
    sample
        The futures.
    low, high
        Places on the slider, 0 to 1, whose futures were simulated.
    """

    sample: Sample
    low: float
    high: float


class Lines:
    """Which positions of which slider have been simulated, all other settings alike."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._lines: OrderedDict[tuple[str, ...], dict[float, Settings]] = OrderedDict()

    def remember(self, others: Settings, name: str, place: float, settings: Settings) -> None:
        """Note that a position of a slider is simulated or about to be.

        Parameters
        ----------
        others
            All settings but the slider's.
        name
            The slider's parameter.
        place
            Where it stands, 0 to 1.
        settings
            All settings with the slider's.
        """
        key = (name, *sorted(others.as_strings()))
        with self._lock:
            line = self._lines.setdefault(key, {})
            self._lines.move_to_end(key)
            line[place] = settings
            while len(line) > _MOST_PLACES:
                line.pop(next(iter(line)))
            while len(self._lines) > _MOST_LINES:
                self._lines.popitem(last=False)

    def between(self, others: Settings, name: str, place: float, count: int) -> Between | None:
        """Return the futures at a place, interpolated; None where no two simulated positions are about it."""
        key = (name, *sorted(others.as_strings()))
        with self._lock:
            line = list(self._lines.get(key, {}).items())
        known = [one for one in line if self._engine.known(one[1], count)]
        below = max((one for one in known if one[0] <= place), key=lambda one: one[0], default=None)
        above = min((one for one in known if one[0] >= place), key=lambda one: one[0], default=None)
        if below is None or above is None:
            return None
        first = self._engine.sample(below[1], count, timeout=1.0)
        if below[0] == above[0]:
            return Between(first, below[0], above[0])
        second = self._engine.sample(above[1], count, timeout=1.0)
        part = (place - below[0]) / (above[0] - below[0])
        return Between(mixed(first, second, part), below[0], above[0])


def mixed(first: Sample, second: Sample, part: float) -> Sample:
    """Return each future part of the way from one sample to the other; truths are those of the nearer."""
    both, mine, theirs = np.intersect1d(first.index, second.index, return_indices=True)
    nearer, place = (first, mine) if part < 0.5 else (second, theirs)
    return Sample(
        measures={
            name: _on_the_way(first.measures[name][mine], second.measures[name][theirs], part)
            for name in first.measures
        },
        truths={name: truth[place] for name, truth in nearer.truths.items()},
        asked=first.asked,
        failed=nearer.failed,
        index=both,
    )


def _on_the_way(low: NDArray[np.float32], high: NDArray[np.float32], part: float) -> NDArray[np.float32]:
    with np.errstate(divide="ignore", invalid="ignore"):
        in_logs = np.exp((1.0 - part) * np.log(low) + part * np.log(high))
    return np.where((low > 0) & (high > 0), in_logs, (1.0 - part) * low + part * high).astype(np.float32)
