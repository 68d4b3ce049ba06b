"""Who captures more value in a year, under every accounting rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.columns import full_years, yearly
from twocurves.ensemble.outcome_table import outcome_table
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.spread import Spread

#: The three accounting rules under which value captured is told, and the measures' names for them.
RULES = {"net revenue": "net_revenue", "gross profit": "gross_profit", "economic rent": "rent"}


@dataclass(frozen=True, slots=True)
class Captured:
    """What both economies capture in a year under one accounting rule, in USD billions.

    Attributes
    ----------
    rule
        In words.
    with_compute
        Whether the rent of compute used is counted in.
    closed, open
        Over the draws.
    open_more
        Share of the draws in which the open economy captures more, and more than nothing.
    """

    rule: str
    with_compute: bool
    closed: Spread
    open: Spread
    open_more: float

    def as_record(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "rule": self.rule,
            "with_compute": self.with_compute,
            "closed": self.closed.as_record(),
            "open": self.open.as_record(),
            "open_more": self.open_more,
        }


def captured(run: StoredRun) -> tuple[int, list[Captured]]:
    """Return what both economies capture, under every accounting rule whose measures a run keeps.

    Returns
    -------
    int, list of Captured
        The year, and one row for each rule with the compute layer out and in; no rows when the run ends
        before the year of the table of outcomes.
    """
    year = outcome_table().captured_in
    rules = {
        (words, compute): tuple(
            f"{rule}_{economy}{'_with_compute' * compute}" for economy in ("closed", "open")
        )
        for words, rule in RULES.items()
        for compute in (False, True)
    }
    kept = {key: names for key, names in rules.items() if set(names) <= set(run.plan.measures)}
    if year not in full_years(run) or not kept:
        return year, []
    found = yearly(run, [name for names in kept.values() for name in names], (year,))
    rows = []
    for (words, compute), (closed, opened) in kept.items():
        mine, theirs = found[closed][:, 0], found[opened][:, 0]
        rows.append(
            Captured(words, compute, Spread.of(mine), Spread.of(theirs), share_open_more(mine, theirs))
        )
    return year, rows


def share_open_more(closed: NDArray[np.float64], opened: NDArray[np.float64]) -> float:
    """Return the share of draws in which the open economy captures more, and more than nothing."""
    known = np.isfinite(closed) & np.isfinite(opened)
    more = (opened > closed) & (opened > 0)
    return float(more[known].mean()) if known.any() else float("nan")
