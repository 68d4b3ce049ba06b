"""Where runs lie: a local folder, or any file system that fsspec knows.

A file appears under its name whole or not at all: it is written under a temporary name, flushed to the disk
and renamed, and then the folder is flushed too. Remote systems have no such flush; there the digest beside
every chunk tells a half-copied file.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from uuid import uuid4

from twocurves.ensemble.faults import UnwritableRunError
from twocurves.errors import MissingExtraError, unknown

#: How the name of a file that is being written ends.
PARTIAL = ".partial"

_BLOCK = 1 << 20


@contextmanager
def writing(place: str) -> Iterator[None]:
    """Turn a failure to write into a sentence.

    Raises
    ------
    UnwritableRunError
        The system refused.
    """
    try:
        yield
    except OSError as fault:
        raise UnwritableRunError(
            f"The run folder {place} cannot be written ({fault.strerror or fault}); "
            "what is finished is kept.",
            field="run folder",
            given=place,
            allowed="a writable folder with free space",
        ) from fault


class Incoming(ABC):
    """A file on its way in; counts and digests what is written to it.

    Attributes
    ----------
    size
        Bytes written.
    """

    def __init__(self, place: str, file: IO[bytes]) -> None:
        self.closed = False
        self.size = 0
        self._place = place
        self._file = file
        self._digest = sha256()
        self._given_up = False

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes written."""
        return self._digest.hexdigest()

    def write(self, data: Any) -> int:
        """Write bytes; after :meth:`abandon` they go nowhere."""
        block = memoryview(data).cast("B")
        if not self._given_up:
            with writing(self._place):
                self._file.write(block)
            self._digest.update(block)
            self.size += len(block)
        return len(block)

    def tell(self) -> int:
        """Return the position, as Parquet writers ask."""
        return self.size

    def flush(self) -> None:  # noqa: B027 - the same for all
        """Do nothing; :meth:`commit` flushes."""

    def close(self) -> None:  # noqa: B027 - the same for all
        """Do nothing; the file ends with :meth:`commit` or :meth:`abandon`."""

    def commit(self, name: str) -> None:
        """Put the file in its place, under a name in the run's folder."""
        with writing(self._place):
            self._put(name)

    def abandon(self) -> None:
        """Drop the file."""
        self._given_up = True
        self._drop()

    @abstractmethod
    def _put(self, name: str) -> None: ...

    @abstractmethod
    def _drop(self) -> None: ...


class Storage(ABC):
    """One run's folder. Names are relative, with ``/``.

    Attributes
    ----------
    url
        How to open the same folder from another process.
    """

    url: str

    #: Whether another process on this machine sees the same files.
    shared = True

    @abstractmethod
    def create(self, folder: str) -> Incoming:
        """Begin a file in a folder below; it gets its name when committed."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open a file for reading, seekable; raises FileNotFoundError."""

    @abstractmethod
    def names(self, folder: str = "") -> list[str]:
        """Return the names of the files below a folder, sorted; empty when there is none."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file; nothing when it is not there."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None when it is not there."""

    @abstractmethod
    def clear(self) -> None:
        """Remove the folders that are empty, the run's own last."""

    def read(self, name: str) -> bytes:
        """Return a file's bytes; raises FileNotFoundError."""
        with self.open(name) as file:
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole."""
        incoming = self.create(name.rpartition("/")[0])
        try:
            incoming.write(data)
            incoming.commit(name)
        except UnwritableRunError:
            incoming.abandon()
            raise

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, read block by block; raises FileNotFoundError."""
        found = sha256()
        with self.open(name) as file:
            while block := file.read(_BLOCK):
                found.update(block)
        return found.hexdigest()


class LocalStorage(Storage):
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.url = str(self.folder)

    def create(self, folder: str) -> Incoming:
        """Begin a file in a folder below; it gets its name when committed."""
        return _LocalIncoming(self.folder, folder)

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; raises FileNotFoundError."""
        return (self.folder / name).open("rb")

    def names(self, folder: str = "") -> list[str]:
        """Return the names of the files below a folder, sorted."""
        below = self.folder / folder
        return sorted(path.relative_to(self.folder).as_posix() for path in below.rglob("*") if path.is_file())

    def remove(self, name: str) -> None:
        """Remove a file; nothing when it is not there."""
        with writing(self.url):
            (self.folder / name).unlink(missing_ok=True)

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None when it is not there."""
        path = self.folder / name
        return path.stat().st_size if path.is_file() else None

    def clear(self) -> None:
        """Remove the folders that are empty, the run's own last."""
        with writing(self.url):
            below = [path for path in self.folder.rglob("*") if path.is_dir()]
            for folder in [*sorted(below, reverse=True), self.folder]:
                if not any(folder.iterdir()):
                    folder.rmdir()


