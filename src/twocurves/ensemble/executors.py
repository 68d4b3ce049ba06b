"""Executors on this machine, and what every executor is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from twocurves.ensemble.storage import storage_at
from twocurves.ensemble.threads import run_in_threads
from twocurves.ensemble.work import Stop, Task, Tell, Work, Worker
from twocurves.ensemble.workers import run_in_processes
from twocurves.errors import BadInputError


class Executor(Protocol):
    """Something that carries out tasks.

    Attributes
    ----------
    workers
        How many tasks are carried out at a time.
    """

    @property
    def workers(self) -> int:
        """How many tasks are carried out at a time."""
        ...

    def run(self, work: Work, tasks: Iterable[Task], tell: Tell, stop: Stop) -> None:
        """Carry out tasks in any order, telling each step.

        Tasks are taken one by one as workers come free. When ``stop`` becomes true the micro-batches in
        hand are finished and stored and the call returns. Faults of the store and of the simulator's
        contract are raised after the other workers have stored what they had.
        """
        ...


class _OfWorkers:
    """An executor whose number of workers is given."""

    def __init__(self, workers: int) -> None:
        self._workers = checked_workers(workers)

    @property
    def workers(self) -> int:
        """How many tasks are carried out at a time."""
        return self._workers


class LocalExecutor(_OfWorkers):
    """Worker processes on this machine; with one worker, this process itself.

    A process that dies is replaced, and a micro-batch that kills its process again and again is given up.

    Parameters
    ----------
    workers
        Number of processes.
    """

    def __init__(self, workers: int = 1) -> None:
        super().__init__(workers)

    def run(self, work: Work, tasks: Iterable[Task], tell: Tell, stop: Stop) -> None:
        """Carry out tasks, in order when there is one worker."""
        if self._workers > 1:
            refuse_unshared(work, "processes need a folder that all of them see")
            run_in_processes(work, tasks, tell, stop, self._workers)
            return
        worker = Worker(work)
        for task in tasks:
            if stop():
                return
            for event in worker.perform(task, stop, orphaned=lambda: False):
                tell(event)


class ThreadExecutor(_OfWorkers):
    """Threads of this process, for a simulator that computes without Python's lock.

    Parameters
    ----------
    workers
        Number of threads.
    """

    def __init__(self, workers: int = 2) -> None:
        super().__init__(workers)

    def run(self, work: Work, tasks: Iterable[Task], tell: Tell, stop: Stop) -> None:
        """Carry out tasks; the first micro-batch alone, so that it is compiled once."""
        run_in_threads(work, tasks, tell, stop, self._workers)


def checked_workers(workers: int) -> int:
    """Return a number of workers.

    Raises
    ------
    BadInputError
        It is less than one.
    """
    if workers < 1:
        raise BadInputError(
            f"--workers must be 1 or more; you gave {workers}.",
            field="--workers",
            given=workers,
            allowed="1 or more",
        )
    return workers


def refuse_unshared(work: Work, why: str) -> None:
    """Refuse a place that no other process sees.

    Raises
    ------
    BadInputError
        The run lies in the memory of this process.
    """
    if not storage_at(work.url).shared:
        raise BadInputError(
            f"{work.url} lives in the memory of one process; {why}.",
            field="--into",
            given=work.url,
            allowed="a folder, or a URL such as s3://bucket/run",
        )
