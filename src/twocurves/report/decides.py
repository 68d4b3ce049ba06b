"""Section: what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twocurves.charts.input_figures import drivers, regret, tornado
from twocurves.errors import BadInputError
from twocurves.report.drawing import figure
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag


def decides(found: Findings) -> Html:
    """Return the section on drivers and on a decision, from what was given."""
    parts: list[Html] = []
    if found.drivers is None:
        parts.append(
            tag(
                "p",
                "No study of drivers was given with this report. ",
                tag("code", "twocurves drivers C10 --json > drivers.json"),
                " makes one, and ",
                tag("code", "twocurves report --drivers drivers.json"),
                " shows it here.",
            )
        )
    else:
        parts += _drivers(found.drivers)
    if found.decision is not None:
        parts += _decision(found.decision)
    return joined(parts)


def _drivers(record: Mapping[str, Any]) -> list[Html]:
    parts = [figure(lambda shape: drivers(record, "light", shape))]
    try:
        parts.append(figure(lambda shape: tornado(record, "light", shape)))
    except BadInputError:
        # The study says how strongly, but not by how much: the first figure is all there is to draw.
        return parts
    return parts


def _decision(record: Mapping[str, Any]) -> list[Html]:
    answer, asked = record.get("answer"), record.get("open")
    further = asked.get("answer") if isinstance(asked, Mapping) else None
    title = f"One workload: {record['workload']}" if record.get("workload") else "One workload"
    parts = [tag("h3", title, style="margin-top:2rem")]
    parts += [tag("p", str(line)) for line in (answer, further) if line]
    try:
        parts.append(figure(lambda shape: regret(record, "light", shape)))
    except BadInputError:
        # A decision without a curve over months is still an answer in words.
        return parts
    return parts
