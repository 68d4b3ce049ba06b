"""Faults as values: one sentence each, with the field, what was given, what is allowed and the nearest name.

Every room raises these; only the faces (command line, server) print them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any


class Fault(Exception):
    """A failure with a cause and a remedy.

    Parameters
    ----------
    message
        One sentence for a person, complete in itself.
    field
        What was wrong: an option, a parameter name, ``file:line``.
    given
        What was found there.
    allowed
        What would have been accepted.
    suggestion
        The nearest valid value, when there is one.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        given: object = None,
        allowed: object = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.given = given
        self.allowed = allowed
        self.suggestion = suggestion

    def as_record(self) -> dict[str, Any]:
        """Return the fault as the object that ``--json`` prints under ``error``."""
        return {
            "field": self.field,
            "given": _plain(self.given),
            "allowed": _plain(self.allowed),
            "suggestion": self.suggestion,
            "message": self.message,
        }


class BadInputError(Fault):
    """The user's input cannot be used; exit code 2, nothing written."""

    exit_code = 2


class BadFileError(BadInputError):
    """A file of the user's (or of ours) is malformed; ``field`` is ``path:line``."""


class BadDataError(BadInputError):
    """A table of observations breaks its schema; ``field`` names table, row and column."""


class MissingExtraError(Fault):
    """A feature needs an optional dependency that is not installed; the message names the extra."""


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return str(value)


def nearest(given: str, names: Iterable[str]) -> str | None:
    """Return the valid name most like ``given``, or None when nothing is near.

    >>> nearest("lagg_pub", ["lag_pub", "tau"])
    'lag_pub'
    """
    by_lower = {name.lower(): name for name in names}
    found = get_close_matches(given.lower(), by_lower, n=1, cutoff=0.6)
    if found:
        return by_lower[found[0]]
    inside = [name for lower, name in by_lower.items() if given.lower() and given.lower() in lower]
    return min(inside, key=len) if inside else None


def unknown(
    what: str, given: str, names: Iterable[str], *, also: Iterable[str] = (), field: str | None = None
) -> BadInputError:
    """Build the fault for a name that does not exist.

    Parameters
    ----------
    what
        The kind of thing, as a person calls it ("parameter", "scenario", "series").
    given
        The name that was not found.
    names
        All valid names.
    also
        What is understood too, such as symbols: suggested when near, never listed.
    field
        Where it was given; the kind of thing when left out.
    """
    valid = sorted(names)
    near = nearest(given, [*valid, *also])
    if near is not None:
        hint = f"; did you mean {near!r}?"
    elif len(valid) <= 12:
        hint = f"; there are {', '.join(valid)}." if valid else "; there are none."
    else:
        hint = f"; there are {len(valid)}, for example {', '.join(valid[:4])}."
    return BadInputError(
        f"No {what} {given!r}{hint}",
        field=field or what,
        given=given,
        allowed=valid,
        suggestion=near,
    )
