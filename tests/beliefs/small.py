"""A small set of belief files, one of everything, for tests to load, break and extend."""

from __future__ import annotations

from pathlib import Path

from twocurves.beliefs import Beliefs, load_beliefs

PARAMETERS = """\
group = "Small"
about = "One parameter of each family."

[[parameter]]
name = "open_lag"
symbol = "lag"
meaning = "How far open models follow."
unit = "months"
distribution = "split_lognormal"
bounds = [0.5, 40.0]
identified_by = "index gap"
[parameter.default]
p05 = 3.0
p50 = 4.5
p95 = 8.0
evidence = "V"
source = "a test"

[[parameter]]
name = "spillover"
symbol = "s"
meaning = "Share that spills over."
unit = "1"
distribution = "split_logitnormal"
bounds = [0.0, 1.0]
identified_by = "lag response"
default = { p05 = 0.2, p50 = 0.5, p95 = 0.8, evidence = "J", source = "a test" }

[[parameter]]
name = "points"
meaning = "Index points for ten times the compute."
unit = "points"
distribution = "split_normal"
bounds = [-10.0, 40.0]
identified_by = "scaling"
default = { p05 = 7, p50 = 12, p95 = 17, evidence = "D", source = "a test" }

[[parameter]]
name = "tracking"
symbol = "tau"
meaning = "How fast tasks move out."
unit = "1"
distribution = "uniform"
bounds = [0.0, 1.0]
identified_by = "nothing yet"
default = { low = 0.0, high = 1.0, evidence = "J", source = "a test" }

[[parameter]]
name = "feedback"
symbol = "rsi"
meaning = "Self-improvement."
unit = "1"
distribution = "zero_inflated_exponential"
bounds = [0.0, 3.0]
identified_by = "slope breaks"
default = { zero_mass = 0.6, mean = 0.3, evidence = "J", source = "a test" }

[[parameter]]
name = "start_year"
meaning = "A certain number."
unit = "years"
nature = "choice"
distribution = "fixed"
bounds = [2000, 2100]
identified_by = "the calendar"
default = { value = 2023, evidence = "V", source = "a test" }

[[parameter]]
name = "half_life"
symbol = "hl"
meaning = "Half-life of the premium."
unit = "months"
index = "segment"
distribution = "split_lognormal"
bounds = [1.0, 2000.0]
identified_by = "shares"
default = { p05 = 24, p50 = 60, p95 = 240, evidence = "J", source = "a test" }

[[parameter]]
name = "difficulty"
meaning = "How hard the work is."
unit = "points"
index = "segment"
distribution = "split_normal"
bounds = [0.0, 300.0]
identified_by = "benchmarks"

[[parameter]]
name = "catch_up"
symbol = "delta"
meaning = "Catch-up a month."
unit = "1/month"
role = "derived"
distribution = "split_lognormal"
bounds = [0.0, 1.0]
identified_by = "the lag"
formula = "(1 - tau) / (open_lag - (1 - s) * 5)"

[[parameter]]
name = "relative_half_life"
meaning = "Half-life over the lag."
unit = "1"
role = "derived"
index = "segment"
distribution = "split_lognormal"
bounds = [0.0, 10000.0]
identified_by = "both"
formula = "half_life / open_lag + 0 * catch_up"
"""

WHY = (
    "Long enough to say why this story is told: it changes one number, so that a test can see that "
    "nothing else changes with it, which is all that it is for."
)

_ENTITY = 'title = "A title"\nmeaning = "What it is"\nevidence = "J"\nsource = "a test"\n'

FILES = {
    "parameters/small.toml": PARAMETERS,
    "segments.toml": f"""\
[[segment]]
id = "chat"
{_ENTITY}buyers = "consumers"
free_tier = true
priors.difficulty = {{ p05 = 100, p50 = 108, p95 = 115, evidence = "J", source = "a test" }}

[[segment]]
id = "coding"
{_ENTITY}buyers = "developers"
[segment.priors.difficulty]
p05 = 120
p50 = 136
p95 = 150
evidence = "J"
source = "a test"
[segment.priors.half_life]
p05 = 30
p50 = 90
p95 = 300
evidence = "J"
source = "a test"
""",
    "regions.toml": f'[[region]]\nid = "world"\n{_ENTITY}',
    "labs.toml": f'[[lab]]\nid = "first_lab"\n{_ENTITY}region = "world"\nentered = "2022-11"\n',
    "events.toml": """\
[[event]]
id = "an_entry"
title = "An entry"
month = "2024-05"
kind = "entry"
actor = "first_lab"
meaning = "A lab enters"
evidence = "V"
source = "a test"
""",
    "correlations.toml": """\
[[correlation]]
first = "open_lag"
second = "spillover"
rank_correlation = 0.5
evidence = "J"
source = "a test"

[[correlation]]
first = "tracking"
second = "half_life"
rank_correlation = 0.4
evidence = "J"
source = "a test"
""",
    "targets.toml": """\
[[target]]
name = "closed_revenue"
meaning = "Revenue of closed labs"
unit = "bn USD a year"
month = "2025-12"
p05 = 25.0
p50 = 33.0
p95 = 40.0
evidence = "S"
source = "a test"
""",
    "scenarios/central.toml": f'id = "central"\ntitle = "Central"\nwhy = "{WHY}"\n',
    "scenarios/slow.toml": f"""\
id = "slow"
title = "Slow followers"
why = "{WHY}"
[set]
open_lag = "1.5x"
hl = 100
half_life.coding = "50..200"
""",
}


def write_small(folder: Path) -> Path:
    """Write the files to a folder and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load_small(folder: Path, *more: Path) -> Beliefs:
    return load_beliefs(write_small(folder), *more, packaged=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def entity(kind: str, identifier: str, more: str = "") -> str:
    """Return the table of an entity with what every kind asks for."""
    return f'[[{kind}]]\nid = "{identifier}"\n{_ENTITY}{more}\n'
