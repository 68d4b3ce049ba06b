"""The same numbers whatever the executor does, and every draw accounted for."""

import errno
import random
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ensemble.fake_simulator import CAUSES, DESCRIPTION, Fake, fake, plan
from tests.ensemble.stored import content, equal, same
from twocurves.ensemble import storage as storage_room
from twocurves.ensemble.executor import LocalExecutor, ThreadExecutor, execute, resume
from twocurves.ensemble.faults import (
    DamagedRunError,
    Interrupted,
    PlanChangedError,
    UnusablePlaceError,
    UnwritableRunError,
    WorkerDiedError,
)
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.results import open_run
from twocurves.ensemble.simulator import ContractError, Description, MeasureInfo, SimulatorError
from twocurves.ensemble.work import WORKER_DIED
from twocurves.errors import BadInputError, MissingExtraError


class Shuffled:
    """An executor that carries out tasks in another order."""

    workers = 1

    def __init__(self, seed):
        self.seed = seed

    def run(self, work, tasks, tell, stop):
        mixed = list(tasks)
        random.Random(self.seed).shuffle(mixed)
        LocalExecutor().run(work, mixed, tell, stop)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    place = tmp_path_factory.mktemp("whole") / "run"
    execute(plan(), DESCRIPTION, fake(failing=40), place)
    return place


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunk=st.integers(1, plan().micro_batches + 2), seed=st.integers(0, 99))
def test_chunks_and_order_change_no_bit(whole, tmp_path_factory, chunk, seed):
    place = tmp_path_factory.mktemp("run")
    execute(plan(), DESCRIPTION, fake(failing=40), place, executor=Shuffled(seed), chunk=chunk)
    assert same(whole, place)


def test_two_workers_change_no_bit(whole, tmp_path):
    told = []
    execute(
        plan(),
        DESCRIPTION,
        fake(failing=40),
        tmp_path,
        executor=LocalExecutor(2),
        chunk=1,
        progress=lambda *counts: told.append(counts),
    )
    assert same(whole, tmp_path)
    assert told[0] == (0, 300, 0)
    assert told[-1] == (300, 300, 7)


#: One of a hundred draws fails by each mechanism; more than 4,096 draws, so chunks of that many differ.
LONG = plan(draws=4500, months_kept="yearly")


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    place = tmp_path_factory.mktemp("long") / "run"
    execute(LONG, DESCRIPTION, fake(failing=25), place, chunk=1)
    return place


@pytest.mark.parametrize("draws_a_chunk", [MICRO_BATCH, 256, 1024, 4096])
@pytest.mark.parametrize("executor", [LocalExecutor(1), ThreadExecutor(2), ThreadExecutor(4)])
def test_threads_and_chunks_change_no_bit(long, tmp_path, executor, draws_a_chunk):
    chunk = draws_a_chunk // MICRO_BATCH
    execute(LONG, DESCRIPTION, fake(failing=25), tmp_path, executor=executor, chunk=chunk)
    assert same(long, tmp_path)


@pytest.mark.parametrize(
    ("workers", "draws_a_chunk"), [(2, 4096), pytest.param(4, 256, marks=pytest.mark.slow)]
)
def test_processes_and_chunks_change_no_bit(long, tmp_path, workers, draws_a_chunk):
    chunk = draws_a_chunk // MICRO_BATCH
    execute(LONG, DESCRIPTION, fake(failing=25), tmp_path, executor=LocalExecutor(workers), chunk=chunk)
    assert same(long, tmp_path)


@pytest.mark.parametrize("draws_a_chunk", [MICRO_BATCH, 1024, 4096])
def test_the_order_changes_no_bit(long, tmp_path, draws_a_chunk):
    chunk = draws_a_chunk // MICRO_BATCH
    execute(LONG, DESCRIPTION, fake(failing=25), tmp_path, executor=Shuffled(3), chunk=chunk)
    assert same(long, tmp_path)


def test_one_in_a_hundred_failing_by_each_mechanism_is_a_row_and_the_others_are_as_they_were(long, tmp_path):
    execute(LONG, DESCRIPTION, fake(), tmp_path)
    draws, paths = content(long)
    _, unharmed = content(tmp_path)
    ok = draws["ok"].to_numpy(zero_copy_only=False)
    assert draws["draw"].to_pylist() == list(range(4500))
    assert open_run(long).counts.causes == dict.fromkeys(sorted(CAUSES), 45)
    kept = np.repeat(ok, len(LONG.months))
    assert paths.num_rows == kept.sum()
    for name in paths.column_names:
        mine, theirs = (table[name].to_numpy(zero_copy_only=False) for table in (paths, unharmed))
        assert mine.tobytes() == theirs[kept].tobytes(), name


