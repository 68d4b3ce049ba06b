"""Figures of what decides a run's claims, and of one outcome in the runs of several scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.charts.claim_grid import claim_grid_figure
from twocurves.charts.grid_tables import MOST_SHOWN, grid_table
from twocurves.charts.number_text import say
from twocurves.charts.palette import ThemeName
from twocurves.charts.ridgeline import ridgeline_figure
from twocurves.charts.run_tables import yearly_samples
from twocurves.charts.shape import WORDED, Drawn, Shape, worded
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    from twocurves.ensemble.results import StoredRun

#: Assumptions of the grid on a phone.
_ON_A_PHONE = 12

#: The year of the outcome that scenarios are compared by.
YEAR = 2030

_USD_PER_BILLION = 1e9

#: Losses and what is smaller than this part of the largest median lie on the left edge.
_FLOOR = 1e-2


def claim_grid(run: StoredRun, theme: ThemeName, shape: Shape = WORDED, *, provenance: str = "") -> Drawn:
    """Draw which assumptions bear on which claims.

    Raises
    ------
    BadInputError
        The run has too few draws, or no assumption stands out of the noise.
    """
    from twocurves.claims import load_ledger
    from twocurves.drivers.claims_table import claims_table

    table = grid_table(claims_table(run), load_ledger(), _ON_A_PHONE if shape.narrow else MOST_SHOWN)
    if table.is_empty():
        raise BadInputError(
            f"No assumption stands out of the noise in {run.name}; more draws would tell more.",
            field="run",
            given=run.name,
        )
    reach = table.filter("above_noise").group_by("belief", maintain_order=True).len()
    widest = reach.row(int(reach["len"].arg_max() or 0), named=True)
    title = (
        f"{widest['belief']} bears on {widest['len']} of {table['claim'].n_unique()} claims, more than any "
        "other assumption"
    )
    subtitle = "Rank correlation of assumptions (rows) with claims (columns) over the draws"
    chart = claim_grid_figure(table, theme=theme, **worded(shape, title, subtitle, provenance))
    return Drawn(chart, title, subtitle, provenance)


def scenario_samples(runs: Sequence[StoredRun]) -> pl.DataFrame:
    """Return the open economy's net revenue of a year in several runs, USD: ``row`` (scenario), ``value``.

    Raises
    ------
    BadInputError
        A run does not keep it, or not that year.
    """
    from twocurves.beliefs import load_beliefs

    known = load_beliefs().scenarios
    parts = []
    for run in runs:
        own = yearly_samples(run, "net_revenue_open", (YEAR,))
        if own.is_empty():
            raise BadInputError(f"{run.name} does not keep the year {YEAR}.", field="run", given=run.name)
        name = run.plan.scenario
        title = known[name].title if name in known else name
        parts.append(own.select(row=pl.lit(title), value=pl.col("value") * _USD_PER_BILLION))
    return above_floor(pl.concat(parts))


def above_floor(samples: pl.DataFrame) -> pl.DataFrame:
    """Return samples fit for a log axis, the largest median first; losses lie on the axis's lower edge."""
    medians = samples.group_by("row", maintain_order=True).agg(pl.col("value").median())
    floor = max(float(medians["value"].to_numpy().max()), 1.0) * _FLOOR
    order = medians.sort("value", descending=True)["row"].to_list()
    held = samples.with_columns(pl.col("value").clip(lower_bound=floor))
    return pl.concat([held.filter(row=name) for name in order])


def scenarios(
    run: StoredRun,
    theme: ThemeName,
    shape: Shape = WORDED,
    *,
    others: Sequence[StoredRun] = (),
    provenance: str = "",
) -> Drawn:
    """Draw how the open economy's net revenue is spread in each of several scenarios.

    Raises
    ------
    BadInputError
        There is no other run, two are of one scenario, or a run does not keep the outcome.
    """
    runs = [run, *others]
    names = [one.plan.scenario for one in runs]
    if len(runs) < 2 or len(set(names)) < len(names):
        raise BadInputError(
            "This figure shows runs of several scenarios, one of each: name the others with --beside RUN, "
            "or make one with `twocurves run open_surge`.",
            field="--beside",
            given=names,
        )
    samples = scenario_samples(runs)
    rows = samples["row"].unique(maintain_order=True).to_list()
    most, least = (
        float(np.median(samples.filter(row=name)["value"].to_numpy())) for name in (rows[0], rows[-1])
    )
    title = (
        f"In {YEAR} the open economy's median net revenue is {say(most, 'usd', 2)} in {rows[0]} and "
        f"{say(least, 'usd', 2)} in {rows[-1]}"
    )
    subtitle = f"Net revenue of the open economy in {YEAR}, USD, log scale; losses lie on the left edge"
    beside = ", ".join(one.name for one in others)
    caption = f"{provenance} Beside it: {beside}.".strip()
    chart = ridgeline_figure(
        samples,
        number="usd",
        scale="log",
        theme=theme,
        width=130 if shape.narrow else 420,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)
