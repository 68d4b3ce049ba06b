"""Figures of a decision, from what ``twocurves decide WORKLOAD.toml --json`` prints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from twocurves.charts.chance_text import percent
from twocurves.charts.cost_fans import Way, cost_fans
from twocurves.charts.number_text import say
from twocurves.charts.outcome_dots import outcome_dots
from twocurves.charts.palette import ThemeName
from twocurves.charts.quantiles import PERCENTILES
from twocurves.charts.shape import WORDED, Drawn, Shape, worded
from twocurves.charts.tornado import tornado_figure
from twocurves.charts.utilisation_fan import utilisation_fan
from twocurves.errors import BadInputError
from twocurves.months import Month

_COMMAND = "what `twocurves decide WORKLOAD.toml --json` prints"


def stay_or_move(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw what staying and moving now cost month by month, and what moving has saved by then."""
    courses = record.get("courses")
    if not isinstance(courses, Mapping):
        raise _missing("courses")
    stay, move = (_course(courses, f"{name}_usd_per_month") for name in ("stay", "move"))
    saved = _course(courses, "saved_usd")
    ahead = saved.filter(pl.col("p50") > 0)
    target = str(courses.get("title") or courses.get("target"))
    if ahead.height and saved["p50"][-1] > 0:
        after = saved.filter(pl.col("p50") <= 0)["month"].max()
        back = saved["month"][0] if after is None else saved.filter(pl.col("month") > after)["month"][0]
        title = f"Moving now to {target} has paid for itself by {back:%b %Y} at the median"
    else:
        title = f"Moving now to {target} does not pay for itself by {saved['month'][-1]:%b %Y} at the median"
    subtitle = "Running cost a month, USD: median, 50, 80 and 95% of runs. Dashed: staying"
    chart = cost_fans(
        Way("Stay", stay, courses.get("stay_economy")),
        Way("Move", move, courses.get("move_economy")),
        saved,
        saved_label="Saved so far by moving, entry cost taken off",
        theme=theme,
        width=_width(shape, 150, 300, 480),
        height=200 if shape.narrow else 240,
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def moved_now(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw what moving now gives, as twenty dots of equal chance."""
    gain = record.get("gain_of_moving_now")
    values = gain.get("twentieths_usd") if isinstance(gain, Mapping) else None
    if not isinstance(gain, Mapping) or not _numbers(values):
        raise _missing("gain_of_moving_now")
    wins = round(20 * float(gain["saves"]))
    title = (
        f"Moved now, {wins} in 20 runs come out cheaper; the mean is {say(float(gain['mean_usd']), 'usd', 2)}"
    )
    subtitle = "Saved over the whole horizon against staying, USD today; one dot is 1 run in 20"
    chart = outcome_dots(
        [float(one) for one in values or ()],
        theme=theme,
        width=_width(shape, 270, 430, 480),
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def decision_tornado(
    record: Mapping[str, Any],
    theme: ThemeName,
    shape: Shape = WORDED,
    names: Mapping[str, str] | None = None,
) -> Drawn:
    """Draw the gain of moving now in the lowest and in the highest tenth of each belief that decides it.

    ``names`` gives beliefs in words; their names stand otherwise.
    """
    rows = [
        row
        for row in _rows(record, "decided_by")
        if row.get("above_noise") and _numbers(row.get("tenths")) and len(row["tenths"]) == 2
    ]
    if not rows:
        raise BadInputError(
            "decision: no belief stands out of the noise, so there is no tornado.",
            field="--input.decided_by",
            allowed=_COMMAND,
        )
    gain = record.get("gain_of_moving_now")
    if not isinstance(gain, Mapping):
        raise _missing("gain_of_moving_now")
    rows.sort(key=lambda row: -abs(row["tenths"][1] - row["tenths"][0]))
    table = pl.DataFrame(
        [
            {
                "name": (names or {}).get(row["name"], row["name"]),
                "low": float(row["tenths"][0]),
                "high": float(row["tenths"][1]),
                "low_said": say(float(row["low_value"]), "number", 2),
                "high_said": say(float(row["high_value"]), "number", 2),
            }
            for row in rows
        ]
    )
    first = table.row(0, named=True)
    title = (
        f"{first['name'][:1].upper()}{first['name'][1:]} decides most: moving now saves "
        f"{say(first['low'], 'usd', 2)} in its lowest tenth, {say(first['high'], 'usd', 2)} in its highest"
    )
    subtitle = "Mean saving of moving now, USD, in the lowest and the highest tenth of each belief"
    chart = tornado_figure(
        table,
        base=float(gain["mean_usd"]),
        base_name="all runs",
        number="usd",
        theme=theme,
        width=_width(shape, 135, 210, 380),
        name_width=_width(shape, 92, 170, 220),
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def break_even(record: Mapping[str, Any], theme: ThemeName, shape: Shape = WORDED) -> Drawn:
    """Draw how busy rented machines must be to match a host, beside how busy this work would keep them."""
    found = record.get("break_even_utilisation")
    if not isinstance(found, Mapping):
        raise _missing("break_even_utilisation")
    months = _rows(found, "months")
    table = pl.DataFrame(
        [
            {
                "month": Month.parse(str(row.get("month")), "month").first_day,
                **{name: float(row[name]) for name in (*PERCENTILES, "own")},
            }
            for row in months
            if all(_finite(row.get(name)) for name in (*PERCENTILES, "own"))
        ]
    )
    if table.is_empty():
        raise _missing("break_even_utilisation")
    first = table.row(0, named=True)
    enough = "enough" if first["own"] >= first["p50"] else "not enough"
    title = (
        f"A rented machine must work {percent(first['p50'])} of its hours to match hosted "
        f"{found.get('model')}; this work would fill {say(first['own'], 'share', 2)}, {enough}"
        if first["p50"] <= 1
        else f"Hosted {found.get('model')} is cheaper than a rented machine however busy it is"
    )
    subtitle = "Share of hours, people not counted: median, 50, 80 and 95% of runs. Dashed: this work"
    chart = utilisation_fan(
        table,
        theme=theme,
        width=_width(shape, 150, 300, 480),
        height=180 if shape.narrow else 220,
        **worded(shape, title, subtitle),
    )
    return Drawn(chart, title, subtitle, "")


def _width(shape: Shape, phone: int, column: int, whole: int) -> int:
    """Return a width: of a phone, of a column of a page that sets the words itself, or of a file."""
    if shape.narrow:
        return phone
    return whole if shape.worded else column


def _course(courses: Mapping[str, Any], name: str) -> pl.DataFrame:
    rows = _rows(courses, name)
    if not rows or not all(_finite(row.get(level)) for row in rows for level in PERCENTILES):
        raise _missing(f"courses.{name}")
    return pl.DataFrame(
        [
            {
                "month": Month.parse(str(row.get("month")), "month").first_day,
                **{level: float(row[level]) for level in PERCENTILES},
            }
            for row in rows
        ]
    )


def _rows(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = record.get(name)
    if not isinstance(found, list):
        return []
    return [row for row in found if isinstance(row, Mapping)]


def _numbers(values: object) -> bool:
    return (
        isinstance(values, Sequence) and not isinstance(values, str) and all(_finite(one) for one in values)
    )


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _missing(name: str) -> BadInputError:
    return BadInputError(f"decision: there is no usable {name!r}.", field=f"--input.{name}", allowed=_COMMAND)
