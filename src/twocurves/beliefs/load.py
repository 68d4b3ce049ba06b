"""Load the belief files: the packaged set, with a user's folders of the same layout over it.

A folder holds any of ``parameters/*.toml``, ``scenarios/*.toml``, one file for each kind of entity
(``labs.toml``, ``segments.toml``, ...), ``events.toml``, ``correlations.toml`` and ``targets.toml``. A later
folder replaces a parameter by its name, an entity, event or scenario by its id, a target by its name and a
correlation by its pair; what is new is added behind.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from twocurves.beliefs.assembly import Assembly
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.reading import BeliefFile, read_belief_file
from twocurves.beliefs.schema import ENTITY_KINDS
from twocurves.errors import BadFileError, nearest

_FOLDERS = ("parameters", "scenarios")
_LISTS = ("event", "correlation", "target")
#: Files of the packaged set that hold no beliefs.
_OTHER_FILES = ("dimensions.toml",)


def load_beliefs(*folders: Path | str, packaged: bool = True) -> Beliefs:
    """Load and check all beliefs.

    Parameters
    ----------
    folders
        Folders of the user's, each over the ones before it.
    packaged
        Whether the packaged set lies under them.

    Raises
    ------
    BadFileError
        A file is missing, unreadable or malformed, or says something that does not fit the others;
        ``field`` is ``file:line`` and the message one sentence.
    """
    if not folders and packaged:
        return _packaged()
    assembly = Assembly()
    if packaged:
        _add_folder(assembly, files("twocurves.beliefs") / "data", "")
    for folder in folders:
        path = Path(folder)
        if not path.is_dir():
            raise BadFileError(f"{path}: there is no such folder.", field=str(path), given=str(path))
        _add_folder(assembly, path, f"{path}/")
    return assembly.beliefs()


@lru_cache(maxsize=1)
def _packaged() -> Beliefs:
    assembly = Assembly()
    _add_folder(assembly, files("twocurves.beliefs") / "data", "")
    return assembly.beliefs()


def _add_folder(assembly: Assembly, folder: Traversable, prefix: str) -> None:
    assembly.start_folder()
    single = {f"{kind}s.toml": kind for kind in (*ENTITY_KINDS, *_LISTS)}
    found = {entry.name: entry for entry in _sorted(folder)}
    for name in found:
        if name.endswith(".toml") and name not in single and name not in _OTHER_FILES:
            near = nearest(name, single)
            hint = f"; did you mean {near}?" if near is not None else f"; known are {', '.join(single)}."
            raise BadFileError(
                f"{prefix}{name}:1: no belief file has this name{hint}",
                field=f"{prefix}{name}:1",
                given=name,
                allowed=list(single),
                suggestion=near,
            )
    for file in _files_in(found.get("parameters"), f"{prefix}parameters/"):
        assembly.add_parameters(file)
    for kind in ENTITY_KINDS:
        name = f"{kind}s.toml"
        if name in found:
            assembly.add_entities(read_belief_file(found[name], prefix + name), kind)
    adders = {
        "events.toml": assembly.add_events,
        "correlations.toml": assembly.add_correlations,
        "targets.toml": assembly.add_targets,
    }
    for name, add in adders.items():
        if name in found:
            add(read_belief_file(found[name], prefix + name))
    for file in _files_in(found.get("scenarios"), f"{prefix}scenarios/"):
        assembly.add_scenario(file)


def _files_in(folder: Traversable | None, prefix: str) -> list[BeliefFile]:
    if folder is None or not folder.is_dir():
        return []
    return [
        read_belief_file(entry, prefix + entry.name)
        for entry in _sorted(folder)
        if entry.name.endswith(".toml")
    ]


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda entry: entry.name)
