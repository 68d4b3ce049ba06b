"""Drivers: which assumptions decide each outcome and claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.charts.number_text import say
from twocurves.drivers.decided_by import read_decided_by
from twocurves.drivers.study import Effect, Study
from twocurves.errors import BadInputError, unknown
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.influence import MONTH, outcomes_offered
from twocurves.serve.services.claim_mind import Mind, mind, mind_known, said, studied
from twocurves.serve.services.driver_focus import Focus, claim_moves, focus
from twocurves.serve.services.driver_grid import Grid, claims_found, grid_of, grid_table
from twocurves.serve.services.driver_inputs import input_named, inputs_known, picked
from twocurves.serve.services.driver_pair import Pair, pair
from twocurves.serve.services.driver_worlds import WorldShown, worlds
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName
    from twocurves.drivers.claims_table import ClaimsTable

__all__ = ["DriversPage", "claims_found", "decided_by", "drivers_page", "table"]

USUAL = "net_revenue_open"

_BARS = 14

#: Letters that fit at the end of a bar.
_SHORT = 12
_ROWS = 24


@dataclass(frozen=True)
class DriverRow:
    """What one assumption does."""

    name: str
    label: str
    meaning: str
    nature: str
    low_at: str
    high_at: str
    low: str
    high: str
    rank: str
    rank_range: str
    first: str
    above_noise: bool
    moves_with: str


@dataclass(frozen=True)
class DriversPage:
    """What decides one target.

    Attributes
    ----------
    target
        As it stands in the address.
    sentence, title
        What decides it; what it is.
    is_claim, level, draws
        What kind of target, its level over all runs, and how many these are.
    floor
        What a dummy that does nothing reaches.
    clear, looked
        How many assumptions stand out of the noise, of how many.
    outcomes, claims
        What else can be asked about.
    beliefs, choices
        What one assumption each does, beliefs apart from choices.
    explained
        Share of the variance that the assumptions explain together.
    tornado
        The strongest; None where none stands out.
    focus
        The assumption looked at closely.
    pinned
        Two assumptions at once.
    worlds
        In which worlds it holds.
    mind
        What would change the answer; of a claim, where known.
    options
        Assumptions to choose from, by group: name and label.
    grid
        All claims against all assumptions, where it has been found already.
    belief, pin, sort
        What was asked for, or what is shown in its place.
    fault
        Why nothing is said of the target.
    """

    target: str
    sentence: str
    title: str
    is_claim: bool
    outcomes: tuple[tuple[str, str], ...]
    claims: tuple[tuple[str, str], ...]
    level: str = ""
    draws: int = 0
    floor: str = ""
    clear: int = 0
    looked: int = 0
    beliefs: tuple[DriverRow, ...] = ()
    choices: tuple[DriverRow, ...] = ()
    explained: str = ""
    tornado: Figure | None = None
    focus: Focus | None = None
    pinned: Pair | None = None
    worlds: tuple[WorldShown, ...] = ()
    mind: Mind | None = None
    options: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    grid: Grid | None = None
    belief: str = ""
    pin: str = ""
    sort: str = ""
    fault: str = ""


def drivers_page(
    house: House,
    view: RunView,
    drawings: Drawings,
    target: str,
    belief: str = "",
    pin: str = "",
    sort: str = "",
) -> DriversPage:
    """Return what decides a target: a claim, a question, an outcome, or ``measure@month``.

    Parameters
    ----------
    belief
        The assumption looked at closely; the one that decides most when left out.
    pin
        A second one, for what both do together; the next strongest when left out.
    sort
        A claim by which the grid is sorted, or ``name``.

    Raises
    ------
    BadInputError
        There is no such target or assumption, or the run has too few draws.
    """
    name, asked = target or USUAL, asked_of(view, target)
    outcomes = tuple((one.name, one.title) for one in outcomes_offered(view.run))
    claims = tuple((one.claim.id, one.claim.title) for one in house.ledger.headlines)
    known = inputs_known(house, view)  # refuses a run of too few draws, whatever the target
    try:
        found = studied(house, view, asked)
    except BadInputError as fault:
        question = next((one for one in house.ledger if name in (one.id, one.claim.id)), None)
        if question is None:
            raise
        return DriversPage(
            target=name,
            sentence="Nothing decides it in this run",
            title=question.sentence,
            is_claim=True,
            outcomes=outcomes,
            claims=claims,
            grid=grid(house, view, sort),
            sort=sort,
            fault=fault.message,
        )
    above = found.above
    shown = (above or found.effects)[:_ROWS]
    order = [effect.input.name for effect in found.effects]
    first = belief or order[0]
    input_named(house, view, first)
    second = pin or next((one for one in order if one != first), "")
    if second == first:
        raise BadInputError(
            f"Pin another assumption than {first}; the two must differ.", field="pin", given=pin[:80]
        )
    if second:
        input_named(house, view, second)
    return DriversPage(
        target=name,
        sentence=_sentence(found),
        title=found.target.sentence,
        is_claim=found.target.is_claim,
        outcomes=outcomes,
        claims=claims,
        level=found.target.say(found.level),
        draws=found.draws,
        floor=f"{found.floors.rank:.2f}",
        clear=len(above),
        looked=len(found.effects),
        beliefs=tuple(_row(found, effect) for effect in shown if effect.input.nature == "belief"),
        choices=tuple(_row(found, effect) for effect in shown if effect.input.nature == "choice"),
        explained=f"{100 * max(0.0, found.explained):.0f}%",
        tornado=_tornado(found, drawings, asked) if above else None,
        focus=focus(house, view, drawings, asked, first),
        pinned=pair(house, view, drawings, asked, first, second) if second else None,
        worlds=worlds(house, view, found),
        mind=mind(house, view, name) if found.target.is_claim and mind_known(house, view, name) else None,
        options=_options(found, known),
        grid=grid(house, view, sort),
        belief=first,
        pin=second,
        sort=sort,
    )


def asked_of(view: RunView, target: str) -> str:
    """Return the target that a page asks about: an outcome without a month is meant at the pages' month."""
    name = target or USUAL
    if "@" in name or name not in {one.name for one in outcomes_offered(view.run)}:
        return name
    return f"{name}@{MONTH}"


