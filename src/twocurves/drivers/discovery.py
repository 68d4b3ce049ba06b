"""In which worlds something holds: two or three plain conditions, and whether to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.charts.number_text import say
from twocurves.drivers.inputs import Input
from twocurves.drivers.prim import Box, Trajectory, find_box
from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.study import Study
from twocurves.drivers.tree import Node, grow

#: Conditions of a world, at most.
MOST_CONDITIONS = 3

#: Inputs in which worlds are looked for: those that matter most.
_LOOKED_AT = 8

#: Half samples in which a world is looked for again.
_RESAMPLES = 10

#: Draws of interest from which worlds are looked for.
_FEWEST = 30

#: Share of an outcome's draws at either end that counts as high, or as low.
TAIL = 0.2

#: Units that are written as a symbol or not at all.
_UNITS = {"1": "", "share": ""}


@dataclass(frozen=True)
class Condition:
    """A limit on one input.

    Attributes
    ----------
    input
        The input.
    low, high
        Its limits, None where there is none.
    seen_in
        Share of the half samples in which the input was limited on the same side.
    """

    input: Input
    low: float | None
    high: float | None
    seen_in: float

    @property
    def words(self) -> str:
        """The condition as a phrase."""
        unit = _UNITS.get(self.input.unit, f" {self.input.unit}")
        if self.low is not None and self.high is not None:
            return f"{self.input.name} between {say(self.low)} and {say(self.high)}{unit}"
        if self.low is not None:
            return f"{self.input.name} above {say(self.low)}{unit}"
        return f"{self.input.name} below {say(self.high or 0.0)}{unit}"

    def as_record(self) -> dict[str, Any]:
        """Return the condition as ``--json`` prints it."""
        return {
            "name": self.input.name,
            "low": self.low,
            "high": self.high,
            "unit": self.input.unit,
            "words": self.words,
            "seen_in": self.seen_in,
        }


@dataclass(frozen=True)
class World:
    """Worlds in which something holds far more often.

    Attributes
    ----------
    holds
        What holds there: ``true``, ``false`` of a claim, ``high``, ``low`` of an outcome.
    conditions
        Two or three at most.
    coverage
        Of all futures in which it holds, the share that lie in these worlds.
    density
        Of the futures in these worlds, the share in which it holds.
    mass, base
        Share of all futures that lie in these worlds; in which it holds.
    coverage_elsewhere, density_elsewhere
        The same in halves of the futures that the conditions were not found in, mean over ten halves.
    """

    holds: str
    conditions: tuple[Condition, ...]
    coverage: float
    density: float
    mass: float
    base: float
    coverage_elsewhere: float
    density_elsewhere: float

    def as_record(self) -> dict[str, Any]:
        """Return the worlds as ``--json`` prints them."""
        return {
            "holds": self.holds,
            "conditions": [condition.as_record() for condition in self.conditions],
            "coverage": self.coverage,
            "density": self.density,
            "mass": self.mass,
            "base_rate": self.base,
            "coverage_elsewhere": self.coverage_elsewhere,
            "density_elsewhere": self.density_elsewhere,
        }


@dataclass(frozen=True)
class Discovered:
    """Worlds of a target.

    Attributes
    ----------
    worlds
        Of the claim and of its negation, or of a high and a low outcome; one is missing where there are too
        few futures of it, or where no input matters.
    tree
        The questions that part the futures best, as nested records.
    """

    worlds: tuple[World, ...]
    tree: dict[str, Any] = field(default_factory=dict)


def discover(study: Study) -> Discovered:
    """Find in which worlds a claim holds and in which not, or an outcome is high or low.

    Parameters
    ----------
    study
        Its inputs above the floor are looked at, eight at most.
    """
    inputs = [effect.input for effect in study.above][:_LOOKED_AT]
    if not inputs:
        return Discovered(())
    values = study.inputs[:, : len(inputs)]
    worlds = [
        found
        for holds, interest in _sides(study)
        if (found := world(inputs, values, interest, holds, np.random.default_rng(0))) is not None
    ]
    (_, interest), _ = _sides(study)
    return Discovered(tuple(worlds), _tree_record(grow(values, interest), inputs))


def world(
    inputs: Sequence[Input],
    values: FloatArray,
    interest: NDArray[np.bool_],
    holds: str,
    rng: np.random.Generator,
) -> World | None:
    """Find worlds in which draws of interest are dense.

    Parameters
    ----------
    inputs, values
        Inputs, those that matter most first, and their values ``(draws, inputs)``.
    interest
        Which draws are of interest.
    holds
        What holds in them.
    rng
        Chooses the half samples.

    Returns
    -------
    World or None
        None with too few draws of interest, or where no box is better than all draws.
    """
    if min(interest.sum(), (~interest).sum()) < _FEWEST:
        return None
    found = _limited(values, interest)
    if found is None:
        return None
    trajectory, box, places = found
    seen: dict[tuple[int, bool], int] = {}
    elsewhere = []
    for _ in range(_RESAMPLES):
        half = np.zeros(len(values), dtype=np.bool_)
        half[rng.choice(len(values), len(values) // 2, replace=False)] = True
        again = _limited(values[half], interest[half])
        if again is None:
            continue
        of_half, box_again, places_again = again
        for place, is_low in _sides_limited(of_half, box_again, places_again):
            seen[place, is_low] = seen.get((place, is_low), 0) + 1
        inside = _within(values[~half][:, places_again], box_again)
        true = interest[~half]
        elsewhere.append(
            (float(true[inside].sum() / true.sum()), float(true[inside].mean()) if inside.any() else 0.0)
        )
    conditions = []
    for position, place in enumerate(places.tolist()):
        sides = [is_low for at, is_low in _sides_limited(trajectory, box, places) if at == place]
        if sides:
            low, high = float(box.low[position]), float(box.high[position])
            times = min(seen.get((place, is_low), 0) for is_low in sides)
            conditions.append(
                Condition(
                    inputs[place],
                    low if True in sides else None,
                    high if False in sides else None,
                    times / _RESAMPLES,
                )
            )
    means = np.mean(elsewhere, axis=0) if elsewhere else np.array([np.nan, np.nan])
    return World(
        holds,
        tuple(conditions),
        float(box.coverage),
        float(box.density),
        float(box.mass),
        float(interest.mean()),
        float(means[0]),
        float(means[1]),
    )


def _sides(study: Study) -> list[tuple[str, NDArray[np.bool_]]]:
    if study.target.is_claim:
        true = study.values > 0.5
        return [("true", true), ("false", ~true)]
    low, high = np.quantile(study.values, [TAIL, 1.0 - TAIL])
    return [("high", study.values >= high), ("low", study.values <= low)]


def _limited(
    values: FloatArray, interest: NDArray[np.bool_]
) -> tuple[Trajectory, Box, NDArray[np.intp]] | None:
    """Return a box of few conditions: found with all inputs, then again with those that it needs most."""
    if interest.all() or not interest.any():
        return None
    first = find_box(values, interest)
    last = first.boxes[-1]
    needed = sorted(
        first.restricted(last).tolist(), key=lambda place: _without(values, interest, last, place)
    )
    places = np.array(sorted(needed[:MOST_CONDITIONS]), dtype=np.intp)
    if not len(places):
        return None
    again = find_box(values[:, places], interest)
    best = max(again.boxes, key=lambda box: _parted(box, float(interest.mean())))
    return (again, best, places) if len(again.restricted(best)) else None


def _without(values: FloatArray, interest: NDArray[np.bool_], box: Box, place: int) -> float:
    """Return the density of a box without its limits on one input."""
    others = [other for other in range(values.shape[1]) if other != place]
    inside = ((values[:, others] >= box.low[others]) & (values[:, others] <= box.high[others])).all(axis=1)
    return float(interest[inside].mean())


def _parted(box: Box, base: float) -> float:
    """Return how well a box parts futures: its share of those of interest less that of others (Youden)."""
    others = box.mass * (1.0 - box.density) / (1.0 - base)
    return box.coverage - others


def _sides_limited(trajectory: Trajectory, box: Box, places: NDArray[np.intp]) -> list[tuple[int, bool]]:
    first = trajectory.boxes[0]
    return [
        (int(place), is_low)
        for position, place in enumerate(places)
        for is_low, moved in (
            (True, box.low[position] != first.low[position]),
            (False, box.high[position] != first.high[position]),
        )
        if moved
    ]


def _within(values: FloatArray, box: Box) -> NDArray[np.bool_]:
    return np.asarray(((values >= box.low) & (values <= box.high)).all(axis=1))


def _tree_record(node: Node, inputs: Sequence[Input]) -> dict[str, Any]:
    record: dict[str, Any] = {"draws": node.draws, "share": node.share}
    if node.place is not None and node.yes is not None and node.no is not None:
        record |= {
            "name": inputs[node.place].name,
            "at_most": node.cut,
            "yes": _tree_record(node.yes, inputs),
            "no": _tree_record(node.no, inputs),
        }
    return record
