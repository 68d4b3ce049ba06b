"""Small tables of observations for tests, in the format of a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from twocurves.observed.reading import read_text_table
from twocurves.observed.tidying import flag_conflicts, tidy
from twocurves.observed.updating.held import Held, digest_of, held_path, put_in_place

SOUND = {
    "series": "lab_margin",
    "entity": "Anthropic",
    "date": "2026-03-31",
    "value": "0.5",
    "unit": "fraction",
    "source": "A report | https://example.org/report",
}


def row(**cells: str) -> dict[str, str]:
    """Return a sound row with these cells changed."""
    return {**SOUND, **cells}


def as_csv(rows: Sequence[Mapping[str, str]], columns: Sequence[str] | None = None) -> str:
    """Return rows as CSV; columns are those of all rows when left out."""
    names = (
        list(columns) if columns is not None else list(dict.fromkeys(name for one in rows for name in one))
    )
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str] | None = None) -> Path:
    """Write rows to a CSV file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_csv(rows, columns), encoding="utf-8")
    return path


def fetched(home: Path, source: str, content: str, day: dt.date = dt.date(2026, 6, 1)) -> Path:
    """Put a table in place as an update on ``day`` would have, and return its path."""
    path = held_path(source, catalogue=False, folder=home)
    raw = content.encode()
    put_in_place(Held(source, path, day, day, "https://example.org", "MIT", "Somebody", digest_of(raw)), raw)
    return path


def tidied(folder: Path, *rows: Mapping[str, str]) -> pl.DataFrame:
    """Return rows as the long table has them."""
    return flag_conflicts(tidy(read_text_table(write(folder / "table.csv", rows)), "table"))
