"""Data: what was measured, and how well the model fits it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from twocurves.charts.number_text import say, say_range
from twocurves.errors import unknown
from twocurves.observed.series import describe_series, series_catalogue, series_rows
from twocurves.serve.figures import Drawings, Figure, figure
from twocurves.serve.house import House

if TYPE_CHECKING:
    import altair as alt

    from twocurves.ensemble.history import HistoryRow

#: Figures of the Data page, in order.
SHOWN = (
    "frontier",
    "lag",
    "price_frontier",
    "premium",
    "host_prices",
    "open_shares",
    "revenue",
    "compute_stock",
)

#: Rows of a series shown on its page; the download has all.
ROWS_SHOWN = 400


@dataclass(frozen=True)
class MeasureRow:
    """A measured figure with its interval."""

    id: str
    title: str
    estimate: str
    range: str
    unit: str
    n: int
    period: str
    method: str
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class DataPage:
    """What the Data page shows."""

    sentence: str
    data_to: dt.date
    measures: tuple[MeasureRow, ...]
    figures: tuple[Figure, ...]
    families: dict[str, list[dict[str, Any]]]
    in_all: int


@dataclass(frozen=True)
class SeriesPage:
    """One series with its rows."""

    name: str
    title: str
    meaning: str
    caveat: str
    credit: str
    rows: tuple[dict[str, Any], ...]
    in_all: int
    never_join: tuple[str, ...]


@dataclass(frozen=True)
class FitPage:
    """How the model's central path and its hindcasts stand beside what was observed."""

    rows: tuple[HistoryRow, ...]
    said: tuple[dict[str, str], ...]
    hindcasts: tuple[dict[str, Any], ...]


def data_page(house: House, drawings: Drawings) -> DataPage:
    """Return what was measured."""
    report = house.report
    described = house.once("series", lambda: describe_series(house.held).to_dicts())
    families: dict[str, list[dict[str, Any]]] = {}
    for row in described:
        families.setdefault(str(row["family"]), []).append(row)
    return DataPage(
        sentence=report.sentence,
        data_to=report.data_to,
        measures=tuple(_measure(one) for one in report.chief() if one.estimate is not None),
        figures=tuple(measured_figure(house, drawings, name) for name in SHOWN),
        families=families,
        in_all=sum(row["rows"] for row in described),
    )


def measured_figure(house: House, drawings: Drawings, name: str) -> Figure:
    """Return a figure of what was measured; its title is inside the drawing."""
    from twocurves.charts.catalogue import FIGURES, draw

    report = house.report

    def drawer(_: int, theme: Any) -> alt.TopLevelMixin:
        return draw(name, report, theme)

    return figure(
        drawings,
        name,
        f"measured|{name}",
        drawer,
        title="",
        subtitle=FIGURES[name].shows,
        downloads={
            "SVG": f"/download/figure/{name}.svg",
            "PNG": f"/download/figure/{name}.png",
            "JSON": f"/download/figure/{name}.json",
        },
        widths=(1, 1),
    )


def series_page(house: House, name: str) -> SeriesPage:
    """Return one series.

    Raises
    ------
    BadInputError
        There is none of this name.
    """
    known = set(house.held.frame["series"].unique())
    if name not in known:
        raise unknown("series", name[:60], known)
    catalogue = series_catalogue()
    entry = catalogue.get(name)
    rows = series_rows(name, house.held).sort("date", descending=True, nulls_last=True)
    wanted = (
        "date",
        "entity",
        "value",
        "low",
        "high",
        "unit",
        "basis",
        "source",
        "url",
        "quote",
        "note",
        "exclude",
    )
    shown = rows.select([column for column in wanted if column in rows.columns]).head(ROWS_SHOWN)
    return SeriesPage(
        name=name,
        title=name if entry is None else entry.title,
        meaning="" if entry is None else entry.meaning,
        caveat="" if entry is None else entry.caveat,
        credit="" if entry is None else entry.credit,
        rows=tuple(shown.to_dicts()),
        in_all=rows.height,
        never_join=() if entry is None else entry.never_join,
    )


def series_table(house: House, name: str) -> pl.DataFrame:
    """Return the rows of a series for download."""
    series_page(house, name)
    return series_rows(name, house.held)


def fit_page(house: House) -> FitPage:
    """Return the central path beside what was observed, and the hindcasts that are stored."""
    from twocurves.beliefs.settings import NO_SETTINGS
    from twocurves.ensemble.history import beside

    rows = house.once(
        "history",
        lambda: tuple(beside(house.beliefs, NO_SETTINGS, house.held, house.engine.central_path())),
    )
    said = tuple(
        {
            "what": row.what,
            "month": row.month,
            "unit": row.unit,
            "observed": say(row.observed, "number", 3),
            "range": "" if row.low is None or row.high is None else say_range(row.low, row.high),
            "simulated": say(row.simulated, "number", 3),
            "off": say(row.comparison, "times", 2) if row.by != "difference" else _signed(row.comparison),
            "source": row.source,
        }
        for row in rows
    )
    return FitPage(rows, said, _hindcasts())


def _hindcasts() -> tuple[dict[str, Any], ...]:
    """Return the packaged hindcasts as the page shows them: sentences, and families with their skill."""
    from twocurves.fit.packaged_scores import packaged_scores

    first = packaged_scores()
    return tuple(
        {
            "window": one["window"],
            "sentences": one["sentences"],
            "rivals": tuple(one["overall"]["skill"]),
            "rows": tuple(
                {
                    "name": "Everything" if line is one["overall"] else str(line["name"]),
                    "n": line["n"],
                    "skills": tuple(_skill(line["skill"].get(rival)) for rival in one["overall"]["skill"]),
                    "coverage50": f"{100 * line['coverage50']:.0f}%",
                    "coverage90": f"{100 * line['coverage90']:.0f}%",
                }
                for line in (one["overall"], *one["families"])
            ),
        }
        for one in (first, *first.get("also", ()))
    )


def _skill(found: Any) -> str:
    """Return a skill in per cent with its sign; empty where it was not told."""
    value = found.get("skill", found.get("value")) if isinstance(found, dict) else found
    if value is None:
        return ""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(100 * value):.0f}%"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + say(value, "number", 2)


def _measure(one: Any) -> MeasureRow:
    return MeasureRow(
        id=one.id,
        title=one.title,
        estimate=say(one.estimate, "number", 3),
        range="" if one.low is None or one.high is None else say_range(one.low, one.high),
        unit=one.unit,
        n=one.n,
        period=f"{one.start} to {one.end}" if one.start is not None else "",
        method=one.method,
        sources=one.sources,
        note=one.note,
    )
