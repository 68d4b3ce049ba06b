"""What a run says: key numbers at several dates, the sentence, who captures the value, the claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from twocurves.beliefs.reading import read_belief_file
from twocurves.beliefs.schema import Strict, Words
from twocurves.claims import (
    Ledger,
    MeasureShape,
    MeasureTable,
    Probability,
    Question,
    Tally,
    compile_question,
    load_ledger,
)
from twocurves.claims.compiling import UNDETERMINED
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import CLAIM
from twocurves.errors import BadInputError
from twocurves.months import Month

if TYPE_CHECKING:
    import polars as pl

#: The three accounting rules under which value captured is told, and the measures' names for them.
RULES = {"net revenue": "net_revenue", "gross profit": "gross_profit", "economic rent": "rent"}

_FILE = "outcomes.toml"


class Outcome(Strict):
    """A number that a run is told by.

    ``name`` is a measure, with its entity behind a dot where it has one; ``times`` is what a figure is
    multiplied by before it is written in its ``style`` with ``digits`` significant figures; ``shown`` says
    whether the terminal prints it.
    """

    name: Words
    title: Words
    style: Words
    times: float = 1.0
    digits: Annotated[int, Field(ge=1, le=6)] = 2
    economy: Literal["closed", "open"] | None = None
    shown: bool = False


class OutcomeTable(Strict):
    """The numbers that a run is told by, their dates, and the levels of their intervals."""

    dates: Annotated[tuple[str, ...], Field(min_length=1)]
    captured_in: int
    levels: tuple[float, float, float]
    outcome: Annotated[tuple[Outcome, ...], Field(min_length=1)]


@lru_cache(maxsize=1)
def outcome_table() -> OutcomeTable:
    """Return the table of outcomes, from its file."""
    read = read_belief_file(files("twocurves.ensemble") / "data" / _FILE, _FILE)
    return read.table(read.tables, OutcomeTable)


@dataclass(frozen=True, slots=True)
class Spread:
    """Three quantiles over draws, of those that have the figure.

    Attributes
    ----------
    low, median, high
        At 5, 50 and 95%; NaN without draws.
    draws
        Draws with the figure.
    """

    low: float
    median: float
    high: float
    draws: int

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> Spread:
        """Return the spread of one figure for each draw; NaN are left out."""
        finite = np.asarray(values, dtype=np.float64)
        finite = finite[np.isfinite(finite)]
        if not len(finite):
            return cls(np.nan, np.nan, np.nan, 0)
        low, median, high = np.quantile(finite, outcome_table().levels)
        return cls(float(low), float(median), float(high), len(finite))

    def as_record(self) -> dict[str, Any]:
        """Return the spread as ``--json`` prints it."""
        return {"p05": self.low, "p50": self.median, "p95": self.high, "draws": self.draws}


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """An outcome in a month.

    Attributes
    ----------
    outcome, unit, month
        What, in which unit, when.
    spread
        Over the draws.
    """

    outcome: Outcome
    unit: str
    month: Month
    spread: Spread

    def as_record(self) -> dict[str, Any]:
        """Return the row as ``--json`` prints it."""
        return {
            "name": self.outcome.name,
            "unit": self.unit,
            "month": str(self.month),
            **self.spread.as_record(),
        }


@dataclass(frozen=True, slots=True)
class Captured:
    """What both economies capture in a year under one accounting rule, in USD billions.

    Attributes
    ----------
    rule
        In words.
    with_compute
        Whether the rent of compute used is counted in.
    closed, open
        Over the draws.
    open_more
        Share of the draws in which the open economy captures more, and more than nothing.
    """

    rule: str
    with_compute: bool
    closed: Spread
    open: Spread
    open_more: float

    def as_record(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "rule": self.rule,
            "with_compute": self.with_compute,
            "closed": self.closed.as_record(),
            "open": self.open.as_record(),
            "open_more": self.open_more,
        }


@dataclass(frozen=True, slots=True)
class Headline:
    """How fast both economies grow between two years, in each draw, and who captures more at the end.

    Attributes
    ----------
    first, last
        The years; a year is the mean of its months kept.
    closed, open
        Growth of net revenue a year; -100% in a draw that ends with none or a loss, and left out where the
        first year has none.
    capability_closed, capability_open
        Gain in capability a year, in ECI points.
    open_faster, open_more
        Share of the draws in which the open economy's net revenue grows faster; in which it is larger in the
        last year (None: the measures were not kept).
    lag
        Months by which open trails closed in the last year.
    """

    first: int
    last: int
    closed: Spread
    open: Spread
    open_faster: float
    open_more: float
    capability_closed: Spread | None
    capability_open: Spread | None
    lag: Spread | None

    @property
    def sentence(self) -> str:
        """The headline in one sentence."""
        more = round(20 * self.open_more)
        return (
            f"From {self.first} to {self.last} the closed labs' net revenue grows {_growth(self.closed)} and "
            f"the open economy's {_growth(self.open)}; in {self.last} the open economy captures more in "
            f"{more} of 20 futures."
        )

    @property
    def second_sentence(self) -> str:
        """Capability and lag in one sentence; empty when they were not kept."""
        if self.capability_closed is None or self.capability_open is None or self.lag is None:
            return ""
        return (
            f"The best closed model gains {self.capability_closed.median:.1f} points of capability a year, "
            f"the best open one {self.capability_open.median:.1f}; in {self.last} open trails by "
            f"{self.lag.median:.0f} months ({self.lag.low:.0f} to {self.lag.high:.0f})."
        )

    def as_record(self) -> dict[str, Any]:
        """Return the headline's figures as ``--json`` prints them."""
        spreads = {
            "net_revenue_growth_closed": self.closed,
            "net_revenue_growth_open": self.open,
            "capability_gain_closed": self.capability_closed,
            "capability_gain_open": self.capability_open,
            "lag_months": self.lag,
        }
        return {
            "from": self.first,
            "to": self.last,
            "open_grows_faster": self.open_faster,
            "open_captures_more": self.open_more,
            **{name: None if one is None else one.as_record() for name, one in spreads.items()},
        }


