"""Figures of what other commands print as JSON: drivers, a decision, a scorecard."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import polars as pl

from twocurves.beliefs.naming import full_plain_name
from twocurves.charts.calibration import calibration_figure
from twocurves.charts.chance_text import percent
from twocurves.charts.decision_figures import break_even, decision_tornado, moved_now, stay_or_move
from twocurves.charts.interval_strip import interval_strip
from twocurves.charts.number_text import say
from twocurves.charts.palette import ThemeName
from twocurves.charts.pit import pit_figure
from twocurves.charts.regret import BestDate, regret_figure
from twocurves.charts.shape import WORDED, Drawn, Shape, worded
from twocurves.charts.tornado import tornado_figure
from twocurves.errors import BadFileError, BadInputError
from twocurves.months import Month

#: Beliefs shown at most, those that matter most first.
_MOST = 12

#: Number styles of units, and what figures in them are multiplied by.
_UNITS: Mapping[str, tuple[str, float]] = {
    "usd_billion_per_year": ("usd", 1e9),
    "usd_billion": ("usd", 1e9),
    "usd_per_work_unit": ("usd", 1.0),
    "usd_per_hour": ("usd", 1.0),
    "months": ("{} mo", 1.0),
}

_LEVELS = (0.5, 0.9)
_SIGMAS = 1.645


def read_record(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises
    ------
    BadFileError
        It cannot be read or is no JSON object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no JSON"
        raise BadFileError(
            f"{path} cannot be read: {why}.", field=str(path), allowed="what a command prints with --json"
        ) from fault
    if not isinstance(found, dict):
        raise BadFileError(f"{path} holds no JSON object.", field=str(path), allowed="a JSON object")
    return found


def drivers(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the effects of beliefs and choices on a target, with their intervals, beside zero."""
    rows = _effects(record)
    target = _target(record)
    shown = sorted(rows, key=lambda row: -abs(row["effect"]))[:_MOST]
    table = pl.DataFrame(
        [
            {
                "row": row["name"] + ("" if row["above_noise"] else " (within the noise)"),
                "estimate": row["effect"],
                "low": row["low"],
                "high": row["high"],
            }
            for row in shown
        ],
        schema={"row": pl.String, "estimate": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )
    clear = sum(1 for row in rows if row["above_noise"])
    title = f"{shown[0]['name']} decides most; {clear} of {len(rows)} are above the noise"
    subtitle = (
        f"{target}: rank correlation over the draws, with 90% interval; above 0: a higher value makes it "
        f"{'more likely' if record.get('kind') == 'claim' else 'more'}"
    )
    chart = interval_strip(
        table,
        reference=0.0,
        theme=theme,
        width=90 if shape.narrow else 380,
        name_width=110 if shape.narrow else 250,
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def tornado(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the target in the lowest and in the highest tenth of each belief that is above the noise."""
    rows = [row for row in _effects(record) if row["tenths"] is not None and row["above_noise"]]
    level = record.get("level")
    if not rows or not _finite(level):
        raise BadInputError(
            "drivers: a tornado needs 'level' and, for a belief above the noise, 'by_tenth'.",
            field="--input",
            allowed="what `twocurves drivers OUTCOME --json` prints",
        )
    rows.sort(key=lambda row: -abs(row["tenths"][-1] - row["tenths"][0]))
    table = pl.DataFrame(
        [
            {
                "name": row["name"],
                "low": row["tenths"][0],
                "high": row["tenths"][-1],
                "low_said": _value(row["low_value"]),
                "high_said": _value(row["high_value"]),
            }
            for row in rows[:_MOST]
        ]
    )
    ends = [float(level), *table["low"].to_list(), *table["high"].to_list()]
    number, times = _style(str(record.get("unit", "")), ends)
    table = table.with_columns(pl.col("low") * times, pl.col("high") * times)
    first = table.row(0, named=True)
    title = (
        f"With {first['name']} in its lowest tenth it is {say(first['low'], number, 2)}, in its highest "
        f"{say(first['high'], number, 2)}"
    )
    what = "Probability: " if record.get("kind") == "claim" else ""
    subtitle = f"{what}{_target(record)}, in the lowest and in the highest tenth of each belief"
    chart = tornado_figure(
        table,
        base=float(level) * times,
        base_name="all draws",
        number=number,
        theme=theme,
        width=120 if shape.narrow else 380,
        name_width=110 if shape.narrow else 250,
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def regret(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw the regret of moving a workload, month by month."""
    entries = _of(record, "regret", list, "decision")
    names = ("p10", "p25", "p50", "p75", "p90")
    if not entries or not all(
        isinstance(entry, dict) and "month" in entry and all(_finite(entry.get(name)) for name in names)
        for entry in entries
    ):
        raise BadInputError(
            "decision: every entry of 'regret' needs 'month', 'p10', 'p25', 'p50', 'p75' and 'p90'.",
            field="--input",
            allowed="what `twocurves decide WORKLOAD.toml --json` prints",
        )
    table = pl.DataFrame(
        [{"month": _day(entry["month"]), **{name: float(entry[name]) for name in names}} for entry in entries]
    )
    found = record.get("switch_month")
    switch: Mapping[str, Any] = found if isinstance(found, dict) else {}
    dates = {name: _maybe_day(switch.get(name)) for name in ("p10", "p50", "p90")}
    never = switch.get("never", 0.0)
    best = BestDate(**dates, never=float(never) if _finite(never) else 0.0)
    title = "What moving in each month would be regretted by"
    if best.p50 is not None:
        until = f"{best.p90:%b %Y}" if best.p90 is not None else "after the last month"
        span = f", in 80% of futures {best.p10:%b %Y} to {until}" if best.p10 is not None else ""
        if best.p10 is not None and best.p10 == best.p90:
            span = " in at least 80% of futures that move"
        title = f"The best month to move is {best.p50:%b %Y}{span}"
    subtitle = "USD, against the best month of each future: median, 50 and 80% of the futures"
    chart = regret_figure(
        table,
        best=best,
        theme=theme,
        width=235 if shape.narrow else (480 if shape.worded else 390),
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def calibration(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw how often what came lay inside intervals of 50 and 90%, all series and family by family."""
    overall = _of(record, "overall", dict, "scorecard")
    rows = []
    for level in _LEVELS:
        came, count = overall.get(f"coverage{level * 100:.0f}"), overall.get("n")
        if not _finite(came) or not _finite(count) or not count:
            raise BadInputError(
                f"scorecard: 'overall' needs 'coverage{level * 100:.0f}' and 'n'.",
                field="--input",
                allowed="what `twocurves score --json` prints",
            )
        error = _SIGMAS * math.sqrt(max(came * (1 - came), 0.25 / count) / count)
        rows.append(
            {
                "said": level,
                "came": float(came),
                "low": max(0.0, came - error),
                "high": min(1.0, came + error),
                "n": int(count),
            }
        )
    title = (
        f"Intervals of 90% held {percent(rows[1]['came'])} of {rows[1]['n']} figures, those of 50% "
        f"{percent(rows[0]['came'])}"
    )
    subtitle = f"Hindcast {record.get('window', '')}: share inside, with its 90% range".replace("  ", " ")
    chart = calibration_figure(
        pl.DataFrame(rows),
        x_name="Said",
        theme=theme,
        width=220 if shape.narrow else 280,
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "Ranges take the figures as independent.")


def pit(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw where what came fell within its forecasts."""
    targets = _of(record, "targets", list, "scorecard")
    given = [row.get("pit") for row in targets if isinstance(row, dict)]
    places = [float(place) for place in given if _finite(place)]
    if not places or len(places) < len(given):
        raise BadInputError(
            "scorecard: every entry of 'targets' needs 'pit'.",
            field="--input",
            allowed="what `twocurves score --json` prints",
        )
    above = sum(1 for place in places if place > 0.5)
    title = f"{above} of {len(places)} figures came above the middle of their forecasts"
    subtitle = "Figures by the tenth of their forecast into which they fell"
    chart = pit_figure(
        places,
        theme=theme,
        width=250 if shape.narrow else 360,
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


#: Draws a figure of a JSON object; the keys are those of ``INPUT_NAMES``.
INPUT_FIGURES: Mapping[str, Callable[[Mapping[str, Any], ThemeName, Shape], Drawn]] = {
    "drivers": drivers,
    "tornado": tornado,
    "regret": regret,
    "stay_or_move": stay_or_move,
    "moved_now": moved_now,
    "decision_tornado": decision_tornado,
    "break_even": break_even,
    "calibration": calibration,
    "pit": pit,
}


def _effects(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return beliefs and choices as rows: name, effect, low, high, above_noise and, where told, tenths."""
    rows = []
    for kind in ("beliefs", "choices"):
        entries = record.get(kind, [])
        for entry in entries if isinstance(entries, list) else []:
            if not isinstance(entry, dict) or not _finite(entry.get("effect")):
                continue
            low, high = entry.get("low"), entry.get("high")
            bounded = _finite(low) and _finite(high) and low <= entry["effect"] <= high
            tenths = entry.get("by_tenth")
            told = (
                isinstance(tenths, Sequence)
                and len(tenths) >= 2
                and _finite(tenths[0])
                and _finite(tenths[-1])
            )
            rows.append(
                {
                    "name": full_plain_name(str(entry.get("name"))),
                    "effect": float(entry["effect"]),
                    "low": low if bounded else None,
                    "high": high if bounded else None,
                    "above_noise": entry.get("above_noise") is not False,
                    "tenths": tenths if told else None,
                    "low_value": entry.get("lowest_tenth"),
                    "high_value": entry.get("highest_tenth"),
                }
            )
    if not rows:
        raise BadInputError(
            "drivers: 'beliefs' needs entries with 'name' and 'effect'.",
            field="--input",
            allowed="what `twocurves drivers OUTCOME --json` prints",
        )
    return rows


def _target(record: Mapping[str, Any]) -> str:
    name = str(_of(record, "target", str, "drivers"))
    said = record.get("sentence")
    return said.rstrip(".") if isinstance(said, str) and said else name


def _style(unit: str, ends: Sequence[float]) -> tuple[str, float]:
    """Return the number style of a unit as the drivers name it, and what its figures are multiplied by."""
    if unit in _UNITS:
        return _UNITS[unit]
    return ("share" if all(0 <= end <= 1 for end in ends) else "number"), 1.0


def _of(record: Mapping[str, Any], name: str, kind: type | tuple[type, ...], what: str) -> Any:
    found = record.get(name)
    if not isinstance(found, kind):
        raise BadInputError(f"{what}: there is no {name!r}.", field=f"--input.{name}", given=found)
    return found


def _finite(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _value(given: object) -> str:
    return say(float(given), digits=2) if _finite(given) else ""


def _day(text: object) -> dt.date:
    return Month.parse(str(text), "month").first_day


def _maybe_day(text: object) -> dt.date | None:
    return _day(text) if isinstance(text, str) and text else None
