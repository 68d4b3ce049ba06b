"""Scoring a forecast of record on observations that came later, in whatever state they are.

Rows are read as an import reads them and judged by the same rules. What cannot be used, or was not forecast,
is named and left out; nothing in a readable table stops the rest from being scored.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.claims.ledger import load_ledger
from twocurves.claims.resolve import BY_HAND, SCORED_AS, resolve
from twocurves.errors import BadDataError
from twocurves.fit.frozen import Frozen, FrozenSeries, Matching, Quantiles
from twocurves.fit.scales import on_scale, to_scale
from twocurves.fit.scorecard import MODEL, Scorecard, ScoredClaim, ScoredTarget, Skipped, scorecard
from twocurves.fit.scoring import from_quantiles
from twocurves.months import Month
from twocurves.observed.check import check_frame
from twocurves.observed.reading import read_text_table
from twocurves.observed.tables import Observations, packaged_table
from twocurves.observed.tidying import flag_conflicts, read_period, tidy
from twocurves.observed.traps import exclusions

FloatArray = NDArray[np.float64]

#: Months at whose end a record is looked at.
QUARTER_ENDS: Final = (3, 6, 9, 12)

#: Columns that hold numbers, and columns that hold dates.
_NUMBERS: Final = ("value", "low", "high")
_DATES: Final = ("date", "known_on", "date_listed", "price_as_of")

#: Periods too long to stand for a month.
_TOO_LONG: Final = {"half": "half a year", "year": "a year"}


@dataclass(frozen=True)
class FrozenScore:
    """A forecast of record held against new observations.

    Attributes
    ----------
    data_to, digest
        Of the forecast.
    rows, used
        Rows read, and those that went into what was scored.
    card
        The scores; None where nothing of the table was forecast. CRPS is of distributions rebuilt from
        quantiles (:func:`twocurves.fit.scoring.from_quantiles`); there is no joint score, since quantiles do
        not say how months and series move together.
    skipped
        What was left out, and why.
    notes
        What to know of what was scored: rows that contradict each other, quarters that stand for a month.
    claims
        Questions of the forecast that the observations answer.
    open_claims
        How many they do not answer yet.
    """

    data_to: dt.date
    digest: str
    rows: int
    used: int
    card: Scorecard | None
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    claims: tuple[ScoredClaim, ...]
    open_claims: int

    def sentences(self) -> list[str]:
        """Say in plain words what was scored and how well."""
        head = f"The forecast from data to {self.data_to} (digest {self.digest[:12]})"
        if self.card is None:
            return [f"{head} has nothing to be scored on: none of {self.rows} rows is of what it forecast."]
        scored = self.card.overall
        return [
            f"{head} is scored on {scored.n} figures of {scored.series} series, from {self.used} of "
            f"{self.rows} rows.",
            *self.card.sentences(),
        ]

    def as_record(self) -> dict[str, Any]:
        """Return the score as ``--json`` prints it."""
        empty: dict[str, Any] = {"window": f"from {self.data_to}", "series": [], "overall": None, "bars": []}
        return {
            **(empty if self.card is None else self.card.as_record()),
            "forecast": {"data_to": str(self.data_to), "digest": self.digest},
            "rows": {"read": self.rows, "used": self.used},
            "claims": [claim.as_record() for claim in self.claims],
            "claims_open": self.open_claims,
            "skipped": [one.as_record() for one in self.skipped],
            "notes": list(self.notes),
            "sentences": self.sentences(),
        }


def score_frozen(frozen: Frozen, table: Path, *, seed: int = 0) -> FrozenScore:
    """Score a forecast of record on a table of observations.

    Several rows of a series in a month count as one figure, their mean on the working scale; rows that
    contradict each other are named. Dates are judged by the months that were forecast, never by the clock.

    Parameters
    ----------
    table
        A CSV or Parquet file in the format of the observations.
    seed
        Of the bootstrap.

    Raises
    ------
    BadFileError
        The table cannot be read as one at all: no such file, no CSV, a required column missing.
    """
    reader = _Reader(frozen)
    rows = reader.read(table)
    reader.name_unmatched(rows)
    targets = [target for one in frozen.series for target in reader.targets(one, rows)]
    answered, still_open = reader.claims(rows)
    window = f"from {frozen.made.data_to} to {frozen.months[-1]}"
    card = None
    if targets:
        card = scorecard(targets, window=window, seed=seed, joint=False, claims=answered)
        card = replace(card, skipped=tuple(reader.skipped))
    return FrozenScore(
        data_to=frozen.made.data_to,
        digest=frozen.digest,
        rows=reader.read_rows,
        used=len(reader.used),
        card=card,
        skipped=tuple(reader.skipped),
        notes=tuple(reader.notes),
        claims=tuple(answered),
        open_claims=still_open,
    )


class _Reader:
    """Goes through the rows once, and remembers what it left out and why."""

    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen
        self.months = {text: place for place, text in enumerate(frozen.months)}
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self.used: set[str] = set()
        self.read_rows = 0

    def skip(self, series: str, why: str, rows: int | None = None) -> None:
        count = "" if rows is None else f"{rows} row{'' if rows == 1 else 's'}: "
        self.skipped.append(Skipped(series, f"{count}{why}"))

    def read(self, table: Path) -> pl.DataFrame:
        """Return the usable rows as the long table has them."""
        text = read_text_table(table)
        self.read_rows = text.height
        text = self._readable(text)
        if not text.height:
            return tidy(text, table.stem)
        try:
            rows = tidy(text, table.stem)
        except BadDataError as fault:  # a rule of the table as a whole, after each cell was found readable
            self.skip(table.name, fault.message)
            return tidy(text.clear(), table.stem)
        last = Month.parse(self.frozen.months[-1]).last_day
        broken = {
            problem.row: problem.message
            for problem in reversed(check_frame(rows, max(last, self.frozen.made.data_to)))
            if problem.severity == "broken"
        }
        named = rows.filter(pl.col("row").is_in(list(broken)))
        for row, series, day in named.select("row", "series", "date").iter_rows():
            if day is not None and day > last:
                continue  # named below, with all others after the last month
            self.skip(series or "unnamed", f"{row}: {broken[row]}")
        beyond = rows.filter(pl.col("date") > last)
        for series, count in sorted(Counter(beyond["series"].fill_null("unnamed")).items()):
            self.skip(series, f"dated after {self.frozen.months[-1]}, the last month forecast", count)
        kept = ~pl.col("row").is_in(list(broken)) & ((pl.col("date") <= last) | pl.col("date").is_null())
        return flag_conflicts(rows.filter(kept))

    def _readable(self, text: pl.DataFrame) -> pl.DataFrame:
        """Leave out rows of which a cell holds no number or no date where it should."""
        bad: dict[str, tuple[str, str]] = {}
        for column in (*_NUMBERS, *_DATES):
            for row, series, cell in text.select("row", "series", column).iter_rows():
                if cell is not None and row not in bad and not _reads(column, cell):
                    kind = "number" if column in _NUMBERS else "date"
                    bad[row] = (series or "unnamed", f"{row}: {column} {cell!r} is no {kind}")
        for series, why in bad.values():
            self.skip(series, why)
        return text.filter(~pl.col("row").is_in(list(bad)))

    def name_unmatched(self, rows: pl.DataFrame) -> None:
        """Name rows of series or entities that no forecast is of."""
        asked = [one.matched_by for one in self.frozen.series if one.matched_by.take != "none"]
        forecast = {name for one in asked for name in one.series}
        others = rows.filter(~pl.col("series").is_in([*forecast, BY_HAND]))
        for series, count in sorted(Counter(others["series"]).items()):
            self.skip(series, "no forecast was made of it", count)
        strangers: Counter[tuple[str, str]] = Counter()
        for series, entity, economy in rows.select("series", "entity", "economy").iter_rows():
            if series in forecast and not any(_is_of(one, series, entity, economy) for one in asked):
                strangers[series, entity] += 1
        for (series, entity), count in sorted(strangers.items()):
            self.skip(series, f"no forecast was made of {entity}", count)

    def targets(self, one: FrozenSeries, rows: pl.DataFrame) -> Iterator[ScoredTarget]:
        """Yield what was observed of one series beside what was forecast of it."""
        how = one.matched_by
        if how.take == "none":
            self.skip(one.id, how.why)
            return
        wanted = [pl.col("series").is_in(how.series)]
        if how.entities:
            wanted.append(pl.col("entity").is_in(how.entities))
        if how.economy is not None:
            wanted.append(pl.col("economy") == how.economy)
        own = self._usable(one, rows.filter(wanted))
        seen = self._records(one, own, rows) if how.take == "record" else self._by_month(one, own)
        forecasts = {MODEL: one.quantiles, **one.baselines}
        found = False
        for month, value in seen.items():
            found = True
            samples = {name: self._rebuilt(one, table, month) for name, table in forecasts.items()}
            yield ScoredTarget(one.id, one.family, month, one.scale, value, samples)
        if not found:
            self.skip(one.id, f"the table has nothing of it from {self.frozen.months[0]} on")

    def _rebuilt(self, one: FrozenSeries, table: Quantiles, month: str) -> FloatArray:
        return from_quantiles(self.frozen.levels, to_scale(one.scale, table[self.months[month]]))

    def _usable(self, one: FrozenSeries, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows that may stand for an observation, with ``month`` and ``natural``; name the others."""
        how = one.matched_by
        why: Counter[str] = Counter()
        kept: list[dict[str, Any]] = []
        for row in rows.iter_rows(named=True):
            reason = self._reason(one, row)
            value = row["value"]
            if reason is None and row["series"] in how.discount_series:
                reason = None if value < 1.0 else "a discount of all of the price"
                value = 1.0 / (1.0 - value) if value < 1.0 else value
            if reason is None and not on_scale(one.scale, value):
                reason = f"value {value:g} has no place on the {one.scale} scale"
            if reason is not None:
                why[reason] += 1
                continue
            month = Month.containing(row["date"])
            if how.take == "year":
                month = Month.of(month.year, 1)
            kept.append({**row, "month": str(month), "natural": value})
            if row["date_precision"] == "quarter" and how.take == "rows":
                self.notes.append(
                    f"{row['row']}: a quarter of {one.id}, held against its middle month {month}."
                )
        for reason, count in why.items():
            self.skip(one.id, reason, count)
        schema: dict[str, Any] = {**rows.schema, "month": pl.String, "natural": pl.Float64}
        return pl.DataFrame(kept, schema=schema, orient="row")

    def _reason(self, one: FrozenSeries, row: Mapping[str, Any]) -> str | None:
        """Return why a row may not stand for an observation; None where it may."""
        how = one.matched_by
        if row["exclude"] is not None:
            return str(exclusions().get(row["exclude"], row["exclude"]))
        if row["value"] is None:
            return "no value"
        if row["date"] is None:
            return "no date"
        if how.units and row["unit"] not in how.units:
            return f"in {row['unit']!r}, forecast in {' or '.join(map(repr, how.units))}"
        long = _TOO_LONG.get(row["date_precision"])
        if how.take == "year":
            if row["date_precision"] != "year":
                return "dated nearer than a year, forecast by the year"
            if str(Month.of(row["date"].year, 1)) not in self.months:
                return "of a year whose January was not forecast"
            return None
        if long is not None:
            return f"stands for {long}, not for a month"
        known = row["date"] <= self.frozen.made.data_to
        return "known when the forecast was made" if known and how.take == "rows" else None

    def _by_month(self, one: FrozenSeries, rows: pl.DataFrame) -> dict[str, float]:
        found: dict[str, float] = {}
        for (month,), own in sorted(rows.group_by("month"), key=lambda group: str(group[0][0])):
            values = own["natural"].to_numpy()
            found[str(month)] = float(np.sort(to_scale(one.scale, values)).mean())
            self.used.update(own["row"])
            if own["conflict"].any() or _contradictory(own):
                self.notes.append(
                    f"{one.id} in {month}: {own.height} rows that contradict each other, {values.min():g} to "
                    f"{values.max():g} {one.unit} ({', '.join(sorted(own['row']))}); "
                    f"their mean on the {one.scale} scale is scored."
                )
        return found

    def _records(self, one: FrozenSeries, own: pl.DataFrame, rows: pl.DataFrame) -> dict[str, float]:
        """Return the highest value so far at the ends of quarters that the series' rows reach."""
        of_series = rows.filter(pl.col("series").is_in(one.matched_by.series), pl.col("exclude").is_null())
        last = of_series["date"].max()
        if not own.height or not isinstance(last, dt.date):
            return {}
        reached = Month.containing(last)
        found: dict[str, float] = {}
        best = [] if one.matched_by.best_so_far is None else [one.matched_by.best_so_far]
        for text in self.frozen.months:
            month = Month.parse(text)
            if month > reached or month.month not in QUARTER_ENDS:
                continue
            until = own.filter(pl.col("date") <= month.last_day)
            values = [*best, *until["natural"].to_list()]
            if values:
                found[text] = float(to_scale(one.scale, max(values)))
                self.used.update(until["row"])
        return found

    def claims(self, rows: pl.DataFrame) -> tuple[list[ScoredClaim], int]:
        """Return the questions that old and new observations together answer, and how many are open."""
        if not self.frozen.claims:
            return [], 0
        usable = pl.col("value").is_in(sorted(one for one in SCORED_AS.values() if one is not None))
        said = rows.filter(pl.col("series") == BY_HAND, ~usable.fill_null(value=False))
        for row, entity in said.select("row", "entity").iter_rows():
            self.skip(BY_HAND, f"{row}: the outcome of {entity} must be 1, 0 or 0.5")
        known = pl.concat([packaged_table(), rows.filter(~pl.col("row").is_in(said["row"].implode()))])
        held = Observations(flag_conflicts(known))
        questions = {question.id: question for question in load_ledger()}
        answered: list[ScoredClaim] = []
        still_open = 0
        for claim in self.frozen.claims:
            question = questions.get(claim.id)
            if question is None:
                self.skip(claim.id, "the ledger has no such question any more")
            elif claim.probability is None:
                self.skip(claim.id, "no probability was forecast")
            else:
                value = resolve(question, held).score_value
                if value is None:
                    still_open += 1
                else:
                    answered.append(ScoredClaim(claim.id, claim.probability, value))
        return answered, still_open


def _is_of(how: Matching, series: str, entity: str, economy: str | None) -> bool:
    if series not in how.series or (how.entities and entity not in how.entities):
        return False
    return how.economy is None or how.economy == economy


def _contradictory(rows: pl.DataFrame) -> bool:
    return bool(rows.group_by("date").agg(pl.col("natural").n_unique())["natural"].max() != 1)


def _reads(column: str, cell: str) -> bool:
    if column in _DATES:
        return read_period(cell) is not None
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False