@pytest.mark.parametrize(
    ("fault", "executor", "cause"),
    [
        ({"raising": {7: -1}}, LocalExecutor(1), "ZeroDivisionError"),
        ({"raising": {7: -1}}, ThreadExecutor(3), "ZeroDivisionError"),
        ({"always_killing": (7,)}, LocalExecutor(2), WORKER_DIED),
    ],
)
def test_one_micro_batch_of_many_that_never_comes_through_harms_no_other(
    long, tmp_path, fault, executor, cause
):
    run = execute(LONG, DESCRIPTION, fake(failing=25, **fault), tmp_path, executor=executor)
    lost = range(7 * MICRO_BATCH, 8 * MICRO_BATCH)
    assert run.counts.causes[cause] == MICRO_BATCH
    for mine, theirs in zip(content(tmp_path), content(long), strict=True):
        assert equal(*(table.filter(~np.isin(table["draw"].to_numpy(), lost)) for table in (mine, theirs)))
    draws, paths = content(tmp_path)
    failed = [row["draw"] for row in draws.to_pylist() if row["cause"] == cause]
    assert failed == list(lost)
    assert not set(paths["draw"].to_pylist()) & set(lost)


def test_a_program_is_called_by_one_thread_until_it_is_compiled(tmp_path):
    at_once: list[int] = []
    inside = []

    class Compiling(Fake):
        def simulate(self, first, count):
            inside.append(first)
            at_once.append(len(inside))
            time.sleep(0.02)
            found = super().simulate(first, count)
            inside.remove(first)
            return found

    ten = plan(draws=10 * MICRO_BATCH)
    execute(ten, DESCRIPTION, Compiling, tmp_path, executor=ThreadExecutor(3), chunk=1)
    assert at_once[0] == 1
    assert max(at_once[1:3]) <= 2
    assert max(at_once) in (2, 3)


@pytest.mark.parametrize("executor", [ThreadExecutor(2), LocalExecutor(2)])
def test_a_fault_of_one_worker_waits_for_what_the_others_store(tmp_path, executor):
    with pytest.raises(ContractError, match="no claims C99"):
        execute(plan(), Description(DESCRIPTION.measures, DESCRIPTION.axes, (), ("C99",)), fake(), tmp_path)
    broken = Description(DESCRIPTION.measures, DESCRIPTION.axes, ("absent",))
    with pytest.raises(ContractError, match="no beliefs absent"):
        execute(plan(), broken, fake(), tmp_path / "run", executor=executor)
    assert open_run(tmp_path / "run").manifest.status in ("running", "interrupted")


def test_more_draws_leave_the_first_as_they_were(whole, tmp_path):
    longer = execute(plan(draws=512), DESCRIPTION, fake(failing=40), tmp_path)
    few, _ = content(whole)
    many, _ = content(longer.path)
    assert many.slice(0, 300).equals(few)


def test_failures_are_rows_with_cause_month_and_figure(whole):
    draws, paths = content(whole)
    assert draws["draw"].to_pylist() == list(range(300))
    failed = [row for row in draws.to_pylist() if not row["ok"]]
    assert [row["draw"] for row in failed] == list(range(39, 300, 40))
    assert {row["cause"] for row in failed} == set(CAUSES)
    assert {str(row["month"]) for row in failed} == {"2023-06-01"}
    assert {row["figure"] for row in failed} == {0.25}
    assert all(row["claim.C01"] is None and row["belief.growth"] is not None for row in failed)
    assert set(paths["draw"].to_pylist()) == set(range(300)) - {row["draw"] for row in failed}
    assert open_run(whole).counts.causes == {"clearing": 2, "money": 2, "pricing": 2, "finite": 1}


def test_failures_change_no_other_draw(whole, tmp_path):
    execute(plan(), DESCRIPTION, fake(), tmp_path)
    _, paths = content(whole)
    _, all_paths = content(tmp_path)
    kept = set(paths["draw"].to_pylist())
    rows = all_paths.select(["draw", "month", "share.google.plan"]).to_pylist()
    assert [row for row in rows if row["draw"] in kept] == paths.select(
        ["draw", "month", "share.google.plan"]
    ).to_pylist()


