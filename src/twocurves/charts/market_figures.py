"""Figures of the market: open shares by venue, revenue by firm, compute by vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from twocurves.charts.captions import caption
from twocurves.charts.number_text import say, say_estimate, say_range
from twocurves.charts.palette import ECONOMIES, ThemeName
from twocurves.charts.shape import WORDED, Drawn, Shape, shaped
from twocurves.charts.wording import clear, filled, interval_said, one

if TYPE_CHECKING:
    import altair as alt

    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport

REVENUE = ("arr_usd_bn",)
SHARES = (
    "openrouter_open_weight_token_share",
    "openrouter_top10_open_token_share",
    "openrouter_top10_open_revenue_share",
    "vercel_open_weight_token_share",
    "vercel_open_weight_spend_share",
    "menlo_enterprise_open_source_share",
)
COMPUTE = ("cumulative_h100e_shipped",)

#: Venue, what is shared, its name in the figure, and the measure that says its present level.
_VENUES = (
    ("openrouter", "token", "OpenRouter, tokens", "open_token_share:openrouter"),
    ("openrouter_top10", "token", "OpenRouter's top list, tokens", "open_token_share:openrouter_top10"),
    ("openrouter_top10", "spend", "OpenRouter's top list, spending", "open_spend_share:openrouter_top10"),
    ("vercel", "token", "Vercel gateway, tokens", "open_token_share:vercel"),
    ("vercel", "spend", "Vercel gateway, spending", "open_spend_share:vercel"),
    ("menlo", "use", "Enterprises (Menlo), workloads", "open_share:menlo"),
)
_OF = {"token": "tokens", "spend": "spending", "use": "workloads"}

_FEWEST_REPORTS = 3
_USD_PER_BILLION = 1e9


def open_shares(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw the open share at each venue in a plot of its own."""
    return open_shares_drawn(report, theme).chart


def open_shares_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw it in a shape; see :func:`open_shares`."""
    from twocurves.charts.lines_over_time import lines_over_time
    from twocurves.observed.measures.shares import OPENROUTER_BREAK

    table = report.table("open_shares")
    parts: list[pl.DataFrame] = []
    levels: list[tuple[str, Measure]] = []
    said: dict[str, str] = {}
    for venue, what, name, identifier in _VENUES:
        own = table.filter(venue=venue, what=what)
        level = one(report, identifier)
        if own.is_empty():
            continue
        # A change of method is never drawn across; only OpenRouter changed its own.
        before = pl.lit(venue.startswith("openrouter")) & (pl.col("date") < OPENROUTER_BREAK)
        parts.append(
            own.sort("date").with_columns(
                series=pl.lit(name), part=pl.when(before).then(pl.lit("before")).otherwise(pl.lit("after"))
            )
        )
        said[name] = _level_said(level)
        if level is not None and level.estimate is not None:
            levels.append((_OF[what], level))
    kept = pl.concat(parts) if parts else table.clear().with_columns(series=pl.lit(""), part=pl.lit(""))
    return shaped(
        shape,
        lines_over_time,
        kept.select("date", "series", "value", "low", "high", "part"),
        narrow={"width": 150, "columns": 1, "height": 90},
        title=_shares_title(levels),
        subtitle="Open models' share of tokens, spending or workloads, by venue; each with its last level, "
        "interval or range, and months",
        number="share",
        zero=True,
        panels=True,
        dots=True,
        end_details=said,
        events={OPENROUTER_BREAK: "method changed"},
        events_in=[name for venue, _, name, _ in _VENUES if venue.startswith("openrouter")],
        caption=caption(
            report,
            "Venues are never mixed. OpenRouter is about 1% of spending on APIs, and its users chose it; its "
            "top list holds nine or ten models.",
            measures=[level for _, level in levels],
        ),
        theme=theme,
        width=760,
        height=150,
    )


def revenue(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw reported run rates, the lines through those that the estimates use."""
    return revenue_drawn(report, theme).chart


