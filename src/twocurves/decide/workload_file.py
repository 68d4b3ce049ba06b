"""Reading a workload's TOML file, every fault with its line; and the commented template."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

from twocurves.beliefs.reading import BeliefFile, read_belief_file
from twocurves.decide.workload import Workload
from twocurves.errors import BadInputError, nearest
from twocurves.files import written_whole

#: What messages suggest when the file is not there.
_NEW = "twocurves decide new"


def read_workload(path: Path) -> Workload:
    """Read a workload.

    Raises
    ------
    BadFileError
        It is not there, is not TOML, or a key is unknown, missing or out of range: the line is named.
    """
    if not path.exists():
        others = [str(other) for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        near = nearest(str(path), others)
        hint = f"; did you mean {near}?" if near else f"; write one with `{_NEW} {path}`."
        raise BadInputError(
            f"There is no workload {path}{hint}",
            field="FILE",
            given=str(path),
            allowed="a TOML file",
            suggestion=near,
        )
    read = read_belief_file(path, path.name)
    _check_first(read)
    return read.table(_without_dates(read.tables), Workload)


def write_template(path: Path) -> None:
    """Write a commented workload to start from.

    Raises
    ------
    BadInputError
        Something is there already.
    """
    if path.exists():
        raise BadInputError(
            f"{path} is there already; name a file that is not.",
            field="FILE",
            given=str(path),
            allowed="a new file",
        )
    with written_whole(path) as temporary:
        temporary.write_text(template(), encoding="utf-8")


def template() -> str:
    """Return the commented template."""
    return (resources.files("twocurves.decide") / "data" / "template.toml").read_text(encoding="utf-8")


def _check_first(read: BeliefFile) -> None:
    """Refuse what deserves its own sentence before the shape is checked: a currency, negative counts."""
    currency = read.tables.get("currency", "USD")
    if currency != "USD":
        raise read.fault(
            ("currency",),
            f"currency is {currency!r}; only USD is understood, so convert amounts first.",
            given=currency,
            allowed=["USD"],
        )
    for table, values in read.tables.items():
        if not isinstance(values, dict):
            continue
        for key, value in values.items():
            counted = isinstance(value, int | float) and not isinstance(value, bool)
            if counted and value < 0 and key != "growth_per_year":
                raise read.fault(
                    (table, key),
                    f"{table}.{key} is {value}; it must be 0 or more.",
                    given=value,
                    allowed="0 or more",
                )


def _without_dates(tables: dict[str, object]) -> dict[str, object]:
    """Write days as months where TOML read a date: months are texts such as "2026-12"."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return f"{value:%Y-%m}" if isinstance(value, dt.date) else value

    return {key: plain(value) for key, value in tables.items()}
