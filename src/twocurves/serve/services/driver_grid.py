"""All claims against all assumptions: the heat grid, beliefs apart from choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.serve.house import House
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    from twocurves.drivers.claims_table import ClaimsTable

#: Rows of a nature, at most.
_ROWS = {"belief": 16, "choice": 8}

#: Radius of the largest circle, in pixels.
_LARGEST = 10.0

#: Rank correlation of the largest circle.
_STRONGEST = 0.8


@dataclass(frozen=True, slots=True)
class GridCell:
    """A claim and an assumption.

    Attributes
    ----------
    claim
        The claim.
    radius
        Of its circle, in pixels.
    up
        Whether a higher value makes the claim likelier.
    clear
        Whether the effect is beyond what a dummy reaches.
    said
        The effect in words.
    """

    claim: str
    radius: float
    up: bool
    clear: bool
    said: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """An assumption against every claim."""

    name: str
    label: str
    meaning: str
    strongest: float
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The heat grid.

    Attributes
    ----------
    claims
        Id, title and link of each column.
    parts
        Title, an explanation and rows of each nature.
    floor
        The largest effect that a dummy reaches, over the claims shown.
    skipped
        Claims of which nothing can be said, and why.
    sort
        By which column the rows are sorted; empty for the strongest of all.
    """

    claims: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str, tuple[GridRow, ...]], ...]
    floor: str
    skipped: tuple[tuple[str, str], ...]
    sort: str


def claims_found(house: House, view: RunView) -> ClaimsTable:
    """Return all claims against all assumptions; found once, in a few seconds."""
    from twocurves.drivers.claims_table import claims_table

    return house.once(f"claims table|{view.run.name}", lambda: claims_table(view.run))


def grid_of(house: House, found: ClaimsTable, sort: str = "") -> Grid:
    """Return the heat grid.

    Parameters
    ----------
    sort
        A claim by which the rows are sorted, ``name``, or empty for the strongest effect on any claim.
    """
    headlines = [one for one in house.ledger.headlines if one.id in found.claims]
    places = [found.claims.index(one.id) for one in headlines]
    effect = found.effect[:, places]
    floor = found.floor[places]
    clear = np.abs(effect) > floor
    shown = np.where(clear, np.abs(effect), 0.0)
    ids = [one.claim.id for one in headlines]
    by = shown[:, ids.index(sort)] if sort in ids else shown.max(axis=1, initial=0.0)
    parts = []
    for nature, title, words in (
        ("belief", "Beliefs", "how the world is; nobody chooses them"),
        ("choice", "Choices", "what labs, states and buyers decide"),
    ):
        mine = [
            row
            for row, one in enumerate(found.inputs)
            if one.nature == nature and shown[row].max(initial=0.0) > 0
        ]
        mine = sorted(mine, key=lambda row: -float(by[row]))[: _ROWS[nature]]
        if sort == "name":
            mine.sort(key=lambda row: label_of(found.inputs[row].name))
        rows = tuple(
            GridRow(
                found.inputs[row].name,
                label_of(found.inputs[row].name),
                found.inputs[row].meaning,
                float(shown[row].max()),
                tuple(
                    _cell(ids[column], float(effect[row, column]), bool(clear[row, column]))
                    for column in range(len(ids))
                ),
            )
            for row in mine
        )
        parts.append((title, words, rows))
    names = {question.id: question for question in house.ledger.headlines}
    return Grid(
        claims=tuple((one.claim.id, one.claim.title) for one in headlines),
        parts=tuple(parts),
        floor=f"{float(floor.max(initial=0.0)):.2f}",
        skipped=tuple((names[key].claim.id, why) for key, why in found.skipped.items() if key in names),
        sort=sort if sort in (*ids, "name") else "",
    )


def grid_table(house: House, found: ClaimsTable) -> pl.DataFrame:
    """Return the whole table: a row for each question and assumption."""
    inputs, claims = found.rank.shape
    return pl.DataFrame(
        {
            "question": np.repeat(np.array(found.claims), inputs),
            "assumption": np.tile(np.array([one.name for one in found.inputs]), claims),
            "nature": np.tile(np.array([one.nature for one in found.inputs]), claims),
            "effect": found.effect.T.ravel(),
            "rank_correlation": found.rank.T.ravel(),
            "noise_floor": np.repeat(found.floor, inputs),
        }
    )


def _cell(claim: str, effect: float, clear: bool) -> GridCell:
    size = min(1.0, abs(effect) / _STRONGEST)
    return GridCell(
        claim,
        round(_LARGEST * float(np.sqrt(size)), 1),
        effect > 0,
        clear,
        f"{effect:+.2f}".replace("-", "−") if clear else "within noise",
    )
