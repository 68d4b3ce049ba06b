from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fit.linear import Linear, linear
from tests.fit.toys import solved_by
from tests.measures.made import row, table
from twocurves.beliefs import Beliefs
from twocurves.errors import BadFileError, BadInputError
from twocurves.fit.fitting import FEWEST, Fit, Problem, Progress, fit
from twocurves.fit.latent import unknowns
from twocurves.fit.posterior import read_posterior
from twocurves.observed.tables import Observations


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch, packaged: Beliefs) -> Linear:
    found = linear(monkeypatch, len(unknowns(packaged)), packaged)
    solved_by(monkeypatch, found.problem)  # type: ignore[arg-type]
    return found


def fitted(exact: Linear, folder: Path, **more: object) -> Fit:
    given: dict[str, object] = {"seed": 3, "particles": 96}
    return fit(exact.problem.beliefs, exact.problem.held, folder, **(given | more))  # type: ignore[arg-type]


def test_a_fit_finds_the_posterior_and_says_how(exact: Linear, tmp_path: Path) -> None:
    found = fitted(exact, tmp_path, particles=512, about={"command": "a test"})
    # Figures speak of the first four numbers only.
    mean, covariance, _ = replace(exact, unknowns=4, jacobian=exact.jacobian[:, :4]).exact()
    numbers = found.particles.numbers[:, :4]
    spread = np.sqrt(np.diag(covariance))
    assert np.abs((numbers.mean(axis=0) - mean) / spread).max() < 0.3
    np.testing.assert_allclose(numbers.std(axis=0) / spread, 1.0, atol=0.25)
    made = found.made
    assert (made["seed"], made["particles"], made["figures"], made["command"]) == (3, 512, 14, "a test")
    assert (made["data_to"], made["as_of"], made["failed_at_first"]) == ("2024-12-31", None, 0.0)
    assert made["stages"] == len(found.stages)
    assert 0.05 < made["acceptance"] < 1.0
    assert made["distinct_particles"] > 400
    json.dumps(made)


def test_the_posterior_is_the_particles_where_something_was_said(exact: Linear, tmp_path: Path) -> None:
    found = fitted(exact, tmp_path / "fit")
    shipped = found.posterior
    assert shipped.names == unknowns(exact.problem.beliefs).names
    assert shipped.directions.shape[1] == len(found.mode.information) <= 4
    assert shipped.series == ("first", "second")
    np.testing.assert_allclose(shipped.coordinates, found.particles.numbers @ shipped.directions, atol=1e-6)
    np.testing.assert_allclose(shipped.log_ratio, found.particles.log_ratio, atol=1e-6)
    shipped.write(tmp_path / "one.npz")
    assert read_posterior(tmp_path / "one.npz").digest == shipped.digest


class Stopper:
    """Stops a fit as a person would, after so many words of it; 0 lets it go on."""

    def __init__(self, after: int = 0) -> None:
        self.after = after
        self.said: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.said.append(progress)
        if len(self.said) == self.after:
            raise KeyboardInterrupt


def test_progress_is_told(exact: Linear, tmp_path: Path) -> None:
    told = Stopper()
    found = fitted(exact, tmp_path, told=told)
    assert [one.phase for one in told.said] == ["mode"] * found.mode.steps + ["particles"] * len(found.stages)
    assert told.said[-1].part == 1.0
    parts = [one.part for one in told.said if one.part is not None]
    assert parts == sorted(parts)


def test_a_fit_stopped_anywhere_goes_on_to_the_same_bits(exact: Linear, tmp_path: Path) -> None:
    whole = Stopper()
    straight = fitted(exact, tmp_path / "whole", told=whole)
    for after in range(1, len(whole.said) + 1):
        folder = tmp_path / str(after)
        with pytest.raises(KeyboardInterrupt):
            fitted(exact, folder, told=Stopper(after))
        assert not list(folder.glob(".*")), "no temporary file is left"
        again = Stopper()
        found = fitted(exact, folder, told=again)
        assert found.posterior.digest == straight.posterior.digest
        assert found.made == straight.made
        assert found.stages == straight.stages
        if whole.said[after - 1].phase == "particles":
            assert again.said == whole.said[after:], "what was done is not done again"


