"""The pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from twocurves.errors import BadInputError
from twocurves.serve.figures import Drawings
from twocurves.serve.house import House
from twocurves.serve.jobs import Job
from twocurves.serve.links import FORM, USUAL_OUTCOME, PageState, read_state, without_unchanged
from twocurves.serve.render import render
from twocurves.serve.services import claim_mind, overview_figures
from twocurves.serve.services import claims as claim_services
from twocurves.serve.services import data as data_services
from twocurves.serve.services import decide as decide_services
from twocurves.serve.services import drivers as driver_services
from twocurves.serve.services import method as method_services
from twocurves.serve.services import overview as overview_services
from twocurves.serve.services import scenario as scenario_services
from twocurves.serve.services.claim_history import change_words
from twocurves.serve.services.claim_record import STATE_WORDS
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView
from twocurves.serve.sliders import STEPS, unit_words

router = APIRouter(default_response_class=HTMLResponse)

_PARTS = ("overview", "scenario", "claims", "drivers", "data", "decide")


def house_of(request: Request) -> House:
    """Return what the application stands on."""
    found: House = request.app.state.house
    return found


def drawings_of(request: Request) -> Drawings:
    """Return the drawings made so far."""
    found: Drawings = request.app.state.drawings
    return found


def view_of(house: House) -> RunView | None:
    """Return the run shown; None while the first one is made."""
    run = house.run
    return None if run is None else house.once(f"view|{run.name}", lambda: RunView(run))


def page(request: Request, template: str, here: str, title: str, **given: Any) -> HTMLResponse:
    """Return a page with what every page has."""
    house = house_of(request)
    view = view_of(house)
    return HTMLResponse(
        render(
            template,
            here=here,
            page_title=title,
            data_to=house.held.data_to.isoformat(),
            provenance=None if view is None else view.provenance,
            mark=scenario_services.version_mark(house),
            **given,
        )
    )


def fault_page(
    request: Request, status: int, record: Mapping[str, object], headers: Mapping[str, str]
) -> Response:
    """Return a page that says what is wrong and what to do."""
    answer = page(request, "fault.html", "", "Not this way", status=status, fault=record)
    answer.status_code = status
    answer.headers.update(headers)
    return answer


def _waiting(request: Request, here: str) -> HTMLResponse:
    """Return the page shown while the first run is made."""
    job = house_of(request).first_job
    answer = page(request, "waiting.html", here, "Making the first run", job=job)
    answer.headers["refresh"] = "3"
    return answer


@router.get("/")
def overview(request: Request) -> Response:
    """Answer where open and closed stand, and where they are heading."""
    house = house_of(request)
    view = view_of(house)
    if view is None:
        return _waiting(request, "/")
    shown = house.once(
        f"overview|{view.run.name}",
        lambda: overview_services.overview(house, view, drawings_of(request)),
    )
    deciders = driver_services.decided_by(house, view)
    return page(
        request,
        "overview.html",
        "/",
        shown.title,
        shown=shown,
        ridges=overview_figures.scenario_ridges(house, drawings_of(request)),
        known_scenarios=house.beliefs.scenarios,
        decided_by={claim: (name, label_of(name)) for claim, name in deciders.items()},
    )


@router.get("/scenario")
def scenario(request: Request) -> Response:
    """Answer what follows if one believes or chooses otherwise."""
    house = house_of(request)
    view = view_of(house)
    if view is None:
        return _waiting(request, "/scenario")
    if not house.engine.ready.is_set():
        answer = page(
            request, "compiling.html", "/scenario", "Compiling the economy", fault=house.engine.fault
        )
        answer.headers["refresh"] = "2"
        return answer
    state = _state(request, house, view)
    if request.query_params.get(FORM):
        return RedirectResponse(_form_link(house, state), status_code=303)
    shown = scenario_services.scenario_page(house, view, state, drawings_of(request))
    listed = [one for group in shown.sliders.values() for one in group]
    return page(
        request,
        "scenario.html",
        "/scenario",
        shown.title,
        shown=shown,
        state=state,
        scenarios=house.beliefs.scenarios,
        steps=STEPS,
        prior_data={
            one.prior.name: {
                "low": one.prior.low,
                "high": one.prior.high,
                "log": one.prior.log,
                "quantiles": one.prior.quantiles,
                "unit": unit_words(one.prior.unit),
                "usual": one.usual,
                "usual_text": one.usual_said,
            }
            for one in listed
        },
        first={
            "start": state.start,
            "title": house.beliefs.scenarios[state.start].title,
            "compare": state.compare,
            "by": state.by,
            "usual_by": USUAL_OUTCOME,
            "tab": state.tab,
            "changes": {name: str(change) for name, change in state.changes.items()},
            "names": {one.name: one.label for one in shown.changed}
            | {
                one.prior.name: one.prior.label + (f", {one.prior.entity}" if one.prior.entity else "")
                for one in listed
            },
        },
        unseen=[one for one in shown.changed if one.name not in {slider.prior.name for slider in listed}],
    )


@router.get("/claims")
def claims(request: Request, find: str = "", topic: str = "", order: str = "", state: str = "") -> Response:
    """Answer what the model would bet."""
    house = house_of(request)
    view = view_of(house)
    if view is None:
        return _waiting(request, "/claims")
    shown = claim_services.claims_page(
        house, view, find[:80], topic[:20], order[:20], state[:20], drawings_of(request)
    )
    deciders = driver_services.decided_by(house, view)
    return page(
        request,
        "claims.html",
        "/claims",
        "What the model is willing to bet on",
        shown=shown,
        deciders={name: (label_of(name), urlencode({"find": name})) for name in set(deciders.values())},
        decided_by=deciders,
        topics=tuple(claim_services.TOPICS),
        states=claim_services.STATES,
        orders=claim_services.ORDERS,
        state_words=STATE_WORDS,
        spark_change=change_words,
    )


@router.get("/claims/{claim_id}")
def claim(
    request: Request,
    claim_id: str,
    question: str = "",
    threshold: str = "",
    date: str = "",
    of: str = "",
    mind: str = "",
) -> Response:
    """One claim, its questions and its rule."""
    house = house_of(request)
    view = view_of(house)
    if view is None:
        return _waiting(request, "/claims")
    if of and question and of != question:  # another question was chosen: these are the old one's
        threshold, date = "", ""
    shown = claim_services.claim_page(
        house, view, claim_id, question[:60], threshold[:40], date[:20], drawings_of(request)
    )
    name = shown.claim.id
    told = claim_mind.mind(house, view, name) if mind or claim_mind.mind_known(house, view, name) else None
    decided = driver_services.decided_by(house, view).get(shown.headline.id)
    if decided is None and told is not None and told.deciders:
        decided = told.deciders[0][0]
    return page(
        request,
        "claim.html",
        "/claims",
        f"{name}: {shown.claim.title}",
        shown=shown,
        mind=told,
        decider=None if decided is None else (decided, label_of(decided)),
        state_words=STATE_WORDS,
        threshold_unit=claim_services.threshold_unit(shown.varied),
    )


@router.get("/drivers")
def drivers(
    request: Request, target: str = "", belief: str = "", pin: str = "", sort: str = "", grid: str = ""
) -> Response:
    """Answer which assumptions decide an outcome or a claim."""
    house = house_of(request)
    view = view_of(house)
    if view is None:
        return _waiting(request, "/drivers")
    if grid:
        driver_services.claims_found(house, view)
    shown = driver_services.drivers_page(
        house, view, drawings_of(request), target[:60], belief[:80], pin[:80], sort[:60]
    )
    return page(request, "drivers.html", "/drivers", "What decides it", shown=shown)


@router.get("/data")
def data(request: Request) -> Response:
    """Answer what was measured."""
    house = house_of(request)
    drawings = drawings_of(request)
    shown = house.once("data page", lambda: data_services.data_page(house, drawings))
    found, subjects = data_services.subject_shown(house, drawings, request.query_params)
    return page(request, "data.html", "/data", shown.title, shown=shown, series=found, subjects=subjects)


@router.get("/data/fit")
def fit(request: Request) -> Response:
    """Answer how the model stands beside what was observed."""
    house, origin = house_of(request), request.query_params.get("from", "")[:20]
    drawings = drawings_of(request)
    shown = (
        data_services.fit_page(house, drawings, origin)
        if origin
        else house.once("fit page", lambda: data_services.fit_page(house, drawings))
    )
    return page(request, "fit.html", "/data", "The model beside what was observed", shown=shown)


@router.get("/data/series/{name}")
def series(request: Request, name: str) -> Response:
    """One series with its rows and sources."""
    shown = data_services.series_page(house_of(request), drawings_of(request), name, request.query_params)
    return page(request, "series.html", "/data", shown.title, shown=shown)


@router.get("/decide")
def decide(request: Request) -> Response:
    """Answer whether a workload should move, and when."""
    house = house_of(request)
    given = {name: value[:200] for name, value in request.query_params.items()}
    shown = decide_services.decide_page(house, view_of(house), drawings_of(request), given)
    answer = page(request, "decide.html", "/decide", shown.title, shown=shown)
    answer.status_code = 422 if shown.fault else 200
    return answer


@router.post("/decide")
async def decide_with_file(request: Request, usage: Annotated[UploadFile | None, File()] = None) -> Response:
    """Read a usage export into the sentence."""
    house = house_of(request)
    try:
        if usage is None or not usage.filename:
            raise BadInputError("Choose a file first.", field="file")
        found = await run_in_threadpool(decide_services.usage_query, await usage.read(), usage.filename)
    except BadInputError as fault:
        shown = decide_services.empty_page(house, fault.message)
        answer = page(request, "decide.html", "/decide", shown.title, shown=shown)
        answer.status_code = 422
        return answer
    return RedirectResponse(f"/decide?{urlencode(found)}", status_code=303)


@router.get("/method")
def method(request: Request) -> Response:
    """How it is made, and where it is weak."""
    shown = method_services.method_page(house_of(request))
    return page(request, "method.html", "/method", "How it is made", shown=shown)


@router.get("/method/assumptions")
def assumptions(request: Request) -> Response:
    """Every assumption with its prior and source."""
    shown = method_services.assumptions(house_of(request))
    return page(request, "assumptions.html", "/method", "Every assumption and its source", shown=shown)


@router.get("/api")
def api_page(request: Request) -> Response:
    """Describe the JSON interface, from its OpenAPI document."""
    return page(request, "api.html", "", "The JSON interface", document=request.app.openapi())


@router.get("/jobs")
def jobs(request: Request) -> Response:
    """Long work: what runs, what waits, what is done."""
    found = house_of(request).jobs.all()
    answer = page(request, "jobs.html", "", "Runs and fits under way", jobs=found)
    if any(not job.over for job in found):
        answer.headers["refresh"] = "2"
    return answer


@router.post("/jobs")
def start_job(
    request: Request,
    kind: Annotated[str, Form()],
    query: Annotated[str, Form()] = "",
    draws: Annotated[int, Form()] = 1024,
) -> Response:
    """Start a run of a scenario, or a fit, from a page."""
    queued(house_of(request), kind, query, draws)
    return RedirectResponse("/jobs", status_code=303)


@router.post("/jobs/{job_id}/cancel")
def cancel_job(request: Request, job_id: str) -> Response:
    """Cancel a job."""
    house_of(request).jobs.cancel(job_id)
    return RedirectResponse("/jobs", status_code=303)


def queued(house: House, kind: str, query: str, draws: int) -> Job:
    """Queue a job, within the limits.

    Raises
    ------
    BadInputError
        There is no such kind, or more draws are asked for than a page may.
    """
    most = house.settings.limits.job_draws
    if kind == "fit":
        return house.queue_fit()
    if kind != "ensemble":
        raise BadInputError(
            "A job is an ensemble or a fit.", field="kind", given=kind[:40], allowed="ensemble, fit"
        )
    if not 64 <= draws <= most:
        raise BadInputError(
            f"draws must be between 64 and {most:,}; you gave {draws}. Use `twocurves run` for more.",
            field="draws",
            given=draws,
            allowed=f"64 to {most}",
        )
    state = read_state(house.beliefs, query[: house.settings.limits.query_bytes])
    return house.queue_run(state.start, state.changes, draws)


def _state(request: Request, house: House, view: RunView) -> PageState:
    names = tuple(one.name for one in scenario_services.outcomes_of(house, view))
    return read_state(house.beliefs, request.url.query, names)


def _form_link(house: House, state: PageState) -> str:
    query = without_unchanged(house.beliefs, state, "")
    return f"/scenario?{query}" if query else "/scenario"
