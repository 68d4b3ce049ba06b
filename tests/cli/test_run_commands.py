"""run, claims, runs and compare: the JSON contract, what the pages say, faults in one sentence, resuming."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

CLAIM = """
[[claim]]
id = "C99"
title = "A claim of mine"
sentence = "Something holds."
falsified_if = "It does not hold."
evidence = "J"
[claim.resolution]
rule = "As it is read."
source = "A public source"
fallback = "Another"
ambiguity = "One half."
in_model = "The same."
[[claim.question]]
id = "q"
sentence = "In 2030 the best closed model stands a point above the best open one."
date = "2030-12"
expression = "{expression}"
threshold = 1.0
unit = "{unit}"
sense = "above"
"""


RUN_KEYS = {"run", "path", "scenario", "seed", "digest", "data_to", "seconds", "headline"}


def test_run_prints_the_promised_object_and_finds_a_run_that_is_there(runs, printed):
    code, out, err = printed("run", "--draws", "64", "--json")
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert record.keys() >= RUN_KEYS | {"draws", "outcomes", "claims"}
    assert record["draws"].keys() >= {"asked", "ok", "failed", "causes"}
    assert all(row.keys() >= {"name", "unit", "month", "p05", "p50", "p95"} for row in record["outcomes"])
    keys = {"id", "sentence", "probability", "mc_error", "decided_by"}
    assert all(row.keys() >= keys for row in record["claims"])
    assert sum(row["id"].startswith("C10.") for row in record["claims"]) == 12
    assert record["digest"]
    assert len(list(runs.iterdir())) == 1


@pytest.mark.parametrize("columns", ["80", "140"])
def test_run_says_all_that_a_reader_needs(runs, printed, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = printed("run", "--draws", "64")
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    for said in (
        "From 2026 to 2035 the closed labs' net revenue grows",
        "fitted to what was observed",
        "Net revenue a year",
        "Key numbers",
        "under three accounting rules",
        "Claims, as this run answers them",
        "seed 7",
        "observations to 2026-06-30",
        "Made with: twocurves run central --draws 64 --seed 7",
        "Next: twocurves claims C10",
    ):
        assert said in words
    assert "64 futures" in words
    assert all(len(line) <= int(columns) for line in out.splitlines() if "Lies in" not in line)
    assert "nan" not in words


def test_claims_are_answered_by_the_newest_run(runs, real_run, printed):
    _, out, _ = printed("claims", "--json")
    record = json.loads(out)
    assert record["run"] == real_run.name
    keys = {"id", "sentence", "expression", "threshold", "resolves_on", "source", "probability", "mc_error"}
    assert all(row.keys() >= keys | {"prior_probability", "decided_by"} for row in record["claims"])
    assert all(row["probability"] is not None for row in record["claims"])
    code, out, _ = printed("claims", "c10", "--run", "central")
    assert code == 0
    assert "C10.rent_with_compute" in out
    assert "Resolved by" in out


def test_without_a_run_claims_are_listed_with_what_was_judged(empty, printed):
    code, out, _ = printed("claims")
    assert code == 0
    assert "No run answers them yet" in out
    assert "45%" in out
    _, out, _ = printed("claims", "C10", "--json")
    record = json.loads(out)
    assert record["run"] is None
    assert {row["probability"] for row in record["claims"]} == {None}


def test_a_claim_of_ones_own_is_answered_by_a_stored_run(runs, tmp_path, printed):
    file = tmp_path / "mine.toml"
    file.write_text(CLAIM.format(expression="mean(gap_points, date - 11, date)", unit="eci"))
    code, out, _ = printed("claims", "C99", "--with", str(file), "--json")
    assert code == 0
    (row,) = json.loads(out)["claims"]
    assert 0 <= row["probability"] <= 1
    assert row["draws"]["asked"] == 64


@pytest.mark.parametrize(
    ("expression", "unit", "says"),
    [
        ("mean(gap_pints, date - 11, date)", "eci", "did you mean 'gap_points'"),
        ("mean(gap_points, date - 11, date)", "month", "cannot be compared"),
    ],
)
def test_a_claim_over_a_measure_or_unit_that_does_not_fit_is_named_by_line(
    empty, tmp_path, printed, expression, unit, says
):
    file = tmp_path / "mine.toml"
    file.write_text(CLAIM.format(expression=expression, unit=unit))
    code, out, err = printed("claims", "--with", str(file))
    assert (code, out) == (2, "")
    assert says in err
    assert "mine.toml:" in err


def test_runs_are_listed_shown_verified_and_removed(runs, real_run, printed):
    _, out, _ = printed("runs", "list", "--json")
    (row,) = json.loads(out)["runs"]
    assert (row["run"], row["status"], row["draws"]["stored"]) == (real_run.name, "complete", 64)
    assert real_run.name in printed("runs", "list")[1]
    _, out, _ = printed("runs", "show", real_run.name, "--json")
    assert json.loads(out)["digest"] == real_run.digest
    assert json.loads(printed("runs", "verify", "central", "--json")[1])["sound"] is True
    code, out, _ = printed("runs", "rm", real_run.name)
    assert (code, list(runs.iterdir())) == (0, [])
    assert "There are no runs" in printed("runs", "list")[1]


def test_a_damaged_run_is_named_and_mended(runs, real_run, printed):
    chunk = next((runs / real_run.name / "paths").iterdir())
    data = bytearray(chunk.read_bytes())
    data[len(data) // 2] ^= 1
    chunk.write_bytes(data)
    code, out, err = printed("runs", "verify", real_run.name)
    assert code == 2
    assert chunk.name in out
    assert f"twocurves run --resume {real_run.name}" in err
    (runs / real_run.name / "manifest.json").write_text("{")
    code, _, err = printed("claims", "--run", real_run.name)
    assert code == 2
    assert "manifest.json" in err
    code, _, err = printed("run", "--resume", real_run.name)
    assert code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "centrl"], "No scenario 'centrl'; did you mean 'central'?"),
        (["run", "--draws", "0"], "--draws must be a whole number of at least 1; you gave 0."),
        (["run", "--draws", "-3"], "--draws must be a whole number of at least 1; you gave -3."),
        (["run", "--draws", "1e3x"], "--draws must be a whole number such as 1024; you gave '1e3x'."),
        (["run", "--seed", "x"], "--seed must be a whole number"),
        (["run", "--keep", "weekly"], "--keep must be all or quarterly or yearly; you gave 'weekly'."),
        (["run", "--precision", "float16"], "--precision must be float32 or float64; you gave 'float16'."),
        (["run", "--set", "lag_pub"], "lag_pub"),
        (["run", "--set", "lag_pub=many"], "lag_pub takes a number"),
        (["run", "nowhere.toml"], "nowhere.toml"),
        (["run", "--into", "memry://run"], "No kind of file system 'memry'; did you mean 'memory'?"),
        (["run", "--draws", "many"], "--draws must be a whole number such as 1024; you gave 'many'."),
        (["run", "--set", "lagg_pub=4"], "did you mean 'lag_pub'?"),
        (["run", "--set", "lag_pub=nan"], "lag_pub takes a number"),
        (["run", "--set", "lag_pub=400"], "lag_pub must be between 1 and 36 months; you gave 400."),
        (["run", "--until", "2050-01"], "--until must be a month from 2026-07 to 2036-12; you gave 2050-01."),
        (["run", "--until", "2020-01"], "--until must be a month from 2026-07 to 2036-12; you gave 2020-01."),
        (["run", "--until", "2030-13"], "--until must be a month such as 2026-06; you gave '2030-13'."),
        (["run", "--until", "soon"], "--until must be a month such as 2026-06; you gave 'soon'."),
        (["run", "--workers", "0"], "--workers must be 1 or more; you gave 0."),
        (["run", "--on", "slurm"], "--on must be ray or ray://host:port; you gave 'slurm'."),
        (["run", "--measure", "lag_month"], "did you mean 'lag_months'?"),
        (["run", "--resume", "nothing"], "No run 'nothing'; there are none."),
        (["run", "--resume", "x", "--draws", "5"], "so leave out --draws."),
        (["claims", "C99"], "No claim or question 'C99'"),
        (["claims", "C10.rant"], "did you mean 'C10.rent'?"),
        (["claims", "--run", "nothing"], "No run 'nothing'; there are none."),
        (["runs", "show", "nothing"], "No run 'nothing'; there are none."),
        (["runs", "rm", "nothing"], "No run 'nothing'; there are none."),
        (["compare", "central", "open_srge"], "No scenario or run 'open_srge'; did you mean 'open_surge'?"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(empty, printed, arguments, says):
    code, out, err = printed(*arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert not empty.exists()
    code, _, err = printed(*arguments, "--json")
    assert code == 2
    assert says in json.loads(err)["error"]["message"]


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_its_extra_is_named(empty, printed):
    code, _, err = printed("run", "--on", "ray")
    assert code == 1
    assert "extra `ray`" in err
    assert not empty.exists()


def test_files_that_are_no_scenario_are_named(empty, tmp_path, printed):
    for content in (b"\xff\x00", b"id = ", b"", b"PK\x03\x04" + bytes(200), b'id = "x"\nlag_pub = nan\n'):
        file = tmp_path / "mine.toml"
        file.write_bytes(content)
        code, out, err = printed("run", str(file))
        assert (code, out) == (2, "")
        assert f"{file}:" in err
        assert err.count("\n") == 1
    assert not empty.exists()


def test_a_run_is_not_compared_with_other_draws(runs, real_run, printed):
    code, _, err = printed("compare", real_run.name, real_run.name, "--set", "lag_pub=4")
    assert code == 2
    assert "is a run" in err
    code, out, _ = printed("compare", real_run.name, real_run.name, "--json")
    record = json.loads(out)
    assert record.keys() >= {"a", "b", "outcomes", "claims"}
    keys = {"name", "unit", "month", "difference_p05", "difference_p50", "difference_p95"}
    assert all(row.keys() >= keys for row in record["outcomes"])
    assert record["draws"]["paired"] == real_run.counts.ok
    code, out, _ = printed("compare", real_run.name, real_run.name)
    assert code == 0
    assert "future by future" in out


@pytest.fixture
def start():
    """Begin a command in a process of its own, which does not outlive the test."""
    begun = []

    def call(folder, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "twocurves", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TWOCURVES_RUNS": str(folder)},
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield call
    for process in begun:
        process.kill()
        process.communicate()


def stored(folder):
    return len(list(Path(folder).glob("*/chunks/*.json")))


@pytest.mark.slow
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_stopped_or_killed_is_resumed_to_the_same_digest(
    tmp_path, blow, monkeypatch, printed, start
):
    asked = ("run", "--draws", "512", "--keep", "yearly", "--json")
    whole = start(tmp_path / "whole", *asked)
    out, _ = whole.communicate(timeout=900)
    cut = start(tmp_path / "cut", *asked)
    begun = time.monotonic()
    while not stored(tmp_path / "cut") and cut.poll() is None and time.monotonic() - begun < 600:
        time.sleep(0.05)
    cut.send_signal(blow)
    _, err = cut.communicate(timeout=600)
    assert cut.returncode == (130 if blow == signal.SIGINT else -signal.SIGKILL)
    (run_folder,) = (tmp_path / "cut").iterdir()
    if blow == signal.SIGINT:
        assert f"twocurves run --resume {run_folder.name}" in err
    monkeypatch.setenv("TWOCURVES_RUNS", str(tmp_path / "cut"))
    code, resumed, _ = printed("run", "--resume", run_folder.name, "--json")
    assert code == 0
    assert json.loads(resumed)["digest"] == json.loads(out)["digest"]
