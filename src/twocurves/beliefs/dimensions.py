"""The stored Sobol dimension of every parameter: numbers are given once and never taken back.

``data/dimensions.toml`` maps full names to dimensions. ``python -m twocurves.beliefs.dimensions`` gives the
next free numbers to names that have none; it renumbers and removes nothing (names that are no longer used
keep theirs), so every other parameter's draws stay as they are. Parameters without an entry in the file, such
as those of a user's own folder, draw plain random numbers from a stream of their own name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from twocurves.beliefs.sobol import DIMENSIONS
from twocurves.beliefs.stored import DIMENSIONS_FILE, stored_dimensions

_HEADER = """\
# Sobol dimension of each parameter. Written by: python -m twocurves.beliefs.dimensions
# Numbers are only ever added: changing or removing one would change draws of the same seed.

"""


def with_new_names(stored: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return the stored dimensions with the next free ones for names that have none.

    New scalars come before new names with an entity behind them, because the copula goes by this order and
    one number on which many entities depend should come first.

    Raises
    ------
    ValueError
        There are more names than dimensions with stored direction numbers.
    """
    new = [name for name in names if name not in stored]
    new.sort(key=lambda name: "." in name)
    first = max(stored.values(), default=-1) + 1
    extended = {**stored, **{name: first + place for place, name in enumerate(new)}}
    if first + len(new) > DIMENSIONS:
        raise ValueError(
            f"{first + len(new)} dimensions are wanted and {DIMENSIONS} stored; "
            "raise DIMENSIONS in twocurves.beliefs.sobol and write its direction numbers anew"
        )
    return extended


def dimensions_text(dimensions: Mapping[str, int]) -> str:
    """Return the text of the file, in the order of the numbers."""
    rows = sorted(dimensions.items(), key=lambda row: row[1])
    return _HEADER + "".join(f'"{name}" = {number}\n' for name, number in rows)


def main(arguments: list[str] | None = None) -> int:
    """Add what is missing to the file, or with ``--check`` only say whether something is."""
    from twocurves.beliefs.load import load_beliefs

    parser = argparse.ArgumentParser(prog="python -m twocurves.beliefs.dimensions")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when names are missing")
    options = parser.parse_args(arguments)
    stored = stored_dimensions()
    extended = with_new_names(stored, load_beliefs().names)
    added = len(extended) - len(stored)
    if options.check:
        sys.stdout.write(f"{added} names without a stored dimension\n")
        return 1 if added else 0
    path = Path(__file__).parent / "data" / DIMENSIONS_FILE
    path.write_text(dimensions_text(extended), encoding="utf-8")
    sys.stdout.write(f"{added} names added, {len(extended)} in all\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
