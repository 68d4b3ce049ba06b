"""A run in a sentence: how fast both economies grow, and who captures more at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.captured import share_open_more
from twocurves.ensemble.columns import full_years, yearly
from twocurves.ensemble.outcome_table import outcome_table
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.spread import Spread


@dataclass(frozen=True, slots=True)
class Headline:
    """How fast both economies grow between two years, in each draw, and who captures more at the end.

    Attributes
    ----------
    first, last
        The years; a year is the mean of its months kept.
    closed, open
        Growth of net revenue a year; -100% in a draw that ends with none or a loss, and left out where the
        first year has none.
    capability_closed, capability_open
        Gain in capability a year, in ECI points.
    open_faster, open_more
        Share of the draws in which the open economy's net revenue grows faster; in which it is larger in the
        last year (None: the measures were not kept).
    lag
        Months by which open trails closed in the last year.
    """

    first: int
    last: int
    closed: Spread
    open: Spread
    open_faster: float
    open_more: float
    capability_closed: Spread | None
    capability_open: Spread | None
    lag: Spread | None

    @property
    def sentence(self) -> str:
        """The headline in one sentence."""
        more = round(20 * self.open_more)
        return (
            f"From {self.first} to {self.last} the closed labs' net revenue grows {_growth(self.closed)} and "
            f"the open economy's {_growth(self.open)}; in {self.last} the open economy captures more in "
            f"{more} of 20 futures."
        )

    @property
    def second_sentence(self) -> str:
        """Capability and lag in one sentence; empty when they were not kept."""
        if self.capability_closed is None or self.capability_open is None or self.lag is None:
            return ""
        return (
            f"The best closed model gains {self.capability_closed.median:.1f} points of capability a year, "
            f"the best open one {self.capability_open.median:.1f}; in {self.last} open trails by "
            f"{self.lag.median:.0f} months ({self.lag.low:.0f} to {self.lag.high:.0f})."
        )

    def as_record(self) -> dict[str, Any]:
        """Return the headline's figures as ``--json`` prints them."""
        spreads = {
            "net_revenue_growth_closed": self.closed,
            "net_revenue_growth_open": self.open,
            "capability_gain_closed": self.capability_closed,
            "capability_gain_open": self.capability_open,
            "lag_months": self.lag,
        }
        return {
            "from": self.first,
            "to": self.last,
            "open_grows_faster": self.open_faster,
            "open_captures_more": self.open_more,
            **{name: None if one is None else one.as_record() for name, one in spreads.items()},
        }


def headline(run: StoredRun) -> Headline | None:
    """Return the growth of both economies and who captures more; None when a run keeps too little for it."""
    years = full_years(run)
    names = ("net_revenue_closed", "net_revenue_open")
    if len(years) < 2 or not set(names) <= set(run.plan.measures) or not run.counts.ok:
        return None
    last = max(year for year in years if year <= max(outcome_table().captured_in, years[0] + 1))
    known = run.plan.data_to.year
    first = known if known in years and known < last else years[0]
    more = [
        name for name in ("capability_closed", "capability_open", "lag_months") if name in run.plan.measures
    ]
    found = yearly(run, [*names, *more], (first, last))
    span = last - first
    growth = {name: _yearly_growth(found[name], span) for name in names}
    both = np.isfinite(growth[names[0]]) & np.isfinite(growth[names[1]])
    faster = growth[names[1]][both] > growth[names[0]][both]

    def gain(name: str) -> Spread | None:
        return Spread.of((found[name][:, 1] - found[name][:, 0]) / span) if name in found else None

    return Headline(
        first=first,
        last=last,
        closed=Spread.of(growth[names[0]]),
        open=Spread.of(growth[names[1]]),
        open_faster=float(faster.mean()) if len(faster) else float("nan"),
        open_more=share_open_more(found[names[0]][:, 1], found[names[1]][:, 1]),
        capability_closed=gain("capability_closed"),
        capability_open=gain("capability_open"),
        lag=Spread.of(found["lag_months"][:, 1]) if "lag_months" in found else None,
    )


def _yearly_growth(figures: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return growth a year; -100% where a positive figure became none or a loss, NaN where it never was."""
    first, last = figures[:, 0], np.maximum(figures[:, 1], 0.0)
    ratio = np.divide(last, first, out=np.full(len(first), np.nan), where=first > 0)
    return np.asarray(ratio ** (1.0 / span) - 1.0)


def _growth(spread: Spread) -> str:
    if not spread.draws:
        return "at a rate that no draw gives"
    low, median, high = (
        f"{100 * value:.0f}".replace("-", "−") for value in (spread.low, spread.median, spread.high)
    )
    return f"{median}% a year ({low} to {high}%)"
