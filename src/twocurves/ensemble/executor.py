"""``execute`` brings plan, executor and store together: the executor carries out the missing micro-batches.

The numbers are the same whatever the executor, the number of its workers, the size of the chunks and the
order in which they are computed, because each micro-batch depends on the indices of its draws alone.
"""

from __future__ import annotations

import datetime as dt
import shlex
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from twocurves.ensemble.executors import Executor, LocalExecutor, ThreadExecutor
from twocurves.ensemble.faults import Interrupted, PlanChangedError, UnwritableRunError
from twocurves.ensemble.layout import Layout
from twocurves.ensemble.locking import LOCK, locked
from twocurves.ensemble.manifest import MANIFEST, Manifest, causes, read_manifest
from twocurves.ensemble.plan import Plan, differences
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.runs import runs_folder
from twocurves.ensemble.simulator import Batch, Description, MeasureInfo, Simulator
from twocurves.ensemble.storage import PARTIAL, Storage, storage_at
from twocurves.ensemble.store import CHUNKS, Survey, records, results_digest, survey, sweep
from twocurves.ensemble.work import CHUNK_SECONDS, Begun, Computed, Event, Lost, Task, Work, Written
from twocurves.errors import BadInputError

__all__ = [
    "Batch",
    "Description",
    "Executor",
    "LocalExecutor",
    "MeasureInfo",
    "Progress",
    "Simulator",
    "ThreadExecutor",
    "execute",
    "resume",
]

#: Most micro-batches in a chunk when nobody says how many.
MOST_PER_CHUNK = 64

#: Chunks that each worker gets at least, where there are enough micro-batches, so that all end together.
CHUNKS_PER_WORKER = 4

#: Called with draws done, draws asked for, and draws failed.
Progress = Callable[[int, int, int], None]


def execute(
    plan: Plan,
    description: Description,
    factory: Callable[[], Simulator],
    place: str | Path,
    *,
    executor: Executor | None = None,
    chunk: int | None = None,
    chunk_seconds: float = CHUNK_SECONDS,
    progress: Progress | None = None,
    command: str = "",
    stop: Callable[[], bool] | None = None,
) -> StoredRun:
    """Complete a run: compute what is missing at ``place``, everything where nothing is there yet.

    What is stored is checked byte by byte first; damaged chunks and a damaged manifest are made anew.

    Parameters
    ----------
    place
        The run's folder or URL (not the folder of all runs).
    executor
        One worker in this process when left out.
    chunk
        Micro-batches in a chunk; changes the files, never the numbers.
    chunk_seconds
        A chunk is closed after this time however small it is.
    progress
        Called with draws done, asked for and failed, at the start and after each micro-batch.
    command
        The command line, for the manifest.
    stop
        Asked between micro-batches; when it becomes true the run ends as by Ctrl-C. Ctrl-C and SIGTERM are
        met by themselves when called in the main thread; a second Ctrl-C does not wait for what is in hand.

    Raises
    ------
    Interrupted
        The run was stopped; it says how to go on.
    PlanChangedError
        What lies there was made by another plan, code or data.
    RunLockedError
        Another process writes the run.
    UnwritableRunError
        The folder takes no more.
    """
    layout = Layout(plan, description)
    runner = executor or LocalExecutor()
    if chunk is not None and chunk < 1:
        raise BadInputError(
            f"A chunk must hold 1 micro-batch or more; you gave {chunk}.",
            field="chunk",
            given=chunk,
            allowed=">= 1",
        )
    storage = storage_at(place)
    with locked(storage):
        manifest = _begun(storage, layout, command)
        looked = survey(storage, plan)
        _refuse_other_plans(storage, looked)
        sweep(storage, looked)
        _write(storage, manifest.changed(status="running", finished=None, results_digest=None))
        counter = _Counter(plan, looked, progress)
        each = chunk or _chunk_for(plan, runner.workers)
        work = Work(storage.url, layout, factory, chunk_seconds)
        stopped = False
        if list(looked.missing(plan)):
            with _stoppable(stop) as told:
                try:
                    runner.run(work, _tasks(plan, looked, each), counter.tell, told)
                except UnwritableRunError as fault:
                    raise _full(storage, fault, counter) from fault
                stopped = told()
        looked = survey(storage, plan, deep=False)
        sweep(storage, looked)
        complete = not list(looked.missing(plan))
        _write(storage, _ended(storage, manifest, looked, complete=complete))
    if not complete:
        raise _interrupted(storage, plan, looked, stopped=stopped)
    return StoredRun(storage)