def columns(
    run: StoredRun, names: Sequence[str], months: Iterable[Month] | None = None
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.floating]]]:
    """Return columns of the paths as arrays ``(draws that came through, months)``, and the draws' numbers.

    Parameters
    ----------
    names
        Such as ``net_revenue_open`` or ``revenue_by_lab.openai``.
    months
        Some of the months kept; all when left out.

    Raises
    ------
    BadInputError
        The run does not keep a column.
    """
    kept = run.months
    places = list(range(len(kept))) if months is None else [kept.index(month) for month in months]
    index: list[NDArray[np.int64]] = []
    parts: dict[str, list[NDArray[np.floating]]] = {name: [] for name in names}
    for table in run.iterate_paths(["draw", *names]):
        index.append(table["draw"].to_numpy()[:: len(kept)])
        for name in names:
            parts[name].append(table[name].to_numpy().reshape(-1, len(kept))[:, places])
    empty = np.empty((0, len(places)), dtype=run.plan.precision)
    return (
        np.concatenate(index) if index else np.empty(0, np.int64),
        {name: np.concatenate(found) if found else empty for name, found in parts.items()},
    )


def outcomes_kept(run: StoredRun) -> list[Outcome]:
    """Return the outcomes whose measure a run keeps, in the order of the table."""
    there = {column.name for column in run.layout.columns}
    return [outcome for outcome in outcome_table().outcome if outcome.name in there]


def dates_kept(run: StoredRun) -> list[Month]:
    """Return the dates of the table of outcomes that a run keeps, and its last month."""
    wished = [Month.parse(text) for text in outcome_table().dates]
    found = [month for month in wished if month in run.months and month < run.months[-1]]
    last = run.months[-1]
    return [*found, *([last] if last in wished or not found else [])]


def outcome_rows(run: StoredRun) -> list[OutcomeRow]:
    """Return the key numbers of a run at several dates, outcome by outcome."""
    dates = dates_kept(run)
    chosen = outcomes_kept(run)
    _, found = columns(run, [outcome.name for outcome in chosen], dates)
    return [
        OutcomeRow(outcome, unit_of(run, outcome.name), month, Spread.of(found[outcome.name][:, place]))
        for outcome in chosen
        for place, month in enumerate(dates)
    ]


def unit_of(run: StoredRun, name: str) -> str:
    """Return the unit of a column."""
    (unit,) = {info.unit for info in run.measures if info.name == name.partition(".")[0]}
    return unit


