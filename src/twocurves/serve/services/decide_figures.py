"""The figures of a decision as the Decide page shows them, each with its numbers as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from twocurves.charts.decision_figures import break_even, decision_tornado, moved_now, stay_or_move
from twocurves.charts.input_figures import regret
from twocurves.charts.number_text import say, say_range
from twocurves.charts.shape import Drawn, Shape
from twocurves.months import Month
from twocurves.serve.figures import Drawings, Figure, Table, figure, table_of
from twocurves.serve.services.overview import label_of

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName
    from twocurves.decide.answer import Decision

#: Widths of a page from which a figure is drawn for a desk.
_DESK = 300

#: Every how many months a table of a course has a row.
_EVERY = 6

Draw = Callable[[Mapping[str, Any], "ThemeName", Shape], Drawn]


def decision_figures(found: Decision, query: str, drawings: Drawings) -> dict[str, Figure]:
    """Return the figures that a decision has, by name."""
    return {
        name: _figure(found, name, query, drawings, draw, table)
        for name, (draw, table) in _drawn(found).items()
    }


def decision_drawing(found: Decision, name: str) -> alt.TopLevelMixin | None:
    """Return one figure of a decision with its words, for a file; None where it has none of this name."""
    there = _drawn(found)
    return there[name][0](found.as_record(), "light", Shape()).chart if name in there else None


def _drawn(found: Decision) -> dict[str, tuple[Draw, Table]]:
    """Return how each figure is drawn, and its table."""
    made: dict[str, tuple[Draw, Table]] = {"regret": (regret, _regret_table(found))}
    if found.courses is not None:
        made["stay_or_move"] = (stay_or_move, _course_table(found))
        made["moved_now"] = (moved_now, _outcome_table(found))
    deciding = [one for one in found.deciders if one.above_noise]
    if deciding:
        names = {one.name: label_of(one.name) for one in deciding}

        def named(record: Mapping[str, Any], theme: ThemeName, shape: Shape) -> Drawn:
            return decision_tornado(record, theme, shape, names)

        made["decision_tornado"] = (named, _tornado_table(found))
    if found.utilisation is not None:
        made["break_even"] = (break_even, _utilisation_table(found))
    return made


def _figure(found: Decision, name: str, query: str, drawings: Drawings, draw: Draw, table: Table) -> Figure:
    record = found.as_record()

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        return draw(record, theme, Shape(worded=False, narrow=width < _DESK)).chart

    words = draw(record, "light", Shape(worded=False))
    return figure(
        drawings,
        name,
        f"{name}|{found.run}|{query}",
        drawer,
        title=words.title,
        subtitle=words.subtitle,
        table=table,
        downloads={
            form.upper(): f"/download/decision/{name}.{form}?{query}" for form in ("svg", "png", "json")
        },
    )


def _regret_table(found: Decision) -> Table:
    return table_of(
        ("Move in", "To", "Median regret", "80% of runs", "Dearer than staying"),
        [
            [
                row.month,
                row.target.replace("_", " "),
                say(row.p50, "usd", 2),
                say_range(row.p10, row.p90, "usd"),
                f"{100 * row.loses:.0f}%",
            ]
            for row in found.regret
        ],
    )


def _course_table(found: Decision) -> Table:
    courses = found.courses
    assert courses is not None  # noqa: S101  (asked for only where there are some)
    rows = []
    for place in _months(courses.stay_usd.months):
        cells = [str(courses.stay_usd.start + place)]
        for one in (courses.stay_usd, courses.move_usd, courses.saved_usd):
            at = {name: float(values[place]) for name, values in one.percentiles.items()}
            cells.append(f"{say(at['p50'], 'usd', 2)} ({say_range(at['p10'], at['p90'], 'usd')})")
        rows.append(cells)
    return table_of(("Month", "Staying (80% of runs)", "Moved", "Saved so far"), rows)


def _outcome_table(found: Decision) -> Table:
    values = found.as_record()["gain_of_moving_now"]["twentieths_usd"]
    return table_of(
        ("Run", "Saved by moving now"),
        [[f"{place + 1} of {len(values)}", say(value, "usd", 2)] for place, value in enumerate(values)],
    )


def _tornado_table(found: Decision) -> Table:
    return table_of(
        ("Assumption", "Saved in its lowest tenth", "Saved in its highest tenth", "Rank correlation (90%)"),
        [
            [
                label_of(one.name),
                f"{say(one.tenths[0], 'usd', 2)} (at {say(one.low_value, 'number', 2)})",
                f"{say(one.tenths[1], 'usd', 2)} (at {say(one.high_value, 'number', 2)})",
                f"{one.effect:+.2f} ({one.low:+.2f} to {one.high:+.2f})".replace("-", "−"),
            ]
            for one in found.deciders
            if one.above_noise
        ],
    )


def _utilisation_table(found: Decision) -> Table:
    busy = found.utilisation
    assert busy is not None  # noqa: S101  (asked for only where there is one)
    start: Month = busy.needed.start
    rows = []
    for place in _months(busy.needed.months):
        at = {name: float(values[place]) for name, values in busy.needed.percentiles.items()}
        rows.append(
            [
                str(start + place),
                say(at["p50"], "share", 2),
                say_range(at["p10"], at["p90"], "share"),
                say(float(busy.own[place]), "share", 2),
            ]
        )
    return table_of(("Month", "Needed", "80% of runs", "This work"), rows)


def _months(count: int) -> list[int]:
    """Return the places of the months that a table tells: every half year, and the last."""
    places = list(range(0, count, _EVERY))
    return places if places[-1] == count - 1 else [*places, count - 1]
