"""Hindcasts: fit to what was known by a day, forecast what came after, and score.

A series is scored when it had at least two figures by then; figures of which only a lower bound is known are
not. Against the model stand persistence, a damped trend, an exponential and the unfitted prior: its draws
with the discrepancies and errors of measurement that the fit assumes, but nothing learned.

It is no true forecast: the priors are of 2026, and the capability index is one fit of August 2026.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs
from twocurves.fit.baselines import Past, forecasts, kind_of
from twocurves.fit.fitting import Fit, Problem, Progress, fit
from twocurves.fit.latent import unknowns
from twocurves.fit.likelihood import Likelihood
from twocurves.fit.predictive import at_rows
from twocurves.fit.scorecard import Scorecard, ScoredTarget, Skipped, scorecard
from twocurves.fit.series import FIRST, Row, observed_rows, series_table
from twocurves.fit.skeleton import Paths
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

FloatArray = NDArray[np.float64]

#: Days from which the packaged hindcasts look ahead.
ORIGINS = (dt.date(2024, 12, 31), dt.date(2025, 6, 30))

#: Particles of a hindcast's fit when none are asked for.
PARTICLES = 512

#: Figures that a series needs by the origin to be scored.
FEWEST_FIGURES = 2


@dataclass(frozen=True, eq=False)
class Hindcast:
    """A hindcast and how it did.

    Attributes
    ----------
    origin
        The day by which everything used was known.
    found
        The fit.
    targets
        Figures that came after, of the series scored.
    predicted
        The model's draws of each, shape ``(draws, targets)``, on the working scale.
    card
        The scores.
    """

    origin: dt.date
    found: Fit
    targets: tuple[Row, ...]
    predicted: FloatArray
    card: Scorecard


def hindcast(
    beliefs: Beliefs,
    held: Observations,
    origin: dt.date,
    folder: Path,
    *,
    seed: int = 7,
    particles: int = PARTICLES,
    about: dict[str, Any] | None = None,
    told: Callable[[Progress], None] = lambda progress: None,
) -> Hindcast:
    """Fit to what was known by a day and score the forecast of all that these observations hold after it."""
    known = held.until(origin)
    found = fit(beliefs, known, folder, seed=seed, particles=particles, about=about, told=told)
    targets, skipped = scoreable(beliefs, held, found.problem.rows, origin)
    numbers, log_ratio = found.particles.numbers, found.particles.log_ratio
    later = Problem(beliefs, known, targets)
    paths, places = _standing(later.skeleton.paths(numbers))
    model = at_rows(paths, found.problem.likelihood, log_ratio[places], targets, seed)
    prior = _prior(later, targets, len(numbers), seed)
    others = _baselines(found.problem.rows, targets, len(numbers), seed)
    scored = [
        ScoredTarget(
            series=row.series,
            family=series_table()[row.series].family,
            month=str(FIRST + row.month),
            scale=series_table()[row.series].scale,
            observed=row.value,
            samples={
                "model": model[:, place],
                **{name: samples[:, place] for name, samples in others.items()},
                "prior": prior[:, place],
            },
        )
        for place, row in enumerate(targets)
    ]
    window = f"fitted to what was known by {origin}, scored on {targets[0].day.year} to {held.data_to}"
    return Hindcast(
        origin, found, targets, model, scorecard(scored, window=window, seed=seed, skipped=skipped)
    )


def scoreable(
    beliefs: Beliefs, held: Observations, known: tuple[Row, ...], origin: dt.date
) -> tuple[tuple[Row, ...], tuple[Skipped, ...]]:
    """Return the figures to score, by series and month, and the series that had too few figures by then."""
    figures = Counter(row.series for row in known if not row.at_least)
    last = {row.series: row.month for row in known if not row.at_least}
    found, skipped = [], []
    every = observed_rows(beliefs, held)
    for name, one in series_table().items():
        later = [
            row
            for row in every
            if row.series == name and row.day > origin and not row.at_least and row.month >= last.get(name, 0)
        ]
        if figures[name] >= FEWEST_FIGURES:
            found += later
        elif later:
            had = figures[name]
            skipped.append(Skipped(one.title, f"{had} figure{'' if had == 1 else 's'} by then, 2 wanted"))
    return tuple(found), tuple(skipped)


def _prior(problem: Problem, targets: tuple[Row, ...], draws: int, seed: int) -> FloatArray:
    """Return draws of the unfitted prior; draws whose path fails take the place of their neighbour."""
    count = len(unknowns(problem.beliefs))
    white = [normals(seed, f"fit/prior/{first}", 0, draws, 128) for first in range(0, count, 128)]
    # The package's own prior, not the wider one that a fit starts from.
    numbers = np.concatenate(white, axis=1)[:, :count] / unknowns(problem.beliefs).width
    nothing = Likelihood(())
    paths, _ = _standing(problem.skeleton.paths(numbers))
    return at_rows(paths, nothing, np.zeros((draws, 0)), targets, seed)


def _standing(paths: Paths) -> tuple[Paths, NDArray[np.intp]]:
    """Return the paths with each that failed replaced by the last before it that did not, and whose it is.

    Draws stand in a ring, so the last stands before the first.
    """
    places = np.flatnonzero(paths.ok)
    if not len(places):
        raise ValueError("no draw has a path that holds")
    before = places[np.searchsorted(places, np.arange(len(paths.ok)), side="right") - 1]
    by_series = {name: path[before] for name, path in paths.by_series.items()}
    return Paths(by_series, np.ones_like(paths.ok)), before


def _baselines(
    known: tuple[Row, ...], targets: tuple[Row, ...], draws: int, seed: int
) -> Mapping[str, FloatArray]:
    out: dict[str, FloatArray] = {}
    for name in dict.fromkeys(row.series for row in targets):
        one = series_table()[name]
        past = [row for row in known if row.series == name and not row.at_least]
        places = [place for place, row in enumerate(targets) if row.series == name]
        found = forecasts(
            Past(
                name,
                kind_of(one.scale, one.unit),
                np.array([row.month for row in past], dtype=np.float64),
                np.array([row.value for row in past]),
            ),
            np.array([targets[place].month for place in places], dtype=np.float64),
            draws=draws,
            seed=seed,
        )
        for baseline, samples in found.items():
            out.setdefault(baseline, np.empty((draws, len(targets))))[:, places] = samples
    return out
