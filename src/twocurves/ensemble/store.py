"""The store: one folder per run, written chunk by chunk.

::

    run.lock                            who writes, while somebody does
    manifest.json                       the plan, the measures and their units, the axes, the status
    draws/0000000000-0000000063.parquet a row of every draw: ok or failed, beliefs, claims
    paths/0000000000-0000000063.parquet a row of every draw and month, a column of each measure and entity
    chunks/0000000000-0000000063.json   digests of the two; a chunk counts once this is there

A chunk holds whole micro-batches, and its files are named by its first and last draw. How many a chunk holds
is a matter of convenience: results are compared by the digests of the micro-batches. A run that was killed
may hold a table whose side file was not written yet; resuming clears it away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from twocurves.ensemble.faults import DamagedRunError
from twocurves.ensemble.locking import LOCK
from twocurves.ensemble.manifest import MANIFEST, ChunkRecord, StoredFile, read_manifest
from twocurves.ensemble.plan import Plan
from twocurves.ensemble.rows import RowMaker, Rows
from twocurves.ensemble.storage import PARTIAL, Incoming, Storage, storage_at

DRAWS, PATHS, CHUNKS = "draws", "paths", "chunks"

#: Rows gathered before they are written as one row group, which bounds the memory of a writer.
ROWS_AT_ONCE = 65_536

_OURS = re.compile(
    r"(?:draws/\d{10,}-\d{10,}\.parquet|paths/\d{10,}-\d{10,}\.parquet|chunks/\d{10,}-\d{10,}\.json)\Z"
)

#: What a study of drivers writes beside a run's results; it is no part of them.
_BESIDE = re.compile(r"drivers/(?:claims\.json|claims\.parquet|sobol\.npz)\Z")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a run's folder.

    Attributes
    ----------
    name
        The file, relative to the run.
    kind
        "missing", "changed" (not the bytes that were written), "unreadable", "double" (draws that another
        chunk holds), "other plan", "unfinished" (draws not computed yet), "leftover" (of a
        writer that was killed), "foreign" (nothing of ours).
    what
        One sentence.
    """

    name: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What a run's folder holds.

    Attributes
    ----------
    chunks
        The sound chunks, in order of the draws, without the digests of their micro-batches.
    problems
        All that is wrong, by name of the file.
    """

    chunks: tuple[ChunkRecord, ...]
    problems: tuple[Problem, ...]

    @property
    def damaged(self) -> bool:
        """Whether results are damaged; leftovers, foreign files and draws still to come are no damage."""
        return any(problem.kind not in ("unfinished", "leftover", "foreign") for problem in self.problems)

    def missing(self, plan: Plan) -> Iterator[tuple[int, int]]:
        """Yield the runs of micro-batches without a sound chunk: first, and one after the last."""
        at = 0
        for chunk in self.chunks:
            if chunk.first > at:
                yield at, chunk.first
            at = chunk.last
        if at < plan.micro_batches:
            yield at, plan.micro_batches


class ChunkWriter:
    """Writes one chunk, micro-batch by micro-batch, in bounded memory."""

    def __init__(self, storage: Storage, maker: RowMaker, first: int) -> None:
        self._storage = storage
        self._maker = maker
        self._first = first
        self._at = first
        self._digests: list[str] = []
        self._failed: Counter[str] = Counter()
        self._raised: dict[int, str] = {}
        self._open: dict[str, _TableWriter] = {}

    def add(self, rows: Rows, raised: str = "") -> None:
        """Add the next micro-batch; ``raised`` says in words what was raised in it, if anything.

        Raises
        ------
        UnwritableRunError
            The folder takes no more.
        """
        if not self._open:
            self._open[DRAWS] = _TableWriter(self._storage, DRAWS, self._maker.draws_schema)
            self._open[PATHS] = _TableWriter(self._storage, PATHS, self._maker.paths_schema)
        self._open[DRAWS].add(rows.draws)
        self._open[PATHS].add(rows.paths)
        self._digests.append(rows.digest)
        self._failed.update(rows.failed)
        if raised:
            self._raised[self._at] = raised
        self._at += 1

    def commit(self) -> ChunkRecord:
        """Put the chunk in its place: the tables first, then the side file that makes it count.

        Raises
        ------
        UnwritableRunError
            The folder takes no more.
        """
        plan = self._maker.layout.plan
        name = chunk_name(plan, self._first, self._at)
        files = tuple(
            table.commit(f"{folder}/{name}.parquet") for folder, table in sorted(self._open.items())
        )
        record = ChunkRecord(
            plan=plan.digest,
            first=self._first,
            last=self._at,
            draws=_draws(plan, self._first, self._at),
            failed=dict(sorted(self._failed.items())),
            files=files,
            digests=tuple(self._digests),
            raised=self._raised,
        )
        self._storage.write(f"{CHUNKS}/{name}.json", record.sealed())
        return record

    def abandon(self) -> None:
        """Drop what was not committed."""
        for table in self._open.values():
            table.abandon()


class _TableWriter:
    """One Parquet file on its way in; its final name is given when it is whole.

    Bytes of figures are split by their place in the number: the first ones repeat themselves from month to
    month and compress, the last ones never do.
    """

    def __init__(self, storage: Storage, folder: str, schema: pa.Schema) -> None:
        self._incoming: Incoming = storage.create(folder)
        repeated = [field.name for field in schema if field.name in ("draw", "month", "cause")]
        figures = [field.name for field in schema if pa.types.is_floating(field.type)]
        self._writer = pq.ParquetWriter(
            self._incoming, schema, compression="lz4", use_dictionary=repeated, use_byte_stream_split=figures
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._rows += len(table)
        if self._rows >= ROWS_AT_ONCE:
            self._write()

    def commit(self, name: str) -> StoredFile:
        self._write()
        self._writer.close()
        self._incoming.commit(name)
        return StoredFile(name=name, size=self._incoming.size, digest=self._incoming.digest)

    def abandon(self) -> None:
        self._incoming.abandon()
        self._writer.close()

    def _write(self) -> None:
        if self._rows:
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=self._rows)
        self._waiting, self._rows = [], 0


def chunk_name(plan: Plan, first: int, last: int) -> str:
    """Return the name of the chunk of micro-batches ``first`` to ``last - 1``: its first and last draw."""
    begins, _ = plan.span(first)
    begun, count = plan.span(last - 1)
    return f"{begins:010d}-{begun + count - 1:010d}"


def survey(storage: Storage, plan: Plan, *, deep: bool = True) -> Survey:
    """Look at everything in a run's folder.

    Parameters
    ----------
    deep
        Compare every byte with its digest; otherwise only the size of the files.
    """
    names = storage.names()
    found: list[ChunkRecord] = []
    problems: list[Problem] = []
    named: set[str] = set()
    for name in (name for name in names if name.startswith(f"{CHUNKS}/") and _OURS.match(name)):
        try:
            record = ChunkRecord.unsealed(storage.read(name), name)
        except DamagedRunError:
            problems.append(Problem(name, "changed", f"{name} is not as it was written."))
            continue
        if record.plan != plan.digest:
            problems.append(Problem(name, "other plan", f"{name} belongs to another plan."))
            continue
        if name != f"{CHUNKS}/{chunk_name(plan, record.first, record.last)}.json":
            problems.append(Problem(name, "changed", f"{name} is not under its own name."))
            continue
        wrong = [problem for file in record.files if (problem := _wrong(storage, file, deep=deep))]
        named.update(file.name for file in record.files)
        problems += wrong
        if wrong:
            continue
        if found and record.first < found[-1].last:
            problems.append(Problem(name, "double", f"{name} holds draws that another chunk holds."))
            continue
        found.append(record.light())
    for name in names:
        if PARTIAL in name or (_OURS.match(name) and not name.startswith(CHUNKS) and name not in named):
            problems.append(Problem(name, "leftover", f"{name} was not finished when its writer ended."))
        elif not is_ours(name):
            problems.append(Problem(name, "foreign", f"{name} is no file of the run."))
    return Survey(tuple(found), tuple(sorted(problems, key=lambda problem: problem.name)))


def sweep(storage: Storage, looked: Survey) -> None:
    """Remove leftovers and every file that is not part of a sound chunk; foreign files are left alone."""
    sound = {file.name for chunk in looked.chunks for file in chunk.files}
    sound |= {_side(name) for name in sound}
    for name in storage.names():
        if PARTIAL in name or (_OURS.match(name) and name not in sound):
            storage.remove(name)


def records(storage: Storage) -> Iterator[ChunkRecord]:
    """Yield the side files in order of the draws, as they stand.

    Raises
    ------
    DamagedRunError
        One is not as it was written.
    """
    at = 0
    for name in storage.names(CHUNKS):
        if _OURS.match(name):
            record = ChunkRecord.unsealed(storage.read(name), name)
            if record.first >= at:
                yield record
                at = record.last


def is_ours(name: str) -> bool:
    """Whether a file in a run's folder was written by a run."""
    known = _OURS.match(name) or _BESIDE.match(name)
    return PARTIAL in name or known is not None or name in (MANIFEST, LOCK)


