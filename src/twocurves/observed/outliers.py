"""Rows far beyond everything held of their series: they may be right, and someone should look."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from twocurves.observed.series import series_catalogue


def outlying(frame: pl.DataFrame, held: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield row and remark of every row that lies far outside the range of the rows held.

    On a logarithmic scale that is a multiple of the highest or a fraction of the lowest value held, on a
    linear one a number of widths of the range beyond it; both numbers are in ``data/limits.toml``. Shares
    have bounds of their own and are not looked at.

    Parameters
    ----------
    frame, held
        Rows of the long table, new ones and those there are already.
    """
    from twocurves.observed.schema import limits

    rule = limits()["outliers"]
    key = ["series", "unit"]
    ranges = (
        _usable(held)
        .group_by(key)
        .agg(count=pl.len(), lowest=pl.col("value").min(), highest=pl.col("value").max())
        .filter(pl.col("count") >= rule["fewest_held"])
    )
    scales = {name: entry.scale for name, entry in series_catalogue().items()}
    scaled = (
        _usable(frame)
        .join(ranges, on=key, how="inner", maintain_order="left")
        .with_columns(scale=pl.col("series").replace_strict(scales, default="log", return_dtype=pl.String))
    )
    positive = (pl.col("scale") == "log") & (pl.col("lowest") > 0)
    linear = pl.col("scale").is_in(["linear", "log"]) & ~positive
    value, lowest, highest = pl.col("value"), pl.col("lowest"), pl.col("highest")
    room = rule["greatest_widths"] * (highest - lowest)
    far = scaled.filter(
        (positive & ((value > rule["greatest_ratio"] * highest) | (value * rule["greatest_ratio"] < lowest)))
        | (linear & ((value > highest + room) | (value < lowest - room)))
    )
    for row in far.iter_rows(named=True):
        yield (
            row["row"],
            f"value {row['value']:g} lies far {'above' if row['value'] > row['highest'] else 'below'} the "
            f"{row['count']} rows held of {row['series']} ({row['lowest']:g} to {row['highest']:g}); "
            f"is the unit {row['unit']!r}?",
        )


def _usable(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("exclude").is_null(), pl.col("value").is_not_null())
