"""Files: static ones, and what can be downloaded."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from twocurves.beliefs import to_toml
from twocurves.charts.export import figure_json, figure_png, figure_svg
from twocurves.charts.typefaces import FONT_DIRECTORY
from twocurves.errors import unknown
from twocurves.serve import vega
from twocurves.serve.curves import curve_named, draw, tables
from twocurves.serve.engine import BusyError
from twocurves.serve.render import theme_rules
from twocurves.serve.routes_api import finite
from twocurves.serve.routes_pages import house_of, view_of
from twocurves.serve.services import data as data_services
from twocurves.serve.services import decide as decide_services
from twocurves.serve.services import live as live_services
from twocurves.serve.services import overview as overview_services
from twocurves.serve.services import scenario as scenario_services
from twocurves.serve.services.decide_figures import decision_drawing
from twocurves.serve.services.series_state import read_series_state
from twocurves.serve.services.series_view import shown_chart, shown_rows
from twocurves.serve.settings import static_folder

if TYPE_CHECKING:
    from twocurves.decide.answer import Decision

router = APIRouter()

_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".md": "text/plain; charset=utf-8",
}
_FONTS = ("inter-latin-wght-normal.woff2", "source-serif-4-latin-wght-normal.woff2")

#: A static file's link changes with its content, so it may be kept for good.
_KEPT = {"cache-control": "public, max-age=31536000, immutable"}

_PICTURES = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}


@router.get("/static/vega.js")
def vega_bundle() -> Response:
    """Return Vega, Vega-Lite and vega-embed as one script."""
    content, _ = vega.bundle()
    headers = {**_KEPT, "content-encoding": "gzip"}
    return Response(content, media_type=_KINDS[".js"], headers=headers)


@router.get("/static/theme.css")
def theme() -> Response:
    """Return the colours of both themes, and the rules that recolour drawings."""
    return Response(
        theme_rules(), media_type=_KINDS[".css"], headers={"cache-control": "public, max-age=3600"}
    )


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Return a script, a style or a font; one whose link is not stamped is asked for anew."""
    if name in _FONTS:
        return FileResponse(FONT_DIRECTORY / name, media_type=_KINDS[".woff2"], headers=_KEPT)
    there = {path.name: path for path in static_folder().iterdir() if path.suffix in _KINDS}
    if name not in there:
        raise unknown("figure", name[:60], there, field="figure")
    kept = _KEPT if request.url.query else {"cache-control": "no-cache"}
    return FileResponse(there[name], media_type=_KINDS[there[name].suffix], headers=kept)


@router.get("/favicon.ico")
def icon() -> Response:
    """Return the mark."""
    return FileResponse(static_folder() / "mark.svg", media_type=_KINDS[".svg"], headers=_KEPT)


@router.get("/download/scenario.toml")
def scenario_file(request: Request) -> Response:
    """Return the page's scenario as a file that the command line reads."""
    house = house_of(request)
    state = scenario_services.read_plain(house, request.url.query)
    text = to_toml(state.changes, state.start, title=scenario_services.named(house, state))
    return _file(text.encode(), "scenario.toml", "application/toml")


@router.get("/download/memo.html")
def memo_file(request: Request) -> Response:
    """Return a decision as a page that stands alone."""
    from twocurves.decide.memo import memo

    return _file(memo(_decision(request)).encode(), "memo.html", "text/html; charset=utf-8")


@router.get("/download/decision.json")
def decision_file(request: Request) -> Response:
    """Return a decision as `twocurves decide --json` prints it."""
    text = json.dumps(finite(_decision(request).as_record()), ensure_ascii=False, indent=1)
    return _file(text.encode(), "decision.json", _PICTURES["json"])


@router.get("/download/decision/{name}.{form}")
def decision_figure_file(request: Request, name: str, form: str) -> Response:
    """Return a figure of a decision."""
    found = _decision(request)
    chart = decision_drawing(found, name)
    if chart is None:
        raise unknown("figure", name[:60], ("regret", "stay_or_move", "moved_now"), field="figure")
    return _picture(lambda: chart, name, form)


def _decision(request: Request) -> Decision:
    house = house_of(request)
    view = view_of(house)
    if view is None:
        raise BusyError("The first run is still being made; ask again in a minute.", field="run")
    given = {name: value[:200] for name, value in request.query_params.items()}
    return decide_services.decided(house, view, {**decide_services.usual(), **given})