def decided_by(house: House, view: RunView) -> dict[str, str]:
    """Return the assumption that decides each claim, where that has been found already."""
    found: ClaimsTable | None = house.kept(f"claims table|{view.run.name}")
    if found is not None:
        strongest = {claim: found.deciders(claim, most=1) for claim in found.claims}
        return {claim: ones[0].input.name for claim, ones in strongest.items() if ones}
    stored = house.once(f"decided by|{view.run.name}", lambda: read_decided_by(view.run) or {})
    return {claim: one.name for claim, one in stored.items() if one.name is not None}


def grid(house: House, view: RunView, sort: str = "") -> Grid | None:
    """Return the grid of claims against assumptions, where it has been found already."""
    found: ClaimsTable | None = house.kept(f"claims table|{view.run.name}")
    return None if found is None else grid_of(house, found, sort)


def table(house: House, view: RunView, name: str, target: str, belief: str) -> pl.DataFrame:
    """Return a table of the page as a file.

    Parameters
    ----------
    name
        ``effects`` of every assumption on the target, ``draws`` of one assumption and the target, ``claims``
        that one assumption moves, or ``grid`` of all claims and assumptions.

    Raises
    ------
    BadInputError
        There is no such table, target or assumption.
    """
    if name == "grid":
        return grid_table(house, claims_found(house, view))
    if name == "claims":
        return claim_moves(house, view, belief)[0]
    asked = asked_of(view, target)
    if name == "draws":
        seen = picked(house, view, asked, belief)
        return pl.DataFrame({"assumption": seen.values, "outcome": seen.outcome})
    if name != "effects":
        raise unknown("table", name[:40], ("effects", "draws", "claims", "grid"), field="figure")
    found = studied(house, view, asked)
    return pl.DataFrame(
        [
            {
                "assumption": effect.input.name,
                "nature": effect.input.nature,
                "effect": effect.effect,
                "low": effect.interval[0],
                "high": effect.interval[1],
                "above_noise": effect.above_noise,
                "rank_correlation": effect.rank,
                "first_order": effect.first,
                "lowest_tenth": effect.tenths[0],
                "highest_tenth": effect.tenths[-1],
                "noise_floor": found.floors.rank,
            }
            for effect in found.effects
        ]
    ).fill_nan(None)


