"""One plot of a fan: bands and medians of one or both economies, measured dots, a dashed baseline.

The figure of one fan and the figure of many small ones are made of these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import altair as alt
import polars as pl

from twocurves.charts.canvas import (
    Canvas,
    EndLabel,
    end_feed,
    grid_layer,
    live_end_layers,
    projection_layers,
    sentence,
)
from twocurves.charts.cursor import Reading
from twocurves.charts.feed import Feed, joined, table_rows
from twocurves.charts.marks import dot_layers, fan_layers, line_layer
from twocurves.charts.measured import checked_dots
from twocurves.charts.number_text import check_style, say
from twocurves.charts.palette import ECONOMIES, ECONOMY_NAMES, Palette
from twocurves.charts.quantiles import PERCENTILES, end_said, end_words
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    in_order,
    require,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, TimeSpan, span_of
from twocurves.errors import unknown

#: Names of what is neither closed nor open, in the names of datasets.
_NEITHER = "other"


@dataclass(frozen=True, slots=True)
class FanTables:
    """The tables of a fan, checked and in time order.

    Attributes
    ----------
    quantiles, baseline, measured
        As given, with an ``economy`` column throughout (null is neither).
    number, scale
        How figures are written, and the scale of their axis.
    """

    quantiles: pl.DataFrame
    baseline: pl.DataFrame | None
    measured: pl.DataFrame | None
    number: str
    scale: ScaleName

    @property
    def days(self) -> list[dt.date]:
        """Every day that the time axis must hold."""
        days = days_of(self.quantiles, "month")
        days += [] if self.baseline is None else days_of(self.baseline, "month")
        return days + ([] if self.measured is None else days_of(self.measured, "date"))

    @property
    def values(self) -> list[float]:
        """Every value that the numeric axis must hold."""
        values = finite_values(self.quantiles, PERCENTILES)
        values += [] if self.baseline is None else finite_values(self.baseline, ("value",))
        measured = self.measured
        return values + ([] if measured is None else finite_values(measured, ("value", "low", "high")))


#: Width in pixels below which a plot's labels say the 80% range without saying that it is one.
_SMALL = 130


@dataclass(frozen=True, slots=True)
class FanPlot:
    """A plot of a fan: where it lies, and its feed.

    The datasets are ``<name>_closed`` (the bands of the closed economy), ``<name>_baseline_closed`` and
    ``<name>_end_closed``, likewise with ``open`` and ``other``.
    """

    canvas: Canvas
    feed: Feed
    tables: FanTables
    name: str
    ends_shown: bool = True

    def readings(self, name: str = "") -> list[Reading]:
        """Return what a linked cursor reads in it; ``name`` goes before the economies' names."""
        found = economies_in(self.tables.quantiles)
        readings = []
        for economy in found:
            own = ECONOMY_NAMES[economy] if economy else ""
            said = ", ".join(part for part in (name, own) if part) or "Median"
            readings.append(
                Reading(said, self.tables.number, _key(self.name, economy), scale=self.tables.scale)
            )
        return readings

    def layers(self, projection_from: dt.date, *, worded: bool = True) -> list[alt.Chart]:
        """Return field, grid, bands, lines, dots and end labels, the first at the bottom."""
        canvas, tables = self.canvas, self.tables
        layers: list[alt.Chart] = []
        if projection_from < canvas.x.last:
            layers += projection_layers(canvas, projection_from, worded=worded)
        layers.append(grid_layer(canvas))
        drawn = economies_in(tables.quantiles)
        # Open first, so that the closed frontier lies on top where the two overlap.
        for economy in reversed(drawn):
            layers += fan_layers(canvas, _key(self.name, economy), canvas.colours.economy(economy))
        if tables.baseline is not None:
            for economy in economies_in(tables.baseline):
                dataset = _key(f"{self.name}_baseline", economy)
                colour = canvas.colours.economy(economy)
                layers.append(line_layer(canvas, dataset, "month", "value", colour, dashed=True, width=1.5))
        if tables.measured is not None:
            layers += dot_layers(canvas, tables.measured, tables.number)
        if self.ends_shown:
            keys = {_key(f"{self.name}_end", one): canvas.colours.economy(one) for one in drawn}
            layers += live_end_layers(keys, canvas.width, canvas.colours)
        return layers


