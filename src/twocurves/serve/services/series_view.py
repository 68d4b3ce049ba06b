"""A series on a page: its dots, the rival curves through them, what is left over, and every row's source."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from twocurves.charts.number_text import say, say_range
from twocurves.charts.rival_curves import Residuals, RivalCurve, rival_figure
from twocurves.errors import BadInputError
from twocurves.observed.measures.rivals import RIVALS, RivalFit, Rivals, rival_fits
from twocurves.observed.measures.trend import years
from twocurves.serve.figures import Drawings, Figure, figure
from twocurves.serve.house import House
from twocurves.serve.services.hindcasts import Hindcast, hindcast_of
from twocurves.serve.services.series_choice import ALL, EVERY, RECORDS, Chosen, choose
from twocurves.serve.services.series_state import SeriesState
from twocurves.serve.services.series_words import (
    curve_errors,
    curve_name,
    curve_said,
    curves_title,
    missing_said,
    percent_of,
)

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Days by which curves run on beyond the last figure.
_RUN_ON_DAYS = 365

_CURVE_POINTS = 90

#: Widths of a page from which a figure is drawn for a desk.
_DESK = 300

_LINK = re.compile(r'<a xlink:href="[^"]*#(row-\d+)"[^>]*>')


@dataclass(frozen=True)
class Choice:
    """A link that changes one thing of the view."""

    words: str
    link: str
    on: bool
    key: str = ""


@dataclass(frozen=True)
class Fit:
    """A curve as the page tells it."""

    name: str
    words: str
    weight: str
    said: str
    errors: str
    on: bool
    link: str


@dataclass(frozen=True)
class Dot:
    """A row behind a dot."""

    id: str
    date: str
    entity: str
    value: str
    interval: str
    basis: str
    note: str
    source: str
    url: str


@dataclass(frozen=True)
class Explorer:
    """A series on a page.

    Attributes
    ----------
    figure
        Dots, curves and residuals; None where there are too few rows.
    fits, fits_note
        The curves with their weights; and why some, or all, are missing.
    whom, of, bases, scales, origins
        Choices; empty where there is none.
    whom_free
        Whether the page leaves open whose rows are shown.
    dots
        The rows drawn, newest first.
    hindcast
        The forecast of this series from an earlier day; None where none is packaged.
    dropped
        What the link said that means nothing here.
    left_out, apart
        Rows not drawn; and why none of those drawn counts in the measures, where none does.
    empty
        Why there is no figure.
    """

    name: str
    path: str
    figure: Figure | None
    fits: tuple[Fit, ...]
    fits_note: str
    whom: tuple[Choice, ...]
    whom_free: bool
    of: tuple[Choice, ...]
    bases: tuple[Choice, ...]
    scales: tuple[Choice, ...]
    origins: tuple[Choice, ...]
    dots: tuple[Dot, ...]
    hindcast: Hindcast | None
    dropped: tuple[str, ...]
    left_out: int
    apart: str
    empty: str = ""


def explorer(
    house: House,
    drawings: Drawings,
    name: str,
    state: SeriesState,
    path: str,
    *,
    usual: str = "",
    title: str = "",
) -> Explorer:
    """Return a series as a page shows it.

    Parameters
    ----------
    name
        The series.
    state
        What the link says.
    path
        Of the page, for its links.
    usual
        Whose rows stand where the state does not say.
    title
        What these rows are called in sentences; the title of the series and whose rows when left out.
    """
    chosen = choose(house.held, name, state, usual)
    called = title if title and chosen.whom == usual else _called(chosen)
    found = hindcast_of(house, drawings, chosen.name, chosen.whom, state.origin)
    state = chosen.state
    if found is not None:
        state = state.limited("from", found.origins)
    elif state.origin:
        state = state.limited("from", ())
    rivals = _rivals(house, chosen)
    fits = () if rivals is None else tuple(_fit_row(chosen, one, state, path) for one in rivals.fits)
    return Explorer(
        name=name,
        path=path,
        figure=None if rivals is None else _figure(drawings, chosen, rivals, state, called),
        fits=fits,
        fits_note="" if rivals is None else missing_said(rivals, chosen),
        whom=tuple(
            Choice(
                "everybody" if one == ALL else one,
                state.link(path, whom=one, basis="", of=""),
                one == chosen.whom,
            )
            for one in chosen.groups
        ),
        whom_free=not usual,
        of=tuple(
            Choice(words, state.link(path, of="" if one == RECORDS else one), one == chosen.of)
            for one, words in ((RECORDS, "records"), (EVERY, "every model"))
            if chosen.has_records
        ),
        bases=(
            Choice("every basis", state.link(path, basis=""), not chosen.basis),
            *(Choice(one, state.link(path, basis=one), one == chosen.basis) for one in chosen.bases),
        )
        if chosen.bases
        else (),
        scales=tuple(
            Choice(
                one, state.link(path, scale="" if one == _usual_scale(chosen) else one), one == chosen.drawn
            )
            for one in ("log", "linear")
        )
        if chosen.may_be_log
        else (),
        origins=tuple(
            Choice(f"fitted to {one}", state.link(path, origin=one), one == found.origin)
            for one in found.origins
        )
        if found is not None and len(found.origins) > 1
        else (),
        dots=tuple(_dot(chosen, row) for row in reversed(list(chosen.rows.iter_rows(named=True)))),
        hindcast=found,
        dropped=state.dropped,
        left_out=chosen.left_out,
        apart=chosen.apart,
        empty="" if rivals is not None else "Fewer than two dated figures here: there is no course to draw.",
    )


def _usual_scale(chosen: Chosen) -> str:
    return "log" if chosen.scale == "log" else "linear"


def _called(chosen: Chosen) -> str:
    whom = "" if chosen.whom == ALL else f", {chosen.whom}"
    return f"{chosen.title}{whom}"


def _rivals(house: House, chosen: Chosen) -> Rivals | None:
    """Return the curves through the rows; None where there are fewer than two dates."""
    if chosen.rows["date"].n_unique() < 2:
        return None
    key = f"rivals|{chosen.name}|{chosen.whom}|{chosen.of}|{chosen.basis}"
    return house.once(
        key,
        lambda: rival_fits(
            years(chosen.rows["date"].to_list()), chosen.rows["value"].to_numpy(), chosen.scale
        ),
    )


def _figure(drawings: Drawings, chosen: Chosen, rivals: Rivals, state: SeriesState, called: str) -> Figure:
    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        return _chart(chosen, rivals, state.fits, theme=theme, narrow=width < _DESK, links=True)

    drawn = figure(
        drawings,
        "series",
        f"series|{chosen.name}|{chosen.whom}|{chosen.of}|{chosen.basis}|{chosen.drawn}|{state.fits}",
        drawer,
        title=curves_title(chosen, rivals, called),
        subtitle=_subtitle(chosen),
        downloads=downloads(chosen.name, replace(state, show="", origin="", whom=chosen.whom)),
    )
    return replace(drawn, wide=_linked(drawn.wide), narrow=_linked(drawn.narrow))


def _chart(
    chosen: Chosen,
    rivals: Rivals,
    fits: Sequence[str],
    *,
    theme: ThemeName = "light",
    narrow: bool = False,
    links: bool = False,
    title: str = "",
    subtitle: str = "",
    caption: str = "",
) -> alt.TopLevelMixin:
    rows = chosen.rows
    first, last = rows["date"].min(), rows["date"].max()
    assert isinstance(first, dt.date)  # noqa: S101  (there are two dates)
    assert isinstance(last, dt.date)  # noqa: S101
    span = (last - first).days + _RUN_ON_DAYS
    days = [
        first + dt.timedelta(days=round(span * step / _CURVE_POINTS)) for step in range(_CURVE_POINTS + 1)
    ]
    best = max((one for one in rivals.fits if one.name in fits), key=lambda one: one.weight, default=None)
    link = pl.format("#row-{}", pl.col("place")) if links else pl.lit(None, dtype=pl.String)
    dots = rows.select("date", "value", "low", "high", "economy", label="entity", link=link)
    curves = [
        RivalCurve(
            name=curve_name(chosen, one.name),
            detail=f"weight {percent_of(one.weight)}",
            points=pl.DataFrame({"date": days, "value": rivals.value(one, years(days))}),
            dash=RIVALS.index(one.name),
            strong=one is best,
        )
        for one in rivals.fits
        if one.name in fits
    ]
    return rival_figure(
        dots,
        curves,
        residuals=None if best is None else _residuals(chosen, rivals, best, dots),
        projection_from=last + dt.timedelta(days=1),
        number=chosen.number,
        scale=chosen.drawn,
        theme=theme,
        width=150 if narrow else 700,
        height=230 if narrow else 320,
        title=title,
        subtitle=subtitle,
        caption=caption,
    )


def _subtitle(chosen: Chosen) -> str:
    return f"{chosen.unit or 'No unit'}, {chosen.drawn} scale; curves run on for a year past the last dot"


def downloads(name: str, state: SeriesState) -> dict[str, str]:
    """Return the links to what the figure shows, as data and as a drawing."""
    query = state.query()
    tail = f"?{query}" if query else ""
    return {form.upper(): f"/download/shown/{name}.{form}{tail}" for form in ("csv", "parquet", "svg", "png")}


def shown_rows(house: House, name: str, state: SeriesState) -> pl.DataFrame:
    """Return the rows that a figure shows, with every curve's value and residual beside them."""
    chosen = choose(house.held, name, state)
    rivals = _rivals(house, chosen)
    rows = chosen.rows.drop("place")
    if rivals is None:
        return rows
    when = years(rows["date"].to_list())
    return rows.with_columns(
        *(pl.Series(f"{one.name}_curve", rivals.value(one, when)) for one in rivals.fits),
        *(pl.lit(one.weight).alias(f"{one.name}_weight") for one in rivals.fits),
    )


