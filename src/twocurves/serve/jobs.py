"""Long work in a queue: one at a time, with progress and cancel, never in the way of a slider."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from twocurves.errors import BadInputError, Fault, unknown

Status = Literal["waiting", "running", "done", "failed", "cancelled"]

#: Jobs that are over and still told of.
_REMEMBERED = 50


class Report(Protocol):
    """How a job says where it is."""

    def __call__(self, done: float, of: float, words: str = "") -> None:
        """Say how much is done, of how much, and in words what is going on."""


class CancelledError(Fault):
    """The job was cancelled; what was finished is kept where the work can go on from it."""


@dataclass
class Job:
    """A piece of long work.

    Attributes
    ----------
    id, kind, title
        Which, of what kind ("ensemble", "fit"), in words.
    status
        Where it stands.
    done, of
        Progress; ``of`` is 0 while it is not known.
    words
        What is going on, or how it ended.
    result
        Where to look when it is done: a page.
    key
        What it computes; the same key is not queued twice.
    """

    id: str
    kind: str
    title: str
    key: str
    status: Status = "waiting"
    done: float = 0.0
    of: float = 0.0
    words: str = "Waiting for its turn"
    result: str = ""
    begun: float = 0.0
    seconds: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.status in ("done", "failed", "cancelled")

    @property
    def part(self) -> float | None:
        """How much is done, between 0 and 1; None while that is not known."""
        return min(1.0, self.done / self.of) if self.of else None


Work = Callable[[Report, Callable[[], bool]], str]


class Jobs:
    """The queue. Work runs in one thread of its own, in the order in which it was asked for."""

    def __init__(self, most_waiting: int = 8) -> None:
        self._most_waiting = most_waiting
        self._jobs: dict[str, Job] = {}
        self._waiting: queue.Queue[tuple[Job, Work]] = queue.Queue()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._begun = False

    def start(self) -> None:
        """Start the thread that works."""
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._run, name="jobs", daemon=True).start()

    def add(self, kind: str, title: str, key: str, work: Work) -> Job:
        """Queue work, or return the job that does the same already.

        Raises
        ------
        BadInputError
            Too many wait.
        """
        with self._lock:
            for job in self._jobs.values():
                if job.key == key and not job.over:
                    return job
            if sum(not job.over for job in self._jobs.values()) >= self._most_waiting:
                raise BadInputError(
                    f"{self._most_waiting} jobs wait already; cancel one or come back later.",
                    field="jobs",
                    allowed=self._most_waiting,
                )
            job = Job(f"job-{next(self._numbers)}", kind, title, key)
            self._jobs[job.id] = job
            over = [one.id for one in self._jobs.values() if one.over]
            for old in over[: max(0, len(over) - _REMEMBERED)]:
                del self._jobs[old]
        self._waiting.put((job, work))
        return job

    def find(self, job_id: str) -> Job:
        """Return a job.

        Raises
        ------
        BadInputError
            There is none of this id.
        """
        if job_id not in self._jobs:
            raise unknown("job", job_id[:60], self._jobs)
        return self._jobs[job_id]

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; it does so at its next step."""
        job = self.find(job_id)
        job.stop.set()
        if job.status == "waiting":
            job.status, job.words = "cancelled", "Cancelled before it began"
        elif job.status == "running":
            job.words = "Stopping"
        return job

    def all(self) -> list[Job]:
        """Return every job, the newest first."""
        return list(reversed(self._jobs.values()))

    def _run(self) -> None:
        while True:
            job, work = self._waiting.get()
            if job.over:
                continue
            job.status, job.begun, job.words = "running", time.monotonic(), "Starting"

            def tell(done: float, of: float, words: str = "", job: Job = job) -> None:
                job.done, job.of = done, of
                if words and not job.stop.is_set():
                    job.words = words

            try:
                job.result = work(tell, job.stop.is_set)
                job.status, job.words, job.done, job.of = "done", "Done", 1.0, 1.0
            except CancelledError as fault:
                job.status, job.words = "cancelled", fault.message
            except Fault as fault:
                job.status, job.words = "failed", fault.message
            except Exception as fault:  # noqa: BLE001  (a job must not take the queue with it; the cause is told)
                job.status, job.words = "failed", f"It failed: {type(fault).__name__}: {fault}"[:300]
            job.seconds = time.monotonic() - job.begun