def results_digest(chunks: Iterable[ChunkRecord]) -> str:
    """Return the digest of all results, from those of the micro-batches in order."""
    digest = sha256()
    for chunk in chunks:
        for one in chunk.digests:
            digest.update(bytes.fromhex(one))
    return digest.hexdigest()


def verify(place: Storage | str | Path) -> Survey:
    """Check a stored run byte by byte.

    A manifest that is missing or damaged is a problem of its own; without it chunks cannot be told sound.
    """
    storage = place if isinstance(place, Storage) else storage_at(place)
    try:
        manifest = read_manifest(storage)
    except DamagedRunError as fault:
        kind = "missing" if MANIFEST not in storage.names() else "changed"
        return Survey((), (Problem(MANIFEST, kind, fault.message),))
    plan = manifest.plan
    looked = survey(storage, plan)
    kind = "missing" if manifest.status == "complete" else "unfinished"
    absent = []
    for first, last in looked.missing(plan):
        name = chunk_name(plan, first, last)
        begins, ends = (int(draw) for draw in name.split("-"))
        absent.append(Problem(f"{CHUNKS}/{name}.json", kind, f"Draws {begins} to {ends} are not there."))
    return Survey(looked.chunks, (*looked.problems, *absent))


def _side(name: str) -> str:
    """Return the name of the side file of a table."""
    return re.sub(r"^\w+/(.*)\.parquet$", rf"{CHUNKS}/\1.json", name)


def _wrong(storage: Storage, file: StoredFile, *, deep: bool) -> Problem | None:
    size = storage.size(file.name)
    if size is None:
        return Problem(file.name, "missing", f"{file.name} is missing.")
    if size != file.size:
        return Problem(file.name, "changed", f"{file.name} has {size} bytes instead of {file.size}.")
    if not deep:
        return None
    try:
        same = storage.digest(file.name) == file.digest
    except OSError as fault:
        return Problem(file.name, "unreadable", f"{file.name} cannot be read ({fault.strerror}).")
    return None if same else Problem(file.name, "changed", f"{file.name} is not as it was written.")


def _draws(plan: Plan, first: int, last: int) -> int:
    begun, count = plan.span(last - 1)
    return begun + count - plan.span(first)[0]
