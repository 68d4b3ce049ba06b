"""Twocurves: the two economies of AI models, closed and open, measured, simulated and decided upon.

The public names below are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twocurves.api import compare, decide, drivers, measure, offers, open_run, run
    from twocurves.beliefs import Beliefs, Draws, Settings, draws, load_beliefs, read_settings, scenario
    from twocurves.claims import Ledger, load_ledger
    from twocurves.errors import BadInputError, Fault
    from twocurves.months import Month
    from twocurves.observed.measures.measure import Measure
    from twocurves.observed.measures.report import MeasureReport
    from twocurves.observed.tables import Observations, observations
    from twocurves.run_result import Run

    __version__: str

_HOMES = {
    "BadInputError": "twocurves.errors:BadInputError",
    "Beliefs": "twocurves.beliefs:Beliefs",
    "Draws": "twocurves.beliefs:Draws",
    "Fault": "twocurves.errors:Fault",
    "Ledger": "twocurves.claims:Ledger",
    "Measure": "twocurves.observed.measures.measure:Measure",
    "MeasureReport": "twocurves.observed.measures.report:MeasureReport",
    "Month": "twocurves.months:Month",
    "Observations": "twocurves.observed.tables:Observations",
    "Run": "twocurves.run_result:Run",
    "Settings": "twocurves.beliefs:Settings",
    "compare": "twocurves.api:compare",
    "decide": "twocurves.api:decide",
    "draws": "twocurves.beliefs:draws",
    "drivers": "twocurves.api:drivers",
    "load_beliefs": "twocurves.beliefs:load_beliefs",
    "load_ledger": "twocurves.claims:load_ledger",
    "measure": "twocurves.api:measure",
    "observations": "twocurves.observed.tables:observations",
    "offers": "twocurves.api:offers",
    "open_run": "twocurves.api:open_run",
    "read_settings": "twocurves.beliefs:read_settings",
    "run": "twocurves.api:run",
    "scenario": "twocurves.beliefs:scenario",
}

__all__ = [
    "BadInputError",
    "Beliefs",
    "Draws",
    "Fault",
    "Ledger",
    "Measure",
    "MeasureReport",
    "Month",
    "Observations",
    "Run",
    "Settings",
    "compare",
    "decide",
    "draws",
    "drivers",
    "load_beliefs",
    "load_ledger",
    "measure",
    "observations",
    "offers",
    "open_run",
    "read_settings",
    "run",
    "scenario",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("twocurves")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'twocurves' has no attribute {name!r}")
    module, attribute = home.split(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class _Front(ModuleType):
    """The package: a room of the name of a function (``decide``, ``drivers``) does not take its place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _HOMES):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
