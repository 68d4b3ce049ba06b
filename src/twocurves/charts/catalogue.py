"""The figures that can be asked for by name, each drawn from a report of measures.

A figure's title is a sentence computed from the same measures that the command line prints.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from twocurves.charts.number_text import say
from twocurves.charts.palette import ThemeName
from twocurves.errors import BadInputError, unknown

if TYPE_CHECKING:
    import altair as alt

    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport

ECI_CREDIT = "Epoch Capabilities Index: Epoch AI, CC BY 4.0."
_CATALOGUE_CREDIT = "Prices: models.dev."
_METHOD_BREAK = dt.date(2025, 11, 16)
_MOST_MODELS_SHOWN = 14
_LEVELS_SHOWN = (115, 125, 135, 145)

Draw = Callable[["MeasureReport", ThemeName], "alt.TopLevelMixin"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by name: what it shows, and the function that draws it."""

    name: str
    shows: str
    draw: Draw


def draw(name: str, report: MeasureReport, theme: ThemeName = "light") -> alt.TopLevelMixin:
    """Draw a figure by its name.

    Raises
    ------
    BadInputError
        There is no such figure, or the period leaves nothing to draw.
    """
    if name not in FIGURES:
        raise unknown("figure", name, FIGURES)
    return FIGURES[name].draw(report, theme)