def shown_chart(house: House, name: str, state: SeriesState) -> alt.TopLevelMixin:
    """Return the figure with its title and caption, for a file.

    Raises
    ------
    BadInputError
        There are fewer than two dates to draw.
    """
    chosen = choose(house.held, name, state)
    rivals = _rivals(house, chosen)
    if rivals is None:
        raise BadInputError(
            f"{name} has fewer than two dated figures here: there is no course to draw.",
            field="figure",
            given=name,
        )
    credit = "" if chosen.series is None else chosen.series.credit
    return _chart(
        chosen,
        rivals,
        chosen.state.fits,
        title=curves_title(chosen, rivals, _called(chosen)),
        subtitle=_subtitle(chosen),
        caption=" ".join(part for part in (missing_said(rivals, chosen), credit) if part),
    )


def _linked(svg: str) -> str:
    """Return a drawing whose dots name their rows: a script opens them; the table has them without one."""
    return _LINK.sub(r'<g class="goto" data-goto="\1">', svg).replace("</a>", "</g>")


def _residuals(chosen: Chosen, rivals: Rivals, best: RivalFit, dots: pl.DataFrame) -> Residuals:
    when = years(dots["date"].to_list())
    curve = rivals.value(best, when)
    name = curve_name(chosen, best.name).lower()
    if chosen.scale == "log":
        table = dots.with_columns(value=pl.Series(dots["value"].to_numpy() / curve), low=None, high=None)
        return Residuals(table, f"What is left: figure over the curve ({name})", "times", "log")
    table = dots.with_columns(value=pl.Series(dots["value"].to_numpy() - curve), low=None, high=None)
    return Residuals(table, f"What is left: figure less the curve ({name})", chosen.number, "linear")


def _fit_row(chosen: Chosen, one: RivalFit, state: SeriesState, path: str) -> Fit:
    return Fit(
        name=one.name,
        words=curve_name(chosen, one.name),
        weight=percent_of(one.weight),
        said=curve_said(chosen, one),
        errors=curve_errors(chosen, one),
        on=one.name in state.fits,
        link=state.link(path, fits=state.toggled(one.name)),
    )


def _dot(chosen: Chosen, row: dict[str, Any]) -> Dot:
    low, high = row["low"], row["high"]
    source = str(row["source"] or "")
    return Dot(
        id=f"row-{row['place']}",
        date=str(row["date"]),
        entity=str(row["entity"] or ""),
        value=say(row["value"], chosen.number, 4),
        interval="" if low is None or high is None else say_range(low, high, chosen.number),
        basis=str(row["basis"] or ""),
        note=str(row["note"] or ""),
        source=source.partition(" | ")[0] or str(row["url"] or ""),
        url=str(row["url"] or "") if str(row["url"] or "").startswith("https://") else "",
    )
