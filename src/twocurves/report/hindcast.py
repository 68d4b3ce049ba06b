"""Section: how the model would have done, had it been asked earlier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twocurves.charts.input_figures import calibration, pit
from twocurves.errors import BadInputError
from twocurves.report.drawing import figure
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag
from twocurves.report.parts import table

_TITLES = {
    "persistence": "Persistence",
    "damped_trend": "Damped trend",
    "exponential": "Exponential",
    "prior": "Unfitted prior",
}


def hindcast(found: Findings) -> Html:
    """Return the section on scores: sentences, bars, skill by series, calibration."""
    record = found.scorecard
    if record is None:
        return tag(
            "p",
            "No scorecard was given with this report, so it says nothing of how such forecasts have done. ",
            tag("code", "twocurves score --json > score.json"),
            " makes one, and ",
            tag("code", "twocurves report --scorecard score.json"),
            " shows it here.",
        )
    parts: list[Html | None] = [
        tag(
            "p",
            f"Forecasts {record.get('window', '')}, made without what came later, beside what came and "
            "beside what any reader could have done: the last value, a trend that fades, an exponential. "
            "Skill is the share of a baseline's error that the model saves; below zero it is worse.",
            class_="quiet",
        )
    ]
    sentences = record.get("sentences")
    if isinstance(sentences, list) and sentences:
        parts.append(tag("ul", [tag("li", str(line)) for line in sentences], class_="weak"))
    parts += [_skill(record), *(_drawn(record, draw) for draw in (calibration, pit)), _skipped(record)]
    return joined(part for part in parts if part is not None)


def _drawn(record: Mapping[str, Any], draw: Any) -> Html | None:
    try:
        return figure(lambda shape: draw(record, "light", shape))
    except BadInputError:
        # A scorecard of an older form may lack the figures of a plot; its table still stands.
        return None


def _skill(record: Mapping[str, Any]) -> Html | None:
    lines = [
        line
        for line in [record.get("overall"), *(record.get("families") or []), *(record.get("series") or [])]
        if isinstance(line, dict) and isinstance(line.get("skill"), dict)
    ]
    if not lines:
        return None
    others = list(dict.fromkeys(name for line in lines for name in line["skill"]))
    rows = []
    for line in lines:
        skills = [_percent(_plain(line["skill"].get(name))) for name in others]
        rows.append(
            [
                str(line.get("name", "")),
                str(line.get("n", "")),
                *skills,
                _share(line.get("coverage50")),
                _share(line.get("coverage90")),
            ]
        )
    heads = ["Figures", "n", *(_TITLES.get(name, name) for name in others), "In 50%", "In 90%"]
    return table(
        heads,
        rows,
        caption="Skill against each baseline; share of what came that lay inside 50 and 90% intervals",
        right=tuple(range(1, len(heads))),
    )


def _skipped(record: Mapping[str, Any]) -> Html | None:
    skipped = [one for one in record.get("skipped") or [] if isinstance(one, dict)]
    if not skipped:
        return None
    lines = [f"{one.get('series')}: {one.get('why')}" for one in skipped]
    return tag(
        "details",
        tag("summary", f"Not scored ({len(lines)})"),
        tag("ul", [tag("li", line) for line in lines]),
    )


def _plain(value: object) -> float | None:
    """Return a skill, which a scorecard gives as a number or as an estimate with an interval."""
    if isinstance(value, dict):
        value = value.get("estimate")
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def _percent(value: float | None) -> str:
    if value is None:
        return "–"
    whole = round(100 * value)
    return f"{'−' if whole < 0 else '+' if whole > 0 else ''}{abs(whole)}%"


def _share(value: object) -> str:
    found = _plain(value)
    return "–" if found is None else f"{100 * found:.0f}%"
