"""A decision in words: the same rows and phrases for the terminal, the memo and the notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twocurves.charts.number_text import say
from twocurves.decide.options import TITLES
from twocurves.decide.words import in_twenty, in_words
from twocurves.months import Month

if TYPE_CHECKING:
    from twocurves.decide.answer import Decision
    from twocurves.decide.triggers import Trigger

_ARTICLE = re.compile(r"^(a|an|the) ")

_STYLES = {
    "usd_per_million_tokens": "{} per million tokens",
    "usd_per_hour": "{} an hour",
    "ECI points": "{} index points",
    "months": "{} months",
}


def figure(value: float) -> str:
    """Return a plain number in two figures."""
    return say(value, "number", 2)


def quantity(value: float, unit: str) -> str:
    """Return a figure with its unit.

    >>> quantity(0.214, "usd_per_million_tokens"), quantity(4.0, "months")
    ('21¢ per million tokens', '4 months')
    """
    said = say(value, "usd" if unit.startswith("usd") else "number", 2)
    return _STYLES.get(unit, "{} " + unit).replace("{}", said)


def option_rows(decision: Decision) -> list[tuple[str, str, str, str]]:
    """Return what each option costs that can be had, what is in use first, then the cheapest."""
    now, *others = decision.options
    possible = [option for option in others if option.feasible]
    rows = []
    for option in [now, *sorted(possible, key=lambda one: one.p50 or 0.0)]:
        bare = _ARTICLE.sub("", option.title)
        name = f"{bare} (in use)" if option is now else bare
        if option.p50 is None or option.p05 is None or option.p95 is None:
            rows.append((name, option.why, "–", ""))
            continue
        spread = f"{say(option.p05, 'usd', 2)} to {say(option.p95, 'usd', 2)}"
        rows.append((name, option.what, say(option.p50, "usd", 2), spread))
    return rows


def ruled_out(decision: Decision) -> str:
    """Return which options cannot be had, by the reason, in a sentence; empty when all can."""
    by_reason: dict[str, list[str]] = {}
    for option in decision.options[1:]:
        if not option.feasible:
            by_reason.setdefault(option.why, []).append(option.title)
    if not by_reason:
        return ""
    return "Ruled out: " + "; ".join(f"{', '.join(names)} ({why})" for why, names in by_reason.items()) + "."


def risk_rows(decision: Decision) -> list[tuple[str, str, str, str]]:
    """Return what each risk costs, the largest first; those that cost nothing are left out."""
    return [
        (
            risk.said,
            TITLES.get(risk.falls_on, risk.falls_on) + ("" if risk.in_cost else " (not in the costs above)"),
            say(risk.usd, "usd", 2),
            "" if risk.chance is None else f"{100 * risk.chance:.0f}%",
        )
        for risk in sorted(decision.risks, key=lambda one: -one.usd)
        if risk.usd >= 1.0
    ]


def trigger_sentence(trigger: Trigger) -> str:
    """Return a trigger as a sentence."""
    by = in_words(Month.parse(trigger.by, "month"))
    already = (trigger.now < trigger.level) == (trigger.side == "below")
    moves = {"below": "falls", "above": "rises"}
    verb = f"{'is still' if already else moves[trigger.side]} {trigger.side}"
    return (
        f"{trigger.said} {verb} {quantity(trigger.level, trigger.unit)} by {by} "
        f"(now {quantity(trigger.now, trigger.unit)}; {in_twenty(trigger.share)} worlds): {trigger.then}, "
        f"by {say(trigger.usd, 'usd', 2)} on average."
    )


def break_sentences(decision: Decision) -> list[str]:
    """Return break-even figures as sentences: utilisation by date in one, premium in another."""
    busy = [one for one in decision.breaks if one.name == "utilisation"]
    told = []
    if busy:
        dated = "; ".join(
            f"{share(one.p50)} in {in_words(Month.parse(one.at, 'month'))}"
            + (f" ({share(one.p05)} to {share(one.p95)})" if one.p95 > one.p05 else "")
            for one in busy
        )
        told.append(f"{busy[0].said[0].upper()}{busy[0].said[1:]}: {dated}.")
    for one in decision.breaks:
        if one.name != "premium":
            continue
        today = (
            "" if one.now is None else f"; it is {say(one.now, 'times', 2)} over the horizon at the median"
        )
        low, high = say(one.p05, "times", 2), say(one.p95, "times", 2)
        told.append(
            f"{one.said[0].upper()}{one.said[1:]}: {say(one.p50, 'times', 2)} ({low} to {high}){today}."
        )
    return told


def share(value: float) -> str:
    """Return a share as a percentage in two figures."""
    return say(value, "share", 2)


def explained(decision: Decision) -> str:
    """Return why the answer is what it is, in a few sentences made from its figures."""
    now = decision.options[0]
    target = next((one for one in decision.options if one.name == decision.target), None)
    told = []
    if now.p50 is not None:
        told.append(f"Staying costs {say(now.p50, 'usd', 2)} at the median.")
    if target is not None and target.p50 is not None:
        told.append(
            f"{target.title[0].upper()}{target.title[1:]} costs {say(target.p50, 'usd', 2)} with the cost of "
            f"moving; today that is {target.what}, good enough in {in_twenty(target.possible_now)} worlds."
        )
    cheapest = min(
        (one for one in decision.options[1:] if one.p50 is not None and one is not target),
        key=lambda one: one.p50 or 0.0,
        default=None,
    )
    if cheapest is not None and cheapest.p50 is not None:
        told.append(f"The cheapest other way is {cheapest.title}, {say(cheapest.p50, 'usd', 2)}.")
    learning = decision.of_which_learning_usd
    if decision.value_of_waiting_usd > decision.value_error_usd:
        told.append(
            f"Waiting is worth {say(decision.value_of_waiting_usd, 'usd', 2)}, of which looking first gives "
            f"{say(learning, 'usd', 2)}."
        )
    else:
        told.append("Waiting is worth nothing that stands out from the noise of so many draws.")
    deciding = [one for one in decision.deciders if one.above_noise][:3]
    if deciding:
        more = ", ".join(f"`{one.name}` ({'more' if one.effect > 0 else 'less'})" for one in deciding)
        told.append(f"Moving now gains with these beliefs, the strongest first: {more}.")
    return " ".join(told)


def months_phrase(decision: Decision) -> str:
    """Return the best months with hindsight in words."""
    from twocurves.decide.advice import months_of

    found = months_of(decision.hindsight_months, decision.start, decision.months)
    if found["p50"] is None:
        return "never"
    first, middle, last = (in_words(Month.parse(found[key], "month")) for key in ("p10", "p50", "p90"))
    between = middle if first == last else f"{middle} (80% of draws that move: {first} to {last})"
    never = f", and never in {in_twenty(found['never'])} worlds" if found["never"] >= 0.025 else ""
    return f"{between}{never}"
