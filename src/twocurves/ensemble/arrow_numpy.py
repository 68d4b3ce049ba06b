"""Numbers between Arrow's columns and NumPy's arrays, without copies.

Arrow's own conversions import pandas to look whether they were given something of it, which takes longer than
a small run's storing and reading together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def to_column(values: NDArray[Any], kind: pa.DataType, absent: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return numbers or truths, shape ``(rows,)``, as a column; ``absent`` says which are empty."""
    data = np.packbits(values, bitorder="little") if pa.types.is_boolean(kind) else values
    there = None
    if absent is not None and absent.any():
        there = pa.py_buffer(np.packbits(~absent, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [there, pa.py_buffer(np.ascontiguousarray(data))])


def texts_to_column(texts: list[str]) -> pa.Array:
    """Return texts as a column."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def from_column(column: pa.ChunkedArray, empty: int | None = None) -> NDArray[Any]:
    """Return a column of numbers or truths as an array, shape ``(rows,)``, which may be read-only.

    Parameters
    ----------
    empty
        What stands for an empty row.

    Raises
    ------
    ValueError
        A row is empty, and nothing was given to stand for it.
    """
    if column.null_count and empty is None:
        raise ValueError(f"{column.null_count} rows are empty")
    parts = [_filled(chunk, empty) for chunk in column.chunks if len(chunk)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype=_dtype(column.type))


def _filled(chunk: pa.Array, empty: int | None) -> NDArray[Any]:
    values = _part(chunk)
    if not chunk.null_count:
        return values
    there = np.unpackbits(
        np.frombuffer(chunk.buffers()[0], dtype=np.uint8), count=chunk.offset + len(chunk), bitorder="little"
    )[chunk.offset :]
    return np.where(there.astype(np.bool_), values, np.asarray(empty, dtype=values.dtype))


def _part(chunk: pa.Array) -> NDArray[Any]:
    begin, end = chunk.offset, chunk.offset + len(chunk)
    data = chunk.buffers()[1]
    if pa.types.is_boolean(chunk.type):
        bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=end, bitorder="little")
        return bits[begin:].astype(np.bool_)
    return np.frombuffer(data, dtype=_dtype(chunk.type), count=end)[begin:]


def _dtype(kind: pa.DataType) -> np.dtype[np.generic]:
    if pa.types.is_boolean(kind):
        return np.dtype(np.bool_)
    letter = "f" if pa.types.is_floating(kind) else "i"
    return np.dtype(f"{letter}{kind.bit_width // 8}")