@router.get("/download/claims.csv")
def claims_file(request: Request) -> Response:
    """Return every question with its probability."""
    house = house_of(request)
    view = view_of(house)
    out = io.StringIO()
    heads = ("id", "sentence", "condition", "resolves_on", "probability", "mc_error", "prior_probability")
    table = csv.writer(out)
    table.writerow(heads)
    for question in house.ledger:
        found = None if view is None else view.claims.get(question.id)
        table.writerow(
            [
                question.id,
                question.sentence,
                question.condition,
                question.date,
                None if found is None else found.probability,
                None if found is None else found.standard_error,
                question.prior_probability,
            ]
        )
    return _file(out.getvalue().encode(), "claims.csv", "text/csv")


@router.get("/download/curve/{name}.{form}")
def curve_file(request: Request, name: str, form: str) -> Response:
    """Return a curve of the run shown: its numbers, or its drawing with title and caption."""
    house = house_of(request)
    view = view_of(house)
    if view is None:
        raise unknown("curve", name[:60], (), field="curve")
    found = overview_services.run_tables(house, view, curve_named(name).id)
    if form in ("csv", "parquet"):
        return _table(found.quantiles, name, form)
    line = view.provenance

    def chart() -> Any:
        return draw(
            found,
            projection_from=view.projection_from,
            measured=overview_services.measured_dots(house) if name == "capability" else None,
            width=560,
            height=300,
            title=overview_services.curve_title(found),
            subtitle=found.curve.subtitle,
            caption=f"{line.draws:,} runs, seed {line.seed}. {line.command}. Observations to {line.data_to}.",
        )

    return _picture(chart, name, form)


@router.get("/download/live/{name}.{form}")
def live_file(request: Request, name: str, form: str) -> Response:
    """Return a curve of the Scenario page: 64 draws with the page's changes."""
    house = house_of(request)
    curve = curve_named(name)
    state = scenario_services.read_plain(house, request.url.query)
    futures = live_services.shown_of(house, state, live_services.FEW)
    now, before = futures.now, futures.before
    found = tables(curve, now.measures, house.engine.months)
    if form in ("csv", "parquet"):
        return _table(found.quantiles, name, form)
    base = tables(curve, before.measures, house.engine.months)

    def chart() -> Any:
        from twocurves.months import Month

        return draw(
            found,
            projection_from=(Month.containing(house.held.data_to) + 1).first_day,
            baseline=base,
            width=560,
            height=300,
            title=live_services.headline(house, state, now, before),
            subtitle=curve.subtitle,
            caption=f"{scenario_services.named(house, state)}; dashed: {state.compare}. {now.asked} runs, "
            f"seed {house.engine.seed}. Observations to {house.held.data_to}.",
        )

    return _picture(chart, name, form)


@router.get("/download/figure/{name}.{form}")
def measured_file(request: Request, name: str, form: str) -> Response:
    """Return a figure of what was measured."""
    from twocurves.charts.catalogue import draw as draw_measured

    house = house_of(request)
    return _picture(lambda: draw_measured(name, house.report, "light"), name, form)


@router.get("/download/series/{name}.{form}")
def series_file(request: Request, name: str, form: str) -> Response:
    """Return every row of a series."""
    return _table(data_services.series_table(house_of(request), name), name, form)


@router.get("/download/shown/{name}.{form}")
def shown_file(request: Request, name: str, form: str) -> Response:
    """Return what the figure of a series shows: its rows beside the curves, or its drawing."""
    house = house_of(request)
    data_services.series_table(house, name)
    state = read_series_state(request.query_params)
    if form in ("csv", "parquet"):
        return _table(shown_rows(house, name, state), name, form)
    return _picture(lambda: shown_chart(house, name, state), name, form)


def _picture(chart: Any, name: str, form: str) -> Response:
    if form == "svg":
        return _file(figure_svg(chart()).encode(), f"{name}.svg", _PICTURES["svg"])
    if form == "png":
        return _file(figure_png(chart()), f"{name}.png", _PICTURES["png"])
    if form == "json":
        return _file(figure_json(chart()).encode(), f"{name}.json", _PICTURES["json"])
    raise unknown("format", form[:20], (*_PICTURES, "csv", "parquet"), field="figure")


def _table(frame: pl.DataFrame, name: str, form: str) -> Response:
    if form == "csv":
        return _file(frame.write_csv().encode(), f"{name}.csv", "text/csv")
    if form == "parquet":
        out = io.BytesIO()
        frame.write_parquet(out)
        return _file(out.getvalue(), f"{name}.parquet", "application/vnd.apache.parquet")
    raise unknown("format", form[:20], ("csv", "parquet"), field="figure")


def _file(content: bytes, name: str, kind: str) -> Response:
    safe = "".join(letter for letter in name if letter.isalnum() or letter in "._-")
    return Response(
        content, media_type=kind, headers={"content-disposition": f'attachment; filename="{safe}"'}
    )