class _LocalIncoming(Incoming):
    def __init__(self, root: Path, folder: str) -> None:
        with writing(str(root)):
            (root / folder).mkdir(parents=True, exist_ok=True)
            self._temporary = root / folder / f".{uuid4().hex[:16]}{PARTIAL}"
            file = self._temporary.open("xb")
        super().__init__(str(root), file)
        self._root = root

    def _put(self, name: str) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        path = self._root / name
        self._temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _drop(self) -> None:
        self._temporary.unlink(missing_ok=True)
        try:
            self._file.close()
        except OSError:  # what is left in the buffer of a file nobody wants cannot be written: a full disk
            self._file = open(os.devnull, "wb")  # noqa: PTH123, SIM115 - closed with this object


class RemoteStorage(Storage):
    """A folder of a file system that fsspec knows, such as ``s3://bucket/run`` or ``memory://run``.

    Raises
    ------
    BadInputError
        There is no such kind of file system.
    MissingExtraError
        The package that speaks to this kind is not installed.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url.rstrip("/")
        kind = url.partition("://")[0]
        if kind not in fsspec.available_protocols():
            raise unknown("kind of file system", kind, fsspec.available_protocols(), field="--into")
        try:
            self._files, root = fsspec.core.url_to_fs(self.url)
        except ImportError as absent:
            raise MissingExtraError(
                f"{url} cannot be reached: {' '.join(str(absent).split()).rstrip('.')}.",
                field="--into",
                given=url,
                allowed="a folder, or a kind of file system whose package is installed",
            ) from absent
        self._root = str(root).rstrip("/")
        self.shared = not self.url.startswith("memory:")

    def create(self, folder: str) -> Incoming:
        """Begin a file; it is sent when committed."""
        return _RemoteIncoming(self.url, self._files, self._root)

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; raises FileNotFoundError."""
        return cast("BinaryIO", self._files.open(self._at(name), "rb"))

    def names(self, folder: str = "") -> list[str]:
        """Return the names of the files below a folder, sorted."""
        self._files.invalidate_cache()
        found = self._files.find(self._at(folder) if folder else self._root)
        return sorted(str(path)[len(self._root) + 1 :] for path in found)

    def remove(self, name: str) -> None:
        """Remove a file; nothing when it is not there."""
        with writing(self.url):
            if self._files.exists(self._at(name)):
                self._files.rm_file(self._at(name))

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None when it is not there."""
        path = self._at(name)
        return int(self._files.size(path)) if self._files.exists(path) else None

    def clear(self) -> None:
        """Remove the run's folder when nothing is left in it."""
        with writing(self.url):
            if not self.names() and self._files.exists(self._root):
                self._files.rm(self._root, recursive=True)

    def claim(self, name: str, data: bytes) -> bool:
        """Write a file unless there is one already; return whether it was written, or raise OSError."""
        self._files.makedirs(self._root, exist_ok=True)
        try:
            self._files.pipe_file(self._at(name), data, mode="create")
        except FileExistsError:
            return False
        return True

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"


class _RemoteIncoming(Incoming):
    def __init__(self, place: str, files: Any, root: str) -> None:
        whole = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent or dropped
        super().__init__(place, whole)
        self._files = files
        self._root = root

    def _put(self, name: str) -> None:
        path = f"{self._root}/{name}"
        folder = path.rpartition("/")[0]
        temporary = f"{folder}/.{uuid4().hex[:16]}{PARTIAL}"
        self._files.makedirs(folder, exist_ok=True)
        self._file.seek(0)
        with self._files.open(temporary, "wb") as out:
            shutil.copyfileobj(self._file, out, _BLOCK)
        self._file.close()
        if self._files.exists(path):
            self._files.rm_file(path)
        self._files.mv(temporary, path)

    def _drop(self) -> None:
        self._file.close()


def storage_at(place: str | Path) -> Storage:
    """Return the storage of a run: a local folder, or a URL such as ``s3://bucket/run``."""
    if isinstance(place, str) and "://" in place:
        if place.startswith("file://"):
            return LocalStorage(Path(place.removeprefix("file://")))
        return RemoteStorage(place)
    return LocalStorage(Path(place).expanduser())
