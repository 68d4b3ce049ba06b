"""Figures: building one and writing it as SVG."""

from __future__ import annotations

import pytest
from tests.charts.examples import FIGURES

from bench.conftest import Timed
from twocurves.charts.export import figure_svg


@pytest.mark.parametrize(
    ("name", "title"), [("measured", "measured figure"), ("fan_with_gap", "fan with gap")]
)
def test_figure(timed: Timed, name: str, title: str) -> None:
    timed(f"building the {title}", lambda: FIGURES[name]("light"), rounds=7)


@pytest.mark.parametrize(
    ("name", "title"), [("measured", "measured figure"), ("fan_with_gap", "fan with gap")]
)
def test_svg(timed: Timed, name: str, title: str) -> None:
    chart = FIGURES[name]("light")
    timed(f"{title} to SVG", lambda: figure_svg(chart), rounds=7)
