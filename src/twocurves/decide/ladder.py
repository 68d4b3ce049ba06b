"""A ladder of models: in each draw and month the cheapest one whose quality reaches the need.

Today's models stand on it by score and cost. As their economy's best model gains, every rung gains with it,
so a need that stays is met by ever cheaper rungs, and one above the ladder is met once the ladder has risen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from twocurves.decide.market import Offer
from twocurves.decide.options import Setting, Truths
from twocurves.decide.world import Paths


@dataclass(frozen=True)
class Rung:
    """A model on a ladder.

    Attributes
    ----------
    model, score, offer
        The model, its index score, and its offer; None on machines.
    usd_now
        Cost of the first month's work.
    cost
        Cost of each month's work, shape ``(draws, months)``, computed when asked for.
    """

    model: str
    score: float
    offer: Offer | None
    usd_now: float
    cost: Callable[[], Paths]


@dataclass(frozen=True)
class Cheapest:
    """What a ladder gives in each draw and month.

    Attributes
    ----------
    tokens, failing
        Cost of tokens or machines and cost of failures, USD.
    enough
        Where a rung reaches the need; elsewhere the figures are those of the best rung.
    rung
        The rung that the median draw would take in the first month.
    """

    tokens: Paths
    failing: Paths
    enough: Truths
    rung: Rung


def cheapest(
    setting: Setting,
    ladder: Sequence[Rung],
    *,
    opened: bool,
    uplift: Paths | None = None,
    easier_by: float = 0.0,
) -> Cheapest:
    """Climb a ladder: of the rungs that reach the need the one whose cost and failures are least.

    Parameters
    ----------
    opened
        Whether it is the ladder of open weights, which lose points on unfamiliar work.
    uplift
        Points that tuning gains.
    easier_by
        Points by which the part of the work at hand is easier.
    """
    need, world = setting.need, setting.world
    gain = world.open_gain if opened else world.closed_api_gain
    slack = gain - need.level + easier_by - (need.open_penalty if opened else 0.0)
    if uplift is not None:
        slack = slack + uplift
    shape = (world.size, world.months)
    counted = bool(setting.load.tasks and setting.usd_per_failure)
    best = max(ladder, key=lambda rung: rung.score)
    tokens = best.cost().copy()
    failing = np.broadcast_to(setting.failing_usd(slack + need.level + best.score), shape).copy()
    enough = slack + best.score >= 0.0
    for rung in ladder:
        if rung is best:
            continue
        cost = rung.cost()
        fails = np.asarray(setting.failing_usd(slack + need.level + rung.score)) if counted else 0.0
        better = (slack + rung.score >= 0.0) & (cost + fails < tokens + failing)
        np.copyto(tokens, cost, where=better)
        if counted:
            np.copyto(failing, fails, where=better)
    return Cheapest(tokens, failing, enough, _of_today(ladder, slack))


def not_dominated(rungs: Sequence[Rung]) -> list[Rung]:
    """Leave out models that another one matches or beats in score and in today's cost."""
    kept: list[Rung] = []
    for rung in sorted(rungs, key=lambda one: (one.usd_now, -one.score)):
        if not kept or rung.score > kept[-1].score:
            kept.append(rung)
    return kept


def _of_today(ladder: Sequence[Rung], slack: Paths) -> Rung:
    middle = float(np.median(slack[:, 0]))
    fit = [rung for rung in ladder if rung.score + middle >= 0.0]
    return min(fit, key=lambda rung: rung.usd_now) if fit else max(ladder, key=lambda rung: rung.score)
