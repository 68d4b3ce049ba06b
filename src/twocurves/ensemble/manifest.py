"""The manifest of a run, and the side file of each chunk: what was written, with digests.

Both are JSON with a digest of themselves, so that a changed byte in either is noticed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from twocurves.ensemble.faults import DamagedRunError
from twocurves.ensemble.layout import Layout
from twocurves.ensemble.plan import Plan, digest_of
from twocurves.ensemble.simulator import Description
from twocurves.ensemble.storage import Storage

#: Name of the manifest in a run's folder.
MANIFEST = "manifest.json"

Status = Literal["running", "interrupted", "complete"]


class Sealed(BaseModel):
    """JSON that ends with the digest of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def sealed(self) -> bytes:
        """Return the text with its digest."""
        content = self.model_dump(mode="json")
        return (json.dumps({**content, "seal": digest_of(content)}, indent=1) + "\n").encode()

    @classmethod
    def unsealed(cls, data: bytes, name: str) -> Self:
        """Read what :meth:`sealed` wrote.

        Raises
        ------
        DamagedRunError
            It is not that text any more.
        """
        try:
            content = json.loads(data)
            seal = content.pop("seal")
            read = cls.model_validate(content)
        except (ValueError, KeyError, AttributeError, TypeError) as fault:
            what = "does not fit" if isinstance(fault, ValidationError) else "cannot be read"
            raise _damaged(name, what) from fault
        if digest_of(content) != seal:
            raise _damaged(name, "was changed after it was written")
        return read


class StoredFile(BaseModel):
    """A file of a chunk.

    Attributes
    ----------
    name
        Path in the run's folder.
    size
        Bytes.
    digest
        SHA-256 of its bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int
    digest: str


class ChunkRecord(Sealed):
    """The side file of a chunk; a chunk counts once this is written.

    Attributes
    ----------
    plan
        Digest of the plan it was computed for.
    first, last
        Micro-batches: the first, and the one after the last.
    draws
        Number of draws.
    failed
        Cause -> number of failed draws.
    files
        The tables of draws and of paths.
    digests
        Digest of each micro-batch's content, in order.
    raised
        Micro-batch -> what was raised in it, in words; for diagnosis, no part of the results.
    """

    plan: str
    first: int
    last: int
    draws: int
    failed: dict[str, int]
    files: tuple[StoredFile, ...]
    digests: tuple[str, ...]
    raised: dict[int, str] = {}

    def light(self) -> ChunkRecord:
        """Return the record without the digests of the micro-batches, of which a long run has millions."""
        return self.model_copy(update={"digests": ()})


class Manifest(Sealed):
    """What a run is.

    Attributes
    ----------
    format
        Format of the folder; another number is another format.
    name
        Short name of the run.
    plan, plan_digest
        The plan and its digest.
    description
        Measures, axes, beliefs and claims of the simulator.
    status
        "running" while a process writes (or when one was killed), "interrupted", "complete".
    created, finished
        When the run was begun and when it became complete, UTC.
    command
        The command line that began it.
    ok, failed
        Draws that came through, and failed ones by cause; None until the run was stopped or complete.
    results_digest
        Digest of all results in order of the draws, once complete; equal for equal plans.
    """

    format: Literal[1] = 1
    name: str
    plan: Plan
    plan_digest: str
    description: Description
    status: Status
    created: dt.datetime
    finished: dt.datetime | None = None
    command: str = ""
    ok: int | None = None
    failed: dict[str, int] | None = None
    results_digest: str | None = None

    @property
    def layout(self) -> Layout:
        """What the run keeps, in which columns."""
        return Layout(self.plan, self.description)

    def changed(self, **fields: Any) -> Manifest:
        """Return the manifest with other values for some fields."""
        return self.model_copy(update=fields)


def read_manifest(storage: Storage) -> Manifest:
    """Read a run's manifest.

    Raises
    ------
    DamagedRunError
        It is missing or damaged; the message says what to do.
    """
    try:
        data = storage.read(MANIFEST)
    except (FileNotFoundError, NotADirectoryError) as absent:
        raise DamagedRunError(
            f"{storage.url} is not a run: it has no {MANIFEST}.",
            field=f"{storage.url}/{MANIFEST}",
            given="nothing",
            allowed="a folder that `twocurves run` wrote",
        ) from absent
    return Manifest.unsealed(data, f"{storage.url}/{MANIFEST}")


def causes(failed: Mapping[str, int]) -> dict[str, int]:
    """Return failures by cause, the most frequent first."""
    return dict(sorted(failed.items(), key=lambda item: (-item[1], item[0])))


def _damaged(name: str, what: str) -> DamagedRunError:
    return DamagedRunError(
        f"{name} {what}; give the command that began the run again and it is mended.",
        field=name,
        given="a damaged file",
        allowed="the file as it was written",
    )
