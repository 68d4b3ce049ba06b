"""Boxes: those of the EMA workbench, and what any box must satisfy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twocurves.drivers.prim import LEAST_MASS, find_box


def cases(seed: int, draws: int = 400, inputs: int = 4):
    """Draws of interest in a corner, blurred, of inputs of which one has many equal values."""
    rng = np.random.default_rng(seed)
    values = rng.random((draws, inputs))
    values[:, -1] = np.where(rng.random(draws) < 0.3, 0.0, values[:, -1])
    chance = np.where((values[:, 0] > 0.6) & (values[:, 1] < 0.5), 0.9, 0.15)
    return values, rng.random(draws) < chance


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(6))
def test_boxes_are_those_of_the_ema_workbench(seed):
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    pandas = pytest.importorskip("pandas")
    values, interest = cases(seed)
    frame = pandas.DataFrame(values, columns=list("abcd"))
    theirs = prim.Prim(frame, interest.astype(np.int64), threshold=0.1).find_box()
    mine = find_box(values, interest)
    assert len(mine.boxes) == len(theirs.box_lims)
    for box, limits in zip(mine.boxes, theirs.box_lims, strict=True):
        np.testing.assert_array_equal(box.low, limits.loc[0].to_numpy(dtype=float))
        np.testing.assert_array_equal(box.high, limits.loc[1].to_numpy(dtype=float))
    np.testing.assert_allclose([box.coverage for box in mine.boxes], theirs.peeling_trajectory.coverage)
    np.testing.assert_allclose([box.density for box in mine.boxes], theirs.peeling_trajectory.density)


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_every_box_holds_what_lies_within_its_limits(seed):
    values, interest = cases(seed, draws=150, inputs=3)
    found = find_box(values, interest)
    assert found.boxes[0].coverage == 1.0
    for box in found.boxes:
        inside = ((values >= box.low) & (values <= box.high)).all(axis=1)
        assert set(np.flatnonzero(inside)) == set(box.inside)
        assert box.density == pytest.approx(interest[inside].mean())
        assert box.coverage == pytest.approx(interest[inside].sum() / interest.sum())
        assert box.mass >= LEAST_MASS
    densities = [box.density for box in found.boxes]
    assert densities == sorted(densities)


def test_the_corner_is_found():
    values, interest = cases(1, draws=4000)
    found = find_box(values, interest)
    best = max(found.boxes, key=lambda box: box.coverage * box.density)
    assert {0, 1} <= set(found.restricted(best).tolist())
    assert best.low[0] == pytest.approx(0.6, abs=0.05)
    assert best.high[1] == pytest.approx(0.5, abs=0.05)
