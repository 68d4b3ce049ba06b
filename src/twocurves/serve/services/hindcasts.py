"""The packaged hindcasts as figures: what was forecast of a series from an earlier day, beside what came."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from twocurves.charts.hindcast_fan import hindcast_figure
from twocurves.charts.number_text import say, say_range
from twocurves.charts.ticks import ScaleName
from twocurves.fit.packaged_scores import packaged_scores
from twocurves.fit.scales import Scale, from_scale
from twocurves.fit.series import Series, observed_rows, series_table
from twocurves.months import Month
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.services.series_choice import CLOSED_MODELS, OPEN_MODELS

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

_PERCENTILES = ("p05", "p25", "p50", "p75", "p95")

#: The series of observations behind the two frontiers of the fit.
_FRONTIERS = {("eci", CLOSED_MODELS): "closed_frontier", ("eci", OPEN_MODELS): "open_frontier"}

_WAITS = ("eci_catchup_months_derived",)

_NUMBERS = {
    "usd_billion_per_year": "${} bn",
    "usd_billion": "${} bn",
    "usd_per_hour": "usd",
    "months": "{} mo",
}

_ECONOMIES = {"closed_frontier": "closed", "open_frontier": "open"}


@dataclass(frozen=True)
class Hindcast:
    """A hindcast of one series.

    Attributes
    ----------
    id, title
        The series of the fit.
    origin, origins
        The day from which it was forecast, and all from which it was.
    held90, held50, n
        How many of the figures that came lay inside the intervals.
    figure
        The fan.
    """

    id: str
    title: str
    origin: str
    origins: tuple[str, ...]
    held90: int
    held50: int
    n: int
    figure: Figure


def hindcast_of(house: House, drawings: Drawings, series: str, whom: str, origin: str) -> Hindcast | None:
    """Return the hindcast of a series of observations, from the first day where ``origin`` is none."""
    found = fit_series_of(series, whom)
    return None if found is None else hindcast(house, drawings, found, origin)


def fit_series_of(series: str, whom: str) -> str | None:
    """Return the series of the fit that observes these rows; None where none was scored."""
    scored = {target["series"] for _, targets in _origins() for target in targets}
    if (series, whom) in _FRONTIERS:
        return _FRONTIERS[series, whom]
    if series in _WAITS:
        return "catch_up"
    for one in series_table().values():
        if series in one.series and whom in one.entities and one.id in scored:
            return one.id
    return None


def all_hindcasts(house: House, drawings: Drawings, origin: str) -> tuple[Hindcast, ...]:
    """Return every series that was scored from a day, in the order of the fit's table."""
    targets = dict(_origins()).get(origin, ())
    scored = {str(target["series"]) for target in targets}
    found = (hindcast(house, drawings, one, origin, small=True) for one in series_table() if one in scored)
    return tuple(one for one in found if one is not None)


def origins() -> tuple[str, ...]:
    """Return the days from which was forecast, the earliest first."""
    return tuple(day for day, _ in _origins())


def hindcast(
    house: House, drawings: Drawings, name: str, origin: str, *, small: bool = False
) -> Hindcast | None:
    """Return one series' hindcast; None where it was not scored from any day."""
    there = {day: [target for target in targets if target["series"] == name] for day, targets in _origins()}
    there = {day: targets for day, targets in there.items() if targets}
    if not there:
        return None
    day = origin if origin in there else min(there)
    targets = there[day]
    entry = series_table()[name]
    held90, held50 = (sum(bool(target[level]) for target in targets) for level in ("inside90", "inside50"))
    plural = "s" if len(targets) > 1 else ""
    return Hindcast(
        id=name,
        title=entry.title,
        origin=day,
        origins=tuple(sorted(there)),
        held90=held90,
        held50=held50,
        n=len(targets),
        figure=_figure(
            house,
            drawings,
            entry,
            day,
            targets,
            f"{entry.title}: the 90% interval of the forecast from {_spelt(day)} held {held90} of "
            f"{len(targets)} figure{plural}",
            small=small,
        ),
    )


def _origins() -> tuple[tuple[str, list[dict[str, Any]]], ...]:
    first = packaged_scores()
    return tuple(sorted((str(one["origin"]), one["targets"]) for one in (first, *first.get("also", ()))))


def _spelt(day: str) -> str:
    return f"{dt.date.fromisoformat(day):%B %Y}"


def _figure(
    house: House,
    drawings: Drawings,
    entry: Series,
    origin: str,
    targets: list[dict[str, Any]],
    title: str,
    *,
    small: bool,
) -> Figure:
    number = _NUMBERS.get(entry.unit, "number")
    axis: ScaleName = "log" if entry.scale == "log" else "linear"
    economy = _ECONOMIES.get(entry.id) or ("closed" if entry.id.startswith(("revenue", "value")) else None)
    months = [Month.parse(str(target["month"])).first_day for target in targets]
    naturals = {name: _natural(entry.scale, [target[name] for target in targets]) for name in _PERCENTILES}
    came = _natural(entry.scale, [target["observed"] for target in targets])
    forecast = pl.DataFrame({"month": months, **naturals}).unique("month", keep="first", maintain_order=True)
    outcomes = pl.DataFrame({"date": months, "value": came}).with_columns(economy=pl.lit(economy, pl.String))
    day = dt.date.fromisoformat(origin)
    before = house.once(f"before|{entry.id}|{origin}", lambda: _before(house, entry, day, economy))

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        desk = width > 300
        return hindcast_figure(
            forecast,
            outcomes,
            origin=day,
            before=before,
            economy=economy,
            number=number,
            scale=axis,
            theme=theme,
            span_told=desk and not small,
            width=(290 if small else 700) if desk else 150,
            height=(190 if small else 260) if desk else 190,
        )

    return figure(
        drawings,
        f"hindcast-{entry.id}" if small else "hindcast",
        f"hindcast|{entry.id}|{origin}|{small}",
        drawer,
        title=title,
        subtitle="Dots: observed. Fan: what the model, fitted to what was known then, said would be "
        "published: median, 50 and 90%",
        table=table_of(
            ("Month", "Observed", "Forecast", "50%", "90%", "Inside the 90%"),
            [
                [
                    str(target["month"]),
                    say(float(value), number, 3),
                    say(float(naturals["p50"][place]), number, 3),
                    say_range(float(naturals["p25"][place]), float(naturals["p75"][place]), number),
                    say_range(float(naturals["p05"][place]), float(naturals["p95"][place]), number),
                    "yes" if target["inside90"] else "no",
                ]
                for place, (target, value) in enumerate(zip(targets, came, strict=True))
            ],
        ),
    )


def _before(house: House, entry: Series, day: dt.date, economy: str | None) -> pl.DataFrame:
    """Return what was known of a series by a day."""
    known = [
        row
        for row in observed_rows(house.beliefs, house.held, until=day)
        if row.series == entry.id and row.day <= day and not row.at_least
    ]
    return pl.DataFrame(
        {"date": [row.day for row in known], "value": _natural(entry.scale, [row.value for row in known])},
        schema={"date": pl.Date, "value": pl.Float64},
    ).with_columns(economy=pl.lit(economy, pl.String))


def _natural(scale: Scale, values: list[float]) -> list[float]:
    return [float(value) for value in from_scale(scale, values)]
