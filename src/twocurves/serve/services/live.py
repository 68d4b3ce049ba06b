"""What a moved slider changes: data of the figures, the number, the claims; from draws of two settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twocurves.beliefs import Settings, read_settings
from twocurves.charts.feed import Feed
from twocurves.charts.number_text import say, say_estimate, say_range
from twocurves.ensemble.outcome_table import Outcome, outcome_table
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.serve.curves import CURVES, STEP, CurveTables, feed, tables
from twocurves.serve.engine import NOW, SOON, Sample
from twocurves.serve.house import House
from twocurves.serve.links import USUAL_OUTCOME, PageState
from twocurves.serve.services.claim_rows import dots_of, percent
from twocurves.serve.services.overview import measured_dots
from twocurves.serve.services.run_view import Number, number_of
from twocurves.serve.simulator import KEPT
from twocurves.serve.sliders import priors

#: Sizes of the plots: the first leads, the others are small.
SIZES: dict[str, dict[str, tuple[int, int]]] = {
    "wide": {"lead": (560, 270), "small": (98, 120)},
    "narrow": {"lead": (160, 200), "small": (160, 120)},
}
LEAD = CURVES[0].id

#: Draws that a moved slider is answered with, and those that follow when it rests.
FEW, MORE = 64, (256, 1024)

#: The month whose figures are said in words.
SAID = Month.parse("2030-12")


@dataclass(frozen=True)
class ClaimChange:
    """A claim under two settings, in the same futures.

    Attributes
    ----------
    id, sentence
        The claim.
    before, after
        Probability under the compared scenario and under this one.
    """

    id: str
    sentence: str
    before: float
    after: float

    @property
    def change(self) -> int:
        """Change in whole percentage points."""
        return round(100 * self.after) - round(100 * self.before)

    @property
    def said(self) -> str:
        """The change with its sign."""
        return f"{'+' if self.change > 0 else '−' if self.change < 0 else '±'}{abs(self.change)}"

    def as_record(self) -> dict[str, Any]:
        """Return it as the JSON interface gives it."""
        return {
            "id": self.id,
            "sentence": self.sentence,
            "before": self.before,
            "after": self.after,
            "before_said": percent(self.before),
            "after_said": percent(self.after),
            "change": self.change,
            "said": self.said,
            "dots": dots_of(self.after),
        }


@dataclass(frozen=True)
class Shown:
    """The futures that a page shows.

    Attributes
    ----------
    now, before
        Under the page's settings and under the compared scenario: the same futures.
    between
        Places on the dragged slider, 0 to 1, whose futures were simulated where these are interpolated; None
        where these are simulated themselves.
    """

    now: Sample
    before: Sample
    between: tuple[float, float] | None = None


def live_record(
    house: House,
    state: PageState,
    count: int,
    size: str,
    *,
    moving: str = "",
    wanted: Callable[[], bool] = lambda: True,
) -> dict[str, Any]:
    """Return what a moved slider changes on the page: data of the figures, numbers, claims.

    Parameters
    ----------
    moving
        The parameter whose slider is being dragged: its positions may be interpolated.
    wanted
        Whether the answer is still wanted.

    Raises
    ------
    BusyError
        The engine has too much to do.
    SupersededError
        The answer is wanted no longer.
    """
    found = dragged(house, state, moving) if moving else shown_of(house, state, count, wanted)
    now, before = found.now, found.before
    months = house.engine.months
    outcome = outcome_named(state.by or USUAL_OUTCOME)
    number, was = number_shown(house, state, now, before)
    return {
        "query": state.query(whole=False),
        "between": found.between,
        "start": state.start,
        "compare": state.compare,
        "draws": {
            "asked": now.asked,
            "ok": len(now.index),
            "failed": sum(now.failed.values()),
            "causes": now.failed,
        },
        "title": headline(house, state, now, before),
        "number": {
            "title": number.title,
            "value": number.value,
            "unit": number.unit,
            "range": number.range,
            "was": was,
            "low": number.low,
            "middle": number.middle,
            "high": number.high,
            "inner_low": number.inner_low,
            "inner_high": number.inner_high,
        },
        "claims": [one.as_record() for one in claim_changes(house, now, before)],
        "figures": {
            curve.id: feed_of(house, curve.id, now, before, size, state.compare).as_record()
            for curve in CURVES
        },
        "captions": {curve.id: change_said(curve.id, now, before, months) for curve in CURVES},
        "outcome": outcome.name,
        "dropped": [{"name": one.name, "given": one.given, "reason": one.reason} for one in state.dropped],
    }


def shown_of(house: House, state: PageState, count: int, wanted: Callable[[], bool] = lambda: True) -> Shown:
    """Return the draws of the page's settings and of the compared scenario: the same futures."""
    seconds = house.settings.limits.request_seconds - 5.0
    own = house.settings_of(state.start, state.changes)
    other = house.settings_of(state.compare, Settings())
    # Few draws are what a slider waits for; more of them follow it and give way to it.
    priority = NOW if count <= FEW else SOON
    now = house.engine.sample(own, count, timeout=seconds, priority=priority, wanted=wanted)
    return Shown(now, house.engine.sample(other, count, timeout=seconds, priority=priority, wanted=wanted))


