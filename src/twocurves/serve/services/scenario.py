"""Scenario: what follows if one believes or chooses otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from twocurves.beliefs import Settings, scenario
from twocurves.charts.number_text import say, say_estimate, say_range
from twocurves.ensemble.outcome_table import Outcome, outcome_table
from twocurves.months import Month
from twocurves.serve.curves import CURVES, STEP, CurveTables, draw, feed, tables, yearly_rows
from twocurves.serve.engine import KEPT, NOW, SOON, Sample
from twocurves.serve.figures import Drawer, Drawings, Figure, shown, table_of, without_text_tables
from twocurves.serve.house import House
from twocurves.serve.influence import Influence, influence
from twocurves.serve.links import USUAL_OUTCOME, PageState, read_state
from twocurves.serve.services.claim_rows import dots_of, percent
from twocurves.serve.services.overview import measured_dots
from twocurves.serve.services.run_view import Number, RunView, number_of
from twocurves.serve.sliders import Slider, effect_said, priors, slider

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Sizes of the plots: the first leads, the others are small.
SIZES: dict[str, dict[str, tuple[int, int]]] = {
    "wide": {"lead": (560, 270), "small": (98, 120)},
    "narrow": {"lead": (200, 200), "small": (200, 120)},
}
LEAD = CURVES[0].id

#: Sliders shown before "Show more".
FIRST_SHOWN = 12


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
class Changed:
    """One change, in words."""

    name: str
    label: str
    change: str
    was: str
    nature: str
    link_without: str


@dataclass(frozen=True)
class ScenarioPage:
    """What the Scenario page shows."""

    state: PageState
    title: str
    named: str
    compared: str
    number: Number
    number_was: str
    figures: tuple[Figure, ...]
    claims: tuple[ClaimChange, ...]
    sliders: dict[str, list[Slider]]
    more: list[Slider]
    counts: dict[str, int]
    changed: tuple[Changed, ...]
    outcomes: tuple[Outcome, ...]
    outcome: Outcome | None
    draws: int
    failed: dict[str, int]
    scenario_why: str
    notes: tuple[str, ...]


def live_record(
    house: House, view: RunView | None, state: PageState, count: int, size: str
) -> dict[str, Any]:
    """Return what a moved slider changes on the page: data of the figures, numbers, claims.

    Raises
    ------
    BusyError
        The engine has too much to do.
    """
    now, before = samples(house, state, count)
    months = house.engine.months
    outcome = outcome_named(state.by or USUAL_OUTCOME)
    number, was = _number(house, state, now, before)
    return {
        "query": state.query(whole=False),
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
            curve.id: _feed(house, curve.id, now, before, size, state.compare).as_record() for curve in CURVES
        },
        "captions": {curve.id: _change_said(curve.id, now, before, months) for curve in CURVES},
        "outcome": outcome.name,
        "dropped": [{"name": one.name, "given": one.given, "reason": one.reason} for one in state.dropped],
    }


def samples(house: House, state: PageState, count: int) -> tuple[Sample, Sample]:
    """Return the draws of the page's settings and of the compared scenario: the same futures."""
    seconds = house.settings.limits.request_seconds - 5.0
    own = house.settings_of(state.start, state.changes)
    other = house.settings_of(state.compare, Settings())
    house.engine.ask(other, 0, NOW)  # both at once, where there is room for two
    now = house.engine.sample(own, count, timeout=seconds)
    return now, house.engine.sample(other, count, timeout=seconds)


def ahead(house: House, state: PageState) -> None:
    """Ask for a micro-batch that will probably be wanted next; nobody waits for it."""
    house.engine.ask(house.settings_of(state.start, state.changes), 0, SOON)


def specifications(
    house: House, view: RunView, state: PageState, size: str, drawings: Drawings, theme: Any
) -> dict[str, Any]:
    """Return the Vega-Lite specification of each figure, into which data are put as sliders move."""
    now, before = samples(house, PageState(compare=state.compare), 64)
    return {
        curve.id: without_text_tables(
            drawings.spec(
                f"live|{curve.id}|{size}", _drawer(house, view, curve.id, now, before, size), 0, theme
            )
        )
        for curve in CURVES
    }


