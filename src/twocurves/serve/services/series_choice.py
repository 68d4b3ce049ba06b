"""Which rows of a series stand in its figure, and how their numbers are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from twocurves.charts.palette import ECONOMIES
from twocurves.charts.ticks import ScaleName
from twocurves.observed.measures.firms import firms
from twocurves.observed.measures.rivals import ScaleName as FitScale
from twocurves.observed.series import Series, series_catalogue, series_rows
from twocurves.serve.services.series_state import BASIS, OF, SCALE, WHOM, SeriesState

if TYPE_CHECKING:
    from twocurves.observed.tables import Observations

#: Everybody's rows; rows of models of one economy.
ALL = "all"
CLOSED_MODELS, OPEN_MODELS = "closed models", "open models"
_ECONOMY_OF = {CLOSED_MODELS: "closed", OPEN_MODELS: "open"}

#: Rows that set a record, or every row.
RECORDS, EVERY = "records", "every"

#: Rows that a group needs to be offered.
_LEAST_ROWS = 2

#: Rows from which a series of models is a list of scores, whose records make a course.
_LIST_OF_SCORES = 20

#: A series whose groups have fewer rows than this on average is of models, not of firms.
_ROWS_OF_A_FIRM = 2.0

_NUMBERS: tuple[tuple[str, str], ...] = (
    (r"^USD billion", "${} bn"),
    (r"^USD million", "${}m"),
    (r"^USD", "usd"),
    (r"^fraction a month", "share"),
    (r"^fraction", "share"),
    (r"^months$", "{} mo"),
    (r"^minutes$", "minutes"),
    (r"^million", "{}m"),
    (r"^trillion", "{} tn"),
    (r"^billion", "{} bn"),
)


@dataclass(frozen=True)
class Chosen:
    """The rows of a series that its figure shows.

    Attributes
    ----------
    series
        Its entry in the catalogue; None for one of the visitor's own.
    name, title
        Its name in the tables, and in words.
    rows
        Dated rows that may be used, by date: ``row`` (place on the page of the series), ``date``, ``value``,
        ``low``, ``high``, ``entity``, ``economy``, ``unit``, ``basis``, ``source``, ``url``, ``note``.
    state
        The state with its choices checked.
    whom, of, basis
        The choices in force.
    groups, bases
        What may be chosen; empty where there is no choice.
    has_records
        Whether records alone may be shown.
    scale, drawn
        The scale of the fits, and that of the axis.
    number, unit
        Number style and unit.
    left_out
        Rows of this choice that are not to be used and are not drawn.
    apart
        Why none of the rows counts in the measures, where none does: they are drawn nevertheless.
    """

    series: Series | None
    name: str
    title: str
    rows: pl.DataFrame
    state: SeriesState
    whom: str
    of: str
    basis: str
    groups: tuple[str, ...]
    bases: tuple[str, ...]
    has_records: bool
    scale: FitScale
    drawn: ScaleName
    number: str
    unit: str
    left_out: int
    apart: str

    @property
    def may_be_log(self) -> bool:
        """Whether a log axis can show the rows."""
        values = self.rows["value"]
        return values.len() > 0 and bool((values > 0).all())


def choose(held: Observations, name: str, state: SeriesState, usual: str = "") -> Chosen:
    """Choose the rows of a series that a state asks for; what it cannot have is dropped and said.

    ``usual`` is whose rows stand where the state does not say; those of whom there are most when left out.
    """
    entry = series_catalogue().get(name)
    numbered = series_rows(name, held).with_row_index("place")
    dated = numbered.filter(pl.col("date").is_not_null() & pl.col("value").is_finite())
    groups = _groups(dated)
    state = state.limited(WHOM, groups)
    whom = state.whom or (usual if usual in groups else groups[0] if groups else ALL)
    own = _of_group(dated, whom)
    bases = _bases(own)
    state = state.limited(BASIS, bases)
    if state.basis:
        own = own.filter(pl.col("basis") == state.basis)
    scores = entry is not None and entry.family == "capability" and own.height >= _LIST_OF_SCORES
    has_records = scores and whom in _ECONOMY_OF
    state = state.limited(OF, (RECORDS, EVERY) if has_records else ())
    of = (state.of or RECORDS) if has_records else EVERY
    usable = own.filter(pl.col("exclude").is_null())
    apart = ""
    if usable.is_empty() and not own.is_empty():
        apart = ", ".join(sorted(own["exclude"].unique().to_list()))
        usable = own
    kept = _records(usable) if of == RECORDS else usable
    scale: FitScale = "linear"
    if entry is not None and entry.scale in ("log", "logit"):
        scale = "logit" if entry.scale == "logit" else "log"
    if scale == "log" and not (kept["value"] > 0).all():
        scale = "linear"
    if scale == "logit" and not kept["value"].is_between(0, 1).all():
        scale = "linear"
    state = state.limited(SCALE, ("log", "linear"))
    positive = kept.height > 0 and bool((kept["value"] > 0).all())
    drawn: ScaleName = "log" if scale == "log" else "linear"
    if state.scale:
        drawn = "log" if state.scale == "log" and positive else "linear"
    unit = str(kept["unit"].drop_nulls().first() or "") if kept.height else ""
    return Chosen(
        series=entry,
        name=name,
        title=name if entry is None else entry.title,
        rows=_with_economies(kept),
        state=state,
        whom=whom,
        of=of,
        basis=state.basis,
        groups=groups,
        bases=bases,
        has_records=has_records,
        scale=scale,
        drawn=drawn,
        number=number_style(unit),
        unit=unit,
        left_out=own.height - usable.height,
        apart=apart,
    )


def number_style(unit: str) -> str:
    """Return how numbers of a unit are written.

    >>> number_style("USD billion/yr"), number_style("fraction of CIOs"), number_style("ECI points")
    ('${} bn', 'share', 'number')
    """
    return next((style for pattern, style in _NUMBERS if re.search(pattern, unit)), "number")


def _groups(dated: pl.DataFrame) -> tuple[str, ...]:
    """Return whose rows may be shown apart, those with most rows first; everybody's last."""
    if dated.is_empty():
        return ()
    counts = (
        dated.drop_nulls("entity")
        .group_by("entity")
        .agg(rows=pl.len())
        .sort("rows", "entity", descending=[True, False])
    )
    if counts.height <= 1:
        return ()
    if counts["rows"].sum() / counts.height < _ROWS_OF_A_FIRM:
        there = [
            name
            for name, economy in _ECONOMY_OF.items()
            if (dated["economy"] == economy).sum() >= _LEAST_ROWS
        ]
        if there:
            return (*there, ALL)
        firms_there = counts.filter(pl.col("rows") > _LEAST_ROWS)["entity"].to_list()
        return (*firms_there, ALL) if firms_there else ()
    return (*counts.filter(pl.col("rows") >= _LEAST_ROWS)["entity"].to_list(), ALL)


