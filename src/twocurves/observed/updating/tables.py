"""Readers of tables: observations in our own format, and Epoch's index turned into it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from twocurves.errors import BadInputError
from twocurves.observed.reading import read_text_table
from twocurves.observed.tables import packaged_table
from twocurves.observed.tidying import tidy
from twocurves.observed.updating.compare import Cell, Rows
from twocurves.observed.updating.faults import Cause, SourceFault
from twocurves.observed.updating.fetch import Fetched
from twocurves.observed.updating.reading import Reading, text_of
from twocurves.observed.updating.sources import Source

#: The series that Epoch's index becomes, and the packaged table that holds it.
ECI_SERIES = "eci"
_ECI_TABLE = "capability.csv"

#: What a broken rule of the house's schema means here; any other is a fault of the schema.
_CAUSES = {
    "no future date": Cause.FUTURE,
    "low below value": Cause.POISONED,
    "high above value": Cause.POISONED,
    "low below high": Cause.POISONED,
    "not too low": Cause.POISONED,
    "not too high": Cause.POISONED,
    "interval not too low": Cause.POISONED,
    "interval not too high": Cause.POISONED,
}

_IDENTITY = ("series", "entity", "date", "date_precision", "unit", "basis", "source")
_FIGURES = ("value", "low", "high")
_TEXTS = ("organisation", "access", "licence_class", "note", "exclude")


def read_observations(fetched: Fetched, source: Source, today: dt.date) -> Reading:
    """Read a CSV in the format of our observations.

    Raises
    ------
    SourceFault
        It breaks the format; the message names the row.
    """
    text = _whole_lines(fetched, source)
    _header(text, source)
    frame = _tidied(text, source)
    _refuse_broken(frame, source, today)
    return Reading(observation_rows(frame), text.encode())


def read_epoch_eci(fetched: Fetched, source: Source, today: dt.date) -> Reading:
    """Read Epoch's table of ECI scores and turn it into our observations.

    Every row becomes known on the day of fetching, because one fit makes all scores anew: an older score in
    it is not what was published then. What was set by hand on the packaged row of the same model (its access
    where Epoch leaves it open, a corrected date, a note) is carried over, as long as Epoch lists the same
    date.

    Raises
    ------
    SourceFault
        It breaks the format; the message names the line.
    """
    text = _whole_lines(fetched, source)
    _header(text, source)
    packaged = _packaged_eci()
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, packaged.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_eci_lines(text, source, today, packaged))
    frame = _tidied(written.getvalue(), source)
    _refuse_broken(frame, source, today)
    return Reading(eci_rows(frame), written.getvalue().encode())


def held_table_rows(source: Source, path: Path | None, new: Rows) -> Rows:
    """Return the rows that newer ones would replace: those at ``path``, else the packaged ones.

    Parameters
    ----------
    source
        Whose rows.
    path
        The fetched table that is held; None when there is none.
    new
        The newer rows; of the packaged rows only their series would be replaced.

    Raises
    ------
    BadFileError, BadDataError
        The file at ``path`` cannot be read.
    """
    frame = packaged_table() if path is None else tidy(read_text_table(path), path.stem)
    if source.kind == "epoch-eci":
        return eci_rows(frame.filter(pl.col("series") == ECI_SERIES))
    if path is None:
        series = {cells["series"] for cells in new.values()}
        frame = frame.filter(pl.col("series").is_in(sorted(str(name) for name in series)))
    return observation_rows(frame)


def observation_rows(frame: pl.DataFrame) -> Rows:
    """Return observations as named rows; rows that say the same of the same thing are numbered."""
    return dict(_named(frame, _IDENTITY))


def eci_rows(frame: pl.DataFrame) -> Rows:
    """Return the rows of the index by model, without what differs in every vintage (source, known_on)."""
    return dict(_named(frame, ("entity",)))


def _named(frame: pl.DataFrame, identity: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Cell]]]:
    seen: dict[str, int] = {}
    for row in frame.iter_rows(named=True):
        name = ", ".join(str(row[part]) for part in identity if row[part] is not None)
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name} (row {seen[name]} of it)"
        cells: dict[str, Cell] = {"series": row["series"]}
        cells |= {field: row[field] for field in _FIGURES}
        cells |= {field: row[field] for field in _TEXTS}
        cells["date"] = None if row["date"] is None else row["date"].isoformat()
        yield name, cells


def _whole_lines(fetched: Fetched, source: Source) -> str:
    text = text_of(fetched, source)
    if not fetched.length_known and not text.endswith("\n"):
        raise SourceFault(Cause.TRUNCATED, "The answer was cut: its last line has no end.", field=source.id)
    if "\0" in text:
        raise SourceFault(Cause.FORMAT, "The answer is not a text table.", field=source.id)
    return text


def _header(text: str, source: Source) -> None:
    columns = next(csv.reader(io.StringIO(text)))
    missing = [name for name in source.expected["columns"] if name not in columns]
    if missing:
        raise SourceFault(
            Cause.SCHEMA,
            f"It lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"it has {', '.join(columns[:12])}{' and more' if len(columns) > 12 else ''}.",
            field=source.id,
            given=columns,
            allowed=source.expected["columns"],
        )
    if "\n" not in text.strip():
        raise SourceFault(Cause.EMPTY, "The answer has a header and no rows.", field=source.id)


def _tidied(text: str, source: Source) -> pl.DataFrame:
    """Bring a text table through the same door as every file of observations."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{source.id}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        try:
            return tidy(read_text_table(path), source.id)
        except BadInputError as error:
            raise SourceFault(
                Cause.POISONED if _not_finite(error.given) else Cause.SCHEMA,
                error.message.replace(str(path), path.name),
                field=source.id,
                given=error.given,
                allowed=error.allowed,
            ) from error


