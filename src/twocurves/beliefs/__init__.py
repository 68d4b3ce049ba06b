"""Beliefs as data: parameters with their priors, actors, events, targets and scenarios, and draws of them.

``load_beliefs`` reads the files, ``scenario`` and ``read_settings`` say what is changed, ``draws`` draws.
"""

from twocurves.beliefs.changes import Change
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.drawing import Draws, draws
from twocurves.beliefs.links import from_query, from_toml, to_query, to_toml
from twocurves.beliefs.load import load_beliefs
from twocurves.beliefs.montecarlo import MonteCarloError, monte_carlo_error
from twocurves.beliefs.scenarios import ResolvedScenario, scenario
from twocurves.beliefs.settings import Settings, parse_setting, read_settings

__all__ = [
    "Beliefs",
    "Change",
    "Draws",
    "MonteCarloError",
    "ResolvedScenario",
    "Settings",
    "draws",
    "from_query",
    "from_toml",
    "load_beliefs",
    "monte_carlo_error",
    "parse_setting",
    "read_settings",
    "scenario",
    "to_query",
    "to_toml",
]