def resume(
    plan: Plan,
    description: Description,
    factory: Callable[[], Simulator],
    place: str | Path,
    *,
    executor: Executor | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> StoredRun:
    """Complete a run that is there: like :func:`execute`, but refuses a folder that holds no run.

    Parameters
    ----------
    plan
        The plan as code and data make it now, from the scenario and the settings that the run names.
    """
    read_manifest(storage_at(place))
    return execute(plan, description, factory, place, executor=executor, chunk=chunk, progress=progress)


class _Counter:
    """Counts draws for the progress, and takes back those that were lost."""

    def __init__(self, plan: Plan, looked: Survey, progress: Progress | None) -> None:
        self.asked = plan.draws
        self.stored = sum(chunk.draws for chunk in looked.chunks)
        self._done = self.stored
        self._failed = sum(sum(chunk.failed.values()) for chunk in looked.chunks)
        self._progress = progress
        self._say()

    def tell(self, event: Event | Lost) -> None:
        match event:
            case Computed():
                self._done += event.draws
                self._failed += event.failed
            case Lost():
                self._done -= event.draws
                self._failed -= event.failed
            case Written():
                self.stored += event.record.draws
                return
            case Begun():
                return
        self._say()

    def _say(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self.asked, self._failed)


@contextmanager
def _stoppable(stop: Callable[[], bool] | None) -> Iterator[Callable[[], bool]]:
    """Give what says whether to stop: asked by the caller, by Ctrl-C or by SIGTERM."""
    signalled = threading.Event()

    def told() -> bool:
        return signalled.is_set() or (stop is not None and stop())

    def handle(number: int, _frame: FrameType | None) -> None:
        if signalled.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        signalled.set()

    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _begun(storage: Storage, layout: Layout, command: str) -> Manifest:
    """Return the manifest of the run that is there, or of a new one."""
    plan = layout.plan
    names = storage.names()
    if MANIFEST in names:
        try:
            stored = read_manifest(storage)
        except BadInputError:  # damaged: made anew, and chunks of another plan are told by their own digests
            stored = None
        if stored is not None and stored.plan_digest != plan.digest:
            what = differences(stored.plan, plan)
            raise PlanChangedError(
                f"{storage.url} cannot be continued because what it was made with differs now: "
                f"{'; '.join(what)}; begin a new run.",
                field="run",
                given=what,
                allowed="the same plan, code and data",
            )
        if stored is not None and stored.description != layout.description:
            raise PlanChangedError(
                f"{storage.url} cannot be continued because the model describes its measures "
                "differently now; begin a new run.",
                field="run",
                allowed="the same measures, axes, beliefs and claims",
            )
        if stored is not None:
            return stored
    foreign = [name for name in names if name != LOCK and PARTIAL not in name]
    if MANIFEST not in names and foreign and not any(name.startswith(f"{CHUNKS}/") for name in foreign):
        raise BadInputError(
            f"{storage.url} holds other files ({', '.join(foreign[:3])}); a run takes a folder of its own.",
            field="run",
            given=storage.url,
            allowed="a new or empty folder, or a run",
        )
    return Manifest(
        name=plan.name,
        plan=plan,
        plan_digest=plan.digest,
        description=layout.description,
        status="running",
        created=dt.datetime.now(dt.UTC),
        command=command,
    )


def _refuse_other_plans(storage: Storage, looked: Survey) -> None:
    """Refuse to clear away what another plan made, which only a damaged or missing manifest could hide."""
    others = [problem.name for problem in looked.problems if problem.kind == "other plan"]
    if others:
        raise PlanChangedError(
            f"{storage.url} holds {len(others)} chunks of another plan (such as {others[0]}); "
            "begin a new run.",
            field="run",
            given=others[:3],
            allowed="a new or empty folder, or a run of the same plan",
        )


def _tasks(plan: Plan, looked: Survey, each: int) -> Iterator[Task]:
    """Yield the missing micro-batches in pieces that end at multiples of ``each``."""
    for first, last in looked.missing(plan):
        at = first
        while at < last:
            end = min(last, (at // each + 1) * each)
            yield Task(at, end)
            at = end


def _chunk_for(plan: Plan, workers: int) -> int:
    return max(1, min(MOST_PER_CHUNK, plan.micro_batches // (workers * CHUNKS_PER_WORKER)))


def _ended(storage: Storage, manifest: Manifest, looked: Survey, *, complete: bool) -> Manifest:
    failed: Counter[str] = Counter()
    for chunk in looked.chunks:
        failed.update(chunk.failed)
    return manifest.changed(
        status="complete" if complete else "interrupted",
        finished=(manifest.finished or dt.datetime.now(dt.UTC)) if complete else None,
        ok=sum(chunk.draws for chunk in looked.chunks) - failed.total(),
        failed=causes(failed),
        results_digest=results_digest(records(storage)) if complete else None,
    )


def _write(storage: Storage, manifest: Manifest) -> None:
    storage.write(MANIFEST, manifest.sealed())


def _command(storage: Storage) -> str:
    listed = storage_at(runs_folder()).url
    folder, _, name = storage.url.rpartition("/")
    return f"twocurves run --resume {name if folder == listed else shlex.quote(storage.url)}"


def _full(storage: Storage, fault: UnwritableRunError, counter: _Counter) -> UnwritableRunError:
    return UnwritableRunError(
        f"{fault.message.rstrip('.')}: {counter.stored} of {counter.asked} draws; "
        f"make room and go on with `{_command(storage)}`.",
        field=fault.field,
        given=fault.given,
        allowed=fault.allowed,
    )


def _interrupted(storage: Storage, plan: Plan, looked: Survey, *, stopped: bool) -> Interrupted:
    done = sum(chunk.draws for chunk in looked.chunks)
    why = "was stopped" if stopped else "did not finish"
    return Interrupted(
        f"The run {why} with {done} of {plan.draws} draws stored; go on with `{_command(storage)}`.",
        resume=_command(storage),
        path=storage.url,
        done=done,
        asked=plan.draws,
    )
