"""A user's own observations: checked, then set beside the packaged tables in one step."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from twocurves.errors import BadDataError, BadFileError, BadInputError
from twocurves.files import written_whole
from twocurves.observed.check import Problem, check_frame, conflict_lines
from twocurves.observed.new_series import refuse_near
from twocurves.observed.reading import OPTIONAL, REQUIRED, read_with_ignored
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import (
    IMPORTED,
    PACKAGED,
    UPDATED,
    fetched_table,
    imported_table,
    packaged_table,
    table_files,
    together,
    user_data_folder,
)
from twocurves.observed.tidying import flag_conflicts, tidy

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
_NOT_IN_NAME = re.compile(r"[^a-z0-9_-]+")

#: Problems told in one message; the rest are counted.
_TOLD = 5

#: Lines of a kind in a report; the record has them all.
_SHOWN = 20


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    name
        Name of the table.
    path
        Where it lies now; None when there was nothing new to write.
    rows
        Rows added.
    already_held
        Rows left out because a table has the same figure for the same thing and day already.
    ignored_columns
        Columns of the file that mean nothing here.
    replaced
        Rows of an earlier import of this name that it took the place of; None when there was none.
    series
        Series that it has.
    new_series
        Of these, the ones that no other table has.
    conflicts
        Rows, of this table and of others, that contradict each other. All are kept.
    doubts
        What someone should look at.
    """

    name: str
    path: Path | None
    rows: int
    already_held: int
    ignored_columns: tuple[str, ...]
    replaced: int | None
    series: tuple[str, ...]
    new_series: tuple[str, ...]
    conflicts: tuple[str, ...]
    doubts: tuple[Problem, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "name": self.name,
            "path": None if self.path is None else str(self.path),
            "rows": self.rows,
            "already_held": self.already_held,
            "ignored_columns": list(self.ignored_columns),
            "replaced": self.replaced,
            "series": list(self.series),
            "new_series": list(self.new_series),
            "conflicts": list(self.conflicts),
            "doubts": [doubt.as_record() for doubt in self.doubts],
        }

    def lines(self) -> list[str]:
        """Return the report in plain lines."""
        unused = f"Columns not used: {', '.join(self.ignored_columns)}."
        ignored = [unused] if self.ignored_columns else []
        if self.path is None:
            return [f"Nothing added: all {self.already_held} rows are held already.", *ignored]
        said = [f"Added {self.rows} rows of {', '.join(self.series)} as {self.name} ({self.path}).", *ignored]
        if self.replaced is not None:
            said.append(f"They take the place of {self.replaced} rows imported under this name before.")
        if self.already_held:
            said.append(f"{self.already_held} rows are held already and were left out.")
        if self.new_series:
            said.append(f"New series: {', '.join(self.new_series)}.")
        if self.conflicts:
            said.append(f"{len(self.conflicts)} rows contradict each other; all are kept and flagged:")
            said.extend(_shown(self.conflicts))
        if self.doubts:
            said.append(f"Worth a look ({len(self.doubts)}):")
            said.extend(_shown([str(doubt) for doubt in self.doubts]))
        said.append(f"To take it away again: twocurves data remove {self.name}")
        return said


def import_table(
    path: Path,
    name: str | None = None,
    folder: Path | None = None,
    today: dt.date | None = None,
    *,
    new_series: bool = False,
) -> ImportReport:
    """Check a CSV or Parquet file of observations and set it beside the packaged tables.

    Nothing is written unless every row can be used. The table is written whole or not at all; an earlier
    import of the same name is replaced.

    Parameters
    ----------
    path
        The file: columns ``series``, ``entity``, ``date``, ``value``, ``unit``, ``source`` and, if wanted,
        those of :data:`twocurves.observed.reading.OPTIONAL`.
    name
        Name of the table (small letters, digits, ``-`` and ``_``); made from the file's when left out.
    folder
        The user's data folder; :func:`twocurves.observed.tables.user_data_folder` when left out.
    today
        A date after this day lies in the future; the clock's day when left out.
    new_series
        Take a series that no table has although its name is near that of another.

    Raises
    ------
    BadFileError
        The file cannot be read as a table, or the table cannot be written.
    BadDataError
        Rows are broken; the message names the first of them.
    BadInputError
        The name cannot be one of a table, or that of a new series is near another's.
    """
    name = _table_name(path, name)
    home = user_data_folder() if folder is None else folder
    target = home / IMPORTED / f"{name}.csv"
    text, ignored = read_with_ignored(path)
    if not text.height:
        raise BadDataError(f"{path} has no rows.", field=str(path))
    rows = tidy(text, name)
    others, replaced = _held_beside(home, name)
    problems = check_frame(rows, dt.datetime.now(dt.UTC).date() if today is None else today, others)
    _refuse_broken(path, problems)
    series = tuple(sorted(rows["series"].unique()))
    known = {*others["series"].unique(), *series_catalogue()}
    earlier = set() if replaced is None else set(replaced["series"])
    unknown = tuple(one for one in series if one not in known)
    if not new_series:
        refuse_near([one for one in unknown if one not in earlier], known, path)
    new = _without_held(rows, others)
    if new.height:
        _write_whole(text.filter(pl.col("row").is_in(new["row"].implode())), target)
    named = new.with_columns(row=pl.col("row").str.replace(path.name, str(path), literal=True))
    beside = flag_conflicts(pl.concat([others.with_columns(conflict=pl.lit(False)), named]))
    contested = beside.filter("conflict").join(
        new.select("series", "entity", "date", "unit").unique(),
        on=["series", "entity", "date", "unit"],
        how="semi",
        nulls_equal=True,
    )
    found = sorted([*problems, *_without_value(text)], key=_line_of)
    return ImportReport(
        name=name,
        path=target if new.height else None,
        rows=new.height,
        already_held=rows.height - new.height,
        ignored_columns=ignored,
        replaced=replaced.height if replaced is not None and new.height else None,
        series=series,
        new_series=unknown,
        conflicts=tuple(conflict_lines(contested)),
        doubts=tuple(problem for problem in found if problem.severity == "doubtful"),
    )


