"""The runs of a user: where they lie, what there is, finding one, removing one."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from twocurves.ensemble.faults import DamagedRunError
from twocurves.ensemble.locking import holder, locked
from twocurves.ensemble.manifest import MANIFEST, read_manifest
from twocurves.ensemble.storage import LocalStorage, Storage, storage_at
from twocurves.errors import BadInputError, unknown


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run, as a list shows it.

    Attributes
    ----------
    name, path
        Short name and folder.
    status
        "complete", "interrupted", "running" (a living process writes it), "damaged" (no readable manifest).
    scenario, seed, asked, created, data_to
        From the plan; None when the manifest is damaged.
    stored
        Draws stored.
    ok, failed
        Of these, draws that came through and draws that failed; None while they are not counted.
    size
        Bytes of all files.
    """

    name: str
    path: str
    status: str
    scenario: str | None
    seed: int | None
    asked: int | None
    stored: int
    ok: int | None
    failed: int | None
    created: dt.datetime | None
    data_to: dt.date | None
    size: int


def runs_folder() -> Path:
    """Return the folder of all runs: ``$TWOCURVES_RUNS``, or ``twocurves/runs`` in the user's data folder."""
    chosen = os.environ.get("TWOCURVES_RUNS")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "twocurves" / "runs"


def list_runs(folder: Path | None = None) -> list[RunSummary]:
    """Return the runs in a folder, the newest first; empty when there is no such folder."""
    within = folder or runs_folder()
    if not within.is_dir():
        return []
    found = [_summary(path) for path in sorted(within.iterdir()) if _is_run(path)]
    oldest = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda run: run.created or oldest, reverse=True)


def find_run(given: str, folder: Path | None = None) -> str:
    """Return the place of a run given by path, URL, name, or the beginning of a name that only one has.

    Raises
    ------
    BadInputError
        There is none, or several.
    """
    if "://" in given or (Path(given).expanduser() / MANIFEST).is_file():
        return given
    within = folder or runs_folder()
    names = sorted(path.name for path in within.iterdir() if _is_run(path)) if within.is_dir() else []
    if given in names:
        return str(within / given)
    begin = [name for name in names if given and name.startswith(given)]
    if len(begin) > 1:
        raise BadInputError(
            f"{len(begin)} runs begin with {given!r}: {', '.join(begin[:4])}.",
            field="run",
            given=given,
            allowed=begin,
            suggestion=begin[0],
        )
    if not begin:
        raise unknown("run", given, names)
    return str(within / begin[0])


def remove_run(place: str | Path) -> list[str]:
    """Remove a run, and its folder unless foreign files lie in it.

    Returns
    -------
    list of str
        The foreign files that were left.

    Raises
    ------
    DamagedRunError
        There is no run.
    RunLockedError
        A process is writing it.
    """
    from twocurves.ensemble.store import is_ours

    storage = storage_at(place)
    names = storage.names()
    if not any(name == MANIFEST or name.startswith("chunks/") for name in names):
        raise DamagedRunError(
            f"{storage.url} is not a run: it has no {MANIFEST}.",
            field="run",
            given=storage.url,
            allowed="a folder that `twocurves run` wrote",
        )
    with locked(storage):
        for name in sorted(names, key=lambda name: name != MANIFEST):
            if is_ours(name):
                storage.remove(name)
    storage.clear()
    return storage.names()


def _is_run(path: Path) -> bool:
    return path.is_dir() and ((path / MANIFEST).is_file() or (path / "chunks").is_dir())


def _summary(path: Path) -> RunSummary:
    storage = LocalStorage(path)
    stored, size = _contents(storage)
    try:
        manifest = read_manifest(storage)
    except DamagedRunError:
        return RunSummary(
            path.name, storage.url, "damaged", None, None, None, stored, None, None, None, None, size
        )
    status: str = manifest.status
    if status == "running":
        status = "running" if holder(storage) is not None else "interrupted"
    counted = manifest.ok is not None and manifest.failed is not None and status != "running"
    failed = sum((manifest.failed or {}).values())
    exact = counted and (manifest.ok or 0) + failed == stored
    return RunSummary(
        name=path.name,
        path=storage.url,
        status=status,
        scenario=manifest.plan.scenario,
        seed=manifest.plan.seed,
        asked=manifest.plan.draws,
        stored=stored,
        ok=manifest.ok if exact else None,
        failed=failed if exact else None,
        created=manifest.created,
        data_to=manifest.plan.data_to,
        size=size,
    )


def _contents(storage: Storage) -> tuple[int, int]:
    """Return draws stored, by the names of the chunks, and bytes of all files."""
    stored = size = 0
    for name in storage.names():
        size += storage.size(name) or 0
        if name.startswith("chunks/") and name.endswith(".json"):
            begins, _, ends = name.removeprefix("chunks/").removesuffix(".json").partition("-")
            if begins.isdigit() and ends.isdigit():
                stored += int(ends) - int(begins) + 1
    return stored, size
