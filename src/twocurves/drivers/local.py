"""Slopes of an outcome at the middle of a run's draws, beside what finite moves do.

The *central path* has every parameter at its median over the run's draws and no surprises. One reverse pass
through the whole simulated economy gives the outcome's exact slope in all parameters at once, in double
precision. Observed paths that are imposed on the economy depend on a few parameters too (the stock counted at
the end of 2025, announced spending); their share of the slope is carried through by a complex step (Squire
and Trapp 1998), which is exact to rounding, and so are the formulas of derived parameters.

A slope times the way from an input's 10th to its 90th percentile is what a straight line would do; the true
finite move is computed beside it, and where the two part, the economy bends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs
from twocurves.drivers.inputs import Input, inputs_of, values_of
from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.replay import Replay, TargetReader
from twocurves.drivers.target import Target
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble.results import StoredRun
from twocurves.errors import BadInputError

#: Percentiles between which an input is moved.
ENDS = (0.1, 0.9)

#: Inputs that are moved for good, beside all slopes: those with the largest straight-line effects.
MOVED = 24

#: Imposed paths that depend on parameters.
_IMPOSED = ("shipped", "spending")

_COMPLEX_STEP = 1e-30


@dataclass(frozen=True)
class LocalEffect:
    """What moving one input does at the middle.

    Attributes
    ----------
    input
        The input.
    low, high
        Its 10th and 90th percentile over the run's draws.
    slope
        Change of the outcome for a unit of the input, everything else at the middle.
    straight
        Slope times the way from low to high.
    finite
        Outcome at high less outcome at low; None where it was not computed, or failed.
    """

    input: Input
    low: float
    high: float
    slope: float
    straight: float
    finite: float | None

    def as_record(self) -> dict[str, Any]:
        """Return the effect as ``--json`` prints it."""
        return {
            "name": self.input.name,
            "nature": self.input.nature,
            "p10": self.low,
            "p90": self.high,
            "slope": self.slope,
            "straight_line": self.straight,
            "finite_move": self.finite,
        }


@dataclass(frozen=True)
class Local:
    """Effects at the middle of a run.

    Attributes
    ----------
    target
        The outcome.
    centre
        Its value on the central path.
    effects
        Of all inputs that differ between draws, the largest first.
    """

    target: Target
    centre: float
    effects: tuple[LocalEffect, ...]


def local(run: StoredRun, target: Target, moved: int = MOVED) -> Local:
    """Find the slopes of an outcome in every input, and the finite moves of the largest.

    Parameters
    ----------
    target
        An outcome.
    moved
        Inputs for which the finite move is computed.

    Raises
    ------
    BadInputError
        The target is a claim.
    """
    refuse_claim(target)
    inputs = inputs_of(run)
    values = values_of(run, [one.name for one in inputs])
    middle = _middle(Replay.of(run, 1), run)
    low, high = np.quantile(values, ENDS, axis=0)
    centre, slopes = gradient(middle, target)
    straight = np.array([slopes[one.name] for one in inputs]) * (high - low)
    differs = np.flatnonzero(low < high)
    order = differs[np.argsort(-np.abs(straight[differs]), kind="stable")]
    tried = order[:moved].tolist()
    names = [inputs[place].name for place in tried]
    at_low, at_high = np.split(
        finite(middle, target, [*zip(names, low[tried], strict=True), *zip(names, high[tried], strict=True)]),
        2,
    )
    gone = dict(zip(tried, (at_high - at_low).tolist(), strict=True))
    return Local(
        target,
        centre,
        tuple(
            LocalEffect(
                inputs[place],
                float(low[place]),
                float(high[place]),
                slopes[inputs[place].name],
                float(straight[place]),
                gone[place] if place in gone and np.isfinite(gone[place]) else None,
            )
            for place in order.tolist()
        ),
    )


def refuse_claim(target: Target) -> None:
    """Refuse a claim, which is true or false and has no slope.

    Raises
    ------
    BadInputError
        The target is a claim.
    """
    if target.is_claim:
        raise BadInputError(
            f"{target.name} is true or false in a future, so it has no slope; --local takes an outcome, for "
            "example net_revenue_open@2035-12.",
            field="--local",
            given=target.name,
            allowed="an outcome",
            suggestion="net_revenue_open@2035-12",
        )


def gradient(middle: Replay, target: Target) -> tuple[float, dict[str, float]]:
    """Return an outcome on the central path, and its slope in every parameter, by one reverse pass.

    Parameters
    ----------
    middle
        One draw: the values at which the slope is taken; shocks are left out.
    target
        An outcome.

    Returns
    -------
    value, slopes
        Slopes by full name; a parameter from which others are derived has what goes through them in its own.
    """
    from twocurves.ensemble.assembly import numbers_of

    beliefs = middle.beliefs
    numbers = numbers_of(beliefs, middle.drawn(middle.values))
    imposed = {name: getattr(_outside(middle, numbers), name) for name in _IMPOSED}
    weights = _weights(middle, target)
    value, (by_number, by_path) = _reverse(middle)(numbers, imposed, weights)
    slopes = dict(zip(beliefs.names, _flat(beliefs, by_number).tolist(), strict=True))
    _add_imposed(middle, {name: np.asarray(one)[0] for name, one in by_path.items()}, slopes)
    _add_derived(middle, slopes)
    return float(value), slopes


def finite(middle: Replay, target: Target, moves: Sequence[tuple[str, float]]) -> FloatArray:
    """Return an outcome on the central path with one input moved, for many moves side by side as draws.

    Parameters
    ----------
    middle
        One draw: the values from which is moved; shocks are left out.
    moves
        Full name and value of each.

    Returns
    -------
    array
        Shape ``(moves,)``; NaN where the economy failed.
    """
    from twocurves.ensemble.assembly import FIRST, LAST
    from twocurves.ensemble.calm import calm_batches
    from twocurves.ensemble.precision import Precision

    many = Replay(
        middle.plan,
        middle.beliefs,
        middle.held,
        middle.settings,
        MappingProxyType({name: np.repeat(one, len(moves)) for name, one in middle.values.items()}),
        np.ones(len(moves), dtype=np.bool_),
    )
    changes: dict[str, FloatArray] = {}
    for place, (name, value) in enumerate(moves):
        changes.setdefault(name, many.values[name].copy())[place] = value
    drawn = many.drawn(many.moved(changes))
    reader = TargetReader(middle.plan, middle.beliefs, [target])
    months = LAST - FIRST + 1
    parts = [
        reader.read(dict(batch.measures), batch.ok)
        for batch in calm_batches(middle.beliefs, drawn, middle.held, months, Precision.FLOAT64)
    ]
    return np.concatenate(parts)[:, 0]


def _middle(one: Replay, run: StoredRun) -> Replay:
    """Return one draw with every parameter at its median over the run's draws, the derived ones computed."""
    names = one.beliefs.names
    medians = np.median(values_of(run, names), axis=0)
    derived = {name for entry in one.beliefs.derived for name in one.beliefs.full_names(entry.name)}
    moves = {
        name: float(value)
        for name, value in zip(names, medians, strict=True)
        if name not in derived or (name in one.changed and _is_put(one, name))
    }
    values = one.moved(moves)
    return Replay(
        one.plan, one.beliefs, one.held, one.settings, MappingProxyType(values), np.ones(1, dtype=np.bool_)
    )


