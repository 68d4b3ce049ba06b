"""From a file of observations to text, with every row named by file and line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from difflib import get_close_matches
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from twocurves.errors import BadFileError, nearest
from twocurves.observed.tidying import tidy

__all__ = ["OPTIONAL", "REQUIRED", "read_text_table", "tidy"]

#: Columns that every file of observations must have.
REQUIRED = ("series", "entity", "date", "value", "unit", "source")

#: Columns that a file may have.
OPTIONAL = (
    "low",
    "high",
    "interval_kind",
    "known_on",
    "note",
    "organisation",
    "access",
    "licence_class",
    "date_precision",
    "date_listed",
    "price_as_of",
    "basis",
    "conflict",
    "exclude",
)


def read_text_table(path: Path) -> pl.DataFrame:
    """Read a CSV or Parquet file of observations with every column as text, as it stands.

    Returns
    -------
    pl.DataFrame
        The columns of :data:`REQUIRED` and :data:`OPTIONAL`, all of type String, stripped, empty cells
        null; and ``row``, which names each row (``capability.csv:123``; in a Parquet file by its number).

    Raises
    ------
    BadFileError
        The file cannot be read as a table, a required column is missing, or one looks like a misspelt
        column that is not there.
    """
    return read_with_ignored(path)[0]


def read_with_ignored(path: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read a file as :func:`read_text_table` does, and say which of its columns are not used."""
    frame = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
    return _with_known_columns(frame, path)


def _read_csv(path: Path) -> pl.DataFrame:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror}.", field=str(path)) from error
    if b"\0" in content:
        raise BadFileError(f"{path} is no text file; a CSV or Parquet file is needed.", field=str(path))
    if not content.strip():
        raise BadFileError(f"{path} is empty; its first line must name the columns.", field=f"{path}:1")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFileError(f"{path}:{line} is not UTF-8 text.", field=f"{path}:{line}") from error
    try:
        frame = pl.read_csv(io.BytesIO(text.encode()), infer_schema=False)
    except PolarsError as error:
        raise BadFileError(f"{path} is no CSV table: {_line_at_fault(text)}.", field=str(path)) from error
    lines = _line_numbers(text, frame.height)
    return frame.with_columns(row=pl.Series([f"{path.name}:{line}" for line in lines], dtype=pl.String))


def _line_numbers(text: str, rows: int) -> list[int]:
    """Return the line on which each row starts; a cell in quotes may span lines."""
    plain = list(range(2, rows + 2))
    if text.count("\n") in (rows, rows + 1):
        return plain
    reader = csv.reader(io.StringIO(text, newline=""))
    starts, before = [], 0
    for cells in reader:
        if cells:
            starts.append(before + 1)
        before = reader.line_num
    return starts[1:] if len(starts) == rows + 1 else plain


def _line_at_fault(text: str) -> str:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        width = len(next(reader))
        for cells in reader:
            if len(cells) > width:
                return f"line {reader.line_num} has {len(cells)} cells, the header has {width}"
    except csv.Error as error:
        return f"line {reader.line_num}: {error}"
    return "its cells cannot be told apart"


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror or error}.", field=str(path)) from error
    except PolarsError as error:
        raise BadFileError(f"{path} is no Parquet file.", field=str(path)) from error
    days = [
        pl.col(name).cast(pl.Date) for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)
    ]
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    if nested:
        raise BadFileError(
            f"{path} has {nested[0]!r} as a nested column; plain values are needed.", field=str(path)
        )
    named = frame.with_columns(days).select(pl.all().cast(pl.String, strict=False))
    numbers = pl.Series([f"{path.name}:{row}" for row in range(1, frame.height + 1)], dtype=pl.String)
    return named.drop("row", strict=False).with_columns(row=numbers)


def _with_known_columns(frame: pl.DataFrame, path: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    given = [name.strip().lower() for name in frame.columns]
    twice = [name for name, count in Counter(given).items() if count > 1 and name != "row"]
    polars_twice = [name.split("_duplicated_")[0] for name in given if "_duplicated_" in name]
    if twice or polars_twice:
        name = (twice or polars_twice)[0]
        raise BadFileError(f"{path}:1 names the column {name!r} twice.", field=f"{path}:1", given=name)
    frame = frame.rename(dict(zip(frame.columns, given, strict=True)))
    missing = [name for name in REQUIRED if name not in given]
    if missing:
        _refuse_missing(missing, [name for name in given if name != "row"], path)
    names = [*REQUIRED, *OPTIONAL]
    ignored = tuple(name for name in given if name not in names and name != "row")
    _refuse_misspelt(ignored, [name for name in names if name not in given], path)
    blank = [pl.lit(None, pl.String).alias(name) for name in names if name not in given]
    stripped = pl.col(names).str.strip_chars()
    text = (
        frame.with_columns(blank).select(*names, "row").with_columns(pl.when(stripped != "").then(stripped))
    )
    return text, ignored


def _refuse_misspelt(ignored: tuple[str, ...], absent: list[str], path: Path) -> None:
    """Refuse a column that is near one that is not there: a lost ``known_on`` would let the future in."""
    for name in ignored:
        # By likeness alone: `nearest` would also take the single letter of a column `n` for a part of a name.
        for meant in get_close_matches(name, absent, n=1):
            raise BadFileError(
                f"{path}:1 has a column {name!r}, which means nothing; did you mean {meant!r}?",
                field=f"{path}:1",
                given=name,
                allowed=[*REQUIRED, *OPTIONAL],
                suggestion=meant,
            )


def _refuse_missing(missing: list[str], given: list[str], path: Path) -> None:
    spare = [name for name in given if name not in REQUIRED and name not in OPTIONAL]
    near = {name: nearest(name, spare) for name in missing}
    hints = [f"{there!r} looks like {name!r}" for name, there in near.items() if there]
    if len(given) == 1 and any(mark in given[0] for mark in ";\t|"):
        hints = ["cells are told apart by commas"]
    raise BadFileError(
        f"{path}:1 lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        + (f"; {', '.join(hints)}." if hints else "."),
        field=f"{path}:1",
        given=given,
        allowed=[*REQUIRED, *OPTIONAL],
        suggestion=next((name for name, there in near.items() if there), None),
    )
