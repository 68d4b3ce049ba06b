"""Settings as the query of a URL and as TOML text, and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.reading import parse_belief_text
from twocurves.beliefs.scenarios import CENTRAL, ResolvedScenario, scenario_from_file
from twocurves.beliefs.settings import NO_SETTINGS, Settings, read_setting
from twocurves.errors import BadInputError, unknown

#: The key of a URL and of a saved file that names the scenario to start from.
START_KEY = "from"
#: Fields in a query; a limit far beyond the number of parameters.
MOST_FIELDS = 5000


@dataclass(frozen=True, slots=True)
class Dropped:
    """A part of an old link that means nothing any more, with the sentence that says why."""

    name: str
    given: str
    reason: str


@dataclass(frozen=True, slots=True)
class Link:
    """What a URL says.

    Attributes
    ----------
    start
        The scenario to start from.
    settings
        The changes on top of it (those of the scenario are not included).
    dropped
        What could not be used.
    """

    start: str
    settings: Settings
    dropped: tuple[Dropped, ...] = ()


def to_query(settings: Settings, start: str = CENTRAL) -> str:
    """Return the query of a URL: ``from=central&lag_pub=4.5``, readable and percent-encoded."""
    pairs = [(START_KEY, start), *((name, str(change)) for name, change in settings.items())]
    return urlencode(pairs, safe=".")


def from_query(
    beliefs: Beliefs, query: str, *, strict: bool = False, other_keys: Collection[str] = ()
) -> Link:
    """Read the query of a URL.

    Parameters
    ----------
    beliefs
        What there is to change.
    query
        The part behind the question mark.
    strict
        Raise on the first part that cannot be used, instead of listing it under ``dropped``.
    other_keys
        Keys that mean something else to the caller; they are passed over.

    Raises
    ------
    BadInputError
        Under ``strict``, a scenario, name or value cannot be used; always, when there are more than
        :data:`MOST_FIELDS` fields.
    """
    try:
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadInputError(
            f"A link has at most {MOST_FIELDS} fields.", field="link", allowed=MOST_FIELDS
        ) from None
    start, settings, dropped = CENTRAL, NO_SETTINGS, []
    for name, value in pairs:
        if name in other_keys:
            continue
        try:
            if name == START_KEY:
                start = _known_scenario(beliefs, value)
            else:
                settings = settings.beside(read_setting(beliefs, name, value))
        except BadInputError as error:
            if strict:
                raise
            dropped.append(Dropped(name, value, error.message))
    return Link(start, settings, tuple(dropped))


def to_toml(settings: Settings, start: str = CENTRAL, *, title: str = "", why: str = "") -> str:
    """Return a file for ``twocurves beliefs draw FILE.toml``: the scenario to start from, and the changes."""
    import tomlkit  # here, because only who saves settings needs it

    document = tomlkit.document()
    document.add(START_KEY, tomlkit.item(start))
    if title:
        document.add("title", tomlkit.item(title))
    if why:
        document.add("why", tomlkit.item(why))
    changes = tomlkit.table()
    for name, change in settings.items():
        changes.add(name, change.as_toml())
    document.add("set", changes)
    return tomlkit.dumps(document)


def from_toml(beliefs: Beliefs, text: str, name: str = "scenario") -> ResolvedScenario:
    """Read the text of a scenario or of saved settings.

    Parameters
    ----------
    beliefs
        What there is to change.
    text
        TOML.
    name
        What messages call the file, and the id of saved settings.

    Raises
    ------
    BadFileError
        The text is malformed or a change in it cannot be used; ``field`` is ``name:line``.
    """
    return scenario_from_file(beliefs, parse_belief_text(text, name), name)


def _known_scenario(beliefs: Beliefs, given: str) -> str:
    if given not in beliefs.scenarios:
        raise unknown("scenario", given, beliefs.scenarios)
    return given
