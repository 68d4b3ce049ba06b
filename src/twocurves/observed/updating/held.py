"""What is held of newer data: where it lies, from when it is, and how it is replaced.

Two files for each source: the data, and beside it a record of where they come from. The record is keyed by
the digest of the data and is written first, with the entries of the old and of the new data, so that at every
moment the data that lie there have their record, whenever the process or the machine stops.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from twocurves.errors import BadFileError, Fault
from twocurves.observed.tables import UPDATED, user_data_folder

#: Folder, inside the user's data folder, of fetched catalogues. Tables go to :data:`~.tables.UPDATED`.
CATALOGUES = "catalogues"

_LOCK = "update.lock"
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Held:
    """A fetched file that is held.

    Attributes
    ----------
    source
        Id of its source.
    path
        Where it lies.
    fetched_on
        The day on which these data were fetched (UTC): nothing in them was known here before.
    checked_on
        The last day on which the source was found to say the same.
    url, licence, credit
        Where it comes from, under which terms, and who is to be named.
    digest
        SHA-256 of the data, as 64 hexadecimal digits: another digest, other data, also on the same day.
    """

    source: str
    path: Path
    fetched_on: dt.date
    checked_on: dt.date
    url: str
    licence: str
    credit: str
    digest: str


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of data as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def held_path(source: str, *, catalogue: bool, folder: Path | None = None) -> Path:
    """Return where the fetched data of a source lie, or would lie."""
    home = user_data_folder() if folder is None else folder
    return home / CATALOGUES / f"{source}.json" if catalogue else home / UPDATED / f"{source}.csv"


def held_catalogue(source: str, folder: Path | None = None, as_of: dt.date | None = None) -> Held | None:
    """Return the fetched catalogue that stands in for the packaged one, if there is one.

    Parameters
    ----------
    source
        ``models-dev`` (the object of providers that ``https://models.dev/api.json`` serves) or
        ``genai-prices`` (the array of providers of its ``data.json``); the file is JSON in UTF-8, validated.
    folder
        The user's data folder; :func:`twocurves.observed.tables.user_data_folder` when left out.
    as_of
        Leave out a catalogue fetched after this day: it was not known then.

    Raises
    ------
    BadFileError
        The file was changed since it was fetched.
    """
    return held_file(source, held_path(source, catalogue=True, folder=folder), as_of)


def held_file(source: str, path: Path, as_of: dt.date | None = None) -> Held | None:
    """Return what is held at a path, with its record; None when nothing is, or nothing known by ``as_of``.

    Raises
    ------
    BadFileError
        The file cannot be read, or was changed since it was fetched.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror}.", field=str(path)) from error
    digest = digest_of(content)
    entry = _records(path).get(digest)
    if entry is None:
        raise BadFileError(
            f"{path} is not as it was fetched; remove it, or run `twocurves data update`.", field=str(path)
        )
    found = Held(
        source=source,
        path=path,
        fetched_on=dt.date.fromisoformat(entry["fetched_on"]),
        checked_on=dt.date.fromisoformat(entry["checked_on"]),
        url=entry["url"],
        licence=entry["licence"],
        credit=entry["credit"],
        digest=digest,
    )
    return None if as_of is not None and found.fetched_on > as_of else found


def put_in_place(new: Held, content: bytes) -> None:
    """Replace the data at ``new.path`` and their record, whole or not at all.

    Parameters
    ----------
    new
        The record; its digest is that of ``content``.
    content
        The data.

    Raises
    ------
    Fault
        The folder cannot be written; the old data stay.
    """
    path = new.path
    entries = {new.digest: _entry(new)}
    kept: dict[str, dict[str, str]] = {}
    if path.is_file():
        old = digest_of(path.read_bytes())
        kept = {digest: entry for digest, entry in _records(path).items() if digest == old}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(_record_path(path), _as_json(kept | entries))
        _write(path, content)
    except OSError as error:
        raise Fault(
            f"{path.parent} cannot be written: {error.strerror}; the old data stay.", field=str(path.parent)
        ) from error


def mark_checked(current: Held, today: dt.date) -> None:
    """Write down that the source was found unchanged.

    Raises
    ------
    Fault
        The folder cannot be written.
    """
    try:
        _write(
            _record_path(current.path), _as_json({current.digest: _entry(replace(current, checked_on=today))})
        )
    except OSError as error:
        raise Fault(f"{current.path.parent} cannot be written: {error.strerror}.") from error


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the data folder for one update; the system lets go of it however the process ends.

    Raises
    ------
    Fault
        Another update is at work there, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise Fault(f"{folder} cannot be written: {error.strerror}.", field=str(folder)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            who = lock.read().strip()
            raise Fault(
                f"Another update{f' (process {who})' if who else ''} is at work in {folder}; "
                "wait until it has ended.",
                field=str(folder),
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        for place in (folder / CATALOGUES, folder / UPDATED):
            for leftover in place.glob(f".*{_PART}"):
                leftover.unlink(missing_ok=True)
        yield


def _records(path: Path) -> Mapping[str, dict[str, str]]:
    try:
        found = json.loads(_record_path(path).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    wanted = {"fetched_on", "checked_on", "url", "licence", "credit"}
    if not isinstance(found, dict):
        return {}
    return {
        digest: entry for digest, entry in found.items() if isinstance(entry, dict) and wanted <= entry.keys()
    }


def _entry(held: Held) -> dict[str, str]:
    return {
        name: str(value) for name, value in asdict(held).items() if name not in {"path", "source", "digest"}
    }


def _as_json(entries: Mapping[str, Mapping[str, str]]) -> bytes:
    return (json.dumps(entries, indent=2, sort_keys=True) + "\n").encode()


def _record_path(path: Path) -> Path:
    return path.with_suffix(".origin.json")


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}{_PART}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)  # noqa: PTH105 - named as what it is: the atomic step
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
