"""What was said of each question before: judged, forecast of record, earlier runs here, this run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.runs import list_runs
from twocurves.errors import Fault
from twocurves.fit.frozen import frozen_history
from twocurves.run_result import Run
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.services.claim_rows import percent
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Earlier runs that are looked at, at most.
_RUNS = 6

#: Size of a sparkline in a table.
SPARK_WIDTH, SPARK_HEIGHT = 96, 26


@dataclass(frozen=True, slots=True)
class Step:
    """What was said of a question once.

    Attributes
    ----------
    name
        Who said it, and when.
    chance
        The probability.
    by_model
        Whether the model said it; else a person did.
    """

    name: str
    chance: float
    by_model: bool = True


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small step line.

    Attributes
    ----------
    path
        Of the line, in a box of :data:`SPARK_WIDTH` by :data:`SPARK_HEIGHT`.
    x, y
        Of its last point.
    words
        What it shows.
    change
        From the step before the last, in twentieths.
    """

    path: str
    x: float
    y: float
    words: str
    change: int


def history(house: House, view: RunView) -> Mapping[str, tuple[Step, ...]]:
    """Return what was said of every question, the oldest first; read once for a run."""
    return house.once(f"history|{view.run.name}", lambda: _history(house, view))


def _history(house: House, view: RunView) -> dict[str, tuple[Step, ...]]:
    found: dict[str, list[Step]] = {question.id: [] for question in house.ledger}
    for question in house.ledger:
        if question.prior_probability is not None:
            found[question.id].append(Step("Judged before any run", question.prior_probability, False))
    for brief in frozen_history():
        day = f"{brief.data_to:%-d %b %Y}"
        for name, claim in brief.claims.items():
            if name in found and claim.probability is not None:
                found[name].append(Step(f"Forecast of record, data to {day}", claim.probability))
    for label, run in _earlier(view.run):
        for name, one in probabilities(run).items():
            if name in found and one.probability is not None:
                found[name].append(Step(label, one.probability))
    for name, one in view.claims.items():
        if name in found and one.probability is not None:
            found[name].append(Step("This run", one.probability))
    return {name: tuple(steps) for name, steps in found.items()}


def _earlier(shown: Run) -> list[tuple[str, Run]]:
    """Return earlier runs of the same scenario by other versions of the model, the oldest first."""
    seen = {shown.plan.code_digest}
    found: list[tuple[str, Run]] = []
    since = shown.manifest.created
    for summary in list_runs():  # the newest first, so that each version is told by its newest run
        if len(found) == _RUNS:
            break
        if (
            summary.status != "complete"
            or summary.scenario != shown.plan.scenario
            or summary.created is None
            or summary.created >= since
        ):
            continue
        try:
            run = Run.at(summary.path)
        except Fault:
            continue  # a run that cannot be read any more has nothing to say here; `runs verify` names it
        plan = run.plan
        if plan.code_digest in seen or plan.settings or plan.beliefs_from != shown.plan.beliefs_from:
            continue
        seen.add(plan.code_digest)
        found.append((f"Run of {summary.created:%-d %b %Y, %H:%M}", run))
    return found[::-1]


def sparkline(steps: tuple[Step, ...]) -> Sparkline | None:
    """Return the steps as a small line; None where there is only one."""
    if len(steps) < 2:
        return None
    across = (SPARK_WIDTH - 8) / (len(steps) - 1)
    places = [
        (4 + place * across, 3 + (1.0 - step.chance) * (SPARK_HEIGHT - 6)) for place, step in enumerate(steps)
    ]
    path = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    path += "".join(f"H{x:.1f}V{y:.1f}" for x, y in places[1:])
    words = ", then ".join(
        f"{percent(step.chance)} ({step.name[:1].lower()}{step.name[1:]})" for step in steps
    )
    change = round(20 * steps[-1].chance) - round(20 * steps[-2].chance)
    return Sparkline(path, round(places[-1][0], 1), round(places[-1][1], 1), words, change)


def history_figure(house: House, view: RunView, drawings: Drawings, question: str) -> Figure | None:
    """Return the history of a question as a step chart; None where there is one step only."""
    steps = history(house, view).get(question, ())
    if len(steps) < 2:
        return None
    table = pl.DataFrame(
        {
            "name": [step.name for step in steps],
            "chance": [step.chance for step in steps],
            "model": [step.by_model for step in steps],
        }
    )

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        return history_chart(table, width, theme)

    return figure(
        drawings,
        "history",
        f"history|{view.run.name}|{question}",
        drawer,
        title=_title(steps),
        subtitle="Probability, from one forecast to the next. Hollow: judged by a person; filled: the model.",
        table=table_of(("Said by", "Probability"), [[step.name, percent(step.chance)] for step in steps]),
        widths=(620, 250),
    )


def history_chart(table: pl.DataFrame, width: int, theme: ThemeName, **words: Any) -> alt.TopLevelMixin:
    """Return the step chart."""
    from twocurves.charts.claim_history import claim_history_figure

    return claim_history_figure(table, width=width, theme=theme, **words)


def _title(steps: tuple[Step, ...]) -> str:
    first, last = steps[0], steps[-1]
    by = "" if first.by_model else "a person judged it at "
    points = abs(round(100 * last.chance) - round(100 * first.chance))
    if points < 1:
        return f"It has stayed at {percent(last.chance)}"
    return f"First {by}{percent(first.chance)}, now the model says {percent(last.chance)}"


def change_words(change: int) -> str:
    """Write a change in twentieths."""
    return "no change" if change == 0 else f"{change:+d} in 20".replace("-", "−")
