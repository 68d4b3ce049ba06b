"""Revenue: run rates and doubling times by firm and layer, concentration, API share, valuations."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import stdtrit

from twocurves.observed.measures.firms import firms, firms_in
from twocurves.observed.measures.intervals import (
    Interval,
    herfindahl,
    largest_share,
    over_ranges,
    weighted_mean,
)
from twocurves.observed.measures.measure import LEVEL, Family, Measure, Measured, Window
from twocurves.observed.measures.rows import measure, probability_measure, rows, slug
from twocurves.observed.measures.thin import DAYS_OF_A_YEAR, TOO_FEW_APART, cannot_tell_apart
from twocurves.observed.measures.trend import (
    DAYS_PER_YEAR,
    Trend,
    difference,
    doubling_months,
    log_linear_trend,
    years,
)
from twocurves.observed.tables import Observations

#: Growth is measured over this many days up to a firm's last figure, unless a period is asked for.
GROWTH_DAYS = 730

#: A run rate older than this, at the last date of the window, is not set beside newer ones.
STALE_DAYS = 200

#: A valuation is divided by the run rate nearest to it, at most this many days away.
MATCH_DAYS = 125

#: How the basis of a figure begins where it covers more than the firm's other figures do, as a valuation
#: together with another business does.
WIDER_SCOPE = "wider scope"

#: Reasons for exclusion that leave a row usable as the other end of a range, though not as the estimate.
_CONFLICTING = ("other basis", "superseded")

_NO_RANGE = "No figure contradicts another, so there is no range. "

_ONE_FIRM = "One firm, so no interval. "

_RUN_RATE = "arr_usd_bn"
_UNIT = "USD billion a year"
_PER_YEAR = "USD billion/yr"


@dataclass(frozen=True, slots=True)
class RunRate:
    """A firm's latest run rate with the range of the figures that contradict each other."""

    firm: str
    date: dt.date
    found: Interval
    used: pl.DataFrame
    note: str


def run(observations: Observations, window: Window) -> Measured:
    """Measure revenue, its growth, concentration, the API's share of it, and what the firms are valued at."""
    plain = _rates(rows(observations, _RUN_RATE, window=window))
    contested = _rates(rows(observations, _RUN_RATE, window=window, also=_CONFLICTING))
    names = plain["entity"].unique(maintain_order=True).to_list()
    latest = {name: rate for name in names if (rate := latest_run_rate(plain, contested, name)) is not None}
    growth = [_doubling(plain, name, window) for name in names]
    return Measured(
        measures=(
            *(_run_rate(rate, _today(observations, window)) for rate in latest.values()),
            *_layers(latest, plain),
            *growth,
            *_economies(plain, window),
            *_concentration(latest, plain),
            _api_share(observations, window, latest),
            *_valuations(observations, window, plain),
        ),
        tables={"revenue": revenue_table(plain, contested)},
    )


def revenue_table(plain: pl.DataFrame, contested: pl.DataFrame) -> pl.DataFrame:
    """Return run rates for the chart: ``firm, economy, layer, date, value, low, high, used``.

    ``used`` is false for a figure that another contradicts and that no estimate is made from.
    """
    known = firms()
    merged = pl.concat(
        [
            plain.with_columns(used=pl.lit(value=True)),
            contested.join(plain.select("row"), on="row", how="anti").with_columns(used=pl.lit(value=False)),
        ]
    )
    return (
        merged.with_columns(
            economy=pl.col("entity").replace_strict({n: f.economy for n, f in known.items()}, default=None),
            layer=pl.col("entity").replace_strict({n: f.layer for n, f in known.items()}, default=None),
        )
        .select(pl.col("entity").alias("firm"), "economy", "layer", "date", "value", "low", "high", "used")
        .sort("firm", "date")
    )


