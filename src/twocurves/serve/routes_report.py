"""The report of the run shown: its page, and the file itself."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from twocurves.serve.reports import Reports
from twocurves.serve.routes_pages import house_of, page, view_of

router = APIRouter(default_response_class=HTMLResponse)

#: The report holds its own style and typefaces and no script: nothing else is let in.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; frame-ancestors 'none'"
)


def reports_of(request: Request) -> Reports:
    """Return the reports made so far."""
    state = request.app.state
    if not hasattr(state, "reports"):
        state.reports = Reports()
    found: Reports = state.reports
    return found


@router.get("/report")
def report(request: Request, again: str = "") -> Response:
    """Say where the report stands, and offer it to be opened or kept."""
    view = view_of(house_of(request))
    if view is None:
        return RedirectResponse("/", status_code=303)  # which says how far the first run is
    if again:
        reports_of(request).again(view.run)
        return RedirectResponse("/report", status_code=303)
    found = reports_of(request).of(view.run)
    size = found.path.stat().st_size if found.status == "done" else 0
    answer = page(request, "report.html", "/report", "The report of this run", report=found, size=size)
    if found.status == "making":
        answer.headers["refresh"] = "2"
    return answer


@router.get("/report.html")
def report_page(request: Request) -> Response:
    """Return the report to be read; its page while it is being made."""
    return _file(request, {"content-security-policy": POLICY})


@router.get("/download/report.html")
def report_file(request: Request) -> Response:
    """Return the report to be kept; its page while it is being made."""
    view = view_of(house_of(request))
    name = "report.html" if view is None else f"twocurves-{view.run.name}.html"
    return _file(request, {"content-disposition": f'attachment; filename="{name}"'})


def _file(request: Request, headers: dict[str, str]) -> Response:
    view = view_of(house_of(request))
    found = None if view is None else reports_of(request).of(view.run)
    if found is None or found.status != "done":
        return RedirectResponse("/report", status_code=303)
    return FileResponse(found.path, media_type="text/html; charset=utf-8", headers=headers)
