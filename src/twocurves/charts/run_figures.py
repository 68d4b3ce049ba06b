"""Figures of a run, by name: what ``twocurves plot`` draws of it and what its report shows.

A title is a sentence computed from the run that the figure shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.charts import scenario_figures
from twocurves.charts.chance_text import in_twenty, percent
from twocurves.charts.dots import dots_figure
from twocurves.charts.dumbbell import dumbbell_figure
from twocurves.charts.fan import Gap, fan_figure
from twocurves.charts.interval_strip import interval_strip
from twocurves.charts.multiples import Panel, multiples_figure
from twocurves.charts.number_text import say, say_range
from twocurves.charts.palette import PALETTES, ThemeName
from twocurves.charts.ridgeline import ridgeline_figure
from twocurves.charts.run_tables import (
    band_table,
    captured_table,
    claim_table,
    fan_table,
    gap_table,
    moved_table,
    record_dots,
    revenue_dots,
    stack_table,
    yearly_samples,
)
from twocurves.charts.shape import WORDED, Drawn, Shape, worded
from twocurves.charts.ticks import ScaleName
from twocurves.charts.value_stack import value_stack_figure
from twocurves.ensemble.headline import headline
from twocurves.ensemble.outcome_table import outcome_table
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month

if TYPE_CHECKING:
    import altair as alt

    from twocurves.ensemble.results import StoredRun
    from twocurves.observed.measures.report import MeasureReport

_MEASURES = {"closed": "net_revenue_closed", "open": "net_revenue_open"}

#: What a log scale shows of figures that are smaller, or losses: this share of the largest median.
_FLOOR = 1e-4

_USD_PER_BILLION = 1e9

#: USD per unit of work below which prices are not told apart.
_LEAST_PRICE = 1e-4

#: Panels of the outlook: outcomes by name, the scale of each, and the firm whose reports are its dots.
_OUTLOOK: tuple[tuple[str, ScaleName, str], ...] = (
    ("open_share_tokens", "linear", ""),
    ("open_share_dollars", "linear", ""),
    ("api_share", "linear", ""),
    ("premium_best", "linear", ""),
    ("revenue_by_lab.openai", "log", "OpenAI"),
    ("revenue_by_lab.anthropic", "log", "Anthropic"),
)

_RIDGE_YEARS = (2026, 2028, 2030, 2032, 2035)


def two_curves(run: StoredRun, theme: str = "light") -> alt.TopLevelMixin:
    """Draw net revenue of both economies, medians and bands over the draws that came through.

    Raises
    ------
    BadInputError
        The run does not keep net revenue, no draw came through, or there is no such theme.
    """
    paper: ThemeName | None = next((name for name in PALETTES if name == theme), None)
    if paper is None:
        raise unknown("theme", theme, PALETTES, field="theme")
    return net_revenue(run, paper).chart


def net_revenue(
    run: StoredRun, theme: ThemeName, shape: Shape = WORDED, *, title: str | None = None
) -> Drawn:
    """Draw net revenue of both economies, and below it the open part of what both have.

    Parameters
    ----------
    title
        The run's own sentence when left out.

    Raises
    ------
    BadInputError
        The run keeps too little for it.
    """
    said = headline(run)
    if said is None:
        raise BadInputError(
            f"{run.name} keeps too little for the figure of both curves: net revenue of two years is needed.",
            field="run",
            given=list(run.plan.measures),
            allowed=list(_MEASURES.values()),
        )
    largest = max(float(band_table(run, name)["p50"].to_numpy().max()) for name in _MEASURES.values())
    table = fan_table(
        run,
        {"closed": _MEASURES["closed"], "open": _MEASURES["open"]},
        times=_USD_PER_BILLION,
        floor=largest * _FLOOR,
    )
    gap = gap_table(run, _MEASURES["closed"], _MEASURES["open"], _open_part)
    return _fan(
        run,
        theme,
        shape,
        table,
        Gap(gap, "Open part of what both have, losses counted as none", "share"),
        title=said.sentence if title is None else title,
        subtitle="Net revenue a year (sales less purchases from other layers), USD, log scale",
        number="usd",
        scale="log",
        notes="Losses and figures below the scale lie on its lower edge.",
    )


def open_part(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw net revenue of both economies, with a title that says what part of it is open."""
    last = gap_table(run, _MEASURES["closed"], _MEASURES["open"], _open_part).row(-1, named=True)
    title = (
        f"In {last['month']:%Y} {say(last['p50'], 'share', 2)} of both economies' net revenue is open, "
        f"in 80% of futures {say_range(last['p10'], last['p90'], 'share')}"
    )
    return net_revenue(run, theme, shape, title=title)


