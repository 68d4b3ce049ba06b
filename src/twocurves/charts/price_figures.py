"""Figures of prices: at fixed capability, of flagships, closed against open, and between hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from twocurves.charts.captions import caption
from twocurves.charts.number_text import say
from twocurves.charts.palette import ThemeName
from twocurves.charts.shape import WORDED, Drawn, Shape, shaped
from twocurves.charts.tables import NothingToDrawError
from twocurves.charts.wording import clear, estimate_said, filled, interval_said, one, rate_lines

if TYPE_CHECKING:
    import altair as alt

    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport

LISTS = ("eci", "list_price_input", "list_price_output")
MATCHED = ("eci",)

_LEVELS_SHOWN = (115, 125, 135, 145)
_MOST_MODELS_SHOWN = 14
_SNAPSHOT = "List prices, of the catalogue's day where no older one is known; paid prices are lower."


def price_frontier(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw the cheapest price that reaches some levels of the index, in steps, one plot per level."""
    return price_frontier_drawn(report, theme).chart


def price_frontier_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw it in a shape; see :func:`price_frontier`."""
    from twocurves.charts.lines_over_time import lines_over_time

    table = (
        report.table("price_frontier")
        .filter(pl.col("eci_level").is_in(_LEVELS_SHOWN))
        .sort("eci_level", "date")
        .with_columns(series=pl.format("ECI {} or more", pl.col("eci_level")))
    )
    cuts = table.filter((pl.col("price") != pl.col("price").shift(1).over("eci_level")).fill_null(value=True))
    falls = {level: one(report, f"price_decline:eci_{level}") for level in _LEVELS_SHOWN}
    overall = one(report, "price_decline:all")
    return shaped(
        shape,
        lines_over_time,
        table.select("date", "series", value="price"),
        narrow={"width": 150, "columns": 1, "height": 110},
        title=_fall_title([fall for fall in falls.values() if fall is not None]),
        subtitle="Cheapest list price of a model that reaches a score on the Epoch Capabilities Index: USD "
        "per million tokens, 3 in for 1 out, log scale",
        number="usd",
        scale="log",
        panels=True,
        step=True,
        marks=cuts.select("date", "series", "economy", value="price", label="model"),
        end_details={
            own["series"][0]: _price_end(own, falls[own["eci_level"][0]])
            for own in table.partition_by("eci_level", maintain_order=True)
        },
        caption=caption(
            report,
            "A dot: a closed model sets the price from then on; a diamond: an open one.",
            "A lower envelope also falls because more models are offered.",
            f"All models in one regression on score and date: ÷ {estimate_said(overall)} a year."
            if clear(overall, factor=True)
            else "",
            _SNAPSHOT,
            measures=[overall],
            series=LISTS,
        ),
        theme=theme,
        width=620,
        height=150,
    )


def flagships(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw the list prices of each maker's new best models."""
    from twocurves.charts.measured import measured_figure

    trends = {
        "closed": one(report, "flagship_price_trend"),
        "open": one(report, "flagship_price_trend:open"),
    }
    return measured_figure(
        report.table("flagship_prices").select("date", "economy", value="price", label="model"),
        title=_flagship_title(trends),
        subtitle="List price of models that beat their maker's best score: USD per million tokens, 3 in for "
        "1 out, log scale",
        number="usd",
        scale="log",
        quiet_below_record=False,
        end_details={
            name: rate_lines(trend, "a year", "times", factor=True) for name, trend in trends.items()
        },
        caption=caption(
            report,
            "Yearly change: a trend with a level per maker.",
            _SNAPSHOT,
            measures=trends.values(),
            series=LISTS,
        ),
        theme=theme,
    )


