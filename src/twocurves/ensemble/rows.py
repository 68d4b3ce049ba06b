"""From a micro-batch's arrays to rows: one of every draw, and the months of every draw that came through.

The table of draws has a row for each draw, failed ones included, with the beliefs drawn and the truth of
each claim (empty where the draw failed or the claim is undecided by it: -1). The table of paths has a row for
each draw that came through and each month kept, and a column for each measure and entity.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twocurves.ensemble.arrow_numpy import texts_to_column, to_column
from twocurves.ensemble.layout import Layout
from twocurves.ensemble.simulator import Batch, ContractError
from twocurves.months import Month

#: What the columns of beliefs and claims in the table of draws begin with.
BELIEF, CLAIM = "belief.", "claim."

_DRAW = "Index of the draw; the same draw is the same future in every scenario with the same seed"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one micro-batch.

    Attributes
    ----------
    draws, paths
        The two tables.
    digest
        SHA-256 of what they hold, the same however it is stored.
    failed
        Cause -> number of failed draws.
    """

    draws: pa.Table
    paths: pa.Table
    digest: str
    failed: dict[str, int]


class RowMaker:
    """Turns batches into rows of one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @cached_property
    def draws_schema(self) -> pa.Schema:
        """Columns of the table of draws."""
        about = self.layout.description
        return pa.schema(
            [
                _field("draw", pa.int64(), "", _DRAW),
                _field("replicate", pa.int32(), "", "Scrambling of the design to which the draw belongs"),
                _field("ok", pa.bool_(), "", "Whether the draw came through"),
                _field("cause", pa.string(), "", "Mechanism that failed, or the error raised; empty if ok"),
                _field("month", pa.date32(), "month", "Month of the failure"),
                _field("figure", pa.float64(), "", "Figure that condemned the draw"),
                *(_field(BELIEF + name, pa.float64(), "", "Value drawn") for name in about.beliefs),
                *(
                    _field(CLAIM + name, pa.int8(), "", "1 true, 0 false, -1 undecided")
                    for name in about.claims
                ),
            ]
        )

    @cached_property
    def paths_schema(self) -> pa.Schema:
        """Columns of the table of paths."""
        kind = pa.float32() if self.layout.plan.precision == "float32" else pa.float64()
        return pa.schema(
            [
                _field("draw", pa.int64(), "", _DRAW),
                _field("month", pa.date32(), "month", "First day of the month"),
                *(
                    _field(column.name, kind, info.unit, info.meaning)
                    for column in self.layout.columns
                    for info in [self.layout.measures[column.measure]]
                ),
            ]
        )

    def rows(self, batch: Batch, first: int, count: int) -> Rows:
        """Return the rows of a micro-batch of draws ``first`` to ``first + count - 1``.

        Raises
        ------
        ContractError
            The batch is not what the simulator's description says.
        """
        self._check(batch, first, count)
        about = self.layout.description
        ok = np.asarray(batch.ok)
        failed = ~ok
        cause = np.where(ok, "", np.asarray(batch.cause))
        begins = int(Month.parse(self.layout.plan.from_month))
        month = np.where(ok, -1, batch.month).astype(np.int64)
        figure = np.where(ok, np.nan, np.asarray(batch.figure, dtype=np.float64))
        drawn = [np.asarray(batch.beliefs[name], dtype=np.float64) for name in about.beliefs]
        truths = [np.where(failed, -2, batch.claims[name]).astype(np.int8) for name in about.claims]
        replicate = np.asarray(batch.replicate, dtype=np.int32)
        draw = np.arange(first, first + count, dtype=np.int64)
        digest = sha256("\0".join([*self.draws_schema.names, "", *self.paths_schema.names]).encode())
        known: list[NDArray[np.generic]] = [draw, replicate, ok, month, _clean(figure), *map(_clean, drawn)]
        for array in (*known, *truths):
            digest.update(_bytes(array))
        digest.update("\0".join(cause.tolist()).encode())
        draws = pa.Table.from_arrays(
            [
                to_column(draw, pa.int64()),
                to_column(replicate, pa.int32(), replicate < 0),
                to_column(ok, pa.bool_()),
                texts_to_column(cause.tolist()),
                _dates(begins + month, month < 0),
                to_column(figure, pa.float64(), np.isnan(figure)),
                *(to_column(values, pa.float64(), np.isnan(values)) for values in drawn),
                *(to_column(truth, pa.int8(), truth == -2) for truth in truths),
            ],
            schema=self.draws_schema,
        )
        paths = self._paths(batch, draw, ok, digest.update)
        counted = Counter(cause[failed].tolist())
        return Rows(draws, paths, digest.hexdigest(), dict(sorted(counted.items())))

    def all_failed(self, first: int, count: int, cause: str) -> Rows:
        """Return the rows of a micro-batch of which nothing is known but why: no beliefs, no claims."""
        layout = self.layout
        nothing = np.full(count, np.nan)
        return self.rows(
            Batch(
                index=np.arange(first, first + count),
                measures={
                    info.name: np.empty(
                        (count, layout.plan.months_simulated, *layout.shape(info)), np.float32
                    )
                    for info in layout.measures
                },
                ok=np.zeros(count, dtype=np.bool_),
                cause=np.full(count, cause),
                month=np.full(count, -1),
                figure=nothing,
                beliefs=dict.fromkeys(layout.description.beliefs, nothing),
                replicate=np.full(count, -1),
                claims=dict.fromkeys(layout.description.claims, np.full(count, -1, dtype=np.int8)),
            ),
            first,
            count,
        )

    def _paths(
        self, batch: Batch, draw: NDArray[np.int64], ok: NDArray[np.bool_], note: Callable[[bytes], None]
    ) -> pa.Table:
        layout = self.layout
        months = np.array(layout.month_places)
        kept = draw[ok]
        dates = np.array([int(month) for month in layout.plan.months])
        kind = pa.float32() if layout.plan.precision == "float32" else pa.float64()
        arrays = [
            to_column(np.repeat(kept, len(months)), pa.int64()),
            _dates(np.tile(dates, len(kept)), np.zeros(len(kept) * len(months), dtype=np.bool_)),
        ]
        every = len(months) == layout.plan.months_simulated
        for info in layout.measures:
            figures = np.asarray(batch.measures[info.name])
            figures = figures[ok] if every else figures[np.ix_(ok, months)]
            figures = figures.astype(layout.plan.precision).reshape(
                len(kept) * len(months), math.prod(layout.shape(info))
            )
            by_column = np.ascontiguousarray(figures.T)
            note(_bytes(by_column))
            arrays += [to_column(column, kind) for column in by_column]
        return pa.Table.from_arrays(arrays, schema=self.paths_schema)

    def _check(self, batch: Batch, first: int, count: int) -> None:
        layout, about = self.layout, self.layout.description
        if not np.array_equal(batch.index, np.arange(first, first + count)):
            raise ContractError(
                f"The simulator was asked for draws {first} to {first + count - 1}, not others."
            )
        for what, given, named in (
            ("beliefs", batch.beliefs, about.beliefs),
            ("claims", batch.claims, about.claims),
            ("measures", batch.measures, layout.plan.measures),
        ):
            absent = [name for name in named if name not in given]
            if absent:
                raise ContractError(f"The simulator delivered no {what} {', '.join(absent[:4])}.", field=what)
        shapes = {
            info.name: (count, layout.plan.months_simulated, *layout.shape(info)) for info in layout.measures
        }
        for name, shape in shapes.items():
            if batch.measures[name].shape != shape:
                raise ContractError(
                    f"The simulator delivered {name} of shape {batch.measures[name].shape}, not {shape}.",
                    field=name,
                )
        rest = (batch.ok, batch.cause, batch.month, batch.figure, batch.replicate)
        per_draw = [*rest, *batch.beliefs.values(), *batch.claims.values()]
        if any(np.shape(array) != (count,) for array in per_draw):
            raise ContractError(
                f"The simulator delivered other than one status, belief or claim for {count} draws."
            )


def _field(name: str, kind: pa.DataType, unit: str, meaning: str) -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit, "meaning": meaning})


def _dates(months: NDArray[np.integer], absent: NDArray[np.bool_]) -> pa.Array:
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    return to_column(days, pa.date32(), absent)


def _clean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values with one kind of NaN, because tables do not tell one from another."""
    return np.where(np.isnan(values), np.nan, values)


def _bytes(array: NDArray[np.generic]) -> bytes:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return little.tobytes()
