"""The sliders: an assumption with its prior behind it, where it stands, and what the page says of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from twocurves.beliefs import Beliefs, Change, Settings
from twocurves.beliefs.changes import allowed_values
from twocurves.beliefs.naming import entity_title, plain_name
from twocurves.charts.number_text import say

#: Percentiles between which a slider goes, and points of the drawn density.
_ENDS = (0.005, 0.995)
_POINTS = 41

#: Box of the drawn density.
_BOX = (240.0, 26.0)

#: Positions of a slider; one key press is a step.
STEPS = 100


@dataclass(frozen=True, slots=True)
class Prior:
    """An assumption's prior, as its slider shows it.

    Attributes
    ----------
    name, label, meaning, unit, group
        Which, in words.
    nature
        "belief" or "choice".
    entity
        Whom it is about; empty for one number.
    low, middle, high
        Ends of the slider and the median.
    log
        Whether the slider is logarithmic.
    path
        The density as an SVG path in a box of 240 by 26.
    quantiles
        Values at 1, 2, ... 99%, to say percentiles without asking the server.
    source, evidence, allowed
        Where the prior is from, how good that is, and what may be given.
    """

    name: str
    label: str
    meaning: str
    unit: str
    group: str
    nature: str
    entity: str
    low: float
    middle: float
    high: float
    log: bool
    path: str
    quantiles: tuple[float, ...]
    source: str
    evidence: str
    allowed: str

    def place(self, value: float) -> float:
        """Return where a value lies on the slider, between 0 and 1."""
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = np.log(low), np.log(high), np.log(max(value, 1e-300))
        return float(np.clip((at - low) / (high - low), 0.0, 1.0))

    def percentile(self, value: float) -> int:
        """Return the percentile of the prior at which a value lies."""
        return int(np.clip(np.searchsorted(self.quantiles, value), 1, 99))


@dataclass(frozen=True, slots=True)
class Slider:
    """A slider as it stands.

    Attributes
    ----------
    prior
        What is behind it.
    value
        Where it stands.
    usual
        Where the scenario has it.
    change
        The visitor's change; None where there is none.
    scenario_change
        The scenario's own change.
    effect
        Influence on the chosen outcome, in its unit; None where there is none to tell.
    share
        Its size as a share of the largest.
    """

    prior: Prior
    value: float
    usual: float
    change: Change | None
    scenario_change: Change | None
    effect: float | None = None
    effect_said: str = ""
    share: float = 0.0

    @property
    def position(self) -> int:
        """Position of the slider, 0 to :data:`STEPS`."""
        return round(self.prior.place(self.value) * STEPS)

    @property
    def usual_position(self) -> float:
        """Place of the scenario's value in per cent of the width."""
        return 100.0 * self.prior.place(self.usual)

    @property
    def text(self) -> str:
        """The value as its field shows it."""
        return number_text(self.value)

    @property
    def field(self) -> str:
        """What the field holds: the change as it was made, else the value."""
        return str(self.change) if self.change is not None else self.text

    @property
    def usual_said(self) -> str:
        """The scenario's value in words."""
        if self.scenario_change is not None and self.scenario_change.kind != "fix":
            return str(self.scenario_change).replace("..", " to ")
        return number_text(self.usual)

    @property
    def said(self) -> str:
        """The value with its unit and percentile, as a screen reader says it."""
        unit = unit_words(self.prior.unit)
        at = ordinal(self.prior.percentile(self.value))
        return f"{self.text}{' ' + unit if unit else ''}, {at} percentile"


def number_text(value: float) -> str:
    """Return a number as a field holds it: four figures, no thousands sign."""
    return f"{value:.4g}"


def unit_words(unit: str) -> str:
    """Return a unit as people write it."""
    return _UNITS.get(unit, unit.replace("_", " "))