def premium(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw the price of closed over open models of equal score, by method."""
    return premium_drawn(report, theme).chart


def premium_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw it in a shape; see :func:`premium`."""
    from twocurves.charts.interval_strip import interval_strip

    rows = [row for row in report.find("premium_at_matched_capability") if row.estimate]
    if not rows:
        raise NothingToDrawError("nothing to draw: no premium can be measured.", field="figure")
    return shaped(
        shape,
        interval_strip,
        pl.DataFrame(
            {
                "row": [_variant(row) for row in rows],
                "estimate": [row.estimate for row in rows],
                "low": [row.low for row in rows],
                "high": [row.high for row in rows],
            },
            schema={"row": pl.String, "estimate": pl.Float64, "low": pl.Float64, "high": pl.Float64},
        ),
        narrow={"width": 80, "name_width": 140},
        title=filled(
            "At equal capability a closed model costs about {} times an open one",
            one(report, "premium_at_matched_capability"),
            otherwise="Prices of closed over open models of equal capability",
            factor=True,
        ),
        subtitle="Price of closed over matched open models, log scale, with 90% intervals; each row changes "
        "one choice of the first",
        number="times",
        scale="log",
        reference=1.0,
        reference_name="equal price",
        caption=caption(
            report,
            "List prices per token, not cost per task.",
            measures=rows,
            series=MATCHED,
            period_of="Models released",
        ),
        theme=theme,
    )


def hosts(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw what each firm asks for the same open model: exactly the prices that the measures count."""
    return hosts_drawn(report, theme).chart


def hosts_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw it in a shape; see :func:`hosts`."""
    from twocurves.charts.dispersion import dispersion

    chief = one(report, "host_price_dispersion")
    shown = (
        report.table("host_dispersion")
        .filter(pl.col("open"))
        .sort("hosts", "model", descending=[True, False])
        .head(_MOST_MODELS_SHOWN)
    )
    offers = report.table("host_prices").filter(pl.col("model").is_in(shown["model"].to_list()))
    kind = (
        pl.when(pl.col("direct") & pl.col("first_party"))
        .then(pl.lit("maker"))
        .when("direct")
        .then(pl.lit("host"))
        .otherwise(pl.lit("reseller"))
    )
    spread = interval_said(chief, "share")
    return shaped(
        shape,
        dispersion,
        offers.select("model", price="output", kind=kind),
        narrow={"width": 90, "name_width": 96, "worded": False},
        title=filled(
            "For one open model, prices vary between hosts by {} of their mean",
            chief,
            style="share",
            otherwise="One open model, many prices",
        ),
        subtitle=f"USD per million output tokens, log scale; the {shown.height} open models with most hosts",
        caption=caption(
            report,
            f"In the title: standard deviation over mean, median of {chief.n} models (90%: {spread})."
            if chief is not None and spread
            else "",
            "One price per firm; faster tiers left out.",
            measures=[chief],
            period_of="Models released",
        ),
        theme=theme,
    )


def _fall_title(falls: list[Measure]) -> str:
    told = [fall for fall in falls if fall.estimate is not None]
    factors = sorted(fall.estimate for fall in told if fall.estimate is not None)
    if not told or any(fall.low is None or fall.low <= 1 for fall in told):
        return "The cheapest price of a fixed capability"
    low, high = say(factors[0], digits=2), say(factors[-1], digits=2)
    size = f"about {low}" if low == high else f"{low} to {high}"
    return f"The cheapest price that reaches a fixed score is divided by {size} each year"


def _price_end(own: pl.DataFrame, fall: Measure | None) -> str:
    last = own.row(-1, named=True)
    now = f"{say(last['price'], 'usd')} in {last['date']:%B %Y}, {last['model']}"
    if fall is None or fall.estimate is None:
        return f"{now}\nToo few price cuts for a rate"
    interval = interval_said(fall)
    return f"{now}\n÷ {say(fall.estimate, digits=2)} a year" + (f" (90%: {interval})" if interval else "")


def _flagship_title(trends: dict[str, Measure | None]) -> str:
    """Say for which economy new flagships get dearer or cheaper; never more than the intervals do."""
    sure, unsure = [], []
    for name, trend in trends.items():
        if trend is None or trend.estimate is None or trend.low is None or trend.high is None:
            continue
        if trend.low <= 1 <= trend.high:
            unsure.append(name)
        else:
            way = "dearer" if trend.estimate > 1 else "cheaper"
            sure.append(f"new {name} flagships get {way}, {say(trend.estimate, 'times', 2)} a year")
    if not sure:
        of = " and ".join(unsure)
        return (
            f"No clear trend in the list prices of new {of} flagships" if of else "List prices of flagships"
        )
    if unsure:
        sure.append(f"for {unsure[0]} ones no trend is clear")
    text = "; ".join(sure)
    return text[:1].upper() + text[1:]


def _variant(row: Measure) -> str:
    from twocurves.observed.measures.premium import CALIPER_POINTS, INPUT_PER_OUTPUT

    words = row.title.partition(", ")[2]
    if not words:
        return f"Within {CALIPER_POINTS:g} points, {INPUT_PER_OUTPUT:g} in for 1 out, median host"
    return words[:1].upper() + words[1:]