def test_an_exception_is_tried_once_again_and_then_is_a_cause(tmp_path):
    run = execute(plan(), DESCRIPTION, fake(raising={1: 1, 3: -1}), tmp_path)
    assert run.counts.causes == {"ZeroDivisionError": MICRO_BATCH}
    assert run.chunks[0].raised == {} or "by zero" in "".join(run.chunks[0].raised.values())
    words = [word for chunk in run.chunks for word in chunk.raised.values()]
    assert words == ["ZeroDivisionError: division by zero in the fake"]
    draws, _ = content(tmp_path)
    failed = [row for row in draws.to_pylist() if not row["ok"]]
    assert [row["draw"] for row in failed] == list(range(3 * MICRO_BATCH, 4 * MICRO_BATCH))
    assert {row["belief.growth"] for row in failed} == {None}


def test_a_worker_that_is_killed_is_replaced(whole, tmp_path):
    last = plan().micro_batches - 1
    once = {1: str(tmp_path / "one"), last: str(tmp_path / "last")}
    told = []
    execute(
        plan(),
        DESCRIPTION,
        fake(failing=40, killing=once),
        tmp_path / "run",
        executor=LocalExecutor(2),
        chunk=4,
        progress=lambda *counts: told.append(counts),
    )
    assert all((tmp_path / name).exists() for name in ("one", "last"))
    assert same(whole, tmp_path / "run")
    assert told[-1] == (300, 300, 7)
    assert all(done <= 300 for done, _, _ in told)


def test_a_micro_batch_that_always_kills_its_worker_is_given_up(tmp_path):
    run = execute(
        plan(draws=200), DESCRIPTION, fake(always_killing=(2,)), tmp_path, executor=LocalExecutor(2), chunk=2
    )
    assert run.counts.causes == {WORKER_DIED: MICRO_BATCH}
    assert run.counts.ok == 200 - MICRO_BATCH


def test_a_simulator_that_cannot_be_built_ends_the_run(tmp_path):
    for number, workers in enumerate((1, 2)):
        with pytest.raises(SimulatorError, match="could not be built: TypeError"):
            execute(
                plan(),
                DESCRIPTION,
                fake(nonsense=1),
                tmp_path / str(number),
                executor=LocalExecutor(workers),
            )


def die():
    import os

    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_die_at_once_end_the_run(tmp_path):
    with pytest.raises(WorkerDiedError, match="3 workers in a row ended before they began"):
        execute(plan(), DESCRIPTION, die, tmp_path, executor=LocalExecutor(2))


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        (Description(DESCRIPTION.measures, DESCRIPTION.axes, ("absent",)), "no beliefs absent"),
        (Description(DESCRIPTION.measures, DESCRIPTION.axes, (), ("C99",)), "no claims C99"),
        (
            Description(
                (*DESCRIPTION.measures[:2], MeasureInfo("share", "1", "", ("lab",))), DESCRIPTION.axes
            ),
            "share of shape",
        ),
    ],
)
def test_a_simulator_that_breaks_its_word_stops_the_run(tmp_path, description, sentence):
    with pytest.raises(ContractError, match=sentence):
        execute(plan(), description, fake(), tmp_path)


