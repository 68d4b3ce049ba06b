"""Draws for a moving slider: the same kernel, the same futures, a micro-batch at a time, and remembered.

The unit is the micro-batch of 64 draws: draw ``i`` of a seed is one future in every scenario, so two
settings are compared draw by draw. Deviations of prices are not checked here (they are in stored runs), which
changes no number of a draw that came through.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Settings, draws
from twocurves.claims import Evaluator, Ledger
from twocurves.ensemble.economy_simulator import measure_table
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.precision import Precision, cores, prepare_jax
from twocurves.errors import Fault
from twocurves.months import Month, months_from

if TYPE_CHECKING:
    from twocurves.fit.posterior import Posterior
    from twocurves.observed.tables import Observations

#: Measures kept of every draw: those that the figures and numbers of the Scenario page show.
KEPT = (
    "capability_closed",
    "capability_open",
    "lag_months",
    "net_revenue_closed",
    "net_revenue_open",
    "price_closed",
    "price_open",
    "open_share_tokens",
    "open_share_dollars",
    "premium_best",
    "api_share",
)

#: Micro-batches remembered: about half a megabyte each.
_REMEMBERED = 160

NOW, SOON, LATER = 0, 1, 2

#: How often a thread with nothing patient to do looks for something urgent.
_LOOK_SECONDS = 0.02


class BusyError(Fault):
    """More was asked of the engine than it can take; nothing was computed."""


@dataclass(frozen=True)
class MicroBatch:
    """What one micro-batch gave.

    Attributes
    ----------
    measures
        ``(draws, months)`` by name, of all its draws.
    ok
        Whether each draw came through.
    causes
        Why draws failed: cause -> number.
    truths
        For each question 1, 0 or -1 (true, false, undetermined) by draw.
    seconds
        How long it took.
    """

    measures: dict[str, NDArray[np.float32]]
    ok: NDArray[np.bool_]
    causes: dict[str, int]
    truths: dict[str, NDArray[np.int8]]
    seconds: float


@dataclass(frozen=True)
class Sample:
    """Some micro-batches together: what the pages show.

    Attributes
    ----------
    measures
        ``(draws that came through, months)`` by name.
    truths
        By question, of the same draws.
    asked, failed
        Draws asked for; draws that failed, with their causes.
    index
        Numbers of the draws that came through.
    """

    measures: dict[str, NDArray[np.float32]]
    truths: dict[str, NDArray[np.int8]]
    asked: int
    failed: dict[str, int]
    index: NDArray[np.int64]


@dataclass(order=True)
class _Wanted:
    priority: int
    number: int
    key: tuple[tuple[str, ...], int] = field(compare=False)
    settings: Settings = field(compare=False)
    future: Future[MicroBatch] = field(compare=False)


class Engine:
    """Simulates micro-batches in threads of its own, the most urgent first, each only once."""

    def __init__(
        self,
        beliefs: Beliefs,
        held: Observations,
        ledger: Ledger,
        *,
        seed: int,
        posterior: Posterior | None = None,
        most_waiting: int = 24,
        check_deviations: bool = False,
    ) -> None:
        self.check_deviations = check_deviations
        self.beliefs = beliefs
        self.held = held
        self.ledger = ledger
        self.seed = seed
        self.posterior = posterior
        self._most_waiting = most_waiting
        self._urgent: queue.SimpleQueue[_Wanted] = queue.SimpleQueue()
        self._waiting: queue.PriorityQueue[_Wanted] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._under_way: dict[tuple[tuple[str, ...], int], _Wanted] = {}
        self._known: OrderedDict[tuple[tuple[str, ...], int], MicroBatch] = OrderedDict()
        self.ready = threading.Event()
        self.fault: Fault | None = None
        self.warm_seconds = 0.0
        self._begun = False

    @property
    def months(self) -> tuple[Month, ...]:
        """The months simulated."""
        prepare_jax()
        from twocurves.ensemble.assembly import FIRST, LAST

        return tuple(months_from(FIRST, LAST))

    def start(self) -> None:
        """Start the threads; the first compiles the kernel before anything else."""
        if self._begun:
            return
        self._begun = True
        threading.Thread(target=self._warm, name="engine-warm", daemon=True).start()
        for number in range(min(2, cores())):
            patient = number > 0 or cores() == 1
            threading.Thread(target=self._work, args=(patient,), name=f"engine-{number}", daemon=True).start()

    def ask(self, settings: Settings, batch: int, priority: int = NOW) -> Future[MicroBatch]:
        """Ask for one micro-batch; a batch that is known or under way is not computed twice.

        Raises
        ------
        BusyError
            Too many wait already.
        """
        key = (tuple(sorted(settings.as_strings())), batch)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                done: Future[MicroBatch] = Future()
                done.set_result(known)
                return done
            same = self._under_way.get(key)
            if same is not None:
                if priority < same.priority and not same.future.running():
                    # The same future is queued again, more urgently; whoever takes it second skips it.
                    self._put(_Wanted(priority, next(self._numbers), key, settings, same.future))
                return same.future
            if len(self._under_way) >= self._most_waiting:
                raise BusyError(
                    "The engine has more scenarios waiting than it can take; try again in a moment.",
                    field="load",
                    allowed=self._most_waiting,
                )
            wanted = _Wanted(priority, next(self._numbers), key, settings, Future())
            self._under_way[key] = wanted
        self._put(wanted)
        return wanted.future

    def sample(self, settings: Settings, count: int, *, timeout: float, priority: int = NOW) -> Sample:
        """Return draws 0 to ``count - 1`` (whole micro-batches) under some settings.

        Raises
        ------
        BusyError
            Too many wait already, or it took longer than ``timeout`` seconds.
        """
        until = time.monotonic() + timeout
        batches = range(max(1, -(-count // MICRO_BATCH)))
        asked = [self.ask(settings, batch, priority if batch == 0 else SOON) for batch in batches]
        try:
            found = [future.result(max(0.05, until - time.monotonic())) for future in asked]
        except TimeoutError:
            raise BusyError(
                "The engine is busy or still compiling; the answer will be there shortly.", field="load"
            ) from None
        return joined(found)

    def known(self, settings: Settings, count: int) -> bool:
        """Say whether draws are remembered already."""
        strings = tuple(sorted(settings.as_strings()))
        with self._lock:
            return all((strings, batch) in self._known for batch in range(max(1, -(-count // MICRO_BATCH))))

    def compute(self, settings: Settings, batch: int) -> MicroBatch:
        """Simulate one micro-batch in this thread."""
        from twocurves.ensemble.paths import paths

        begun = time.perf_counter()
        months = self.months
        drawn = draws(
            self.beliefs, settings, self.seed, batch * MICRO_BATCH, MICRO_BATCH, scores=self.posterior
        )
        (found,) = paths(
            self.beliefs,
            drawn,
            self.held,
            len(months),
            Precision.FLOAT32,
            check_deviations=self.check_deviations,
        )
        ok = found.ok & drawn.ok
        rejected = np.array(["", *drawn.causes])[drawn.status]
        said = np.where(drawn.ok, found.cause, rejected)
        names, counts = np.unique(said[~ok], return_counts=True)
        truths = self._evaluator().truths(found.measures, ok)
        return MicroBatch(
            measures={name: np.asarray(found.measures[name], dtype=np.float32) for name in KEPT},
            ok=ok,
            causes={str(name): int(count) for name, count in zip(names, counts, strict=True)},
            truths=truths,
            seconds=time.perf_counter() - begun,
        )

    def central_path(self) -> dict[str, NDArray[np.float64]]:
        """Return the path at the medians and without surprises, months first, by the kernel that is compiled.

        As :func:`twocurves.ensemble.central.central_path`, in single precision.
        """
        from twocurves.beliefs.settings import NO_SETTINGS
        from twocurves.ensemble.assembly import numbers_of, outside_of
        from twocurves.ensemble.central import SHOCKS, medians
        from twocurves.ensemble.microbatch import pad
        from twocurves.ensemble.paths import BY_DRAW, kernel

        structure, run = kernel(self.beliefs, Precision.FLOAT32, self.check_deviations)
        middle = medians(self.beliefs, NO_SETTINGS)
        numbers = numbers_of(self.beliefs, middle)
        given = outside_of(self.beliefs, structure, numbers, self.held, middle, len(self.months))
        calm = given._replace(**{name: np.zeros_like(getattr(given, name)) for name in SHOCKS})
        outside = Precision.FLOAT32.cast(calm._asdict())
        shown, _ = run(
            {name: pad(value) for name, value in Precision.FLOAT32.cast(numbers).items()},
            {name: pad(value) if name in BY_DRAW else value for name, value in outside.items()},
        )
        return {name: np.asarray(value[0], dtype=np.float64) for name, value in shown.items()}

    def _evaluator(self) -> Evaluator:
        if not hasattr(self, "_answers"):
            self._answers = Evaluator(self.ledger, measure_table(self.beliefs, self.months[-1]))
        return self._answers

    def _warm(self) -> None:
        from twocurves.beliefs.settings import NO_SETTINGS

        begun = time.perf_counter()
        try:
            self._evaluator()
            found = self.compute(NO_SETTINGS, 0)
            with self._lock:
                self._known[((), 0)] = found
        except Fault as fault:
            self.fault = fault
        self.warm_seconds = time.perf_counter() - begun
        self.ready.set()

    def _put(self, wanted: _Wanted) -> None:
        """Queue a micro-batch; what a slider waits for goes past all else."""
        if wanted.priority == NOW:
            self._urgent.put(wanted)
        else:
            self._waiting.put(wanted)

    def _next(self, patient: bool) -> _Wanted:
        """Return the next micro-batch; one thread keeps free for what a slider waits for."""
        if not patient:
            return self._urgent.get()
        while True:
            try:
                return self._urgent.get_nowait()
            except queue.Empty:
                pass
            try:
                return self._waiting.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue

    def _work(self, patient: bool) -> None:
        self.ready.wait()
        while True:
            wanted = self._next(patient)
            with self._lock:  # the same future may have been queued twice, once more urgently
                if wanted.future.done() or wanted.future.running():
                    continue
                wanted.future.set_running_or_notify_cancel()
            try:
                found = self.compute(wanted.settings, wanted.key[1])
            except Exception as fault:  # noqa: BLE001  (handed on to whoever waits for the future)
                with self._lock:
                    self._under_way.pop(wanted.key, None)
                wanted.future.set_exception(fault)
                continue
            with self._lock:
                self._under_way.pop(wanted.key, None)
                self._known[wanted.key] = found
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            wanted.future.set_result(found)


def joined(batches: list[MicroBatch]) -> Sample:
    """Return micro-batches as one sample of the draws that came through."""
    ok = np.concatenate([batch.ok for batch in batches])
    failed: dict[str, int] = {}
    for batch in batches:
        for cause, count in batch.causes.items():
            failed[cause] = failed.get(cause, 0) + count
    return Sample(
        measures={
            name: np.concatenate([batch.measures[name] for batch in batches])[ok]
            for name in batches[0].measures
        },
        truths={
            name: np.concatenate([batch.truths[name] for batch in batches])[ok] for name in batches[0].truths
        },
        asked=len(ok),
        failed=failed,
        index=np.flatnonzero(ok),
    )