def _is_put(one: Replay, name: str) -> bool:
    """Say whether a setting put a value or a distribution in a formula's place."""
    change = one.settings.change_of(name)
    return change is not None and change.kind != "scale"


def _outside(middle: Replay, numbers: Mapping[str, NDArray[Any]]) -> Any:
    from twocurves.ensemble.assembly import FIRST, LAST, outside_of, structure_of
    from twocurves.ensemble.central import SHOCKS

    drawn = middle.drawn(middle.values)
    given = outside_of(
        middle.beliefs, structure_of(middle.beliefs), numbers, middle.held, drawn, LAST - FIRST + 1
    )
    return given._replace(**{name: np.zeros_like(getattr(given, name)) for name in SHOCKS})


def _weights(middle: Replay, target: Target) -> dict[str, FloatArray]:
    """Return one for the outcome and zero for every other figure: one program serves every outcome."""
    from twocurves.ensemble.assembly import FIRST, LAST

    reader = TargetReader(middle.plan, middle.beliefs, [target])
    shapes = {
        name: (LAST - FIRST + 1, *(len(entities) for entities in reader.along(name))) for name in MEASURES
    }
    found = {name: np.zeros(shape) for name, shape in shapes.items()}
    found[target.measure][reader.place_of(target)] = 1.0
    return found


