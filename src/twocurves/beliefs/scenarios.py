"""Scenarios: named settings with the story behind them, from the belief files or a file of the user's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from twocurves.beliefs.changes import Change
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.lines import Place
from twocurves.beliefs.reading import BeliefFile, read_belief_file
from twocurves.beliefs.schema import Scenario, Strict
from twocurves.beliefs.settings import NO_SETTINGS, Settings, read_setting
from twocurves.errors import BadInputError, unknown

#: The scenario in which nothing is changed.
CENTRAL = "central"


class SavedSettings(Strict):
    """A file that somebody saved: changes on top of a named scenario."""

    start: Annotated[str, Field(alias="from", min_length=1)] = CENTRAL
    title: str = ""
    why: str = ""
    set: Annotated[dict[str, float | str], Field(default_factory=dict)]


@dataclass(frozen=True, slots=True)
class ResolvedScenario:
    """A scenario with its changes checked against the beliefs.

    Attributes
    ----------
    id
        Its id; for a file of the user's, the file's name without ending.
    title, why
        In words; empty where a saved file says nothing.
    settings
        The changes, those of the scenario it starts from included.
    """

    id: str
    title: str
    why: str
    settings: Settings


def scenario(beliefs: Beliefs, id_or_path: str | Path) -> ResolvedScenario:
    """Return a scenario by its id, or from a TOML file of the user's.

    Parameters
    ----------
    beliefs
        What there is to change, with the scenarios of the belief files.
    id_or_path
        An id, or the path of a file that ends in ``.toml``. The file is a scenario like those in the belief
        files, or saved settings: ``from`` names the scenario to start from, ``[set]`` the changes.

    Raises
    ------
    BadInputError
        There is no such scenario; the nearest is suggested.
    BadFileError
        The file is missing or malformed, or a change in it is; ``field`` is ``path:line``.
    """
    given = str(id_or_path)
    if given in beliefs.scenarios:
        known = beliefs.scenarios[given]
        settings = NO_SETTINGS
        for name, value in known.set.items():
            settings = settings.beside(read_setting(beliefs, name, value))
        return ResolvedScenario(known.id, known.title, known.why, settings)
    if given.endswith(".toml"):
        path = Path(id_or_path)
        return scenario_from_file(beliefs, read_belief_file(path, given), path.stem)
    if Path(given).is_file():
        raise BadInputError(
            f"{given} is no scenario file: its name must end in .toml.",
            field="scenario",
            given=given,
            allowed="a scenario's id, or a file that ends in .toml",
            suggestion=f"{Path(given).with_suffix('.toml')}",
        )
    raise unknown("scenario", given, beliefs.scenarios)


def scenario_from_file(beliefs: Beliefs, file: BeliefFile, name: str) -> ResolvedScenario:
    """Return the scenario that a file of the user's holds; see :func:`scenario`.

    Parameters
    ----------
    beliefs
        What there is to change.
    file
        The file, parsed.
    name
        The id of saved settings, which have none of their own.
    """
    tables, places = with_plain_names(file)
    if "from" not in tables and "id" not in tables:
        file.allow_only(("from", *Scenario.model_fields))
        raise file.fault((), f'from is missing; to start where nothing is changed write from = "{CENTRAL}".')
    if "from" not in tables:
        read = file.table(tables, Scenario)
        return ResolvedScenario(read.id, read.title, read.why, checked_set(beliefs, file, read.set, places))
    saved = file.table(tables, SavedSettings)
    if saved.start not in beliefs.scenarios:
        fault = unknown("scenario", saved.start, beliefs.scenarios)
        raise file.fault(("from",), fault.message, given=saved.start, suggestion=fault.suggestion)
    settings = scenario(beliefs, saved.start).settings.merge(checked_set(beliefs, file, saved.set, places))
    return ResolvedScenario(name, saved.title, saved.why, settings)


def with_plain_names(file: BeliefFile) -> tuple[dict[str, Any], dict[str, Place]]:
    """Return a scenario file's tables with ``[set]`` flat, and where each of its names stands.

    ``setup_cost.coding_agents = 20000`` without quotes is a table inside a table in TOML; here it
    is the name that it looks like.
    """
    changes = file.tables.get("set", {})
    flat: dict[str, Any] = {}
    places: dict[str, Place] = {}
    if not isinstance(changes, dict):
        return dict(file.tables), places
    for name, value in changes.items():
        inner = value.items() if isinstance(value, dict) else [(None, value)]
        for entity, change in inner:
            full_name = name if entity is None else f"{name}.{entity}"
            if full_name in flat:
                raise file.fault(("set", name), f"{full_name} is set twice.", given=full_name)
            flat[full_name] = change
            places[full_name] = ("set", name) if entity is None else ("set", name, entity)
    return {**file.tables, **({"set": flat} if "set" in file.tables else {})}, places


def checked_set(
    beliefs: Beliefs, file: BeliefFile, changes: dict[str, float | str], places: dict[str, Place]
) -> Settings:
    """Return the changes of a scenario file as settings.

    Raises
    ------
    BadFileError
        A name or value cannot be used, or two names mean the same; ``field`` is ``file:line``.
    """
    found: dict[str, Change] = {}
    for name, value in changes.items():
        try:
            read = read_setting(beliefs, name, value)
        except BadInputError as error:
            raise file.fault(
                places[name],
                error.message,
                given=error.given,
                allowed=error.allowed,
                suggestion=error.suggestion,
            ) from None
        for canonical in read:
            if canonical in found:
                raise file.fault(places[name], f"{canonical} is set twice.", given=name)
            found[canonical] = read[canonical]
    return Settings(MappingProxyType(found))
