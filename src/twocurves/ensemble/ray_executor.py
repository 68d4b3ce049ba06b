"""Carrying out a plan on a Ray cluster: the same workers as actors, on whatever nodes there are.

Actors write their chunks to the run's folder themselves, so every node must see it: a shared file system, or
a URL such as ``s3://bucket/run``. An actor whose node is lost is replaced and its task done again.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from twocurves.ensemble.executors import checked_workers, refuse_unshared
from twocurves.ensemble.faults import WorkerDiedError
from twocurves.ensemble.storage import storage_at
from twocurves.ensemble.store import survey
from twocurves.ensemble.work import Computed, Event, Stop, Task, Tell, Work, Worker, Written
from twocurves.errors import Fault, MissingExtraError

#: Times that a task may lose its actor before each of its micro-batches is tried alone, and those before
#: one is given up.
LOSSES_ALLOWED = 3

_GLANCE_SECONDS = 0.2


class RayExecutor:
    """Actors on a Ray cluster.

    Parameters
    ----------
    address
        "ray" for a cluster that runs on this machine or else a new one on it, or ``ray://host:port``.
    workers
        Number of actors; one for every CPU of the cluster when left out.

    Raises
    ------
    MissingExtraError
        Ray is not installed.
    """

    def __init__(self, address: str = "ray", workers: int | None = None) -> None:
        self._ray = _imported()
        if workers is not None:
            checked_workers(workers)
        if not self._ray.is_initialized():
            self._connect(address)
        self._workers = workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    @property
    def workers(self) -> int:
        """Number of actors."""
        return self._workers

    def run(self, work: Work, tasks: Iterable[Task], tell: Tell, stop: Stop) -> None:
        """Carry out tasks; see :meth:`twocurves.ensemble.executors.Executor.run`."""
        refuse_unshared(work, "a cluster needs a place that all nodes see")
        _Crew(self._ray, work, tasks, tell, self._workers).run(stop)

    def _connect(self, address: str) -> None:
        options: dict[str, Any] = {"log_to_driver": False, "include_dashboard": False}
        if address != "ray":
            self._ray.init(address=address, log_to_driver=False)
            return
        try:
            self._ray.init(address="auto", log_to_driver=False)
        except ConnectionError:  # no cluster runs here: begin one on this machine
            self._ray.init(**options)


class Performer:
    """A worker as an actor: carries out one task after the other, and can be told to stop meanwhile."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._worker: Worker | None = None
        self._stop = threading.Event()

    def perform(self, task: Task) -> list[Event]:
        """Carry out a task and return what was done; typed faults are raised in the driver."""
        if self._worker is None:  # not in __init__, of whose faults Ray says only that the actor died
            self._worker = Worker(self._work)
        events = self._worker.perform(task, self._stop.is_set, orphaned=lambda: False)
        return [event for event in events if isinstance(event, Computed | Written)]

    def stop(self) -> None:
        """Finish the micro-batch in hand, store what is computed, and end the task."""
        self._stop.set()


@dataclass(slots=True, eq=False)
class _Given:
    actor: Any
    task: Task


class _Crew:
    """The actors of one run and what each of them is doing."""

    def __init__(
        self,
        ray: Any,
        work: Work,
        tasks: Iterable[Task],
        tell: Tell,
        size: int,
    ) -> None:
        self._ray = ray
        self._work = work
        self._tasks = iter(tasks)
        self._tell = tell
        self._size = size
        self._waiting: deque[Task] = deque()
        self._given: dict[Any, _Given] = {}
        self._losses: Counter[tuple[int, int]] = Counter()
        self._in_a_row = 0
        # Two threads, so that an actor hears `stop` while it performs.
        self._actor = ray.remote(num_cpus=1, max_restarts=0, max_concurrency=2)(Performer)

    def run(self, stop: Stop) -> None:
        idle: list[Any] = []
        ending = False
        fault: Fault | None = None
        try:
            while True:
                if not ending and (fault is not None or stop()):
                    ending = True
                    for given in self._given.values():
                        given.actor.stop.remote()
                if not ending:
                    self._hand_out(idle)
                # An actor that waits for a CPU, because a node was lost, gets one only from these.
                while idle:
                    self._ray.kill(idle.pop())
                if not self._given:
                    break
                done, _ = self._ray.wait(list(self._given), num_returns=1, timeout=_GLANCE_SECONDS)
                for reference in done:
                    given = self._given.pop(reference)
                    try:
                        events = self._ray.get(reference)
                    except self._ray.exceptions.RayTaskError as raised:
                        fault = fault or _cause(raised)
                    except self._ray.exceptions.RayError:
                        self._lost(given.task)
                    else:
                        self._in_a_row = 0
                        idle.append(given.actor)
                        for event in events:
                            self._tell(event)
        finally:
            for actor in [*idle, *(given.actor for given in self._given.values())]:
                self._ray.kill(actor)
        if fault is not None:
            raise fault

    def _hand_out(self, idle: list[Any]) -> None:
        self._waiting.extend(islice(self._tasks, max(0, self._size - len(self._waiting))))
        while self._waiting and len(self._given) < self._size:
            task = self._waiting.popleft()
            actor = idle.pop() if idle else self._actor.remote(self._work)
            self._given[actor.perform.remote(task)] = _Given(actor, task)

    def _lost(self, task: Task) -> None:
        """Put back what a lost actor had not stored; the store is asked what it had."""
        self._in_a_row += 1
        if self._in_a_row > LOSSES_ALLOWED * self._size:
            raise WorkerDiedError(
                f"{self._in_a_row} actors in a row were lost without ending a task; "
                "look at the cluster's nodes.",
                field="workers",
            )
        looked = survey(storage_at(self._work.url), self._work.layout.plan, deep=False)
        for record in looked.chunks:
            if task.first <= record.first < task.last:
                self._tell(Computed(record.draws, sum(record.failed.values())))
                self._tell(Written(record))
        for left in task.without(list(looked.chunks)):
            self._losses[left.first, left.last] += 1
            self._waiting.extend(self._tried_again(left, self._losses[left.first, left.last]))

    def _tried_again(self, task: Task, losses: int) -> list[Task]:
        if losses < LOSSES_ALLOWED:
            return [task]
        if task.last - task.first == 1:
            return [replace(task, condemned=frozenset({task.first}))]
        return [replace(task, first=at, last=at + 1) for at in range(task.first, task.last)]


def _cause(raised: Any) -> Fault:
    """Return the typed fault that an actor raised."""
    cause = raised.cause
    if isinstance(cause, Fault):
        return cause
    return WorkerDiedError(
        f"A worker on the cluster failed: {type(cause).__name__}: {cause}", field="workers"
    )


def _imported() -> Any:
    try:
        import ray
    except ImportError as absent:
        raise MissingExtraError(
            "Running on a cluster needs Ray, which is not installed; install twocurves with its extra `ray`.",
            field="--on",
            given="ray",
            allowed="an installation of twocurves[ray]",
        ) from absent
    return ray
