"""Drawing ahead what the first visitor will ask for, so that a warm server answers at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from twocurves.beliefs.scenarios import CENTRAL
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.errors import Fault
from twocurves.serve import vega
from twocurves.serve.engine import LATER
from twocurves.serve.links import PageState
from twocurves.serve.routes_pages import view_of
from twocurves.serve.services import claims, data, drivers, live, overview, overview_figures, scenario

if TYPE_CHECKING:
    from fastapi import FastAPI

    from twocurves.serve.figures import Drawings
    from twocurves.serve.house import House

_POLL_SECONDS = 0.5


def warm(app: FastAPI) -> None:
    """Draw the figures of every page that needs no choice, once there is a run and the engine is compiled."""
    house: House = app.state.house
    drawings: Drawings = app.state.drawings
    vega.bundle()
    while house.run is None or not house.engine.ready.is_set():
        if house.engine.fault is not None or (
            house.first_job is not None and house.first_job.over and house.run is None
        ):
            return
        time.sleep(_POLL_SECONDS)
    view = view_of(house)
    if view is None:
        return
    try:
        house.once(f"overview|{view.run.name}", lambda: overview.overview(house, view, drawings))
        scenario.scenario_page(house, view, PageState(), drawings)
        house.once("data page", lambda: data.data_page(house, drawings))
        house.once("fit page", lambda: data.fit_page(house, drawings))
        drivers.claims_found(house, view)
        drivers.drivers_page(house, view, drawings, "")
        claims.claims_page(house, view, "", "", "")
        plain = house.settings_of(CENTRAL, NO_SETTINGS)
        house.engine.sample(plain, max(live.MORE), timeout=120.0, priority=LATER)  # what is compared with
        for name in house.beliefs.scenarios:
            house.engine.sample(house.settings_of(name, NO_SETTINGS), 64, timeout=120.0, priority=LATER)
        overview_figures.scenario_ridges(house, drawings)
    except Fault:
        return  # the page that needs it says what is wrong, with its remedy
