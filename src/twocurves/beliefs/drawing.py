"""Draws: a value of every parameter for every draw, the same bits wherever and however they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from twocurves.beliefs.changes import Change, changed_distribution
from twocurves.beliefs.copula import Copula, build_copula
from twocurves.beliefs.correlations import copula_order, rank_correlations_of
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.derived import Derived
from twocurves.beliefs.distributions import Distribution
from twocurves.beliefs.plain_families import Fixed
from twocurves.beliefs.settings import NO_SETTINGS, Settings
from twocurves.beliefs.sobol import REPLICATES, sobol_uniforms, stream_uniforms
from twocurves.beliefs.stored import stored_dimensions
from twocurves.beliefs.tails import FloatArray
from twocurves.errors import BadInputError, unknown

if TYPE_CHECKING:
    import polars as pl

#: Draws are made in blocks of this many, aligned to the draw index: a vectorised exponential may round
#: differently at the end of an array, so the array's ends must not depend on what was asked for.
_BLOCK = 64

#: Up to this many draws of one call, the values under the priors are kept for the next call.
_MOST_KEPT_DRAWS = 1024


@dataclass(frozen=True, eq=False)
class Draws:
    """Values of every parameter.

    Attributes
    ----------
    seed
        What they were drawn with.
    index
        The draws' numbers, shape ``(n,)``.
    replicate
        The randomisation each belongs to, shape ``(n,)``.
    values
        For each full name an array of shape ``(n,)``, in the parameter's unit, read-only.
    status
        0 where a draw is in order, else 1 + the place of its cause in ``causes``, shape ``(n,)``. Rejected
        draws are kept, with whatever their formulas gave.
    causes
        Why draws were rejected.
    labels
        The entities of each indexed parameter.
    """

    seed: int
    index: NDArray[np.int64]
    replicate: NDArray[np.int64]
    values: Mapping[str, FloatArray]
    status: NDArray[np.int16]
    causes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.index)

    @property
    def names(self) -> tuple[str, ...]:
        """Every full name, in order of declaration."""
        return tuple(self.values)

    @property
    def ok(self) -> NDArray[np.bool_]:
        """True where a draw is in order, shape ``(n,)``."""
        return np.asarray(self.status == 0)

    def rejected(self) -> dict[str, int]:
        """Return how many draws were rejected for each cause."""
        counted = Counter(self.status[self.status > 0].tolist())
        return {cause: counted[code] for code, cause in enumerate(self.causes, start=1) if counted[code]}

    def entities(self, name: str) -> tuple[str, ...]:
        """Return the entities of an indexed parameter, in the order of :meth:`array`'s columns.

        Raises
        ------
        BadInputError
            There is no indexed parameter of this name.
        """
        if name not in self.labels:
            raise unknown("indexed parameter", name, self.labels)
        return self.labels[name]

    def array(self, name: str) -> FloatArray:
        """Return a parameter's values.

        Parameters
        ----------
        name
            A parameter's name, or a full name.

        Returns
        -------
        array
            Shape ``(n,)`` for one number, ``(n, entities)`` for an indexed parameter.

        Raises
        ------
        BadInputError
            There is no parameter of this name; the nearest is suggested.
        """
        if name in self.labels:
            columns = [self.values[f"{name}.{entity}"] for entity in self.labels[name]]
            return np.stack(columns, axis=1) if columns else np.empty((len(self), 0))
        if name not in self.values:
            raise unknown("parameter", name, {*self.values, *self.labels})
        return self.values[name]

    def frame(self) -> pl.DataFrame:
        """Return a table with a row for each draw: index, replicate, cause (null when in order), values."""
        import polars as pl

        causes = np.array([None, *self.causes], dtype=object)[self.status]
        return pl.DataFrame(
            {
                "draw": self.index,
                "replicate": self.replicate,
                "cause": pl.Series(causes.tolist(), dtype=pl.String),
                **self.values,
            }
        )


class Scores(Protocol):
    """Where the normal numbers behind some parameters come from, when not from the prior: a posterior."""

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of the parameters whose numbers are replaced; none of them a fixed value."""

    def __hash__(self) -> int:
        """One posterior object is one source of numbers, which stays in memory."""

    def blended(self, own: FloatArray, first: int) -> FloatArray:
        """Return the numbers of one block of draws.

        Parameters
        ----------
        own
            Independent standard normal numbers under the prior, shape ``(names, draws)``.
        first
            Index of the block's first draw.
        """


