"""Known traps of the tables, as rules in data: what to leave out of estimates, and days to put right."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import polars as pl

from twocurves.errors import BadFileError

_CONDITIONS = ("entity", "unit", "note", "source")
_CHANGES = ("exclude", "conflict", "basis", "price_as_of")


@dataclass(frozen=True, slots=True)
class Rule:
    """One trap: the rows it is found in and what is written into them.

    Attributes
    ----------
    trap
        What it is, in a few words.
    series
        Series that it applies to; empty for all.
    patterns
        Regular expression by column, all of which must be found in the row.
    undated
        The row has no date.
    changes
        Text by column, written where the row has none.
    """

    trap: str
    series: tuple[str, ...]
    patterns: Mapping[str, str]
    undated: bool
    changes: Mapping[str, str]


@lru_cache(maxsize=1)
def trap_rules() -> tuple[Rule, ...]:
    """Read the rules of ``data/traps.toml`` once, in order.

    Raises
    ------
    BadFileError
        A rule writes a reason for exclusion that ``exclusions`` does not list.
    """
    raw = _data("traps.toml")
    rules = []
    for entry in raw["rule"]:
        changes = {name: str(entry[name]).lower() for name in _CHANGES if name in entry}
        if "basis" in entry:
            changes["basis"] = entry["basis"]
        reason = changes.get("exclude")
        if reason is not None and reason not in raw["exclusions"]:
            raise BadFileError(
                f"traps.toml: {reason!r} is no listed exclusion.", field="traps.toml", given=reason
            )
        patterns = {name: f"(?i){entry[name]}" for name in _CONDITIONS if name in entry}
        rules.append(
            Rule(
                entry["trap"], tuple(entry.get("series", ())), patterns, entry.get("undated", False), changes
            )
        )
    return tuple(rules)


@lru_cache(maxsize=1)
def exclusions() -> Mapping[str, str]:
    """Return every reason for exclusion with its meaning."""
    reasons: dict[str, str] = _data("traps.toml")["exclusions"]
    return reasons


def set_traps(text: pl.DataFrame) -> pl.DataFrame:
    """Write what the rules say into a text table; what a row says itself stands.

    A price of another day (``price_as_of``) was known from that day on.
    """
    says_conflict = pl.col("conflict").str.to_lowercase().is_in(["true", "yes", "1"])
    text = text.with_columns(conflict=pl.when(says_conflict).then(pl.lit("true")))
    for rule in trap_rules():
        applies = pl.col("date").is_null() if rule.undated else pl.lit(True)
        if rule.series:
            applies = applies & pl.col("series").is_in(rule.series)
        for column, pattern in rule.patterns.items():
            applies = applies & pl.col(column).str.contains(pattern).fill_null(False)
        text = text.with_columns(
            pl.when(pl.col(column).is_null() & applies)
            .then(pl.lit(value))
            .otherwise(pl.col(column))
            .alias(column)
            for column, value in rule.changes.items()
        )
    return text.with_columns(known_on=pl.coalesce("known_on", "price_as_of"))


def corrected_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Move rows whose publisher lists a version under another day.

    ``date`` and ``date_listed`` must be days already. The publisher's day is kept as ``date_listed``, and
    ``note`` says why when it says nothing else.
    """
    for group in _data("releases.toml").values():
        moved = pl.DataFrame(
            [
                {"entity": entity, "date": days["listed"], "released": days["released"]}
                for entity, days in group["versions"].items()
            ],
            schema={"entity": pl.String, "date": pl.Date, "released": pl.Date},
        )
        applies = pl.col("series").is_in(group["series"]) & pl.col("released").is_not_null()
        day = pl.when(applies).then("released").otherwise("date")
        frame = (
            frame.join(moved, on=["entity", "date"], how="left", maintain_order="left")
            .with_columns(
                date=day,
                date_listed=pl.when(applies).then("date").otherwise("date_listed"),
                known_on=pl.when(applies)
                .then(pl.max_horizontal("known_on", "released"))
                .otherwise("known_on"),
                note=pl.when(applies).then(pl.coalesce("note", pl.lit(group["why"]))).otherwise("note"),
            )
            .drop("released")
        )
    return frame


@lru_cache(maxsize=2)
def _data(name: str) -> dict[str, Any]:
    text = (resources.files("twocurves.observed") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)
