"""Slopes of the real economy: by one reverse pass, and by finite differences of the path itself."""

import numpy as np
import pytest

from twocurves.drivers.local import _add_derived, _middle, finite, gradient, local
from twocurves.drivers.replay import Replay
from twocurves.drivers.target import find_target
from twocurves.errors import BadInputError

#: Inputs from every room; those of imposed paths (stock, spending) and behind a derived parameter too.
CHOSEN = (
    "usage_price_elasticity",
    "closed_open_price_sensitivity",
    "quality_weight",
    "software_growth",
    "compute_to_capability",
    "hardware_life",
    "compute_stock_2025",
    "investment_2026",
    "ai_share_of_capex",
)


@pytest.fixture(scope="module")
def middle(real_run):
    return _middle(Replay.of(real_run, 1), real_run)


def test_a_claim_has_no_slope(real_run):
    with pytest.raises(BadInputError, match="true or false in a future, so it has no slope"):
        local(real_run, find_target(real_run, "C10"))


def test_slopes_go_through_derived_parameters(middle):
    """A slope of one in every derived parameter becomes, in what it is computed from, that of its formula."""
    derived = middle.beliefs.derived[-1]
    (name, *_) = middle.beliefs.full_names(derived.name)
    slopes = dict.fromkeys(middle.beliefs.names, 0.0)
    slopes[name] = 1.0
    _add_derived(middle, slopes)
    for source, slope in slopes.items():
        if slope and source != name and source not in {entry.name for entry in middle.beliefs.derived}:
            step = 1e-6 * float(middle.values[source][0])
            up, down = (
                middle.moved({source: float(middle.values[source][0]) + sign * step})[name][0]
                for sign in (1, -1)
            )
            assert slope == pytest.approx((up - down) / (2 * step), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["net_revenue_open@2030-12", "revenue_by_lab.openai@2029-06"])
def test_slopes_are_those_of_finite_differences(real_run, middle, target):
    asked = find_target(real_run, target)
    value, slopes = gradient(middle, asked)
    names = [name for name in CHOSEN if name in middle.values]
    steps = [1e-5 * abs(float(middle.values[name][0])) for name in names]
    moves = [
        (name, float(middle.values[name][0]) + sign * step)
        for name, step in zip(names, steps, strict=True)
        for sign in (1, -1)
    ]
    figures = finite(middle, asked, moves)
    assert np.isfinite(figures).all()
    assert value == pytest.approx(figures.mean(), rel=1e-3)
    scale = max(abs(slopes[name]) * step for name, step in zip(names, steps, strict=True))
    for place, (name, step) in enumerate(zip(names, steps, strict=True)):
        difference = (figures[2 * place] - figures[2 * place + 1]) / 2.0
        assert slopes[name] * step == pytest.approx(difference, rel=2e-3, abs=1e-4 * scale)


@pytest.mark.slow
def test_finite_moves_stand_beside_straight_lines(real_run):
    found = local(real_run, find_target(real_run, "net_revenue_open@2030-12"), moved=6)
    sizes = [abs(effect.straight) for effect in found.effects]
    assert sizes == sorted(sizes, reverse=True)
    moved = [(effect.straight, effect.finite) for effect in found.effects if effect.finite is not None]
    assert 1 <= len(moved) <= 6
    assert np.mean([straight * finite > 0 for straight, finite in moved]) > 0.5
