"""Prices: how fast they fall at fixed capability, whether lists are cut at all, and what flagships cost.

Own estimates join list prices to the Epoch Capabilities Index by model. The catalogue's list prices are those
of May 2026 set at each model's release date. So they tell what a *newly released* model of given capability
costs, not what an old one cost when it was new: a model whose list was cut since (o3 opened at four times its
later price) looks cheap too early, and falls look too slow.

The bias is not the same for both economies. A closed lab's list mostly stays as it was until the model is
withdrawn, so closed lists at release dates come near to a history. Whoever sells open weights re-prices old
models by today's competition, so that in one snapshot the price of a given capability rises much less with
its age (see the vintage gradient in :mod:`~twocurves.observed.measures.premium`), however fast prices fell.
The difference of the two falls is therefore printed but not judged until enough prices are dated.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from twocurves.months import Month, months_from
from twocurves.observed.measures.intervals import Interval, weighted_mean
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.rows import (
    Origin,
    hindsight,
    measure,
    probability_measure,
    rows,
    slug,
    sources_of,
)
from twocurves.observed.measures.thin import TOO_FEW_APART, cannot_tell_apart
from twocurves.observed.measures.trend import Trend, difference, log_linear_trend, years
from twocurves.observed.tables import Observations

#: Input tokens for each output token in a blended price, the convention of most price comparisons.
INPUT_PER_OUTPUT = 3.0

#: Levels of the index for which the cheapest price is followed.
LEVELS = (115, 120, 125, 130, 135, 140, 145, 150, 155)

#: A flagship beats its maker's best by at least this many points of the index.
FLAGSHIP_STEP_POINTS = 1.0

#: Fewest models for the regression of price on capability and date.
FEWEST_MODELS = 8

#: Fewest flagships for their trend.
FEWEST_FLAGSHIPS = 8

#: The reason for which the observations set the catalogue's prices aside; accepted here, and said.
_LATER_PRICE = "later price"

_USD = "USD per M tokens"
_LOG2 = math.log(2.0)
_REPRICED = "Sellers of open weights re-price old models, which hides how far the price fell."
_SNAPSHOT = (
    "List prices of the catalogue's day at release dates: prices of newly released models, not a history. "
)


def run(observations: Observations, window: Window) -> Measured:
    """Measure the fall of prices at fixed capability, changes of lists, and the price of flagships."""
    models = priced_models(observations, window)
    origin = _origin(observations, models)
    envelopes = {level: price_envelope(models, level) for level in LEVELS}
    flagships = flagship_models(models)
    return Measured(
        measures=(
            *_at_fixed_capability(models, origin),
            *(_at_level(level, models, envelope, origin) for level, envelope in envelopes.items()),
            *_published(observations, window),
            _like_for_like(observations, window),
            _same_names(observations, window),
            *(_flagship_trend(flagships, economy, origin) for economy in ("closed", "open")),
        ),
        tables={
            "price_frontier": pl.concat(
                [
                    envelope.select(
                        pl.lit(level, pl.Int64).alias("eci_level"), "date", "price", "model", "economy"
                    )
                    for level, envelope in envelopes.items()
                ]
            ),
            "flagship_prices": flagships,
        },
    )


def priced_models(observations: Observations, window: Window) -> pl.DataFrame:
    """Return models that have both a list price and a score.

    One row per model: of several prices, one that is dated counts before one from the later catalogue, then
    the earliest. Prices of zero or less are left out.

    Returns
    -------
    pl.DataFrame
        ``model, maker, economy, date, eci, input, output, price, dated`` in USD per million tokens, by date;
        ``price`` is blended at :data:`INPUT_PER_OUTPUT`, ``dated`` says that it was the price on that date. A
        model's score is the best of its rows.
    """
    lists = rows(
        observations, "list_price_input", "list_price_output", window=window, also=(_LATER_PRICE,)
    ).filter(pl.col("unit") == _USD, pl.col("value") > 0, pl.col("model").is_not_null())
    key = ("entity", "model", "maker", "economy", "date", "exclude")
    side = pl.col("series")
    priced = (
        lists.group_by(key)
        .agg(
            pl.col("value").filter(side == "list_price_input").mean().alias("input"),
            pl.col("value").filter(side == "list_price_output").mean().alias("output"),
        )
        .drop_nulls(["input", "output", "economy"])
        .sort(pl.col("exclude").is_not_null(), "date", "entity")
        .unique("model", keep="first", maintain_order=True)
    )
    scores = rows(observations, "eci", window=Window()).filter(pl.col("model").is_not_null())
    best = scores.group_by("model").agg(pl.col("value").max().alias("eci"))
    return (
        priced.join(best, on="model", how="inner")
        .with_columns(
            price=(INPUT_PER_OUTPUT * pl.col("input") + pl.col("output")) / (INPUT_PER_OUTPUT + 1.0),
            dated=pl.col("exclude").is_null(),
        )
        .select("model", "maker", "economy", "date", "eci", "input", "output", "price", "dated")
        .sort("date", "model")
    )


def price_envelope(models: pl.DataFrame, level: float) -> pl.DataFrame:
    """Return the cheapest blended price that reaches a level of the index, month by month.

    Returns
    -------
    pl.DataFrame
        ``date`` (last day of the month), ``price``, and the ``model`` and ``economy`` that offer it, from the
        month in which the level was first reached to that of the last priced model of any level.
    """
    reaching = models.filter(pl.col("eci") >= level).sort("date", "price")
    empty = pl.DataFrame(
        schema={"date": pl.Date, "price": pl.Float64, "model": pl.String, "economy": pl.String}
    )
    first, last = reaching["date"].min(), models["date"].max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return empty
    months = [month.last_day for month in months_from(Month.containing(first), Month.containing(last))]
    records = reaching.filter(pl.col("price") == pl.col("price").cum_min()).select(
        "date", "price", "model", "economy"
    )
    return pl.DataFrame({"date": months}, schema={"date": pl.Date}).join_asof(
        records, on="date", strategy="backward"
    )


def flagship_models(models: pl.DataFrame) -> pl.DataFrame:
    """Return each maker's flagships: models that beat its best by :data:`FLAGSHIP_STEP_POINTS` or more.

    Of several on one day the cheapest counts, so that the slow and dear variants of a model do not stand for
    it. Columns as :func:`priced_models`.
    """
    chosen = []
    for maker in models.sort("date", "price").partition_by("maker", maintain_order=True):
        best = -math.inf
        day: dt.date | None = None
        for row in maker.iter_rows(named=True):
            if row["eci"] >= best + FLAGSHIP_STEP_POINTS and row["date"] != day:
                chosen.append(row)
                day = row["date"]
            best = max(best, row["eci"])
    return pl.DataFrame(chosen, schema=models.schema).sort("maker", "date")


def decline_at_fixed_capability(models: pl.DataFrame) -> Trend | None:
    """Return the trend of the logarithm of price over release dates, capability held fixed.

    The regression ``log(price) = a + b * ECI + slope * year``; None for fewer than
    :data:`FEWEST_MODELS` models.
    """
    if models.height < FEWEST_MODELS:
        return None
    return log_linear_trend(
        years(models["date"].to_list()), models["price"].to_numpy(), [models["eci"].to_numpy()]
    )


def yearly_fall(trend: Trend) -> Interval:
    """Return a logarithmic slope as the factor by which a price is divided in a year."""
    low, high = trend.interval()
    return Interval(math.exp(-trend.slope), math.exp(-high), math.exp(-low))


def _at_fixed_capability(models: pl.DataFrame, origin: Origin) -> tuple[Measure, ...]:
    method = (
        f"Regression of log list price (blended {INPUT_PER_OUTPUT:g}:1) on ECI and release date; mixture "
        "interval over error memory (see trend)."
    )
    measures = []
    trends: dict[str, Trend | None] = {}
    for name, chosen, what in (
        ("all", models, "all models"),
        ("closed", models.filter(pl.col("economy") == "closed"), "closed models"),
        ("open", models.filter(pl.col("economy") == "open"), "open models, makers' own price"),
    ):
        trend = trends[name] = decline_at_fixed_capability(chosen)
        few = f"{chosen.height} models have a list price and a score; {FEWEST_MODELS} are needed."
        measures.append(
            measure(
                f"price_decline:{name}",
                f"Fall of prices at fixed capability, {what}",
                None if trend is None else yearly_fall(trend),
                unit="x a year",
                method=method,
                frame=chosen,
                origin=origin,
                yearly=True,
                note=_SNAPSHOT
                + "Errors of the index are not carried through, which understates the fall a little."
                if trend is not None
                else few,
            )
        )
        if name != "all":
            halvings = None
            if trend is not None:
                low, high = trend.interval()
                halvings = Interval(*(-bound / _LOG2 for bound in (trend.slope, high, low)))
            measures.append(
                measure(
                    f"price_growth:{name}",
                    f"Halvings of price at fixed capability, {what}",
                    halvings,
                    unit="halvings a year",
                    method=method,
                    frame=chosen,
                    origin=origin,
                    yearly=True,
                    note=_SNAPSHOT + (_REPRICED if name == "open" else "") if trend is not None else few,
                )
            )
    closed, opened = trends["closed"], trends["open"]
    apart = probability = None
    doubt = ""
    if closed is not None and opened is not None:
        # Halvings are falls, so the open slope less the closed one is the closed fall less the open one.
        turned = difference(opened, closed)
        apart = Interval(turned.estimate / _LOG2, turned.low / _LOG2, turned.high / _LOG2)
        probability = turned.probability_above_zero
        rates = (-closed.slope / _LOG2, -opened.slope / _LOG2)
        doubt = f"{TOO_FEW_APART} " if cannot_tell_apart(apart.low, apart.high, *rates) else ""
    measures.append(
        measure(
            "price_growth_difference",
            "Halvings of closed prices less those of open prices",
            apart,
            unit="halvings a year",
            method="Difference of the two regressions' distributions, taken as independent.",
            frame=models,
            origin=origin,
            yearly=True,
            note=doubt
            + _SNAPSHOT
            + "Sellers of open weights re-price old models, so their fall is hidden; the difference is too "
            "large."
            if apart is not None
            else "One economy has too few priced models.",
        )
    )
    judged = probability_measure(measures[-1], probability)
    dated = models.filter("dated").group_by("economy").len().to_dict(as_series=False)
    counts = dict(zip(dated["economy"], dated["len"], strict=True))
    if probability is not None and min(counts.get(side, 0) for side in ("closed", "open")) < FEWEST_MODELS:
        judged = replace(
            judged,
            estimate=None,
            note="Open prices have no history: sellers re-price old models, so a snapshot at release dates "
            f"hides their fall. Dated prices with a score: {counts.get('closed', 0)} closed and "
            f"{counts.get('open', 0)} open; {FEWEST_MODELS} of each are needed to judge.",
        )
    measures.append(judged)
    return tuple(measures)


def _at_level(level: int, models: pl.DataFrame, envelope: pl.DataFrame, origin: Origin) -> Measure:
    reaching = models.filter(pl.col("eci") >= level)
    cuts = envelope["price"].n_unique()
    trend = None
    if cuts >= 3:
        trend = log_linear_trend(years(envelope["date"].to_list()), envelope["price"].to_numpy())
    if trend is not None:
        first, last = envelope["price"][0], envelope["price"][-1]
        note = (
            f"The cheapest fell from {first:.2f} to {last:.2f} USD per million tokens in {envelope.height} "
            f"months, in {cuts - 1} steps. A lower envelope: it falls with the number of models offered "
            f"too. {_SNAPSHOT}"
        )
    elif reaching.is_empty():
        note = "No priced model reaches this level."
    else:
        note = f"Lowest prices since the level was first reached: {cuts}; three are needed."
    return measure(
        f"price_decline:eci_{level}",
        f"Fall of the cheapest price that reaches ECI {level}",
        None if trend is None else yearly_fall(trend),
        unit="x a year",
        method="Log-linear trend through the monthly lower envelope of list prices; mixture interval over "
        "error memory (see trend).",
        frame=envelope,
        n=reaching.height,
        origin=origin,
        yearly=True,
        note=note,
    )


def _published(observations: Observations, window: Window) -> tuple[Measure, ...]:
    found = rows(observations, "price_decline_at_fixed_capability", window=window).filter(
        pl.col("unit") == "x per year", pl.col("value") > 0
    )
    mean = weighted_mean(np.log(found["value"].to_numpy()))
    pooled = None
    if mean is not None:
        low = None if mean.low is None else math.exp(mean.low)
        high = None if mean.high is None else math.exp(mean.high)
        pooled = Interval(math.exp(mean.estimate), low, high)
    rates = sorted(found["value"].to_list())
    single = [
        measure(
            f"price_decline:published_{slug(row['entity'])}",
            f"Fall of prices at fixed capability, as published: {row['entity']}",
            Interval(row["value"], row["low"], row["high"]),
            unit="x a year",
            method="As published" + (f" ({row['note']})." if row["note"] else "."),
            frame=found.filter(pl.col("row") == row["row"]),
            note="" if row["low"] is not None else "Published without an interval.",
        )
        for row in found.iter_rows(named=True)
    ]
    return (
        measure(
            "price_decline:published",
            "Fall of prices at fixed capability, published rates",
            pooled,
            unit="x a year",
            method="Geometric mean over published rates; Student interval over them.",
            frame=found,
            note=f"From {rates[0]:g} to {rates[-1]:g}: the rate depends on the milestone. Several share one "
            "data set, so the interval is too narrow."
            if pooled is not None
            else "No published rate in this period.",
        ),
        *single,
    )


def _like_for_like(observations: Observations, window: Window) -> Measure:
    found = rows(observations, "like_for_like_median_input_price", window=window).filter(
        pl.col("value") > 0, pl.col("unit") == _USD
    )
    trend = log_linear_trend(years(found["date"].to_list()), found["value"].to_numpy())
    return measure(
        "list_price_change:like_for_like",
        "Change of list prices of the same models",
        None if trend is None else _monthly(trend),
        unit="fraction a month",
        method="Log-linear trend of the median input price of one fixed set of models; mixture interval "
        "over error memory (see trend).",
        frame=found,
        note="The same names throughout: what lists do to a buyer who stays. The fall at fixed "
        "capability comes from new models, not from cuts."
        if trend is not None
        else f"{found['date'].n_unique()} dates; three are needed.",
    )


def _same_names(observations: Observations, window: Window) -> Measure:
    found = rows(observations, "list_price_input", window=window).filter(
        pl.col("value") > 0, pl.col("unit") == _USD
    )
    repeated = found.filter(pl.col("date").n_unique().over("entity") >= 2)
    slopes, spans = [], []
    for own in repeated.partition_by("entity", maintain_order=True):
        when = years(own["date"].to_list())
        prices = own.group_by("date", maintain_order=True).agg(pl.col("value").mean())["value"]
        span = float(when[-1] - when[0])
        slopes.append(math.log(prices[-1] / prices[0]) / span / 12.0)
        spans.append(span)
    mean = weighted_mean(slopes, spans)
    changed = None
    if mean is not None:
        changed = Interval(
            math.expm1(mean.estimate),
            None if mean.low is None else math.expm1(mean.low),
            None if mean.high is None else math.expm1(mean.high),
        )
    return measure(
        "list_price_change:same_names",
        "Change of list prices under names listed at several dates",
        changed,
        unit="fraction a month",
        method="Mean over names of the log change from first to last date, weighted by time; Student "
        "interval over names.",
        frame=repeated,
        n=len(slopes),
        note="A handful of well-known names, some of which were pointed at newer models in between."
        if changed is not None
        else "No name is listed at two dates.",
    )


def _flagship_trend(flagships: pl.DataFrame, economy: str, origin: Origin) -> Measure:
    chosen = flagships.filter(pl.col("economy") == economy)
    repeated = chosen.filter(pl.len().over("maker") >= 2)
    makers = repeated["maker"].unique(maintain_order=True).to_list()
    dummies = [(repeated["maker"] == maker).cast(pl.Float64).to_numpy() for maker in makers[1:]]
    trend = None
    if repeated.height >= FEWEST_FLAGSHIPS:
        trend = log_linear_trend(years(repeated["date"].to_list()), repeated["price"].to_numpy(), dummies)
    return measure(
        "flagship_price_trend" if economy == "closed" else f"flagship_price_trend:{economy}",
        f"Change of the list price of flagships, {economy}",
        None if trend is None else _grown(trend),
        unit="x a year",
        method=f"Log-linear trend of the blended list price with a level per maker ({len(makers)} makers); "
        "mixture interval over error memory (see trend).",
        frame=repeated,
        origin=origin,
        yearly=True,
        note=f"A flagship beats its maker's best by {FLAGSHIP_STEP_POINTS:g} ECI point; capability rises "
        f"along the way. {_SNAPSHOT}"
        if trend is not None
        else f"{repeated.height} flagships of makers with two or more; {FEWEST_FLAGSHIPS} are needed.",
    )


def _grown(trend: Trend) -> Interval:
    low, high = trend.interval()
    return Interval(math.exp(trend.slope), math.exp(low), math.exp(high))


def _monthly(trend: Trend) -> Interval:
    low, high = trend.interval()
    return Interval(*(math.expm1(bound / 12.0) for bound in (trend.slope, low, high)))


def _origin(observations: Observations, models: pl.DataFrame) -> Origin:
    names: Sequence[str] = models["model"].to_list()
    used = observations.frame.filter(
        pl.col("series").is_in(["list_price_input", "list_price_output", "eci"]), pl.col("model").is_in(names)
    )
    return Origin(sources_of(used), hindsight(used))


FAMILY = Family(
    id="prices",
    title="Prices: at fixed capability, like for like, of flagships",
    run=run,
    figures=("price_frontier", "flagship_prices"),
    chief=(
        "price_decline:all",
        "price_decline:closed",
        "price_decline:open",
        "price_growth_difference",
        "price_decline:published",
        "list_price_change:like_for_like",
        "flagship_price_trend",
    ),
)
