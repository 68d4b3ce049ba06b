"""The model's path without surprises, as the observed series see it.

A fit compares figures with this deterministic skeleton; what surprises do to a series is part of its
discrepancy. The engine runs in float64 over the observed months only (or on into the months of a forecast).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Draws
from twocurves.fit.latent import drawn_from
from twocurves.fit.scales import to_scale
from twocurves.fit.series import FIRST, Row, Series, series_table
from twocurves.observed.tables import Observations

FloatArray = NDArray[np.float64]

#: Months over which open models' pace is taken where they have not reached a record by the path's end.
_PACE_MONTHS = 12

#: Stands for a log of nothing, and of what is no number (whose draw has failed).
_LEAST = 1e-12

#: Least pace, ECI points a month, so that an extrapolated wait stays finite.
_LEAST_PACE = 0.05


@dataclass(frozen=True, eq=False)
class Paths:
    """What each draw's path shows of each series, on the working scale.

    Attributes
    ----------
    by_series
        By identifier, shape ``(draws, months)``.
    ok
        Whether the draw's path held its certificates and is finite, shape ``(draws,)``.
    """

    by_series: Mapping[str, FloatArray]
    ok: NDArray[np.bool_]

    def at(self, rows: Sequence[Row]) -> FloatArray:
        """Return what each row observes, shape ``(draws, rows)``."""
        return np.stack([self.by_series[row.series][:, row.month] for row in rows], axis=1)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Runs the economy without surprises for given numbers behind the beliefs.

    Attributes
    ----------
    beliefs, held
        Priors; observations from which shipments and spending are imposed while they last.
    months
        From January 2023 on.
    """

    beliefs: Beliefs
    held: Observations
    months: int

    def paths(self, numbers: FloatArray) -> Paths:
        """Return the paths for numbers of shape ``(draws, unknowns)``."""
        return self.paths_of(drawn_from(self.beliefs, numbers))

    def paths_of(self, drawn: Draws) -> Paths:
        """Return the paths of draws."""
        # The engine sets JAX up, which light commands must not wait for.
        from twocurves.ensemble.calm import calm_batches

        batches = list(calm_batches(self.beliefs, drawn, self.held, self.months))
        wanted = {name for one in series_table().values() for name in one.measures}
        shown = {
            name: np.concatenate([np.asarray(batch.measures[name], dtype=np.float64) for batch in batches])
            for name in wanted
        }
        ok = np.concatenate([batch.ok for batch in batches]) & drawn.ok
        part = {one.part: drawn.array(one.part) for one in series_table().values() if one.part is not None}
        finite = np.all(
            [np.isfinite(path.reshape(len(path), -1)).all(axis=1) for path in shown.values()], axis=0
        )
        by_series = {one.id: self._seen(one, shown, part) for one in series_table().values()}
        return Paths(by_series, ok & finite)

    @cached_property
    def _places(self) -> dict[str, tuple[str, ...]]:
        from twocurves.ensemble.assembly import structure_of

        names = structure_of(self.beliefs).names
        return {
            "lab": names.labs,
            "builder": names.builders,
            "segment": names.segments,
            "region": names.regions,
            "layer": names.layers,
        }

    def _seen(
        self, one: Series, shown: Mapping[str, FloatArray], part: Mapping[str, FloatArray]
    ) -> FloatArray:
        """Return what a series sees of the paths, on its scale, shape ``(draws, months)``."""
        if one.observe == "catch_up":
            return catch_up(shown["capability_closed"], shown["capability_open"])
        path = self._of(one.measure, one.entity_here, shown)
        if one.times:
            path = path * self._of(one.times, one.entity_here, shown)
        if one.over:
            path = path / np.maximum(self._of(one.over, None, shown), _LEAST)
        if one.plus:
            path = path + self._of(one.plus, one.plus_entity, shown)
        if one.part is not None:
            path = path * part[one.part][:, None]
        if one.observe == "year":
            path = over_years(path)
        if one.scale == "log":
            path = np.maximum(path, _LEAST)
        return to_scale(one.scale, np.where(np.isfinite(path), path, _LEAST))

    def _of(self, measure: str, entity: str | None, shown: Mapping[str, FloatArray]) -> FloatArray:
        from twocurves.economy.measure_table import MEASURES

        path = shown[measure]
        axes = MEASURES[measure].axes
        return path if not axes else path[:, :, self._places[axes[0]].index(str(entity))]


def over_years(path: FloatArray) -> FloatArray:
    """Return at each month the mean over its calendar year, as far as the path goes."""
    months = path.shape[1]
    shift = FIRST.month - 1
    years = (np.arange(months) + shift) // 12
    out = np.empty_like(path)
    for year in np.unique(years):
        out[:, years == year] = path[:, years == year].mean(axis=1, keepdims=True)
    return out


def catch_up(closed: FloatArray, opened: FloatArray) -> FloatArray:
    """Return how many months open models take to reach where the closed frontier stands in each month.

    Interpolated between months; where they have not reached it by the end of the path, at the pace of the
    last year. Zero where they lead. Shape ``(draws, months)`` in and out.
    """
    months = closed.shape[1]
    best = np.maximum.accumulate(opened, axis=1)
    pace = (best[:, -1] - best[:, max(months - 1 - _PACE_MONTHS, 0)]) / min(_PACE_MONTHS, max(months - 1, 1))
    pace = np.maximum(pace, _LEAST_PACE)
    waits = np.empty_like(closed)
    for month in range(months):
        goal = closed[:, month][:, None]
        reached = best >= goal
        first = np.argmax(reached, axis=1)
        never = ~reached.any(axis=1)
        before = np.maximum(first - 1, 0)
        rows = np.arange(len(closed))
        low, high = best[rows, before], best[rows, first]
        part = np.clip((goal[:, 0] - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
        at = np.where(first > 0, before + part, 0.0)
        beyond = months - 1 + (goal[:, 0] - best[:, -1]) / pace
        waits[:, month] = np.maximum(np.where(never, beyond, at) - month, 0.0)
    return waits
