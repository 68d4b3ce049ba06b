"""The premium: how much dearer a closed model is than open ones of the same measured capability."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit

from twocurves.observed.measures.draws import REPLICATIONS, SEED
from twocurves.observed.measures.intervals import Interval, proportion
from twocurves.observed.measures.market_offers import (
    DIRECT_KINDS,
    catalogue_sources,
    market_offers,
    one_per_seller,
    window_note,
)
from twocurves.observed.measures.measure import LEVEL, Family, Measure, Measured, Window
from twocurves.observed.measures.rows import Origin, hindsight, measure, probability_measure, rows, sources_of
from twocurves.observed.measures.trend import Trend, difference, log_linear_trend, years
from twocurves.observed.tables import Observations
from twocurves.randomness import uniforms

#: Models are matched when their scores lie within this many points of the index.
CALIPER_POINTS = 3.0

#: Input tokens for each output token in a blended price.
INPUT_PER_OUTPUT = 3.0

#: Models released in this many days before the newest count as recent.
RECENT_DAYS = 365

#: Fewest models of an economy for its vintage gradient.
FEWEST_FOR_VINTAGE = 8

#: Fewest matched closed models for a premium.
FEWEST_MATCHED = 3


@dataclass(frozen=True, slots=True)
class Matched:
    """Closed and open models with their prices, and who is matched with whom.

    Attributes
    ----------
    closed_logs, open_logs
        Logarithm of the blended price, shapes ``(closed,)`` and ``(open,)``.
    closed_makers, open_makers
        Number of the maker of each.
    match
        True where a pair is within the caliper, shape ``(closed, open)``.
    """

    closed_logs: NDArray[np.float64]
    open_logs: NDArray[np.float64]
    closed_makers: NDArray[np.int64]
    open_makers: NDArray[np.int64]
    match: NDArray[np.bool_]


def run(observations: Observations, window: Window, *, offers: pl.DataFrame | None = None) -> Measured:
    """Measure the closed premium at matched capability, and how it depends on the choices made.

    Parameters
    ----------
    offers
        A table of offers in place of the installed catalogue's.
    """
    table = market_offers(observations, offers, window)
    models = scored_prices(table, observations)
    origin = _origin(observations, table, models, window)
    newest = models["released"].max()
    recent = models.filter(pl.col("released").dt.offset_by(f"{RECENT_DAYS}d") >= newest) if newest else models
    cheapest = models.with_columns(input="lowest_input", output="lowest_output")
    chosen = [
        ("", "", models, CALIPER_POINTS, INPUT_PER_OUTPUT),
        *(
            (f":caliper_{points:g}", f"caliper of {_points(points)}", models, points, INPUT_PER_OUTPUT)
            for points in (1.0, 5.0)
        ),
        *(
            (
                f":blend_{weight:g}_to_1",
                f"{weight:g} input token{'' if weight == 1 else 's'} per output token",
                models,
                CALIPER_POINTS,
                weight,
            )
            for weight in (1.0, 10.0)
        ),
        (":recent", "models of the last year only", recent, CALIPER_POINTS, INPUT_PER_OUTPUT),
        (":cheapest_host", "open models at their cheapest host", cheapest, CALIPER_POINTS, INPUT_PER_OUTPUT),
    ]
    measures = [
        *(
            _measure(
                f"premium_at_matched_capability{name}",
                f"Premium of closed over open{', ' if said else ''}{said}",
                premium(prices, caliper, weight),
                prices,
                origin,
                f"Differs from the chief figure in one choice: {said}. " if said else "",
                caliper=caliper,
                weight=weight,
                hosts="cheapest" if prices is cheapest else "median",
            )
            for name, said, prices, caliper, weight in chosen
        ),
        _as_capable(models, origin),
        _cheaper(models, origin),
        *_vintage(models, origin),
        *_published(observations, window),
    ]
    return Measured(tuple(measures), {"premium_pairs": pairs(models, CALIPER_POINTS, INPUT_PER_OUTPUT)})


def scored_prices(table: pl.DataFrame, observations: Observations) -> pl.DataFrame:
    """Return one row per model with a score and a price.

    A closed model's price is its maker's own; an open one's the median over firms that serve it.

    Returns
    -------
    pl.DataFrame
        ``model, maker, open, eci, input, output, lowest_input, lowest_output, sellers, released, date``.
    """
    sellers = one_per_seller(table).filter(pl.col("provider_kind").is_in(DIRECT_KINDS))
    counted = sellers.filter(pl.col("open") | pl.col("first_party"))
    scores = rows(observations, "eci", window=Window()).filter(pl.col("model").is_not_null())
    best = scores.group_by("model").agg(pl.col("value").max().alias("eci"))
    return (
        counted.group_by("model", "maker", "open")
        .agg(
            pl.col("input").median(),
            pl.col("output").median(),
            pl.col("input").min().alias("lowest_input"),
            pl.col("output").min().alias("lowest_output"),
            pl.len().alias("sellers"),
            pl.col("released").min(),
            pl.col("date").max(),
        )
        .join(best, on="model", how="inner")
        .sort("model")
    )


def matched(models: pl.DataFrame, caliper: float, input_per_output: float) -> Matched:
    """Match closed with open models on the index; see :class:`Matched`."""
    blended = (input_per_output * pl.col("input") + pl.col("output")) / (input_per_output + 1.0)
    logs = models.select(blended.log()).to_series().to_numpy()
    scores, opened = models["eci"].to_numpy(), models["open"].to_numpy()
    makers = np.array([maker or "" for maker in models["maker"]], dtype=str)
    apart = np.abs(np.subtract.outer(scores[~opened], scores[opened]))
    return Matched(
        logs[~opened],
        logs[opened],
        _numbered(makers[~opened]),
        _numbered(makers[opened]),
        apart <= caliper,
    )


def premium(
    models: pl.DataFrame, caliper: float, input_per_output: float, level: float = LEVEL
) -> tuple[Interval, int, int] | None:
    """Return the premium with its interval, and how many closed and open models it rests on.

    For each closed model with at least one match: the log of its price less the mean log price of the open
    models matched with it; then the mean, exponentiated. The interval resamples makers on both sides (models
    of one maker are priced together) and takes the Student quantile of the smaller number of makers.

    None for fewer than :data:`FEWEST_MATCHED` matched closed models.
    """
    given = matched(models, caliper, input_per_output)
    count = int(given.match.any(axis=1).sum())
    opened = int(given.match.any(axis=0).sum())
    if count < FEWEST_MATCHED:
        return None
    estimate = float(
        _log_premium(given, np.ones((1, len(given.closed_logs))), np.ones((1, len(given.open_logs))))[0]
    )
    makers = (
        len(set(given.closed_makers[given.match.any(axis=1)].tolist())),
        len(set(given.open_makers[given.match.any(axis=0)].tolist())),
    )
    if min(makers) < 2:
        return Interval(math.exp(estimate), None, None), count, opened
    drawn = _log_premium(
        given,
        _resampled("premium/closed", given.closed_makers),
        _resampled("premium/open", given.open_makers),
    )
    spread = float(np.nanstd(drawn, ddof=1))
    half = float(stdtrit(min(makers) - 1, 0.5 + 0.5 * level)) * spread
    return Interval(math.exp(estimate), math.exp(estimate - half), math.exp(estimate + half)), count, opened


def pairs(models: pl.DataFrame, caliper: float, input_per_output: float) -> pl.DataFrame:
    """Return the matched closed models: ``model, maker, eci, price, open_price, matches, ratio``."""
    given = matched(models, caliper, input_per_output)
    counts = given.match.sum(axis=1)
    with np.errstate(invalid="ignore"):
        level = np.where(counts > 0, (given.match @ given.open_logs) / np.maximum(counts, 1), np.nan)
    closed = models.filter(~pl.col("open"))
    return (
        closed.select("model", "maker", "eci")
        .with_columns(
            price=pl.Series(np.exp(given.closed_logs), dtype=pl.Float64),
            open_price=pl.Series(np.exp(level), dtype=pl.Float64),
            matches=pl.Series(counts, dtype=pl.Int64),
        )
        .with_columns(ratio=pl.col("price") / pl.col("open_price"))
        .filter(pl.col("matches") > 0)
        .sort("eci")
    )


def _measure(
    identifier: str,
    title: str,
    found: tuple[Interval, int, int] | None,
    models: pl.DataFrame,
    origin: Origin,
    remark: str,
    *,
    caliper: float = CALIPER_POINTS,
    weight: float = INPUT_PER_OUTPUT,
    hosts: str = "median",
) -> Measure:
    note = (
        f"{found[1]} closed models against {found[2]} open ones. {remark}List prices per token, "
        "not cost per task: models that think longer use more tokens, and buyers pay less than list where "
        "they cache."
        if found is not None
        else f"{remark}Fewer than {FEWEST_MATCHED} closed models have an open match."
    )
    return measure(
        identifier,
        title,
        None if found is None else found[0],
        unit="ratio of prices",
        method=f"Closed models at their maker's price against open ones at the {hosts} of direct hosts, "
        "matched "
        f"within {_points(caliper, 'ECI ')}, blended {weight:g}:1, geometric mean; bootstrap over makers.",
        frame=models,
        n=0 if found is None else found[1],
        origin=origin,
        details={} if found is None else {"closed_models": found[1], "open_models": found[2]},
        note=note,
    )


def _points(count: float, of: str = "") -> str:
    """Write a number of points of the index, one of them in the singular."""
    return f"{count:g} {of}point{'' if count == 1 else 's'}"


def _as_capable(models: pl.DataFrame, origin: Origin) -> Measure:
    priced = models.with_columns(
        price=(INPUT_PER_OUTPUT * pl.col("input") + pl.col("output")) / (INPUT_PER_OUTPUT + 1.0)
    )
    opened = priced.filter("open").select("eci", "price").rows()
    logs, beaten = [], 0
    for eci, price in priced.filter(~pl.col("open")).select("eci", "price").iter_rows():
        as_capable = [asked for score, asked in opened if score >= eci]
        if as_capable:
            logs.append(math.log(price / min(as_capable)))
        else:
            beaten += 1
    found = None
    if len(logs) >= FEWEST_MATCHED:
        middle = float(np.median(logs))
        found = Interval(math.exp(middle), math.exp(min(logs)), math.exp(max(logs)))
    return measure(
        "premium_over_cheapest_as_capable",
        "Price of a closed model over the cheapest open one at least as capable",
        found,
        unit="ratio of prices",
        method="Median over closed models; the ends are the lowest and the highest, not a confidence "
        "interval.",
        frame=models,
        n=len(logs),
        origin=origin,
        note=f"{beaten} closed models have no open equal on the index and are left out."
        if found is not None
        else "Fewer than three closed models have an open equal.",
    )


def _cheaper(models: pl.DataFrame, origin: Origin) -> Measure:
    table = pairs(models, CALIPER_POINTS, INPUT_PER_OUTPUT)
    cheaper = table.filter(pl.col("ratio") > 1.0).height
    return measure(
        "open_cheaper_at_matched_capability",
        "Closed models whose open matches are cheaper",
        proportion(cheaper, table.height) if table.height else None,
        unit="fraction of matched closed models",
        method=f"Share with a premium above one, caliper {_points(CALIPER_POINTS)}; Wilson interval.",
        frame=models,
        n=table.height,
        origin=origin,
        note="Models of one maker are not independent, so the interval is too narrow."
        if table.height
        else "No closed model has an open match.",
    )


def _vintage(models: pl.DataFrame, origin: Origin) -> tuple[Measure, ...]:
    """Measure how much more an older model of equal capability costs today, in each economy."""
    dated = models.drop_nulls("released").with_columns(
        price=(INPUT_PER_OUTPUT * pl.col("input") + pl.col("output")) / (INPUT_PER_OUTPUT + 1.0)
    )
    measures: list[Measure] = []
    trends: list[Trend | None] = []
    for economy in ("closed", "open"):
        chosen = dated.filter(pl.col("open") == (economy == "open"))
        trend = None
        if chosen.height >= FEWEST_FOR_VINTAGE:
            trend = log_linear_trend(
                years(chosen["released"].to_list()), chosen["price"].to_numpy(), [chosen["eci"].to_numpy()]
            )
        found = None
        if trend is not None:
            low, high = trend.interval()
            found = Interval(*(-bound / math.log(2.0) for bound in (trend.slope, high, low)))
        trends.append(trend)
        measures.append(
            measure(
                f"vintage_gradient:{economy}",
                f"How much dearer a year of age makes a model of equal capability, {economy} models",
                found,
                unit="doublings of price",
                method="Regression of today's log price on ECI and release date; mixture interval over "
                "error memory (see trend).",
                frame=chosen,
                origin=origin,
                note="Near zero where sellers re-price old models by today's competition, far above where "
                "a list stays as it was."
                if found is not None
                else f"{chosen.height} models with a price and a score; {FEWEST_FOR_VINTAGE} are needed.",
            )
        )
    first, second = trends
    between = None if first is None or second is None else difference(second, first)
    apart = None
    if between is not None:
        apart = Interval(*(end / math.log(2.0) for end in (between.estimate, between.low, between.high)))
    measures.append(
        measure(
            "vintage_gradient_difference",
            "Vintage gradient of closed less that of open models",
            apart,
            unit="doublings of price",
            method="Difference of the two regressions' distributions, taken as independent.",
            frame=dated,
            origin=origin,
            note="A commodity's price does not depend on its vintage."
            if apart is not None
            else "One economy has too few models.",
        )
    )
    measures.append(
        probability_measure(measures[-1], None if between is None else between.probability_above_zero)
    )
    return tuple(measures)


def _origin(observations: Observations, table: pl.DataFrame, models: pl.DataFrame, window: Window) -> Origin:
    """Return where offers and scores of these models come from; nothing without models."""
    if models.is_empty():
        return Origin(())
    scores = rows(observations, "eci", window=Window()).filter(
        pl.col("model").is_in(models["model"].implode())
    )
    said = " ".join(filter(None, (window_note(table, window), hindsight(scores))))
    return Origin((*sources_of(scores), *catalogue_sources(table)), said)


def _published(observations: Observations, window: Window) -> tuple[Measure, ...]:
    ratio = rows(observations, "closed_open_price_premium", window=window).filter(pl.col("value") > 0)
    discount = rows(observations, "open_discount", window=window).filter(
        pl.col("value").is_between(0.0, 0.999)
    )
    ends = [1.0 / (1.0 - value) for value in discount["value"]]
    last = ratio.tail(1)
    return (
        measure(
            "premium:published_average",
            "Price of closed over open, average paid, as published",
            Interval(last["value"][0], last["low"][0], last["high"][0]) if last.height else None,
            unit="ratio of prices",
            method="As published.",
            frame=last,
            note="Over what is used, not at matched capability: users of closed models choose dearer, "
            "better ones."
            if last.height
            else "Nothing published in this period.",
        ),
        measure(
            "premium:published_discount",
            "Price of closed over open, from published discounts",
            Interval(float(np.exp(np.log(ends).mean())), min(ends), max(ends)) if ends else None,
            unit="ratio of prices",
            method="One over one less the discount; geometric mean, ends the lowest and highest.",
            frame=discount,
            note="Authors differ in what they hold fixed." if ends else "Nothing published in this period.",
        ),
    )


def _log_premium(
    given: Matched, closed_weights: NDArray[np.float64], open_weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean log premium for each row of weights, NaN where nothing is matched."""
    match = given.match.astype(np.float64)
    mass = open_weights @ match.T
    level = (open_weights * given.open_logs) @ match.T
    weight = np.where(mass > 0, closed_weights, 0.0)
    apart = np.where(mass > 0, given.closed_logs - level / np.where(mass > 0, mass, 1.0), 0.0)
    total = weight.sum(axis=1)
    return np.where(total > 0, (weight * apart).sum(axis=1) / np.where(total > 0, total, 1.0), np.nan)


def _resampled(name: str, makers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how often each model counts in each draw of makers, shape ``(draws, models)``."""
    count = int(makers.max()) + 1
    drawn = (uniforms(SEED, f"measure/{name}", 0, REPLICATIONS, count) * count).astype(np.int64)
    times = np.zeros((REPLICATIONS, count))
    np.add.at(times, (np.arange(REPLICATIONS)[:, None], drawn), 1.0)
    return times[:, makers]


def _numbered(makers: NDArray[np.str_]) -> NDArray[np.int64]:
    _, numbers = np.unique(makers, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64)


FAMILY = Family(
    id="premium",
    title="The premium of closed over open models of the same capability",
    run=run,
    figures=("premium_pairs",),
    chief=(
        "premium_at_matched_capability",
        "open_cheaper_at_matched_capability",
        "vintage_gradient:closed",
        "vintage_gradient:open",
    ),
)
