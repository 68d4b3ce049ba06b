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
from twocurves.observed.reading import read_text_table
from twocurves.observed.series import series_catalogue
from twocurves.observed.tables import (
    IMPORTED,
    UPDATED,
    observations,
    packaged_table,
    table_files,
    user_data_folder,
)
from twocurves.observed.tidying import SAME_THING, tidy

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
    problems
        Everything found wrong, in order of table and row.
    conflicts
        Rows that another row contradicts, as ``row: series, entity, date, value unit``.
    left_out
        Number of rows left out of estimates by default, by reason.
    """

    rows: int
    series: int
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
    home = user_data_folder() if folder is None else folder
    frame = packaged_table()
    problems = check_frame(frame, _today(frame, today))
    for path in [*table_files(home / IMPORTED), *table_files(home / UPDATED)]:
        try:
            own = tidy(read_text_table(path), path.stem)
        except BadInputError as error:
            problems.append(Problem(path.name, error.message))
        else:
            problems.extend(check_frame(own, _today(frame, today)))
    return problems


def check_observations(folder: Path | None = None, today: dt.date | None = None) -> Checked:
    """Check all tables and count conflicts and exclusions; parameters as :func:`check_tables`."""
    problems = check_tables(folder, today)
    unreadable = any(":" not in problem.row for problem in problems)
    frame = packaged_table() if unreadable else observations(folder=folder).frame
    return Checked(
        rows=frame.height,
        series=frame["series"].n_unique(),
        problems=tuple(problems),
        conflicts=tuple(conflict_lines(frame)),
        left_out=dict(Counter(frame["exclude"].drop_nulls()).most_common()),
    )


def check_frame(frame: pl.DataFrame, today: dt.date) -> list[Problem]:
    """Check rows of the long table against the schema and each other.

    Parameters
    ----------
    frame
        Columns as :data:`twocurves.observed.tidying.COLUMNS`.
    today
        A date after this day lies in the future.
    """
    found = [
        *_schema_problems(frame, today),
        *_written_twice(frame),
        *_mixed_units(frame),
        *_steps(frame),
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


def _schema_problems(frame: pl.DataFrame, today: dt.date) -> Iterable[Problem]:
    import pandera.errors

    from twocurves.observed.schema import row_rules, table_schema, with_limits

    limited = with_limits(frame)
    try:
        table_schema(today).validate(limited, lazy=True)
    except pandera.errors.SchemaErrors as error:
        rules = {rule.name: rule for rule in row_rules(today)}
        for case in error.failure_cases.iter_rows(named=True):
            rule = rules.get(case["check"])
            if rule is None or case["index"] is None:
                yield Problem(str(frame["table"][0]), f"{case['column']}: {case['check']}")
                continue
            row = limited.row(case["index"], named=True)
            yield Problem(row["row"], rule.says(row), rule.severity)


def _written_twice(frame: pl.DataFrame) -> Iterable[Problem]:
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in frame.filter(pl.col("value").is_not_null()).iter_rows(named=True):
        figure = tuple(row[name] for name in SAME_FIGURE)
        earlier = first.setdefault(figure, row)
        if earlier is row:
            continue
        if earlier["source"] == row["source"]:
            yield Problem(row["row"], f"says the same as {earlier['row']}")
        else:
            yield Problem(row["row"], f"has the figure of {earlier['row']} from another source", "doubtful")


def _mixed_units(frame: pl.DataFrame) -> Iterable[Problem]:
    own = frame.filter(~pl.col("series").is_in(list(series_catalogue())), pl.col("unit").is_not_null())
    for (series, entity), rows in own.group_by("series", "entity", maintain_order=True):
        units = rows["unit"].unique(maintain_order=True).to_list()
        if len(units) > 1:
            odd = rows.filter(pl.col("unit") != units[0])
            yield Problem(
                odd["row"][0],
                f"{series} of {entity} is in {units[1]!r} here and in {units[0]!r} elsewhere",
                "doubtful",
            )


def _steps(frame: pl.DataFrame) -> Iterable[Problem]:
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
        pl.max_horizontal(ratio, 1 / ratio) > room
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