def _options(found: Study, known: object) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    groups: dict[str, list[tuple[str, str]]] = {
        "What stands out": [],
        "Other beliefs": [],
        "Other choices": [],
    }
    for effect in found.effects:
        one = effect.input
        group = "What stands out" if effect.above_noise else f"Other {one.nature}s"
        groups[group].append((one.name, label_of(one.name)))
    for name in ("Other beliefs", "Other choices"):
        groups[name].sort(key=lambda pair: pair[1])
    return tuple((name, tuple(ones)) for name, ones in groups.items() if ones)


def _sentence(found: Study) -> str:
    above = found.above
    if not above:
        return f"No assumption stands out of the noise: {_lower(found.target.sentence)}"
    first = above[0]
    label = label_of(first.input.name)
    low, high = found.target.say(first.tenths[0]), found.target.say(first.tenths[-1])
    if found.target.is_claim:
        return f"{label} decides most: the claim holds in {low} of runs where it is low, {high} where high"
    return f"{label} decides most. {found.target.sentence}: {low} where it is low, {high} where it is high"


def _tornado(found: Study, drawings: Drawings, key: str) -> Figure:
    target = found.target
    times = 1.0 if target.outcome is None else target.outcome.times
    shown = [effect for effect in found.above if np.isfinite([effect.tenths[0], effect.tenths[-1]]).all()][
        :_BARS
    ]
    bars = pl.DataFrame(
        {
            "name": [_named(effect) for effect in shown],
            "low": [effect.tenths[0] * times for effect in shown],
            "high": [effect.tenths[-1] * times for effect in shown],
            "low_said": [_end(effect.low_value, effect) for effect in shown],
            "high_said": [_end(effect.high_value, effect) for effect in shown],
        }
    )
    number = "share" if target.is_claim else ("number" if target.outcome is None else target.outcome.style)

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.tornado import tornado_figure

        narrow = width < 300
        return tornado_figure(
            bars.drop("low_said", "high_said") if narrow else bars,
            base=found.level * times,
            base_name="all runs",
            number=number,
            theme=theme,
            width=160 if narrow else 620,
            name_width=130 if narrow else 250,
        )

    link = f"target={found.target.name}"
    return figure(
        drawings,
        "tornado",
        f"tornado|{found.run.name}|{key}",
        drawer,
        title=f"{target.sentence.rstrip('.')}, where each assumption is low and where it is high",
        subtitle=("Probability" if target.is_claim else "Median")
        + " in the runs with the lowest tenth of the "
        "assumption’s values (faint) and with the highest (strong); at each end stands its mean there.",
        downloads={
            name: f"/download/drivers/effects.{form}?{link}"
            for name, form in (("CSV", "csv"), ("Parquet", "parquet"))
        },
        table=table_of(
            ("Assumption", "Where it is low", "Where it is high"),
            [[_named(e), target.say(e.tenths[0]), target.say(e.tenths[-1])] for e in shown],
        ),
    )


def _row(found: Study, effect: Effect) -> DriverRow:
    low, high = effect.tenths[0], effect.tenths[-1]
    return DriverRow(
        name=effect.input.name,
        label=label_of(effect.input.name),
        meaning=effect.input.meaning,
        nature=effect.input.nature,
        low_at=said(effect.low_value, effect.input.unit),
        high_at=said(effect.high_value, effect.input.unit),
        low="" if not np.isfinite(low) else found.target.say(low),
        high="" if not np.isfinite(high) else found.target.say(high),
        rank=f"{effect.effect:+.2f}".replace("-", "−"),
        rank_range=f"{effect.interval[0]:+.2f} to {effect.interval[1]:+.2f}".replace("-", "−"),
        first=f"{100 * max(0.0, effect.first):.0f}%",
        above_noise=effect.above_noise,
        moves_with=label_of(effect.moves_with) if effect.moves_with else "",
    )


def _end(value: float, effect: Effect) -> str:
    """Write an assumption at the end of its bar: a long unit is left to the table."""
    text = said(value, effect.input.unit)
    return text if len(text) <= _SHORT else say(value, "number", 2)


def _named(effect: Effect) -> str:
    label = label_of(effect.input.name)
    return f"{label} (choice)" if effect.input.nature == "choice" else label


def _lower(title: str) -> str:
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