def fan_tables(
    quantiles: pl.DataFrame,
    baseline: pl.DataFrame | None,
    measured: pl.DataFrame | None,
    number: str,
    scale: ScaleName,
) -> FanTables:
    """Check the tables of a fan.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, a value that is not positive on a log scale, or a table
        that is malformed.
    """
    check_scale(scale)
    check_style(number)
    names = tuple(PERCENTILES)
    table = require(quantiles, "quantiles", dates=("month",), numbers=names)
    table = in_order(_with_economy(table, quantiles, "quantiles"), "month")
    require_positive(table, "quantiles", names, scale)
    require_order(table, "quantiles", names)
    base = None
    if baseline is not None:
        base = require(baseline, "baseline", dates=("month",), numbers=("value",))
        base = in_order(_with_economy(base, baseline, "baseline"), "month")
        require_positive(base, "baseline", ("value",), scale)
    dots = None if measured is None else checked_dots(measured, "measured", scale)
    return FanTables(table, base, dots, number, scale)


def fan_plot(
    tables: FanTables,
    x: TimeSpan,
    *,
    name: str,
    width: int,
    height: int,
    colours: Palette,
    left: int = 52,
    right: int = 118,
    dates_shown: bool = True,
    at_most: int = 5,
    ends_shown: bool = True,
    zero: bool = False,
) -> FanPlot:
    """Lay out one plot of a fan; ``name`` goes before the names of its datasets and parameters."""
    y = span_of(tables.values, tables.scale, tables.number, at_most=at_most, zero=zero)
    canvas = Canvas(
        width, height, x, y, colours, left=left, right=right, dates_shown=dates_shown, live=f"{name}_y"
    )
    drawn = by_economy(tables.quantiles)
    before = {} if tables.baseline is None else by_economy(tables.baseline)
    datasets = {_key(name, economy): table_rows(own) for economy, own in drawn.items()}
    datasets |= {_key(f"{name}_baseline", economy): table_rows(own) for economy, own in before.items()}
    feeds = [Feed(datasets), canvas.feed()]
    if ends_shown:
        ends = {
            _key(f"{name}_end", economy): _end(canvas, own, before.get(economy), tables.number, economy)
            for economy, own in drawn.items()
        }
        feeds.append(end_feed(ends, height))
    words = [_words(own, tables.number, economy) for economy, own in drawn.items()]
    return FanPlot(canvas, joined([*feeds, Feed(description=" ".join(words))]), tables, name, ends_shown)


def economies_in(table: pl.DataFrame) -> list[str | None]:
    """Return the economies of a table: closed, open, then neither."""
    there = set(table["economy"].to_list())
    return [one for one in (*ECONOMIES, None) if one in there]


def by_economy(table: pl.DataFrame) -> dict[str | None, pl.DataFrame]:
    """Return the rows of each economy, in the order of :func:`economies_in`, without that column."""
    economies = economies_in(table)
    if len(economies) == 1:
        return {economies[0]: table.drop("economy")}
    parts = table.partition_by("economy", as_dict=True, include_key=False, maintain_order=True)
    return {economy: parts[(economy,)] for economy in economies}


def _with_economy(table: pl.DataFrame, given: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a table with the economies that were given with it, null where there are none."""
    if "economy" not in given.columns:
        return table.with_columns(pl.Series("economy", [None] * table.height, dtype=pl.String))
    economy = given["economy"].cast(pl.String)
    for one in economy.unique(maintain_order=True).to_list():
        if one is not None and one not in ECONOMIES:
            raise unknown("economy", str(one), ECONOMIES, field=f"{name}.economy")
    return pl.DataFrame([*table.iter_columns(), economy])


def _key(name: str, economy: str | None) -> str:
    return f"{name}_{economy or _NEITHER}"


def _end(
    canvas: Canvas, own: pl.DataFrame, before: pl.DataFrame | None, number: str, economy: str | None
) -> EndLabel:
    last = own.row(-1, named=True)
    median, span = end_said(last, number)
    name = f"{ECONOMY_NAMES[economy]} {median}" if economy else median
    details = [span if canvas.width < _SMALL else f"80%: {span}"]
    if before is not None:
        details.append(f"was {say(before['value'][-1], number)}")
    return EndLabel(canvas.y.fraction(last["p50"]), name, tuple(details), canvas.colours.economy(economy))


def _words(own: pl.DataFrame, number: str, economy: str | None) -> str:
    said = end_words(own, number)
    return f"{sentence(ECONOMY_NAMES[economy])} {said}" if economy else said
