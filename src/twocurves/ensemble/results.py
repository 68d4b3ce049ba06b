"""Reading a stored run: lazily, and in memory that does not grow with the draws unless it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.faults import DamagedRunError
from twocurves.ensemble.layout import Layout
from twocurves.ensemble.manifest import ChunkRecord, Manifest, causes, read_manifest
from twocurves.ensemble.plan import Plan
from twocurves.ensemble.simulator import MeasureInfo
from twocurves.ensemble.storage import Storage, storage_at
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month, as_month

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

#: Bytes of figures gathered at a time for quantiles. One column of one month is always gathered whole:
#: 4 bytes a draw in float32, so a hundred million draws take 400 MB and their sorting no more.
GATHERED_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Counts:
    """How many draws a run holds.

    Attributes
    ----------
    asked
        Draws of the plan.
    ok
        Draws that came through.
    failed
        Draws that failed.
    causes
        Cause -> number of failed draws, the most frequent first.
    """

    asked: int
    ok: int
    failed: int
    causes: dict[str, int]

    @property
    def stored(self) -> int:
        """Draws stored so far; fewer than asked in a run that was stopped."""
        return self.ok + self.failed


@dataclass(frozen=True, slots=True)
class ClaimCount:
    """In how many draws a claim is true.

    Attributes
    ----------
    true, false, undecided
        Draws that came through, by the claim's truth in them.
    failed
        Draws that failed, in which nobody knows.
    """

    true: int
    false: int
    undecided: int
    failed: int


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Exact quantiles over the draws that came through, linear between order statistics.

    Attributes
    ----------
    measure
        What it is, with unit and axes.
    levels
        The levels, between 0 and 1.
    months
        The months.
    names
        Names along each axis.
    values
        Shape ``(levels, months, *axes)``; NaN where no draw has a figure.
    draws
        Draws with a figure, shape ``(months, *axes)``: a figure that is not defined in a draw is left out.
    """

    measure: MeasureInfo
    levels: tuple[float, ...]
    months: tuple[Month, ...]
    names: tuple[tuple[str, ...], ...]
    values: NDArray[np.float64]
    draws: NDArray[np.int64]


