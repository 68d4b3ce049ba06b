"""Checks of tables of observations: what is broken, what is doubtful, what contradicts what, by row."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from twocurves.errors import BadInputError
from twocurves.observed.aliases import resolve_model
from twocurves.observed.outliers import outlying
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import (
    IMPORTED,
    UPDATED,
    Observations,
    fetched_table,
    imported_table,
    packaged_table,
    table_files,
    together,
    user_data_folder,
)
from twocurves.observed.tidying import SAME_THING

#: Lines shown of each kind of finding; ``as_record`` has them all.
_SHOWN = 20

_DAYS_PER_YEAR = 365.25

#: Two rows that agree in all of these state the same figure; with one source they are one row written twice.
SAME_FIGURE = (*SAME_THING, "value", "low", "high")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a row.

    Attributes
    ----------
    row
        Its name, such as ``revenue.csv:41``; of a whole file, the file's.
    message
        What is wrong, without the row's name.
    severity
        ``broken`` (it cannot be used) or ``doubtful`` (it can; someone should look).
    """

    row: str
    message: str
    severity: str = "broken"

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"

    def as_record(self) -> dict[str, str]:
        """Return the problem as JSON has it."""
        return {"row": self.row, "severity": self.severity, "message": self.message}


@dataclass(frozen=True)
class Checked:
    """What a check of all tables found.

    Attributes
    ----------
    rows, series
        How much was checked.
    data_to
        Last day that it describes.
    problems
        Everything found wrong, in order of table and row.
    conflicts
        Rows that another row contradicts, as ``row: series, entity, date, value unit``.
    left_out
        Number of rows left out of estimates by default, by reason.
    """

    rows: int
    series: int
    data_to: dt.date
    problems: tuple[Problem, ...]
    conflicts: tuple[str, ...]
    left_out: dict[str, int]

    @property
    def broken(self) -> bool:
        """Whether any row cannot be used."""
        return any(problem.severity == "broken" for problem in self.problems)

    def as_record(self) -> dict[str, Any]:
        """Return everything found as JSON has it."""
        return {
            "rows": self.rows,
            "series": self.series,
            "data_to": self.data_to.isoformat(),
            "broken": self.broken,
            "problems": [problem.as_record() for problem in self.problems],
            "conflicts": list(self.conflicts),
            "left_out": self.left_out,
        }

    def lines(self) -> list[str]:
        """Return what was found in plain lines, the broken first."""
        broken = [str(problem) for problem in self.problems if problem.severity == "broken"]
        doubtful = [str(problem) for problem in self.problems if problem.severity == "doubtful"]
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.left_out.items())
        return [
            f"Observations: {self.rows:,} rows of {self.series} series.",
            *_listed("broken", broken),
            *_listed("doubtful", doubtful),
            *_listed("contradicted by another row (kept, both shown)", list(self.conflicts)),
            f"Left out of estimates by default: {sum(self.left_out.values())} rows ({reasons}).",
        ]


def check_tables(folder: Path | None = None, today: dt.date | None = None) -> list[Problem]:
    """Check the packaged tables and the user's own.

    Parameters
    ----------
    folder
        The user's data folder; :func:`twocurves.observed.tables.user_data_folder` when left out.
    today
        A date after this day lies in the future; the clock's day when left out, and never before the last
        day that the packaged tables describe.
    """
    return _check_tables(folder, today)[0]


def _check_tables(folder: Path | None, today: dt.date | None) -> tuple[list[Problem], pl.DataFrame]:
    """Return what is wrong, and all that can be read as one table."""
    home = user_data_folder() if folder is None else folder
    packaged = packaged_table()
    today = _today(packaged, today)
    problems = check_frame(packaged, today)
    readable: dict[str, list[pl.DataFrame]] = {IMPORTED: [], UPDATED: []}
    for place, read in ((IMPORTED, imported_table), (UPDATED, fetched_table)):
        for path in table_files(home / place):
            try:
                own = read(path)
            except BadInputError as error:
                problems.append(Problem(path.name, error.message))
            else:
                readable[place].append(own)
                problems.extend(check_frame(own, today))
    return problems, together(packaged, readable[UPDATED], readable[IMPORTED])


def check_observations(folder: Path | None = None, today: dt.date | None = None) -> Checked:
    """Check all tables and count conflicts and exclusions; parameters as :func:`check_tables`."""
    problems, frame = _check_tables(folder, today)
    return Checked(
        rows=frame.height,
        series=frame["series"].n_unique(),
        data_to=Observations(frame).data_to,
        problems=tuple(problems),
        conflicts=tuple(conflict_lines(frame)),
        left_out=dict(Counter(frame["exclude"].drop_nulls()).most_common()),
    )


def check_frame(frame: pl.DataFrame, today: dt.date, held: pl.DataFrame | None = None) -> list[Problem]:
    """Check rows of the long table against the schema, each other and, if given, rows held already.

    Parameters
    ----------
    frame
        Columns as :data:`twocurves.observed.tidying.COLUMNS`.
    today
        A date after this day lies in the future.
    held
        Rows of other tables, for steps and outliers among rows of one table that is new.
    """
    beside = frame if held is None else _with_held(frame, held)
    found = [
        *_column_problems(frame),
        *_row_problems(frame, today),
        *_written_twice(frame),
        *_mixed_units(frame),
        *_steps(beside, frame["table"].unique().to_list()),
        *([] if held is None else _outliers(frame, held)),
        *_names(frame),
    ]
    place = {row: index for index, row in enumerate(frame["row"])}
    return sorted(found, key=lambda problem: place.get(problem.row, -1))