def _frontier(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.measured import measured_figure

    closed, opened = _one(report, "capability_growth_closed"), _one(report, "capability_growth_open")
    lag = _one(report, "lag_months:weekly")
    return measured_figure(
        report.table("frontier_points"),
        fits=report.table("frontier_fits"),
        title=_sentence(
            "Open models follow the closed frontier {} months behind, at about the same pace"
            if _same_pace(report)
            else "Open models follow the closed frontier {} months behind",
            lag,
            otherwise="The closed and the open frontier of capability",
        ),
        subtitle="Epoch Capabilities Index, points. Lines through record-setting models, with 90% intervals.",
        end_details={
            economy: _pace(growth)
            for economy, growth in (("closed", closed), ("open", opened))
            if _pace(growth)
        },
        caption=f"{ECI_CREDIT} One fit of August 2026. Lag: averaged over weeks.",
        show_from=100.0,
        theme=theme,
    )


def _lag(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.lines_over_time import lines_over_time

    lag = _one(report, "lag_months:weekly")
    return lines_over_time(
        report.table("lag_over_time").select("date", "low", "high", value="lag", series=pl.lit("Lag")),
        title=_sentence(
            "On average over weeks, open models are {} months behind",
            lag,
            otherwise="How far open models are behind",
        ),
        subtitle="Months since closed models first had the best open score of the day, with 90% interval",
        number="{} mo",
        zero=True,
        caption=f"{ECI_CREDIT} Other definitions give other lags: twocurves measure lag_months.",
        theme=theme,
    )


def _gap(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.lines_over_time import lines_over_time

    return lines_over_time(
        report.table("gap_over_time").select("date", "low", "high", value="gap", series=pl.lit("Gap")),
        title=_sentence(
            "On average over weeks, the best open model is {} points below the best closed one",
            _one(report, "gap_points:weekly"),
            otherwise="The gap between the best closed and the best open model",
        ),
        subtitle="Points of the Epoch Capabilities Index, with 90% interval",
        zero=True,
        caption=ECI_CREDIT,
        theme=theme,
    )


def _price_frontier(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.lines_over_time import lines_over_time

    table = report.table("price_frontier").filter(pl.col("eci_level").is_in(_LEVELS_SHOWN))
    return lines_over_time(
        table.select(
            "date", value="price", series=pl.format("ECI {} or more", pl.col("eci_level").cast(pl.String))
        ),
        title=_sentence(
            "The price of a fixed capability is divided by about {} each year",
            _one(report, "price_decline:all"),
            otherwise="The cheapest price of a fixed capability",
        ),
        subtitle="Cheapest model that reaches a score: USD per million tokens, 3 in to 1 out, log scale",
        number="usd",
        scale="log",
        caption=f"Prices of May 2026 at each release: a lower envelope, no history. {ECI_CREDIT}",
        theme=theme,
    )


def _flagships(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.measured import measured_figure

    trend = _one(report, "flagship_price_trend")
    return measured_figure(
        report.table("flagship_prices").select("date", "economy", value="price", label="model"),
        title=_flagship_title(trend),
        subtitle="List price of new best models: USD per million tokens, three in for one out, log scale",
        number="usd",
        scale="log",
        quiet_below_record=False,
        end_details={"closed": _factor(trend), "open": _factor(_one(report, "flagship_price_trend:open"))},
        caption="List prices, of May 2026 where no older one is known. Paid prices are lower.",
        theme=theme,
    )


def _premium(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.interval_strip import interval_strip

    rows = [row for row in report.find("premium_at_matched_capability") if row.estimate]
    if not rows:
        raise BadInputError("Nothing to draw: no premium can be measured in this period.", field="figure")
    return interval_strip(
        pl.DataFrame(
            {
                "row": [_variant(row) for row in rows],
                "estimate": [row.estimate for row in rows],
                "low": [row.low for row in rows],
                "high": [row.high for row in rows],
            }
        ),
        title=_sentence(
            "At equal capability a closed model costs about {} times an open one",
            rows[0],
            otherwise="The closed premium",
        ),
        subtitle="Price of closed over matched open models, log scale, with 90% intervals, by method",
        number="times",
        scale="log",
        reference=1.0,
        reference_name="equal price",
        caption=f"{_CATALOGUE_CREDIT} {ECI_CREDIT}",
        theme=theme,
    )


def _hosts(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.dispersion import dispersion

    table = (
        report.table("host_dispersion")
        .filter(pl.col("open"))
        .sort("hosts", "model", descending=[True, False])
    )
    shown = table.head(_MOST_MODELS_SHOWN)["model"].to_list()
    offers = report.table("host_prices").filter(pl.col("model").is_in(shown))
    kind = (
        pl.when("first_party")
        .then(pl.lit("maker"))
        .when("direct")
        .then(pl.lit("host"))
        .otherwise(pl.lit("reseller"))
    )
    return dispersion(
        offers.select("model", price="output", kind=kind),
        title=_sentence(
            "One open model's price differs between hosts by {} of its mean",
            _one(report, "host_price_dispersion"),
            style="share",
            otherwise="One open model, many prices",
        ),
        subtitle="US dollars per million output tokens, log scale; the open models with most hosts",
        caption=f"{_CATALOGUE_CREDIT} Fast tiers left out.",
        theme=theme,
    )


def _open_shares(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.lines_over_time import lines_over_time

    names = {
        ("openrouter_top10", "token"): "OpenRouter top list, tokens",
        ("openrouter_top10", "spend"): "OpenRouter top list, spending",
        ("openrouter", "token"): "OpenRouter, tokens",
        ("vercel", "token"): "Vercel gateway, tokens",
        ("menlo", "use"): "Enterprises (Menlo), use",
    }
    table = report.table("open_shares")
    parts = [
        table.filter(venue=venue, what=what).with_columns(series=pl.lit(name))
        for (venue, what), name in names.items()
    ]
    kept = pl.concat([part for part in parts if part.height] or parts[:1])
    return lines_over_time(
        kept.select("date", "series", "value", "low", "high"),
        title="Where the open share is measured decides what it is",
        subtitle="Open models' share of tokens, spending or use, by venue; venues are never mixed",
        number="share",
        zero=True,
        panels=True,
        dots=True,
        events={_METHOD_BREAK: "OpenRouter's method changed"},
        caption="OpenRouter is about 1% of spending on APIs, and its users choose themselves.",
        theme=theme,
        width=760,
        height=170,
    )


def _revenue(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.lines_over_time import lines_over_time

    table = report.table("revenue").filter(pl.col("used"))
    several = table.group_by("firm").len().filter(pl.col("len") >= 3)["firm"]
    economy = pl.when(pl.col("economy").is_in(["closed", "open"])).then("economy")
    return lines_over_time(
        table.filter(pl.col("firm").is_in(several.implode())).select(
            "date", "value", "low", "high", economy, series="firm"
        ),
        title=_sentence(
            "Anthropic's revenue doubles every {} months",
            _one(report, "revenue_doubling_months:anthropic"),
            otherwise="Revenue run rates",
        ),
        subtitle="Run-rate revenue, USD billions a year, log scale; firms with three or more reports",
        number="${}bn",
        scale="log",
        dots=True,
        caption="Reports differ in what they count: gross or net of cloud resale. Both are kept.",
        theme=theme,
    )


def _compute(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    from twocurves.charts.lines_over_time import lines_over_time

    table = report.table("compute_stock")
    vendors = {"all": "All vendors"}
    return lines_over_time(
        table.filter(pl.col("shipped") > 0).select(
            "date", "low", "high", value="shipped", series=pl.col("vendor").replace(vendors)
        ),
        title=_sentence(
            "AI chips shipped so far grow {}-fold a year",
            _one(report, "compute_growth"),
            otherwise="AI chips shipped",
        ),
        subtitle="H100 equivalents shipped since the start of counting, log scale, with 90% intervals",
        scale="log",
        caption="Shipped is not in service. Data: Epoch AI, CC BY 4.0.",
        theme=theme,
    )


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure(
            "frontier", "the closed and the open frontier of capability, with every scored model", _frontier
        ),
        Figure("lag", "months by which the best open model is behind, over time", _lag),
        Figure("gap", "points by which the best open model is behind, over time", _gap),
        Figure("price_frontier", "the cheapest price of a fixed capability, over time", _price_frontier),
        Figure("flagship_prices", "list prices of new best models, over time", _flagships),
        Figure("premium", "the price of closed over open models of equal capability", _premium),
        Figure("host_prices", "what each host asks for the same open model", _hosts),
        Figure("open_shares", "the open share of tokens, spending and use, venue by venue", _open_shares),
        Figure("revenue", "run-rate revenue by firm, over time", _revenue),
        Figure("compute_stock", "AI chips shipped, by vendor, over time", _compute),
    )
}


def _one(report: MeasureReport, identifier: str) -> Measure | None:
    """Return a measure; None where the period has none of it."""
    return next((row for row in report.measures if row.id == identifier), None)


def _sentence(text: str, measured: Measure | None, *, otherwise: str, style: str = "number") -> str:
    """Fill the estimate into a sentence; say something plainer where there is none."""
    return (
        otherwise
        if measured is None or measured.estimate is None
        else text.format(say(measured.estimate, style, 2))
    )


def _pace(growth: Measure | None) -> str:
    if growth is None or growth.estimate is None:
        return ""
    lines = [f"{say(growth.estimate, digits=2)} points a year"]
    if growth.low is not None and growth.high is not None:
        lines.append(f"90%: {say(growth.low, digits=2)} to {say(growth.high, digits=2)}")
    return "\n".join(lines)


def _factor(trend: Measure | None) -> str:
    if trend is None or trend.estimate is None or trend.low is None or trend.high is None:
        return ""
    ends = f"{say(trend.low, digits=2)} to {say(trend.high, digits=2)}"
    return f"{say(trend.estimate, 'times', 2)} a year\n90%: {ends}"


def _same_pace(report: MeasureReport) -> bool:
    difference = _one(report, "capability_growth_difference")
    if difference is None or difference.low is None or difference.high is None:
        return False
    return difference.low < 0 < difference.high


def _flagship_title(trend: Measure | None) -> str:
    if trend is None or trend.estimate is None or trend.low is None or trend.high is None:
        return "List prices of new best models"
    if trend.low < 1 < trend.high:
        return "New flagships are not clearly dearer or cheaper than those before"
    return f"New closed flagships cost {say(trend.estimate, 'times', 2)} those of a year before"


def _variant(row: Measure) -> str:
    words = row.title.partition(", ")[2]
    return words[:1].upper() + words[1:] if words else "As stated in the sentence"