def dragged(house: House, state: PageState, name: str) -> Shown:
    """Return the draws while a slider is dragged: interpolated between simulated ones, else simulated."""
    place = _place(house, state, name)
    if place is not None:
        others = house.settings_of(state.start, state.changes.without(name))
        found = house.lines.between(others, name, place, FEW)
        if found is not None:
            before = shown_of(house, PageState(compare=state.compare, start=state.compare), FEW).before
            exact = found.low == found.high
            return Shown(found.sample, before, None if exact else (found.low, found.high))
        house.lines.remember(others, name, place, house.settings_of(state.start, state.changes))
    return shown_of(house, state, FEW)


def ahead(house: House, state: PageState, name: str, values: Sequence[float]) -> int:
    """Simulate positions of a slider that may be wanted next, in this order; nobody waits for them.

    Returns
    -------
    int
        How many positions are under way or known.
    """
    if name not in priors(house.beliefs):
        return 0
    others = house.settings_of(state.start, state.changes.without(name))
    wanted = []
    for value in values:
        try:
            change = read_settings(house.beliefs, [f"{name}={value!r}"])
        except BadInputError:
            continue  # outside what is allowed: whoever really asks for it is told so
        moved = replace(state, changes=state.changes.merge(change))
        settings = house.settings_of(state.start, moved.changes)
        place = _place(house, moved, name)
        if place is not None:
            house.lines.remember(others, name, place, settings)
            wanted.append(settings)
    house.engine.work_ahead(wanted, FEW)
    return len(wanted)


def _place(house: House, state: PageState, name: str) -> float | None:
    """Return where a slider stands, 0 to 1; None where it holds no single value."""
    prior, change = priors(house.beliefs).get(name), state.changes.change_of(name)
    if prior is None or change is None or change.kind != "fix":
        return None
    return prior.place(change.numbers[0])


def claim_changes(house: House, now: Sample, before: Sample) -> list[ClaimChange]:
    """Return every headline claim under both settings, the largest change first."""
    both = np.intersect1d(now.index, before.index)
    mine, theirs = np.isin(now.index, both), np.isin(before.index, both)
    rows = []
    for question in house.ledger.headlines:
        if question.id not in now.truths:
            continue
        after, earlier = now.truths[question.id][mine], before.truths[question.id][theirs]
        told = (after >= 0) & (earlier >= 0)
        if told.any():
            rows.append(
                ClaimChange(
                    question.claim.id,
                    question.sentence,
                    float(earlier[told].mean()),
                    float(after[told].mean()),
                )
            )
    return sorted(rows, key=lambda row: (-abs(row.change), row.id))


