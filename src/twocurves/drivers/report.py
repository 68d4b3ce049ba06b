"""All that is said of one target: what decides it, in which worlds it holds, what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from twocurves.drivers.discovery import Discovered, discover
from twocurves.drivers.flips import Flips, flips, tried
from twocurves.drivers.replay import Replay
from twocurves.drivers.study import Effect, Study, study
from twocurves.drivers.target import Target, find_target
from twocurves.ensemble.results import StoredRun

if TYPE_CHECKING:
    from twocurves.drivers.local import Local
    from twocurves.drivers.sobol_indices import Indices
    from twocurves.drivers.sobol_run import Design


@dataclass(frozen=True)
class Drivers:
    """What decides a target.

    Attributes
    ----------
    study
        Effects of all inputs.
    discovered
        Worlds in which it holds, and in which not.
    flips
        What would change the answer; None of an outcome.
    local
        Slopes at the middle; None unless asked for.
    sobol
        Indices from a Saltelli design; None unless asked for.
    """

    study: Study
    discovered: Discovered
    flips: Flips | None = None
    local: Local | None = None
    sobol: tuple[Design, Indices] | None = None

    def as_record(self) -> dict[str, Any]:
        """Return it as ``twocurves drivers --json`` prints it."""
        found = self.study
        return {
            "target": found.target.name,
            "sentence": found.target.sentence,
            "kind": "claim" if found.target.is_claim else "outcome",
            "unit": found.target.unit,
            "run": found.run.name,
            "draws": found.draws,
            "level": found.level,
            "noise_floor": found.floors.rank,
            "noise_floors": {
                "effect": found.floors.rank,
                "first_order": found.floors.first,
                "pawn": found.floors.pawn,
            },
            "explained": found.explained,
            "beliefs": [effect_record(effect) for effect in found.of("belief")],
            "choices": [effect_record(effect) for effect in found.of("choice")],
            "worlds": [world.as_record() for world in self.discovered.worlds],
            "tree": self.discovered.tree,
            "flips": [] if self.flips is None else self.flips.as_records(),
            "local": None if self.local is None else local_record(self.local),
            "sobol": None if self.sobol is None else sobol_record(*self.sobol),
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the figure of the effects for notebooks, with the target for consoles."""
        from twocurves.charts.input_figures import drivers
        from twocurves.charts.notebook import notebook_bundle

        words = f"What decides: {self.study.target.sentence}"
        return dict(notebook_bundle(lambda: drivers(self.as_record(), "light").chart, words))


def find_drivers(
    run: StoredRun,
    target: Target | str,
    *,
    local: bool = False,
    sobol: bool = False,
    try_draws: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Drivers:
    """Find what decides a target; nothing is simulated unless it is asked for.

    Parameters
    ----------
    target
        A claim, an outcome or ``measure@month``.
    local
        Slopes and finite moves at the middle as well; simulates.
    sobol
        Sobol indices from the design that was drawn for the run.
    try_draws
        Try out what would change the answer on so many draws; simulates. 0 for not.
    progress
        Told what is being simulated.

    Raises
    ------
    BadInputError
        There is no such target, nothing can be said of it, or the run was not drawn for what is asked.
    """
    asked = find_target(run, target) if isinstance(target, str) else target
    at_middle, indices = None, None
    if sobol:
        from twocurves.drivers.sobol_run import sobol_indices

        indices = sobol_indices(run, asked)
    if local:
        from twocurves.drivers.local import refuse_claim

        refuse_claim(asked)
    found = study(run, asked)
    changes = flips(found) if asked.is_claim else None
    if changes is not None and try_draws:
        changes = tried(changes, found, Replay.of(run, try_draws), progress)
    if local:
        from twocurves.drivers.local import local as slopes_of

        if progress is not None:
            progress("slopes at the middle")
        at_middle = slopes_of(run, asked)
    return Drivers(found, discover(found), changes, at_middle, indices)


def effect_record(effect: Effect) -> dict[str, Any]:
    """Return an effect as ``--json`` prints it; tenths of those above the noise only."""
    tenths = [None if np.isnan(one) else one for one in effect.tenths] if effect.above_noise else None
    return {
        "name": effect.input.name,
        "meaning": effect.input.meaning,
        "unit": effect.input.unit,
        "effect": effect.effect,
        "low": effect.interval[0],
        "high": effect.interval[1],
        "above_noise": effect.above_noise,
        "rank_correlation": effect.rank,
        "pawn": effect.pawn,
        "pawn_interval": effect.pawn_interval,
        "first_order": effect.first,
        "first_order_interval": effect.first_interval,
        "total": effect.total,
        "lowest_tenth": effect.low_value,
        "highest_tenth": effect.high_value,
        "by_tenth": tenths,
        "moves_with": effect.moves_with or None,
    }


def local_record(found: Local) -> dict[str, Any]:
    """Return slopes at the middle as ``--json`` prints them."""
    return {"centre": found.centre, "effects": [effect.as_record() for effect in found.effects]}


def sobol_record(design: Design, found: Indices) -> dict[str, Any]:
    """Return Sobol indices as ``--json`` prints them."""
    return {
        "rows": found.rows,
        "inputs": [
            {
                "name": name,
                "first_order": float(found.first[place]),
                "first_order_interval": found.first_interval[place].tolist(),
                "total": float(found.total[place]),
                "total_interval": found.total_interval[place].tolist(),
            }
            for place, name in enumerate(design.inputs)
        ],
    }
