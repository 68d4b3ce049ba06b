"""The fit: figures in, a posterior out, with checkpoints between.

The way: rows of the observed series; the mode of the posterior and its curvature; particles taken from there
to the posterior. After each step the folder holds what the next needs, so a fit that is stopped goes on where
it was, and to the same bits.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs
from twocurves.errors import BadFileError, BadInputError
from twocurves.files import written_whole
from twocurves.fit import laplace, smc
from twocurves.fit.latent import unknowns
from twocurves.fit.likelihood import Likelihood
from twocurves.fit.posterior import Posterior
from twocurves.fit.series import Row, observed_rows
from twocurves.fit.skeleton import Skeleton
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

FloatArray = NDArray[np.float64]

#: Particles when none are asked for.
PARTICLES = 1024

#: Fewest that a fit takes: below, quantiles of 5% mean nothing.
FEWEST = 64

#: Months that the skeleton runs at least (to June 2026), and the step in which it grows beyond: one compiled
#: program serves all fits of these data.
_MONTHS, _MONTHS_STEP = 42, 6

_MODE, _PARTICLES, _PLAN = "mode.npz", "particles.npz", "fit.json"


class Progress(NamedTuple):
    """Where a fit is.

    Attributes
    ----------
    phase
        ``"mode"`` or ``"particles"``.
    step
        Steps or stages done.
    part
        How much of the phase is done, as far as it is known (the temperature), else None.
    figure
        Log posterior at the mode so far, or acceptance of the last stage's moves.
    """

    phase: str
    step: int
    part: float | None
    figure: float


@dataclass(frozen=True, eq=False)
class Problem:
    """What is fitted: beliefs, figures, and how many months the skeleton runs.

    Attributes
    ----------
    beliefs, held
        Priors and observations.
    rows
        Figures that are fitted.
    """

    beliefs: Beliefs
    held: Observations
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, beliefs: Beliefs, held: Observations) -> Problem:
        """Return the problem of all figures known in these observations.

        Raises
        ------
        BadInputError
            There are none.
        """
        rows = observed_rows(beliefs, held)
        if not rows:
            raise BadInputError(
                "No observed figure of the fitted series was known by then, so there is nothing to fit.",
                field="as-of",
                given=str(held.as_of),
                allowed="a later day",
            )
        return cls(beliefs, held, rows)

    @property
    def months(self) -> int:
        """Months that the skeleton runs."""
        last = max(row.month for row in self.rows) + 1
        return _MONTHS + max(-(-(last - _MONTHS) // _MONTHS_STEP), 0) * _MONTHS_STEP

    @cached_property
    def likelihood(self) -> Likelihood:
        """Of the figures."""
        return Likelihood(self.rows)

    @cached_property
    def skeleton(self) -> Skeleton:
        """Over the observed months."""
        return Skeleton(self.beliefs, self.held, self.months)

    def log_likelihood(self, numbers: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the log likelihood of numbers and discrepancies; minus infinity where a path fails."""
        paths = self.skeleton.paths(numbers)
        seen = np.where(paths.ok[:, None], paths.at(self.rows), 0.0)
        return np.where(paths.ok, self.likelihood.total(seen, log_ratio), -np.inf)


@dataclass(frozen=True, eq=False)
class Fit:
    """A finished fit.

    Attributes
    ----------
    problem
        What was fitted.
    mode, particles
        The mode and the particles at a temperature of one.
    stages
        What each stage said: number, temperature, acceptance.
    made
        How it was made, as the posterior carries it.
    """

    problem: Problem
    mode: laplace.Mode
    particles: smc.Particles
    stages: tuple[tuple[int, float, float], ...]
    made: dict[str, Any]

    @cached_property
    def posterior(self) -> Posterior:
        """The particles' coordinates in the informed directions, fit to ship."""
        what = unknowns(self.problem.beliefs)
        directions = self.mode.directions.astype(np.float32).astype(np.float64)
        coordinates = (self.particles.numbers @ directions).astype(np.float32).astype(np.float64)
        ratios = self.particles.log_ratio.astype(np.float32).astype(np.float64)
        names = self.problem.likelihood.names
        return Posterior(what.names, what.width, directions, coordinates, names, ratios, self.made)


