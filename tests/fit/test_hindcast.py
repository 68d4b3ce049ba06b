from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tests.fit.toys import ToySkeleton, solved_by, straight, toy_problem, toy_row, toy_series, use_table
from twocurves.beliefs import Beliefs
from twocurves.fit import hindcast as module
from twocurves.fit.hindcast import FEWEST_FIGURES, _standing, hindcast, scoreable
from twocurves.fit.latent import unknowns
from twocurves.fit.series import FIRST, Row, observed_rows, series_table
from twocurves.fit.skeleton import Paths
from twocurves.observed.tables import Observations

ORIGIN = dt.date(2024, 12, 31)


def test_what_is_scored_came_after_of_series_known_by_then(packaged: Beliefs, held: Observations) -> None:
    known = observed_rows(packaged, held.until(ORIGIN))
    targets, skipped = scoreable(packaged, held, known, ORIGIN)
    every = observed_rows(packaged, held)
    assert set(targets) <= set(every)
    assert not set(targets) & set(known)
    for row in targets:
        before = [one for one in known if one.series == row.series and not one.at_least]
        assert len(before) >= FEWEST_FIGURES
        assert row.day > ORIGIN
        assert not row.at_least
        assert row.month >= max(one.month for one in before)
    scored = {row.series for row in targets}
    assert {"closed_frontier", "open_frontier", "revenue_openai"} <= scored
    titles = {series_table()[name].title for name in scored}
    assert not titles & {one.series for one in skipped}
    later = {series_table()[row.series].title for row in every if row.day > ORIGIN and not row.at_least}
    assert later == titles | {one.series for one in skipped}


def test_paths_that_fail_give_way_to_those_before() -> None:
    paths = Paths({"one": np.arange(6.0)[:, None] * np.ones(2)}, np.array([0, 1, 0, 0, 1, 0], dtype=bool))
    found, whose = _standing(paths)
    assert whose.tolist() == [4, 1, 1, 1, 4, 4]
    assert found.by_series["one"][:, 0].tolist() == [4, 1, 1, 1, 4, 4]
    assert found.ok.all()
    with pytest.raises(ValueError, match="no draw has a path that holds"):
        _standing(Paths(paths.by_series, np.zeros(6, dtype=bool)))


def known_rows() -> tuple[Row, ...]:
    random = np.random.default_rng(4)
    return tuple(
        toy_row("one", month, 0.1 * month + 1.0 + random.normal(0, 0.1)) for month in range(0, 24, 2)
    )


LATER = tuple(toy_row("one", month, 0.1 * month + 1.0) for month in range(26, 42, 4))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, packaged: Beliefs) -> Beliefs:
    """A line through what was seen, of which the prior knows the slope and not the height."""
    use_table(
        monkeypatch, toy_series("one", discrepancy=0.15, title="The one"), toy_series("two", title="The two")
    )
    months = np.arange(42.0)
    skeleton = ToySkeleton(
        {"one": straight(0.1 * months, 2.0 * np.ones((42, 1)))},
        fails=lambda numbers: numbers[:, 0] > 2.2,
    )
    problem = toy_problem(skeleton, known_rows(), packaged)
    solved_by(monkeypatch, problem)
    monkeypatch.setattr(module, "Problem", lambda beliefs, known, rows: toy_problem(skeleton, rows, beliefs))
    lone = toy_row("two", 30, 5.0)
    monkeypatch.setattr(module, "observed_rows", lambda beliefs, held: (*known_rows(), *LATER, lone))
    return packaged


def test_a_hindcast_of_a_toy_forecasts_and_is_scored(
    toy: Beliefs, held: Observations, tmp_path: Path
) -> None:
    found = hindcast(toy, held, ORIGIN, tmp_path, particles=256)
    assert found.targets == LATER
    assert found.predicted.shape == (256, len(LATER))
    assert np.isfinite(found.predicted).all()
    truth = np.array([row.value for row in LATER])
    assert np.abs(found.predicted.mean(axis=0) - truth).max() < 0.3
    record = str(found.card.as_record())
    assert "The two" in record
    assert str(FIRST + 26) in record


def test_the_prior_takes_no_part_in_what_was_learned(toy: Beliefs) -> None:
    problem = module.Problem(toy, None, LATER)  # type: ignore[attr-defined, arg-type]
    prior = module._prior(problem, LATER, 4000, seed=1)
    assert np.isfinite(prior).all()
    width = unknowns(toy).width[0]
    spread = np.sqrt((2.0 / width) ** 2 + 0.15**2 + 0.3**2)
    assert prior[:, 0].std() == pytest.approx(spread, rel=0.1)
    assert prior[:, 0].mean() == pytest.approx(0.1 * 26, abs=0.2)