def latest_run_rate(plain: pl.DataFrame, contested: pl.DataFrame, firm: str) -> RunRate | None:
    """Return a firm's last run rate and how far the contradicting figures would move it.

    Figures of one date are averaged (geometric mean). The range is theirs, with the ends they state for
    themselves and with the figures set aside as net of resale or superseded: such a figure moves the latest
    one by its ratio to the figure it contradicts at its own date.
    """
    own = plain.filter(pl.col("entity") == firm)
    last = own["date"].max()
    if not isinstance(last, dt.date):
        return None
    group = own.filter(pl.col("date") == last)
    estimate = _typical(group["value"])
    ends = [*group["value"], *group["low"].drop_nulls(), *group["high"].drop_nulls()]
    ends = [end for end in ends if end > 0]
    set_aside = contested.filter(
        pl.col("entity") == firm, pl.col("date") >= last - dt.timedelta(days=STALE_DAYS)
    ).join(own.select("row"), on="row", how="anti")
    notes = []
    for rival in set_aside.iter_rows(named=True):
        beside = own.filter(pl.col("date") == rival["date"])["value"]
        if beside.is_empty():
            continue
        middle = _typical(beside)
        stated = [end for end in (rival["value"], rival["low"], rival["high"]) if end is not None and end > 0]
        ends += [estimate * end / middle for end in stated]
        notes.append(f"{rival['value']:g} against {middle:g} in {rival['date']:%Y-%m} ({rival['exclude']})")
    used = pl.concat([group, set_aside]) if notes else group
    low, high = (min(ends), max(ends)) if max(ends) > min(ends) else (None, None)
    note = f"The range is that of contradicting figures: {'; '.join(notes)}. " if notes else ""
    return RunRate(firm, last, Interval(estimate, low, high), used, note)


def _run_rate(rate: RunRate, today: dt.date) -> Measure:
    known = firms().get(rate.firm)
    said = [_age(rate, today), rate.note.strip()]
    bases = sorted({basis for basis in rate.used["basis"].drop_nulls() if "net" not in basis})
    if any("gross" in basis for basis in bases):
        said.append("Gross of what clouds keep when they resell.")
    if rate.found.low is None:
        said.append("One figure, so no range.")
    if known is not None and known.note:
        said.append(known.note)
    return measure(
        f"revenue_run_rate:{slug(rate.firm)}",
        f"Revenue run rate, {rate.firm}",
        rate.found,
        unit=_UNIT,
        method="Last figure; the ends are the range of contradicting figures, not a confidence interval.",
        frame=rate.used,
        note=" ".join(text for text in said if text),
    )


def _today(observations: Observations, window: Window) -> dt.date:
    """Return the last day that is asked about: that of the data, of what was known, or of the period."""
    day = observations.as_of or observations.data_to
    return day if window.end is None else min(day, window.end.last_day)


def _age(rate: RunRate, today: dt.date) -> str:
    """Say that a figure is too old to be read as today's; empty for a newer one."""
    days = (today - rate.date).days
    if days <= STALE_DAYS:
        return ""
    months = days / (DAYS_PER_YEAR / 12)
    return f"Old: a figure of {rate.date:%Y-%m}, {months:.0f} months before {today}."


