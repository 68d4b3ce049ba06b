"""The application: what answers which path."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from twocurves.errors import BadInputError, Fault
from twocurves.serve import routes_api, routes_files, routes_pages, routes_report, routes_studies
from twocurves.serve.engine import BusyError
from twocurves.serve.figures import Drawings
from twocurves.serve.house import House
from twocurves.serve.security import Gate
from twocurves.serve.settings import ServeSettings
from twocurves.serve.warming import warm


def create_app(settings: ServeSettings, house: House | None = None, *, start: bool = True) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings
        Where it listens and what a request may cost.
    house
        What it stands on; opened here when left out.
    start
        Whether the engine and the queue start with it.

    Raises
    ------
    BadInputError
        The run asked for does not exist.
    """
    opened = House(settings) if house is None else house

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if start:
            opened.start()
            threading.Thread(target=warm, args=(app,), name="warm", daemon=True).start()
        yield
        opened.stop()

    app = FastAPI(
        title="Twocurves",
        version=_version(),
        summary="Both economies of AI models, simulated: the services behind the pages.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.house = opened
    app.state.drawings = Drawings()
    app.include_router(routes_api.router, prefix="/api/v1")
    app.include_router(routes_files.router, include_in_schema=False)
    app.include_router(routes_report.router, include_in_schema=False)
    app.include_router(routes_studies.router, include_in_schema=False)
    app.include_router(routes_pages.router, include_in_schema=False)
    app.add_exception_handler(Fault, _fault)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.add_middleware(Gate, settings=settings)
    return app


def _version() -> str:
    try:
        return version("twocurves")
    except PackageNotFoundError:
        return "0"


async def _fault(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, Fault)  # noqa: S101  (registered for faults only)
    status = 503 if isinstance(fault, BusyError) else 422 if isinstance(fault, BadInputError) else 500
    if fault.field in {"claim", "series", "job", "figure", "curve", "claim or question"}:
        status = 404
    return await _answered(request, status, fault.as_record())


async def _invalid(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)  # noqa: S101
    first = fault.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "request"
    record = {
        "field": field[:80],
        "given": str(first.get("input"))[:120],
        "allowed": first["msg"],
        "suggestion": None,
        "message": f"{field[:80]}: {first['msg'][:1].lower()}{first['msg'][1:]}.",
    }
    return await _answered(request, 422, record)


async def _http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101
    sentence = "There is no such page." if fault.status_code == 404 else str(fault.detail)
    record = {"field": "path", "given": request.url.path[:120], "allowed": None, "suggestion": None}
    answer = await _answered(request, fault.status_code, {**record, "message": sentence})
    answer.headers.update(fault.headers or {})
    return answer


async def _answered(request: Request, status: int, record: dict[str, object]) -> Response:
    headers = {"retry-after": "2"} if status == 503 else {}
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": record}, status_code=status, headers=headers)
    return routes_pages.fault_page(request, status, record, headers)