def headline(house: House, state: PageState, now: Sample, before: Sample) -> str:
    """Return the page's sentence: the share of work on open weights, against the compared scenario."""
    month = Month.parse("2030-12")
    place = house.engine.months.index(month)
    mine = float(np.median(now.measures["net_revenue_open"][:, place])) * 1e9
    theirs = float(np.median(before.measures["net_revenue_open"][:, place])) * 1e9
    said = f"In 2030 the open economy captures {say(mine, 'usd', 2)} a year"
    if state.start == state.compare and not state.changes:
        return f"{said} in the middle run"
    ratio = mine / theirs if theirs > 0 else float("nan")
    title = house.beliefs.scenarios[state.compare].title
    if not np.isfinite(ratio) or abs(ratio - 1) < 0.02:
        return f"{said}, about as much as in {title}"
    way = "more" if ratio > 1 else "less"
    if 0.5 < ratio < 2:
        return f"{said}, {abs(ratio - 1):.0%} {way} than in {title}"
    return f"{said}, {say(ratio, 'times', 2)} that of {title}"


def number_shown(house: House, state: PageState, now: Sample, before: Sample) -> tuple[Number, str]:
    """Return the page's number and, in words, what it is in the compared scenario."""
    outcome = outcome_named(state.by or USUAL_OUTCOME)
    name = outcome.name if outcome.name in KEPT else USUAL_OUTCOME
    outcome = outcome_named(name)
    place = house.engine.months.index(Month.parse("2030-12"))
    number = number_of(
        name, f"{outcome.title}, end of 2030", now.measures[name][:, place], outcome.style, "", outcome.times
    )
    low, middle, high = np.quantile(
        before.measures[name][:, place].astype(float) * outcome.times, [0.05, 0.5, 0.95]
    )
    title = house.beliefs.scenarios[state.compare].title
    return number, (
        f"{title} {say_estimate(middle, low, high, outcome.style)}, {say_range(low, high, outcome.style)}"
    )


def tables_of(house: House, name: str, sample: Sample) -> CurveTables:
    """Return a curve's tables of a sample, a point a quarter."""
    curve = next(one for one in CURVES if one.id == name)
    return tables(curve, sample.measures, house.engine.months, step=STEP)


def feed_of(house: House, name: str, now: Sample, before: Sample, size: str, compare: str) -> Feed:
    """Return what a curve's drawing shows now, beside the compared scenario."""
    width, height = size_of(name, size)
    base = house.once(f"base|{compare}|{before.asked}|{name}", lambda: tables_of(house, name, before))
    return feed(
        tables_of(house, name, now),
        baseline=base,
        measured=dots_shown(house, name),
        width=width,
        height=height,
        strip=name == LEAD,
    )


def dots_shown(house: House, name: str) -> Any:
    """Return the measured dots of a curve; None where it has none."""
    return measured_dots(house) if name == LEAD else None


def size_of(name: str, size: str) -> tuple[int, int]:
    """Return a plot's width and height in pixels."""
    return SIZES[size]["lead" if name == LEAD else "small"]


def outcome_named(name: str) -> Outcome:
    """Return an outcome of the table."""
    return next(one for one in outcome_table().outcome if one.name == name)


def change_said(name: str, now: Sample, before: Sample, months: tuple[Month, ...]) -> str:
    """Return what a curve's last measure was and is, in 2030."""
    curve = next(one for one in CURVES if one.id == name)
    place = months.index(Month.parse("2030-12"))
    parts = []
    for economy, measure in curve.measures:
        was = float(np.median(before.measures[measure][:, place])) * curve.times
        is_now = float(np.median(now.measures[measure][:, place])) * curve.times
        parts.append(f"{economy} {say(was, curve.number, 3)} → {say(is_now, curve.number, 3)}")
    return "End of 2030: " + ", ".join(parts)
