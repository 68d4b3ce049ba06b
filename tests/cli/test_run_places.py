"""Where runs lie: other file systems through the commands, folders that take nothing, damaged runs."""

import json
import shutil
from pathlib import Path

import fsspec
import pytest

import twocurves as tc

ANYWHERE = ("memory://bucket/one", "local://{folder}/one")


@pytest.fixture(params=ANYWHERE)
def place(request, tmp_path):
    """An address that is reached through fsspec."""
    yield request.param.format(folder=tmp_path)
    fsspec.filesystem("memory").store.clear()


def test_a_run_on_another_file_system_is_made_opened_verified_and_removed(empty, real_run, place, printed):
    code, out, err = printed("run", "--draws", "64", "--into", place, "--json")
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert (record["path"], record["digest"]) == (place, real_run.digest)
    opened = tc.open_run(place)
    assert opened.digest == real_run.digest
    assert opened["net_revenue_open"].sizes["draw"] == real_run.counts.ok
    assert json.loads(printed("runs", "show", place, "--json")[1])["digest"] == real_run.digest
    assert json.loads(printed("runs", "verify", place, "--json")[1])["sound"] is True
    assert json.loads(printed("claims", "C10", "--run", place, "--json")[1])["run"] == real_run.name
    assert json.loads(printed("compare", place, place, "--json")[1])["draws"]["paired"] == real_run.counts.ok
    assert printed("runs", "rm", place)[0] == 0
    code, _, err = printed("runs", "show", place)
    assert code == 2
    assert "has no manifest.json" in err
    assert not empty.exists()


def test_a_chunk_damaged_on_another_file_system_is_computed_anew(empty, real_run, printed):
    place = "memory://bucket/damaged"
    memory = fsspec.filesystem("memory")
    memory.put(real_run.path, "/bucket/damaged", recursive=True)
    *whole, name = sorted(path for path in memory.find("/bucket/damaged") if "/draws/" in path)
    assert whole, "a chunk beside the damaged one"
    memory.pipe_file(name, memory.cat_file(name)[:-9])
    code, out, err = printed("runs", "verify", place)
    assert code == 2
    assert Path(name).name in out
    assert not any(Path(other).name in out for other in whole)
    assert f"`twocurves run --resume {place}` computes anew" in err
    code, out, _ = printed("run", "--resume", place, "--json")
    assert json.loads(out)["digest"] == real_run.digest
    assert printed("runs", "verify", place)[0] == 0
    memory.store.clear()


@pytest.mark.parametrize("way", ["into", "variable"])
def test_a_folder_that_cannot_be_written_is_said_before_anything_is_computed(
    tmp_path, printed, monkeypatch, way
):
    (tmp_path / "file").write_text("mine")
    if way == "variable":
        monkeypatch.setenv("TWOCURVES_RUNS", str(tmp_path / "file"))
    into = ["--into", str(tmp_path / "file" / "run")] if way == "into" else []
    code, out, err = printed("run", "--draws", "64", *into)
    assert (code, out) == (2, "")
    assert "cannot be written (Not a directory)" in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_of_other_files_is_left_as_it_is(empty, tmp_path, printed):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    code, out, err = printed("run", "--draws", "64", "--into", str(tmp_path / "letters"))
    assert (code, out) == (2, "")
    assert "holds other files (one.txt)" in err
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["one.txt"]


@pytest.mark.parametrize("table", ["paths", "draws"])
@pytest.mark.parametrize("left", [0, 8, 4000])
def test_a_truncated_run_is_one_sentence_that_names_the_file(runs, real_run, printed, table, left):
    chunk = max((runs / real_run.name / table).iterdir())
    chunk.write_bytes(chunk.read_bytes()[:left])
    for command in (["runs", "show"], ["claims", "--run"], ["compare", real_run.name]):
        code, out, err = printed(*command, real_run.name)
        if table == "paths" and command[0] == "claims":  # answers lie in the table of draws
            assert code == 0
            continue
        assert (code, out) == (2, ""), command
        assert f"{table}/{chunk.name} cannot be read" in err
        assert "mends it" in err
        assert err.count("\n") == 1
    code, out, err = printed("runs", "verify", real_run.name)
    assert code == 2
    assert f"{table}/{chunk.name} has {left} bytes instead of" in out
    assert "computes anew what is damaged" in err


def test_a_run_without_a_manifest_is_named(runs, real_run, printed):
    (runs / real_run.name / "manifest.json").unlink()
    code, out, err = printed("runs", "show", str(runs / real_run.name))
    assert (code, out) == (2, "")
    assert "damaged" in printed("runs", "list")[1]
    shutil.rmtree(runs / real_run.name / "chunks")
    code, _, err = printed("runs", "verify", str(runs / real_run.name))
    assert code == 2
    assert err.count("\n") == 1