def test_stopped_twice_is_stopped_once(exact: Linear, tmp_path: Path) -> None:
    straight = fitted(exact, tmp_path / "whole")
    for after in (straight.mode.steps, 1):
        with pytest.raises(KeyboardInterrupt):
            fitted(exact, tmp_path / "parts", told=Stopper(after))
    assert fitted(exact, tmp_path / "parts").posterior.digest == straight.posterior.digest


def test_a_finished_fit_is_read_not_done(exact: Linear, tmp_path: Path) -> None:
    first, told = fitted(exact, tmp_path), Stopper()
    assert fitted(exact, tmp_path, told=told).posterior.digest == first.posterior.digest
    assert told.said == []


def test_seeds_differ(exact: Linear, tmp_path: Path) -> None:
    one, other = (fitted(exact, tmp_path / str(seed), seed=seed).posterior.digest for seed in (1, 2))
    assert one != other


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"seed": 4}, "it differs in seed."),
        ({"particles": 128, "about": {"code": "new"}}, "it differs in code, particles."),
    ],
)
def test_another_fit_in_the_folder_is_refused(
    exact: Linear, tmp_path: Path, change: dict[str, object], differs: str
) -> None:
    fitted(exact, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(BadInputError, match="holds another fit") as caught:
        fitted(exact, tmp_path, **change)
    assert caught.value.message.endswith(differs)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["mode.npz", "particles.npz", "fit.json"])
@pytest.mark.parametrize("how", ["half", "empty", "foreign", "list"])
def test_a_damaged_checkpoint_is_named(exact: Linear, tmp_path: Path, name: str, how: str) -> None:
    straight = fitted(exact, tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    if how == "list" and name.endswith("npz"):
        np.savez(path, other=np.zeros(3))
    else:
        half = content[: len(content) // 2]
        path.write_bytes({"half": half, "empty": b"", "foreign": b"?", "list": b"[3]"}[how])
    with pytest.raises(BadFileError, match=f"{name} is damaged; remove it"):
        fitted(exact, tmp_path)
    path.unlink()
    assert fitted(exact, tmp_path).posterior.digest == straight.posterior.digest


def test_too_few_particles_are_refused(exact: Linear, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=f"at least {FEWEST} particles, not {FEWEST - 1}"):
        fitted(exact, tmp_path / "none", particles=FEWEST - 1)
    assert not (tmp_path / "none").exists()


def test_nothing_known_is_nothing_to_fit(packaged: Beliefs, tmp_path: Path) -> None:
    held = table([row("lab_margin", "Nobody", dt.date(2023, 1, 1), 0.5, "fraction")])
    with pytest.raises(BadInputError, match="nothing to fit"):
        fit(packaged, held, tmp_path / "none")


@pytest.mark.parametrize(("as_of", "months"), [("2024-12-31", 42), ("2026-06-30", 42)])
def test_the_skeleton_runs_over_the_observed_months(
    packaged: Beliefs, held: Observations, as_of: str, months: int
) -> None:
    problem = Problem.of(packaged, held.until(dt.date.fromisoformat(as_of)))
    assert problem.months == months
    assert max(one.month for one in problem.rows) < months


def test_failed_paths_have_no_likelihood(exact: Linear) -> None:
    toy = exact.problem.skeleton
    object.__setattr__(toy, "fails", lambda numbers: numbers[:, 0] > 0.0)
    numbers = np.zeros((3, exact.unknowns))
    numbers[1, 0] = 1.0
    found = exact.problem.log_likelihood(numbers, np.zeros((3, 2)))
    assert np.isfinite(found[[0, 2]]).all()
    assert np.isneginf(found[1])