def draws(
    beliefs: Beliefs,
    settings: Settings = NO_SETTINGS,
    seed: int = 0,
    first: int = 0,
    count: int = 1,
    *,
    dimensions: Mapping[str, int] | None = None,
    scores: Scores | None = None,
) -> Draws:
    """Draw every parameter.

    Draw ``i`` of a seed has the same bits whatever ``first`` and ``count`` are, and whatever other
    parameters there are. A setting changes the parameters it names (and those derived from them) only.

    Parameters
    ----------
    beliefs
        Priors and correlations.
    settings
        Changes, those of a scenario included.
    seed
        Any whole number.
    first, count
        The draws wanted; ``count`` may be any number from 0.
    dimensions
        Sobol dimensions by full name; the stored ones when left out.
    scores
        Replaces the normal numbers behind some parameters, before their correlations are made; the prior's
        when left out.

    Raises
    ------
    BadInputError
        ``beliefs`` or ``settings`` are something else, such as a scenario's name.
    ValueError
        ``first`` or ``count`` is negative.
    """
    if not isinstance(beliefs, Beliefs) or not isinstance(settings, Settings):
        raise BadInputError(
            "draws takes what load_beliefs() returns and, if wanted, settings: "
            'draws(beliefs, scenario(beliefs, "central").settings, seed=7, count=1024).',
            field="settings" if isinstance(beliefs, Beliefs) else "beliefs",
            given=str(settings if isinstance(beliefs, Beliefs) else beliefs),
            allowed="Settings" if isinstance(beliefs, Beliefs) else "Beliefs",
        )
    if first < 0 or count < 0:
        raise ValueError(f"first and count must not be negative, not {first} and {count}")
    block = range(first // _BLOCK * _BLOCK, -(-(first + count) // _BLOCK) * _BLOCK)
    changes = {name: settings.change_of(name) for name in beliefs.names} if settings else {}
    if dimensions is not None:
        source = _Source(beliefs, dimensions, seed, scores)
        drawn = source.prior_values(block)
    else:
        source = _stored_source(beliefs, seed, scores)
        is_small = len(block) <= _MOST_KEPT_DRAWS
        drawn = dict(_kept_values(source, block)) if is_small else source.prior_values(block)
    drawn.update(source.changed_values(changes, block))
    status = np.zeros(len(block), dtype=np.int16)
    causes: list[str] = []
    for derived in beliefs.derived:
        for full_name in beliefs.full_names(derived.name):
            if full_name in drawn:
                continue  # a setting put a value or a distribution in the formula's place
            value = _derived_value(beliefs, derived, full_name, drawn, len(block))
            change = changes.get(full_name)
            drawn[full_name] = value if change is None else value * change.numbers[0]
            _reject(beliefs, full_name, drawn[full_name], status, causes)
    wanted = slice(first - block.start, first - block.start + count)
    status = status[wanted]
    index = np.arange(first, first + count, dtype=np.int64)
    return Draws(
        seed=seed,
        index=index,
        replicate=index % REPLICATES,
        values=MappingProxyType({name: _frozen(drawn[name][wanted]) for name in beliefs.names}),
        status=status,
        causes=tuple(causes),
        labels=MappingProxyType(
            {
                name: tuple(beliefs.entities[entry.index])
                for name, entry in beliefs.parameters.items()
                if entry.index is not None
            }
        ),
    )


@dataclass(frozen=True, eq=False)
class _Source:
    """Where the numbers of one seed come from."""

    beliefs: Beliefs
    dimensions: Mapping[str, int]
    seed: int
    scores: Scores | None = None

    @cached_property
    def copula(self) -> Copula:
        """The rank correlations, in the order of the dimensions."""
        order = copula_order(self.beliefs.names, self.dimensions)
        return build_copula(rank_correlations_of(self.beliefs), order)

    def prior_values(self, block: range) -> dict[str, FloatArray]:
        """Return the values of all that is drawn (not computed), under the priors, for whole blocks."""
        return self._values(self.beliefs.distributions, block)

    def changed_values(self, changes: Mapping[str, Change | None], block: range) -> dict[str, FloatArray]:
        """Return the values of the changed parameters that are drawn; scaled formulas are not."""
        distributions = {
            name: changed_distribution(self.beliefs, name, change)
            for name, change in changes.items()
            if change is not None
        }
        given = {name: one for name, one in distributions.items() if one is not None}
        # A range takes the place of prior and posterior alike, so its percentiles are those that it states.
        ranges = {name for name, change in changes.items() if change is not None and change.kind == "range"}
        kept = {name: one for name, one in given.items() if name not in ranges}
        fresh = {name: one for name, one in given.items() if name in ranges}
        return self._values(kept, block) | self._values(fresh, block, of_prior=True)

    def _values(
        self, distributions: Mapping[str, Distribution], block: range, *, of_prior: bool = False
    ) -> dict[str, FloatArray]:
        if not distributions:
            return {}
        replaced: Mapping[str, FloatArray] = {}
        correlated: Mapping[str, FloatArray] = {}
        if not all(isinstance(one, Fixed) for one in distributions.values()):  # a slider's value needs none
            few = len(block) <= _MOST_KEPT_DRAWS
            replaced, correlated = (_kept_normals if few else _normals)(self, block, of_prior)
        values: dict[str, FloatArray] = {}
        for name, distribution in distributions.items():
            if isinstance(distribution, Fixed):
                values[name] = np.full(len(block), distribution.value)
            elif name in correlated:
                values[name] = distribution.quantile(_inside(np.asarray(ndtr(correlated[name]))))
            elif name in replaced:
                values[name] = distribution.quantile(_inside(np.asarray(ndtr(replaced[name]))))
            else:
                values[name] = distribution.quantile(self._uniforms(name, block))
        return values

    def replaced(self, block: range) -> dict[str, FloatArray]:
        """Return the numbers that the scores put in the prior's place, block by block, so that bits agree."""
        if self.scores is None:
            return {}
        names = self.scores.names
        own = np.stack([self.normals(name, block) for name in names])
        parts = [
            self.scores.blended(own[:, start : start + _BLOCK], block.start + start)
            for start in range(0, len(block), _BLOCK)
        ]
        whole = np.concatenate(parts, axis=1) if parts else own
        return dict(zip(names, whole, strict=True))

    def normals(self, name: str, block: range) -> FloatArray:
        return np.asarray(ndtri(self._uniforms(name, block)), dtype=np.float64)

    def _uniforms(self, name: str, block: range) -> FloatArray:
        dimension = self.dimensions.get(name)
        if dimension is None:
            return stream_uniforms(self.seed, name, block.start, len(block))
        return sobol_uniforms(self.seed, name, dimension, block.start, len(block))


@lru_cache(maxsize=8)
def _stored_source(beliefs: Beliefs, seed: int, scores: Scores | None) -> _Source:
    return _Source(beliefs, stored_dimensions(), seed, scores)


def _normals(
    source: _Source, block: range, of_prior: bool
) -> tuple[Mapping[str, FloatArray], Mapping[str, FloatArray]]:
    """Return the normal numbers that scores put in the prior's place, and those of correlated parameters."""
    replaced = {} if of_prior else source.replaced(block)
    own = {
        name: replaced[name] if name in replaced else source.normals(name, block)
        for name in source.copula.names
    }
    return replaced, source.copula.correlated(own)


#: The same, kept in memory for the many small changes of one scenario.
_kept_normals = lru_cache(maxsize=32)(_normals)


@lru_cache(maxsize=32)
def _kept_values(source: _Source, block: range) -> Mapping[str, FloatArray]:
    """Return prior values that stay in memory, for the many small changes of one slider."""
    return MappingProxyType({name: _frozen(one) for name, one in source.prior_values(block).items()})


def _inside(probabilities: FloatArray) -> FloatArray:
    """Keep probabilities strictly between 0 and 1, which rounding far in a tail could reach."""
    return np.clip(probabilities, 2.0**-60, 1.0 - 2.0**-53)


def _derived_value(
    beliefs: Beliefs, derived: Derived, full_name: str, drawn: Mapping[str, FloatArray], count: int
) -> FloatArray:
    _, dot, entity = full_name.partition(".")
    inputs = {
        used: drawn[f"{name}{dot}{entity}" if beliefs.parameters[name].index is not None else name]
        for used, name in derived.inputs.items()
    }
    return np.array(np.broadcast_to(derived.formula.evaluate(inputs), (count,)), dtype=np.float64)


def _reject(
    beliefs: Beliefs, full_name: str, values: FloatArray, status: NDArray[np.int16], causes: list[str]
) -> None:
    """Mark draws whose computed value cannot be used; the first cause of a draw stays."""
    low, high = beliefs.parameter_of(full_name).bounds
    for cause, faulty in (
        (f"{full_name} is not finite", ~np.isfinite(values)),
        (f"{full_name} below {low:g}", values < low),
        (f"{full_name} above {high:g}", values > high),
    ):
        fresh = faulty & (status == 0)
        causes.append(cause)
        status[fresh] = len(causes)


def _frozen(values: FloatArray) -> FloatArray:
    values.flags.writeable = False
    return values
