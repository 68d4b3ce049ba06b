"""Newer data from public sources: fetched, validated, compared, and only then put in place of the old.

:func:`update` is the service behind ``twocurves data update``; ``held`` says what was fetched before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twocurves.observed.updating.service import update

__all__ = ["update"]


def __getattr__(name: str) -> object:
    # Imported when asked for: whoever only reads what is held needs no network code.
    if name == "update":
        from twocurves.observed.updating.service import update

        return update
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
