"""From a workload and a stored run to a decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twocurves.decide.advice import advice_of, open_sentence, sentence
from twocurves.decide.answer import (
    Decision,
    OpenQuestion,
    OptionCost,
    RegretOfMonth,
)
from twocurves.decide.breaks import break_evens, utilisation
from twocurves.decide.building import build_options
from twocurves.decide.constraints import CLOSED_OPTIONS, OPEN_OPTIONS, conflict
from twocurves.decide.courses import cost_courses
from twocurves.decide.deciders import deciders
from twocurves.decide.load import Load, read_load
from twocurves.decide.market import Market, market
from twocurves.decide.need import read_need
from twocurves.decide.observables import features, observables
from twocurves.decide.options import Option, Setting
from twocurves.decide.policies import (
    Gains,
    Policies,
    Policy,
    entered_at_once,
    gains,
    policies,
    present_values,
)
from twocurves.decide.risks import priced_risks
from twocurves.decide.triggers import triggers
from twocurves.decide.workload import Workload
from twocurves.decide.workload_file import read_workload
from twocurves.decide.world import World, first_month, read_world
from twocurves.ensemble.results import StoredRun
from twocurves.months import Month

#: Of the cost of staying, the regret whose probability is told where the workload states none.
_REGRET_SHARE = 0.1


def decide(workload: Workload | str | Path, run: StoredRun) -> Decision:
    """Say whether a workload should stay or move, to what, and when, in the worlds of a stored run.

    >>> decide("examples/support_replies.toml", tc.open_run("central"))  # doctest: +SKIP

    Parameters
    ----------
    workload
        A workload or its file.
    run
        The run whose draws are the worlds.

    Raises
    ------
    BadInputError
        The workload cannot be costed, nothing can be moved to, or the run keeps too little.
    """
    folder = Path()
    if not isinstance(workload, Workload):
        folder = Path(workload).parent
        workload = read_workload(Path(workload))
    load = read_load(workload.usage, folder)
    stated = workload.horizon.start
    start = first_month(run) if stated is None else Month.parse(stated, "horizon.start")
    world = read_world(run, start, workload.horizon.months)
    return decide_in(workload, load, market(load.request_input_tokens), world)


def decide_in(workload: Workload, load: Load, today: Market, world: World) -> Decision:
    """Decide for a workload in worlds that are there already; see :func:`decide`."""
    setting = Setting(
        workload=workload,
        load=load,
        market=today,
        world=world,
        need=read_need(workload, today, world),
        volume=load.volume(world.months),
        discount=(1.0 + workload.horizon.discount_rate) ** (-1.0 / 12.0),
    )
    options = build_options(setting)
    _check_reachable(setting, options)
    found = gains(options, setting.discount)
    chosen = policies(found, features(setting, options), workload.risk)
    advice = advice_of(chosen, world.months)
    target = chosen.advised.target or chosen.now.target
    total, planning, error = _value_of_waiting(chosen)
    amount = workload.risk.regret_usd
    if amount is None:
        amount = _REGRET_SHARE * float(found.staying.mean())
    told, floor = deciders(chosen.now.gain, world.beliefs)
    costs = tuple(_cost(option, options, found, setting) for option in options)
    return Decision(
        workload=workload.name,
        run=world.name,
        advice=advice,
        target=chosen.advised.target,
        answer=sentence(chosen, advice, world.start, months=world.months, must_move=found.must_move),
        options=costs,
        open_question=_open_question(setting, options, chosen),
        start=world.start,
        months=world.months,
        draws=world.size,
        failed=world.failed,
        policies=chosen,
        hindsight_months=found.best_month,
        value_of_waiting_usd=total,
        of_which_planning_usd=planning,
        of_which_learning_usd=total - planning,
        value_error_usd=error,
        regret=tuple(_regret(found, plan, world.start) for plan in chosen.by_month),
        regret_above=(amount, float((found.best - chosen.advised.gain > amount).mean())),
        breaks=tuple(break_evens(setting, options, found, chosen.now)),
        utilisation=utilisation(setting, options),
        courses=cost_courses(setting, options, chosen.now),
        deciders=tuple(told),
        noise_floor=floor,
        triggers=tuple(triggers(observables(setting, options), found, chosen, world.start)),
        risks=tuple(priced_risks(setting, options, target)),
        catalogues=today.dates(),
        notes=tuple(_notes(setting)),
    )


def _open_question(setting: Setting, options: Sequence[Option], chosen: Policies) -> OpenQuestion | None:
    """Ask when an open way pays from the closed one that is advised; None where none is advised."""
    now = options[0]
    name = chosen.advised.target or now.name
    closed = next(option for option in options if option.name == name)
    opened = [option for option in options[1:] if option.name in OPEN_OPTIONS and not option.refused]
    if name not in CLOSED_OPTIONS or not any(option.allowed.any() for option in opened):
        return None
    asked = [closed, *opened]
    found = gains(asked, setting.discount)
    answer = policies(found, features(setting, asked), setting.workload.risk)
    start, months = setting.world.start, setting.world.months
    advice = advice_of(answer, months)
    from_there = "From there" if closed is not now else "From what is in use"
    return OpenQuestion(
        baseline=name,
        target=answer.advised.target,
        advice=advice,
        answer=open_sentence(answer, advice, start, months, from_there),
        gain_mean_usd=float(answer.advised.gain.mean()),
        moved=answer.advised.moved,
        months=months,
        start=start,
    )


def _check_reachable(setting: Setting, options: Sequence[Option]) -> None:
    """Refuse a quality that nothing within the constraints reaches in any draw."""
    if any(option.allowed.any() for option in options[1:] if not option.refused):
        return
    quality, given = setting.workload.quality, setting.workload.constraints
    key = next(name for name in ("as_good_as", "eci", "pass_rate") if getattr(quality, name) is not None)
    need = f"quality.{key} = {getattr(quality, key)!r}".replace("'", '"')
    reach = setting.market.best(is_open=False) + float(setting.world.closed_gain.max())
    if float(setting.need.level.min()) > reach:
        raise conflict([need], "is above what any model reaches within the horizon in any draw")
    for rule in ("residency", "options", "exclude_providers", "exclude_countries", "context_tokens"):
        value = getattr(given, rule)
        if value not in ((), 0, "any"):
            raise conflict([need, f"constraints.{rule} = {value!r}".replace("'", '"')])
    raise conflict([need])


def _value_of_waiting(chosen: Policies) -> tuple[float, float, float]:
    """Return the value against the better of now and never, the part of a fixed date, and the error (90%).

    Each is a maximum over policies valued on draws that taught the rule nothing, staying and moving now among
    them, so that neither is below zero.
    """
    today = max(chosen.stay, chosen.now, key=_mean)
    planned = max(today, chosen.date, key=_mean)
    best = max(planned, chosen.rule, key=_mean)
    difference = best.gain - today.gain
    error = 1.645 * float(difference.std()) / np.sqrt(len(difference))
    return float(difference.mean()), float((planned.gain - today.gain).mean()), float(error)


def _mean(policy: Policy) -> float:
    return float(policy.gain.mean())


def _cost(option: Option, options: Sequence[Option], found: Gains, setting: Setting) -> OptionCost:
    """Return an option's cost: entered as soon as possible, what is in use paid until then."""
    value = present_values(setting.discount, setting.world.months)
    stays = option is options[0]
    feasible = not option.refused and bool(option.allowed.any())
    why = option.refused or ("" if feasible else "not good enough in any draw within the horizon")
    quantiles: list[float | None] = [None, None, None, None]
    if feasible:
        if stays:
            cost = (option.running * value).sum(axis=1)
        else:
            cost = found.staying - entered_at_once(options[0], option, setting.discount)
        quantiles = [*(float(q) for q in np.quantile(cost, (0.05, 0.5, 0.95))), float(cost.mean())]
    first = None if option.refused else float(np.median(option.running[:, 0]))
    return OptionCost(
        name=option.name,
        title=option.title,
        what=option.what,
        feasible=feasible,
        why=why,
        possible_now=float(option.allowed[:, 0].mean()) if feasible else 0.0,
        usd_first_month=first,
        p05=quantiles[0],
        p50=quantiles[1],
        p95=quantiles[2],
        mean=quantiles[3],
        dominated=feasible and not stays and option.name not in found.names,
        sellers=option.sellers,
    )


