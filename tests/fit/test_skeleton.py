from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.fit.toys import toy_row
from twocurves.fit.skeleton import Paths, catch_up, over_years


def slow_catch_up(closed: list[float], opened: list[float]) -> list[float]:
    """The same by walking: how long until the best open score stands where the closed one stood."""
    best: list[float] = []
    for score in opened:
        best.append(max(score, best[-1]) if best else score)
    last = len(best) - 1
    pace = max((best[last] - best[max(last - 12, 0)]) / min(12, max(last, 1)), 0.05)
    waits = []
    for month, goal in enumerate(closed):
        at = None
        for when, score in enumerate(best):
            if score >= goal:
                at = 0.0 if when == 0 else when - 1 + (goal - best[when - 1]) / (score - best[when - 1])
                break
        if at is None:
            at = last + (goal - best[last]) / pace
        waits.append(max(at - month, 0.0))
    return waits


@hypothesis_settings(max_examples=100)
@given(
    paths=st.integers(2, 30).flatmap(
        lambda months: arrays(
            np.float64, (2, 3, months), elements=st.floats(90, 170).map(lambda x: round(x, 3))
        )
    )
)
def test_catching_up_is_what_a_slow_walk_finds(paths: np.ndarray) -> None:
    closed, opened = paths
    found = catch_up(closed, opened)
    for draw in range(len(closed)):
        expected = slow_catch_up(closed[draw].tolist(), opened[draw].tolist())
        assert found[draw] == pytest.approx(expected, abs=1e-6)


def test_a_constant_lag_is_found() -> None:
    months = np.arange(42.0)
    closed = 120 + 1.5 * months
    assert catch_up(closed[None], (closed - 1.5 * 7)[None])[0] == pytest.approx([7.0] * 42)
    assert not catch_up((closed - 3)[None], closed[None]).any()


def test_open_models_that_stand_still_are_waited_for_at_the_least_pace() -> None:
    found = catch_up(np.full((1, 24), 130.0), np.full((1, 24), 129.0))
    assert found[0, 0] == pytest.approx(23 + 20)


@given(st.integers(1, 50))
def test_years_are_means_of_their_months(months: int) -> None:
    path = np.random.default_rng(months).normal(size=(2, months))
    found = over_years(path)
    for month in range(months):
        first = month // 12 * 12
        np.testing.assert_allclose(found[:, month], path[:, first : first + 12].mean(axis=1))


def test_rows_read_their_series_and_month() -> None:
    paths = Paths(
        {"a": np.arange(8.0).reshape(2, 4), "b": -np.arange(8.0).reshape(2, 4)}, np.ones(2, dtype=bool)
    )
    rows = [toy_row("a", 2, 0.0), toy_row("b", 0, 0.0), toy_row("a", 3, 0.0)]
    assert paths.at(rows).tolist() == [[2, 0, 3], [6, -4, 7]]
