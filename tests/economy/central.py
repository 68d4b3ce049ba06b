"""The economy at the medians of its beliefs: what the tests of this folder begin from."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.precision import prepare_jax

prepare_jax()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

from twocurves.beliefs import Beliefs, Draws, draws, load_beliefs  # noqa: E402
from twocurves.economy.initial import initial_state  # noqa: E402
from twocurves.economy.measures import Month  # noqa: E402
from twocurves.economy.month import Exogenous  # noqa: E402
from twocurves.economy.simulate import simulate  # noqa: E402
from twocurves.economy.state import State  # noqa: E402
from twocurves.economy.structure import Structure  # noqa: E402
from twocurves.ensemble.assembly import FIRST, LAST, numbers_of, outside_of, structure_of  # noqa: E402
from twocurves.observed.tables import observations  # noqa: E402

MONTHS = LAST - FIRST + 1

Numbers = dict[str, NDArray[np.float64]]

_SHOCKS = ("capability_shock", "value_shock", "premium_shock", "supply_shock", "sentiment_shock")


@cache
def beliefs() -> Beliefs:
    return load_beliefs()


@cache
def structure() -> Structure:
    return structure_of(beliefs())


@cache
def medians() -> Numbers:
    """Every parameter at the median of its own distribution; derived ones from their formula."""
    held = beliefs()
    values: dict[str, float] = {}
    for name in held.names:
        if name in held.distributions:
            values[name] = float(held.distributions[name].quantile(np.array([0.5]))[0])
    for derived in held.derived:
        for full in held.full_names(derived.name):
            inputs = {unit: np.array(values[name]) for unit, name in derived.inputs.items()}
            values[full] = float(derived.formula.evaluate(inputs))
    return {
        name: np.array([values[full] for full in held.full_names(name)])
        if parameter.index
        else np.array(values[held.full_names(name)[0]])
        for name, parameter in held.parameters.items()
    }


def outside(numbers: Numbers, *, shocks: bool = False, months: int = MONTHS) -> Exogenous:
    """Observed paths for one set of numbers; without shocks they are zero."""
    drawn = draws(beliefs(), seed=1, count=1)
    many = outside_of(
        structure(), {name: array[None] for name, array in numbers.items()}, observations(), drawn, months
    )
    one: Exogenous = jax.tree.map(lambda array: array[0], many)
    if shocks:
        return one
    return one._replace(**{name: jnp.zeros_like(getattr(one, name)) for name in _SHOCKS})


def drawn(count: int, seed: int = 20230101) -> tuple[Draws, Numbers, Exogenous]:
    """Draws from the prior with their numbers and their observed paths and shocks."""
    some = draws(beliefs(), seed=seed, count=count)
    numbers = numbers_of(beliefs(), some)
    return some, numbers, outside_of(structure(), numbers, observations(), some, MONTHS)


@dataclass(frozen=True)
class Central:
    """One run at the medians."""

    numbers: Numbers
    outside: Exogenous
    run: Any
    end: State
    path: Month


def runner(skeleton: Structure) -> Any:
    """Return the compiled path of one draw."""

    @jax.jit
    def run(numbers: Any, given: Exogenous) -> tuple[State, Month]:
        first = initial_state(numbers, skeleton, given.spending[0])
        return simulate(numbers, skeleton, first, given)

    return run


def blank_state(**given: Any) -> State:
    """A state of which only some fields are set; the others are not numbers, so that their use would show."""
    fields: dict[str, Any] = dict.fromkeys(State._fields, jnp.asarray(jnp.nan))
    return State(**(fields | {name: jnp.asarray(value) for name, value in given.items()}))
