"""Writing files whole: a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from twocurves.errors import BadFileError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder to write to; on success it takes the place of ``path``.

    The folder is made if it is missing. On any error the temporary file is removed and ``path`` is as it was.

    Raises
    ------
    BadFileError
        The folder cannot be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix, delete=False
        ) as made:
            temporary = Path(made.name)
    except OSError as fault:
        raise BadFileError(
            f"{path} cannot be written: {fault.strerror}.",
            field="output",
            given=str(path),
            allowed="a writable folder",
        ) from fault
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
