"""The commodity test: whether one model costs the same wherever it is served."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from twocurves.observed.measures.intervals import median, variation
from twocurves.observed.measures.market_offers import (
    DIRECT_KINDS,
    catalogue_sources,
    market_offers,
    one_per_seller,
    window_note,
)
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.rows import Origin, measure, rows
from twocurves.observed.tables import Observations

#: Fewest sellers of one model for a dispersion.
FEWEST_SELLERS = 5

#: The unit of prices as it stands in the names of details.
_PRICE = "usd_per_million_output_tokens"

#: Prices within this share of the median count as at it.
AT_MEDIAN = 0.01


def run(observations: Observations, window: Window, *, offers: pl.DataFrame | None = None) -> Measured:
    """Measure how far the prices of one model lie apart, for open and for closed models.

    Parameters
    ----------
    offers
        A table of offers in place of the installed catalogue's.
    """
    table = market_offers(observations, offers, window)
    sellers = one_per_seller(table)
    by_model = _by_model(sellers), _by_model(sellers.filter(pl.col("provider_kind").is_in(DIRECT_KINDS)))
    summary = dispersion(sellers)
    origin = Origin(catalogue_sources(table), window_note(table, window))
    opened = summary.filter(pl.col("open"), pl.col("hosts") >= FEWEST_SELLERS).sort(
        "hosts", "model", descending=[True, False]
    )
    closed = summary.filter(~pl.col("open"), pl.col("sellers") >= FEWEST_SELLERS).sort(
        "sellers", "model", descending=[True, False]
    )
    measures = (
        _middle(
            "host_price_dispersion",
            "Dispersion of one open model's price over its hosts, median model",
            opened,
            "cv_hosts",
            origin,
            "Without resellers. " + _agreement(observations, summary),
        ),
        _middle(
            "host_price_dispersion_with_resellers",
            "Dispersion of one open model's price over all sellers, median model",
            opened,
            "cv_sellers",
            origin,
            "",
        ),
        _middle(
            "provider_price_dispersion_closed",
            "Dispersion of one closed model's price over its sellers, median model",
            closed,
            "cv_sellers",
            origin,
            "Sellers of a closed model pass on its maker's list: alike prices there are no sign of "
            "competition. Median share of sellers at the median price: "
            f"{_share(closed, 'at_median_sellers')}, for open models and their hosts "
            f"{_share(opened, 'at_median_hosts')}. ",
        ),
        _index(origin),
        *(_one(row, *by_model, origin, hosts=True) for row in opened.iter_rows(named=True)),
        *(_one(row, *by_model, origin, hosts=False) for row in closed.iter_rows(named=True)),
    )
    return Measured(
        measures, {"host_prices": host_prices(sellers), "host_dispersion": pl.concat([opened, closed])}
    )


def host_prices(sellers: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model and firm for the chart: the prices that the measures count.

    Parameters
    ----------
    sellers
        As :func:`~twocurves.observed.measures.market_offers.one_per_seller` returns.
    """
    return sellers.with_columns(
        direct=pl.col("provider_kind").is_in(DIRECT_KINDS),
    ).sort("model", "output", "firm")


def dispersion(sellers: pl.DataFrame) -> pl.DataFrame:
    """Summarise the output prices of each model over its sellers.

    Parameters
    ----------
    sellers
        As :func:`~twocurves.observed.measures.market_offers.one_per_seller` returns.

    Returns
    -------
    pl.DataFrame
        Per model: number of ``hosts`` (which serve it themselves) and of ``sellers`` (all); ``low, middle,
        high`` of the hosts' prices; coefficients of variation ``cv_hosts`` and ``cv_sellers``; shares of
        hosts and sellers within :data:`AT_MEDIAN` of their median; the maker's own price; ``released``.
    """
    direct = pl.col("provider_kind").is_in(DIRECT_KINDS)
    output, at_hosts = pl.col("output"), pl.col("output").filter(direct)
    return sellers.group_by("model", "open").agg(
        direct.sum().alias("hosts"),
        pl.len().alias("sellers"),
        at_hosts.min().alias("low"),
        at_hosts.median().alias("middle"),
        at_hosts.max().alias("high"),
        (at_hosts.std() / at_hosts.mean()).alias("cv_hosts"),
        (output.std() / output.mean()).alias("cv_sellers"),
        ((at_hosts / at_hosts.median() - 1.0).abs() <= AT_MEDIAN).mean().alias("at_median_hosts"),
        ((output / output.median() - 1.0).abs() <= AT_MEDIAN).mean().alias("at_median_sellers"),
        output.filter("first_party").median().alias("makers_price"),
        pl.col("released").min(),
        pl.col("date").max(),
    )


