"""The answer: a sentence, its numbers, and how a notebook shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twocurves.decide.advice import months_of
from twocurves.decide.breaks import Break, Utilisation
from twocurves.decide.courses import CostCourses
from twocurves.decide.deciders import Decider
from twocurves.decide.policies import Policies, Policy
from twocurves.decide.triggers import Trigger
from twocurves.months import Month


@dataclass(frozen=True)
class OptionCost:
    """An option and what it costs when it is entered as soon as possible and kept.

    Attributes
    ----------
    name, title, what
        As :class:`~twocurves.decide.options.Option` has them.
    feasible, why
        Whether any draw can enter it within the horizon, and why not.
    possible_now
        Share of draws in which it can be entered at once.
    usd_first_month
        Median cost of its first month at today's prices.
    p05, p50, p95, mean
        Net present cost, USD.
    dominated
        Whether another option does at least as well in every draw and month.
    sellers
        Spread of today's sellers for the first month's tokens.
    """

    name: str
    title: str
    what: str
    feasible: bool
    why: str
    possible_now: float
    usd_first_month: float | None
    p05: float | None
    p50: float | None
    p95: float | None
    mean: float | None
    dominated: bool
    sellers: Mapping[str, float] | None

    def as_record(self) -> dict[str, Any]:
        """Return the option as ``--json`` prints it."""
        return {
            "name": self.name,
            "title": self.title,
            "what": self.what,
            "feasible": self.feasible,
            "why": self.why,
            "possible_now": self.possible_now,
            "cost_first_month": self.usd_first_month,
            "cost_p05": self.p05,
            "cost_p50": self.p50,
            "cost_p95": self.p95,
            "cost_mean": self.mean,
            "dominated": self.dominated,
            "sellers": None if self.sellers is None else dict(self.sellers),
        }


@dataclass(frozen=True)
class RegretOfMonth:
    """Regret of planning to move in a month, against the best move with hindsight, USD.

    Attributes
    ----------
    month, target
        The plan.
    mean, p10, p25, p50, p75, p90
        Of the regret.
    loses
        Share of draws in which the plan costs more than staying.
    """

    month: str
    target: str
    mean: float
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    loses: float

    def as_record(self) -> dict[str, Any]:
        """Return the month as ``--json`` prints it."""
        return {
            "month": self.month,
            "target": self.target,
            "mean": self.mean,
            "p10": self.p10,
            "p25": self.p25,
            "p50": self.p50,
            "p75": self.p75,
            "p90": self.p90,
            "loses_to_staying": self.loses,
        }


@dataclass(frozen=True)
class PricedRisk:
    """A risk and its price.

    Attributes
    ----------
    name, said
        Its name and what it is.
    usd
        Mean present cost over the horizon.
    chance
        Share of draws in which it happens, or its mean chance within the horizon; None where it is a rate.
    falls_on
        ``closed``, ``open`` or the option that bears it.
    in_cost
        Whether costs of options contain it already.
    """

    name: str
    said: str
    usd: float
    chance: float | None
    falls_on: str
    in_cost: bool

    def as_record(self) -> dict[str, Any]:
        """Return the risk as ``--json`` prints it."""
        return {
            "name": self.name,
            "meaning": self.said,
            "usd": self.usd,
            "chance": self.chance,
            "falls_on": self.falls_on,
            "in_cost": self.in_cost,
        }


@dataclass(frozen=True)
class OpenQuestion:
    """When an open way pays, from the best closed one: asked where the advice is to stay closed.

    Attributes
    ----------
    baseline, target, advice
        The closed option moved from, the open one moved to, and the advice on that move alone.
    answer
        In a sentence.
    gain_mean_usd
        Mean gain of that move by the advised policy.
    moved, months
        Month of moving in each draw by that policy, ``months`` where never.
    start
        First month.
    """

    baseline: str
    target: str
    advice: str
    answer: str
    gain_mean_usd: float
    moved: np.ndarray[Any, np.dtype[np.int64]]
    months: int
    start: Month

    def as_record(self) -> dict[str, Any]:
        """Return the question as ``--json`` prints it."""
        return {
            "baseline": self.baseline,
            "target": self.target,
            "advice": self.advice,
            "answer": self.answer,
            "gain_mean_usd": self.gain_mean_usd,
            "month": months_of(self.moved, self.start, self.months),
        }


@dataclass(frozen=True)
class Decision:
    """Whether to stay or to move, and when; a notebook shows the sentence and the tables.

    Attributes
    ----------
    workload, run
        Names of the workload and of the run that drew the worlds.
    advice
        ``move_now``, ``wait`` or ``stay``.
    target
        The option to move to; empty for ``stay``.
    answer, open_question
        The advice in a sentence; and, where a closed way is advised, when an open one pays from there.
    options
        Every option, what is in use first.
    start, months, draws, failed
        First month, how many, draws used, and draws that had failed.
    policies
        Every policy with its gain in each draw.
    hindsight_months
        Best month in each draw with hindsight; ``months`` where staying was best.
    value_of_waiting_usd, of_which_planning_usd, of_which_learning_usd, value_error_usd
        What waiting is worth against the better of moving now and never; the part that a date fixed today
        gives; the part that looking first gives; the Monte Carlo error (90%).
    regret
        By month of moving.
    regret_above
        The amount, and the probability that the advice turns out to have cost so much more than the best.
    breaks, utilisation
        Break-even figures; and how busy machines must be, month by month, where that can be told.
    courses
        What staying and moving now cost month by month; None where there is nothing to move to.
    deciders, noise_floor
        The beliefs that the gain of moving goes with.
    triggers, risks
        What to watch, and what the risks cost.
    catalogues
        Dates of the catalogues.
    notes
        What was assumed or could not be checked.
    """

    workload: str
    run: str
    advice: str
    target: str
    answer: str
    open_question: OpenQuestion | None
    options: tuple[OptionCost, ...]
    start: Month
    months: int
    draws: int
    failed: int
    policies: Policies
    hindsight_months: np.ndarray[Any, np.dtype[np.int64]]
    value_of_waiting_usd: float
    of_which_planning_usd: float
    of_which_learning_usd: float
    value_error_usd: float
    regret: tuple[RegretOfMonth, ...]
    regret_above: tuple[float, float]
    breaks: tuple[Break, ...]
    utilisation: Utilisation | None
    courses: CostCourses | None
    deciders: tuple[Decider, ...]
    noise_floor: float
    triggers: tuple[Trigger, ...]
    risks: tuple[PricedRisk, ...]
    catalogues: Mapping[str, str]
    notes: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the decision as ``twocurves decide --json`` prints it."""
        amount, chance = self.regret_above
        return {
            "workload": self.workload,
            "run": self.run,
            "answer": self.answer,
            "open": None if self.open_question is None else self.open_question.as_record(),
            "advice": self.advice,
            "target": self.target,
            "start": str(self.start),
            "months": self.months,
            "draws": {"used": self.draws, "failed": self.failed},
            "options": [option.as_record() for option in self.options],
            "switch_month": months_of(self.hindsight_months, self.start, self.months),
            "advised_month": months_of(self.policies.advised.moved, self.start, self.months),
            "value_of_waiting_usd": self.value_of_waiting_usd,
            "value_of_waiting": {
                "usd": self.value_of_waiting_usd,
                "of_which_planning_usd": self.of_which_planning_usd,
                "of_which_learning_usd": self.of_which_learning_usd,
                "mc_error_usd": self.value_error_usd,
            },
            "policies": [_policy_record(policy, self.start) for policy in self._all()],
            "regret": [month.as_record() for month in self.regret],
            "regret_above": {"usd": amount, "probability": chance},
            "break_even": [one.as_record() for one in self.breaks],
            "break_even_utilisation": None if self.utilisation is None else self.utilisation.as_record(),
            "courses": None if self.courses is None else self.courses.as_record(),
            "gain_of_moving_now": _gain_record(self.policies.now),
            "decided_by": [one.as_record() for one in self.deciders],
            "noise_floor": self.noise_floor,
            "triggers": [one.as_record() for one in self.triggers],
            "risks": [one.as_record() for one in self.risks],
            "catalogues": dict(self.catalogues),
            "notes": list(self.notes),
        }

    def _all(self) -> Sequence[Policy]:
        return (self.policies.stay, self.policies.now, self.policies.date, self.policies.rule)

    def __repr__(self) -> str:
        return f"Decision({self.workload!r}, {self.answer!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the answer as a page of its own for notebooks, and as its sentence for consoles."""
        from twocurves.decide.memo import within

        return {"text/plain": f"{self!r}", "text/html": within(self)}


def _gain_record(now: Policy) -> dict[str, Any]:
    """Return the outcomes of moving now as twenty draws of equal chance, lowest first."""
    levels = (np.arange(20) + 0.5) / 20
    return {
        "target": now.target,
        "mean_usd": float(now.gain.mean()),
        "saves": float((now.gain > 0.0).mean()),
        "twentieths_usd": [float(one) for one in np.quantile(now.gain, levels)],
    }


def _policy_record(policy: Policy, start: Month) -> dict[str, Any]:
    return {
        "name": policy.name,
        "month": str(start + policy.month) if policy.month >= 0 else None,
        "target": policy.target,
        "gain_mean_usd": float(policy.gain.mean()),
        "gain_p05_usd": float(np.quantile(policy.gain, 0.05)),
        "gain_p95_usd": float(np.quantile(policy.gain, 0.95)),
    }
