"""Where in a TOML file a table or a key stands, so that a fault can name the line.

The parser of the standard library keeps no positions, so a small scan of the text finds the headers and the
keys. It only has to be right about files that have already been parsed without a syntax error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: A place inside a parsed file: keys of tables and positions in arrays, from the outside in.
Place = Sequence[str | int]

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_TOML_ERROR_LINE = re.compile(r"\(at line (\d+)")


def line_of(text: str, place: Place) -> int:
    """Return the line (from 1) on which the innermost known part of ``place`` is declared.

    Parameters
    ----------
    text
        The file, valid TOML.
    place
        For example ``("parameter", 3, "default", "p05")``: the key ``p05`` in the table ``default`` of the
        fourth ``[[parameter]]``. Where the key itself is missing, its table's header is meant.
    """
    lines = declared_lines(text)
    for length in range(len(place), 0, -1):
        line = lines.get(tuple(place[:length]))
        if line is not None:
            return line
    return 1


def declared_lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Return the line on which each table, array element and key of a TOML file is first declared."""
    lines: dict[tuple[str | int, ...], int] = {}
    elements: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    unfinished = _Value()
    for number, line in enumerate(text.splitlines(), start=1):
        if unfinished.is_open:
            unfinished.read(line)
            continue
        header = _HEADER.match(line)
        if header is not None:
            table = _enter(_parts(header[2]), header[1] == "[[", elements)
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
            continue
        key = _KEY.match(line)
        if key is not None:
            parts = _parts(key[1])
            for length in range(1, len(parts) + 1):
                lines.setdefault((*table, *parts[:length]), number)
            unfinished.read(line[key.end() :])
    return lines


def line_of_syntax_error(message: str, text: str) -> int:
    """Return the line that a message of :mod:`tomllib` names; the last one for an unexpected end."""
    found = _TOML_ERROR_LINE.search(message)
    return int(found[1]) if found is not None else max(1, len(text.splitlines()))


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, dotted)]


def _enter(
    parts: list[str], is_array: bool, elements: dict[tuple[str | int, ...], int]
) -> tuple[str | int, ...]:
    """Return the place of a header, and count the elements of arrays of tables."""
    place: tuple[str | int, ...] = ()
    for part in parts[:-1]:
        place = (*place, part)
        if place in elements:
            place = (*place, elements[place])
    place = (*place, parts[-1])
    if not is_array:
        return place
    elements[place] = elements.get(place, -1) + 1
    return (*place, elements[place])


class _Value:
    """Reads a value that may run over several lines: a long string or an array."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0

    @property
    def is_open(self) -> bool:
        return bool(self.quote) or self.depth > 0

    def read(self, line: str) -> None:
        at = 0
        while at < len(line):
            at = self._inside_string(line, at) if self.quote else self._outside_string(line, at)
        if len(self.quote) == 1:  # a short string never runs on
            self.quote = ""

    def _inside_string(self, line: str, at: int) -> int:
        if line[at] == "\\" and self.quote.startswith('"'):
            return at + 2
        if line.startswith(self.quote, at):
            at += len(self.quote)
            self.quote = ""
            return at
        return at + 1

    def _outside_string(self, line: str, at: int) -> int:
        character = line[at]
        if character == "#":
            return len(line)
        if character in "\"'":
            self.quote = character * 3 if line.startswith(character * 3, at) else character
            return at + len(self.quote)
        self.depth += (character in "[{") - (character in "]}")
        return at + 1
