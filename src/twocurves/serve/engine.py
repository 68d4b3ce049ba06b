"""Draws for a moving slider: the same futures, a micro-batch at a time, the most urgent first, remembered.

The unit is the micro-batch: draw ``i`` of a seed is one future in every scenario, so two settings are
compared draw by draw.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Settings
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.errors import Fault
from twocurves.months import Month, months_from
from twocurves.serve.simulator import MicroBatch, Simulating
from twocurves.serve.waiting import AHEAD, LATER, NOW, SOON, Ticket, Waiting

#: Micro-batches remembered: about a quarter of a megabyte each.
_REMEMBERED = 640

#: Micro-batches that may wait ahead of any wish for them.
_MOST_AHEAD = 48

#: How often one who waits looks whether the answer is still wanted.
_LOOK_SECONDS = 0.02

__all__ = ["AHEAD", "LATER", "NOW", "SOON", "BusyError", "Engine", "Sample", "SupersededError", "joined"]


class BusyError(Fault):
    """More was asked of the engine than it can take; nothing was computed."""


class SupersededError(Fault):
    """Whoever asked no longer wants the answer; what had not begun was dropped."""


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


class Engine:
    """Has micro-batches simulated, the most urgent first, each once, by as many as there are simulators."""

    def __init__(self, simulators: Sequence[Simulating], *, seed: int, most_waiting: int = 192) -> None:
        self.seed = seed
        self._simulators = tuple(simulators)
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._waiting = Waiting()
        self._known: OrderedDict[tuple[tuple[str, ...], int], MicroBatch] = OrderedDict()
        self.ready = threading.Event()
        self.fault: Fault | None = None
        self.warm_seconds = 0.0
        self._begun = False

    @property
    def months(self) -> tuple[Month, ...]:
        """The months simulated."""
        from twocurves.ensemble.assembly import FIRST, LAST

        return tuple(months_from(FIRST, LAST))

    def start(self) -> None:
        """Start the threads; the first has the kernel compiled before anything else."""
        if self._begun:
            return
        self._begun = True
        for number, simulator in enumerate(self._simulators):
            threading.Thread(
                target=self._work, args=(simulator, number == 0), name=f"engine-{number}", daemon=True
            ).start()

    def central_path(self) -> dict[str, NDArray[np.float64]]:
        """Return the path at the medians and without surprises, months first, in single precision."""
        return self._simulators[0].central_path()

    def ask(self, settings: Settings, batch: int, priority: int = NOW) -> Ticket:
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
                found = Ticket(key, settings, priority, -1)
                found.future.set_result(known)
                return found
        if priority != AHEAD and len(self._waiting) >= self._most_waiting:
            raise BusyError(
                "The engine has more scenarios waiting than it can take; try again in a moment.",
                field="load",
                allowed=self._most_waiting,
            )
        return self._waiting.ask(key, settings, priority)

    def work_ahead(self, wanted: Iterable[Settings], count: int) -> None:
        """Compute what may be wanted next, in this order, in place of what was expected before."""
        keys = [(settings, batch) for settings in wanted for batch in range(batches_of(count))][:_MOST_AHEAD]
        kept = {(tuple(sorted(settings.as_strings())), batch) for settings, batch in keys}
        self._waiting.drop_ahead(kept.__contains__)
        for settings, batch in keys:
            self.ask(settings, batch, AHEAD)

    def sample(
        self,
        settings: Settings,
        count: int,
        *,
        timeout: float,
        priority: int = NOW,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Sample:
        """Return draws 0 to ``count - 1`` (whole micro-batches) under some settings.

        Parameters
        ----------
        timeout
            Seconds after which to give up.
        wanted
            Asked while waiting: whether the answer is still wanted.

        Raises
        ------
        BusyError
            Too many wait already, or it took longer than ``timeout`` seconds.
        SupersededError
            It is wanted no longer.
        """
        until = time.monotonic() + timeout
        asked: list[Ticket] = []
        try:
            asked.extend(self.ask(settings, batch, priority) for batch in range(batches_of(count)))
            return joined([_result(ticket.future, until, wanted) for ticket in asked])
        finally:
            for ticket in asked:
                if not ticket.future.done():
                    self._waiting.leave(ticket)

    def known(self, settings: Settings, count: int) -> bool:
        """Say whether draws are remembered already."""
        strings = tuple(sorted(settings.as_strings()))
        with self._lock:
            return all((strings, batch) in self._known for batch in range(batches_of(count)))

    def _warm(self, simulator: Simulating) -> None:
        """Have the kernel compiled, and the draws of the plain scenario with it."""
        begun = time.perf_counter()
        try:
            found = simulator.compute(NO_SETTINGS, 0)
            with self._lock:
                self._known[((), 0)] = found
        except Fault as fault:
            self.fault = fault
        except Exception as problem:  # noqa: BLE001  (told to every visitor; sliders stay where they are)
            self.fault = Fault(f"The economy could not be simulated: {problem}.", field="engine")
        self.warm_seconds = time.perf_counter() - begun
        self.ready.set()

    def _work(self, simulator: Simulating, first: bool) -> None:
        if first:
            self._warm(simulator)
        else:
            self.ready.wait()  # until then another thread compiles what this one will find compiled
        while True:
            ticket = self._waiting.take()
            try:
                found = simulator.compute(ticket.settings, ticket.key[1])
            except Exception as fault:  # noqa: BLE001  (handed on to whoever waits for the future)
                self._waiting.done(ticket)
                ticket.future.set_exception(fault)
                continue
            with self._lock:
                self._known[ticket.key] = found
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            self._waiting.done(ticket)
            ticket.future.set_result(found)


def batches_of(count: int) -> int:
    """Return in how many micro-batches so many draws are computed."""
    return max(1, -(-count // MICRO_BATCH))


def _result(future: Future[MicroBatch], until: float, wanted: Callable[[], bool]) -> MicroBatch:
    """Wait for a micro-batch as long as there is time and it is wanted."""
    while True:
        left = until - time.monotonic()
        try:
            return future.result(min(_LOOK_SECONDS, max(left, 0.0)))
        except TimeoutError:
            if left <= 0:
                raise BusyError(
                    "The engine is busy or still compiling; the answer will be there shortly.", field="load"
                ) from None
        except CancelledError:
            raise SupersededError("Another setting was asked for meanwhile.", field="load") from None
        if not wanted():
            raise SupersededError("Another setting was asked for meanwhile.", field="load")


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
