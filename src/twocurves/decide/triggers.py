"""When to look again: the level of one figure beyond which the advice would be another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from twocurves.decide.observables import Observable
from twocurves.decide.options import TITLES
from twocurves.decide.policies import Gains, Policies
from twocurves.months import Month

#: Months from the start at which a buyer would look again, or sooner where a move is advised sooner.
REVIEW_AFTER = 6

#: A level must part the draws: at least this share on either side.
_LEAST_SHARE = 0.05

_MOST = 4

#: Of the cost of staying, what acting on a level must bring over all draws to be worth telling.
_WORTH_TELLING = 0.002


@dataclass(frozen=True)
class Trigger:
    """A level to watch.

    Attributes
    ----------
    name, said, unit
        The figure.
    side
        ``below`` or ``above``.
    level, now
        The level, and the figure's median in the first month.
    by
        Month looked at.
    share
        Of the draws, in how many it is beyond the level by then.
    then
        What would pay in those draws.
    usd
        Mean gain there of acting so, per draw that is beyond the level.
    """

    name: str
    said: str
    unit: str
    side: str
    level: float
    now: float
    by: str
    share: float
    then: str
    usd: float

    def as_record(self) -> dict[str, Any]:
        """Return the trigger as ``--json`` prints it."""
        return asdict(self)


def triggers(seen: Sequence[Observable], found: Gains, chosen: Policies, start: Month) -> list[Trigger]:
    """Return the levels that part draws best: beyond them one would act otherwise than advised.

    For each figure alone: the level whose far side has the largest total advantage of the other action.
    """
    months = found.moving.shape[1]
    if not found.names or found.must_move:
        return []
    advised = chosen.advised
    moves_now = bool((advised.moved == 0).mean() >= 0.5)
    soon = np.median(advised.moved[advised.moved < months]) if (advised.moved < months).any() else months
    at = REVIEW_AFTER if moves_now else int(np.clip(soon, 1, REVIEW_AFTER))
    at = min(at, months - 1)
    if moves_now:
        # Having moved, what would make one wish one had not: staying beats what the move gives.
        advantage, then = -advised.gain, "staying would have been better"
    else:
        possible = found.allowed[:, at]
        moving = np.where(possible, found.moving[:, at], 0.0)
        best = int(np.argmax(moving.mean(axis=0)))
        # Moving at the review against what one would do who never looks: stay, or keep to a later date.
        later = (chosen.stay, *chosen.by_month[at + 1 :])
        otherwise = max(later, key=lambda policy: float(policy.gain.mean()))
        asked = possible[:, best] & (advised.moved >= at)
        advantage = np.where(asked, moving[:, best] - otherwise.gain, 0.0)
        then = f"moving pays at once ({TITLES.get(found.names[best], found.names[best])})"
    told = []
    for observable in seen:
        trigger = _level(observable, advantage, at, then, start)
        if trigger is not None:
            told.append((trigger.usd * trigger.share, trigger))
    least = _WORTH_TELLING * abs(float(found.staying.mean()))
    told = [pair for pair in told if pair[0] >= least]
    told.sort(key=lambda pair: -pair[0])
    return [trigger for _, trigger in told[:_MOST]]


def _level(
    observable: Observable, advantage: np.ndarray[Any, np.dtype[np.float64]], at: int, then: str, start: Month
) -> Trigger | None:
    values = observable.values[:, at]
    if not np.isfinite(values).all() or values.std() < 1e-12:
        return None
    order = np.argsort(values, kind="stable")
    summed = np.cumsum(advantage[order])
    draws = len(values)
    least = max(1, round(_LEAST_SHARE * draws))
    places = np.arange(least - 1, draws - least)
    # A level lies between two draws whose figures differ.
    places = places[values[order][places] < values[order][places + 1]]
    if not places.size:
        return None
    # What acting beyond the level adds to acting always or never, whichever of these is better.
    below, above = summed[places], summed[-1] - summed[places]
    side, sums = ("below", below) if below.max() >= above.max() else ("above", above)
    place = int(places[int(sums.argmax())])
    total = float(sums.max())
    beyond = order[: place + 1] if side == "below" else order[place + 1 :]
    error = 1.645 * float(advantage[beyond].std()) * len(beyond) ** 0.5
    if total - error <= max(0.0, float(summed[-1])):
        return None
    count = place + 1 if side == "below" else draws - place - 1
    level = float(values[order][place] + values[order][place + 1]) / 2.0
    return Trigger(
        name=observable.name,
        said=observable.said,
        unit=observable.unit,
        side=side,
        level=level,
        now=float(np.median(observable.values[:, 0])),
        by=str(start + at),
        share=count / draws,
        then=then,
        usd=total / count,
    )
