"""The folder of a run: readable as it stands, and nothing damaged goes unnoticed."""

import json
import os
import shutil

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from tests.ensemble.stored import same
from twocurves.ensemble.executor import LocalExecutor, execute, resume
from twocurves.ensemble.faults import DamagedRunError, RunLockedError
from twocurves.ensemble.locking import LOCK, Holder, holder, locked
from twocurves.ensemble.results import open_run
from twocurves.ensemble.runs import find_run, list_runs, remove_run, runs_folder
from twocurves.ensemble.storage import LocalStorage, storage_at
from twocurves.ensemble.store import chunk_name, verify
from twocurves.errors import BadInputError

#: Micro-batches in a chunk of the whole run, of which the last holds fewer.
A_CHUNK = 4
CHUNKS = -(-plan().micro_batches // A_CHUNK)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    place = tmp_path_factory.mktemp("whole") / "run"
    execute(plan(), DESCRIPTION, fake(failing=40), place, chunk=A_CHUNK, command="twocurves run central")
    return place


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "copy")


def again(place):
    return execute(plan(), DESCRIPTION, fake(failing=40), place)


def test_duckdb_reads_it_as_it_stands(whole):
    found = duckdb.sql(
        f"""
        SELECT paths.month, median("revenue_by_lab.google") AS google, count(*) AS n
        FROM '{whole}/paths/*.parquet' AS paths JOIN '{whole}/draws/*.parquet' AS draws USING (draw)
        WHERE draws."claim.C01" = 1 GROUP BY ALL ORDER BY 1
        """
    )
    assert found is not None
    rows = found.fetchall()
    assert len(rows) == 8
    assert str(rows[0][0]) == "2023-03-01"
    failed = duckdb.sql(f"SELECT cause, count(*) FROM '{whole}/draws/*.parquet' WHERE NOT ok GROUP BY ALL")
    assert failed is not None
    assert dict(failed.fetchall()) == open_run(whole).counts.causes


def test_columns_say_unit_and_meaning(whole):
    import pyarrow.parquet as pq

    schema = pq.read_schema(next((whole / "paths").glob("*.parquet")))
    assert schema.names[:3] == ["draw", "month", "revenue_closed"]
    assert schema.field("revenue_by_lab.openai").metadata == {
        b"unit": b"USD billion / year",
        b"meaning": b"Revenue of each lab",
    }


def test_the_manifest_tells_all(whole):
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["status"] == "complete"
    assert manifest["command"] == "twocurves run central"
    assert manifest["plan"]["data_to"] == "2026-06-30"
    assert manifest["description"]["measures"][1]["axes"] == ["lab"]
    assert manifest["ok"] + sum(manifest["failed"].values()) == 300
    assert manifest["results_digest"] == open_run(whole).digest


def test_a_whole_run_has_no_problems(whole):
    assert verify(whole).problems == ()
    assert len(verify(LocalStorage(whole)).chunks) == CHUNKS > 1
    assert plan().micro_batches % A_CHUNK


def files(place):
    return sorted(path for path in place.rglob("*") if path.is_file())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_is_found_and_mended(whole, tmp_path_factory, data):
    place = shutil.copytree(whole, tmp_path_factory.mktemp("flip") / "run")
    path = data.draw(st.sampled_from(files(place)))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    looked = verify(LocalStorage(place))
    if looked.problems:
        assert path.relative_to(place).as_posix() in {problem.name for problem in looked.problems}
        assert looked.damaged
    else:  # white space between the words of JSON says nothing
        assert path.suffix == ".json"
    again(place)
    assert same(whole, place)
    assert verify(LocalStorage(place)).problems == ()


@pytest.mark.parametrize("which", range(3 * CHUNKS + 1))
@pytest.mark.parametrize("how", ["truncated", "missing", "empty"])
def test_truncated_and_missing_files_are_found_and_mended(whole, copy, which, how):
    path = files(copy)[which]
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if how == "truncated" else b"")
    looked = verify(LocalStorage(copy))
    assert looked.damaged
    names = {problem.name for problem in looked.problems}
    assert path.relative_to(copy).as_posix() in names
    assert "\n" not in "".join(problem.what for problem in looked.problems)
    asked = again(copy)
    assert asked.complete
    assert same(whole, copy)


def test_foreign_files_are_named_and_left(whole, copy):
    (copy / "notes.txt").write_text("mine")
    (copy / "draws" / "other.parquet").write_bytes(b"PAR1")
    looked = verify(LocalStorage(copy))
    assert [(problem.name, problem.kind) for problem in looked.problems] == [
        ("draws/other.parquet", "foreign"),
        ("notes.txt", "foreign"),
    ]
    assert not looked.damaged
    assert remove_run(copy) == ["draws/other.parquet", "notes.txt"]
    assert (copy / "notes.txt").read_text() == "mine"
    assert not (copy / "manifest.json").exists()


def test_leftovers_of_a_killed_writer_are_cleared(whole, copy):
    (copy / "draws" / ".0123456789abcdef.partial").write_bytes(b"half")
    name = chunk_name(plan(), 0, 1)
    shutil.copy(next((copy / "paths").iterdir()), copy / "paths" / f"{name}.parquet")
    assert {problem.kind for problem in verify(copy).problems} == {"leftover"}
    again(copy)
    assert verify(copy).problems == ()


