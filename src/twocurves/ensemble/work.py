"""A worker's part of a run: compute micro-batches one after the other and write them as chunks.

The same code serves the local executor and Ray. Workers write their chunks themselves and tell only what
they did, so that nothing heavy passes between processes and memory does not grow with the draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from twocurves.ensemble.layout import Layout
from twocurves.ensemble.manifest import ChunkRecord
from twocurves.ensemble.rows import RowMaker, Rows
from twocurves.ensemble.simulator import Batch, ContractError, Simulator, SimulatorError
from twocurves.ensemble.storage import Storage, storage_at
from twocurves.ensemble.store import ChunkWriter
from twocurves.errors import Fault

#: A chunk is closed after this many seconds however few micro-batches it holds: what a kill can cost.
CHUNK_SECONDS = 30.0

#: Cause of draws whose micro-batch took its worker process down again and again.
WORKER_DIED = "worker died"


@dataclass(frozen=True, slots=True)
class Work:
    """What every worker needs to know; can be sent to another process.

    Attributes
    ----------
    url
        Where the run lies.
    layout
        Plan and description.
    factory
        Builds the simulator inside the worker; a function of a module, or a ``functools.partial`` of one.
    chunk_seconds
        See :data:`CHUNK_SECONDS`.
    """

    url: str
    layout: Layout
    factory: Callable[[], Simulator]
    chunk_seconds: float = CHUNK_SECONDS


@dataclass(frozen=True, slots=True)
class Task:
    """A run of micro-batches that make one chunk.

    Attributes
    ----------
    first, last
        The first micro-batch, and the one after the last.
    condemned
        Micro-batches not to try again: they killed their workers, and their draws count as failed.
    """

    first: int
    last: int
    condemned: frozenset[int] = field(default=frozenset())

    def without(self, written: list[ChunkRecord]) -> Iterator[Task]:
        """Yield what is left of the task after some chunks of it were written."""
        at = self.first
        for record in sorted(written, key=lambda record: record.first):
            if at < record.first:
                yield replace(self, first=at, last=min(record.first, self.last))
            at = max(at, record.last)
        if at < self.last:
            yield replace(self, first=at)


@dataclass(frozen=True, slots=True)
class Begun:
    """A micro-batch is being computed."""

    micro_batch: int


@dataclass(frozen=True, slots=True)
class Computed:
    """Draws are computed, but not stored yet."""

    draws: int
    failed: int


@dataclass(frozen=True, slots=True)
class Written:
    """A chunk is stored."""

    record: ChunkRecord


@dataclass(frozen=True, slots=True)
class Lost:
    """Draws that were computed are lost with their worker, and will be computed again."""

    draws: int
    failed: int


#: What a worker tells, in order.
Event = Begun | Computed | Written

#: Hears what workers tell, and what is lost with them.
Tell = Callable[[Event | Lost], None]

#: Says whether to stop.
Stop = Callable[[], bool]


class _RaisedError(Exception):
    """An exception of the simulator, as a cause and in words."""

    def __init__(self, cause: str, words: str) -> None:
        super().__init__(cause, words)
        self.cause = cause
        self.words = words


class Worker:
    """A simulator with a place to write to.

    Raises
    ------
    SimulatorError
        The simulator cannot be built; a typed fault of its own is passed on as it is.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._storage: Storage = storage_at(work.url)
        self._maker = RowMaker(work.layout)
        self._simulator = _built(work.factory)

    def perform(self, task: Task, stop: Callable[[], bool], orphaned: Callable[[], bool]) -> Iterator[Event]:
        """Compute and store a task, telling each step.

        Parameters
        ----------
        stop
            Asked between micro-batches; when true, what is computed is stored and the rest left.
        orphaned
            Asked before anything is stored; when true nothing is, because nobody holds the run for this
            worker any more and another process may be writing it.

        Raises
        ------
        UnwritableRunError
            The run's folder takes no more.
        ContractError
            The simulator delivers other than it described.
        """
        chunk: ChunkWriter | None = None
        begun = 0.0
        try:
            for micro_batch in range(task.first, task.last):
                if stop():
                    break
                yield Begun(micro_batch)
                rows, raised = self._computed(micro_batch, condemned=micro_batch in task.condemned)
                if chunk is None:
                    chunk, begun = ChunkWriter(self._storage, self._maker, micro_batch), time.monotonic()
                chunk.add(rows, raised)
                yield Computed(len(rows.draws), sum(rows.failed.values()))
                if time.monotonic() - begun > self._work.chunk_seconds and not orphaned():
                    record, chunk = chunk.commit(), None
                    yield Written(record)
            if chunk is not None and not orphaned():
                record, chunk = chunk.commit(), None
                yield Written(record)
        finally:
            if chunk is not None:
                chunk.abandon()

    def _computed(self, micro_batch: int, *, condemned: bool) -> tuple[Rows, str]:
        first, count = self._work.layout.plan.span(micro_batch)
        if condemned:
            return self._maker.all_failed(first, count, WORKER_DIED), WORKER_DIED
        for last_try in (False, True):
            try:
                batch = _simulated(self._simulator, first, count)
            except _RaisedError as raised:
                if last_try:
                    return self._maker.all_failed(first, count, raised.cause), raised.words
            else:
                return self._maker.rows(batch, first, count), ""
        raise AssertionError("unreachable")


def _simulated(simulator: Simulator, first: int, count: int) -> Batch:
    try:
        return simulator.simulate(first, count)
    except ContractError:
        raise
    except Exception as fault:
        words = " ".join(str(fault).split())[:500]
        raise _RaisedError(type(fault).__name__, f"{type(fault).__name__}: {words}") from fault


def _built(factory: Callable[[], Simulator]) -> Simulator:
    try:
        return factory()
    except Fault:
        raise
    except Exception as fault:
        raise SimulatorError(
            f"The simulator could not be built: {type(fault).__name__}: {fault}", field="simulator"
        ) from fault
