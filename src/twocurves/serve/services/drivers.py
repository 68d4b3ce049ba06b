"""Drivers: which assumptions decide each outcome and claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.drivers.study import Effect, Study, study
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.influence import MONTH, outcomes_offered
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName
    from twocurves.drivers.claims_table import ClaimsTable

USUAL = "net_revenue_open"

_BARS = 14
_ROWS = 24
_GRID_BELIEFS = 16


@dataclass(frozen=True)
class DriverRow:
    """What one assumption does."""

    name: str
    label: str
    meaning: str
    nature: str
    low: str
    high: str
    rank: str
    rank_range: str
    first: str
    above_noise: bool
    moves_with: str


@dataclass(frozen=True)
class DriversPage:
    """What decides one target."""

    target: str
    sentence: str
    title: str
    is_claim: bool
    level: str
    draws: int
    floor: str
    outcomes: tuple[tuple[str, str], ...]
    claims: tuple[tuple[str, str], ...]
    rows: tuple[DriverRow, ...]
    tornado: Figure | None
    grid: Figure | None


def drivers_page(house: House, view: RunView, drawings: Drawings, target: str) -> DriversPage:
    """Return what decides a target: a claim, a question, an outcome, or ``measure@month``.

    Raises
    ------
    BadInputError
        There is no such target, it does not differ between draws, or there are too few of them.
    """
    name = target or USUAL
    asked = (
        name
        if "@" in name or name not in {one.name for one in outcomes_offered(view.run)}
        else f"{name}@{MONTH}"
    )
    found = house.once(f"study|{view.run.name}|{asked}", lambda: study(view.run, asked))
    above = found.above
    rows = tuple(_row(found, effect) for effect in (above or found.effects)[:_ROWS])
    return DriversPage(
        target=name,
        sentence=_sentence(found),
        title=found.target.sentence,
        is_claim=found.target.is_claim,
        level=found.target.say(found.level),
        draws=found.draws,
        floor=f"{found.floors.rank:.2f}",
        outcomes=tuple((one.name, one.title) for one in outcomes_offered(view.run)),
        claims=tuple((one.claim.id, one.claim.title) for one in house.ledger.headlines),
        rows=rows,
        tornado=_tornado(found, drawings, asked) if above else None,
        grid=grid(house, view, drawings),
    )


def claims_found(house: House, view: RunView) -> ClaimsTable:
    """Return all claims against all assumptions; found once."""
    from twocurves.drivers.claims_table import claims_table

    return house.once(f"claims table|{view.run.name}", lambda: claims_table(view.run))


def decided_by(house: House, view: RunView) -> dict[str, str]:
    """Return the assumption that decides each claim, where that has been found already."""
    found: ClaimsTable | None = house.kept(f"claims table|{view.run.name}")
    if found is None:
        return {}
    strongest = {claim: found.deciders(claim, most=1) for claim in found.claims}
    return {claim: ones[0].input.name for claim, ones in strongest.items() if ones}


def grid(house: House, view: RunView, drawings: Drawings) -> Figure | None:
    """Return the grid of claims against assumptions, where it has been found already."""
    found: ClaimsTable | None = house.kept(f"claims table|{view.run.name}")
    if found is None:
        return None
    headlines = [one for one in house.ledger.headlines if one.id in found.claims]
    places = [found.claims.index(one.id) for one in headlines]
    rank = found.rank[:, places]
    clear = np.abs(rank) > found.floor[places]
    order = np.argsort(-np.where(clear, np.abs(rank), 0.0).max(axis=1), kind="stable")[:_GRID_BELIEFS]
    effects = pl.DataFrame(
        [
            {
                "claim": one.claim.id,
                "belief": label_of(found.inputs[row].name),
                "effect": float(rank[row, column]),
                "above_noise": bool(clear[row, column]),
            }
            for row in order.tolist()
            for column, one in enumerate(headlines)
        ]
    )

    def drawer(_: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.claim_grid import claim_grid_figure

        return claim_grid_figure(effects, theme=theme)

    return figure(
        drawings,
        "grid",
        f"grid|{view.run.name}",
        drawer,
        title="Which assumption bears on which claim",
        subtitle="Rank correlation over the runs: filled where a higher value makes the claim likelier, "
        "hollow where it makes it less likely, faint where it is not told from noise.",
        widths=(1, 1),
        table=table_of(
            ("Assumption", *(one.claim.id for one in headlines)),
            [
                [
                    label_of(found.inputs[row].name),
                    *(f"{rank[row, column]:+.2f}".replace("-", "−") for column in range(len(headlines))),
                ]
                for row in order.tolist()
            ],
        ),
    )


def _sentence(found: Study) -> str:
    above = found.above
    if not above:
        return f"No assumption stands out of the noise: {_lower(found.target.sentence)}"
    first = above[0]
    low, high = found.target.say(first.tenths[0]), found.target.say(first.tenths[-1])
    what = "the claim holds in" if found.target.is_claim else f"{_lower(found.target.sentence)} is"
    return f"{label_of(first.input.name)} decides most: where it is low {what} {low}, where it is high {high}"


def _tornado(found: Study, drawings: Drawings, key: str) -> Figure:
    target = found.target
    times = 1.0 if target.outcome is None else target.outcome.times
    shown = [effect for effect in found.above if np.isfinite([effect.tenths[0], effect.tenths[-1]]).all()][
        :_BARS
    ]
    bars = pl.DataFrame(
        {
            "name": [label_of(effect.input.name) for effect in shown],
            "low": [effect.tenths[0] * times for effect in shown],
            "high": [effect.tenths[-1] * times for effect in shown],
            "low_said": [f"{effect.low_value:.3g}" for effect in shown],
            "high_said": [f"{effect.high_value:.3g}" for effect in shown],
        }
    )
    number = "share" if target.is_claim else ("number" if target.outcome is None else target.outcome.style)

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.tornado import tornado_figure

        return tornado_figure(
            bars,
            base=found.level * times,
            base_name="all runs",
            number=number,
            theme=theme,
            width=420 if width > 300 else 90,
        )

    return figure(
        drawings,
        "tornado",
        f"tornado|{found.run.name}|{key}",
        drawer,
        title=f"{target.sentence}, where each assumption is low and where it is high",
        subtitle=("Probability" if target.is_claim else "Median")
        + " in the runs with the lowest tenth of the "
        "assumption’s values (light) and with the highest (dark).",
        table=table_of(
            ("Assumption", "Where it is low", "Where it is high"),
            [[label_of(e.input.name), target.say(e.tenths[0]), target.say(e.tenths[-1])] for e in shown],
        ),
    )


def _row(found: Study, effect: Effect) -> DriverRow:
    low, high = effect.tenths[0], effect.tenths[-1]
    return DriverRow(
        name=effect.input.name,
        label=label_of(effect.input.name),
        meaning=effect.input.meaning,
        nature=effect.input.nature,
        low="" if not np.isfinite(low) else found.target.say(low),
        high="" if not np.isfinite(high) else found.target.say(high),
        rank=f"{effect.effect:+.2f}".replace("-", "−"),
        rank_range=f"{effect.interval[0]:+.2f} to {effect.interval[1]:+.2f}".replace("-", "−"),
        first=f"{100 * max(0.0, effect.first):.0f}%",
        above_noise=effect.above_noise,
        moves_with=label_of(effect.moves_with) if effect.moves_with else "",
    )


def _lower(title: str) -> str:
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
