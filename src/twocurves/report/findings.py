"""What a report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from twocurves.charts.run_tables import claim_table
from twocurves.ensemble.captured import Captured, captured
from twocurves.ensemble.headline import Headline, headline
from twocurves.ensemble.key_numbers import OutcomeRow, outcome_rows

if TYPE_CHECKING:
    import polars as pl

    from twocurves.ensemble.results import StoredRun
    from twocurves.observed.measures.report import MeasureReport


@dataclass(frozen=True)
class Findings:
    """A run, what was measured, and what other commands found; each figure is computed once.

    Attributes
    ----------
    run
        The run that is reported.
    measured
        The measures of the observations.
    drivers, scorecard, decision
        What ``twocurves drivers``, ``score`` and ``decide`` print with ``--json``; None where not given.
    """

    run: StoredRun
    measured: MeasureReport
    drivers: Mapping[str, Any] | None = None
    scorecard: Mapping[str, Any] | None = None
    decision: Mapping[str, Any] | None = None

    @cached_property
    def headline(self) -> Headline | None:
        """The run in a sentence; None where it keeps too little."""
        return headline(self.run)

    @cached_property
    def claims(self) -> pl.DataFrame:
        """The headline question of every claim, with its probability."""
        return claim_table(self.run)

    @cached_property
    def outcomes(self) -> list[OutcomeRow]:
        """Key numbers at several dates."""
        return outcome_rows(self.run)

    @cached_property
    def captured(self) -> tuple[int, list[Captured]]:
        """The year, and what both economies capture in it under each rule."""
        return captured(self.run)

    @property
    def fitted(self) -> bool:
        """Whether the draws come from a posterior."""
        return self.run.plan.beliefs_from == "posterior"
