"""What the belief files declare, loaded and checked: the one object that the rest of the house reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from twocurves.beliefs.derived import Derived
from twocurves.beliefs.distributions import Distribution
from twocurves.beliefs.schema import (
    Correlation,
    Entity,
    EntityKind,
    Event,
    Parameter,
    Prior,
    Scenario,
    Target,
)
from twocurves.errors import BadInputError, unknown


@dataclass(frozen=True, slots=True)
class Group:
    """Parameters that belong together: one file of them."""

    title: str
    about: str
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Beliefs:
    """Everything believed, in the order of declaration.

    A parameter without an index has one *full name*, its name; one that is indexed by a kind of entity has a
    full name ``name.entity_id`` for each.

    Attributes
    ----------
    groups
        The files of parameters.
    parameters
        Parameters by name.
    entities
        For each kind of entity, the entities by id.
    events, targets, scenarios
        By id (targets by name).
    correlations
        Rank correlations between priors.
    priors
        The prior of each full name; derived parameters have none.
    distributions
        The same as distributions.
    derived
        Derived parameters, each after those that it uses.
    """

    groups: tuple[Group, ...]
    parameters: Mapping[str, Parameter]
    entities: Mapping[EntityKind, Mapping[str, Entity]]
    events: Mapping[str, Event]
    correlations: tuple[Correlation, ...]
    targets: Mapping[str, Target]
    scenarios: Mapping[str, Scenario]
    priors: Mapping[str, Prior]
    distributions: Mapping[str, Distribution]
    derived: tuple[Derived, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every full name, in order of declaration."""
        return tuple(full for name in self.parameters for full in self.full_names(name))

    def full_names(self, name: str) -> tuple[str, ...]:
        """Return the full names of a parameter given by its exact name."""
        kind = self.parameters[name].index
        if kind is None:
            return (name,)
        return tuple(f"{name}.{entity}" for entity in self.entities[kind])

    def parameter_of(self, full_name: str) -> Parameter:
        """Return the parameter that a full name (or a plain one) belongs to."""
        return self.parameters[full_name.partition(".")[0]]

    def canonical(self, name: str) -> str:
        """Return the name as the files spell it: symbols become names, the entity stays.

        Parameters
        ----------
        name
            A parameter's name or symbol, with ``.entity_id`` behind it for one entity of an indexed one.

        Raises
        ------
        BadInputError
            There is no such parameter or entity; the nearest name is suggested.
        """
        plain, dot, entity = name.strip().partition(".")
        plain = self._by_symbol.get(plain, plain)
        parameter = self.parameters.get(plain)
        if parameter is None:
            raise unknown("parameter", name, self.parameters, also=self._by_symbol)
        if not dot:
            return plain
        if parameter.index is None:
            raise BadInputError(
                f"{plain} is one number, so it has no {entity!r}; write {plain} alone.",
                field="parameter",
                given=name,
                allowed=plain,
                suggestion=plain,
            )
        if entity not in self.entities[parameter.index]:
            raise unknown(f"{parameter.index} of {plain}", entity, self.entities[parameter.index])
        return f"{plain}.{entity}"

    def resolve(self, name: str) -> tuple[str, ...]:
        """Return the full names that a name stands for.

        A plain name of an indexed parameter stands for all its entities.

        Raises
        ------
        BadInputError
            There is no such parameter or entity; the nearest name is suggested.
        """
        canonical = self.canonical(name)
        return (canonical,) if "." in canonical else self.full_names(canonical)

    @cached_property
    def _by_symbol(self) -> dict[str, str]:
        return {entry.symbol: name for name, entry in self.parameters.items() if entry.symbol}