def _layers(latest: dict[str, RunRate], plain: pl.DataFrame) -> tuple[Measure, ...]:
    found = []
    newest = max((rate.date for rate in latest.values()), default=None)
    for layer in ("lab", "builder", "host", "application"):
        members = [latest[name] for name in firms_in(layer=layer) if name in latest]
        fresh = [rate for rate in members if newest is not None and (newest - rate.date).days <= STALE_DAYS]
        stale = [rate.firm for rate in members if rate not in fresh]
        total = None
        if fresh:
            ends = [
                (rate.found.low or rate.found.estimate, rate.found.high or rate.found.estimate)
                for rate in fresh
            ]
            total = Interval(
                math.fsum(rate.found.estimate for rate in fresh),
                math.fsum(low for low, _ in ends),
                math.fsum(high for _, high in ends),
            )
        named = ", ".join(rate.firm for rate in fresh)
        found.append(
            measure(
                f"revenue_run_rate:layer_{layer}",
                f"Revenue run rate, layer of {layer}s",
                total,
                unit=_UNIT,
                method=f"Sum over firms with a figure of the last {STALE_DAYS} days; ends are sums of their "
                "ranges.",
                frame=pl.concat([rate.used for rate in fresh]) if fresh else plain.clear(),
                note=(
                    f"{named}. {_NO_RANGE if total is not None and total.low == total.high else ''}"
                    "Firms without a public figure are missing, so it is a floor. "
                    + (f"Too old to count: {', '.join(stale)}. " if stale else "")
                    + "Layers buy from each other: never add their gross revenues."
                )
                if fresh
                else f"No {layer} has a figure of the last {STALE_DAYS} days.",
            )
        )
    return tuple(found)


def _doubling(plain: pl.DataFrame, firm: str, window: Window) -> Measure:
    own = _recent(plain.filter(pl.col("entity") == firm), window)
    trend = log_linear_trend(years(own["date"].to_list()), own["value"].to_numpy())
    identifier, title = f"revenue_doubling_months:{slug(firm)}", f"Doubling time of revenue, {firm}"
    days = sorted(own["date"].to_list())
    span = (days[-1] - days[0]).days if days else 0
    found = None
    if trend is not None:
        low, high = trend.interval()
        slowest = doubling_months(low)
        fastest = doubling_months(high)
        middle = doubling_months(trend.slope)
        found = None if middle is None else Interval(middle, fastest, slowest)
        note = (
            "Slower growth than the interval's low end includes no growth, so it has no upper end."
            if slowest is None
            else ""
        )
    else:
        ends = own.group_by("date").agg(pl.col("value").log().mean()).sort("date")
        slope = _between_ends(ends) if ends.height == 2 else None
        middle = None if slope is None else doubling_months(slope)
        found = None if middle is None else Interval(middle, None, None)
        note = (
            f"Two dates {span} days apart: no interval, and a short span makes any pace look fast."
            if middle is not None
            else f"{ends.height} date{'s' if ends.height != 1 else ''}: no growth to measure."
        )
    return measure(
        identifier,
        title,
        found,
        unit="months",
        method=f"Log-linear trend over the last {GROWTH_DAYS // 365} years of figures (or the period asked "
        "for); mixture interval over error memory (see trend).",
        frame=own,
        note=note,
    )


