"""The path: the scan over months, for a block of draws at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import jax
from jax import Array

from twocurves.economy.certificates import DEVIATION_EVERY, Certificates
from twocurves.economy.measures import NEEDED_BY_THE_PATH, of_the_path
from twocurves.economy.month import Exogenous, deviation_check, step
from twocurves.economy.state import State
from twocurves.economy.structure import Structure


def simulate(
    b: Mapping[str, Array],
    structure: Structure,
    first: State,
    outside: Exogenous,
    *,
    check_deviations: bool = True,
    measures: Collection[str] | None = None,
) -> tuple[State, dict[str, Array], Certificates]:
    """Run draws over all months.

    Parameters
    ----------
    b
        Every parameter's values, shape ``(draws,)`` or ``(entities, draws)``.
    first
        State before the first month.
    outside
        Each field with a leading axis of months.
    check_deviations
        Whether the grid check of prices is made in sampled months, the last of each stretch of
        :data:`~twocurves.economy.certificates.DEVIATION_EVERY`; off while a slider is dragged, and where the
        months are no whole number of stretches.
    measures
        Names of the measures wanted, all when left out: what serves no other is not computed.

    Returns
    -------
    State
        At the end of the last month.
    dict
        Measures, each with a leading axis of months.
    Certificates
        Each with a leading axis of months.
    """
    monthly = None if measures is None else {*measures, *NEEDED_BY_THE_PATH}

    def advance(state: State, now: Exogenous) -> tuple[State, tuple[dict[str, Array], Certificates]]:
        after, shown, proofs = step(b, structure, state, now)
        kept = {name: value for name, value in shown.items() if monthly is None or name in monthly}
        return after, (kept, proofs)

    def whole(shown: dict[str, Array]) -> dict[str, Array]:
        every = shown | of_the_path(shown)
        return {name: value for name, value in every.items() if measures is None or name in measures}

    months = outside.month.shape[0]
    if not check_deviations or months % DEVIATION_EVERY:
        last, (shown, proofs) = jax.lax.scan(advance, first, outside)
        return last, whole(shown), proofs

    def stretch(state: State, now: Exogenous) -> tuple[State, tuple[dict[str, Array], Certificates]]:
        after, (shown, proofs) = jax.lax.scan(advance, state, now)
        gain = deviation_check(b, structure, after, now.month[-1])
        return after, (shown, proofs._replace(deviation=proofs.deviation.at[-1].set(gain)))

    def parted(array: Array) -> Array:
        return array.reshape(months // DEVIATION_EVERY, DEVIATION_EVERY, *array.shape[1:])

    def joined(array: Array) -> Array:
        return array.reshape(months, *array.shape[2:])

    last, out = jax.lax.scan(stretch, first, jax.tree.map(parted, outside))
    shown, proofs = jax.tree.map(joined, out)
    return last, whole(shown), proofs
