"""In a notebook a result shows its headline figure by itself, and fetches nothing for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import twocurves as tc
from tests.charts import checks
from twocurves.charts.notebook import notebook_bundle
from twocurves.drivers import inputs
from twocurves.drivers.report import find_drivers
from twocurves.ensemble.results import StoredRun
from twocurves.errors import BadInputError
from twocurves.run_result import Run


def figure_in(shown: dict[str, Any]) -> str:
    svg: str = shown["image/svg+xml"]
    checks.finite_xml(svg)
    assert "<script" not in svg
    assert set(shown) == {"image/svg+xml", "text/plain"}
    return svg


def test_a_run_shows_both_curves(real_run: StoredRun) -> None:
    run = Run.at(Path(real_run.path))
    shown = run._repr_mimebundle_()
    assert "Net revenue" in figure_in(shown)
    assert run.headline in shown["text/plain"]


def test_measures_show_both_frontiers() -> None:
    report = tc.measure()
    shown = report._repr_mimebundle_()
    assert "Epoch Capabilities Index" in figure_in(shown)
    assert shown["text/plain"] == report.sentence


def test_drivers_show_their_effects(real_run: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "FEWEST_DRAWS", 64)
    found = find_drivers(real_run, "net_revenue_open")
    shown = found._repr_mimebundle_()
    assert "decides" in figure_in(shown)
    assert found.study.target.sentence in shown["text/plain"]


def test_a_comparison_shows_how_claims_move(real_run: StoredRun) -> None:
    run = Run.at(Path(real_run.path))
    shown = tc.compare(run, run)._repr_mimebundle_()
    figure_in(shown)
    assert f"{real_run.counts.ok} draws in both" in shown["text/plain"]


def test_rooms_do_not_take_the_place_of_functions_of_their_name() -> None:
    import twocurves.decide.decision
    import twocurves.drivers.report  # noqa: F401  (that they are imported is the point)

    assert callable(tc.decide)
    assert callable(tc.drivers)


def test_what_cannot_be_drawn_is_said() -> None:
    def nothing() -> Any:
        raise BadInputError("There is nothing to draw.", field="run")

    assert notebook_bundle(nothing, "In words") == {"text/plain": "In words"}
