"""Write ``docs/model.md``: the equations as implemented, taken from the rooms themselves.

The equations stand in the docstring of each room, its parameters in its ``PARAMETERS``, the state and the
measures in their classes; the page is made from those, so text and code cannot part.
``python -m twocurves.ensemble.model_page`` writes it, ``--check`` says whether it is current.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from twocurves.beliefs import Beliefs, load_beliefs
from twocurves.economy.measure_table import MEASURES

#: Rooms in the order in which a month passes through them.
ROOMS = (
    "supply",
    "capability",
    "quality",
    "cost",
    "pricing",
    "choice",
    "demand",
    "adoption",
    "serving",
    "clearing",
    "accounts",
    "policy",
    "investment",
    "valuation",
    "initial",
    "month",
    "measures",
    "certificates",
)

#: Parameters that scale observed paths before they enter (see ``assembly``).
FOR_OBSERVED_PATHS = frozenset(
    {"ai_share_of_capex", "hyperscaler_share", "investment_2026", "compute_stock_2025"}
)

PAGE = Path("docs/model.md")

_INTRODUCTION = """# The model, as implemented

This page is generated from the rooms of `src/twocurves/economy` by `python -m twocurves.ensemble.model_page`;
a test keeps it current.

All mechanisms run month by month from January 2023 to December 2036, from the belief files, in float64 and
float32. Every array ends with the axis of draws, so that the same text computes one draw or thousands; axes
are given in brackets or in ``shape (...)`` without that last one. Every event (entry, exit, a flagship's
closing, rationing) is a smooth hazard or share that moves expected mass; none is drawn. So the same program
serves simulation and fitting, and gradients hold between the kinks of price floors and of who is served.

Units: money in USD billions a year, prices in USD per WU (a million blended tokens at the mix of January
2025), compute in H100-equivalents, capability in points of the Epoch Capabilities Index. Months are counted
from January 2023.
"""


def model_page(beliefs: Beliefs) -> str:
    """Return the page's text."""
    parts = [_INTRODUCTION]
    for name in ROOMS:
        module = import_module(f"twocurves.economy.{name}")
        parts.append(_room(name, module, beliefs))
    parts.append(_unused(beliefs))
    parts.append(_fields("State", "twocurves.economy.state", "What next month needs, and nothing more."))
    parts.append(_measures())
    return "\n".join(parts)


def used_parameters() -> dict[str, set[str]]:
    """Return the parameters that each room declares."""
    return {
        name: set(getattr(import_module(f"twocurves.economy.{name}"), "PARAMETERS", ())) for name in ROOMS
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or with ``--check`` say whether it is current; returns the exit code."""
    text = model_page(load_beliefs())
    if "--check" in (sys.argv[1:] if arguments is None else arguments):
        return 0 if PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


def _room(name: str, module: ModuleType, beliefs: Beliefs) -> str:
    title, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n")
    lines = [f"## {title}", "", f"Room: `economy/{name}.py`", "", *_with_equations(rest.strip("\n"))]
    declared = getattr(module, "PARAMETERS", ())
    if declared:
        lines += ["", "| parameter | symbol | unit |", "|---|---|---|"]
        for parameter in declared:
            entry = beliefs.parameters[parameter]
            lines.append(f"| `{parameter}` | {entry.symbol} | {entry.unit} |")
    return "\n".join([*lines, ""])


def _with_equations(text: str) -> Iterator[str]:
    """Yield the lines of a docstring with its indented equations as code blocks."""
    for block in text.split("\n\n"):
        if block.startswith("    "):
            yield from ("```", *inspect.cleandoc(block).splitlines(), "```", "")
        else:
            yield from (*block.replace("::", ":").splitlines(), "")


def _unused(beliefs: Beliefs) -> str:
    """Return the parameters that the belief files hold and no room uses."""
    used = set().union(*used_parameters().values()) | {
        name for entry in beliefs.derived for name in entry.inputs.values()
    }
    names = [f"`{name}`" for name in beliefs.parameters if name not in used | FOR_OBSERVED_PATHS]
    listed = ", ".join(names) if names else "None"
    return f"## Parameters that no room uses\n\n{listed}.\n"


def _measures() -> str:
    """Return the table of measures."""
    lines = ["## Measures shown", "", "Computed from the month, or (lag and lead) from the whole path.", ""]
    lines += ["| name | unit | axes | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {row.unit} | {', '.join(row.axes) or 'one number'} | {row.meaning} |"
        for row in MEASURES.values()
    ]
    return "\n".join([*lines, ""])


def _fields(title: str, module: str, about: str) -> str:
    """Return the table of a NamedTuple's fields with the words and axes in their comments."""
    source = inspect.getsource(getattr(import_module(module), title))
    rows = re.findall(r"^    (\w+): Array  # (.*?)\s*\[([\w, ]*)\]$", source, flags=re.MULTILINE)
    lines = [f"## {title}", "", about, "", "| name | meaning | axes |", "|---|---|---|"]
    lines += [f"| `{name}` | {meaning} | {axes or 'one number'} |" for name, meaning, axes in rows]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