class StoredRun:
    """A stored run, complete or not; nothing but the manifest is read until it is asked for."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.manifest: Manifest = read_manifest(storage)

    @property
    def path(self) -> str:
        """Where the run lies."""
        return self._storage.url

    @property
    def name(self) -> str:
        """Short name of the run."""
        return self.manifest.name

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.manifest.plan

    @property
    def complete(self) -> bool:
        """Whether every draw is stored."""
        return self.manifest.status == "complete"

    @property
    def digest(self) -> str | None:
        """Digest of all results, once complete."""
        return self.manifest.results_digest

    @property
    def measures(self) -> tuple[MeasureInfo, ...]:
        """The measures kept."""
        return self.layout.measures

    @property
    def months(self) -> tuple[Month, ...]:
        """The months kept."""
        return self.plan.months

    @cached_property
    def layout(self) -> Layout:
        """Which columns there are."""
        return self.manifest.layout

    @cached_property
    def chunks(self) -> tuple[ChunkRecord, ...]:
        """The chunks, in order of the draws, without the digests of their micro-batches; read once."""
        from twocurves.ensemble.store import records

        return tuple(record.light() for record in records(self._storage))

    @cached_property
    def counts(self) -> Counts:
        """How many draws are stored, how many failed and why."""
        failed: Counter[str] = Counter()
        for chunk in self.chunks:
            failed.update(chunk.failed)
        stored = sum(chunk.draws for chunk in self.chunks)
        return Counts(self.plan.draws, stored - failed.total(), failed.total(), causes(failed))

    def iterate_draws(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the table of draws piece by piece, in order of the draws.

        Parameters
        ----------
        columns
            ``draw``, ``replicate``, ``ok``, ``cause``, ``month``, ``figure``, ``belief.<name>``,
            ``claim.<id>``; all when left out.
        """
        return self._pieces("draws", columns)

    def iterate_paths(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the table of paths piece by piece, in order of draw and month.

        Parameters
        ----------
        columns
            ``draw``, ``month``, and names such as ``revenue_by_lab.openai``; all when left out.
        """
        return self._pieces("paths", columns)

    def quantiles(
        self,
        measure: str,
        levels: Sequence[float] = (0.05, 0.5, 0.95),
        months: Sequence[Month | str] | None = None,
    ) -> Quantiles:
        """Return exact quantiles of a measure.

        Reads the measure's columns only, one at a time, and gathers as many months of it as fit in
        :data:`GATHERED_BYTES`, at least one; it is read again for the months that do not.

        Parameters
        ----------
        months
            Some of the months kept; all when left out.

        Raises
        ------
        BadInputError
            The run does not keep the measure or a month, or a level is not between 0 and 1.
        """
        columns = self.layout.columns_of(measure)
        places = self._places(months)
        if not levels or not all(0 <= level <= 1 for level in levels):
            raise BadInputError(
                f"levels must lie between 0 and 1; you gave {list(levels)}.",
                field="levels",
                given=list(levels),
                allowed="0 to 1",
            )
        info = self.layout.measures[columns[0].measure]
        values = np.empty((len(levels), len(places), len(columns)))
        found = np.empty((len(places), len(columns)), dtype=np.int64)
        for number, column in enumerate(columns):
            for some in self._groups(len(places)):
                figures = self._gathered(column.name, [places[index] for index in some])
                values[:, some, number], found[some, number] = _sorted_quantiles(figures, levels)
        shape = self.layout.shape(info)
        return Quantiles(
            measure=info,
            levels=tuple(levels),
            months=tuple(self.months[place] for place in places),
            names=tuple(self.manifest.description.axes[axis] for axis in info.axes),
            values=values.reshape(len(levels), len(places), *shape),
            draws=found.reshape(len(places), *shape),
        )

    def claim_counts(self) -> dict[str, ClaimCount]:
        """Return in how many draws each claim is true, false and undecided; streams over the draws."""
        from twocurves.ensemble.rows import CLAIM

        ids = self.manifest.description.claims
        counted = {name: np.zeros(3, dtype=np.int64) for name in ids}
        for table in self.iterate_draws([CLAIM + name for name in ids]):
            for name in ids:
                truths = from_column(table[CLAIM + name].drop_null()).astype(np.int64)
                counted[name] += np.bincount(truths + 1, minlength=3)
        return {
            name: ClaimCount(int(of[2]), int(of[1]), int(of[0]), self.counts.failed)
            for name, of in counted.items()
        }

    def to_xarray(
        self,
        measures: Sequence[str] | None = None,
        months: Sequence[Month | str] | None = None,
        draws: int | None = None,
    ) -> xr.Dataset:
        """Return measures as labelled arrays with units and meanings, in memory.

        Parameters
        ----------
        measures
            All that the run keeps when left out.
        months
            Some of the months kept; all when left out.
        draws
            Only draws below this index; all when left out.

        Returns
        -------
        xarray.Dataset
            A variable ``(draw, month, *axes)`` for each measure, attributes ``units`` and ``description``;
            draws that failed are not among the draws, and the attributes of the whole count them.
        """
        import xarray as xr

        chosen = [unfound for unfound in measures or () if unfound not in self.plan.measures]
        if chosen:
            raise unknown("measure in this run", chosen[0], self.plan.measures, field="measure")
        places = self._places(months)
        infos = [info for info in self.measures if measures is None or info.name in measures]
        columns = {info.name: [column.name for column in self.layout.columns_of(info.name)] for info in infos}
        parts: dict[str, list[NDArray[np.floating]]] = {info.name: [] for info in infos}
        index: list[NDArray[np.int64]] = []
        for table in self.iterate_paths(["draw", *(name for names in columns.values() for name in names)]):
            draw = from_column(table["draw"])[:: len(self.months)]
            kept = np.ones(len(draw), dtype=np.bool_) if draws is None else draw < draws
            index.append(draw[kept])
            for info in infos:
                block = np.stack(
                    [_blocks(table[name], len(self.months)) for name in columns[info.name]], axis=-1
                )
                parts[info.name].append(block[kept][:, places])
            if not kept.all():
                break
        axes = {axis: list(self.manifest.description.axes[axis]) for info in infos for axis in info.axes}
        dated = np.array([self.months[place].to_numpy() for place in places]).astype("datetime64[ns]")
        return xr.Dataset(
            {
                info.name: (
                    ("draw", "month", *info.axes),
                    _joined(
                        parts[info.name], self.plan.precision, (len(places), len(columns[info.name]))
                    ).reshape(-1, len(places), *self.layout.shape(info)),
                    {"units": info.unit, "description": info.meaning, "long_name": info.meaning},
                )
                for info in infos
            },
            coords={
                "draw": ("draw", np.concatenate(index) if index else np.empty(0, np.int64)),
                "month": ("month", dated, {"description": "First day of the month"}),
                **axes,
            },
            attrs={
                "run": self.name,
                "plan_digest": self.manifest.plan_digest,
                "results_digest": self.digest or "",
                "scenario": self.plan.scenario,
                "seed": self.plan.seed,
                "data_to": self.plan.data_to.isoformat(),
                "draws_asked": self.counts.asked,
                "draws_failed": self.counts.failed,
                "causes": [f"{cause}: {count}" for cause, count in self.counts.causes.items()],
            },
        )

    def __repr__(self) -> str:
        return f"StoredRun({self.name!r}, {self.counts.stored} of {self.plan.draws} draws, {self.path!r})"

    def _places(self, months: Sequence[Month | str] | None) -> list[int]:
        """Return the places of months among those kept."""
        if months is None:
            return list(range(len(self.months)))
        places = []
        for given in months:
            month = as_month(given, "months")
            if month not in self.months:
                raise BadInputError(
                    f"The run keeps no figures of {month}; it keeps {len(self.months)} months "
                    f"from {self.months[0]} to {self.months[-1]}.",
                    field="months",
                    given=str(month),
                    allowed=[str(kept) for kept in self.months],
                )
            places.append(self.months.index(month))
        return places

    def _groups(self, months: int) -> Iterator[list[int]]:
        per_month = max(1, self.counts.ok) * np.dtype(self.plan.precision).itemsize
        at_once = max(1, GATHERED_BYTES // per_month)
        return (list(range(at, min(at + at_once, months))) for at in range(0, months, at_once))

    def _gathered(self, column: str, places: list[int]) -> NDArray[np.floating]:
        """Return a column's figures, shape ``(months, draws that came through)``."""
        figures = np.empty((len(places), self.counts.ok), dtype=self.plan.precision)
        at = 0
        for table in self.iterate_paths([column]):
            block = _blocks(table[column], len(self.months))
            figures[:, at : at + len(block)] = block[:, places].T
            at += len(block)
        return figures

    def _pieces(self, folder: str, columns: Sequence[str] | None) -> Iterator[pa.Table]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        for chunk in self.chunks:
            (name,) = (file.name for file in chunk.files if file.name.startswith(f"{folder}/"))
            try:
                with self._storage.open(name) as file:
                    table = pq.ParquetFile(file)
                    known = table.schema_arrow.names
                    for column in columns or ():
                        if column not in known:
                            raise unknown("column", column, known)
                    for group in range(table.num_row_groups):
                        yield table.read_row_group(group, columns=columns, use_threads=False)
            except (OSError, pa.ArrowException) as fault:
                raise DamagedRunError(
                    f"{self.path}/{name} cannot be read; `twocurves runs verify {self.name}` names what is "
                    f"damaged and `twocurves run --resume {self.path}` mends it.",
                    field=f"{self.path}/{name}",
                    allowed="the file as it was written",
                ) from fault


def open_run(place: str | Path) -> StoredRun:
    """Open a stored run: a folder, or a URL of any file system that fsspec knows.

    Raises
    ------
    DamagedRunError
        There is no run, or its manifest is damaged.
    """
    return StoredRun(storage_at(place))


def _blocks(column: Any, months: int) -> NDArray[np.floating]:
    """Return a column of paths as ``(draws, months)``: row groups hold whole draws."""
    values: NDArray[np.floating] = from_column(column)
    return values.reshape(-1, months)


def _joined(
    parts: list[NDArray[np.floating]], precision: str, shape: tuple[int, ...]
) -> NDArray[np.floating]:
    return np.concatenate(parts) if parts else np.empty((0, *shape), dtype=precision)


def _sorted_quantiles(
    figures: NDArray[np.floating], levels: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return quantiles over the last axis without NaN, shape ``(levels, months)``, and how many there are.

    Sorts ``figures`` in place, NaN last. Linear between order statistics (type 7 of Hyndman and Fan 1996,
    as ``numpy.quantile``).
    """
    figures.sort(axis=-1)
    found = figures.shape[-1] - np.isnan(figures).sum(axis=-1)
    values = np.full((len(levels), len(figures)), np.nan)
    for month, count in enumerate(found):
        if count:
            at = np.asarray(levels) * (count - 1)
            below = np.floor(at).astype(np.int64)
            above = np.minimum(below + 1, count - 1)
            low, high = figures[month, below].astype(np.float64), figures[month, above].astype(np.float64)
            with np.errstate(invalid="ignore"):  # two infinities: taken as they are just below
                between = low + (at - below) * (high - low)
            values[:, month] = np.where(low == high, low, between)
    return values, found.astype(np.int64)
