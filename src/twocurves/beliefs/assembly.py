"""Put what the belief files declare together, and check that it fits; every fault names file and line."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from twocurves.beliefs.copula import ImpossibleCorrelations, Pair, build_copula
from twocurves.beliefs.correlations import copula_order, pairs_of
from twocurves.beliefs.declared import Beliefs, Group
from twocurves.beliefs.derived import Derived, DerivedFault, derived_in_order
from twocurves.beliefs.distributions import Distribution, of_prior
from twocurves.beliefs.lines import Place
from twocurves.beliefs.reading import BeliefFile
from twocurves.beliefs.scenarios import checked_set, with_plain_names
from twocurves.beliefs.schema import (
    ENTITY_KINDS,
    ENTITY_MODELS,
    Correlation,
    Entity,
    EntityKind,
    Event,
    Parameter,
    ParameterFile,
    Prior,
    Refers,
    Scenario,
    Strict,
    Target,
)
from twocurves.beliefs.stored import stored_dimensions
from twocurves.errors import BadFileError, BadInputError, unknown
from twocurves.months import Month

_Value = TypeVar("_Value", bound=Strict)

#: What would end a name where names are written with values (``name.entity=value&...``).
_NOT_IN_SYMBOLS = ".=&#?%+ \t"


@dataclass(frozen=True, slots=True)
class _Entry(Generic[_Value]):
    """A declared thing and where it stands."""

    value: _Value
    file: BeliefFile
    place: Place

    def fault(self, sentence: str, *inner: str | int) -> BadFileError:
        return self.file.fault((*self.place, *inner), sentence)

    def fault_of(self, error: BadInputError, *inner: str | int) -> BadFileError:
        return self.file.fault(
            (*self.place, *inner),
            error.message,
            given=error.given,
            allowed=error.allowed,
            suggestion=error.suggestion,
        )


class _Shelf(Generic[_Value]):
    """Declared things by key; a later folder replaces, the same folder must not declare twice."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.entries: dict[str, _Entry[_Value]] = {}
        self._fresh: set[str] = set()

    def start_folder(self) -> None:
        self._fresh.clear()

    def put(self, key: str, entry: _Entry[_Value], *inner: str) -> None:
        if key in self._fresh:
            first = self.entries[key]
            where = first.fault("").field
            raise entry.fault(f"{self.what} {key!r} is declared twice, first at {where}.", *inner)
        self._fresh.add(key)
        self.entries[key] = entry

    def values(self) -> Mapping[str, _Value]:
        return MappingProxyType({key: entry.value for key, entry in self.entries.items()})