def _regret(found: Gains, plan: Policy, start: Month) -> RegretOfMonth:
    regret = found.best - plan.gain
    low, lower, middle, upper, high = np.quantile(regret, (0.1, 0.25, 0.5, 0.75, 0.9))
    return RegretOfMonth(
        month=str(start + plan.month),
        target=plan.target,
        mean=float(regret.mean()),
        p10=float(low),
        p25=float(lower),
        p50=float(middle),
        p75=float(upper),
        p90=float(high),
        loses=float((plan.gain < 0.0).mean()),
    )


def _notes(setting: Setting) -> list[str]:
    workload, load = setting.workload, setting.load
    told = []
    if workload.constraints.min_tokens_per_second:
        told.append(
            "Speeds of sellers by the token are in no catalogue: constraints.min_tokens_per_second was "
            "checked for machines only."
        )
    if setting.need.score_now is None:
        told.append(
            f"{workload.now.model} has no index score: what is in use is taken to be just good enough."
        )
    if (workload.quality.usd_per_task or workload.quality.usd_per_error) and not load.tasks:
        told.append("Values of tasks and errors count for nothing without usage.tasks_per_month.")
    if load.exported is not None:
        export = load.exported
        told.append(
            f"Usage from the export, {export.first} to {export.last}; "
            f"most used: {next(iter(export.by_model))}."
        )
        if export.missing:
            told.append(f"The export has no {' and no '.join(export.missing)}.")
    if setting.world.failed:
        told.append(f"{setting.world.failed} failed draws of the run are left out.")
    return told
