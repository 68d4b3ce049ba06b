"""Small tables of scores for the tests of growth and lag, and synthetic frontiers whose truth is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.observed.measures.eci import eci_rows, eci_scores
from twocurves.observed.measures.frontier import best_so_far
from twocurves.observed.measures.imitation import Frontier, calibrated, remembering
from twocurves.observed.measures.measure import Measure, Measured
from twocurves.observed.measures.scores import Numbers, Scores
from twocurves.observed.tables import Observations, observations

START = dt.date(2023, 1, 1)


@cache
def packaged() -> Observations:
    """The packaged observations, without anything of the user's."""
    return observations(folder=Path(gettempdir()) / "no-such-folder-of-a-user")


def row(
    day: dt.date | int | None,
    value: float | None,
    *,
    economy: str | None = "closed",
    entity: str | None = None,
    low: float | None = None,
    high: float | None = None,
    series: str = "eci",
    known_on: dt.date | None = None,
    **more: object,
) -> dict[str, object]:
    """One row of observations; ``day`` may count from :data:`START`."""
    date = START + dt.timedelta(days=day) if isinstance(day, int) else day
    return {
        "series": series,
        "entity": entity if entity is not None else f"{economy} {date} {value}",
        "economy": economy,
        "date": date,
        "value": value,
        "low": low,
        "high": high,
        "unit": "ECI points",
        "known_on": known_on or dt.date(2026, 8, 11),
        "pseudo_real_time": series == "eci",
        "source": "Epoch AI, made up for a test",
        **more,
    }


def table(rows: Sequence[dict[str, object]], described_to: int | None = None) -> Observations:
    """Observations that hold these rows only, and one of another kind on the last day described."""
    if described_to is not None:
        known_on = START + dt.timedelta(days=described_to)
        rows = [*rows, row(described_to, 1.0, series="capex_usd_bn", entity="elsewhere", known_on=known_on)]
    schema = packaged().frame.schema
    columns = {name: [entry.get(name) for entry in rows] for name in schema}
    return Observations(pl.DataFrame(columns, schema=schema))


def parallel_lines(
    lag_days: int, slope_a_day: float, step: int, releases: int = 40
) -> list[dict[str, object]]:
    """Two economies on one line without error: open models have each closed score ``lag_days`` later."""
    closed = [row(step * k, 100 + slope_a_day * step * k) for k in range(releases)]
    opened = [row(step * k + lag_days, 100 + slope_a_day * step * k, economy="open") for k in range(releases)]
    return closed + opened


def by_id(measured: Measured) -> dict[str, Measure]:
    """The measures of a family by their ids, each there once."""
    found = {measure.id: measure for measure in measured.measures}
    assert len(found) == len(measured.measures), "ids must be unique"
    return found


class SyntheticFrontier:
    """Frontiers with the days, the errors and the laggards of the real table, on a line that is known.

    Attributes
    ----------
    slope
        True growth a year.
    true
        True scores, shape ``(replications, n)``.
    measured
        The same with measurement error.
    """

    def __init__(self, economy: str, memory_years: float, replications: int, seed: int) -> None:
        self.scores: Scores = eci_scores(eci_rows(packaged(), "released"), economy)
        frontier = Frontier.of(self.scores)
        best = frontier.best_of_day
        line = frontier.line(best)
        self.slope = float(line.slope)
        generator = np.random.default_rng(seed)
        days, models = frontier.released.days.size, len(self.scores)
        noise = remembering(frontier.x, generator.standard_normal((replications, days)), memory_years)
        error = generator.standard_normal((replications, models))

        def residual_sd(best_of_day: Numbers) -> Numbers:
            return frontier.line(best_of_day).residual_sd

        trend = line.at(frontier.x)
        # Noise as large as makes the residuals typically as large as the real ones.
        sd = calibrated(frontier, trend, float(line.residual_sd), residual_sd, noise, error)
        of_model = frontier.released.of_model
        shortfall = best_so_far(best)[of_model] - self.scores.value
        leads = frontier.points(best)[of_model] & (self.scores.value == best[of_model])
        self.true: NDArray[np.float64] = (
            trend[of_model] - np.where(leads, 0.0, shortfall) + sd * noise[:, of_model]
        )
        self.measured: NDArray[np.float64] = self.true + self.scores.errors(error)

    def replication(self, index: int) -> Scores:
        """Scores as measured in one replication."""
        return replace(self.scores, value=self.measured[index])
