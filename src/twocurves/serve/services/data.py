"""Data: what was measured, and how well the model fits it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from twocurves.charts.number_text import say, say_range
from twocurves.errors import unknown
from twocurves.months import Month
from twocurves.observed.series import describe_series, series_catalogue, series_rows
from twocurves.serve.figures import Drawings, Figure, figure
from twocurves.serve.house import House
from twocurves.serve.services.hindcasts import Hindcast, all_hindcasts, origins
from twocurves.serve.services.series_choice import CLOSED_MODELS, OPEN_MODELS
from twocurves.serve.services.series_state import SHOW, SeriesState, read_series_state
from twocurves.serve.services.series_view import Choice, Explorer, explorer

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName
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

#: Widths of a page from which a figure is drawn for a desk.
_DESK = 300

#: Rows of a series shown on its page; the download has all.
ROWS_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Subject:
    """What the Data page can show first: whose rows of which series, and what they are called."""

    id: str
    words: str
    series: str
    whom: str = ""


#: The subjects of the Data page; the first is shown unless another is asked for.
SUBJECTS = (
    Subject("closed", "Best closed model", "eci", CLOSED_MODELS),
    Subject("open", "Best open model", "eci", OPEN_MODELS),
    Subject("wait", "Months until open models caught up", "eci_catchup_months_derived"),
    Subject("openai", "Revenue of OpenAI", "arr_usd_bn", "OpenAI"),
    Subject("anthropic", "Revenue of Anthropic", "arr_usd_bn", "Anthropic"),
    Subject("value", "Market value of OpenAI", "valuation_usd_bn", "OpenAI"),
    Subject("hour", "Hour of an H100", "gpu_hour_price", "H100"),
    Subject("share", "Open share of OpenRouter’s top models", "openrouter_top10_open_token_share"),
    Subject("horizon", "Length of tasks done (METR)", "metr_p50_minutes"),
    Subject("chips", "AI chips shipped", "cumulative_h100e_shipped"),
)


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
    title: str = ""


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
    shown: Explorer


@dataclass(frozen=True)
class FitPage:
    """How the model's central path and its hindcasts stand beside what was observed."""

    rows: tuple[HistoryRow, ...]
    said: tuple[dict[str, str], ...]
    hindcasts: tuple[dict[str, Any], ...]
    fans: tuple[Hindcast, ...]
    origin: str
    origins: tuple[str, ...]


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
        title=f"What was measured, to {report.data_to:%B %Y}",
    )


def subject_shown(
    house: House, drawings: Drawings, query: Mapping[str, str]
) -> tuple[Explorer, tuple[Choice, ...]]:
    """Return the subject of the Data page that a link asks for, and the links to the others."""
    state = read_series_state(query).limited(SHOW, [one.id for one in SUBJECTS])
    subject = next((one for one in SUBJECTS if one.id == state.show), SUBJECTS[0])
    found = explorer(house, drawings, subject.series, state, "/data", usual=subject.whom, title=subject.words)
    usual = SeriesState(scale=state.scale, fits=state.fits, origin=state.origin)
    choices = tuple(
        Choice(
            one.words, usual.link("/data", show="" if one is SUBJECTS[0] else one.id), one is subject, one.id
        )
        for one in SUBJECTS
    )
    return found, choices


def measured_figure(house: House, drawings: Drawings, name: str) -> Figure:
    """Return a figure of what was measured, its words beside it."""
    from twocurves.charts.catalogue import drawn
    from twocurves.charts.shape import Shape

    report = house.report

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        return drawn(name, report, theme, Shape(worded=False, narrow=width < _DESK)).chart

    words = drawn(name, report, "light", Shape(worded=False))
    return figure(
        drawings,
        name,
        f"measured|{name}",
        drawer,
        title=words.title,
        subtitle=words.subtitle,
        note=words.caption,
        downloads={
            "SVG": f"/download/figure/{name}.svg",
            "PNG": f"/download/figure/{name}.png",
            "JSON": f"/download/figure/{name}.json",
        },
    )


def series_page(house: House, drawings: Drawings, name: str, query: Mapping[str, str]) -> SeriesPage:
    """Return one series.

    Raises
    ------
    BadInputError
        There is none of this name.
    """
    _check_series(house, name)
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
        shown=explorer(house, drawings, name, read_series_state(query), f"/data/series/{name}"),
    )


def _check_series(house: House, name: str) -> None:
    known = set(house.held.frame["series"].unique())
    if name not in known:
        raise unknown("series", name[:60], known)


def series_table(house: House, name: str) -> pl.DataFrame:
    """Return the rows of a series for download."""
    _check_series(house, name)
    return series_rows(name, house.held)


def fit_page(house: House, drawings: Drawings, origin: str = "") -> FitPage:
    """Return the central path beside what was observed, and the hindcasts that are stored.

    ``origin`` is the day of the hindcasts drawn; the earliest where it is none of them.
    """
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
    days = origins()
    day = origin if origin in days else days[0]
    return FitPage(rows, said, _hindcasts(), all_hindcasts(house, drawings, day), day, days)


def _hindcasts() -> tuple[dict[str, Any], ...]:
    """Return the packaged hindcasts as the page shows them: sentences, and families with their skill."""
    from twocurves.fit.packaged_scores import packaged_scores

    first = packaged_scores()
    return tuple(
        {
            "window": _window(str(one["origin"]), max(str(target["month"]) for target in one["targets"])),
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


def _window(origin: str, last: str) -> str:
    until = Month.parse(last).first_day
    return f"fitted to {dt.date.fromisoformat(origin):%B %Y}, judged on what came until {until:%B %Y}"


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