def ordinal(number: int) -> str:
    """Return an ordinal number: 1st, 22nd, 13th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }".replace(" ", "")


@lru_cache(maxsize=2)
def priors(beliefs: Beliefs) -> dict[str, Prior]:
    """Return every assumption that a slider can move: those with a spread, and every choice."""
    found = {}
    for group in beliefs.groups:
        for name in group.names:
            for full_name in beliefs.full_names(name):
                made = _prior(beliefs, full_name, group.title)
                if made is not None:
                    found[full_name] = made
    return found


def slider(beliefs: Beliefs, prior: Prior, own: Settings, changes: Settings) -> Slider:
    """Return a slider as it stands.

    Parameters
    ----------
    own
        The scenario's settings.
    changes
        The visitor's.
    """
    usual_change = own.change_of(prior.name)
    change = changes.change_of(prior.name)
    usual = _middle(prior, prior.middle, usual_change)
    value = _middle(prior, prior.middle if change is None or change.kind == "scale" else usual, change)
    return Slider(
        prior=prior,
        value=value if change is not None else usual,
        usual=usual,
        change=change,
        scenario_change=usual_change,
    )


def effect_said(effect: float, style: str, times: float = 1.0) -> str:
    """Return an effect as the page writes it."""
    return say(abs(effect) * times, style, 2)


def _middle(prior: Prior, base: float, change: Change | None) -> float:
    if change is None:
        return base
    if change.kind == "fix":
        return change.numbers[0]
    if change.kind == "scale":
        return base * change.numbers[0]
    low, high = change.numbers
    return float(np.sqrt(low * high)) if prior.log and low > 0 else (low + high) / 2.0


def _prior(beliefs: Beliefs, full_name: str, group: str) -> Prior | None:
    parameter = beliefs.parameter_of(full_name)
    distribution = beliefs.distributions.get(full_name)
    if distribution is None:
        return None
    entity = full_name.partition(".")[2]
    low, middle, high = (float(value) for value in distribution.quantile(np.array([_ENDS[0], 0.5, _ENDS[1]])))
    if high <= low:
        low, high = _around(middle, parameter.bounds)
        if parameter.nature != "choice" or high <= low:
            return None
        path, quantiles = "", tuple(np.linspace(low, high, 99))
        log = False
    else:
        log = parameter.distribution == "split_lognormal" and low > 0 and high / low > 3.0
        points = np.geomspace(low, high, _POINTS) if log else np.linspace(low, high, _POINTS)
        height = distribution.density(points) * (points if log else 1.0)
        path = _path(height)
        quantiles = tuple(float(f"{v:.5g}") for v in distribution.quantile(np.arange(1, 100) / 100.0))
    label = plain_name(beliefs.parameter_of(full_name).name)
    stated = beliefs.priors.get(full_name)
    return Prior(
        name=full_name,
        label=label,
        meaning=parameter.meaning,
        unit=parameter.unit,
        group=group,
        nature=parameter.nature,
        entity=entity_title(entity) if entity else "",
        low=low,
        middle=middle,
        high=high,
        log=log,
        path=path,
        quantiles=quantiles,
        source=stated.source if stated is not None else "",
        evidence=stated.evidence if stated is not None else "",
        allowed=allowed_values(parameter),
    )


def _around(value: float, bounds: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of a slider for a number without spread: half to twice, inside its bounds."""
    if value == 0:
        low, high = bounds
        return (max(low, -1.0), min(high, 1.0))
    ends = sorted((value * 0.5, value * 2.0))
    return max(bounds[0], ends[0]), min(bounds[1], ends[1])


def _path(height: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    top = float(height.max()) or 1.0
    width, tall = _BOX
    steps = np.linspace(0.0, width, len(height))
    dots = " ".join(f"{x:.0f},{tall - tall * y / top:.1f}" for x, y in zip(steps, height, strict=True))
    return f"M0,{tall:g} L{dots} L{width:g},{tall:g} Z"


_UNITS = {
    "1": "",
    "ratio": "",
    "x/year": "× a year",
    "1/year": "a year",
    "1/month": "a month",
    "usd_billion_per_year": "USD bn a year",
    "usd_billion": "USD bn",
    "usd_million_per_year": "USD m a year",
    "usd_per_work_unit": "USD a unit of work",
    "work_units_per_adopter_month": "units of work a month",
    "usd_per_adopter": "USD an adopter",
    "usd_per_adopter_month": "USD an adopter a month",
    "usd_per_user_month": "USD a user a month",
    "usd_per_usd": "USD per USD",
    "usd_per_hour": "USD an hour",
    "usd_per_kwh": "USD a kWh",
    "usd_per_h100e": "USD per H100",
    "h100e": "H100 equivalents",
    "usd": "USD",
    "kilowatts_per_h100e": "kW per H100",
    "h100e_hours_per_work_unit": "H100 hours a unit of work",
}