def _not_finite(cell: object) -> bool:
    """Return whether a cell that was refused as a number is one of the numbers that are none."""
    try:
        return isinstance(cell, str) and not math.isfinite(float(cell))
    except ValueError:
        return False


def _refuse_broken(frame: pl.DataFrame, source: Source, today: dt.date) -> None:
    """Refuse what ``data check`` would call broken, and rows known only in the future."""
    from twocurves.observed.check import check_frame
    from twocurves.observed.schema import row_rules, with_limits

    last = today + dt.timedelta(days=source.limits.days_ahead)
    limited = with_limits(frame)
    for rule in row_rules(last):
        broken = limited.filter(~rule.kept.fill_null(True))
        if rule.severity == "broken" and broken.height:
            row = broken.row(0, named=True)
            cause = _CAUSES.get(rule.name, Cause.SCHEMA)
            raise SourceFault(cause, f"{row['row']}: {rule.says(row)}.", field=f"{source.id}: {row['row']}")
    ahead = frame.filter(pl.col("known_on") > last, pl.col("date_precision") == "day")
    if ahead.height:
        row = ahead.row(0, named=True)
        raise SourceFault(
            Cause.FUTURE,
            f"{row['row']}: known_on {row['known_on']} lies in the future (today is {today}).",
            field=f"{source.id}: {row['row']}",
        )
    for problem in check_frame(frame, last):
        if problem.severity == "broken":
            raise SourceFault(Cause.SCHEMA, f"{problem}.", field=f"{source.id}: {problem.row}")


def _packaged_eci() -> pl.DataFrame:
    """Return the packaged rows of the index as text, with every column that the packaged table has."""
    content = (resources.files("twocurves.observed") / "data" / _ECI_TABLE).read_bytes()
    return pl.read_csv(content, infer_schema=False).filter(pl.col("series") == ECI_SERIES)


def _by_listing(packaged: pl.DataFrame) -> Mapping[tuple[str, str], Mapping[str, str | None]]:
    """Return the packaged rows by model and by the date that Epoch lists, which a correction keeps."""
    rows = packaged.iter_rows(named=True)
    return {(row["entity"], row.get("date_listed") or row["date"]): row for row in rows}


def _eci_lines(
    text: str, source: Source, today: dt.date, packaged: pl.DataFrame
) -> Iterator[dict[str, str | None]]:
    by_hand = _by_listing(packaged)
    reader = csv.DictReader(io.StringIO(text), strict=True)
    seen: set[str] = set()
    try:
        for line in reader:
            where = f"Line {reader.line_num}"
            if None in line or None in line.values():
                raise SourceFault(
                    Cause.FORMAT, f"{where} has another number of cells than the header.", field=source.id
                )
            cell = {name: line[theirs].strip() or None for name, theirs in source.columns.items()}
            entity, listed, value = cell["entity"], cell["date"], cell["value"]
            if entity is None or listed is None or value is None:
                raise SourceFault(Cause.SCHEMA, f"{where} lacks a name, a date or a score.", field=source.id)
            if entity in seen:
                raise SourceFault(Cause.SCHEMA, f"{where} names {entity} again.", field=source.id)
            seen.add(entity)
            known = by_hand.get((entity, listed), dict.fromkeys(packaged.columns))
            access = _access(cell["access_group"]) or known["access"]
            interval = cell["low"] is not None and cell["high"] is not None
            yield {
                **known,
                "series": ECI_SERIES,
                "entity": entity,
                "organisation": cell["organisation"],
                "access": access,
                "licence_class": _licence_class(access, cell["access_detail"]),
                "date": known["date"] or listed,
                "value": value,
                "unit": source.unit,
                "low": cell["low"],
                "high": cell["high"],
                "interval_kind": "confidence interval" if interval else known["interval_kind"],
                "known_on": today.isoformat(),
                "source": f"{source.credit}, fetched {today} | {source.url}",
            }
    except csv.Error as error:
        raise SourceFault(
            Cause.FORMAT, f"The answer is not CSV: {error} at line {reader.line_num}.", field=source.id
        ) from error


def _access(group: str | None) -> str | None:
    """Return our word for Epoch's accessibility group; None where it leaves the access open."""
    word = (group or "").lower().split(" ")[0]
    return word if word in {"open", "closed"} else None


def _licence_class(access: str | None, detail: str | None) -> str | None:
    """Return our form of Epoch's accessibility, such as ``open: restricted use``."""
    if access is None or detail is None or detail.lower() == "unknown":
        return None
    inner = re.fullmatch(r"Open weights \((.*)\)", detail)
    return f"{access}: {(inner[1] if inner else detail).lower()}"