def _of_group(dated: pl.DataFrame, whom: str) -> pl.DataFrame:
    if whom in _ECONOMY_OF:
        return dated.filter(pl.col("economy") == _ECONOMY_OF[whom])
    return dated if whom == ALL else dated.filter(pl.col("entity") == whom)


def _bases(own: pl.DataFrame) -> tuple[str, ...]:
    """Return the bases on which rows were counted, the commonest first; none where there is one only."""
    counts = (
        own.drop_nulls("basis")
        .group_by("basis")
        .agg(rows=pl.len())
        .sort("rows", "basis", descending=[True, False])
    )
    return tuple(counts["basis"].to_list()) if counts.height > 1 else ()


def _records(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are higher than all before them."""
    ordered = rows.sort("date", "value", maintain_order=True)
    before = pl.col("value").cum_max().shift(1).fill_null(float("-inf"))
    return ordered.filter(pl.col("value") > before)


def _with_economies(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the economy of the firm where they state none; neither where it is of both."""
    known = {name: firm.economy for name, firm in firms().items() if firm.economy in ECONOMIES}
    of_firm = pl.col("entity").replace_strict(known, default=None, return_dtype=pl.String)
    economy = pl.when(pl.col("economy").is_in(ECONOMIES)).then(pl.col("economy")).otherwise(of_firm)
    return rows.with_columns(economy=economy).sort("date", maintain_order=True)