def _drawer(house: House, view: RunView, name: str, now: Sample, before: Sample, size: str) -> Drawer:
    """Return what builds a figure's specification; data are put into it as sliders move."""
    made, base = _tables(house, name, now), _tables(house, name, before)
    width, height = _size(name, size)

    def drawer(_: int, theme: ThemeName) -> alt.TopLevelMixin:
        return draw(
            made,
            projection_from=view.projection_from,
            baseline=base,
            width=width,
            height=height,
            measured=_dots(house, name),
            theme=theme,
            strip=name == LEAD,
        )

    return drawer


def scenario_page(house: House, view: RunView, state: PageState, drawings: Drawings) -> ScenarioPage:
    """Return the Scenario page for a URL.

    Raises
    ------
    BusyError
        The engine has too much to do.
    """
    now, before = samples(house, state, 64)
    own = scenario(house.beliefs, state.start)
    outcomes = outcomes_of(house, view)
    by = state.by or USUAL_OUTCOME
    moved = house.once(f"influence|{by}", lambda: influence(view.run, house.beliefs, by))
    first, more, counts = listed(house, state, moved)
    number, was = _number(house, state, now, before)
    return ScenarioPage(
        state=state,
        title=headline(house, state, now, before),
        named=named(house, state),
        compared=house.beliefs.scenarios[state.compare].title,
        number=number,
        number_was=was,
        figures=tuple(_figure(house, view, state, curve.id, now, before, drawings) for curve in CURVES),
        claims=tuple(claim_changes(house, now, before)),
        sliders=first,
        more=more,
        counts=counts,
        changed=changed_list(house, state),
        outcomes=outcomes,
        outcome=moved.outcome,
        draws=now.asked,
        failed=now.failed,
        scenario_why=own.why,
        notes=_notes(house, state),
    )


def named(house: House, state: PageState) -> str:
    """Return what the scenario is called, with how many changes."""
    title = house.beliefs.scenarios[state.start].title
    count = len(state.changes)
    return title if not count else f"{title} with {count} change{'s' * (count > 1)}"


def changed_list(house: House, state: PageState) -> tuple[Changed, ...]:
    """Return every change over the scenario, in words, each with the link that undoes it."""
    own = house.settings_of(state.start, Settings())
    found = []
    known = priors(house.beliefs)
    for name, change in state.changes.items():
        parameter = house.beliefs.parameter_of(name)
        prior = known.get(name)
        usual = own.change_of(name)
        was = (
            str(usual) if usual is not None else (f"{prior.middle:.4g}" if prior is not None else "as it was")
        )
        plain = parameter.name.replace("_", " ")
        entity = name.partition(".")[2].replace("_", " ")
        found.append(
            Changed(
                name,
                plain[:1].upper() + plain[1:] + (f", {entity}" if entity else ""),
                str(change).replace("..", " to "),
                was.replace("..", " to "),
                parameter.nature,
                replace(state, changes=state.changes.without(name)).link(),
            )
        )
    return tuple(found)


def listed(
    house: House, state: PageState, moved: Influence
) -> tuple[dict[str, list[Slider]], list[Slider], dict[str, int]]:
    """Return the sliders of a tab: the first by group, the rest, and how many each tab has."""
    own = scenario(house.beliefs, state.start).settings
    effects = moved.by_name()
    largest = max((abs(effect) for effect in effects.values()), default=1.0) or 1.0
    every: list[Slider] = []
    for prior in priors(house.beliefs).values():
        effect = effects.get(prior.name)
        one = slider(house.beliefs, prior, own, state.changes)
        clear = effect is not None and abs(effect) > moved.noise
        every.append(
            replace(
                one,
                effect=effect,
                effect_said=effect_said(effect, moved.outcome.style) if clear and effect is not None else "",
                share=abs(effect) / largest if clear and effect is not None else 0.0,
            )
        )
    every.sort(key=lambda one: -abs(one.effect or 0.0))
    counts = {
        "beliefs": sum(one.prior.nature == "belief" for one in every),
        "choices": sum(one.prior.nature == "choice" for one in every),
        "changed": len(state.changes),
    }
    wanted = [
        one
        for one in every
        if (state.tab == "changed" and one.change is not None)
        or (state.tab == "beliefs" and one.prior.nature == "belief")
        or (state.tab == "choices" and one.prior.nature == "choice")
    ]
    if state.find:
        words = state.find.lower().split()
        wanted = [
            one
            for one in wanted
            if all(
                word
                in f"{one.prior.name} {one.prior.label} {one.prior.meaning} {one.prior.entity} "
                f"{one.prior.group}".lower()
                for word in words
            )
        ]
    first = [one for i, one in enumerate(wanted) if i < FIRST_SHOWN or one.change is not None]
    rest = [one for one in wanted if one not in first]
    groups: dict[str, list[Slider]] = {}
    for one in first:
        groups.setdefault(one.prior.group, []).append(one)
    return groups, rest, counts