def headline(run: StoredRun) -> Headline | None:
    """Return the growth of both economies and who captures more; None when a run keeps too little for it."""
    years = _full_years(run)
    names = ("net_revenue_closed", "net_revenue_open")
    if len(years) < 2 or not set(names) <= set(run.plan.measures) or not run.counts.ok:
        return None
    last = max(year for year in years if year <= max(outcome_table().captured_in, years[0] + 1))
    known = run.plan.data_to.year
    first = known if known in years and known < last else years[0]
    more = [
        name for name in ("capability_closed", "capability_open", "lag_months") if name in run.plan.measures
    ]
    found = yearly(run, [*names, *more], (first, last))
    span = last - first
    growth = {name: _yearly_growth(found[name], span) for name in names}
    both = np.isfinite(growth[names[0]]) & np.isfinite(growth[names[1]])
    faster = growth[names[1]][both] > growth[names[0]][both]

    def gain(name: str) -> Spread | None:
        return Spread.of((found[name][:, 1] - found[name][:, 0]) / span) if name in found else None

    return Headline(
        first=first,
        last=last,
        closed=Spread.of(growth[names[0]]),
        open=Spread.of(growth[names[1]]),
        open_faster=float(faster.mean()) if len(faster) else float("nan"),
        open_more=_share_open_more(found[names[0]][:, 1], found[names[1]][:, 1]),
        capability_closed=gain("capability_closed"),
        capability_open=gain("capability_open"),
        lag=Spread.of(found["lag_months"][:, 1]) if "lag_months" in found else None,
    )


def captured(run: StoredRun) -> tuple[int, list[Captured]]:
    """Return what both economies capture, under every accounting rule whose measures a run keeps.

    Returns
    -------
    int, list of Captured
        The year, and one row for each rule with the compute layer out and in; no rows when the run ends
        before the year of the table of outcomes.
    """
    year = outcome_table().captured_in
    rules = {
        (words, compute): tuple(
            f"{rule}_{economy}{'_with_compute' * compute}" for economy in ("closed", "open")
        )
        for words, rule in RULES.items()
        for compute in (False, True)
    }
    kept = {key: names for key, names in rules.items() if set(names) <= set(run.plan.measures)}
    if year not in _full_years(run) or not kept:
        return year, []
    found = yearly(run, [name for names in kept.values() for name in names], (year,))
    rows = []
    for (words, compute), (closed, opened) in kept.items():
        mine, theirs = found[closed][:, 0], found[opened][:, 0]
        rows.append(
            Captured(words, compute, Spread.of(mine), Spread.of(theirs), _share_open_more(mine, theirs))
        )
    return year, rows


