from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.fit.linear import linear
from tests.fit.toys import solved_by
from twocurves.beliefs import Beliefs
from twocurves.fit.fitting import Fit, fit
from twocurves.fit.latent import unknowns
from twocurves.fit.learned import by_series, learned


@pytest.fixture(scope="module")
def found(packaged: Beliefs, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    with pytest.MonkeyPatch.context() as patch:
        exact = linear(patch, len(unknowns(packaged)), packaged)
        solved_by(patch, exact.problem)  # type: ignore[arg-type]
        folder: Path = tmp_path_factory.mktemp("fit")
        made = fit(packaged, exact.problem.held, folder, particles=512)
        assert made.problem.likelihood.groups
        return made


def test_what_each_series_gives_sums_to_the_mode(found: Fit) -> None:
    parts = by_series(found)
    assert parts.shape == (2, len(found.mode.numbers))
    np.testing.assert_allclose(parts.sum(axis=0), found.mode.numbers, atol=1e-5)
    assert np.abs(parts[:, :4]).max() > 0.1
    assert np.abs(parts[:, 4:]).max() < 1e-9


def test_beliefs_are_listed_most_informed_first(found: Fit, packaged: Beliefs) -> None:
    rows = learned(found)
    names = unknowns(packaged).names
    assert sorted(row.name for row in rows) == sorted(names)
    gone = [row.gone for row in rows]
    assert gone == sorted(gone, reverse=True)
    spoken_of = {row.name for row in rows if row.series}
    assert spoken_of <= set(names[:4])
    assert {row.name for row in rows[:2]} <= set(names[:4])
    assert all(abs(row.gone) < 0.3 for row in rows if row.name not in names[:4])


def test_a_belief_says_what_moved_it(found: Fit, packaged: Beliefs) -> None:
    what = unknowns(packaged)
    parts = by_series(found)
    for row in learned(found):
        place = what.names.index(row.name)
        assert row.shift == pytest.approx(found.particles.numbers[:, place].mean() * what.width[place])
        for name, shift in row.series:
            series = found.problem.likelihood.names.index(name)
            assert shift == pytest.approx(parts[series, place] * what.width[place])
        sizes = [abs(shift) for _, shift in row.series]
        assert sizes == sorted(sizes, reverse=True)
        assert list(row.prior) == sorted(row.prior)
        assert list(row.posterior) == sorted(row.posterior)
        assert row.unit == packaged.parameter_of(row.name).unit
        json.dumps(row.as_record())
