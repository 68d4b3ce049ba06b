"""The rows of the Epoch Capabilities Index, as scores of the closed and of the open economy."""

from __future__ import annotations

from typing import Literal

import polars as pl

from twocurves.observed.measures.scores import Scores
from twocurves.observed.tables import Observations

#: The dates by which models are put in order: those of their own release, or those the index lists, which
#: are a family's first release for some later versions and an announcement for o3.
Dates = Literal["released", "listed"]

UNIT = "ECI points"

ECONOMIES = ("closed", "open")


def eci_rows(observations: Observations, dates: Dates) -> pl.DataFrame:
    """Return the rows of the index that can be used, by the chosen dates."""
    held = observations.as_listed() if dates == "listed" else observations
    return held.series("eci").filter(pl.col("exclude").is_null(), pl.col("economy").is_not_null())


def eci_scores(rows: pl.DataFrame, economy: str) -> Scores:
    """Return the scores of one economy; their intervals are 90% (bootstrap over benchmarks)."""
    return Scores.from_table(rows.filter(pl.col("economy") == economy))
