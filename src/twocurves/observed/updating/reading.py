"""What a reader makes of an answer, and the checks on its form that all readers share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from twocurves.observed.updating.compare import Rows
from twocurves.observed.updating.faults import Cause, SourceFault
from twocurves.observed.updating.fetch import Fetched
from twocurves.observed.updating.sources import Source


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer that could be read.

    Attributes
    ----------
    rows
        Its rows, to be checked and compared.
    content
        What is to be written, in the form in which the rest of the house reads it.
    """

    rows: Rows
    content: bytes


def text_of(fetched: Fetched, source: Source) -> str:
    """Return an answer as text.

    Raises
    ------
    SourceFault
        It is empty, a web page, or not UTF-8.
    """
    if not fetched.body.strip():
        raise SourceFault(Cause.EMPTY, "The answer is empty.", field=source.id)
    start = fetched.body[:512].lstrip().lower()
    if fetched.content_type == "text/html" or start.startswith((b"<!doctype html", b"<html")):
        raise SourceFault(Cause.FORMAT, "The answer is a web page, not data.", field=source.id)
    try:
        return fetched.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFault(
            Cause.ENCODING, f"The answer is not UTF-8 (at byte {error.start:,}).", field=source.id
        ) from error


def json_of(text: str, source: Source) -> Any:
    """Return the JSON value that a text holds; whole numbers stay whole.

    Raises
    ------
    SourceFault
        It is no JSON, or holds NaN or Infinity, which JSON does not have.
    """

    def refuse(name: str) -> NoReturn:
        raise SourceFault(
            Cause.POISONED, f"It holds {name}, which is no finite number.", field=source.id, given=name
        )

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise SourceFault(
            Cause.FORMAT,
            f"The answer is not JSON ({error.msg.lower()}: line {error.lineno}, column {error.colno}).",
            field=source.id,
        ) from error
    except (ValueError, RecursionError) as error:
        raise SourceFault(
            Cause.FORMAT, "The answer is JSON with a number too long or nested too deeply.", field=source.id
        ) from error


class Form:
    """Checks that a JSON value has the form expected; every fault names the place.

    Parameters
    ----------
    source
        Whose answer it is.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def fault(self, where: str, what: str, given: object = None) -> SourceFault:
        """Build the fault for a value of another form."""
        return SourceFault(
            Cause.SCHEMA, f"{where} {what}.", field=f"{self.source.id}: {where}", given=type(given).__name__
        )

    def fields(self, value: object, where: str, needed: Sequence[str] = ()) -> Mapping[str, Any]:
        """Return an object that has the fields needed.

        Raises
        ------
        SourceFault
            It is no object, or lacks a field.
        """
        if not isinstance(value, dict):
            raise self.fault(where, "is no object", value)
        missing = [name for name in needed if name not in value]
        if missing:
            raise self.fault(where, f"lacks {', '.join(missing)}", value)
        return value

    def array(self, value: object, where: str) -> Sequence[Any]:
        """Return an array.

        Raises
        ------
        SourceFault
            It is none.
        """
        if not isinstance(value, list):
            raise self.fault(where, "is no array", value)
        return value

    def text(self, value: object, where: str) -> str:
        """Return a text that is not empty.

        Raises
        ------
        SourceFault
            It is none.
        """
        if not isinstance(value, str) or not value:
            raise self.fault(where, "is no text", value)
        return value

    def flag(self, value: object, where: str) -> str:
        """Return ``yes`` or ``no`` for a truth value.

        Raises
        ------
        SourceFault
            It is none.
        """
        if not isinstance(value, bool):
            raise self.fault(where, "is neither true nor false", value)
        return "yes" if value else "no"

    def figure(self, value: object, where: str) -> float:
        """Return a number as a figure; too large a one becomes infinite, which the figure checks refuse.

        Raises
        ------
        SourceFault
            It is no number.
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(where, "is no number", value)
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")


def unique(pairs: Iterator[tuple[str, Any]], repeated: Callable[[str], SourceFault]) -> dict[str, Any]:
    """Collect named rows, refusing a name that comes twice.

    Raises
    ------
    SourceFault
        What ``repeated`` makes of the name.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise repeated(name)
        found[name] = value
    return found