def outcomes_of(house: House, view: RunView) -> tuple[Outcome, ...]:
    """Return the outcomes by whose influence assumptions can be sorted."""
    from twocurves.serve.influence import outcomes_offered

    return house.once("outcomes", lambda: outcomes_offered(view.run))


def outcome_named(name: str) -> Outcome:
    """Return an outcome of the table."""
    return next(one for one in outcome_table().outcome if one.name == name)


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


def _number(house: House, state: PageState, now: Sample, before: Sample) -> tuple[Number, str]:
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


def _tables(house: House, name: str, sample: Sample) -> CurveTables:
    curve = next(one for one in CURVES if one.id == name)
    return tables(curve, sample.measures, house.engine.months, step=STEP)


def _feed(house: House, name: str, now: Sample, before: Sample, size: str, compare: str) -> Any:
    width, height = _size(name, size)
    base = house.once(f"base|{compare}|{before.asked}|{name}", lambda: _tables(house, name, before))
    return feed(
        _tables(house, name, now),
        baseline=base,
        measured=_dots(house, name),
        width=width,
        height=height,
        strip=name == LEAD,
    )


def _dots(house: House, name: str) -> Any:
    return measured_dots(house) if name == LEAD else None


def _size(name: str, size: str) -> tuple[int, int]:
    return SIZES[size]["lead" if name == LEAD else "small"]


def _figure(
    house: House, view: RunView, state: PageState, name: str, now: Sample, before: Sample, drawings: Drawings
) -> Figure:
    curve = next(one for one in CURVES if one.id == name)
    made = _tables(house, name, now)
    key = f"{name}|{state.start}|{state.query(whole=False)}|{state.compare}|{now.asked}"
    svgs = [
        drawings.svg_with(
            f"live|{name}|{size}",
            _drawer(house, view, name, now, before, size),
            0,
            _feed(house, name, now, before, size, state.compare),
            f"{key}|{size}",
        )
        for size in ("wide", "narrow")
    ]
    heads, rows = yearly_rows(made)
    query = state.query(whole=False)
    mark = f"?{query}" if query else ""
    return shown(
        name,
        *svgs,
        title=curve.title,
        subtitle=f"{curve.subtitle}. Dashed: {house.beliefs.scenarios[state.compare].title}.",
        table=table_of(heads, rows),
        downloads={
            "CSV": f"/download/live/{name}.csv{mark}",
            "SVG": f"/download/live/{name}.svg{mark}",
            "PNG": f"/download/live/{name}.png{mark}",
        },
        note=_change_said(name, now, before, house.engine.months),
    )


def _change_said(name: str, now: Sample, before: Sample, months: tuple[Month, ...]) -> str:
    """Return what a curve's last measure was and is, in 2030."""
    curve = next(one for one in CURVES if one.id == name)
    place = months.index(Month.parse("2030-12"))
    parts = []
    for economy, measure in curve.measures:
        was = float(np.median(before.measures[measure][:, place])) * curve.times
        is_now = float(np.median(now.measures[measure][:, place])) * curve.times
        parts.append(f"{economy} {say(was, curve.number, 3)} → {say(is_now, curve.number, 3)}")
    return "End of 2030: " + ", ".join(parts)


def _notes(house: House, state: PageState) -> tuple[str, ...]:
    """Return what a visitor of an old link must know."""
    notes = [f"{one.name or 'A nameless field'} was dropped: {one.reason}" for one in state.dropped]
    here = version_mark(house)
    if state.made_with and state.made_with != here:
        notes.append(
            f"The link was made with {state.made_with} (model and beliefs); this is {here}, so numbers may "
            "differ."
        )
    return tuple(notes)


def read_plain(house: House, query: str) -> PageState:
    """Read a query where no order of assumptions is asked for."""
    return read_state(house.beliefs, query)


def version_mark(house: House) -> str:
    """Return the model's and the beliefs' version, as links carry it."""
    plan = house.plan
    return f"{plan.code_version}-{plan.code_digest[:6]}-{plan.beliefs_digest[:6]}"
