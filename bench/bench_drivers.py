"""What decides claims and outcomes, from draws of as many inputs and claims as the real economy has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.ensemble.fake_simulator import plan

from bench.conftest import Timed
from twocurves.claims import load_ledger
from twocurves.drivers.claims_table import claims_table
from twocurves.drivers.discovery import discover
from twocurves.drivers.study import study
from twocurves.ensemble.executor import execute
from twocurves.ensemble.results import StoredRun, open_run
from twocurves.ensemble.simulator import Batch, Description, MeasureInfo

#: Inputs that a run of the real economy draws, and questions that it answers.
INPUTS, CLAIMS = 540, 81


def _names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    from twocurves.beliefs.stored import stored_dimensions

    return tuple(stored_dimensions())[:INPUTS], tuple(question.id for question in load_ledger())[:CLAIMS]


@dataclass
class Many:
    """Inputs at random; each claim is decided by three of them and chance."""

    months: int = 24

    def simulate(self, first: int, count: int) -> Batch:
        beliefs, claims = _names()
        rng = np.random.default_rng([11, first])
        drawn = rng.random((count, len(beliefs)))
        shocks = rng.normal(size=(count, len(claims)))
        latent = np.stack(
            [
                3.0 * drawn[:, place] - 2.0 * drawn[:, place + 100] + drawn[:, place + 200] - 1.0
                for place in range(len(claims))
            ],
            axis=1,
        )
        figures = np.exp(latent[:, :1] + shocks[:, :1]) * np.ones(self.months)
        ok = np.ones(count, dtype=np.bool_)
        return Batch(
            index=np.arange(first, first + count),
            measures={"net_revenue_open": figures.astype(np.float32)},
            ok=ok,
            cause=np.where(ok, "", "pricing"),
            month=np.full(count, -1),
            figure=np.full(count, np.nan),
            beliefs={name: drawn[:, place] for place, name in enumerate(beliefs)},
            replicate=np.arange(first, first + count) % 8,
            claims={
                name: (latent[:, place] + shocks[:, place] > 0).astype(np.int8)
                for place, name in enumerate(claims)
            },
        )


def _run(place: Path, draws: int) -> StoredRun:
    beliefs, claims = _names()
    measure = MeasureInfo("net_revenue_open", "usd_billion_per_year", "Net revenue, open")
    made = plan(draws=draws, months_kept="yearly", measures=("net_revenue_open",))
    execute(made, Description((measure,), {}, beliefs, claims), partial(Many), place, chunk=64)
    return open_run(place)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return _run(tmp_path_factory.mktemp("drivers") / "run", 4096)


def test_all_claims(timed: Timed, run: StoredRun) -> None:
    timed(f"all {CLAIMS} claims x {INPUTS} inputs, 4,096 draws", lambda: claims_table(run), rounds=3)


def test_one_claim(timed: Timed, run: StoredRun) -> None:
    timed("one claim x all inputs, with intervals and floor", lambda: study(run, "C10"), rounds=3)


def test_worlds(timed: Timed, run: StoredRun) -> None:
    found = study(run, "C10")
    timed("worlds of one claim and its negation", lambda: discover(found), rounds=3)


@pytest.mark.slow
def test_all_claims_of_many_draws(timed: Timed, tmp_path: Path) -> None:
    many = _run(tmp_path / "many", 100_000)
    timed(
        f"all {CLAIMS} claims x {INPUTS} inputs, 100,000 draws",
        lambda: claims_table(many),
        rounds=1,
        warm_up=0,
    )
