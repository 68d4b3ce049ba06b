"""A simulator in a process of its own: the pages keep their thread of Python, the kernel its core.

The process compiles the kernel as one function, which takes about twice as long to compile and half of a
processor's time to run; stored runs keep the kernel that is compiled soonest. The two differ by rounding
(``tests/serve/test_worker.py``).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from twocurves.beliefs import Settings
from twocurves.errors import Fault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from twocurves.serve.simulator import MicroBatch

#: Has the compiler write a loop over months as one function, however much memory it reads and writes.
WHOLE_LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1000000000000"

_FLAGS = "XLA_FLAGS"

#: How far a process stands back behind the server and the browser, which show what it has made.
_POLITENESS = 15


class WorkerError(Fault):
    """The simulating process ended twice in a row."""


@dataclass(frozen=True)
class Assignment:
    """What a process is to simulate: all else it reads from the files of the package.

    Attributes
    ----------
    seed
        Of the draws.
    posterior
        As a plan names it; empty for the prior.
    """

    seed: int
    posterior: str


class RemoteSimulator:
    """Simulates in another process, which is started when first asked and again if it ends."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._lock = threading.Lock()
        self._process: Any = None
        self._line: Connection | None = None

    def compute(self, settings: Settings, batch: int) -> MicroBatch:
        """Simulate one micro-batch.

        Raises
        ------
        WorkerError
            The process ended, and so did the one started in its place.
        """
        found: MicroBatch = self._ask(("compute", settings.as_strings(), batch))
        return found

    def central_path(self) -> dict[str, NDArray[np.float64]]:
        """Return the path at the medians and without surprises, months first."""
        found: dict[str, NDArray[np.float64]] = self._ask(("central_path",))
        return found

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.terminate()

    def _ask(self, question: tuple[Any, ...]) -> Any:
        with self._lock:
            for _ in range(2):
                try:
                    line = self._connected()
                    line.send(question)
                    answer = line.recv()
                except (EOFError, ConnectionError):
                    self._line = None
                    continue
                if isinstance(answer, Exception):
                    raise answer
                return answer
        raise WorkerError("The simulating process ended; the setting may ask for too much.", field="engine")

    def _connected(self) -> Connection:
        if self._line is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(
                target=serve, args=(theirs, self._assignment), name="twocurves-simulator", daemon=True
            )
            self._process.start()
            theirs.close()
            self._line = ours
        return self._line


def serve(line: Connection, assignment: Assignment) -> None:
    """Answer questions until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, which ends this
    os.environ[_FLAGS] = f"{os.environ.get(_FLAGS, '')} {WHOLE_LOOPS}".strip()
    os.environ["NPROC"] = "1"
    os.nice(_POLITENESS)
    from twocurves.beliefs import load_beliefs, read_settings
    from twocurves.claims import load_ledger
    from twocurves.ensemble.economy_simulator import posterior_of
    from twocurves.observed.tables import observations
    from twocurves.serve.simulator import Simulator

    beliefs = load_beliefs()
    simulator = Simulator(
        beliefs,
        observations(),
        load_ledger(),
        seed=assignment.seed,
        posterior=posterior_of(assignment.posterior),
        same_as_stored=False,
    )
    while True:
        try:
            name, *given = line.recv()
        except (EOFError, ConnectionError):
            return
        answer: Any
        try:
            answer = (
                simulator.compute(read_settings(beliefs, given[0]), given[1])
                if name == "compute"
                else simulator.central_path()
            )
        except Exception as fault:  # noqa: BLE001  (raised where it was asked for)
            answer = fault
        try:
            line.send(answer)
        except ConnectionError:
            return
