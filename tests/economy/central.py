"""The economy at the medians of its beliefs: what the tests of this folder begin from.

The engine takes draws along the last axis. Here a *world* is one draw; worlds are run side by side, filled up
to a fixed number, so that every test of the whole path shares one compiled program.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.precision import prepare_jax

prepare_jax()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

from twocurves.beliefs import Beliefs, draws, load_beliefs  # noqa: E402
from twocurves.economy.certificates import Certificates, Verdict, judge  # noqa: E402
from twocurves.economy.initial import initial_state  # noqa: E402
from twocurves.economy.month import Exogenous  # noqa: E402
from twocurves.economy.simulate import simulate  # noqa: E402
from twocurves.economy.state import State  # noqa: E402
from twocurves.economy.structure import Structure  # noqa: E402
from twocurves.ensemble.assembly import FIRST, LAST, numbers_of, outside_of, structure_of  # noqa: E402
from twocurves.ensemble.paths import exogenous  # noqa: E402
from twocurves.observed.tables import Observations, observations  # noqa: E402

MONTHS = LAST - FIRST + 1

#: Worlds that the compiled path takes at once.
WIDTH = 16

Floats = NDArray[np.float64]
#: Parameters by name, draws last; NumPy arrays, which the engine takes as well as its own.
Numbers = dict[str, Any]

#: What comes from outside for one draw, by field, as the engine takes it (draws last).
Given = dict[str, Any]

SHOCKS = ("capability_shock", "value_shock", "premium_shock", "supply_shock", "sentiment_shock")

#: Fields of what comes from outside that are the same for all draws.
SHARED = ("month", "shipped_known", "spending_known", "flagship_closed")


@cache
def beliefs() -> Beliefs:
    return load_beliefs()


@cache
def held() -> Observations:
    return observations()


@cache
def structure() -> Structure:
    return structure_of(beliefs())


@cache
def _medians() -> Numbers:
    known = beliefs()
    values: dict[str, float] = {}
    for name in known.names:
        if name in known.distributions:
            values[name] = float(known.distributions[name].quantile(np.array([0.5]))[0])
    for derived in known.derived:
        for full in known.full_names(derived.name):
            inputs = {unit: np.array(values[name]) for unit, name in derived.inputs.items()}
            values[full] = float(derived.formula.evaluate(inputs))
    return {
        name: np.array([[values[full]] for full in known.full_names(name)])
        if parameter.index
        else np.array([values[known.full_names(name)[0]]])
        for name, parameter in known.parameters.items()
    }


def medians(**changes: Any) -> Numbers:
    """Every parameter at the median of its own distribution, derived ones from their formula; one draw, last.

    ``changes`` replace a parameter, or by a function of its array.
    """
    numbers = {name: array.copy() for name, array in _medians().items()}
    for name, change in changes.items():
        numbers[name] = change(numbers[name]) if callable(change) else numbers[name] * 0.0 + change
    return numbers


def arrays(numbers: Mapping[str, Any]) -> dict[str, jax.Array]:
    return {name: jnp.asarray(array) for name, array in numbers.items()}


@dataclass(frozen=True)
class World:
    """One draw: its numbers, and what comes from outside."""

    numbers: Numbers
    outside: Given


@dataclass(frozen=True)
class Path:
    """What became of a world; the axis of draws is gone."""

    numbers: Numbers
    end: State
    measures: dict[str, Floats]
    proofs: Certificates
    verdict: Verdict

    def __getitem__(self, name: str) -> Floats:
        return self.measures[name]


def outside(numbers: Numbers, *, shocks: bool = False) -> Given:
    """What comes from outside for one set of numbers; without shocks they are zero."""
    drawn = draws(beliefs(), seed=1, count=1)
    first = {name: np.moveaxis(array, -1, 0) for name, array in numbers.items()}
    given = exogenous(outside_of(beliefs(), structure(), first, held(), drawn, MONTHS)._asdict())._asdict()
    return {
        name: value * 0.0 if name in SHOCKS and not shocks else value
        for name, value in ((name, np.asarray(value)) for name, value in given.items())
    }


def world(*, shocks: bool = False, **changes: Any) -> World:
    """The medians with some beliefs changed."""
    numbers = medians(**changes)
    return World(numbers, outside(numbers, shocks=shocks))


def drawn(count: int, seed: int = 20230101) -> list[World]:
    """Draws from the prior, with their shocks."""
    some = draws(beliefs(), seed=seed, count=count)
    numbers = numbers_of(beliefs(), some)
    given = outside_of(beliefs(), structure(), numbers, held(), some, MONTHS)
    last = {name: np.asarray(value) for name, value in exogenous(given._asdict())._asdict().items()}
    return [
        World(
            {name: array[place : place + 1].swapaxes(0, -1) for name, array in numbers.items()},
            {
                name: value if name in SHARED else value[..., place : place + 1]
                for name, value in last.items()
            },
        )
        for place in range(count)
    ]


def beside(worlds: Sequence[World]) -> tuple[dict[str, jax.Array], Exogenous]:
    """Worlds side by side, the last repeated up to :data:`WIDTH`, as the engine takes them."""
    filled = [*worlds, *[worlds[-1]] * (WIDTH - len(worlds))]
    numbers = {
        name: jnp.concatenate([w.numbers[name] for w in filled], axis=-1) for name in worlds[0].numbers
    }
    given = {
        name: jnp.asarray(value)
        if name in SHARED
        else jnp.concatenate([w.outside[name] for w in filled], axis=-1)
        for name, value in worlds[0].outside.items()
    }
    return numbers, Exogenous(**given)


def whole_path(
    numbers: Mapping[str, Any], given: Exogenous, skeleton: Structure
) -> tuple[State, dict[str, jax.Array], Certificates]:
    """The path from the first month on, deviations checked."""
    first = initial_state(numbers, skeleton, given.spending[0])
    return simulate(numbers, skeleton, first, given)


@cache
def compiled() -> Any:
    """The path of :data:`WIDTH` draws over all months, in double precision, compiled once."""

    @jax.jit
    def run(numbers: Any, given: Exogenous) -> Any:
        end, shown, proofs = whole_path(numbers, given, structure())
        return end, shown, proofs, judge(proofs)

    return run


def run(worlds: Iterable[World]) -> list[Path]:
    """What becomes of each world."""
    given = list(worlds)
    found: list[Path] = []
    for first in range(0, len(given), WIDTH):
        part = given[first : first + WIDTH]
        out = jax.tree.map(np.asarray, compiled()(*beside(part)))
        for place, one in enumerate(part):
            end, shown, proofs, verdict = jax.tree.map(lambda array, place=place: array[..., place], out)
            found.append(Path(one.numbers, end, shown, proofs, verdict))
    return found


def blank_state(**given: Any) -> State:
    """A state of which only some fields are set; the others are not numbers, so that their use would show."""
    fields: dict[str, Any] = dict.fromkeys(State._fields, jnp.asarray([jnp.nan]))
    return State(**(fields | {name: jnp.asarray(value) for name, value in given.items()}))
