"""Rival curves in words: what each says, how much it weighs, and which is ahead."""

from __future__ import annotations

import datetime as dt

import numpy as np

from twocurves.charts.number_text import say
from twocurves.observed.measures.rivals import RivalFit, Rivals
from twocurves.observed.measures.trend import DAYS_PER_YEAR
from twocurves.serve.services.series_choice import Chosen

#: A curve of this weight or more is told without its rivals' weights.
_FAR_AHEAD = 0.9

_NAMES = {
    "linear": {"steady": "Straight line", "logistic": "Logistic", "break": "Break"},
    "log": {"steady": "Exponential", "logistic": "Logistic", "break": "Break"},
    "logit": {"steady": "Logistic to 100%", "logistic": "Logistic to less", "break": "Break"},
}

_SENTENCES = {
    "linear": {"steady": "a straight line", "logistic": "a logistic", "break": "a break in the pace"},
    "log": {"steady": "an exponential", "logistic": "a logistic", "break": "a break in the pace"},
    "logit": {
        "steady": "a logistic to 100%",
        "logistic": "a logistic to less than 100%",
        "break": "a break in the pace",
    },
}


def curves_title(chosen: Chosen, rivals: Rivals, called: str) -> str:
    """Return which curve is ahead, as a sentence."""
    ranked = sorted(rivals.fits, key=lambda one: -one.weight)
    words = _SENTENCES[chosen.scale]
    if not ranked:
        return f"{called}: too few figures to tell one curve from another"
    if len(ranked) == 1:
        return f"{called}: only {words[ranked[0].name]} could be fitted"
    first, second = ranked[0], ranked[1]
    if first.weight >= _FAR_AHEAD:
        return f"{called}: {words[first.name]} fits best, {percent_of(first.weight)} of the weight"
    return (
        f"{called}: {words[first.name]} fits best, but {words[second.name]} is not ruled out "
        f"({percent_of(first.weight)} and {percent_of(second.weight)} of the weight)"
    )


def curve_name(chosen: Chosen, name: str) -> str:
    """Return the name of a curve on the scale of a series."""
    return _NAMES[chosen.scale][name]


def curve_errors(chosen: Chosen, one: RivalFit) -> str:
    """Return how large the errors about a curve are, and for how long they last."""
    if chosen.scale == "log":
        said = f"{say(float(np.exp(one.sigma)), 'times', 3)} either way"
    elif chosen.scale == "logit":
        said = f"{say(one.sigma, 'number', 2)} in log odds"
    else:
        said = say(one.sigma, chosen.number, 2)
    return f"{said}, remembered for {say(one.memory * 12, 'number', 2)} months" if one.memory > 0 else said


def curve_said(chosen: Chosen, one: RivalFit) -> str:
    """Return a curve in words."""
    figures = one.figures
    if one.name == "steady":
        return _pace(chosen, figures["slope"])
    if one.name == "break":
        after = _pace(chosen, figures["after"])
        return f"{_pace(chosen, figures['before'])}, from {_month(figures['at'])} on {after}"
    level = figures.get("ceiling")
    if level is None:
        return "no ceiling to be seen in these figures"
    return f"levels off at {say(level, chosen.number, 2)}, half way in {_month(figures['middle'])}"


def _pace(chosen: Chosen, slope: float) -> str:
    if chosen.scale == "log":
        return f"{say(float(np.exp(slope)), 'times', 3)} a year"
    if chosen.scale == "logit":
        return f"odds {say(float(np.exp(slope)), 'times', 3)} a year"
    unit = f" {chosen.unit}" if chosen.number == "number" and chosen.unit else ""
    return f"{say(slope, chosen.number, 3)}{unit} a year"


def _month(year: float) -> str:
    day = dt.date(1970, 1, 1) + dt.timedelta(days=round(min(max(year, -60.0), 200.0) * DAYS_PER_YEAR))
    return f"{day:%b %Y}"


def missing_said(rivals: Rivals, chosen: Chosen) -> str:
    """Return which curves could not be fitted, and why; empty where all were."""
    if not rivals.missing:
        return ""
    told = [f"{_NAMES[chosen.scale][name].lower()}: {why}" for name, why in rivals.missing.items()]
    return f"Not fitted: {'; '.join(told)}."


def percent_of(weight: float) -> str:
    """Return a weight in per cent, without claiming certainty."""
    if weight < 0.01:
        return "under 1%"
    if weight > 0.99:
        return "over 99%"
    return f"{100 * weight:.0f}%"
