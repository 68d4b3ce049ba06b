"""Worker threads: micro-batches side by side in one process.

A compiled program runs without Python's lock, so threads share the cores as processes do, and unlike them
start at once, share one compiled program and hold one copy of what they read. Whatever takes the process down
takes all of them: what was stored stays, and the run is resumed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from twocurves.ensemble.work import Computed, Event, Stop, Task, Tell, Work, Worker

_GLANCE_SECONDS = 0.1


def run_in_threads(work: Work, tasks: Iterable[Task], tell: Tell, stop: Stop, workers: int) -> None:
    """Carry out tasks in threads; see :meth:`twocurves.ensemble.executors.Executor.run`.

    The first thread computes one micro-batch alone, because two that call a program for the first time would
    both compile it.
    """
    crew = _Crew(Worker(work), tasks)
    beginners: list[Future[None]] = []
    with ThreadPoolExecutor(workers, thread_name_prefix="twocurves") as pool:
        try:
            beginners.append(pool.submit(crew.serve))
            while not (all(one.done() for one in beginners) and crew.heard.empty()):
                if stop() or any(one.done() and one.exception() for one in beginners):
                    crew.ending.set()
                try:
                    event = crew.heard.get(timeout=_GLANCE_SECONDS)
                except queue.Empty:
                    continue
                tell(event)
                if isinstance(event, Computed) and len(beginners) == 1:
                    beginners += [pool.submit(crew.serve) for _ in range(workers - 1)]
        except BaseException:
            crew.abandoned.set()  # a second Ctrl-C: nobody waits for what is in hand, so it is not stored
            raise
        finally:
            crew.ending.set()
    for one in beginners:
        one.result()


class _Crew:
    """What the threads share: the simulator, the tasks left, and a way to be heard."""

    def __init__(self, worker: Worker, tasks: Iterable[Task]) -> None:
        self.heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.ending = threading.Event()
        self.abandoned = threading.Event()
        self._worker = worker
        self._tasks = iter(tasks)
        self._taking = threading.Lock()

    def serve(self) -> None:
        """Carry out tasks until there are none, or until told to end."""
        while not self.ending.is_set() and (task := self._taken()) is not None:
            for event in self._worker.perform(task, self.ending.is_set, self.abandoned.is_set):
                self.heard.put(event)

    def _taken(self) -> Task | None:
        with self._taking:
            return next(self._tasks, None)
