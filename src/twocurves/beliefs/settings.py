"""Settings: which numbers are changed, and how, under the names that every face of the house shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from twocurves.beliefs.changes import Change, changed_distribution, read_change
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.schema import Nature
from twocurves.errors import BadInputError


@dataclass(frozen=True, eq=False)
class Settings(Mapping[str, Change]):
    """Changes by name, in the order in which they were made; immutable.

    A name is a full name (``setup_cost.coding_agents``) or the plain name of an indexed parameter, meaning
    all its entities. Where both are there, the entity's own change holds for it: both come from one source (a
    scenario, a command line, a link), whose changes stand :meth:`beside` each other. A later source goes
    :meth:`over <merge>` an earlier one, and its change of a plain name over all that the earlier one says of
    its entities.

    Make them with :func:`read_settings`, which checks names and bounds.
    """

    changes: Mapping[str, Change] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, name: str) -> Change:
        return self.changes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __hash__(self) -> int:
        return hash(frozenset(self.changes.items()))

    def __str__(self) -> str:
        return " ".join(self.as_strings())

    def change_of(self, full_name: str) -> Change | None:
        """Return the change that holds for one full name, or None."""
        own = self.changes.get(full_name)
        return own if own is not None else self.changes.get(full_name.partition(".")[0])

    def merge(self, later: Settings) -> Settings:
        """Return these settings with those of a later source over them.

        Where the later ones change a plain name, what these say of its entities is gone.
        """
        kept = {name: change for name, change in self.changes.items() if name.partition(".")[0] not in later}
        return Settings(MappingProxyType(kept)).beside(later)

    def beside(self, more: Settings) -> Settings:
        """Return these settings with more of the same source; a name changed again moves to the end."""
        kept = {name: change for name, change in self.changes.items() if name not in more.changes}
        return Settings(MappingProxyType({**kept, **more.changes}))

    def without(self, name: str) -> Settings:
        """Return these settings without one name."""
        return Settings(
            MappingProxyType({kept: change for kept, change in self.changes.items() if kept != name})
        )

    def by_nature(self, beliefs: Beliefs) -> dict[Nature, Settings]:
        """Return the changes of beliefs (how the world is) and of choices (what somebody decides) apart."""
        parts: dict[Nature, dict[str, Change]] = {"belief": {}, "choice": {}}
        for name, change in self.changes.items():
            parts[beliefs.parameter_of(name).nature][name] = change
        return {nature: Settings(MappingProxyType(part)) for nature, part in parts.items()}

    def as_strings(self) -> list[str]:
        """Return one ``name=value`` for each change, as ``--set`` takes them."""
        return [f"{name}={change}" for name, change in self.changes.items()]


#: Nothing changed.
NO_SETTINGS = Settings()


def parse_setting(text: str) -> tuple[str, Change]:
    """Read ``name=value`` as ``--set`` takes it; names and bounds are not looked at.

    Raises
    ------
    BadInputError
        There is no ``=``, no name, or a value in none of the three forms.
    """
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name:
        raise BadInputError(
            f"Write name=value, for example lag_pub=4.5; you gave {text[:60]!r}.",
            field="--set",
            given=text,
            allowed="name=value",
        )
    return name, read_change(value, name)


def read_settings(beliefs: Beliefs, given: Mapping[str, str | float | Change] | Iterable[str]) -> Settings:
    """Check changes against the beliefs.

    Parameters
    ----------
    beliefs
        What there is to change.
    given
        ``name=value`` strings, or a mapping from names (or symbols) to values: one source. Of two changes of
        one name the later holds; the change of one entity holds for it, before or after that of all.

    Raises
    ------
    BadInputError
        A name does not exist, or a value is malformed or out of bounds; the message names the bounds or the
        nearest name.
    """
    pairs: Iterable[tuple[str, str | float | Change]] = (
        given.items() if isinstance(given, Mapping) else map(parse_setting, given)
    )
    settings = NO_SETTINGS
    for name, value in pairs:
        settings = settings.beside(read_setting(beliefs, name, value))
    return settings


def read_setting(beliefs: Beliefs, name: str, value: str | float | Change) -> Settings:
    """Check one change against the beliefs; see :func:`read_settings`."""
    canonical = beliefs.canonical(name)
    change = value if isinstance(value, Change) else read_change(value, name)
    for full_name in beliefs.resolve(canonical):
        changed_distribution(beliefs, full_name, change)
    return Settings(MappingProxyType({canonical: change}))
