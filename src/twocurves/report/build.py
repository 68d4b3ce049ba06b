"""The whole report, and writing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twocurves.errors import BadInputError
from twocurves.files import written_whole
from twocurves.report.bets import bets
from twocurves.report.claims import claims
from twocurves.report.decides import decides
from twocurves.report.findings import Findings
from twocurves.report.hindcast import hindcast
from twocurves.report.made import made
from twocurves.report.markup import Html, joined, tag
from twocurves.report.measured import measured
from twocurves.report.opening import opening, sections
from twocurves.report.style import style_sheet
from twocurves.report.weak import weak

if TYPE_CHECKING:
    from twocurves.ensemble.results import StoredRun

#: What a report may be written as.
SUFFIXES = (".html", ".htm")

_SECTIONS: Mapping[str, Callable[[Findings], Html]] = {
    "measured": measured,
    "bets": bets,
    "claims": claims,
    "decides": decides,
    "hindcast": hindcast,
    "weak": weak,
    "made": made,
}

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"


def report_html(
    run: StoredRun,
    *,
    drivers: Mapping[str, Any] | None = None,
    scorecard: Mapping[str, Any] | None = None,
    decision: Mapping[str, Any] | None = None,
) -> str:
    """Return the report of a run as one HTML page that stands alone: no script, nothing fetched.

    The same run, observations and inputs give the same text.

    Parameters
    ----------
    run
        A stored run with at least one draw that came through.
    drivers, scorecard, decision
        What ``twocurves drivers``, ``score`` and ``decide`` print with ``--json``.

    Raises
    ------
    BadInputError
        No draw came through, or what was given lacks what its section needs.
    """
    from twocurves.charts.run_figures import measured as measures

    if not run.counts.ok:
        raise BadInputError(
            f"{run.name} holds no draw that came through, so there is nothing to report.",
            field="run",
            given=run.name,
            allowed="a run with draws",
        )
    found = Findings(run, measures(), drivers, scorecard, decision)
    headings = dict(sections())
    body = [
        tag("section", tag("h2", headings[name]), make(found), id=name) for name, make in _SECTIONS.items()
    ]
    scenario = run.plan.scenario.replace("_", " ")
    title = f"Twocurves: {scenario}, {run.counts.ok:,} futures, data to {run.plan.data_to}"
    said = found.headline
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("meta", name="description", content=said.sentence if said is not None else title),
        tag("title", title),
        Html(f"<style>\n{style_sheet()}\n</style>"),
    )
    page = tag(
        "body",
        tag("a", "To the text", class_="skip", href="#text"),
        tag(
            "div",
            tag("main", opening(found), body, id="text"),
            tag(
                "footer",
                f"Run {run.name}, seed {run.plan.seed}, twocurves {run.plan.code_version}, observations to "
                f"{run.plan.data_to}, digest {(run.digest or 'none')[:16]}.",
            ),
            class_="page",
        ),
    )
    return str(joined((Html("<!doctype html>"), tag("html", head, page, lang="en")), "\n")) + "\n"


def write_report(
    run: StoredRun,
    path: Path | str,
    *,
    drivers: Mapping[str, Any] | None = None,
    scorecard: Mapping[str, Any] | None = None,
    decision: Mapping[str, Any] | None = None,
) -> Path:
    """Write the report of a run; the file appears whole or not at all.

    Raises
    ------
    BadInputError
        As :func:`report_html`, or the path is not to an ``.html`` file in a folder that can be written to.
    """
    target = check_report_path(path)
    page = report_html(run, drivers=drivers, scorecard=scorecard, decision=decision)
    with written_whole(target) as part:
        part.write_text(page, encoding="utf-8")
    return target


def check_report_path(path: Path | str) -> Path:
    """Return a path to which a report can be written.

    Raises
    ------
    BadInputError
        It does not end in ``.html``, is a folder, or lies in a folder that does not exist.
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise BadInputError(
            f"A report is written as .html; {target.name!r} "
            + (f"ends in {target.suffix!r}." if target.suffix else "has no suffix."),
            field="--output",
            given=str(target),
            allowed=list(SUFFIXES),
            suggestion=str(target.with_suffix(".html")) if target.name else None,
        )
    if target.is_dir():
        raise BadInputError(f"{str(target)!r} is a folder; name a file.", field="--output", given=str(target))
    if not target.parent.is_dir():
        raise BadInputError(
            f"The folder {str(target.parent)!r} does not exist; make it first.",
            field="--output",
            given=str(target),
        )
    return target
