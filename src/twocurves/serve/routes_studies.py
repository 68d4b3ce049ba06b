"""Parts of the pages of claims and drivers that come later or anew, and their files."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from twocurves.charts.palette import ThemeName
from twocurves.errors import BadInputError
from twocurves.serve.engine import BusyError
from twocurves.serve.house import House
from twocurves.serve.render import render
from twocurves.serve.routes_files import _file, _picture, _table
from twocurves.serve.routes_pages import drawings_of, house_of, view_of
from twocurves.serve.services import claim_mind, drivers
from twocurves.serve.services import claims as claim_services
from twocurves.serve.services.claim_asked import Asked
from twocurves.serve.services.claim_figures import outcome_chart, outcome_title
from twocurves.serve.services.claim_record import outcomes
from twocurves.serve.services.run_view import RunView

router = APIRouter()


@router.get("/claims/{claim_id}/asked")
def asked(
    request: Request, claim_id: str, question: str = "", threshold: str = "", date: str = ""
) -> HTMLResponse:
    """Return the answer to a question asked otherwise, as the claim's page shows it."""
    house = house_of(request)
    shown = claim_services.varied(
        house, _view(house), claim_id, question[:60], threshold[:40], date[:20], drawings_of(request)
    )
    return HTMLResponse(render("claim_asked.html", shown=shown))


@router.get("/claims/{claim_id}/mind")
def mind(request: Request, claim_id: str) -> HTMLResponse:
    """Return what would change the answer, as the claim's page shows it."""
    house = house_of(request)
    claim = house.ledger.claim(claim_id[:20]).id
    return HTMLResponse(
        render("claim_mind.html", shown=claim_mind.mind(house, _view(house), claim), claim=claim)
    )


@router.get("/drivers/grid")
def drivers_grid(request: Request, target: str = "", sort: str = "") -> HTMLResponse:
    """Return all claims against all assumptions, as the page of drivers shows it."""
    house = house_of(request)
    view = _view(house)
    drivers.claims_found(house, view)
    grid = drivers.grid(house, view, sort[:60])
    return HTMLResponse(render("drivers_grid.html", grid=grid, target=target[:60]))


@router.get("/download/claims/{claim_id}/questions.csv")
def questions_file(request: Request, claim_id: str) -> Response:
    """Return every question of a claim with its probability."""
    house = house_of(request)
    view = _view(house)
    claim = house.ledger.claim(claim_id[:20])
    states = outcomes(house)
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        (
            "id",
            "sentence",
            "condition",
            "resolves_on",
            "probability",
            "mc_error",
            "prior_probability",
            "state",
        )
    )
    for one in house.ledger.of(claim.id):
        found = view.claims.get(one.id)
        table.writerow(
            [
                one.id,
                one.sentence,
                one.condition,
                one.date,
                None if found is None else found.probability,
                None if found is None else found.standard_error,
                one.prior_probability,
                states[one.id].state,
            ]
        )
    return _file(out.getvalue().encode(), f"{claim.id}.csv", "text/csv")


@router.get("/download/claims/{claim_id}/outcome.{form}")
def outcome_file(
    request: Request, claim_id: str, form: str, question: str = "", threshold: str = "", date: str = ""
) -> Response:
    """Return the outcome of a question in every run, or its drawing."""
    house = house_of(request)
    view = _view(house)
    shown = claim_services.varied(house, view, claim_id, question[:60], threshold[:40], date[:20])
    told = shown.asked
    if told is None or told.outcome is None:
        raise BadInputError(
            shown.fault or f"{shown.question} is true or false in a run and has no outcome to draw.",
            field="question",
            given=question[:60],
        )
    name = told.question.id
    if form in ("csv", "parquet"):
        return _table(_outcomes(told), name, form)
    line = view.provenance

    def chart(theme: ThemeName = "light") -> Any:
        return outcome_chart(
            told,
            520,
            theme,
            title=outcome_title(told),
            subtitle=f"{told.usual.sentence} Asked of {told.question.date}.",
            caption=f"{line.draws:,} runs, seed {line.seed}. {line.command}. Observations to {line.data_to}.",
        )

    return _picture(chart, name, form)


def _outcomes(told: Asked) -> pl.DataFrame:
    assert told.outcome is not None  # noqa: S101  (asked for outcomes only)
    return pl.DataFrame({"run": np.arange(len(told.outcome)), "outcome": told.outcome})


@router.get("/download/drivers/{name}.{form}")
def drivers_file(request: Request, name: str, form: str, target: str = "", belief: str = "") -> Response:
    """Return what decides a target, or what one assumption does, as a table."""
    house = house_of(request)
    return _table(drivers.table(house, _view(house), name, target[:60], belief[:80]), name, form)


def _view(house: House) -> RunView:
    view = view_of(house)
    if view is None:
        raise BusyError("The first run is still being made; ask again in a minute.", field="run")
    return view
