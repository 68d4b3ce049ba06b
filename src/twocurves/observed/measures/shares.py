"""Open shares of tokens and of spending, venue by venue: what each place says, never an average of places."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Literal

import polars as pl

from twocurves.observed.measures.intervals import Interval
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.rows import measure, probability_measure, rows, span_days
from twocurves.observed.measures.thin import DAYS_OF_A_YEAR, over_period
from twocurves.observed.measures.trend import (
    DAYS_PER_YEAR,
    linear_trend,
    log_linear_trend,
    logit_trend,
    steady_level,
    years,
)
from twocurves.observed.tables import Observations

#: OpenRouter's series change their method at this day; nothing is drawn across it.
OPENROUTER_BREAK = dt.date(2025, 11, 16)

#: The present share of a weekly series is its level over this many days.
RECENT_DAYS = 56

#: A change is measured only when the dates lie at least this far apart. Under a year it is told over its own
#: days: put on a yearly footing, a share would move by more than the whole.
SHORTEST_SPAN_DAYS = 150

#: What is said of a change over less than a year.
_NOT_YEARLY = "Change over the days observed, which are too few for a yearly rate."


@dataclass(frozen=True, slots=True)
class Venue:
    """A place where open and closed models are used side by side, and one share that it reports.

    Attributes
    ----------
    id, title
        As they stand in the ids and in words.
    what
        ``token``, ``spend`` or ``use`` (a survey's share of workloads).
    series
        Where the share comes from.
    caveat
        Who uses the place, and what the share leaves out.
    complement
        The series reports the closed share; the open one is at most the rest.
    """

    id: str
    title: str
    what: Literal["token", "spend", "use"]
    series: str
    caveat: str
    complement: bool = False

    @property
    def measure_id(self) -> str:
        """The id of the share: ``open_token_share:...``, ``open_spend_share:...`` or ``open_share:...``."""
        return {"token": "open_token_share", "spend": "open_spend_share", "use": "open_share"}[self.what] + (
            f":{self.id}"
        )


_SELF_SELECTED = "OpenRouter is about 1% of API spending, and its users chose it."
_TOP_LIST = (
    "Only the nine or ten most used models count, so the share swings when one enters or leaves the list. "
)

VENUES = (
    Venue(
        "openrouter", "OpenRouter, all traffic", "token", "openrouter_open_weight_token_share", _SELF_SELECTED
    ),
    Venue(
        "openrouter_top10",
        "OpenRouter, top list",
        "token",
        "openrouter_top10_open_token_share",
        _TOP_LIST + _SELF_SELECTED,
    ),
    Venue(
        "openrouter_sellside",
        "OpenRouter, as read by an analyst",
        "token",
        "open_source_token_share_sellside",
        "One reading by a broker. " + _SELF_SELECTED,
    ),
    Venue(
        "vercel",
        "Vercel AI Gateway",
        "token",
        "vercel_open_weight_token_share",
        "Developers of web applications.",
    ),
    Venue(
        "all_api",
        "All API tokens, an estimate",
        "token",
        "closed_frontier_token_share",
        "What the closed frontier leaves: an upper limit, since other closed models are in it. One "
        "estimate, which the gateways contradict.",
        complement=True,
    ),
    Venue("openrouter", "OpenRouter, all traffic", "spend", "openrouter_open_revenue_share", _SELF_SELECTED),
    Venue(
        "openrouter_top10",
        "OpenRouter, top list",
        "spend",
        "openrouter_top10_open_revenue_share",
        _TOP_LIST + "Tokens at list price, not money paid. " + _SELF_SELECTED,
    ),
    Venue(
        "vercel",
        "Vercel AI Gateway",
        "spend",
        "vercel_open_weight_spend_share",
        "Developers of web applications.",
    ),
    Venue(
        "menlo",
        "Enterprises, surveyed by Menlo Ventures",
        "use",
        "menlo_enterprise_open_source_share",
        "A survey by an investor in Anthropic; share of workloads as decision makers state it.",
    ),
)

#: Venues in which the growth of open and of closed use is compared, the chief one first.
COMPARED = ("openrouter_top10", "menlo")

#: Volumes of tokens at one place each: id, title, series, entity (None: any), note.
_VOLUMES = (
    ("openrouter", "Tokens at OpenRouter", "openrouter_weekly_tokens", None, _SELF_SELECTED),
    (
        "google",
        "Tokens at Google, all surfaces",
        "tokens_processed_monthly",
        "Google (all surfaces)",
        "Search and other products are in it, much of it nobody asked for.",
    ),
    (
        "openai_api",
        "Tokens at OpenAI's API",
        "api_tokens_per_minute",
        "OpenAI API",
        "Said on stage, rounded.",
    ),
    (
        "google_api",
        "Tokens at Google's API",
        "api_tokens_per_minute",
        "Google API",
        "Said on stage, rounded.",
    ),
    ("z.ai", "Tokens at Z.ai", "tokens_processed_daily", "Z.ai / Full company", "From a prospectus."),
)

#: Spending at list price at OpenRouter, on either side of the break.
_SPENDING = (
    (
        "openrouter_before_break",
        "Spending at OpenRouter to November 2025",
        "openrouter_weekly_revenue_backfill",
        "Back-filled from charts.",
    ),
    (
        "openrouter_top10",
        "Spending at OpenRouter since November 2025, top list",
        "openrouter_top10_weekly_revenue",
        _TOP_LIST.strip(),
    ),
)


def run(observations: Observations, window: Window) -> Measured:
    """Measure open shares by venue, their change, and the growth of use behind them."""
    measures: list[Measure] = []
    tables = []
    for venue in VENUES:
        frame = open_share(observations, venue, window)
        measures += [_present(venue, frame), _change(venue, frame)]
        tables.append(
            frame.select(
                pl.lit(venue.id).alias("venue"),
                pl.lit(venue.what).alias("what"),
                "date",
                "value",
                (1.0 - pl.col("value")).alias("closed_share"),
                "low",
                "high",
            )
        )
    for name in COMPARED:
        measures += _apart(observations, name, window)
    measures += [_volume(observations, window, *entry) for entry in _VOLUMES]
    measures += [_spending(observations, window, *entry) for entry in _SPENDING]
    return Measured(tuple(measures), {"open_shares": pl.concat(tables)})


def open_share(observations: Observations, venue: Venue, window: Window) -> pl.DataFrame:
    """Return the rows of a venue's open share, those outside 0 to 1 left out, by date.

    For OpenRouter's top list only rows of the present method count. A closed share is turned round.
    """
    frame = rows(observations, venue.series, window=window).filter(
        pl.col("value").is_between(0.0, 1.0), pl.col("unit").str.starts_with("fraction")
    )
    if venue.id == "openrouter_top10":
        frame = frame.filter(pl.col("date") >= OPENROUTER_BREAK)
    if venue.complement:
        frame = frame.with_columns(
            value=1.0 - pl.col("value"), low=1.0 - pl.col("high"), high=1.0 - pl.col("low")
        )
    return frame


def _present(venue: Venue, frame: pl.DataFrame) -> Measure:
    last = frame["date"].max()
    recent = frame
    if isinstance(last, dt.date):
        recent = frame.filter(pl.col("date") >= last - dt.timedelta(days=RECENT_DAYS))
    weekly = steady_level(years(recent["date"].to_list()), recent["value"].to_numpy())
    dates = recent["date"].n_unique()
    found: Interval | None
    if dates >= 5 and weekly is not None:
        low, high = weekly.interval()
        found = Interval(weekly.slope, max(0.0, low), min(1.0, high))
        method = f"Level over the last {RECENT_DAYS} days; mixture interval over error memory (see trend)."
        note = ""
    elif recent.height > 1 and venue.id == "openrouter":
        found = _range(recent)
        method = f"Middle of the figures of the last {RECENT_DAYS} days; the ends are their range."
        note = "Samples of different length contradict each other. "
    else:
        tail = frame.tail(1)
        found = _range(tail)
        recent = tail
        method = "Last figure; ends as published."
        note = (
            "" if found is None or found.low is not None else "The source gives no interval nor its sample. "
        )
    return measure(
        venue.measure_id,
        f"Open share of {_WORD[venue.what]}, {venue.title}",
        found,
        unit="fraction",
        method=method,
        frame=recent,
        note=note + venue.caveat if found is not None else f"No figure in this period. {venue.caveat}",
    )


def _change(venue: Venue, frame: pl.DataFrame) -> Measure:
    days = span_days(frame)
    spell, period = over_period(days)
    trend = None
    if days >= SHORTEST_SPAN_DAYS:
        trend = linear_trend(years(frame["date"].to_list()), 100.0 * frame["value"].to_numpy())
    if trend is not None:
        # The line may leave the range that a share has; the change may not.
        bounds = (spell * bound for bound in (trend.slope, *trend.interval()))
        found = Interval(*(max(-100.0, min(100.0, bound)) for bound in bounds))
        note = venue.caveat if _is_year(period) else f"{_NOT_YEARLY} {venue.caveat}"
    else:
        found = None
        dates = frame["date"].n_unique()
        note = (
            "One date or none: no change to measure."
            if dates < 2
            else f"{dates} dates within {days} days ({frame['value'][0]:g} to {frame['value'][-1]:g}): too "
            "short for a trend."
        )
    return measure(
        venue.measure_id.replace("_share:", "_share_change:"),
        f"Change of the open share of {_WORD[venue.what]}, {venue.title}",
        found,
        unit=f"percentage points {period if found is not None else _A_YEAR}",
        method="Straight line through all figures of one method; mixture interval over error memory (see "
        "trend).",
        frame=frame,
        note=note,
    )


def _apart(observations: Observations, name: str, window: Window) -> tuple[Measure, Measure]:
    venue = next(venue for venue in VENUES if venue.id == name and venue.what != "spend")
    frame = open_share(observations, venue, window)
    days = span_days(frame)
    spell, period = over_period(days)
    trend = None
    if days >= SHORTEST_SPAN_DAYS:
        trend = logit_trend(years(frame["date"].to_list()), frame["value"].to_numpy())
    found = None
    if trend is not None:
        low, high = trend.interval()
        found = Interval(*(-bound * spell / math.log(2.0) for bound in (trend.slope, high, low)))
    chief = name == COMPARED[0]
    said = [venue.caveat] if _is_year(period) else [_NOT_YEARLY, venue.caveat]
    if chief:
        said.append("Weeks without any open model in the list are set to half of the smallest share.")
    apart = measure(
        "usage_growth_difference" if chief else f"usage_growth_difference:{name}",
        f"Growth of closed use less that of open use, {venue.title}",
        found,
        unit=f"doublings {period if found is not None else _A_YEAR}",
        method="Slope of the log odds of the closed share, which is the one growth rate less the other; "
        "mixture interval over error memory (see trend).",
        frame=frame,
        note=" ".join(said) if trend is not None else "Too few dates for a growth rate.",
    )
    probability = None if trend is None else 1.0 - trend.probability_above(0.0)
    return apart, probability_measure(apart, probability)


def _volume(
    observations: Observations,
    window: Window,
    name: str,
    title: str,
    series: str,
    entity: str | None,
    note: str,
) -> Measure:
    frame = rows(observations, series, window=window).filter(pl.col("value") > 0)
    if entity is not None:
        frame = frame.filter(pl.col("entity") == entity)
    return _growth(f"token_growth:{name}", f"Growth: {title}", frame, note)


def _spending(
    observations: Observations, window: Window, name: str, title: str, series: str, note: str
) -> Measure:
    frame = rows(observations, series, window=window).filter(pl.col("value") > 0)
    after = pl.col("date") >= OPENROUTER_BREAK
    frame = frame.filter(after if name == "openrouter_top10" else ~after)
    return _growth(
        f"spend_growth:{name}",
        f"Growth: {title}",
        frame,
        f"{note} The method changes on {OPENROUTER_BREAK}; nothing is drawn across it. {_SELF_SELECTED}",
    )


def _growth(identifier: str, title: str, frame: pl.DataFrame, note: str) -> Measure:
    trend = log_linear_trend(years(frame["date"].to_list()), frame["value"].to_numpy())
    days = span_days(frame)
    spell, period = over_period(days)
    found: Interval | None = None
    if trend is not None:
        found = Interval(*(math.exp(spell * bound) for bound in (trend.slope, *trend.interval())))
    elif frame["date"].n_unique() == 2:
        first, last = frame.row(0, named=True), frame.row(-1, named=True)
        found = Interval((last["value"] / first["value"]) ** (spell * DAYS_PER_YEAR / days), None, None)
        note = f"Two dates, so no interval. {note}"
    if found is not None and not _is_year(period):
        note = f"{_NOT_YEARLY} {note}"
    return measure(
        identifier,
        title,
        found,
        unit=f"x {period if found is not None else _A_YEAR}",
        method="Log-linear trend; mixture interval over error memory (see trend)."
        if trend is not None
        else "From the first date to the last.",
        frame=frame,
        note=note if found is not None else f"Fewer than two dates. {note}",
    )


def _is_year(period: str) -> bool:
    return period == _A_YEAR


def _range(frame: pl.DataFrame) -> Interval | None:
    if frame.is_empty():
        return None
    ends = [*frame["value"], *frame["low"].drop_nulls(), *frame["high"].drop_nulls()]
    low, high = min(ends), max(ends)
    if low == high:
        return Interval(low, None, None)
    middle = float(frame["value"].to_numpy().mean())
    return Interval(middle if frame.height == 1 else 0.5 * (low + high), low, high)


_A_YEAR = over_period(DAYS_OF_A_YEAR)[1]

_WORD = {"token": "tokens", "spend": "spending", "use": "workloads"}

FAMILY = Family(
    id="shares",
    title="Open shares of tokens and spending, venue by venue",
    run=run,
    figures=("open_shares",),
    chief=(
        "open_token_share:openrouter_top10",
        "open_token_share:vercel",
        "open_spend_share:openrouter_top10",
        "open_spend_share:vercel",
        "open_share:menlo",
        "open_share_change:menlo",
    ),
)
