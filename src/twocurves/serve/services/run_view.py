"""The run shown, read once: its sentence, its numbers, its claims, where it comes from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twocurves.charts.number_text import say_estimate, say_range
from twocurves.claims import Probability
from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.captured import Captured, captured
from twocurves.ensemble.columns import columns
from twocurves.ensemble.headline import Headline, headline
from twocurves.ensemble.key_numbers import OutcomeRow, outcome_rows
from twocurves.months import Month
from twocurves.run_result import Run
from twocurves.serve.curves import needed_measures


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its range, as a page shows it.

    Attributes
    ----------
    name, title
        Which.
    value, unit
        The middle run in words.
    range
        90% of the runs, in words.
    low, middle, high, inner_low, inner_high
        Places between 0 and 100 for the drawn interval: 5, 50, 95, 25 and 75%.
    link
        Where to read more.
    """

    name: str
    title: str
    value: str
    unit: str
    range: str
    low: float
    middle: float
    high: float
    inner_low: float
    inner_high: float
    link: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a page's numbers come from: the line at its end."""

    command: str
    run: str
    draws: int
    failed: int
    causes: str
    seed: int
    model: str
    beliefs: str
    data_to: str
    source: str
    note: str = ""


class RunView:
    """A stored run with what pages need of it, read at first use."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def headline(self) -> Headline | None:
        """The run in a sentence."""
        return headline(self.run)

    @cached_property
    def outcomes(self) -> list[OutcomeRow]:
        """Key numbers at several dates."""
        return outcome_rows(self.run)

    @cached_property
    def claims(self) -> dict[str, Probability]:
        """The probability of each question."""
        return probabilities(self.run)

    @cached_property
    def captured(self) -> tuple[int, list[Captured]]:
        """What both economies capture, under every rule."""
        return captured(self.run)

    @cached_property
    def paths(self) -> dict[str, NDArray[np.floating]]:
        """Every draw of the measures that curves show, ``(draws that came through, months)``."""
        there = {column.name for column in self.run.layout.columns}
        return columns(self.run, [name for name in needed_measures() if name in there])[1]

    @property
    def projection_from(self) -> dt.date:
        """First day after the observations."""
        return (Month.containing(self.run.plan.data_to) + 1).first_day

    @cached_property
    def provenance(self) -> Provenance:
        """What the numbers come from."""
        plan, counts = self.run.plan, self.run.counts
        note = ""
        if counts.failed > 0.01 * counts.asked:
            causes = ", ".join(f"{count:,} {cause}" for cause, count in counts.causes.items())
            note = f"{100 * counts.failed / counts.asked:.0f}% of the runs failed: {causes}."
        return Provenance(
            command=self.run.manifest.command
            or f"twocurves run {plan.scenario} --draws {plan.draws} --seed {plan.seed}",
            run=self.run.name,
            draws=counts.asked,
            failed=counts.failed,
            causes=", ".join(f"{count:,} {cause}" for cause, count in counts.causes.items()),
            seed=plan.seed,
            model=f"{plan.code_version} ({plan.code_digest[:7]})",
            beliefs=plan.beliefs_digest[:7],
            data_to=plan.data_to.isoformat(),
            source=plan.beliefs_from,
            note=note,
        )

    def number(self, name: str, title: str, values: NDArray[np.floating], style: str, link: str) -> Number:
        """Return a number over the draws."""
        return number_of(name, title, values, style, link)

    def at(self, name: str, month: Month) -> NDArray[np.float64]:
        """Return a curve's measure in one month, by draw."""
        place = self.run.months.index(month)
        return np.asarray(self.paths[name][:, place], dtype=np.float64)


def number_of(
    name: str, title: str, values: NDArray[np.floating], style: str, link: str, times: float = 1.0
) -> Number:
    """Return a number over draws, with its interval drawn between the 1st and 99th percentile."""
    finite = np.asarray(values, dtype=np.float64) * times
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return Number(name, title, "not told", "", "no run has it", 0, 50, 100, 25, 75, link)
    ends = np.quantile(finite, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    span = (ends[-1] - ends[0]) or 1.0
    low, inner_low, middle, inner_high, high = (float(100 * (end - ends[0]) / span) for end in ends[1:-1])
    said = say_estimate(float(ends[3]), float(ends[1]), float(ends[5]), style)
    value, _, unit = said.partition(" ")
    return Number(
        name,
        title,
        value,
        unit,
        say_range(float(ends[1]), float(ends[5]), style),
        low,
        middle,
        high,
        inner_low,
        inner_high,
        link,
    )
