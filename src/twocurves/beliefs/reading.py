"""Read one TOML file into checked tables; every fault names the file and the line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import ValidationError

from twocurves.beliefs.lines import Place, line_of, line_of_syntax_error
from twocurves.beliefs.schema import PATTERNS_IN_WORDS, Strict
from twocurves.errors import BadFileError, nearest

Shape = TypeVar("Shape", bound=Strict)


@dataclass(frozen=True, slots=True)
class BeliefFile:
    """A parsed file, with its text kept for naming lines.

    Attributes
    ----------
    name
        The file as messages call it.
    text
        What it holds.
    tables
        The same, parsed.
    """

    name: str
    text: str
    tables: dict[str, Any]

    def fault(
        self,
        place: Place,
        sentence: str,
        *,
        given: object = None,
        allowed: object = None,
        suggestion: str | None = None,
    ) -> BadFileError:
        """Build the fault of a place in this file; ``sentence`` follows the file and line."""
        where = f"{self.name}:{line_of(self.text, place)}"
        return BadFileError(
            f"{where}: {sentence}", field=where, given=given, allowed=allowed, suggestion=suggestion
        )

    def allow_only(self, keys: Iterable[str]) -> None:
        """Refuse a file with a key at its top that is not one of ``keys``."""
        known = list(keys)
        for key in self.tables:
            if key not in known:
                raise self.unknown_key((key,), known)

    def unknown_key(self, place: Place, known: Iterable[str]) -> BadFileError:
        """Build the fault of a key that means nothing there."""
        key = str(place[-1])
        keys = sorted(known)
        near = nearest(key, keys)
        hint = f"did you mean {near!r}?" if near is not None else f"known are {', '.join(keys)}."
        return self.fault(place, f"unknown key {key!r}; {hint}", given=key, allowed=keys, suggestion=near)

    def list_of(self, key: str, shape: type[Shape]) -> list[Shape]:
        """Return the array of tables ``[[key]]``, each checked against ``shape``."""
        found = self.tables.get(key, [])
        if not isinstance(found, list):
            raise self.fault((key,), f"write [[{key}]] with two brackets: there may be several.")
        return [self.table(entry, shape, (key, index)) for index, entry in enumerate(found)]

    def table(self, entry: object, shape: type[Shape], place: Place = ()) -> Shape:
        """Check one table against ``shape``.

        Raises
        ------
        BadFileError
            A key is unknown or missing, or a value of the wrong type; the first such fault is named.
        """
        try:
            return shape.model_validate(_tupled(entry), strict=True)
        except ValidationError as error:
            raise self._explained(error, entry, shape, place) from None

    def _explained(
        self, error: ValidationError, entry: object, shape: type[Strict], place: Place
    ) -> BadFileError:
        found = error.errors(include_url=False)
        # A misspelt key explains the one that is missing for it, so it is told first.
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        inner = tuple(first["loc"])
        if first["type"] == "extra_forbidden":
            return self.unknown_key((*place, *inner), _keys_at(shape, inner[:-1]))
        if first["type"] != "missing":
            inner = _without_union_tags(inner, entry)
        where = (*place, *inner)
        key = _called(inner, entry)
        if first["type"] == "missing":
            return self.fault(where, f"{key} is missing.", allowed=key)
        message = str(first["msg"]).removeprefix("Value error, ")
        if first["type"] == "string_pattern_mismatch":
            message = f"it should be {PATTERNS_IN_WORDS[first['ctx']['pattern']]}"
        if first["type"] == "value_error":
            return self.fault(where, f"{message.rstrip('.')}.")
        given = first["input"]
        detail = message[0].lower() + message[1:]
        return self.fault(
            where, f"{key} cannot be {_shown(given)}: {detail.rstrip('.')}.", given=given, allowed=message
        )


def read_belief_file(source: Traversable, name: str) -> BeliefFile:
    """Read and parse a file.

    Parameters
    ----------
    source
        The file.
    name
        What messages call it.

    Raises
    ------
    BadFileError
        It cannot be opened, is not UTF-8 text or is not TOML; ``field`` is ``name:line``.
    """
    try:
        raw = source.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadFileError(f"{name}:1: cannot be read: {reason}.", field=f"{name}:1", given=name) from None
    try:
        text = raw.decode("utf-8-sig")  # some editors put a byte order mark before the text
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        where = f"{name}:{line}"
        raise BadFileError(f"{where}: not a text file in UTF-8.", field=where, allowed="UTF-8") from None
    return parse_belief_text(text, name)


def parse_belief_text(text: str, name: str) -> BeliefFile:
    """Parse the text of a file that messages call ``name``.

    Raises
    ------
    BadFileError
        It is not TOML; ``field`` is ``name:line``.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = f"{name}:{line_of_syntax_error(str(error), text)}"
        detail = str(error).partition(" (at ")[0]
        raise BadFileError(f"{where}: not TOML: {detail}.", field=where, allowed="TOML") from None
    return BeliefFile(name, text, tables)


def _tupled(value: object) -> object:
    """Return a parsed value with arrays as tuples, which the strict shapes ask for."""
    if isinstance(value, list):
        return tuple(_tupled(item) for item in value)
    if isinstance(value, dict):
        return {key: _tupled(item) for key, item in value.items()}
    return value


def _without_union_tags(inner: tuple[str | int, ...], entry: object) -> tuple[str | int, ...]:
    """Drop what a validator appends to a place for the branch of a union that it tried."""
    kept: list[str | int] = []
    within: Any = entry
    for part in inner:
        try:
            within = within[part]
        except (LookupError, TypeError):
            break
        kept.append(part)
    return tuple(kept)


def _name_in(entry: object) -> str:
    return str(entry.get("name", entry.get("id", ""))) if isinstance(entry, dict) else ""


def _called(inner: Place, entry: object) -> str:
    """Return how a person calls a place: its key and the name of the innermost table that has one."""
    keys: list[str] = []
    owner = _name_in(entry)
    for part in inner:
        if isinstance(part, int):
            keys.clear()
        else:
            keys.append(part)
        if isinstance(entry, dict):
            entry = entry.get(str(part))
        elif isinstance(entry, list) and isinstance(part, int):
            entry = entry[part]
        owner = _name_in(entry) or owner
    key = ".".join(keys)
    return f"{key} of {owner}" if owner else key


def _shown(given: object) -> str:
    words = repr(given)
    return words if len(words) <= 60 else f"{words[:57]}..."


def _keys_at(shape: type[Strict], place: Place) -> list[str]:
    """Return the keys known to the table in which ``place`` lies, following nested shapes."""
    keys = _keys_of(shape)
    for part in place:
        field = shape.model_fields.get(str(part))
        if field is None:
            continue
        nested = _shape_within(field.annotation)
        if nested is None:
            break
        shape = nested
        keys = _keys_of(shape)
    return keys


def _keys_of(shape: type[Strict]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def _shape_within(annotation: object) -> type[Strict] | None:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _shape_within(argument)
        if found is not None:
            return found
    return None
