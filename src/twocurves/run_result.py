"""A stored run as Python and notebooks show it: labelled arrays, its sentence, its figure."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.comparing import Comparison
from twocurves.ensemble.headline import headline
from twocurves.ensemble.key_numbers import outcome_frame, outcome_rows
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.run_record import run_record
from twocurves.ensemble.storage import storage_at

if TYPE_CHECKING:
    import altair as alt
    import polars as pl
    import xarray as xr


class Run(StoredRun):
    """A run: ``run["net_revenue_open"]`` is a labelled array, ``run.figure()`` its headline figure.

    In a notebook a run shows that figure.
    """

    @classmethod
    def at(cls, place: str | Path) -> Run:
        """Open a stored run by folder or URL."""
        return cls(storage_at(place))

    @cached_property
    def dataset(self) -> xr.Dataset:
        """All measures kept, ``(draw, month, ...)`` with units and meanings, read once and kept in memory."""
        return self.to_xarray()

    def __getitem__(self, measure: str) -> xr.DataArray:
        """Return one measure, ``(draw, month, ...)``; only its own columns are read.

        Raises
        ------
        BadInputError
            The run does not keep it; the nearest name is suggested.
        """
        return self.to_xarray([measure])[measure]

    @property
    def headline(self) -> str:
        """The run in one sentence; empty when it keeps too little for one."""
        said = headline(self)
        return "" if said is None else said.sentence

    def outcomes(self) -> pl.DataFrame:
        """Return key numbers at several dates: name, unit, month, p05, p50, p95, draws."""
        return outcome_frame(outcome_rows(self))

    def claims(self) -> pl.DataFrame:
        """Return every question that the run answers, with its probability, error and bounds."""
        import polars as pl

        from twocurves.claims import load_ledger

        found = probabilities(self)
        return pl.DataFrame(
            [
                {
                    "id": question.id,
                    "sentence": question.sentence,
                    "resolves_on": str(question.date),
                    "probability": found[question.id].probability,
                    "mc_error": found[question.id].standard_error,
                    "lower": found[question.id].lower,
                    "upper": found[question.id].upper,
                }
                for question in load_ledger()
                if question.id in found
            ],
            infer_schema_length=None,
        )

    def as_record(self) -> dict[str, Any]:
        """Return the run as ``twocurves run --json`` prints it."""
        return run_record(self)

    def compare(self, other: StoredRun) -> Comparison:
        """Return the differences of another run from this one, draw by draw.

        Raises
        ------
        BadInputError
            Their draws are not the same futures.
        """
        from twocurves.ensemble.comparing import compare_runs

        return compare_runs(self, other)

    def figure(self, theme: str = "light") -> alt.TopLevelMixin:
        """Return the figure of both economies' net revenue, by medians and bands over the draws.

        Raises
        ------
        BadInputError
            The run does not keep net revenue, or no draw came through.
        """
        from twocurves.charts.run_figures import two_curves

        return two_curves(self, theme)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the headline figure, with the sentence for where figures cannot be shown."""
        words = f"{self!r}\n{self.headline}".strip()
        if not self.counts.ok or headline(self) is None:
            return {"text/plain": words}
        from twocurves.charts.notebook import notebook_bundle

        return dict(notebook_bundle(self.figure, words))


class Compared(Comparison):
    """A comparison as Python shows it: in a notebook, how every claim moves."""

    @classmethod
    def of(cls, found: Comparison) -> Compared:
        """Return a comparison that shows itself."""
        return cls(*(getattr(found, field.name) for field in fields(found)))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the claims of both runs, with a sentence for where figures cannot be shown."""
        from twocurves.charts.notebook import notebook_bundle
        from twocurves.charts.run_figures import claims_moved

        words = f"{self.a.name} and {self.b.name}, {self.paired:,} draws in both"
        return dict(notebook_bundle(lambda: claims_moved(self.a, "light", beside=self.b).chart, words))
