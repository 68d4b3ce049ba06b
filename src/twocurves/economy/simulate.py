"""The path: the scan over months, for one draw; ``jax.vmap`` makes it many."""

from __future__ import annotations

from collections.abc import Mapping

import jax
from jax import Array

from twocurves.economy.measures import Month
from twocurves.economy.month import Exogenous, step
from twocurves.economy.state import State
from twocurves.economy.structure import Structure


def simulate(
    b: Mapping[str, Array], structure: Structure, first: State, outside: Exogenous
) -> tuple[State, Month]:
    """Run one draw over all months.

    Parameters
    ----------
    first
        State before the first month.
    outside
        Each field with a leading axis of months.

    Returns
    -------
    State
        At the end of the last month.
    Month
        Measures, each with a leading axis of months.
    """

    def advance(state: State, now: Exogenous) -> tuple[State, Month]:
        return step(b, structure, state, now)

    return jax.lax.scan(advance, first, outside)