def _by_model(sellers: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {own["model"][0]: own for own in sellers.partition_by("model") if own.height}


def _one(
    row: dict[str, Any],
    all_sellers: Mapping[str, pl.DataFrame],
    direct_sellers: Mapping[str, pl.DataFrame],
    origin: Origin,
    *,
    hosts: bool,
) -> Measure:
    own = all_sellers[row["model"]]
    direct = direct_sellers.get(row["model"], own.clear())
    counted = direct if hosts else own
    served = variation(direct["output"].to_numpy())
    resold = variation(own["output"].to_numpy())
    found = served if hosts else resold
    prices = counted["output"]
    makers = row["makers_price"]
    said = [
        f"{_usd(prices.min())} to {_usd(prices.max())}, median {_usd(prices.median())} USD per million "
        "output tokens.",
        f"Maker's own price {_usd(makers)}." if makers is not None else "The maker does not sell it here.",
    ]
    if hosts and resold is not None:
        said.append(f"With resellers {resold.estimate:.2f} over {own.height} sellers.")
    if not hosts:
        said.append(
            f"Without resellers {served.estimate:.2f} over {direct.height}."
            if served is not None
            else "Too few sell it who are not resellers."
        )
    if found is not None and found.low is None:
        said.append("All ask the same, so there is no interval.")
    elif found is not None and found.high is None:
        said.append("So few and so far apart that the interval has no upper end.")
    return measure(
        f"{'host' if hosts else 'provider'}_price_dispersion:{row['model']}",
        f"Dispersion of the price of {row['model']} over {'hosts' if hosts else 'sellers'}",
        found,
        unit="coefficient of variation",
        method="Standard deviation over mean of output list prices, one per "
        f"{'host' if hosts else 'seller'}; Bonett's interval on logarithms.",
        frame=counted,
        origin=origin,
        details={
            "hosts": direct.height,
            "sellers": own.height,
            **{
                f"{name}_{_PRICE}": _number(price)
                for name, price in (
                    ("lowest", prices.min()),
                    ("median", prices.median()),
                    ("highest", prices.max()),
                    ("makers", makers),
                )
            },
            "variation_without_resellers": None if served is None else served.estimate,
            "variation_with_resellers": None if resold is None else resold.estimate,
            "share_at_median": row["at_median_hosts" if hosts else "at_median_sellers"],
        },
        note=" ".join(said),
    )


def _middle(
    identifier: str, title: str, summary: pl.DataFrame, column: str, origin: Origin, note: str
) -> Measure:
    values = summary[column].drop_nulls().drop_nans()
    return measure(
        identifier,
        title,
        median(values.to_numpy()),
        unit="coefficient of variation",
        method=f"Median over models with {FEWEST_SELLERS} or more sellers; interval between order "
        "statistics.",
        frame=summary,
        n=len(values),
        origin=origin if len(values) else Origin(()),
        details={
            "models": len(values),
            "share_at_median": _number(summary[column.replace("cv", "at_median")].median()),
        },
        note=(
            note + "List prices of one day; hosts differ in speed, context and quantisation, so some "
            "dispersion is no friction."
        )
        if len(values)
        else f"No model has {FEWEST_SELLERS} sellers in the catalogue as it was known.",
    )


def _index(origin: Origin) -> Measure:
    return measure(
        "host_price_index",
        "Index of host prices over time",
        None,
        unit="index",
        method="None: an index needs the same offers at two dates.",
        frame=pl.DataFrame(schema={"date": pl.Date}),
        origin=origin,
        note="The catalogue is one snapshot without price dates, so it tells nothing of change; later "
        "snapshots can be compared with this one.",
    )


def _agreement(observations: Observations, summary: pl.DataFrame) -> str:
    published = rows(observations, "host_output_price_median", window=Window()).filter(
        pl.col("model").is_not_null()
    )
    both = published.join(summary.filter("open"), on="model", how="inner")
    if both.is_empty():
        return ""
    near = int((np.abs(np.log((both["value"] / both["middle"]).to_numpy())) <= math.log(1.1)).sum())
    return f"Medians agree within a tenth with those in the observations for {near} of {both.height} models. "


def _share(summary: pl.DataFrame, column: str) -> str:
    middle = summary[column].median()
    return "unknown" if middle is None else f"{100 * float(middle):.0f}%"  # type: ignore[arg-type]


def _number(price: object) -> float | None:
    return price if isinstance(price, float) else None


def _usd(price: object) -> str:
    return f"{price:.3g}" if isinstance(price, float) else "unknown"


FAMILY = Family(
    id="commodity",
    title="The commodity test: one model, many sellers",
    run=run,
    figures=("host_prices",),
    chief=("host_price_dispersion", "provider_price_dispersion_closed"),
)