def fit(
    beliefs: Beliefs,
    held: Observations,
    folder: Path,
    *,
    seed: int = 7,
    particles: int = PARTICLES,
    about: dict[str, Any] | None = None,
    told: Callable[[Progress], None] = lambda progress: None,
) -> Fit:
    """Fit the beliefs to the observations, or finish a fit that a folder holds.

    Parameters
    ----------
    folder
        Of checkpoints; made when it is not there.
    seed, particles
        Same seed, same posterior.
    about
        More to be said of how it was made: digests of code and data.
    told
        Called as the fit goes on.

    Raises
    ------
    BadInputError
        Too few particles, no figures, or the folder holds another fit; the message says in what it differs.
    BadFileError
        The folder cannot be written to, or a checkpoint is damaged.
    """
    if particles < FEWEST:
        raise BadInputError(
            f"A fit takes at least {FEWEST} particles, not {particles}.",
            field="particles",
            given=str(particles),
            allowed=f"{FEWEST} or more",
        )
    problem = Problem.of(beliefs, held)
    made = {
        "data_to": str(_data_to(problem)),
        "as_of": None if held.as_of is None else str(held.as_of),
        "figures": len(problem.rows),
        "seed": seed,
        "particles": particles,
        "method": "mode by Gauss-Newton, then tempered sequential Monte Carlo",
        **(about or {}),
    }
    _claim(folder, made)
    mode = _mode(problem, folder, seed, told)
    now, stages = _particles(problem, mode, folder, seed, particles, told)
    found = {
        **made,
        "directions": int(mode.directions.shape[1]),
        "log_posterior_at_mode": round(mode.log_posterior, 3),
        "stages": len(stages),
        "acceptance": round(now.acceptance, 3),
        "distinct_particles": len(np.unique(now.log_likelihood)),
        "failed_at_first": round(now.failed, 4),
        "log_evidence": round(now.log_evidence, 2),
    }
    return Fit(problem, mode, now, tuple(stages), found)


def _data_to(problem: Problem) -> dt.date:
    return problem.held.data_to if problem.held.as_of is None else problem.held.as_of


def _claim(folder: Path, made: dict[str, Any]) -> None:
    """Write what the folder is for, or see that it is for the same."""
    plan = folder / _PLAN
    if plan.is_file():
        try:
            there = dict(json.loads(plan.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as fault:
            raise _damaged(plan) from fault
        differing = sorted(
            name for name in {*there, *made} - {"command"} if there.get(name) != made.get(name)
        )
        if differing:
            raise BadInputError(
                f"{folder} holds another fit: it differs in {', '.join(differing)}.",
                field="into",
                given=str(folder),
                allowed="a new folder, or the same data, code, seed and particles",
            )
        return
    with written_whole(plan) as temporary:
        temporary.write_text(json.dumps(made, sort_keys=True, indent=1), "utf-8")


def _mode(problem: Problem, folder: Path, seed: int, told: Callable[[Progress], None]) -> laplace.Mode:
    path = folder / _MODE
    if path.is_file():
        held = _read(path, (*laplace.Mode.__dataclass_fields__,))
        return laplace.Mode(
            held["numbers"],
            held["log_ratio"],
            held["directions"],
            held["information"],
            held["white"],
            held["residual"],
            held["of"].astype(np.intp),
            float(held["log_posterior"]),
            int(held["steps"]),
        )
    mode = laplace.climb(
        problem.skeleton,
        problem.likelihood,
        np.zeros(len(unknowns(problem.beliefs))),
        told=lambda step, value: told(Progress("mode", step, None, value)),
    )
    count = len(mode.numbers)
    blocks = [normals(seed, f"fit/around/{first}", 0, laplace.POINTS, 128) for first in range(0, count, 128)]
    mode = laplace.around(
        problem.skeleton, problem.likelihood, mode, np.concatenate(blocks, axis=1)[:, :count]
    )
    _write(path, {name: np.asarray(getattr(mode, name)) for name in laplace.Mode.__dataclass_fields__})
    return mode


def _particles(
    problem: Problem,
    mode: laplace.Mode,
    folder: Path,
    seed: int,
    count: int,
    told: Callable[[Progress], None],
) -> tuple[smc.Particles, list[tuple[int, float, float]]]:
    path = folder / _PARTICLES
    if path.is_file():
        held = _read(path, (*smc.Particles.__dataclass_fields__, "stages"))
        stages = [tuple(row) for row in held.pop("stages").reshape(-1, 3).tolist()]
        now = smc.Particles(
            numbers=held["numbers"],
            log_ratio=held["log_ratio"],
            log_likelihood=held["log_likelihood"],
            temperature=float(held["temperature"]),
            length=float(held["length"]),
            rest_length=float(held["rest_length"]),
            stage=int(held["stage"]),
            acceptance=float(held["acceptance"]),
            failed=float(held["failed"]),
            log_evidence=float(held["log_evidence"]),
        )
    else:
        stages = []
        now = smc.begin(seed, mode, problem.log_likelihood, count)
    while now.temperature < 1.0:
        now = smc.advance(seed, mode, problem.log_likelihood, now)
        stages.append((now.stage, now.temperature, now.acceptance))
        fields = {name: np.asarray(getattr(now, name)) for name in smc.Particles.__dataclass_fields__}
        _write(path, fields | {"stages": np.array(stages)})
        told(Progress("particles", now.stage, now.temperature, now.acceptance))
    return now, [(int(stage), temperature, acceptance) for stage, temperature, acceptance in stages]


def _write(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    with written_whole(path) as temporary, temporary.open("wb") as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]


def _read(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    try:
        # From memory: of a file that is no archive, NumPy leaves the handle open.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            return {name: held[name] for name in names}
    except (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as fault:
        raise _damaged(path) from fault


def _damaged(path: Path) -> BadFileError:
    return BadFileError(
        f"The checkpoint {path} is damaged; remove it, and that step is done again.",
        field="into",
        given=str(path),
        allowed="a checkpoint that `twocurves fit` wrote",
    )