def _reverse(middle: Replay) -> Any:
    """Return the compiled reverse pass; compiling it takes minutes, once for each machine and version."""
    return _compiled(middle.beliefs, _Held(middle))


@lru_cache(maxsize=2)
def _compiled(beliefs: Beliefs, held: _Held) -> Any:
    from twocurves.ensemble.precision import prepare_jax

    prepare_jax()
    import jax

    from twocurves.economy.initial import initial_state
    from twocurves.economy.simulate import simulate
    from twocurves.ensemble.assembly import numbers_of, structure_of
    from twocurves.ensemble.paths import draws_last, exogenous

    middle = held.middle
    structure = structure_of(beliefs).cast(np.dtype(np.float64))
    calm = _outside(middle, numbers_of(beliefs, middle.drawn(middle.values)))._asdict()

    def outcome(numbers: Any, imposed: Any, weights: Any) -> Any:
        outside = exogenous({**calm, **imposed})
        mapped = {name: draws_last(value) for name, value in numbers.items()}
        first = initial_state(mapped, structure, outside.spending[0])
        _, shown, _ = simulate(mapped, structure, first, outside, check_deviations=False)
        return sum((weights[name] * shown[name][..., 0]).sum() for name in sorted(weights))

    return jax.jit(jax.value_and_grad(outcome, argnums=(0, 1)))


class _Held:
    """What of a middle goes into the program: the same for all of the same length and observations."""

    def __init__(self, middle: Replay) -> None:
        self.middle = middle
        self._key = (middle.plan.data_digest, middle.plan.from_month)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self._key == other._key


def _flat(beliefs: Beliefs, by_number: Mapping[str, Any]) -> FloatArray:
    return np.concatenate(
        [np.asarray(by_number[name], dtype=np.float64).ravel() for name in beliefs.parameters]
    )


def _add_imposed(middle: Replay, by_path: Mapping[str, FloatArray], slopes: dict[str, float]) -> None:
    """Add what goes through the imposed paths: each parameter a small imaginary step."""
    from twocurves.ensemble.assembly import numbers_of

    numbers = numbers_of(middle.beliefs, middle.drawn(middle.values))
    real = {name: one.astype(np.complex128) for name, one in numbers.items()}
    reads = _Reads(real)
    _outside(middle, reads)  # says which numbers the imposed paths read
    for name in reads.read:
        for place, full_name in enumerate(middle.beliefs.full_names(name)):
            stepped = real[name].copy()
            stepped.reshape(-1)[place] += 1j * _COMPLEX_STEP
            outside = _outside(middle, {**real, name: stepped})
            for path, slope in by_path.items():
                slopes[full_name] += float(slope @ getattr(outside, path)[0].imag) / _COMPLEX_STEP


class _Reads(dict[str, Any]):
    """Numbers that remember which of them were looked up."""

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        super().__init__(numbers)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


def _add_derived(middle: Replay, slopes: dict[str, float]) -> None:
    """Add what goes through derived parameters to those that they are computed from, the last first."""
    for derived in reversed(middle.beliefs.derived):
        for full_name in middle.beliefs.full_names(derived.name):
            if _is_put(middle, full_name):
                continue
            _, dot, entity = full_name.partition(".")
            change = middle.settings.change_of(full_name)
            factor = 1.0 if change is None else change.numbers[0]
            sources = {
                used: f"{name}{dot}{entity}" if middle.beliefs.parameters[name].index is not None else name
                for used, name in derived.inputs.items()
            }
            for used, source in sources.items():
                given: dict[str, Any] = {
                    one: middle.values[name].astype(np.complex128) for one, name in sources.items()
                }
                given[used] = given[used] + 1j * _COMPLEX_STEP
                step = float(np.asarray(derived.formula.evaluate(given)).imag.ravel()[0]) / _COMPLEX_STEP
                slopes[source] += slopes[full_name] * step * factor
