"""The catalogue of series: what each measures, in which unit, and what to know before use."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from twocurves.errors import BadFileError

if TYPE_CHECKING:
    import polars as pl

    from twocurves.observed.tables import Observations

#: Families of series, in the order in which they are listed.
FAMILIES = ("capability", "price", "usage", "revenue", "compute", "market")

#: Family under which series that the catalogue does not know are listed.
OTHER = "imported"


@dataclass(frozen=True, slots=True)
class Series:
    """One catalogued series.

    Attributes
    ----------
    name
        Its name in the tables.
    title
        A few words for a table row.
    family
        One of :data:`FAMILIES`.
    units
        Units that its rows may have.
    meaning
        What a value says.
    caveat
        What to know before quoting it; empty when nothing.
    scale
        ``log``, ``logit`` or ``linear``: the scale on which its errors are about even.
    credit
        The credit that its licence asks for on every use; empty when none.
    single_refit
        All its rows come from one later fit or count, so real time can only be imitated.
    lowest, highest
        Range of its values, in its unit; None where there is no bound.
    above_lowest
        The lowest value itself is not allowed.
    valid_from, valid_to
        Days between which its method holds, both included; None without limit.
    never_join
        Series of another method with which it must not be spliced.
    """

    name: str
    title: str
    family: str
    units: tuple[str, ...]
    meaning: str
    caveat: str = ""
    scale: str = "linear"
    credit: str = ""
    single_refit: bool = False
    lowest: float | None = None
    highest: float | None = None
    above_lowest: bool = False
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    never_join: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def series_catalogue() -> Mapping[str, Series]:
    """Read ``data/series.toml`` once; series by name.

    Raises
    ------
    BadFileError
        An entry has a family that is none of :data:`FAMILIES`.
    """
    text = (resources.files("twocurves.observed") / "data" / "series.toml").read_text(encoding="utf-8")
    found: dict[str, Series] = {}
    for name, entry in tomllib.loads(text).items():
        if entry["family"] not in FAMILIES:
            raise BadFileError(
                f"series.toml: {name} has the family {entry['family']!r}, which is none.",
                field=f"series.toml {name}",
                given=entry["family"],
                allowed=FAMILIES,
            )
        unit = entry.pop("unit")
        units = (unit,) if isinstance(unit, str) else tuple(unit)
        never_join = tuple(entry.pop("never_join", ()))
        if entry["scale"] == "logit":
            entry = {"lowest": 0.0, "highest": 1.0, **entry}
        for bound in ("lowest", "highest"):
            if bound in entry:
                entry[bound] = float(entry[bound])
        found[name] = Series(name=name, units=units, never_join=never_join, **entry)
    return found


def describe_series(held: Observations | None = None) -> pl.DataFrame:
    """Return one row per series, in order of family and name.

    Parameters
    ----------
    held
        The observations to describe; everything packaged and the user's own when left out.

    Returns
    -------
    pl.DataFrame
        ``series``, ``title``, ``family``, ``rows``, ``from``, ``to`` (days described, null where undated),
        ``days_old`` (from the last day described to the last of all the data), ``unit`` (several joined by
        ``;``), ``entities`` (number), ``left_out`` (rows excluded by default), ``conflicts`` (rows
        contradicted), ``pseudo_real_time``, ``sources`` (number), ``credit``.
    """
    import polars as pl

    from twocurves.observed.tables import observations

    held = observations() if held is None else held
    catalogue = series_catalogue()
    families = {name: entry.family for name, entry in catalogue.items()}
    order = pl.Enum([*FAMILIES, OTHER])
    end = held.frame["date"].max()
    return (
        held.frame.group_by("series")
        .agg(
            pl.len().alias("rows"),
            pl.col("date").min().alias("from"),
            pl.col("date").max().alias("to"),
            (pl.lit(end, pl.Date) - pl.col("date").max()).dt.total_days().alias("days_old"),
            pl.col("unit").drop_nulls().unique().sort().str.join("; ").alias("unit"),
            pl.col("entity").n_unique().alias("entities"),
            pl.col("exclude").count().alias("left_out"),
            pl.col("conflict").sum().alias("conflicts"),
            pl.col("pseudo_real_time").any(),
            pl.col("source").n_unique().alias("sources"),
        )
        .with_columns(
            family=pl.col("series").replace_strict(families, default=OTHER, return_dtype=order),
            title=_text(catalogue, "title"),
            credit=_text(catalogue, "credit"),
        )
        .sort("family", "series")
        .with_columns(pl.col("family").cast(pl.String))
        .select(
            "series",
            "title",
            "family",
            "rows",
            "from",
            "to",
            "days_old",
            "unit",
            "entities",
            "left_out",
            "conflicts",
            "pseudo_real_time",
            "sources",
            "credit",
        )
    )


def series_rows(name: str, held: Observations | None = None) -> pl.DataFrame:
    """Return the rows of one series by date; see :meth:`Observations.series` for what is raised."""
    from twocurves.observed.tables import observations

    held = observations() if held is None else held
    return held.series(name).sort("date", "entity", nulls_last=True, maintain_order=True)


def _text(catalogue: Mapping[str, Series], attribute: str) -> pl.Expr:
    import polars as pl

    texts = {name: str(getattr(entry, attribute)) for name, entry in catalogue.items()}
    return pl.col("series").replace_strict(texts, default="", return_dtype=pl.String)
