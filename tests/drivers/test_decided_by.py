"""The table of all claims: what it finds, and how it is kept in the run's folder."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.drivers.made_run import IDLE, MATTERS
from twocurves.drivers.claims_table import claims_table
from twocurves.drivers.decided_by import read_decided_by, write_decided_by
from twocurves.ensemble.results import open_run
from twocurves.ensemble.runs import remove_run
from twocurves.ensemble.store import verify


@pytest.fixture
def copied(made, tmp_path):
    return open_run(shutil.copytree(made.path, tmp_path / "made-run"))


def test_every_claim_is_decided_by_what_decides_it(made):
    found = claims_table(made)
    assert set(found.claims) == {"C10.net_revenue", "C03.widens_2028"}
    assert set(found.skipped) == {"C01.spend_2028", "C02.decays_2029"}
    assert found.skipped["C01.spend_2028"] == f"true in all {made.counts.ok:,} futures"
    assert [one.input.name for one in found.deciders("C10.net_revenue")][:3] == list(MATTERS)
    assert [one.input.name for one in found.deciders("C10.net_revenue", "choice")] == [MATTERS[2]]
    assert [one.input.name for one in found.deciders("C03.widens_2028", most=1)] == [MATTERS[1]]
    idle = [place for place, one in enumerate(found.inputs) if one.name in IDLE]
    assert (np.abs(found.effect[idle]) > found.floor).mean() <= 0.05


def test_rank_correlations_are_those_of_the_study(made):
    from twocurves.drivers.study import study

    found = claims_table(made)
    place = found.claims.index("C10.net_revenue")
    rank = {one.name: found.rank[row, place] for row, one in enumerate(found.inputs)}
    for effect in study(made, "C10").effects:
        assert rank[effect.input.name] == pytest.approx(effect.rank, abs=1e-5)


def test_it_is_kept_with_the_run_and_read_again(copied):
    assert read_decided_by(copied) is None
    written = write_decided_by(copied)
    read = read_decided_by(copied)
    assert read is not None
    assert set(read) == set(written.claims)
    assert read["C10.net_revenue"].name == MATTERS[0]
    assert read["C10.net_revenue"].choice == MATTERS[2]
    assert read["C03.widens_2028"].choice is None
    frame = pl.read_parquet(f"{copied.path}/drivers/claims.parquet")
    assert frame.height == len(written.claims) * len(written.inputs)
    assert frame["effect"].is_between(-1, 1).all()


def test_a_run_that_holds_it_is_sound(copied):
    write_decided_by(copied)
    looked = verify(copied.path)
    assert not looked.damaged
    assert {problem.kind for problem in looked.problems} <= {"foreign"}
    assert all(name.startswith("drivers/") for name in remove_run(copied.path))


def test_one_of_another_run_or_a_damaged_one_is_not_believed(copied):
    write_decided_by(copied)
    path = Path(copied.path) / "drivers" / "claims.json"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace(str(copied.digest), "0" * 64), encoding="utf-8")
    assert read_decided_by(copied) is None
    path.write_text(content[:40], encoding="utf-8")
    assert read_decided_by(copied) is None
