"""Worker processes: each with a pipe of its own, replaced when it dies.

No queue is shared, because a process killed while it holds a shared queue's lock leaves all others waiting.
A worker has one task at a time, so that nothing piles up. One that dies costs the chunk in its hands; a
micro-batch that takes its worker down again and again is given up and its draws count as failed.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from twocurves.ensemble.faults import WorkerDiedError
from twocurves.ensemble.manifest import ChunkRecord
from twocurves.ensemble.precision import compute_on_one_thread
from twocurves.ensemble.storage import Storage, storage_at
from twocurves.ensemble.store import survey
from twocurves.ensemble.work import Begun, Computed, Event, Lost, Stop, Task, Tell, Work, Worker, Written
from twocurves.errors import Fault

#: Deaths of a worker at one micro-batch, or of workers before they begin, after which one is given up.
DEATHS_ALLOWED = 3

_GLANCE_SECONDS = 0.2

#: What the parent sends in place of a task: finish what is in hand and end.
_END = None


class _Ready:
    """The worker has built its simulator."""


class _Idle:
    """The worker has ended its task."""


_Message = _Ready | _Idle | Event | Fault


@dataclass(eq=False, slots=True)
class _Member:
    """A worker as the parent sees it."""

    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    ending: bool = False
    task: Task | None = None
    at: int | None = None
    told: set[int] = field(default_factory=set)
    unwritten: Counter[str] = field(default_factory=Counter)


def run_in_processes(work: Work, tasks: Iterable[Task], tell: Tell, stop: Stop, workers: int) -> None:
    """Carry out tasks in worker processes; see :meth:`twocurves.ensemble.executors.Executor.run`.

    Raises
    ------
    WorkerDiedError
        Workers die before they begin.
    """
    pool = _Pool(work, iter(tasks), tell, workers)
    try:
        pool.run(stop)
    finally:
        pool.close()


class _Pool:
    def __init__(self, work: Work, tasks: Iterator[Task], tell: Tell, workers: int) -> None:
        self._work = work
        self._tasks = tasks
        self._waiting: deque[Task] = deque()
        self._tell = tell
        self._size = workers
        self._members: list[_Member] = []
        self._deaths: Counter[int] = Counter()
        self._unborn = 0
        self._fault: Fault | None = None
        self._storage: Storage = storage_at(work.url)

    def run(self, stop: Stop) -> None:
        ending = False
        while True:
            if not ending and (self._fault is not None or stop()):
                ending = True
                for member in self._members:
                    self._end(member)
            if not ending:
                self._fill()
            if not self._members:
                break
            self._listen()
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """End the workers that are left, at once: only when something was raised are there any."""
        for member in self._members:
            member.pipe.close()
            member.process.kill()
        for member in self._members:
            member.process.join()

    def _fill(self) -> None:
        """Give each idle worker a task, end those for which there is none, start workers where some wait."""
        self._waiting.extend(islice(self._tasks, max(0, self._size - len(self._waiting))))
        for member in self._members:
            if member.ready and member.task is None and not member.ending:
                if self._waiting:
                    self._give(member, self._waiting.popleft())
                else:
                    self._end(member)
        beginning = sum(not member.ready for member in self._members)
        for _ in range(min(self._size - len(self._members), len(self._waiting) - beginning)):
            self._members.append(self._started())

    def _give(self, member: _Member, task: Task) -> None:
        condemned = frozenset(
            micro_batch
            for micro_batch, deaths in self._deaths.items()
            if deaths >= DEATHS_ALLOWED and task.first <= micro_batch < task.last
        )
        member.task = replace(task, condemned=condemned)
        self._send(member, member.task)

    def _end(self, member: _Member) -> None:
        member.ending = True
        self._send(member, _END)

    def _send(self, member: _Member, message: Task | None) -> None:
        try:
            member.pipe.send(message)
        except OSError:  # it is dead, which its pipe will tell in _listen
            return

    def _started(self) -> _Member:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._work), daemon=True)
        with _interrupts_held():  # Ctrl-C goes to the whole group: workers are told by the parent instead
            process.start()
        theirs.close()
        return _Member(process, ours)

    def _listen(self) -> None:
        by_pipe: dict[object, _Member] = {member.pipe: member for member in self._members}
        for pipe in wait([member.pipe for member in self._members], _GLANCE_SECONDS):
            member = by_pipe[pipe]
            try:
                message: _Message = member.pipe.recv()
            except (EOFError, OSError):
                self._bury(member)
                continue
            self._hear(member, message)

    def _hear(self, member: _Member, message: _Message) -> None:
        match message:
            case _Ready():
                member.ready = True
                self._unborn = 0
            case _Idle():
                member.task, member.at = None, None
            case Fault():
                self._fault = self._fault or message
            case Begun():
                member.at = message.micro_batch
            case Computed():
                member.unwritten.update(draws=message.draws, failed=message.failed)
                self._tell(message)
            case Written():
                member.unwritten.clear()
                member.told.add(message.record.first)
                self._tell(message)

    def _bury(self, member: _Member) -> None:
        """Take a dead worker out, and what it had not stored back into the work."""
        self._members.remove(member)
        member.pipe.close()
        member.process.join()
        if not member.ready and not member.ending and self._fault is None:
            self._unborn += 1
            if self._unborn >= DEATHS_ALLOWED:
                self._fault = WorkerDiedError(
                    f"{self._unborn} workers in a row ended before they began "
                    f"(exit code {member.process.exitcode}); run with one worker to see why.",
                    field="workers",
                    given=member.process.exitcode,
                )
        if member.task is not None:
            if member.at is not None:
                self._deaths[member.at] += 1
                if self._deaths[member.at] >= 2 * DEATHS_ALLOWED:  # although it was given up
                    self._fault = self._fault or WorkerDiedError(
                        f"Workers are killed whatever they do (exit code {member.process.exitcode}).",
                        field="workers",
                        given=member.process.exitcode,
                    )
            self._waiting.extendleft(member.task.without(self._stored(member, member.task)))

    def _stored(self, member: _Member, task: Task) -> list[ChunkRecord]:
        """Return what a dead worker stored of its task, and tell what is lost.

        The store is asked, because the worker may have died before it could say what it had stored.
        """
        looked = survey(self._storage, self._work.layout.plan, deep=False)
        stored = [chunk for chunk in looked.chunks if chunk.first < task.last and chunk.last > task.first]
        for record in stored:
            if record.first not in member.told:
                self._tell(Written(record))
                member.unwritten.subtract({"draws": record.draws, "failed": sum(record.failed.values())})
        if member.unwritten["draws"] > 0:
            self._tell(Lost(member.unwritten["draws"], member.unwritten["failed"]))
        return stored


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold SIGINT back; a process started meanwhile holds it back for ever, and ours comes afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, work: Work) -> None:
    """Be a worker: carry out tasks until told to end or until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    compute_on_one_thread()
    parent = multiprocessing.parent_process()

    def orphaned() -> bool:
        return parent is None or not parent.is_alive()

    try:
        _perform_all(pipe, work, orphaned)
    except Fault as fault:
        pipe.send(fault)
    except (EOFError, ConnectionError):  # the parent is gone
        return


def _perform_all(pipe: Connection, work: Work, orphaned: Callable[[], bool]) -> None:
    try:
        worker = Worker(work)
        pipe.send(_Ready())
        while (task := pipe.recv()) is not _END:
            for event in worker.perform(task, pipe.poll, orphaned):
                pipe.send(event)
            pipe.send(_Idle())
    except (Fault, EOFError, ConnectionError):
        raise
    except Exception as mistake:  # ours, not the simulator's: another worker would make it too
        raise WorkerDiedError(
            f"A worker failed: {type(mistake).__name__}: {mistake}", field="workers"
        ) from mistake
