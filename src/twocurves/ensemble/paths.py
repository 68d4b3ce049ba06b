"""Many draws of the economy: one compiled kernel per structure, run in micro-batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Draws
from twocurves.economy.certificates import TOLERANCES, judge
from twocurves.economy.initial import initial_state
from twocurves.economy.month import Exogenous
from twocurves.economy.simulate import simulate
from twocurves.economy.structure import Structure
from twocurves.ensemble.assembly import numbers_of, outside_of, structure_of
from twocurves.ensemble.microbatch import pad, spans
from twocurves.ensemble.precision import Precision, cores, prepare_jax
from twocurves.observed.tables import Observations

#: Fields of what comes from outside that differ by draw; the others are the same for all.
BY_DRAW = (
    "shipped",
    "spending",
    "capability_shock",
    "value_shock",
    "premium_shock",
    "supply_shock",
    "sentiment_shock",
)


@dataclass(frozen=True)
class Batch:
    """Draws as simulated.

    Attributes
    ----------
    index
        Of each draw, shape ``(draws,)``.
    measures
        By name, shape ``(draws, months, ...)``; axes as in
        :data:`twocurves.economy.measure_table.MEASURES`.
    ok
        Whether all certificates held in all months, shape ``(draws,)``.
    cause
        What failed first, empty when nothing did.
    month
        Months after January 2023 of the first failure, -1 when none.
    figure
        By how much it failed, in the certificate's own terms.
    """

    index: NDArray[np.int64]
    measures: dict[str, NDArray[np.floating]]
    ok: NDArray[np.bool_]
    cause: NDArray[np.str_]
    month: NDArray[np.int64]
    figure: NDArray[np.float64]


def draws_last(array: NDArray[Any] | Array) -> Any:
    """Return an array with its first axis, of draws, moved to the end, where the engine has it."""
    return jnp.moveaxis(jnp.asarray(array), 0, -1)


def exogenous(given: Mapping[str, Any]) -> Exogenous:
    """Return what comes from outside as the engine takes it: months first, draws last."""
    fields = {
        name: draws_last(value) if name in BY_DRAW else jnp.asarray(value) for name, value in given.items()
    }
    fields["flagship_closed"] = fields["flagship_closed"][..., None]
    return Exogenous(**fields)


def kernel(
    beliefs: Beliefs,
    precision: Precision,
    check_deviations: bool = True,
    measures: frozenset[str] | None = None,
) -> tuple[Structure, Any]:
    """Return the structure of the beliefs and the kernel for it; compiled at its first call.

    The kernel takes numbers by name and fields of :class:`Exogenous` by name, draws first, and returns
    measures (draws first) and the verdict.
    """
    return _kernel(beliefs, precision, check_deviations, measures)


@lru_cache(maxsize=8)
def _kernel(
    beliefs: Beliefs, precision: Precision, check_deviations: bool, measures: frozenset[str] | None
) -> tuple[Structure, Any]:
    prepare_jax()
    structure = structure_of(beliefs).cast(precision.dtype)

    def run(numbers: dict[str, Array], given: dict[str, Array]) -> tuple[dict[str, Array], Any]:
        b = {name: draws_last(value) for name, value in numbers.items()}
        outside = exogenous(given)
        first = initial_state(b, structure, outside.spending[0])
        _, shown, proofs = simulate(
            b, structure, first, outside, check_deviations=check_deviations, measures=measures
        )
        return {name: jnp.moveaxis(value, -1, 0) for name, value in shown.items()}, judge(proofs)

    return structure, jax.jit(run)


def paths(
    beliefs: Beliefs,
    drawn: Draws,
    held: Observations,
    months: int,
    precision: Precision = Precision.FLOAT64,
    *,
    check_deviations: bool = True,
    measures: frozenset[str] | None = None,
) -> Iterator[Batch]:
    """Simulate every draw and yield the result of each micro-batch, in order.

    As many micro-batches are computed side by side as there are cores; what each gives does not depend on it.

    Parameters
    ----------
    held
        Observations from which shipments and spending are imposed while they last.
    months
        From January 2023 on.
    measures
        The measures wanted, all when left out.
    """
    structure, run = kernel(beliefs, precision, check_deviations, measures)
    drawn_numbers = numbers_of(beliefs, drawn)
    given_outside = outside_of(beliefs, structure, drawn_numbers, held, drawn, months)
    numbers, outside = precision.cast(drawn_numbers), precision.cast(given_outside._asdict())

    def simulated(span: slice) -> Batch:
        given = {name: pad(value[span]) if name in BY_DRAW else value for name, value in outside.items()}
        shown, verdict = run({name: pad(value[span]) for name, value in numbers.items()}, given)
        return batch_of(drawn.index[span], shown, verdict, span.stop - span.start)

    yield from side_by_side(simulated, list(spans(len(drawn))))


def side_by_side(simulated: Callable[[slice], Batch], places: Sequence[slice]) -> Iterator[Batch]:
    """Yield the result of each part in turn, computing ahead only as far as there are cores."""
    at_once = min(cores(), len(places))
    if at_once < 2:
        yield from map(simulated, places)
        return
    with ThreadPoolExecutor(at_once) as threads:
        under_way: deque[Future[Batch]] = deque()
        for place in places:
            under_way.append(threads.submit(simulated, place))
            if len(under_way) > at_once:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def batch_of(index: NDArray[np.int64], shown: Mapping[str, Array], verdict: Any, count: int) -> Batch:
    """Return the kernel's output as a batch, without its padding."""
    names = np.array([*TOLERANCES, ""])
    return Batch(
        index=np.asarray(index),
        measures={name: np.asarray(value)[:count] for name, value in shown.items()},
        ok=np.asarray(verdict.ok)[:count],
        cause=names[np.asarray(verdict.mechanism)[:count]],
        month=np.asarray(verdict.month)[:count].astype(np.int64),
        figure=np.asarray(verdict.figure)[:count].astype(np.float64),
    )
