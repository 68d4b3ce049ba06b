"""The schema of the long table, as Pandera checks it, and the rules that every row must keep.

Importing this module imports Pandera; only checks, imports and tests need it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import pandera.polars as pa
import polars as pl

from twocurves.errors import nearest
from twocurves.observed.series import series_catalogue
from twocurves.observed.tidying import ACCESS, COLUMNS, PRECISIONS
from twocurves.observed.traps import exclusions

#: Columns that no row may leave empty.
FILLED = (
    "table",
    "series",
    "entity",
    "unit",
    "source",
    "row",
    "date_precision",
    "pseudo_real_time",
    "conflict",
)

_ROUNDING = 1e-9
_SERIES_NAME = r"^[a-z0-9_:.\-]+$"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that every row must keep.

    Attributes
    ----------
    name
        Short and stable.
    kept
        True where a row keeps it; null counts as kept.
    says
        What is wrong with a row that breaks it, after the row's name.
    severity
        ``broken``: the row cannot be used; ``doubtful``: it can, and someone should look.
    """

    name: str
    kept: pl.Expr
    says: Callable[[Row], str]
    severity: str = "broken"


@lru_cache(maxsize=1)
def limits() -> Mapping[str, Any]:
    """Read ``data/limits.toml`` once."""
    text = (resources.files("twocurves.observed") / "data" / "limits.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def with_limits(frame: pl.DataFrame) -> pl.DataFrame:
    """Add to each row what is known of its series: units, range, days between which its method holds.

    Series that the catalogue does not know (``known`` is False) get the ranges by unit of ``limits.toml``.
    """
    catalogue = pl.DataFrame(
        [
            {
                "series": name,
                "known": True,
                "units": list(entry.units),
                "lowest": entry.lowest,
                "highest": entry.highest,
                "above_lowest": entry.above_lowest,
                "valid_from": entry.valid_from,
                "valid_to": entry.valid_to,
            }
            for name, entry in series_catalogue().items()
        ],
        schema={
            "series": pl.String,
            "known": pl.Boolean,
            "units": pl.List(pl.String),
            "lowest": pl.Float64,
            "highest": pl.Float64,
            "above_lowest": pl.Boolean,
            "valid_from": pl.Date,
            "valid_to": pl.Date,
        },
    )
    joined = frame.join(catalogue, on="series", how="left", maintain_order="left").with_columns(
        pl.col("known").fill_null(False),
        pl.col("above_lowest").fill_null(False),
        hint=pl.lit(None, pl.String),
    )
    free = ~pl.col("known")
    for entry in reversed(limits()["units"]):
        applies = free & pl.col("unit").str.contains(f"(?i){entry['unit']}").fill_null(False)
        joined = joined.with_columns(
            lowest=pl.when(applies).then(pl.lit(entry.get("lowest"), pl.Float64)).otherwise("lowest"),
            highest=pl.when(applies).then(pl.lit(entry.get("highest"), pl.Float64)).otherwise("highest"),
            hint=pl.when(applies).then(pl.lit(entry["hint"])).otherwise("hint"),
        )
    return joined


def row_rules(today: dt.date) -> tuple[RowRule, ...]:
    """Return the rules; ``today`` is the day after which a date lies in the future."""
    value, low, high = pl.col("value"), pl.col("low"), pl.col("high")
    earliest, latest = limits()["dates"]["earliest"], limits()["dates"]["latest"]
    above = pl.when("above_lowest").then(value > pl.col("lowest")).otherwise(value >= pl.col("lowest"))
    room = _ROUNDING * pl.max_horizontal(value.abs(), low.abs(), high.abs())
    return (
        *(_filled(name) for name in ("series", "entity", "unit", "source")),
        RowRule("name of the series", pl.col("series").str.contains(_SERIES_NAME), _name_says),
        RowRule(
            "known some day",
            pl.col("known_on").is_not_null(),
            lambda _: "there is no date and no known_on, here or elsewhere in the table",
        ),
        RowRule(
            "value there",
            value.is_not_null() | pl.col("exclude").eq_missing(pl.lit("event")),
            lambda row: "value is empty; only events have none",
        ),
        RowRule(
            "low below value",
            low <= value + room,
            lambda row: f"low {row['low']} is above value {row['value']}",
        ),
        RowRule(
            "high above value",
            high >= value - room,
            lambda row: f"high {row['high']} is below value {row['value']}",
        ),
        RowRule(
            "low below high", low <= high + room, lambda row: f"low {row['low']} is above high {row['high']}"
        ),
        RowRule(
            "plausible date",
            pl.col("date").is_between(earliest, latest),
            lambda row: f"date {row['date']} lies outside {earliest} to {latest}",
        ),
        RowRule(
            "no future date",
            (pl.col("date") <= today) | (pl.col("date") > latest),
            lambda row: f"date {row['date']} lies in the future (today is {today})",
        ),
        RowRule(
            "known access",
            pl.col("access").is_in(ACCESS),
            lambda row: f"access must be open, closed or empty; it is {row['access']!r}",
        ),
        RowRule(
            "known precision",
            pl.col("date_precision").is_in(PRECISIONS),
            lambda row: (
                f"date_precision must be one of {', '.join(PRECISIONS)}; it is {row['date_precision']!r}"
            ),
        ),
        RowRule("known unit", ~pl.col("known") | pl.col("unit").is_in(pl.col("units")), _unit_says),
        RowRule("not too low", above, _range_says),
        RowRule("not too high", value <= pl.col("highest"), _range_says),
        RowRule("interval not too low", low >= pl.col("lowest"), lambda row: _bound_says(row, "low")),
        RowRule("interval not too high", high <= pl.col("highest"), lambda row: _bound_says(row, "high")),
        RowRule(
            "method holds",
            (pl.col("date") >= pl.col("valid_from")).fill_null(True)
            & (pl.col("date") <= pl.col("valid_to")).fill_null(True),
            lambda row: (
                f"date {row['date']} lies where the method of {row['series']} does not hold;"
                f" it holds{_span(row['valid_from'], row['valid_to'])}"
            ),
        ),
        RowRule(
            "known after",
            pl.col("known_on") >= pl.col("date"),
            lambda row: f"known_on {row['known_on']} lies before the date {row['date']} that it describes",
            "doubtful",
        ),
        RowRule(
            "known reason",
            pl.col("exclude").is_in(list(exclusions())),
            lambda row: (
                f"exclude {row['exclude']!r} is none of the reasons of traps.toml; the row is left out"
            ),
            "doubtful",
        ),
    )


def _filled(name: str) -> RowRule:
    return RowRule(f"{name} filled", pl.col(name).is_not_null(), lambda _: f"{name} is empty")


def table_schema() -> pa.DataFrameSchema:
    """Return the Pandera schema of the long table: its columns, their types, and which are never empty.

    What a single row must keep is in :func:`row_rules`: told by Pandera, a table in which every row is broken
    takes minutes.
    """
    columns = {
        name: pa.Column(kind, nullable=name not in FILLED or name in ("series", "entity", "unit", "source"))
        for name, kind in COLUMNS.items()
    }
    return pa.DataFrameSchema(columns, strict=False)


def _name_says(row: Row) -> str:
    near = nearest(row["series"], series_catalogue())
    hint = f"; did you mean {near!r}?" if near else ""
    return f"series must be named in small letters, digits, _ : . and -; it is {row['series']!r}{hint}"


def _span(first: dt.date | None, last: dt.date | None) -> str:
    return (f" from {first}" if first else "") + (f" to {last}" if last else " on")


def _unit_says(row: Row) -> str:
    near = nearest(str(row["unit"]), row["units"])
    hint = f"; did you mean {near!r}?" if near and len(row["units"]) > 1 else ""
    return (
        f"unit of {row['series']} must be {' or '.join(map(repr, row['units']))}; it is {row['unit']!r}{hint}"
    )


def _range_says(row: Row) -> str:
    negative = "; it is negative" if row["value"] < 0 and row["lowest"] == 0 and not row["hint"] else ""
    given = f"value {row['value']:g} must be {_range(row)}{negative}"
    if row["known"] and row["highest"] == 1.0 and 1.0 < row["value"] <= 100.0:
        return f"{given}; is it in percent?"
    return f"{given}; {row['hint']}" if row["hint"] else given


def _bound_says(row: Row, bound: str) -> str:
    return f"{bound} {row[bound]:g} must be {_range(row)}"


def _range(row: Row) -> str:
    """Return which values are allowed, to be read after "must be"."""
    low, high = row["lowest"], row["highest"]
    unit = f" ({row['unit']})" if row["unit"] else ""
    if low is None:
        return f"at most {high:g}{unit}"
    at_least = f"above {low:g}" if row["above_lowest"] else f"at least {low:g}"
    return f"{at_least}{unit}" if high is None else f"{at_least} and at most {high:g}{unit}"
