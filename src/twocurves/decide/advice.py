"""From policies to the advice in a word and in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.charts.number_text import say
from twocurves.decide.options import TITLES
from twocurves.decide.policies import Policies
from twocurves.decide.words import in_twenty, in_words
from twocurves.months import Month

#: Shares below half a dot of twenty are not told.
_HALF_A_DOT = 0.025


def months_of(moved: NDArray[np.int64], start: Month, months: int) -> dict[str, Any]:
    """Return percentiles of the month of moving among the draws that move, and the share that never does."""
    moving = np.sort(moved[moved < months])
    never = 1.0 - len(moving) / max(1, len(moved))
    if not moving.size:
        return {"p10": None, "p50": None, "p90": None, "never": never}
    at = {level: moving[min(len(moving) - 1, int(level / 100 * len(moving)))] for level in (10, 50, 90)}
    return {**{f"p{level}": str(start + int(month)) for level, month in at.items()}, "never": never}


def advice_of(chosen: Policies, months: int) -> str:
    """Return the advice in a word."""
    advised = chosen.advised
    if advised.name == "stay" or (advised.moved >= months).mean() >= 0.5:
        return "stay"
    return "move_now" if (advised.moved == 0).mean() >= 0.5 else "wait"


def sentence(chosen: Policies, advice: str, start: Month, *, months: int, must_move: bool = False) -> str:
    """Return the advice as a sentence, with how often it would be wrong."""
    advised, now = chosen.advised, chosen.now
    loses = float((now.gain < 0.0).mean())
    to = TITLES.get(advised.target, advised.target)
    if must_move:
        gain = float(np.median(advised.gain))
        cost = f"saves {_usd(gain)}" if gain > 0.0 else f"costs {_usd(-gain)} more"
        soon = "now" if (advised.moved == 0).mean() >= 0.5 else "as soon as it is good enough"
        return f"Move {soon} to {to}: what is in use is not permitted, and this {cost} at the median."
    if advice == "stay":
        if not now.target:
            return "Stay: there is nothing to move to within the horizon."
        if advised.name != "stay":
            when = months_of(advised.moved, start, months)
            soonest = f", from around {in_words(Month.parse(when['p50'], 'month'))}" if when["p50"] else ""
            return (
                f"Stay for now: moving to {to} pays in {in_twenty(1.0 - when['never'])} worlds only{soonest}."
            )
        best = max(chosen.now, chosen.date, key=lambda policy: float(policy.gain.mean()))
        wins = float((best.gain > 0.0).mean())
        other = TITLES.get(best.target, best.target)
        if not wins:
            return "Stay: nothing that can be moved to pays in any world."
        return f"Stay: moving to {other} pays in {in_twenty(wins)} worlds only."
    if advice == "move_now":
        return (
            f"Move now to {to}: it saves {_usd(float(np.median(advised.gain)))} at the median and loses in "
            f"{in_twenty(float((advised.gain < 0.0).mean()))} worlds."
        )
    when = months_of(advised.moved, start, months)
    month = in_words(Month.parse(when["p50"], "month"))
    never = f" (in {in_twenty(when['never'])} never)" if when["never"] >= _HALF_A_DOT else ""
    cannot = float((now.moved > 0).mean())
    if advised.name == "now":
        return (
            f"Move to {to} as soon as it is good enough, around {month}{never}; "
            f"today it is not in {in_twenty(cannot)} worlds."
        )
    verb = "then move" if advised.name == "rule" else "and plan to move"
    return f"Wait, {verb} to {to} around {month}{never}; moving now loses in {in_twenty(loses)} worlds."


def open_sentence(chosen: Policies, advice: str, start: Month, months: int, from_there: str) -> str:
    """Return what an open way would add to the closed one that is advised."""
    advised = chosen.advised
    to = TITLES.get(advised.target or chosen.now.target, "")
    if advice == "stay":
        best = max(chosen.now, chosen.date, advised, key=lambda policy: float(policy.gain.mean()))
        wins = in_twenty(float((best.gain > 0.0).mean()))
        name = TITLES.get(best.target, to)
        return f"{from_there}, no open way pays: the best of them, {name}, does in {wins} worlds."
    saves = _usd(float(advised.gain.mean()))
    if advice == "move_now":
        return f"{from_there}, moving on to {to} would save {saves} more on average."
    when = months_of(advised.moved, start, months)
    never = f" (in {in_twenty(when['never'])} worlds never)" if when["never"] >= _HALF_A_DOT else ""
    month = in_words(Month.parse(when["p50"], "month"))
    return f"{from_there}, {to} pays from around {month}{never}, saving {saves} on average."


def _usd(amount: float) -> str:
    return say(amount, "usd", digits=2)
