"""One writer per run: who holds a run, and what becomes of the lock of a process that died.

The lock names its holder by machine, process and the moment that process began, so that a process number
used again is not mistaken for the holder. Locally a kernel lock on the same file guards the moments of
taking and giving back, so that two processes cannot both take over a dead one's lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from twocurves.ensemble.faults import RunLockedError, UnusablePlaceError
from twocurves.ensemble.storage import LocalStorage, RemoteStorage, Storage

#: Name of the lock in a run's folder.
LOCK = "run.lock"

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that writes a run.

    Attributes
    ----------
    machine
        Name of its machine.
    process
        Its number there.
    began
        When it began, in words of the system that only mean anything when compared.
    """

    machine: str
    process: int
    began: str

    @classmethod
    def this(cls) -> Holder:
        """Return this process."""
        return cls(socket.gethostname(), os.getpid(), _began(os.getpid()) or "")

    @property
    def lives(self) -> bool:
        """Whether it still runs; a process of another machine cannot be asked and counts as running."""
        if self.machine != socket.gethostname():
            return True
        began = _began(self.process)
        return began is not None and began == self.began


def holder(storage: Storage) -> Holder | None:
    """Return the living process that writes a run, None when nobody does."""
    try:
        found = _read(storage.read(LOCK))
    except FileNotFoundError:
        return None
    return found if found is not None and found.lives else None


@contextmanager
def locked(storage: Storage) -> Iterator[None]:
    """Hold a run for writing.

    Raises
    ------
    RunLockedError
        Another living process holds it.
    UnusablePlaceError
        The folder cannot be made or written.
    """
    me = Holder.this()
    try:
        if isinstance(storage, LocalStorage):
            _take_local(storage, me)
        elif isinstance(storage, RemoteStorage):
            _take_remote(storage, me)
    except OSError as fault:
        raise UnusablePlaceError(
            f"The run folder {storage.url} cannot be written ({fault.strerror or fault}); "
            "name another with --into.",
            field="run folder",
            given=storage.url,
            allowed="a writable folder",
        ) from fault
    try:
        yield
    finally:
        if holder(storage) == me:
            storage.remove(LOCK)


def _take_local(storage: LocalStorage, me: Holder) -> None:
    path = storage.folder / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                current = os.fstat(file.fileno()).st_ino == path.stat().st_ino
            except FileNotFoundError:
                current = False
            if not current:  # its holder gave it back between opening and locking
                continue
            file.seek(0)
            found = _read(file.read())
            if found is not None and found.lives:
                _refuse(storage, found)
            file.truncate(0)
            file.write(_text(me))
            file.flush()
            os.fsync(file.fileno())
            return


def _take_remote(storage: RemoteStorage, me: Holder) -> None:
    if storage.claim(LOCK, _text(me)):
        return
    found = holder(storage)
    if found is not None:
        _refuse(storage, found)
    storage.remove(LOCK)
    if not storage.claim(LOCK, _text(me)):
        _refuse(storage, holder(storage) or me)


def _refuse(storage: Storage, found: Holder) -> None:
    raise RunLockedError(
        f"Process {found.process} on {found.machine} is writing the run {storage.url}; "
        "wait for it or stop it.",
        field="run",
        given=storage.url,
        allowed="a run that no other process writes",
    )


def _text(who: Holder) -> bytes:
    return json.dumps(asdict(who)).encode()


def _read(data: bytes) -> Holder | None:
    """Return who a lock names; None when it names nobody: its writer died while writing it."""
    try:
        return Holder(**json.loads(data))
    except (ValueError, TypeError):
        return None


def _began(process: int) -> str | None:
    """Return when a process of this machine began, None when there is none."""
    if _BOOT.exists():
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        dead = fields[0] in "ZX"
        return None if dead else f"{_BOOT.read_text().strip()}/{fields[19]}"
    asked = subprocess.run(  # noqa: S603 - a fixed program and a number
        ["/bin/ps", "-o", "lstart=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None