def _economies(plain: pl.DataFrame, window: Window) -> tuple[Measure, ...]:
    found: dict[str, Interval | None] = {}
    counts: dict[str, int] = {}
    behind: list[pl.DataFrame] = []
    measures = []
    for economy in ("closed", "open"):
        members = []
        for name in firms_in(economy=economy):
            own = _recent(plain.filter(pl.col("entity") == name), window)
            ends = own.group_by("date").agg(pl.col("value").log().mean()).sort("date")
            if ends.height >= 2:
                members.append((name, own, ends))
        slopes = []
        spans: list[float] = []
        for _, own, ends in members:
            trend = log_linear_trend(years(own["date"].to_list()), own["value"].to_numpy())
            slopes.append(_between_ends(ends) if trend is None else trend.slope)
            dates = ends["date"].to_list()
            spans.append((dates[-1] - dates[0]).days / DAYS_PER_YEAR)
        mean = weighted_mean(np.array(slopes) / math.log(2), spans) if members else None
        found[economy] = mean
        counts[economy] = len(members)
        behind += [own for _, own, _ in members]
        measures.append(
            measure(
                f"revenue_growth:{economy}",
                f"Growth of revenue in the {economy} economy",
                mean,
                unit="doublings a year",
                method="Mean of the firms' log-linear growth rates, weighted by years observed; Student "
                "interval over firms.",
                frame=pl.concat([own for _, own, _ in members]) if members else plain.clear(),
                n=counts[economy],
                note=(
                    f"{len(members)} firm{'' if len(members) == 1 else 's'}: "
                    f"{', '.join(name for name, _, _ in members)}. {_footing(spans)}"
                    f"{_ONE_FIRM if len(members) == 1 else ''}Firms with two "
                    "public figures, and so the fast growing, are over-represented, the young most of all."
                )
                if members
                else "No firm with two figures.",
            )
        )
    closed, opened = found["closed"], found["open"]
    apart: Interval | None = None
    probability: float | None = None
    doubt = ""
    if closed is not None and opened is not None:
        apart = Interval(closed.estimate - opened.estimate, None, None)
        rates = (closed.estimate, opened.estimate)
        sides = _as_trend(closed, counts["closed"]), _as_trend(opened, counts["open"])
        if sides[0] is not None and sides[1] is not None:
            between = difference(sides[0], sides[1])
            apart = Interval(between.estimate, between.low, between.high)
            probability = between.probability_above_zero
            doubt = f"{TOO_FEW_APART} " if cannot_tell_apart(between.low, between.high, *rates) else ""
    measures.append(
        measure(
            "revenue_growth_difference",
            "Growth of closed revenue less that of open revenue",
            apart,
            unit="doublings a year",
            method="Difference of the two means, taken as independent.",
            frame=pl.concat(behind) if behind else plain.clear(),
            n=sum(counts.values()),
            note=doubt
            + (_ONE_FIRM if 1 in counts.values() else "")
            + "Firms of different age and size are compared, and few of them: growth slows with size, so "
            "equal growth of small open firms and large closed labs is no tie."
            if apart is not None
            else "One economy has no growth to compare.",
        )
    )
    measures.append(probability_measure(measures[-1], probability))
    return tuple(measures)


def _footing(spans: list[float]) -> str:
    """Say how short the spans of years are from which yearly growth is computed; empty for whole years."""
    days = sorted(round(span * DAYS_PER_YEAR) for span in spans)
    if days[0] >= DAYS_OF_A_YEAR:
        return ""
    return (
        f"Put on a yearly footing from {days[0]} to {days[-1]} days of figures a firm. "
        if len(days) > 1
        else f"Put on a yearly footing from {days[0]} days of figures. "
    )


def _concentration(latest: dict[str, RunRate], plain: pl.DataFrame) -> tuple[Measure, ...]:
    newest = max((rate.date for rate in latest.values()), default=None)
    labs = [
        latest[name]
        for name in firms_in(economy="closed", layer="lab")
        if name in latest and newest is not None and (newest - latest[name].date).days <= 2 * STALE_DAYS
    ]
    ranges = [
        (rate.found.low or rate.found.estimate, rate.found.estimate, rate.found.high or rate.found.estimate)
        for rate in labs
    ]
    used = pl.concat([rate.used for rate in labs]) if labs else plain.clear()
    dated = ", ".join(f"{rate.firm} ({rate.date:%Y-%m})" for rate in labs)
    missing = "Google publishes no revenue of its models, so the true figure is lower."
    built_in = {
        herfindahl: f"Of {len(labs)} labs it cannot fall below {1 / max(len(labs), 1):.2f}.",
        largest_share: "" if len(labs) > 3 else f"With {len(labs)} labs counted it is 1 by construction.",
    }
    alone = {
        herfindahl: all(low == high for low, _, high in ranges),
        largest_share: False,
    }
    stale = [
        f"{name} ({latest[name].date:%Y-%m})"
        for name in firms_in(economy="closed", layer="lab")
        if name in latest and latest[name] not in labs
    ]
    aged = f"Too old to count: {', '.join(stale)}." if stale else ""
    named = (
        ("hhi_closed_revenue", "Concentration of closed revenue (HHI)", herfindahl, "0 to 1"),
        ("cr3_closed_revenue", "Share of the three largest in closed revenue", largest_share, "fraction"),
    )
    return tuple(
        measure(
            identifier,
            title,
            over_ranges(ranges, figure) if len(labs) >= 2 else None,
            unit=unit,
            method="Over the labs' last run rates; the ends are the extremes over their contradicting "
            "figures.",
            frame=used,
            n=len(labs),
            note=" ".join(
                filter(
                    None,
                    (
                        f"{dated}.",
                        aged,
                        built_in[figure],
                        _NO_RANGE.strip() if alone[figure] else "",
                        missing,
                    ),
                )
            )
            if len(labs) >= 2
            else "Fewer than two labs have a figure.",
        )
        for identifier, title, figure, unit in named
    )