class Assembly:
    """Collects files, folder by folder, and then makes the :class:`Beliefs`."""

    def __init__(self) -> None:
        self._groups: dict[str, tuple[str, list[str]]] = {}
        self._parameters: _Shelf[Parameter] = _Shelf("parameter")
        self._entities: dict[EntityKind, _Shelf[Entity]] = {kind: _Shelf(kind) for kind in ENTITY_KINDS}
        self._events: _Shelf[Event] = _Shelf("event")
        self._correlations: _Shelf[Correlation] = _Shelf("correlation of")
        self._targets: _Shelf[Target] = _Shelf("target")
        self._scenarios: _Shelf[Scenario] = _Shelf("scenario")
        self._scenario_places: dict[str, dict[str, Place]] = {}

    def start_folder(self) -> None:
        """Begin a folder, whose files may replace what was declared before."""
        for entities in self._entities.values():
            entities.start_folder()
        self._parameters.start_folder()
        self._events.start_folder()
        self._correlations.start_folder()
        self._targets.start_folder()
        self._scenarios.start_folder()

    def add_parameters(self, file: BeliefFile) -> None:
        """Add a file of parameters."""
        read = file.table(file.tables, ParameterFile)
        _, names = self._groups.setdefault(read.group, (read.about, []))
        for index, parameter in enumerate(read.parameter):
            is_new = parameter.name not in self._parameters.entries
            entry = _Entry(parameter, file, ("parameter", index))
            self._parameters.put(parameter.name, entry, "name")
            if is_new:
                names.append(parameter.name)

    def add_entities(self, file: BeliefFile, kind: EntityKind) -> None:
        """Add a file of entities of one kind."""
        for index, entity in enumerate(_list_of(file, kind, ENTITY_MODELS[kind])):
            self._entities[kind].put(entity.id, _Entry(entity, file, (kind, index)), "id")

    def add_events(self, file: BeliefFile) -> None:
        """Add a file of events."""
        for index, event in enumerate(_list_of(file, "event", Event)):
            self._events.put(event.id, _Entry(event, file, ("event", index)), "id")

    def add_correlations(self, file: BeliefFile) -> None:
        """Add a file of rank correlations."""
        for index, correlation in enumerate(_list_of(file, "correlation", Correlation)):
            key = " and ".join(sorted((correlation.first, correlation.second)))
            self._correlations.put(key, _Entry(correlation, file, ("correlation", index)), "first")

    def add_targets(self, file: BeliefFile) -> None:
        """Add a file of targets."""
        for index, target in enumerate(_list_of(file, "target", Target)):
            self._targets.put(target.name, _Entry(target, file, ("target", index)), "name")

    def add_scenario(self, file: BeliefFile) -> None:
        """Add a scenario, which is a file of its own."""
        tables, places = with_plain_names(file)
        read = file.table(tables, Scenario)
        self._scenarios.put(read.id, _Entry(read, file, ()), "id")
        self._scenario_places[read.id] = places

    def beliefs(self) -> Beliefs:
        """Check that everything fits and return it.

        Raises
        ------
        BadFileError
            Something refers to what does not exist, or a prior cannot be.
        """
        self._check_symbols()
        self._check_references()
        self._check_dates()
        self._check_targets()
        priors, distributions = self._priors()
        beliefs = Beliefs(
            groups=tuple(Group(title, about, tuple(names)) for title, (about, names) in self._groups.items()),
            parameters=self._parameters.values(),
            entities=MappingProxyType({kind: shelf.values() for kind, shelf in self._entities.items()}),
            events=self._events.values(),
            correlations=tuple(self._correlations.values().values()),
            targets=self._targets.values(),
            scenarios=self._scenarios.values(),
            priors=MappingProxyType(priors),
            distributions=MappingProxyType(distributions),
            derived=self._derived(),
        )
        self._check_correlations(beliefs)
        for name, entry in self._scenarios.entries.items():
            checked_set(beliefs, entry.file, entry.value.set, self._scenario_places[name])
        return beliefs

    def _check_symbols(self) -> None:
        seen: dict[str, str] = {}
        for name, entry in self._parameters.entries.items():
            symbol = entry.value.symbol
            if any(character in _NOT_IN_SYMBOLS for character in symbol):
                raise entry.fault(
                    f"the symbol {symbol!r} of {name} must not hold a space or one of .=&#?%+.", "symbol"
                )
            owner = seen.get(symbol) or (symbol if symbol in self._parameters.entries else None)
            if symbol and owner is not None and owner != name:
                raise entry.fault(f"the symbol {symbol!r} of {name} already means {owner}.", "symbol")
            if symbol:
                seen[symbol] = name

    def _check_references(self) -> None:
        ids = {kind: tuple(shelf.entries) for kind, shelf in self._entities.items()}
        shelves: list[_Shelf[Entity] | _Shelf[Event]] = [*self._entities.values(), self._events]
        for shelf in shelves:
            for entry in shelf.entries.values():
                for field, kind, given in _references(entry.value):
                    valid = (
                        ids[kind] if kind is not None else [one for every in ids.values() for one in every]
                    )
                    if given not in valid:
                        raise entry.fault_of(unknown(kind or "entity", given, valid), field)

    def _check_dates(self) -> None:
        for event in self._events.entries.values():
            _check_month(event, "month", event.value.month)
        for target in self._targets.entries.values():
            if "-" in target.value.month:
                _check_month(target, "month", target.value.month)
        for shelf in self._entities.values():
            for entity in shelf.entries.values():
                entered = getattr(entity.value, "entered", None)
                if entered is not None:
                    _check_month(entity, "entered", entered)

    def _check_targets(self) -> None:
        for entry in self._targets.entries.values():
            target = entry.value
            stated = [value for value in (target.p05, target.p50, target.p95) if value is not None]
            if not all(low < high for low, high in itertools.pairwise(stated)):
                raise entry.fault("the percentiles p05, p50, p95 must rise.", "p50")

    def _priors(self) -> tuple[dict[str, Prior], dict[str, Distribution]]:
        """Return the prior and the distribution of every full name that is not derived."""
        self._check_prior_names()
        priors: dict[str, Prior] = {}
        distributions: dict[str, Distribution] = {}
        for name, entry in self._parameters.entries.items():
            parameter = entry.value
            default = parameter.default
            of_default = None
            if default is not None:
                of_default = self._distribution(entry, parameter, default, "default")
            if parameter.role == "derived":
                continue
            if parameter.index is None:
                if default is not None and of_default is not None:  # its shape asks for a default
                    priors[name], distributions[name] = default, of_default
                continue
            for entity_id, owner in self._entities[parameter.index].entries.items():
                own = owner.value.priors.get(name)
                full_name = f"{name}.{entity_id}"
                if own is not None:
                    priors[full_name] = own
                    distributions[full_name] = self._distribution(owner, parameter, own, "priors", name)
                elif default is not None and of_default is not None:
                    priors[full_name], distributions[full_name] = default, of_default
                else:
                    raise owner.fault(
                        f"{parameter.index} {entity_id!r} has no prior for {name}, which has no default.",
                        "id",
                    )
        return priors, distributions

    def _distribution(
        self, entry: _Entry[_Value], parameter: Parameter, prior: Prior, *inner: str
    ) -> Distribution:
        try:
            return of_prior(prior, parameter.distribution, parameter.bounds)
        except ValueError as error:
            raise entry.fault(f"the prior of {parameter.name} cannot be used: {error}.", *inner) from None

    def _check_prior_names(self) -> None:
        for kind, shelf in self._entities.items():
            known = [name for name, entry in self._parameters.entries.items() if entry.value.index == kind]
            for entry in shelf.entries.values():
                for name in entry.value.priors:
                    declared = self._parameters.entries.get(name)
                    if declared is None:
                        raise entry.fault_of(unknown("parameter", name, known), "priors", name)
                    if declared.value.index != kind:
                        index = declared.value.index or "nothing"
                        raise entry.fault(
                            f"{name} is indexed by {index}, so a {kind} has no prior for it.", "priors", name
                        )
                    if declared.value.role == "derived":
                        raise entry.fault(f"{name} is derived, so it has no prior.", "priors", name)

    def _derived(self) -> tuple[Derived, ...]:
        try:
            return derived_in_order(self._parameters.values())
        except DerivedFault as error:
            raise self._parameters.entries[error.name].fault(f"{error}.", "formula") from None

    def _check_correlations(self, beliefs: Beliefs) -> None:
        owners: dict[frozenset[str], _Entry[Correlation]] = {}
        ranks: dict[Pair, float] = {}
        for entry in self._correlations.entries.values():
            try:
                pairs = pairs_of(beliefs, entry.value)
            except BadInputError as error:
                raise entry.fault_of(error, "first") from None
            for pair in pairs:
                if frozenset(pair) in owners:
                    raise entry.fault(
                        f"the correlation of {pair[0]} with {pair[1]} is stated twice.", "first"
                    )
                owners[frozenset(pair)] = entry
                ranks[pair] = entry.value.rank_correlation
        try:
            build_copula(ranks, copula_order(beliefs.names, stored_dimensions()))
        except ImpossibleCorrelations as error:
            raise owners[frozenset(error.pairs[-1])].fault(f"{error}.", "rank_correlation") from None


def _list_of(file: BeliefFile, key: str, shape: type[_Value]) -> list[_Value]:
    file.allow_only((key, "about"))
    return file.list_of(key, shape)


def _references(value: Strict) -> Iterable[tuple[str, EntityKind | None, str]]:
    """Yield the fields of an entity or event that name an entity: field, kind, id."""
    for field, info in type(value).model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, Refers):
                held = getattr(value, field)
                for given in held if isinstance(held, tuple) else (held,):
                    if given is not None:
                        yield field, mark.kind, given


def _check_month(entry: _Entry[_Value], field: str, text: str) -> None:
    parse: Callable[[str, str], Month] = Month.parse
    try:
        parse(text, field)
    except BadInputError as error:
        raise entry.fault_of(error, field) from None