def conflict_lines(frame: pl.DataFrame) -> list[str]:
    """Return the rows that another row contradicts, each as one line."""
    return [
        f"{row['row']}: {row['series']}, {row['entity']}, {row['date'] or 'undated'}: "
        f"{'no value' if row['value'] is None else format(row['value'], 'g')} {row['unit']}"
        for row in frame.filter("conflict").sort("series", "date", "entity").iter_rows(named=True)
    ]


def _today(packaged: pl.DataFrame, today: dt.date | None) -> dt.date:
    last = packaged["date"].max()
    clock = dt.datetime.now(dt.UTC).date() if today is None else today
    return max(clock, last) if isinstance(last, dt.date) else clock


def _column_problems(frame: pl.DataFrame) -> Iterable[Problem]:
    import pandera.errors

    from twocurves.observed.schema import table_schema

    try:
        table_schema().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        for case in error.failure_cases.iter_rows(named=True):
            what = f"the column {case['column']} breaks the rule {case['check']}"
            yield Problem(str(frame["table"][0]), what)


def _row_problems(frame: pl.DataFrame, today: dt.date) -> Iterable[Problem]:
    from twocurves.observed.schema import row_rules, with_limits

    rules = row_rules(today)
    limited = with_limits(frame)
    kept = limited.select(rule.kept.fill_null(True).alias(rule.name) for rule in rules)
    for rule in rules:
        if not kept[rule.name].all():
            for row in limited.filter(~kept[rule.name]).iter_rows(named=True):
                yield Problem(row["row"], rule.says(row), rule.severity)


def _written_twice(frame: pl.DataFrame) -> Iterable[Problem]:
    figures = frame.filter(pl.col("value").is_not_null()).with_row_index("place")
    first = figures.select(pl.col("place", "row", "source").first().over(SAME_FIGURE).name.prefix("first_"))
    again = (
        pl.concat([figures, first], how="horizontal")
        .filter(pl.col("place") != pl.col("first_place"))
        .with_columns(same_source=pl.col("source").eq_missing(pl.col("first_source")))
    )
    for row, first_row, same_source in again.select("row", "first_row", "same_source").iter_rows():
        if same_source:
            yield Problem(row, f"says the same as {first_row}")
        else:
            yield Problem(row, f"has the figure of {first_row} from another source", "doubtful")


def _mixed_units(frame: pl.DataFrame) -> Iterable[Problem]:
    own = frame.filter(~pl.col("series").is_in(list(series_catalogue())), pl.col("unit").is_not_null())
    first_unit = pl.col("unit").first().over("series", "entity")
    odd = (
        own.with_columns(usual=first_unit)
        .filter(pl.col("unit") != pl.col("usual"))
        .unique(["series", "entity"], keep="first", maintain_order=True)
    )
    for series, entity, unit, usual, row in odd.select(
        "series", "entity", "unit", "usual", "row"
    ).iter_rows():
        yield Problem(row, f"{series} of {entity} is in {unit!r} here and in {usual!r} elsewhere", "doubtful")


def _with_held(frame: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return rows with those held of the same series."""
    same = held.filter(pl.col("series").is_in(frame["series"].unique().implode()))
    return pl.concat([same, frame])


def _outliers(frame: pl.DataFrame, held: pl.DataFrame) -> Iterable[Problem]:
    for row, remark in outlying(frame, held):
        yield Problem(row, remark, "doubtful")


def _steps(frame: pl.DataFrame, tables: list[str]) -> Iterable[Problem]:
    """Yield the rows of ``tables`` that are far from the one before them."""
    from twocurves.observed.schema import limits

    greatest = limits()["steps"]["greatest_ratio"]
    usable = frame.filter(
        pl.col("exclude").is_null(), pl.col("date").is_not_null(), pl.col("value") > 0
    ).sort("date", maintain_order=True)
    before = pl.col("value").shift(1).over("series", "entity", "unit")
    passed = (pl.col("date") - pl.col("date").shift(1).over("series", "entity", "unit")).dt.total_days()
    ratio = pl.col("value") / before
    room = greatest * pl.max_horizontal(pl.lit(1.0), passed / _DAYS_PER_YEAR)
    stepped = usable.with_columns(before=before, ratio=ratio).filter(
        pl.max_horizontal(ratio, 1 / ratio) > room, pl.col("table").is_in(tables)
    )
    for row in stepped.iter_rows(named=True):
        times = row["ratio"] if row["ratio"] > 1 else 1 / row["ratio"]
        yield Problem(
            row["row"],
            f"value {row['value']:g} is {times:,.0f} times {'above' if row['ratio'] > 1 else 'below'} "
            f"the one before it ({row['before']:g}); is the unit {row['unit']!r}?",
            "doubtful",
        )


def _names(frame: pl.DataFrame) -> Iterable[Problem]:
    scored = [
        name
        for name, entry in series_catalogue().items()
        if entry.family == "capability" and entry.single_refit
    ]
    held = set(frame.filter(pl.col("model").is_not_null())["series"])
    models = frame.filter(
        pl.col("series").is_in([name for name in scored if name in held or name == "eci"]),
        pl.col("entity").is_not_null(),
    )
    for row in models.iter_rows(named=True):
        if row["model"] is None:
            yield Problem(
                row["row"], f"no model {row['entity']!r} in the alias table; it joins no price", "doubtful"
            )
            continue
        known = resolve_model(row["entity"])
        if known is not None and row["access"] is not None and known.economy != row["access"]:
            yield Problem(
                row["row"],
                f"access is {row['access']} here; the alias table has {row['model']} as {known.economy}",
                "doubtful",
            )


def _listed(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return [f"None {title}."]
    shown = [f"  {line}" for line in lines[:_SHOWN]]
    more = [f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return [f"{len(lines)} {title}:", *shown, *more]
