"""The path: month after month for a block of draws."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.economy.numpy_month.axes import Array, Bag, Numbers
from tests.economy.numpy_month.initial import initial_state
from tests.economy.numpy_month.measures import of_the_path
from tests.economy.numpy_month.month import step
from twocurves.economy.structure import Structure


def plain_months(
    numbers: Mapping[str, Array], outside: Any, structure: Structure, states: Mapping[str, Array], months: int
) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """Compute every month by itself from a given state before it.

    Parameters
    ----------
    numbers, outside, structure, months
        As in :func:`run_path`.
    states
        State before each month, months first, draws last.

    Returns
    -------
    tuple
        States after each month, measures and certificates; months first, draws last.
    """
    b = _numbers(numbers)
    ends, shown, proofs = [], [], []
    for place in range(months):
        before = Bag(**{name: array[place] for name, array in states.items()})
        after, measures, certificates = step(b, structure, before, _month(outside, place))
        ends.append(vars(after))
        shown.append(measures)
        proofs.append(certificates)
    paths = _joined(shown)
    return _joined(ends), paths | of_the_path(paths), _joined(proofs)


def run_path(
    numbers: Mapping[str, Array], outside: Any, structure: Structure, months: int
) -> tuple[Bag, dict[str, Array], dict[str, Array]]:
    """Run draws from January 2023 on.

    Parameters
    ----------
    numbers
        Every parameter's values, shape ``(draws,)`` or ``(draws, entities)``.
    outside
        What comes from outside, draws first: what :func:`twocurves.ensemble.assembly.outside_of` returns.
    structure
        The skeleton, in float64.
    months
        How many to run; ``outside`` has as many or more.

    Returns
    -------
    Bag
        The state at the end of the last month, each field ending with the axis of draws.
    dict
        Measures ``(draws, months, ...)``.
    dict
        Certificates ``(draws, months)``, but for the deviation check.
    """
    b = _numbers(numbers)
    state = initial_state(b, structure, outside.spending[:, 0])
    shown, proofs = [], []
    for place in range(months):
        state, measures, certificates = step(b, structure, state, _month(outside, place))
        shown.append(measures)
        proofs.append(certificates)
    paths = _joined(shown)
    paths |= of_the_path(paths) if paths else {}
    return state, _draws_first(paths), _draws_first(_joined(proofs))


def _month(outside: Any, place: int) -> Bag:
    """Return what comes from outside in a month, axes then draws."""
    return Bag(
        month=float(outside.month[place]),
        shipped=outside.shipped[:, place],
        shipped_known=bool(outside.shipped_known[place]),
        spending=outside.spending[:, place],
        spending_known=bool(outside.spending_known[place]),
        flagship_closed=outside.flagship_closed[place][:, None],
        capability_shock=outside.capability_shock[:, place].T,
        value_shock=outside.value_shock[:, place].T,
        premium_shock=outside.premium_shock[:, place].T,
        supply_shock=outside.supply_shock[:, place],
        sentiment_shock=outside.sentiment_shock[:, place],
    )


def _numbers(numbers: Mapping[str, Array]) -> Numbers:
    """Return numbers with draws last."""
    return {name: np.ascontiguousarray(np.moveaxis(array, 0, -1)) for name, array in numbers.items()}


def _joined(months: list[dict[str, Array]]) -> dict[str, Array]:
    """Return paths, months first."""
    names = months[0] if months else ()
    return {name: np.stack([month[name] for month in months]) for name in names}


def _draws_first(arrays: dict[str, Array]) -> dict[str, Array]:
    return {name: np.moveaxis(array, -1, 0) for name, array in arrays.items()}
