"""Scenario: what follows if one believes or chooses otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from twocurves.beliefs import Settings, scenario
from twocurves.beliefs.naming import entity_title, plain_name
from twocurves.charts.cursor import cursor_of
from twocurves.ensemble.outcome_table import Outcome
from twocurves.serve.curves import CURVES, draw, yearly_rows
from twocurves.serve.engine import Sample
from twocurves.serve.figures import Drawer, Drawings, Figure, shown, table_of, without_text_tables
from twocurves.serve.house import House
from twocurves.serve.influence import Influence, influence
from twocurves.serve.links import USUAL_OUTCOME, PageState, read_state
from twocurves.serve.services.live import (
    FEW,
    LEAD,
    SIZES,
    ClaimChange,
    change_said,
    claim_changes,
    dots_shown,
    feed_of,
    headline,
    number_shown,
    shown_of,
    size_of,
    tables_of,
)
from twocurves.serve.services.run_view import Number, RunView
from twocurves.serve.sliders import Slider, effect_said, priors, slider

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Sliders shown before "Show more".
FIRST_SHOWN = 12


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


def specifications(
    house: House, view: RunView, state: PageState, size: str, drawings: Drawings, theme: Any
) -> dict[str, Any]:
    """Return the Vega-Lite specification of each figure, into which data are put as sliders move."""
    found = shown_of(house, PageState(compare=state.compare), FEW)
    now, before = found.now, found.before
    specs = {
        curve.id: drawings.spec(
            f"live|{curve.id}|{size}", _drawer(house, view, curve.id, now, before, size), 0, theme
        )
        for curve in CURVES
    }
    # The page's own colour shows through, light or dark.
    return {name: without_text_tables({**spec, "background": "transparent"}) for name, spec in specs.items()}


def _drawer(house: House, view: RunView, name: str, now: Sample, before: Sample, size: str) -> Drawer:
    """Return what builds a figure's specification; data are put into it as sliders move."""
    made, base = tables_of(house, name, now), tables_of(house, name, before)
    width, height = size_of(name, size)

    def drawer(_: int, theme: ThemeName) -> alt.TopLevelMixin:
        return draw(
            made,
            projection_from=view.projection_from,
            baseline=base,
            width=width,
            height=height,
            measured=dots_shown(house, name),
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
    found = shown_of(house, state, FEW)
    now, before = found.now, found.before
    own = scenario(house.beliefs, state.start)
    outcomes = outcomes_of(house, view)
    by = state.by or USUAL_OUTCOME
    moved = house.once(f"influence|{by}", lambda: influence(view.run, house.beliefs, by))
    first, more, counts = listed(house, state, moved)
    number, was = number_shown(house, state, now, before)
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
        plain = plain_name(parameter.name)
        entity = entity_title(name.partition(".")[2])
        found.append(
            Changed(
                name,
                plain + (f", {entity}" if entity else ""),
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


def _figure(
    house: House, view: RunView, state: PageState, name: str, now: Sample, before: Sample, drawings: Drawings
) -> Figure:
    curve = next(one for one in CURVES if one.id == name)
    made = tables_of(house, name, now)
    key = f"{name}|{state.start}|{state.query(whole=False)}|{state.compare}|{now.asked}"
    drawers = {size: _drawer(house, view, name, now, before, size) for size in SIZES}
    feeds = {size: feed_of(house, name, now, before, size, state.compare) for size in SIZES}
    svgs = [
        drawings.svg_with(f"live|{name}|{size}", drawers[size], 0, feeds[size], f"{key}|{size}")
        for size in SIZES
    ]
    heads, rows = yearly_rows(made)
    query = state.query(whole=False)
    mark = f"?{query}" if query else ""
    return shown(
        name,
        *svgs,
        title=curve.title,
        subtitle=f"{curve.subtitle}. Dashed: {house.beliefs.scenarios[state.compare].title}."
        + ("" if name == LEAD else " Beside the end: middle run, 80% of runs."),
        table=table_of(heads, rows),
        downloads={
            "CSV": f"/download/live/{name}.csv{mark}",
            "SVG": f"/download/live/{name}.svg{mark}",
            "PNG": f"/download/live/{name}.png{mark}",
        },
        note=change_said(name, now, before, house.engine.months),
        cursor=cursor_of(drawings.spec(f"live|{name}|wide", drawers["wide"], 0), feeds["wide"]),
    )


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
