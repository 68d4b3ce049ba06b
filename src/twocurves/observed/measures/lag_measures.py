"""From distances between frontiers to measures, one function for each group of definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from twocurves.months import Month
from twocurves.observed.measures.distance import (
    Pair,
    both_known,
    catch_up_waits,
    gap_between_lines,
    gap_on,
    lag_at_releases,
    lag_between_lines,
    lag_on,
    lag_over_levels_within_error,
    lag_within_error,
    median_catch_up,
    weeks,
)
from twocurves.observed.measures.eci import UNIT, Dates, eci_rows, eci_scores
from twocurves.observed.measures.growth import LEAST_POINTS, Growth, estimate_growth
from twocurves.observed.measures.growth_measures import point_days
from twocurves.observed.measures.imitation import Frontier, years
from twocurves.observed.measures.measure import LEVEL, Measure
from twocurves.observed.measures.rows import hindsight, sources_of
from twocurves.observed.measures.scores import Days, Numbers, date_of
from twocurves.observed.measures.thin import cannot_tell_growth
from twocurves.observed.measures.uncertain import Uncertain, from_replications
from twocurves.observed.tables import Observations

#: The dates that a lag without a suffix is counted by. Published lags were counted by those that the index
#: lists; the figures by each version's own release stand beside them.
DEFAULT_DATES: Dates = "listed"

SUFFIX: dict[Dates, str] = {"listed": ":listed_dates", "released": ":release_dates"}

#: Replications of the scores behind the intervals of lags and gaps.
REPLICATIONS = 500

_INTERVAL = "interval: ± 1.645 times the root mean square change when scores are redrawn within their error"

_DATES_NOTE: dict[Dates, str] = {
    "listed": "Dates as the index lists them: some versions stand at their family's first release, o3 at its "
    "announcement; :release_dates has each at its own.",
    "released": "Each version at its own release, o3 at its product release.",
}

_EPOCH_METHOD = (
    "After Epoch AI's description of its own figures, but on this vintage of the index and with errors of "
    "models taken as independent, where Epoch AI resamples benchmarks for all models at once."
)

Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class Period:
    """A period as days since 1970, both included.

    Attributes
    ----------
    label
        What it adds to an id: ``@2023-01..2025-10``, or nothing.
    first, last
        Its days.
    published_on
        Day on which Epoch AI published its own figures for it, None where it did not.
    """

    label: str
    first: int
    last: int
    published_on: str | None = None


@dataclass(frozen=True)
class Setting:
    """What all lags by one set of dates share.

    Attributes
    ----------
    observations, rows
        What was known, and of it the rows of the index.
    dates
        Which dates order the models.
    measured, redrawn
        The scores as measured, and redrawn within their errors.
    vintage
        What every note says of the vintage of the scores.
    """

    observations: Observations
    rows: pl.DataFrame
    dates: Dates
    measured: Pair
    redrawn: Pair
    vintage: str

    @classmethod
    def of(cls, observations: Observations, dates: Dates) -> Setting:
        """Read the index by the chosen dates."""
        rows = eci_rows(observations, dates)
        closed, opened = eci_scores(rows, "closed"), eci_scores(rows, "open")
        redrawn = Pair.redrawn(closed, opened, "lag", REPLICATIONS)
        vintage = hindsight(rows, observations.as_of)
        return cls(observations, rows, dates, Pair.measured(closed, opened), redrawn, vintage)

    @property
    def nothing(self) -> str:
        """Why nothing can be measured, where one of the economies has no model; empty otherwise."""
        missing = [
            name
            for name, scores in (("closed", self.measured.closed), ("open", self.measured.opened))
            if not len(scores)
        ]
        return f"The index has no {' and no '.join(missing)} models by then." if missing else ""

    def build(
        self,
        identifier: str,
        title: str,
        period: Period,
        estimate: float | None,
        ends: Ends,
        *,
        unit: str,
        method: str,
        n: int,
        days: Days,
        note: str,
    ) -> Measure:
        """Build a measure that describes the months of ``days``."""
        known = estimate is not None and bool(np.isfinite(estimate)) and n > 0
        suffix = "" if self.dates == DEFAULT_DATES else SUFFIX[self.dates]
        return Measure(
            id=f"{identifier}{suffix}{period.label}",
            title=title,
            estimate=estimate if known else None,
            low=ends[0] if known else None,
            high=ends[1] if known else None,
            unit=unit,
            method=method,
            n=n,
            start=Month.containing(date_of(days.min())) if n else None,
            end=Month.containing(date_of(days.max())) if n else None,
            sources=sources_of(self.rows),
            note=" ".join(part for part in (note, _DATES_NOTE[self.dates], self.vintage) if part),
        )

    def published(self, series: str, period: Period) -> str:
        """Say what Epoch AI published for a period; empty where it published nothing, or later."""
        if not period.published_on:
            return ""
        found = self.observations.frame.filter(
            pl.col("series") == series,
            pl.col("entity").str.starts_with("Epoch"),
            pl.col("date").cast(pl.String) == period.published_on,
        )
        if not found.height:
            return ""
        figure = f"{found['value'][0]:g} {found['unit'][0]}"
        return f"Epoch AI published about {figure} ({period.published_on}) by its own method."


def averages(setting: Setting, period: Period) -> list[Measure]:
    """Return lag and gap averaged over weeks, and lag at record-setting open releases."""
    pair = setting.measured
    counted = both_known(pair, weeks(period.first, period.last))
    nothing = (
        "" if counted.size else setting.nothing or "No week of this period has a model of both economies."
    )
    lag, lag_ends = _over_weeks(lag_on, setting, counted, floor=0.0)
    gap, gap_ends = _over_weeks(gap_on, setting, counted)
    ahead = int((gap_on(pair, counted) < 0).sum()) if counted.size else 0
    leading = f"Open models were ahead in {ahead} of the weeks; these count as 0 months." if ahead else ""
    return [
        setting.build(
            "lag_months:weekly",
            "Lag of open models, averaged over weeks",
            period,
            lag,
            lag_ends,
            unit="months",
            method="mean over weeks of the time since closed models first had the best open score; "
            + _INTERVAL,
            n=counted.size,
            days=counted,
            note=nothing or " ".join(filter(None, (leading, setting.published("lag_months", period)))),
        ),
        setting.build(
            "gap_points:weekly",
            "Gap of open models, averaged over weeks",
            period,
            gap,
            gap_ends,
            unit=UNIT,
            method=f"mean over weeks of the best closed score minus the best open score; {_INTERVAL}",
            n=counted.size,
            days=counted,
            note=nothing or setting.published("eci_gap_points", period),
        ),
        _at_releases(setting, period),
    ]


def _at_releases(setting: Setting, period: Period) -> Measure:
    estimate: float | None = None
    ends: Ends = (None, None)
    count = 0
    if not setting.nothing:
        lags, counts = lag_at_releases(setting.measured, period.first, period.last)
        count = int(counts[0])
        if count:
            estimate = float(lags[0])
            ends = interval_of(estimate, lag_at_releases(setting.redrawn, period.first, period.last)[0], 0.0)
    return setting.build(
        "lag_months:releases",
        "Lag of open models at the release of each record-setting one",
        period,
        estimate,
        ends,
        unit="months",
        method="mean over open releases above every open model of an earlier day of the time since closed "
        f"models first had their score, 0 where they had not; {_INTERVAL}",
        n=count,
        days=np.array([period.first, period.last]),
        note="" if count else setting.nothing or "No open model set a record in this period.",
    )


def by_significance(setting: Setting, period: Period) -> list[Measure]:
    """Return the lags by which open models are level once they are not significantly worse."""
    pair = setting.measured
    counted = both_known(pair, weeks(period.first, period.last))
    if counted.size:
        counted = counted[np.isfinite(lag_within_error(pair, counted)[0])]
    lag, ends = _over_weeks(lag_within_error, setting, counted, floor=0.0)
    about = " ".join(filter(None, (_EPOCH_METHOD, setting.published("lag_months", period))))
    never = setting.nothing or "In no week was any closed model within the error of the best open one."
    results = [
        setting.build(
            "lag_months:within_error",
            "Lag of open models to the last closed one not significantly better, averaged over weeks",
            period,
            lag,
            ends,
            unit="months",
            method="mean over weeks of the time since the best closed model was last not significantly "
            f"better than the best open one; {_INTERVAL}",
            n=counted.size,
            days=counted,
            note=about if counted.size else never,
        )
    ]
    steps = 0
    estimate: float | None = None
    step_ends: Ends = (None, None)
    if not setting.nothing:
        means, counts = lag_over_levels_within_error(pair, period.first, period.last)
        steps = int(counts[0])
        if steps:
            again = lag_over_levels_within_error(setting.redrawn, period.first, period.last)[0]
            estimate, step_ends = float(means[0]), interval_of(float(means[0]), again, 0.0)
    if steps or not period.label:
        results.append(
            setting.build(
                "lag_months:levels_within_error",
                "Time until open models were not significantly worse, averaged over levels of the index",
                period,
                estimate,
                step_ends,
                unit="months",
                method="mean over rises of the closed frontier, by height, of the time until an open model "
                f"was not significantly worse; rises not yet caught up with left out; {_INTERVAL}",
                n=steps,
                days=np.array([period.first, period.last]),
                note=about
                if steps
                else setting.nothing or "No rise of the closed frontier was caught up with.",
            )
        )
    return results


def between_lines(setting: Setting, period: Period) -> list[Measure]:
    """Return the horizontal and the vertical distance between the lines through the two frontiers."""
    frontiers = {
        "closed": Frontier.of(setting.measured.closed, period.first, period.last),
        "open": Frontier.of(setting.measured.opened, period.first, period.last),
    }
    lines = {name: estimate_growth(frontier, f"lag/lines/{name}") for name, frontier in frontiers.items()}
    closed, opened = lines["closed"], lines["open"]
    found: dict[str, Uncertain | None] = {"lag": None, "gap": None}
    drift = {"lag": "", "gap": ""}
    days = np.zeros(0, dtype=np.int64)
    note = setting.nothing or (
        f"One of the economies has fewer than {LEAST_POINTS} record-setting models: no line."
    )
    if closed is not None and opened is not None:
        days = np.concatenate([point_days(closed), point_days(opened)])
        both_from = max(point_days(closed).min(), point_days(opened).min())
        middle = (both_from + period.last) / 2
        at = float(years(middle))
        found = {
            "lag": _from_lines(lag_between_lines, closed, opened, at),
            "gap": _from_lines(gap_between_lines, closed, opened, at),
        }
        note = f"As of {Month.containing(date_of(middle))}, the middle of the period"
        drift = {"lag": _lag_drift(closed, opened), "gap": _gap_drift(closed, opened)}
    return [
        setting.build(
            identifier,
            title,
            period,
            None if (distance := found[which]) is None else distance.estimate,
            _ends(distance),
            unit=unit,
            method="distance between the least-squares lines through record-setting models; interval from "
            "imitated frontiers",
            n=days.size,
            days=days,
            note=" ".join(filter(None, (_doubt(distance), f"{note}{drift[which]}"))),
        )
        for identifier, title, which, unit in (
            ("lag_months:frontiers", "Lag between the lines through the two frontiers", "lag", "months"),
            ("gap_points:frontiers", "Gap between the lines through the two frontiers", "gap", UNIT),
        )
    ]


def catch_up(setting: Setting, period: Period) -> Measure:
    """Return the median time until open models reached a record-setting closed model."""
    days = np.zeros(0, dtype=np.int64)
    estimate: float | None = None
    ends: Ends = (None, None)
    note = setting.nothing
    if not note:
        days, _, happened = catch_up_waits(setting.measured, 0, period.first, period.last)
        estimate = float(median_catch_up(setting.measured, period.first, period.last)[0])
        note = f"{int((~happened).sum())} of {days.size} closed records had not been reached by the end."
        if np.isfinite(estimate):
            ends = interval_of(estimate, median_catch_up(setting.redrawn, period.first, period.last), 0.0)
        else:
            note += " More than half are still waiting: no median yet."
    return setting.build(
        "lag_months:catch_up",
        "Time until open models reached a record-setting closed one, median",
        period,
        estimate,
        ends,
        unit="months",
        method=f"Kaplan-Meier median over closed records, those not yet reached still waiting; {_INTERVAL}",
        n=days.size,
        days=days,
        note=note,
    )


def _over_weeks(
    definition: Callable[[Pair, Days], Numbers], setting: Setting, counted: Days, floor: float | None = None
) -> tuple[float | None, Ends]:
    if not counted.size:
        return None, (None, None)
    estimate = float(definition(setting.measured, counted).mean())
    values = definition(setting.redrawn, counted)
    known = np.isfinite(values)
    means = np.where(known, values, 0.0).sum(-1) / np.maximum(known.sum(-1), 1)
    return estimate, interval_of(estimate, np.where(known.any(-1), means, np.nan), floor)


def interval_of(estimate: float, redrawn: Numbers, floor: float | None = None) -> Ends:
    """Return the interval by how far replications lie from the estimate.

    Their root mean square distance, not their spread alone: redrawing adds error to error, and where that
    moves the figure, the first error has moved it too. With it the intervals of all definitions held the
    truth in 87 to 95 cases of 100 (slow tests); with the spread alone some did in 82.

    Parameters
    ----------
    estimate
        The figure on the scores as measured.
    redrawn
        The figure in each replication; NaN where one gives none.
    floor
        A value that the figure cannot fall below.

    Returns
    -------
    Ends
        Low and high end; None both when more than one in ten replications give no figure.
    """
    found = redrawn[np.isfinite(redrawn)]
    if found.size < 0.9 * redrawn.size or found.size < 2:
        return None, None
    reach = float(ndtri(0.5 + LEVEL / 2) * np.sqrt(((found - estimate) ** 2).mean()))
    low = estimate - reach
    return low if floor is None else max(low, floor), estimate + reach


def _from_lines(distance: Callable[..., Numbers], closed: Growth, opened: Growth, at: float) -> Uncertain:
    estimate = float(distance(closed.line, opened.line, at))
    imitated = distance(closed.replications, opened.replications, at)
    return from_replications(estimate, estimate, imitated, min(closed.n, opened.n) - 2)


def _ends(distance: Uncertain | None) -> Ends:
    return (None if distance is None else distance.interval()) or (None, None)


def _doubt(distance: Uncertain | None) -> str:
    """Say that the interval of a distance is too wide to tell, or why there is none."""
    if distance is None:
        return ""
    low, high = _ends(distance)
    if low is None:
        return "No interval: too few records, so more than one imitation in ten gives no distance."
    return cannot_tell_growth(distance.estimate, low, high, "distance")


def _lag_drift(closed: Growth, opened: Growth) -> str:
    """Say how the horizontal distance between two lines moves."""
    if not closed.rate.estimate > 0:
        return ". A lag has no meaning here: the closed line does not rise."
    months_a_year = 12 * (1 - opened.rate.estimate / closed.rate.estimate)
    return f"; moves by {months_a_year:+.1f} months a year."


def _gap_drift(closed: Growth, opened: Growth) -> str:
    """Say how the vertical distance between two lines moves."""
    return f"; moves by {closed.rate.estimate - opened.rate.estimate:+.1f} points a year."