def test_an_unknown_measure_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(BadInputError, match="did you mean 'share'"):
        execute(plan(measures=("shares",)), DESCRIPTION, fake(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("executor", [LocalExecutor(1), LocalExecutor(2), ThreadExecutor(2)])
def test_a_stop_stores_what_is_done_and_says_how_to_go_on(whole, tmp_path, executor):
    done = threading.Event()
    with pytest.raises(Interrupted, match="go on with `twocurves run --resume") as stopped:
        execute(
            plan(),
            DESCRIPTION,
            fake(failing=40, seconds=0.01),
            tmp_path,
            executor=executor,
            chunk=5,
            progress=lambda drawn, *_: done.set() if drawn >= MICRO_BATCH else None,
            stop=done.is_set,
        )
    assert stopped.value.exit_code == 130
    assert MICRO_BATCH <= stopped.value.done < 300
    assert open_run(tmp_path).manifest.status == "interrupted"
    assert open_run(tmp_path).counts.stored == stopped.value.done
    resume(plan(), DESCRIPTION, fake(failing=40), tmp_path, chunk=2)
    assert same(whole, tmp_path)


def test_resume_computes_only_what_is_missing(tmp_path):
    stop = threading.Event()
    with pytest.raises(Interrupted):
        execute(
            plan(),
            DESCRIPTION,
            fake(),
            tmp_path,
            progress=lambda drawn, *_: stop.set() if drawn else None,
            stop=stop.is_set,
        )
    asked = []

    class Watched(Fake):
        def simulate(self, first, count):
            asked.append(first)
            return super().simulate(first, count)

    resume(plan(), DESCRIPTION, Watched, tmp_path)
    left = [plan().span(number)[0] for number in range(1, plan().micro_batches)]
    assert asked == left == list(range(MICRO_BATCH, 300, MICRO_BATCH))
    resume(plan(), DESCRIPTION, Watched, tmp_path)
    assert asked == left


def test_resume_refuses_another_plan_with_the_reason(whole, tmp_path):
    execute(plan(draws=64), DESCRIPTION, fake(), tmp_path)
    with pytest.raises(
        PlanChangedError, match="the code \\(cccccccc… then, eeeeeeee… now\\); begin a new run"
    ):
        resume(plan(draws=64, code_digest="e" * 64), DESCRIPTION, fake(), tmp_path)
    with pytest.raises(PlanChangedError, match="describes its measures differently"):
        other = Description(DESCRIPTION.measures, DESCRIPTION.axes, ("growth",))
        resume(plan(draws=64), other, fake(), tmp_path)
    with pytest.raises(DamagedRunError, match="is not a run"):
        resume(plan(), DESCRIPTION, fake(), tmp_path / "nothing")
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(PlanChangedError, match="chunks of another plan"):
        execute(plan(), DESCRIPTION, fake(), tmp_path)


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(BadInputError, match=r"holds other files \(letter.txt\)"):
        execute(plan(), DESCRIPTION, fake(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusablePlaceError, match="cannot be written \\(Not a directory\\)"):
        execute(plan(), DESCRIPTION, fake(), tmp_path / "file" / "run")


@pytest.mark.parametrize("at", [1, 20_000, 60_000, 100_000])
def test_a_full_disk_loses_nothing_finished(whole, tmp_path, monkeypatch, at):
    write = storage_room.Incoming.write
    left = [at]

    def full(self, data):
        left[0] -= memoryview(data).nbytes
        if left[0] < 0:
            with storage_room.writing(self._place):
                raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(storage_room.Incoming, "write", full)
        with pytest.raises(UnwritableRunError, match="No space left on device") as fault:
            execute(plan(), DESCRIPTION, fake(failing=40), tmp_path / "run", chunk=1)
    assert "\n" not in fault.value.message
    kept = len(list((tmp_path / "run" / "chunks").glob("*.json"))) if at > 1 else 0
    if at == 100_000:
        assert kept >= 1
        assert f"{MICRO_BATCH * kept} of 300 draws" in fault.value.message
    execute(plan(), DESCRIPTION, fake(failing=40), tmp_path / "run")
    assert same(whole, tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.partial"))


@pytest.mark.parametrize("kind", [LocalExecutor, ThreadExecutor])
def test_workers_must_be_there(kind):
    with pytest.raises(BadInputError, match=r"--workers must be 1 or more; you gave 0\."):
        kind(0)


def test_a_chunk_holds_at_least_one(tmp_path):
    with pytest.raises(BadInputError, match="1 micro-batch or more"):
        execute(plan(), DESCRIPTION, fake(), tmp_path, chunk=0)


def test_ray_that_is_not_installed_is_named(monkeypatch):
    import sys

    from twocurves.ensemble.ray_executor import RayExecutor

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match="extra `ray`"):
        RayExecutor()


def test_float64_is_kept(tmp_path):
    run = execute(plan(precision="float64"), DESCRIPTION, fake(dtype="float64"), tmp_path)
    assert run.to_xarray()["share"].dtype == "float64"


def test_slow_chunks_are_closed_early(whole, tmp_path):
    every = plan().micro_batches
    run = execute(plan(), DESCRIPTION, fake(failing=40), tmp_path, chunk=every, chunk_seconds=0.0)
    assert len(run.chunks) == every > 1
    assert same(whole, tmp_path)
