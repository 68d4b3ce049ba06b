"""What can be done, valued: stay, move now, move at a date, or move when a learned rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twocurves.decide.options import Option
from twocurves.decide.stopping import Floats, Indices, Stops, Truths, learned_across
from twocurves.decide.workload import Risk

NEVER = -1


@dataclass(frozen=True)
class Gains:
    """What moves turn out to give against staying, as of the first month, USD.

    Attributes
    ----------
    staying
        Cost of staying to the end, shape ``(draws,)``.
    moving
        Gain of moving in a month to a target, shape ``(draws, months, targets)``.
    allowed
        Where that is possible, same shape.
    names
        The targets.
    must_move
        Staying is not permitted: the choice is where to move as soon as it is possible.
    """

    staying: Floats
    moving: Floats
    allowed: Truths
    names: tuple[str, ...]
    must_move: bool = False

    @cached_property
    def best(self) -> Floats:
        """Largest gain with hindsight, 0 where staying was best, shape ``(draws,)``."""
        if self.must_move:
            return np.asarray(self.committed()[:, 0].max(axis=1))
        return np.asarray(self._possible().max(axis=(1, 2), initial=0.0))

    @cached_property
    def best_month(self) -> Indices:
        """Best month with hindsight, the number of months where staying was best, shape ``(draws,)``."""
        by_month = self._possible().max(axis=2, initial=-np.inf)
        if self.must_move:
            first = self.allowed.any(axis=2).argmax(axis=1)
            return np.asarray(np.where(self.allowed.any(axis=(1, 2)), first, self.moving.shape[1]))
        month = by_month.argmax(axis=1)
        return np.asarray(np.where(by_month.max(axis=1) > 0.0, month, self.moving.shape[1]))

    def committed(self) -> Floats:
        """Return the gain of planning each month and target: moved as soon after as it is possible.

        Shape ``(draws, months, targets)``; 0 where it is never possible again.
        """
        draws, months, targets = self.moving.shape
        found = np.zeros_like(self.moving)
        ahead = np.zeros((draws, targets))
        for month in reversed(range(months)):
            ahead = np.where(self.allowed[:, month], self.moving[:, month], ahead)
            found[:, month] = ahead
        return found

    def _possible(self) -> Floats:
        return np.where(self.allowed, self.moving, -np.inf)


def gains(options: Sequence[Option], discount: float) -> Gains:
    """Value every move from the first option to the others, dominated ones left out.

    The gain of moving in month ``d`` to ``k`` is ``sum over t >= d of b^t (stay_t - run_kt) - b^d entry_kd``.
    A target that another one matches or beats in every draw and month is dominated and never a target.
    """
    now, others = (
        options[0],
        [option for option in options[1:] if not option.refused and option.allowed.any()],
    )
    months = now.running.shape[1]
    value = present_values(discount, months)
    moving = np.stack(
        [_gain_of_moving(now, option, value) for option in others] or [np.zeros((len(now.running), months))],
        axis=2,
    )
    allowed = np.stack(
        [option.allowed for option in others] or [np.zeros((len(now.running), months), dtype=np.bool_)],
        axis=2,
    )
    kept = [
        place
        for place in range(len(others))
        if not any(
            _dominates(moving, allowed, other, place) for other in range(len(others)) if other != place
        )
    ]
    if others:
        moving, allowed = moving[:, :, kept], allowed[:, :, kept]
    return Gains(
        staying=(now.running * value).sum(axis=1),
        moving=moving,
        allowed=allowed,
        names=tuple(others[place].name for place in kept),
        must_move=bool(now.refused),
    )


def present_values(discount: float, months: int) -> Floats:
    """Return the value today of a dollar in each month, shape ``(months,)``."""
    return np.asarray(discount ** np.arange(months), dtype=np.float64)


def entered_at_once(now: Option, option: Option, discount: float) -> Floats:
    """Return the gain of entering an option as soon as possible, 0 in draws where it never is."""
    moving = _gain_of_moving(now, option, present_values(discount, now.running.shape[1]))
    first = option.allowed.argmax(axis=1)
    gain = np.take_along_axis(moving, first[:, None], axis=1)[:, 0]
    return np.where(option.allowed.any(axis=1), gain, 0.0)


def _gain_of_moving(now: Option, option: Option, value: Floats) -> Floats:
    saved = ((now.running - option.running) * value)[:, ::-1]
    return np.asarray(np.cumsum(saved, axis=1)[:, ::-1] - option.entry * value)


def _dominates(moving: Floats, allowed: Truths, one: int, other: int) -> bool:
    """Say whether ``one`` is possible wherever ``other`` is and never gives less; of equals the first is."""
    where = allowed[:, :, other]
    if not allowed[:, :, one][where].all():
        return False
    ahead = moving[:, :, one][where] - moving[:, :, other][where]
    return bool((ahead >= 0.0).all() and ((ahead > 0.0).any() or one < other))


@dataclass(frozen=True)
class Policy:
    """A way to act, and what it gives in each draw.

    Attributes
    ----------
    name
        ``stay``, ``now``, ``date`` or ``rule``.
    month
        Month planned for ``date``; 0 for ``now``, else ``NEVER``.
    target
        Option moved to; of ``rule`` the one it takes most; empty for ``stay``.
    gain
        Against staying, shape ``(draws,)``.
    moved
        Month in which each draw moves, the number of months where it never does.
    """

    name: str
    month: int
    target: str
    gain: Floats
    moved: Indices


@dataclass(frozen=True)
class Policies:
    """Every policy that was compared.

    Attributes
    ----------
    stay, now, date, rule
        Staying; moving now (or as soon as it is possible); the best planned month; the learned rule.
    by_month
        The best plan for each month.
    advised
        The one whose cost is least by the buyer's attitude to risk.
    """

    stay: Policy
    now: Policy
    date: Policy
    rule: Policy
    by_month: tuple[Policy, ...]
    advised: Policy


def policies(found: Gains, features: Floats, risk: Risk) -> Policies:
    """Value the policies and choose among them.

    Parameters
    ----------
    features
        What can be seen in each month, shape ``(draws, months, features)``.
    """
    draws, months, _ = found.moving.shape
    stay = Policy("stay", NEVER, "", np.zeros(draws), np.full(draws, months))
    committed = found.committed()
    moved = _moved(found.allowed)
    plans = tuple(_plan(found, committed, moved, month, risk) for month in range(months))
    now = plans[0]
    date = min(plans, key=lambda plan: cost_of(found.staying - plan.gain, risk))
    if found.must_move or not found.names:
        return Policies(stay, now, now, now, plans, now if found.names else stay)
    rule = _rule(found, learned_across(found.moving, found.allowed, features))
    # Of equals the plainest is advised: staying, then moving now, then a date, then a rule.
    advised = stay
    for policy in (now, date):
        if _is_better(found.staying, policy, advised, risk):
            advised = policy
    if _is_better(found.staying, rule, advised, risk) and _stands_out(rule, advised):
        advised = rule
    if advised.name == "date" and advised.month == 0:
        advised = now
    if advised.name == "rule" and (advised.moved == 0).all():
        advised = Policy("now", 0, advised.target, advised.gain, advised.moved)
    return Policies(stay, now, date, rule, plans, advised)


def cost_of(cost: Floats, risk: Risk) -> float:
    """Return the mean cost, or the mean of the worst share of draws (CVaR; Rockafellar and Uryasev 2000)."""
    if risk.attitude == "expected":
        return float(cost.mean())
    worst = max(1, round(risk.worst_share * len(cost)))
    return float(np.partition(cost, len(cost) - worst)[-worst:].mean())


def _is_better(staying: Floats, one: Policy, other: Policy, risk: Risk) -> bool:
    first, second = cost_of(staying - one.gain, risk), cost_of(staying - other.gain, risk)
    return first < second - 1e-9 * max(1.0, abs(second))


def _stands_out(one: Policy, other: Policy) -> bool:
    """Say whether the mean difference is beyond the Monte Carlo error of so many draws (90%)."""
    difference = one.gain - other.gain
    return bool(difference.mean() > 1.645 * difference.std() / np.sqrt(len(difference)))


def _plan(found: Gains, committed: Floats, moved: Indices, month: int, risk: Risk) -> Policy:
    draws, months, _ = found.moving.shape
    if not found.names:
        return Policy("date", month, "", np.zeros(draws), np.full(draws, months))
    costs = [cost_of(found.staying - committed[:, month, k], risk) for k in range(len(found.names))]
    target = int(np.argmin(costs))
    return Policy(
        "now" if month == 0 else "date",
        month,
        found.names[target],
        committed[:, month, target],
        moved[:, month, target],
    )


def _moved(allowed: Truths) -> Indices:
    """Return the first month from each on in which a target is possible, shape as ``allowed``."""
    draws, months, targets = allowed.shape
    found = np.empty(allowed.shape, dtype=np.int64)
    ahead = np.full((draws, targets), months)
    for month in reversed(range(months)):
        ahead = np.where(allowed[:, month], month, ahead)
        found[:, month] = ahead
    return found


def _rule(found: Gains, stops: Stops) -> Policy:
    months = found.moving.shape[1]
    taken = stops.target[stops.month < months]
    target = found.names[int(np.bincount(taken).argmax())] if taken.size else ""
    return Policy("rule", NEVER, target, stops.gain, stops.month)