def capability(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the best closed and the best open model: measured records, projection, and the lag below."""
    report = measured()
    table = fan_table(run, {"closed": "capability_closed", "open": "capability_open"})
    lag = band_table(run, "lag_months")
    last = lag.row(-1, named=True)
    return _fan(
        run,
        theme,
        shape,
        table,
        Gap(lag, "Months by which open trails closed", "{} mo"),
        title=f"In {last['month']:%Y} the best open model trails the best closed one by "
        f"{say(last['p50'], digits=2)} months, in 80% of futures by {say_range(last['p10'], last['p90'])}",
        subtitle="Epoch Capabilities Index, points; dots are models that set a record when they came out",
        number="number",
        scale="linear",
        measured_dots=record_dots(report),
        notes=f"Dots: {_credit('eci')}.",
    )


def prices(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the prices paid for closed and for open work, and their ratio below."""
    table = fan_table(run, {"closed": "price_closed", "open": "price_open"}, floor=_LEAST_PRICE)
    ratio = gap_table(run, "price_closed", "price_open", lambda closed, opened: closed / opened)
    last = ratio.row(-1, named=True)
    return _fan(
        run,
        theme,
        shape,
        table,
        Gap(ratio, "Closed price divided by open price, log scale", "times", "log"),
        title=f"In {last['month']:%Y} closed work costs {say(last['p50'], 'times', 2)} as much as open work, "
        f"in 80% of futures {say_range(last['p10'], last['p90'], 'times')}",
        subtitle="USD paid for a unit of work (a million tokens of reference quality), log scale",
        number="usd",
        scale="log",
        notes=f"What is paid, not list prices; below {say(_LEAST_PRICE, 'usd')} they lie on the lower edge.",
    )


def outlook(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw small fans of shares, the premium of the best, and revenue of two labs beside their reports."""
    outcomes = {one.name: one for one in outcome_table().outcome}
    panels = []
    for name, scale, firm in _OUTLOOK:
        outcome = outcomes[name]
        table = band_table(run, name, times=outcome.times, floor=None)
        if scale == "log":
            floor = float(table["p50"].to_numpy().max()) * _FLOOR / outcome.times
            table = band_table(run, name, times=outcome.times, floor=floor)
        if outcome.economy is not None:
            table = table.with_columns(economy=pl.lit(outcome.economy))
        panels.append(
            Panel(
                outcome.title,
                table,
                outcome.style,
                scale,
                measured=revenue_dots(measured(), firm) if firm else None,
                zero=outcome.style == "share",
            )
        )
    share = panels[0].table.row(-1, named=True)
    title = (
        f"In {share['month']:%Y} open models do {say(share['p50'], 'share', 2)} of the work, in 80% of "
        f"futures {say_range(share['p10'], share['p90'], 'share')}"
    )
    subtitle = "Medians with 50, 80 and 95% of the draws; dots are reported run rates"
    caption = _provenance(run, "Revenue in USD a year, log scale.")
    chart = multiples_figure(
        panels,
        projection_from=projection_from(run),
        theme=theme,
        columns=1 if shape.narrow else 3,
        width=320 if shape.narrow else 740,
        height=110 if shape.narrow else 130,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def claims(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the headline question of every claim as twenty dots."""
    table = claim_table(run).with_columns(sentence=pl.col("claim") + "  " + pl.col("title"))
    chances = [chance for chance in table["probability"].to_list() if chance is not None]
    sure = sum(1 for chance in chances if chance >= 0.95 or chance <= 0.05)
    title = f"Of {len(chances)} claims, {sure} come out the same way in at least 19 of 20 futures"
    subtitle = "Each dot is one run in twenty; each claim by its headline question"
    caption = _provenance(run, "± is half of the 90% interval of the Monte Carlo error.")
    chart = dots_figure(
        table,
        theme=theme,
        name_width=200 if shape.narrow else 340,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def value_captured(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw what both economies capture in a year under three accounting rules."""
    year, table = captured_table(run)
    if table.is_empty():
        raise BadInputError(f"{run.name} keeps no figures of {year}.", field="run", given=run.name)
    rows = table.filter(~pl.col("with_compute"))
    chances = dict(zip(rows["row"].to_list(), rows["open_more"].to_list(), strict=True))
    rules = [(name.rpartition(",")[0].lower(), chance) for name, chance in chances.items()][::2]
    said = "; ".join(f"{in_twenty(chance)} by {rule}" for rule, chance in rules)
    title = f"The open economy captures more in {year} in {said}"
    subtitle = f"USD in {year}, without the rent of compute: median and 90% of the draws"
    caption = _provenance(run)
    chart = interval_strip(
        rows.select("row", "economy", "estimate", "low", "high"),
        number="usd",
        reference=0.0,
        theme=theme,
        width=90 if shape.narrow else 380,
        name_width=110 if shape.narrow else 250,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def lag_by_year(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw how far open trails closed in several years, as ridges."""
    samples = yearly_samples(run, "lag_months", _RIDGE_YEARS)
    if samples.is_empty():
        raise BadInputError(
            f"{run.name} keeps none of the years {_RIDGE_YEARS}.", field="run", given=run.name
        )
    years = samples["row"].unique(maintain_order=True).to_list()
    middle = [
        float(np.median(samples.filter(row=year)["value"].to_numpy())) for year in (years[0], years[-1])
    ]
    title = (
        f"The median lag of open models is {say(middle[0], digits=2)} months in {years[0]} and "
        f"{say(middle[1], digits=2)} in {years[-1]}"
    )
    subtitle = "Months by which open trails closed, mean of the year; a ridge is the spread of the draws"
    caption = _provenance(run, "The longest 3% of lags lie beyond the axis.")
    chart = ridgeline_figure(
        samples,
        number="{} mo",
        theme=theme,
        width=130 if shape.narrow else 420,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def value_by_layer(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the shares of value captured by labs, the open stack's layers and compute."""
    table = stack_table(run)
    labs = table.filter(month=table["month"][-1]).row(0, named=True)
    title = (
        f"In {labs['month']:%Y} labs keep {say(labs['share'], 'share', 2)} of the value captured, on average "
        "over the futures"
    )
    subtitle = "Share of net revenue by layer, mean over the draws; losses count as none"
    caption = _provenance(
        run,
        "Rent of compute: of the compute that both economies use. Third parties' applications on closed "
        "models belong to neither economy and are left out.",
    )
    chart = value_stack_figure(
        table,
        projection_from=projection_from(run),
        theme=theme,
        width=130 if shape.narrow else 480,
        height=230 if shape.narrow else 290,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def claims_moved(
    run: StoredRun, theme: ThemeName, shape: Shape = WORDED, *, beside: StoredRun | None = None
) -> Drawn:
    """Draw the claims in two runs, ring and dot, the largest change first."""
    if beside is None:
        raise BadInputError(
            "This figure shows two runs: name the other one with --beside RUN.", field="--beside"
        )
    table = moved_table(run, beside)
    if table.is_empty():
        raise BadInputError("The two runs answer no claim in common.", field="--beside", given=beside.name)
    changes = (table["after"] - table["before"]).to_numpy()
    most = int(np.argmax(np.abs(changes)))
    title = (
        f"From {run.plan.scenario} to {beside.plan.scenario}, {table['name'][most]} moves most: "
        f"{percent(table['before'][most])} to {percent(table['after'][most])}"
    )
    subtitle = f"Probability in {run.plan.scenario} (ring) and in {beside.plan.scenario} (dot)"
    caption = _provenance(run, f"Beside it: run {beside.name}, {beside.counts.ok:,} futures.")
    chart = dumbbell_figure(
        table,
        theme=theme,
        width=110 if shape.narrow else 240,
        name_width=130 if shape.narrow else 340,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def claim_grid(run: StoredRun, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw which assumptions bear on which claims."""
    return scenario_figures.claim_grid(run, theme, shape, provenance=_provenance(run))


def scenarios(
    run: StoredRun, theme: ThemeName, shape: Shape = WORDED, *, others: Sequence[StoredRun] = ()
) -> Drawn:
    """Draw the open economy's net revenue in the runs of several scenarios, as ridges."""
    return scenario_figures.scenarios(run, theme, shape, others=others, provenance=_provenance(run))


#: Draws a figure of a run (of two runs with ``beside``, of several with ``others``); keys as ``RUN_NAMES``.
RUN_FIGURES: Mapping[str, Callable[..., Drawn]] = {
    "two_curves": net_revenue,
    "capability": capability,
    "prices_paid": prices,
    "outlook": outlook,
    "claims": claims,
    "value_captured": value_captured,
    "value_by_layer": value_by_layer,
    "lag_by_year": lag_by_year,
    "claim_grid": claim_grid,
    "claims_moved": claims_moved,
    "scenarios": scenarios,
}


def projection_from(run: StoredRun) -> dt.date:
    """Return the first day that a run projects."""
    return (Month.containing(run.plan.data_to) + 1).first_day


@lru_cache(maxsize=1)
def measured() -> MeasureReport:
    """Return the measures of all packaged observations, taken once."""
    from twocurves.observed.measures.report import measure_all

    return measure_all()


def _fan(
    run: StoredRun,
    theme: ThemeName,
    shape: Shape,
    table: pl.DataFrame,
    gap: Gap,
    *,
    title: str,
    subtitle: str,
    number: str,
    scale: ScaleName,
    notes: str = "",
    measured_dots: pl.DataFrame | None = None,
) -> Drawn:
    caption = _provenance(run, notes)
    chart = fan_figure(
        table,
        projection_from=projection_from(run),
        measured=measured_dots,
        gap=gap,
        number=number,
        scale=scale,
        theme=theme,
        width=150 if shape.narrow else 560,
        height=200 if shape.narrow else 300,
        **worded(shape, title, subtitle, caption),
    )
    return Drawn(chart, title, subtitle, caption)


def _open_part(closed: NDArray[np.float64], opened: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what part of both economies' net revenue is open, losses counted as none."""
    theirs = np.maximum(opened, 0.0)
    return np.asarray(theirs / (theirs + np.maximum(closed, 0.0)))


def _provenance(run: StoredRun, notes: str = "") -> str:
    plan = run.plan
    failed = "none failed" if not run.counts.failed else f"{run.counts.failed:,} failed"
    said = (
        f"{run.counts.ok:,} futures of {plan.scenario}, seed {plan.seed}, drawn from the "
        f"{plan.beliefs_from}; {failed}. {notes} Run {run.name}, observations to {plan.data_to}."
    )
    return " ".join(said.split())


def _credit(series: str) -> str:
    from twocurves.observed.series import series_catalogue

    return series_catalogue()[series].credit.partition(" | ")[0] or series