def test_a_second_chunk_of_the_same_draws_is_not_counted_twice(whole, copy, tmp_path):
    execute(plan(), DESCRIPTION, fake(failing=40), tmp_path / "ones", chunk=1)
    for folder, end in (("draws", "parquet"), ("paths", "parquet"), ("chunks", "json")):
        name = f"{folder}/{chunk_name(plan(), 1, 2)}.{end}"
        shutil.copy(tmp_path / "ones" / name, copy / name)
    assert [problem.kind for problem in verify(copy).problems] == ["double"]
    assert open_run(copy).counts.stored == 300
    again(copy)
    assert same(whole, copy)
    assert verify(copy).problems == ()


def test_missing_draws_are_no_damage_before_the_run_is_complete(tmp_path):
    from twocurves.ensemble.faults import Interrupted

    with pytest.raises(Interrupted):
        execute(plan(), DESCRIPTION, fake(), tmp_path, stop=lambda: True)
    looked = verify(LocalStorage(tmp_path))
    assert [problem.kind for problem in looked.problems] == ["unfinished"]
    assert not looked.damaged


def test_a_folder_without_a_manifest_is_no_run(tmp_path):
    with pytest.raises(DamagedRunError, match=r"is not a run: it has no manifest\.json"):
        open_run(tmp_path)
    assert [problem.kind for problem in verify(LocalStorage(tmp_path)).problems] == ["missing"]


def test_a_chunk_that_cannot_be_read_is_named(copy):
    path = files(copy / "paths")[1]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DamagedRunError, match=f"{path.name} cannot be read"):
        open_run(copy).quantiles("share")


def test_a_run_on_another_file_system(whole):
    place = "memory://runs/one"
    execute(plan(), DESCRIPTION, fake(failing=40), place, chunk=A_CHUNK)
    assert same(whole, place)
    assert verify(storage_at(place)).problems == ()
    storage = storage_at(place)
    name = storage.names("paths")[0]
    storage.write(name, storage.read(name)[:-1])
    assert [problem.kind for problem in verify(storage).problems] == ["changed", "missing"]
    resume(plan(), DESCRIPTION, fake(failing=40), place)
    assert same(whole, place)
    with locked(storage), pytest.raises(RunLockedError):
        resume(plan(), DESCRIPTION, fake(failing=40), place)
    storage.write(LOCK, b'{"machine": "%s", "process": 1, "began": "never"}' % Holder.this().machine.encode())
    resume(plan(), DESCRIPTION, fake(failing=40), place)
    with pytest.raises(BadInputError, match="lives in the memory of one process"):
        execute(plan(draws=64), DESCRIPTION, fake(), "memory://runs/two", executor=LocalExecutor(2))
    assert remove_run(place) == []
    assert storage.names() == []


def test_locks(tmp_path):
    storage = LocalStorage(tmp_path)
    with locked(storage):
        assert holder(storage) == Holder.this()
        with pytest.raises(RunLockedError, match=f"Process {os.getpid()} on "), locked(storage):
            pass
        assert holder(storage) == Holder.this()
    assert holder(storage) is None
    stale = Holder(Holder.this().machine, os.getpid(), "another beginning")
    (tmp_path / LOCK).write_text(json.dumps({"machine": stale.machine, "process": 1, "began": "x"}))
    with locked(storage):
        pass
    (tmp_path / LOCK).write_text(json.dumps({"machine": "elsewhere", "process": 1, "began": "x"}))
    with pytest.raises(RunLockedError, match="on elsewhere"), locked(storage):
        pass
    (tmp_path / LOCK).write_text("{")
    with locked(storage):
        pass
    assert not stale.lives


def test_runs_are_listed_found_and_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOCURVES_RUNS", str(tmp_path))
    assert runs_folder() == tmp_path
    made = [plan(draws=64, seed=seed) for seed in (1, 2)]
    for one in made:
        execute(one, DESCRIPTION, fake(failing=40), tmp_path / one.name)
    (tmp_path / "else").mkdir()
    listed = list_runs()
    assert [(run.name, run.status, run.seed, run.ok, run.failed) for run in listed] == [
        (made[1].name, "complete", 2, 63, 1),
        (made[0].name, "complete", 1, 63, 1),
    ]
    assert find_run("central-2") == str(tmp_path / made[1].name)
    with pytest.raises(BadInputError, match="2 runs begin with 'central'"):
        find_run("central")
    with pytest.raises(BadInputError, match="No run 'centrl"):
        find_run("centrl-1")
    (tmp_path / made[0].name / "manifest.json").write_text("{}")
    assert [run.status for run in list_runs()] == ["complete", "damaged"]
    for one in made:
        assert remove_run(tmp_path / one.name) == []
    assert list_runs() == []
    with pytest.raises(DamagedRunError, match="is not a run"):
        remove_run(tmp_path / "else")
    assert (tmp_path / "else").is_dir()


def test_runs_lie_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("TWOCURVES_RUNS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert runs_folder() == tmp_path / "twocurves" / "runs"
    assert list_runs() == []
