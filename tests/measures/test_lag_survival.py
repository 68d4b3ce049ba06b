from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.observed.measures.survival import median_wait


def test_known_medians() -> None:
    yes, no = True, False
    assert median_wait(np.array([1.0, 2, 3, 4]), np.array([yes, yes, yes, yes])) == 2
    assert median_wait(np.array([5.0]), np.array([yes])) == 5
    assert median_wait(np.array([5.0]), np.array([no])) is None
    assert median_wait(np.zeros(0), np.zeros(0, dtype=bool)) is None
    # Three wait on after 2 months, so half have arrived only with the next event.
    assert median_wait(np.array([2.0, 2, 2, 6, 7]), np.array([no, no, no, yes, yes])) == 6
    assert median_wait(np.array([1.0, 3, 3, 3]), np.array([yes, no, no, no])) is None


@given(st.lists(st.floats(0, 50), min_size=1, max_size=30))
def test_without_censoring_half_have_arrived_at_the_median(times: list[float]) -> None:
    duration = np.array(times)
    median = median_wait(duration, np.ones(duration.size, dtype=bool))
    assert median is not None
    assert (duration <= median).mean() >= 0.5
    assert (duration < median).mean() < 0.5 or median == duration.min()


@given(st.lists(st.floats(0, 50), min_size=2, max_size=20), st.floats(1, 30))
def test_waiting_on_never_shortens_the_median(times: list[float], cut: float) -> None:
    duration = np.array(times)
    full = median_wait(duration, np.ones(duration.size, dtype=bool))
    censored = median_wait(np.minimum(duration, cut), duration <= cut)
    assert full is not None
    assert censored == pytest.approx(full) if full <= cut else censored is None
