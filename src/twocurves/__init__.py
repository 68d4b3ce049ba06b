"""Twocurves: the two economies of AI models, closed and open, measured, simulated and decided upon.

The public names below are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twocurves.beliefs import Beliefs, Draws, draws, load_beliefs
    from twocurves.errors import BadInputError, Fault
    from twocurves.months import Month
    from twocurves.observed.catalogues.offers import offers
    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport
    from twocurves.observed.measures.report import measure_all as measure
    from twocurves.observed.tables import Observations, observations

_HOMES = {
    "BadInputError": "twocurves.errors:BadInputError",
    "Beliefs": "twocurves.beliefs:Beliefs",
    "Draws": "twocurves.beliefs:Draws",
    "Fault": "twocurves.errors:Fault",
    "Measure": "twocurves.observed.measures.measure:Measure",
    "MeasureReport": "twocurves.observed.measures.report:MeasureReport",
    "Month": "twocurves.months:Month",
    "Observations": "twocurves.observed.tables:Observations",
    "draws": "twocurves.beliefs:draws",
    "load_beliefs": "twocurves.beliefs:load_beliefs",
    "measure": "twocurves.observed.measures.report:measure_all",
    "observations": "twocurves.observed.tables:observations",
    "offers": "twocurves.observed.catalogues.offers:offers",
}

__all__ = [
    "BadInputError",
    "Beliefs",
    "Draws",
    "Fault",
    "Measure",
    "MeasureReport",
    "Month",
    "Observations",
    "draws",
    "load_beliefs",
    "measure",
    "observations",
    "offers",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'twocurves' has no attribute {name!r}")
    module, attribute = home.split(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__
