"""The JSON interface: the same services as the pages, typed."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from twocurves.beliefs.views import beliefs_table
from twocurves.ensemble.run_record import run_record
from twocurves.serve.engine import BusyError
from twocurves.serve.house import House
from twocurves.serve.jobs import Job
from twocurves.serve.links import PageState, read_state
from twocurves.serve.routes_pages import drawings_of, house_of, queued, view_of
from twocurves.serve.services import claims as claim_services
from twocurves.serve.services import live as live_services
from twocurves.serve.services import scenario as scenario_services
from twocurves.serve.services.run_view import RunView


class Fault(BaseModel):
    """What was wrong, in one sentence, with what would have been right."""

    field: str | None
    given: Any = None
    allowed: Any = None
    suggestion: str | None = None
    message: str


class Faulty(BaseModel):
    """An answer that is a fault."""

    error: Fault


class Health(BaseModel):
    """Whether the server can answer, and what it shows."""

    ready: bool
    compiling: bool
    run: str | None
    data_to: str
    version: str


class Ahead(BaseModel):
    """Positions of a slider that may be wanted next, the likeliest first."""

    moving: str = Field(max_length=80)
    values: list[float] = Field(max_length=24)


class Draws(BaseModel):
    """How many draws came through."""

    asked: int
    ok: int
    failed: int
    causes: dict[str, int]


class NumberRecord(BaseModel):
    """The chosen outcome, with its interval drawn between 0 and 100."""

    title: str
    value: str
    unit: str
    range: str
    was: str
    low: float
    middle: float
    high: float
    inner_low: float
    inner_high: float


class ClaimRecord(BaseModel):
    """A claim under the compared scenario and under this one, in the same futures."""

    id: str
    sentence: str
    before: float
    after: float
    before_said: str
    after_said: str
    change: int
    said: str
    dots: int


class DroppedRecord(BaseModel):
    """A part of the query that means nothing."""

    name: str
    given: str
    reason: str


class Live(BaseModel):
    """A scenario simulated just now."""

    query: str
    start: str
    compare: str
    title: str
    outcome: str
    draws: Draws
    between: tuple[float, float] | None = Field(
        description="Null when these futures were simulated; else the places on the dragged slider, 0 to 1, "
        "between which each was interpolated."
    )
    number: NumberRecord
    claims: list[ClaimRecord]
    figures: dict[str, dict[str, Any]] = Field(description="Data of each figure, for its specification.")
    captions: dict[str, str]
    dropped: list[DroppedRecord]
    seconds: float


class JobRecord(BaseModel):
    """A piece of long work."""

    id: str
    kind: str
    title: str
    status: Literal["waiting", "running", "done", "failed", "cancelled"]
    part: float | None
    words: str
    result: str


class JobWanted(BaseModel):
    """What to compute."""

    kind: Literal["ensemble", "fit"] = "ensemble"
    query: str = Field("", max_length=16000, description="As in the URL of the Scenario page.")
    draws: int = Field(1024, ge=64, le=4096)


_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": Faulty},
    403: {"model": Faulty},
    404: {"model": Faulty},
    413: {"model": Faulty},
    414: {"model": Faulty},
    422: {"model": Faulty},
    503: {"model": Faulty},
}

#: How often a request that takes long looks whether anybody waits for it.
_LOOK_SECONDS = 0.05

router = APIRouter(responses=_FAULTS)

Size = Annotated[Literal["wide", "narrow"], Query(description="Size of the figures.")]


@router.get("/health")
def health(request: Request) -> Health:
    """Say whether the server can answer."""
    house = house_of(request)
    return Health(
        ready=house.run is not None and house.engine.ready.is_set(),
        compiling=not house.engine.ready.is_set(),
        run=None if house.run is None else house.run.name,
        data_to=house.held.data_to.isoformat(),
        version=scenario_services.version_mark(house),
    )


@router.get("/run")
def run(request: Request) -> dict[str, Any]:
    """Return the run shown, as `twocurves run --json` prints it."""
    house = house_of(request)
    view = _view(house)
    record: dict[str, Any] = house.once(
        f"record|{view.run.name}", lambda: finite(run_record(view.run, ledger=house.ledger))
    )
    return record


@router.get("/scenarios")
def scenarios(request: Request) -> list[dict[str, Any]]:
    """Return every scenario with its story and settings."""
    return [one.model_dump(mode="json") for one in house_of(request).beliefs.scenarios.values()]


@router.get("/assumptions")
def assumptions(request: Request) -> list[dict[str, Any]]:
    """Return every assumption with its prior, unit, evidence and source."""
    house = house_of(request)
    rows: list[dict[str, Any]] = house.once(
        "assumptions", lambda: [finite(row) for row in beliefs_table(house.beliefs).to_dicts()]
    )
    return rows


@router.get("/scenario", response_model=Live)
async def scenario(
    request: Request,
    draws: Annotated[int, Query(ge=64, le=1024, description="Whole micro-batches are simulated.")] = 64,
    size: Size = "wide",
    moving: Annotated[
        str,
        Query(
            max_length=80,
            description="A parameter whose slider is being dragged: draws may be interpolated between "
            "positions simulated ahead, and `between` then says which.",
        ),
    ] = "",
) -> Response:
    """Simulate a scenario with changes; the query is that of the Scenario page, such as `lag_pub=4.5`."""
    house = house_of(request)
    _ready(house)
    state = _state(request, house)
    begun = time.perf_counter()
    record = await while_wanted(
        request,
        lambda wanted: live_services.live_record(house, state, draws, size, moving=moving, wanted=wanted),
    )
    record["seconds"] = time.perf_counter() - begun
    # Straight to text: checking so many numbers against the schema would cost as much as making them.
    try:
        text = json.dumps(record, allow_nan=False)
    except ValueError:  # a number is not finite
        text = json.dumps(finite(record), allow_nan=False)
    return Response(text, media_type="application/json")


@router.post("/scenario/ahead", status_code=202)
def ahead(request: Request, wanted: Ahead) -> dict[str, int]:
    """Simulate positions of one slider that may be wanted next; nothing of them is returned."""
    house = house_of(request)
    _ready(house)
    return {"taken": live_services.ahead(house, _state(request, house), wanted.moving, wanted.values)}


@router.get("/scenario/figures")
async def figures(
    request: Request, size: Size = "wide", theme: Literal["light", "dark"] = "light"
) -> dict[str, dict[str, Any]]:
    """Return the Vega-Lite specification of each figure of the Scenario page."""
    house = house_of(request)
    _ready(house)
    return await run_in_threadpool(
        scenario_services.specifications,
        house,
        _view(house),
        _state(request, house),
        size,
        drawings_of(request),
        theme,
    )


@router.get("/claims")
def claims(request: Request) -> list[dict[str, Any]]:
    """Return every question with its probability in the run shown."""
    house = house_of(request)
    view = _view(house)
    from twocurves.ensemble.answers import claim_record

    return [finite(claim_record(question, view.claims.get(question.id))) for question in house.ledger]


@router.get("/claims/{claim_id}")
def claim(
    request: Request, claim_id: str, question: str = "", threshold: str = "", date: str = ""
) -> dict[str, Any]:
    """Return one claim; with a question and another threshold or date, its probability then."""
    house = house_of(request)
    view = _view(house)
    found = claim_services.claim_page(house, view, claim_id)
    asked = question or threshold or date
    varied = claim_services.varied(house, view, claim_id, question[:60], threshold[:40], date[:20])
    row = varied.row
    return {
        "claim": found.claim.model_dump(mode="json"),
        "questions": [
            {"id": row.id, "sentence": row.sentence, "probability": row.probability, "mc_error": row.error}
            for row in found.rows
        ],
        "citation": found.citation,
        "varied": None
        if not asked
        else {
            "question": varied.question,
            "threshold": None if varied.asked is None else varied.asked.question.threshold,
            "date": None if varied.asked is None else str(varied.asked.question.date),
            "threshold_said": "" if varied.asked is None else varied.asked.threshold_said,
            "probability": None if row is None else row.probability,
            "mc_error": None if row is None else row.error,
            "in_twenty": None if row is None else row.in_twenty,
            "dots": None if row is None else row.dots,
            "percent": None if row is None else row.percent,
            "message": varied.fault,
        },
    }


@router.get("/measures")
def measures(request: Request) -> dict[str, Any]:
    """Return what was measured, as `twocurves measure --json` prints it."""
    record: dict[str, Any] = finite(house_of(request).report.as_record())
    return record


@router.get("/jobs")
def jobs(request: Request) -> list[JobRecord]:
    """Return runs and fits: under way, waiting, and over."""
    return [job_record(one) for one in house_of(request).jobs.all()]


@router.post("/jobs", status_code=202)
def start_job(request: Request, wanted: JobWanted) -> JobRecord:
    """Start a run of a scenario, or a fit."""
    return job_record(queued(house_of(request), wanted.kind, wanted.query, wanted.draws))


@router.get("/jobs/{job_id}")
def job(request: Request, job_id: str) -> JobRecord:
    """Return where a job is."""
    return job_record(house_of(request).jobs.find(job_id))


@router.delete("/jobs/{job_id}")
def cancel(request: Request, job_id: str) -> JobRecord:
    """Cancel a job."""
    return job_record(house_of(request).jobs.cancel(job_id))


async def while_wanted(
    request: Request, work: Callable[[Callable[[], bool]], dict[str, Any]]
) -> dict[str, Any]:
    """Do work in a thread; it is told when the client has gone, for a newer position or for good."""
    gone = threading.Event()

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(_LOOK_SECONDS)
        gone.set()

    watching = asyncio.ensure_future(watch())
    try:
        return await run_in_threadpool(work, lambda: not gone.is_set())
    finally:
        watching.cancel()


def job_record(job: Job) -> JobRecord:
    """Return a job as the JSON interface gives it."""
    return JobRecord(
        id=job.id,
        kind=job.kind,
        title=job.title,
        status=job.status,
        part=job.part,
        words=job.words,
        result=job.result,
    )


def finite(value: Any) -> Any:
    """Return a value fit for JSON: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {str(key): finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _state(request: Request, house: House) -> PageState:
    view = view_of(house)
    names = () if view is None else tuple(one.name for one in scenario_services.outcomes_of(house, view))
    query = "&".join(
        part
        for part in request.url.query.split("&")
        if part.partition("=")[0] not in {"draws", "size", "theme", "moving"}
    )
    return read_state(house.beliefs, query, names)


def _ready(house: House) -> None:
    if house.engine.fault is not None:
        raise house.engine.fault
    if not house.engine.ready.is_set():
        raise BusyError("The economy is being compiled; sliders move in a moment.", field="engine")


def _view(house: House) -> RunView:
    view = view_of(house)
    if view is None:
        raise BusyError("The first run is being made; see /jobs.", field="run")
    return view