def _api_share(observations: Observations, window: Window, latest: dict[str, RunRate]) -> Measure:
    frame = rows(
        observations,
        "revenue_share_api",
        "revenue_share_enterprise_api",
        "api_revenue_usd_bn",
        window=window,
        also=("projection",),
    )
    parts: list[tuple[str, tuple[float, float, float], RunRate]] = []
    missing = []
    for lab in firms_in(economy="closed", layer="lab"):
        own = frame.filter(pl.col("entity") == lab)
        shares = [
            end
            for row in own.filter(pl.col("unit") == "fraction").iter_rows(named=True)
            for end in (row["value"], row["low"], row["high"])
            if end is not None
        ]
        yearly = rows(observations, "revenue_year_usd_bn", window=window).filter(
            pl.col("entity") == lab, pl.col("value") > 0
        )
        for row in own.filter(pl.col("series") == "api_revenue_usd_bn").iter_rows(named=True):
            same = yearly.filter(pl.col("date").dt.year() == row["date"].year)["value"]
            shares += [row["value"] / value for value in same]
        shares = [share for share in shares if 0 <= share <= 1]
        if shares and lab in latest:
            parts.append(
                (lab, (min(shares), float(np.mean([min(shares), max(shares)])), max(shares)), latest[lab])
            )
        elif lab in latest:
            missing.append(lab)
    total = math.fsum(rate.found.estimate for _, _, rate in parts)
    found = None
    if parts:
        found = Interval(
            *(
                math.fsum(share[end] * rate.found.estimate for _, share, rate in parts) / total
                for end in (1, 0, 2)
            )
        )
    described = ", ".join(f"{lab} {share[0]:.2f} to {share[2]:.2f}" for lab, share, _ in parts)
    return measure(
        "api_share_of_closed_revenue",
        "Share of the API in closed revenue",
        found,
        unit="fraction",
        method="Each lab's range of published shares, its middle taken, weighted by run rate; ends from the "
        "ranges.",
        frame=frame.filter(pl.col("entity").is_in([lab for lab, _, _ in parts])),
        note=(
            f"{described}. Figures of different scope (Anthropic's includes enterprise seats and Claude "
            "Code, and a "
            "projection)." + (f" No share is known for {', '.join(missing)}." if missing else "")
        )
        if parts
        else "No lab has both a run rate and a published share.",
    )


