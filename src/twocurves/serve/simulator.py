"""The simulator behind the sliders: one micro-batch at a time, by the kernel of the stored runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Settings, draws
from twocurves.claims import Evaluator, Ledger
from twocurves.ensemble.economy_simulator import measure_table
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.precision import Precision

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
        For each claim's first question 1, 0 or -1 (true, false, undetermined) by draw.
    seconds
        How long it took.
    """

    measures: dict[str, NDArray[np.float32]]
    ok: NDArray[np.bool_]
    causes: dict[str, int]
    truths: dict[str, NDArray[np.int8]]
    seconds: float


class Simulating(Protocol):
    """What the engine has computed by: in this process or in another."""

    def compute(self, settings: Settings, batch: int) -> MicroBatch:
        """Simulate one micro-batch."""

    def central_path(self) -> dict[str, NDArray[np.float64]]:
        """Return the path at the medians and without surprises, months first."""


class Simulator:
    """Simulates in the thread that asks.

    Parameters
    ----------
    same_as_stored
        Whether to compute by the very kernel of stored runs. Without it prices are not checked for profitable
        deviations and only the measures that pages show are computed, in less time and to rounding alike.
    """

    def __init__(
        self,
        beliefs: Beliefs,
        held: Observations,
        ledger: Ledger,
        *,
        seed: int,
        posterior: Posterior | None = None,
        same_as_stored: bool = True,
    ) -> None:
        self._beliefs = beliefs
        self._held = held
        self._ledger = ledger
        self._seed = seed
        self._posterior = posterior
        self._same_as_stored = same_as_stored

    def compute(self, settings: Settings, batch: int) -> MicroBatch:
        """Simulate one micro-batch in this thread."""
        from twocurves.ensemble.paths import paths

        begun = time.perf_counter()
        drawn = draws(
            self._beliefs, settings, self._seed, batch * MICRO_BATCH, MICRO_BATCH, scores=self._posterior
        )
        (found,) = paths(
            self._beliefs,
            drawn,
            self._held,
            _months(),
            Precision.FLOAT32,
            check_deviations=self._same_as_stored,
            measures=self._measures,
        )
        ok = found.ok & drawn.ok
        rejected = np.array(["", *drawn.causes])[drawn.status]
        said = np.where(drawn.ok, found.cause, rejected)
        names, counts = np.unique(said[~ok], return_counts=True)
        truths = self._evaluator.truths(found.measures, ok)
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

        structure, run = kernel(self._beliefs, Precision.FLOAT32, self._same_as_stored, self._measures)
        middle = medians(self._beliefs, NO_SETTINGS)
        numbers = numbers_of(self._beliefs, middle)
        given = outside_of(self._beliefs, structure, numbers, self._held, middle, _months())
        calm = given._replace(**{name: np.zeros_like(getattr(given, name)) for name in SHOCKS})
        outside = Precision.FLOAT32.cast(calm._asdict())
        shown, _ = run(
            {name: pad(value) for name, value in Precision.FLOAT32.cast(numbers).items()},
            {name: pad(value) if name in BY_DRAW else value for name, value in outside.items()},
        )
        return {name: np.asarray(value[0], dtype=np.float64) for name, value in shown.items()}

    @cached_property
    def _measures(self) -> frozenset[str] | None:
        if self._same_as_stored:
            return None
        from twocurves.ensemble.history import compared

        return self._evaluator.measures | {*KEPT} | compared()

    @cached_property
    def _evaluator(self) -> Evaluator:
        from twocurves.ensemble.assembly import LAST

        return Evaluator(self._ledger.headlines, measure_table(self._beliefs, LAST))


def _months() -> int:
    from twocurves.ensemble.assembly import FIRST, LAST

    return LAST - FIRST + 1
