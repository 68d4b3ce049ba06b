"""What staying and moving now cost month by month, over the draws, and what the move saves until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.decide.constraints import CLOSED_OPTIONS, OPEN_OPTIONS
from twocurves.decide.options import Option, Setting
from twocurves.decide.policies import Policy, present_values
from twocurves.decide.world import Paths
from twocurves.months import Month

#: Percentiles of a course, and what they are called.
PERCENTILES = {"p2_5": 2.5, "p10": 10.0, "p25": 25.0, "p50": 50.0, "p75": 75.0, "p90": 90.0, "p97_5": 97.5}


@dataclass(frozen=True)
class Course:
    """A figure month by month over the draws.

    Attributes
    ----------
    start
        First month.
    percentiles
        By name as in :data:`PERCENTILES`, each of shape ``(months,)``.
    """

    start: Month
    percentiles: dict[str, NDArray[np.float64]]

    @property
    def months(self) -> int:
        """How many months it has."""
        return len(self.percentiles["p50"])

    def as_record(self) -> list[dict[str, Any]]:
        """Return one entry a month, as ``--json`` prints it."""
        return [
            {
                "month": str(self.start + place),
                **{name: float(values[place]) for name, values in self.percentiles.items()},
            }
            for place in range(self.months)
        ]


@dataclass(frozen=True)
class CostCourses:
    """The cost of staying beside that of moving as soon as it is possible.

    Attributes
    ----------
    target, title
        What is moved to.
    stay_economy, move_economy
        ``closed`` or ``open``; None for what is of both.
    stay_usd, move_usd
        Running cost of each month: tokens or machines, people, failures, expected risks; not what entering
        costs. Before a draw can move it is that of staying.
    saved_usd
        Present value of all that moving has saved since the first month, with what entering cost taken off.
    """

    target: str
    title: str
    stay_economy: str | None
    move_economy: str | None
    stay_usd: Course
    move_usd: Course
    saved_usd: Course

    def as_record(self) -> dict[str, Any]:
        """Return the courses as ``--json`` prints them."""
        return {
            "target": self.target,
            "title": self.title,
            "stay_economy": self.stay_economy,
            "move_economy": self.move_economy,
            "stay_usd_per_month": self.stay_usd.as_record(),
            "move_usd_per_month": self.move_usd.as_record(),
            "saved_usd": self.saved_usd.as_record(),
        }


def course(start: Month, paths: Paths) -> Course:
    """Return a figure's percentiles by month; ``paths`` has the shape ``(draws, months)``."""
    found = np.percentile(paths, list(PERCENTILES.values()), axis=0)
    return Course(start, dict(zip(PERCENTILES, found, strict=True)))


def cost_courses(setting: Setting, options: Sequence[Option], now: Policy) -> CostCourses | None:
    """Return what staying and moving now cost month by month; None where there is nothing to move to."""
    target = next((option for option in options if option.name == now.target), None)
    if target is None:
        return None
    stay = options[0]
    months = stay.running.shape[1]
    value = present_values(setting.discount, months)
    there = np.arange(months)[None] >= now.moved[:, None]
    running = np.where(there, target.running, stay.running)
    entered = np.arange(months)[None] == now.moved[:, None]
    saved = np.cumsum((stay.running - running - np.where(entered, target.entry, 0.0)) * value, axis=1)
    start = setting.world.start
    return CostCourses(
        target=target.name,
        title=target.title,
        stay_economy=_economy(stay.name),
        move_economy=_economy(target.name),
        stay_usd=course(start, stay.running),
        move_usd=course(start, running),
        saved_usd=course(start, saved),
    )


def _economy(name: str) -> str | None:
    if name in CLOSED_OPTIONS:
        return "closed"
    return "open" if name in OPEN_OPTIONS else None