def _valuations(observations: Observations, window: Window, plain: pl.DataFrame) -> tuple[Measure, ...]:
    worth = rows(observations, "valuation_usd_bn", window=window, also=("talks",)).filter(
        pl.col("unit") == "USD billion post-money", pl.col("value") > 0
    )
    found = []
    for firm in worth["entity"].unique(maintain_order=True).to_list():
        own = worth.filter(pl.col("entity") == firm)
        settled = own.filter(
            pl.col("exclude").is_null(), pl.col("basis").is_null() | (pl.col("basis") != "talks")
        )
        last = (settled if settled.height else own).tail(1)
        row = last.row(0, named=True)
        talk = " From talks, not a closed round." if not settled.height else ""
        found.append(
            measure(
                f"valuation:{slug(firm)}",
                f"Valuation, {firm}",
                Interval(row["value"], row["low"], row["high"]),
                unit="USD billion, after the money",
                method="Last round, sale or market capitalisation; ends as published.",
                frame=last,
                note=f"Basis: {row['basis'] or 'not stated'}.{talk}"
                + (f" {row['note'][:1].upper()}{row['note'][1:]}." if row["note"] else ""),
            )
        )
        wide = str(row["basis"] or "").startswith(WIDER_SCOPE)
        rates = plain.filter(
            pl.col("entity") == firm, pl.col("basis").fill_null("").str.starts_with(WIDER_SCOPE) == wide
        ).with_columns(days=(pl.col("date") - row["date"]).dt.total_days().abs())
        nearest = rates.filter(pl.col("days") == pl.col("days").min(), pl.col("days") <= MATCH_DAYS)
        rate = _typical(nearest["value"]) if nearest.height else None
        ends = sorted({*nearest["value"], *nearest["low"].drop_nulls(), *nearest["high"].drop_nulls()})
        ends = [end for end in ends if end > 0]
        found.append(
            measure(
                f"ev_to_revenue:{slug(firm)}",
                f"Valuation over revenue, {firm}",
                None
                if rate is None
                else Interval(
                    row["value"] / rate,
                    (row["low"] or row["value"]) / ends[-1] if len(ends) > 1 or row["low"] else None,
                    (row["high"] or row["value"]) / ends[0] if len(ends) > 1 or row["high"] else None,
                ),
                unit="x yearly run rate",
                method=f"Last valuation over the run rate nearest to it, at most {MATCH_DAYS} days away.",
                frame=pl.concat([last, nearest.drop("days")]),
                note=(f"Equity value, cash not taken off; run rate of {nearest['date'][0]:%Y-%m}.{talk}")
                if rate is not None
                else "No ratio: the valuation covers more than the revenue does "
                f"({row['note'] or row['basis']})."
                if wide
                else f"No run rate within {MATCH_DAYS} days of {row['date']}.",
            )
        )
    return tuple(found)


def _as_trend(mean: Interval, firms_counted: int) -> Trend | None:
    """Return a mean over firms as the Student distribution that its interval came from."""
    if mean.high is None or firms_counted < 2:
        return None
    scale = (mean.high - mean.estimate) / float(stdtrit(firms_counted - 1, 0.5 + 0.5 * LEVEL))
    return Trend(
        np.ones(1), np.array([mean.estimate]), np.array([scale]), firms_counted - 1, firms_counted, 0.0, 0.0
    )


def _between_ends(ends: pl.DataFrame) -> float:
    first, last = ends.row(0, named=True), ends.row(-1, named=True)
    return float((last["value"] - first["value"]) / ((last["date"] - first["date"]).days / DAYS_PER_YEAR))


def _recent(own: pl.DataFrame, window: Window) -> pl.DataFrame:
    last = own["date"].max()
    if window.start is not None or not isinstance(last, dt.date):
        return own
    return own.filter(pl.col("date") >= last - dt.timedelta(days=GROWTH_DAYS))


def _rates(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("value") > 0, pl.col("unit") == _PER_YEAR)


def _typical(figures: pl.Series) -> float:
    """Return the geometric mean of positive figures, exactly the figure where there is one."""
    return (
        float(figures[0]) if figures.n_unique() == 1 else math.exp(float(np.log(figures.to_numpy()).mean()))
    )


FAMILY = Family(
    id="revenue",
    title="Revenue, its growth and concentration, and what the firms are worth",
    run=run,
    figures=("revenue",),
    chief=(
        "revenue_run_rate:openai",
        "revenue_run_rate:anthropic",
        "revenue_run_rate:layer_host",
        "revenue_growth:closed",
        "revenue_growth:open",
        "revenue_growth_difference",
        "hhi_closed_revenue",
        "api_share_of_closed_revenue",
    ),
)