def yearly(run: StoredRun, names: Sequence[str], years: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Return means over the months kept of some years, ``(draws that came through, years)``."""
    of_year = [[month for month in run.months if month.year == year] for year in years]
    _, found = columns(run, names, [month for months in of_year for month in months])
    ends = np.cumsum([len(months) for months in of_year])[:-1]
    return {
        name: np.stack(
            [part.mean(axis=1, dtype=np.float64) for part in np.split(figures, ends, axis=1)], axis=1
        )
        for name, figures in found.items()
    }


def probabilities(run: StoredRun) -> dict[str, Probability]:
    """Return the probability of each question that a run answers; streams over the draws."""
    ids = run.manifest.description.claims
    tallies = {name: Tally() for name in ids}
    for table in run.iterate_draws(["draw", "ok", *(CLAIM + name for name in ids)]):
        ok, draw = table["ok"].to_numpy(), table["draw"].to_numpy()
        for name, tally in tallies.items():
            truth = table[CLAIM + name].fill_null(UNDETERMINED).to_numpy()
            tally.add(truth, ok, draw)
    return {name: tally.probability(name) for name, tally in tallies.items()}


def evaluated(run: StoredRun, questions: Iterable[Question]) -> dict[str, Probability]:
    """Return the probability of questions that were not asked when the run was made, from its stored paths.

    Raises
    ------
    BadInputError
        The run keeps too few months or measures for a question.
    """
    asked = list(questions)
    if len(run.months) != run.plan.months_simulated:
        raise BadInputError(
            f"{run.name} keeps {len(run.months)} of {run.plan.months_simulated} months, and claims are over "
            "all of them; make a run with --keep all.",
            field="run",
            given=run.plan.months_kept,
            allowed="a run that keeps all months",
        )
    shapes = {info.name: MeasureShape(info.unit, info.axes, info.meaning) for info in run.measures}
    table = MeasureTable(shapes, run.manifest.description.axes, run.months[0], run.months[-1])
    compiled = [compile_question(question, table) for question in asked]
    needed = sorted(frozenset().union(*(one.measures for one in compiled)))
    named = {name: [column.name for column in run.layout.columns_of(name)] for name in needed}
    tallies = {one.question.id: Tally() for one in compiled}
    for piece in run.iterate_paths(["draw", *(name for names in named.values() for name in names)]):
        draw = piece["draw"].to_numpy()[:: len(run.months)]
        values = {
            name: np.stack(
                [piece[column].to_numpy().reshape(len(draw), -1) for column in names], axis=-1
            ).reshape(table.shape_of(name, len(draw)))
            for name, names in named.items()
        }
        for one in compiled:
            truth = one.truth(values, len(draw))
            tallies[one.question.id].add(truth, np.ones(len(draw), dtype=bool), draw)
    for piece in run.iterate_draws(["draw", "ok"]):
        failed = piece["draw"].to_numpy()[~piece["ok"].to_numpy()]
        for tally in tallies.values():
            tally.add(np.full(len(failed), UNDETERMINED), np.zeros(len(failed), dtype=bool), failed)
    return {name: tally.probability(name) for name, tally in tallies.items()}


def claim_record(question: Question, found: Probability | None) -> dict[str, Any]:
    """Return a question with what a run says of it, as ``--json`` prints it.

    ``decided_by``, the belief that decides it, is null until a study of drivers has said so.
    """
    said = (
        {"probability": None, "mc_error": None, "reason": "not answered by this run"}
        if found is None
        else found.as_record()
    )
    return {**question.as_record(), **said, "decided_by": None}


def run_record(
    run: StoredRun, *, seconds: float | None = None, ledger: Ledger | None = None
) -> dict[str, Any]:
    """Return a run as ``--json`` prints it: counts, headline, outcomes, claims, provenance.

    Parameters
    ----------
    seconds
        How long it took; None for a run that was only opened.
    ledger
        The claims; the packaged ones when left out.
    """
    questions = load_ledger() if ledger is None else ledger
    said = headline(run)
    year, rows = captured(run)
    found = probabilities(run)
    counts = run.counts
    plan = run.plan
    return {
        "run": run.name,
        "path": run.path,
        "scenario": plan.scenario,
        "settings": dict(plan.settings),
        "seed": plan.seed,
        "digest": run.digest,
        "data_to": plan.data_to.isoformat(),
        "seconds": seconds,
        "headline": None if said is None else said.sentence,
        "growth": None if said is None else said.as_record(),
        "captured": {"year": year, "rules": [row.as_record() for row in rows]},
        "draws": {
            "asked": counts.asked,
            "ok": counts.ok,
            "failed": counts.failed,
            "causes": counts.causes,
        },
        "outcomes": [row.as_record() for row in outcome_rows(run)],
        "claims": [
            claim_record(question, found.get(question.id))
            for question in questions
            if question.headline or question.claim.id == "C10"
        ],
        "beliefs_from": plan.beliefs_from,
        "months": {"from": plan.from_month, "until": plan.until, "kept": len(plan.months)},
        "command": run.manifest.command,
        "versions": {
            "twocurves": plan.code_version,
            "jax": plan.jax_version,
            "numpy": plan.numpy_version,
            "code": plan.code_digest,
            "beliefs": plan.beliefs_digest,
            "data": plan.data_digest,
        },
        "precision": plan.precision,
        "device": plan.device,
    }


def outcome_frame(rows: Iterable[OutcomeRow]) -> pl.DataFrame:
    """Return key numbers as a table."""
    import polars as pl

    return pl.DataFrame([row.as_record() for row in rows]).with_columns(
        month=pl.col("month").str.to_date("%Y-%m")
    )


def _full_years(run: StoredRun) -> list[int]:
    """Return the years to whose December the run keeps figures."""
    return [month.year for month in run.months if month.month == 12]


def _yearly_growth(figures: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return growth a year; -100% where a positive figure became none or a loss, NaN where it never was."""
    first, last = figures[:, 0], np.maximum(figures[:, 1], 0.0)
    ratio = np.divide(last, first, out=np.full(len(first), np.nan), where=first > 0)
    return np.asarray(ratio ** (1.0 / span) - 1.0)


def _share_open_more(closed: NDArray[np.float64], opened: NDArray[np.float64]) -> float:
    known = np.isfinite(closed) & np.isfinite(opened)
    more = (opened > closed) & (opened > 0)
    return float(more[known].mean()) if known.any() else float("nan")


def _growth(spread: Spread) -> str:
    if not spread.draws:
        return "at a rate that no draw gives"
    low, median, high = (
        f"{100 * value:.0f}".replace("-", "−") for value in (spread.low, spread.median, spread.high)
    )
    return f"{median}% a year ({low} to {high}%)"


def causes_in_words(causes: Mapping[str, int]) -> str:
    """Write the causes of failed draws as a phrase."""
    return ", ".join(f"{count:,} {cause}" for cause, count in causes.items())