def revenue_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw it in a shape; see :func:`revenue`."""
    from twocurves.charts.lines_over_time import lines_over_time
    from twocurves.observed.measures.rows import slug

    table = report.table("revenue").with_columns(
        pl.col("value", "low", "high") * _USD_PER_BILLION,
        economy=pl.when(pl.col("economy").is_in(ECONOMIES)).then("economy"),
    )
    days = pl.col("date").filter("used").n_unique().over("firm")
    table = table.filter(days >= _FEWEST_REPORTS)
    # Reports of one day are averaged as in the measures, so that no line runs straight up.
    daily = (
        table.filter("used")
        .group_by("firm", "economy", "date", maintain_order=True)
        .agg(pl.col("value").log().mean().exp())
    )
    names = daily["firm"].unique(maintain_order=True)
    rates = {firm: one(report, f"revenue_run_rate:{slug(firm)}") for firm in names}
    growths = {
        firm: one(report, f"revenue_doubling_months:{slug(firm)}")
        for firm in sorted(rates, key=lambda name: -_estimate(rates[name]))
    }
    trends = [
        f"{interval} months at {firm}"
        for firm, growth in growths.items()
        if clear(growth, factor=True) and (interval := interval_said(growth))
    ]
    latest = {
        firm: "" if rate is None or rate.estimate is None else say(rate.estimate * _USD_PER_BILLION, "usd", 2)
        for firm, rate in rates.items()
    }
    return shaped(
        shape,
        lines_over_time,
        daily.select("date", "value", "economy", series="firm"),
        narrow={"width": 130, "height": 230, "end_details": latest},
        title=f"Reported revenue doubles every {' and every '.join(trends[:2])}"
        if trends
        else "Reported revenue",
        subtitle="Reported run rates, USD a year, log scale; firms with reports of three or more days",
        number="usd",
        scale="log",
        marks=table.select(
            "date", "value", "economy", series="firm", faint=~pl.col("used"), label=pl.lit(None, pl.String)
        ),
        end_details={
            own["firm"][0]: _rate_said(own, rates[own["firm"][0]])
            for own in daily.sort("date").partition_by("firm", maintain_order=True)
        },
        caption=caption(
            report,
            "In the title: 90% intervals of the trends." if trends else "",
            "Lines run through the reports that the measures use. Faint dots: reports that another "
            "contradicts, net of cloud resale or superseded. Misdated ones are not drawn. In brackets the "
            "range of contradicting reports.",
            measures=[*rates.values(), *growths.values()],
            series=REVENUE,
            at_most=0,
            rest_in="revenue_doubling_months",
        ),
        theme=theme,
        height=290,
    )


def compute(report: MeasureReport, theme: ThemeName) -> alt.TopLevelMixin:
    """Draw AI chips shipped, by vendor and in all."""
    return compute_drawn(report, theme).chart


def compute_drawn(report: MeasureReport, theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw it in a shape; see :func:`compute`."""
    from twocurves.charts.lines_over_time import lines_over_time

    growth = one(report, "compute_growth")
    interval = interval_said(growth)
    table = (
        report.table("compute_stock")
        .filter(pl.col("shipped") > 0)
        .select(
            "date", "low", "high", value="shipped", series=pl.col("vendor").replace({"all": "All vendors"})
        )
    )
    latest = {
        str(own["series"][0]): say(own.sort("date")["value"][-1], "number", 2)
        for own in table.partition_by("series")
    }
    return shaped(
        shape,
        lines_over_time,
        table,
        narrow={"width": 130, "height": 220, "end_details": latest},
        title=filled(
            "AI chips shipped so far grow {}-fold a year", growth, otherwise="AI chips shipped", factor=True
        ),
        subtitle="H100 equivalents shipped since the start of counting, log scale, with 90% intervals",
        scale="log",
        caption=caption(
            report,
            f"Growth of the sum: {interval} with 90%." if interval else "",
            "Shipped is not in service.",
            measures=[growth],
            series=COMPUTE,
        ),
        theme=theme,
    )


def _estimate(measured: Measure | None) -> float:
    return 0.0 if measured is None or measured.estimate is None else measured.estimate


def _level_said(level: Measure | None) -> str:
    if level is None or level.estimate is None:
        return ""
    months = dict.fromkeys(
        f"{month.first_day:%b %Y}" for month in (level.start, level.end) if month is not None
    )
    text = say_estimate(level.estimate, level.low, level.high, "share")
    if level.low is not None and level.high is not None:
        text += f" ({say_range(level.low, level.high, 'share')})"
    return f"{text}, {' to '.join(months)}" if months else text


def _shares_title(levels: list[tuple[str, Measure]]) -> str:
    ranked = sorted(levels, key=lambda pair: _estimate(pair[1]))
    if len(ranked) < 2:
        return "Open models' share, by where it is measured"
    (low_of, low), (high_of, high) = ranked[0], ranked[-1]
    return (
        f"The open share is {say(_estimate(low), 'share', 2)} of {low_of} at one venue and "
        f"{say(_estimate(high), 'share', 2)} of {high_of} at another"
    )


def _rate_said(own: pl.DataFrame, rate: Measure | None) -> str:
    day = own["date"][-1]
    if rate is None or rate.estimate is None:
        return f"{say(own['value'][-1], 'usd')}, {day:%b %Y}"
    low, high = rate.low, rate.high
    text = say(rate.estimate * _USD_PER_BILLION, "usd")
    if low is not None and high is not None:
        text += f" ({say_range(low * _USD_PER_BILLION, high * _USD_PER_BILLION, 'usd')})"
    return f"{text}, {day:%b %Y}"
