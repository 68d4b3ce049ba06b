"""Figures of a run: both economies by the draws of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import polars as pl

from twocurves.charts.fan import fan_figure
from twocurves.charts.palette import PALETTES, ThemeName
from twocurves.charts.quantiles import PERCENTILES
from twocurves.ensemble.headline import headline
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month

if TYPE_CHECKING:
    from twocurves.ensemble.results import StoredRun

_MEASURES = {"closed": "net_revenue_closed", "open": "net_revenue_open"}

#: What a log scale shows of figures that are smaller, or losses: this share of the largest median.
_FLOOR = 1e-4

_USD_PER_BILLION = 1e9


def two_curves(run: StoredRun, theme: str = "light") -> alt.LayerChart | alt.VConcatChart:
    """Draw net revenue of both economies, medians and bands over the draws that came through.

    Raises
    ------
    BadInputError
        The run does not keep net revenue, no draw came through, or there is no such theme.
    """
    paper: ThemeName | None = next((name for name in PALETTES if name == theme), None)
    if paper is None:
        raise unknown("theme", theme, PALETTES, field="theme")
    said = headline(run)
    if said is None:
        raise BadInputError(
            f"{run.name} keeps too little for the figure of both curves: net revenue of two years is needed.",
            field="run",
            given=list(run.plan.measures),
            allowed=list(_MEASURES.values()),
        )
    shares = [level / 100.0 for level in PERCENTILES.values()]
    found = {economy: run.quantiles(name, shares).values for economy, name in _MEASURES.items()}
    middle = list(PERCENTILES).index("p50")
    floor = max(float(np.nanmax(values[middle])) for values in found.values()) * _FLOOR
    table = pl.concat(
        pl.DataFrame(
            {
                "month": [month.first_day for month in run.months],
                "economy": economy,
                **{
                    name: np.maximum(row, floor) * _USD_PER_BILLION
                    for name, row in zip(PERCENTILES, values, strict=True)
                },
            }
        )
        for economy, values in found.items()
    )
    plan = run.plan
    return fan_figure(
        table,
        title=said.sentence,
        subtitle="Net revenue a year (sales less purchases from other layers), USD, log scale",
        projection_from=(Month.containing(plan.data_to) + 1).first_day,
        number="usd",
        caption=f"{run.counts.ok:,} futures of {plan.scenario}, seed {plan.seed}, drawn from the "
        f"{plan.beliefs_from}; {run.counts.failed} failed. "
        f"Losses and figures below the scale lie on its lower edge. "
        f"Run {run.name}, observations to {plan.data_to}.",
        theme=paper,
    )