def _held_beside(home: Path, name: str) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Return the rows of all other tables, and those of the table that this one takes the place of.

    A table of this name that cannot be read takes no part: importing a mended file puts it right.
    """
    files = table_files(home / IMPORTED)
    others = [imported_table(path) for path in files if path.stem != name]
    earlier = []
    for path in files:
        if path.stem == name:
            with suppress(BadInputError):
                earlier.append(imported_table(path))
    updated = [fetched_table(path) for path in table_files(home / UPDATED)]
    return together(packaged_table(), updated, others), pl.concat(earlier) if earlier else None


def _without_value(text: pl.DataFrame) -> list[Problem]:
    rows = text.filter(pl.col("value").is_null(), pl.col("exclude").is_null())["row"]
    return [Problem(row, "has no value; it is kept as an event, in no estimate", "doubtful") for row in rows]


def _line_of(problem: Problem) -> int:
    line = problem.row.rsplit(":", 1)[-1]
    return int(line) if line.isdecimal() else 0


def _shown(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - _SHOWN} more (--json has them all)"] if len(lines) > _SHOWN else []
    return [*(f"  {line}" for line in lines[:_SHOWN]), *more]


def _without_held(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows whose figure is held already, under its own day or the one that was listed.

    A row without an interval is held where its value is; one with an interval only where that is too.
    """
    bare = pl.col("low").is_null() & pl.col("high").is_null()
    for day in ("date", "date_listed"):
        for which, figure in ((bare, ["value"]), (~bare, ["value", "low", "high"])):
            key = ["series", "entity", "unit", "date", *figure]
            same = held.with_columns(date=pl.col(day)).select(key).unique()
            left = rows.filter(which).join(same, on=key, how="semi", nulls_equal=True)
            rows = rows.filter(~pl.col("row").is_in(left["row"].implode()))
    return rows


def _table_name(path: Path, name: str | None) -> str:
    if name is None:
        stem = _NOT_IN_NAME.sub("-", path.stem.lower()).strip("-_") or "table"
        return f"own-{stem}" if stem in PACKAGED else stem
    if name in PACKAGED or not _NAME.match(name):
        reason = "is the name of a packaged table" if name in PACKAGED else "is no name of a table"
        raise BadInputError(
            f"--name {name!r} {reason}; use small letters, digits, '-' and '_', such as own-{PACKAGED[0]}.",
            field="name",
            given=name,
            allowed="small letters, digits, - and _",
            suggestion=f"own-{name}" if name in PACKAGED else None,
        )
    return name


def _refuse_broken(path: Path, problems: list[Problem]) -> None:
    broken = [problem for problem in problems if problem.severity == "broken"]
    if not broken:
        return
    told = "; ".join(str(problem) for problem in broken[:_TOLD])
    more = f"; and {len(broken) - _TOLD} more" if len(broken) > _TOLD else ""
    message = f"{path} was not imported: {told}{more}"
    raise BadDataError(
        message if message.endswith("?") else f"{message}.",
        field=broken[0].row,
        given=[problem.as_record() for problem in broken],
    )


def _write_whole(text: pl.DataFrame, target: Path) -> None:
    """Write the table beside its place first and move it there in one step."""
    columns = [name for name in (*REQUIRED, *OPTIONAL) if name in REQUIRED or text[name].count()]
    try:
        with written_whole(target) as draft:
            text.select(columns).write_csv(draft)
    except OSError as error:
        raise BadFileError(f"{target} cannot be written: {error.strerror}.", field=str(target)) from error
