"""Beliefs and draws of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.stats import qmc

from bench.conftest import Timed
from twocurves.beliefs import Beliefs, draws, load_beliefs, read_settings
from twocurves.beliefs.sobol import sobol_uniforms

_SEED = 7
_DRAWS = 4096


@pytest.fixture(scope="module")
def beliefs() -> Beliefs:
    return load_beliefs()


def test_load_beliefs(timed: Timed, tmp_path: Path) -> None:
    # With a folder of one's own, even an empty one, all files are read and checked anew.
    timed("`load_beliefs()`, every file read", lambda: load_beliefs(tmp_path), rounds=9)


def test_a_changed_setting(timed: Timed, beliefs: Beliefs) -> None:
    changed = read_settings(beliefs, ["lag_pub=4.5"])
    timed(
        "64 draws again, one setting changed",
        lambda: draws(beliefs, changed, seed=_SEED, count=64),
        rounds=100,
    )


@pytest.mark.parametrize(("count", "rounds"), [(_DRAWS, 7), (100_000, 2)])
def test_draws(timed: Timed, beliefs: Beliefs, count: int, rounds: int) -> None:
    timed(
        f"one of {count:,} draws",
        lambda: draws(beliefs, seed=_SEED, count=count),
        rounds=rounds,
        per=count,
    )


def test_sobol_by_name(timed: Timed, beliefs: Beliefs) -> None:
    names = list(enumerate(beliefs.distributions))

    def numbers() -> None:
        for dimension, name in names:
            sobol_uniforms(_SEED, name, dimension, 0, _DRAWS)

    timed(f"Sobol numbers by name, {_DRAWS:,} draws", numbers, rounds=9)


def test_sobol_of_scipy(timed: Timed, beliefs: Beliefs) -> None:
    count = len(beliefs.distributions)
    timed(
        f"Sobol numbers of SciPy, {_DRAWS:,} draws",
        lambda: qmc.Sobol(count, scramble=True, rng=_SEED).random(_DRAWS),
        rounds=9,
    )
