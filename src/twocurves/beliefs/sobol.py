"""Scrambled Sobol numbers by name: even coverage, and adding a parameter changes no other one.

The sequence is Sobol's with the direction numbers of Joe and Kuo (2008), in Gray-code order. Each parameter
has a stored dimension of its own and, for each of :data:`REPLICATES` independent randomisations, a random
lower-triangular matrix over bits (Matousek 1998) and a digital shift, both from the random stream of
(seed, parameter), in which each randomisation has its own numbers. A library's scrambled engine draws one
scramble for all dimensions together, so that one more dimension changes the others; here nothing but the
seed and the name matters.

Draw ``i`` takes point ``i // 8`` of randomisation ``i % 8``: any run of draws holds all eight randomisations
in (almost) equal number, and their spread gives the Monte Carlo error.

``python -m twocurves.beliefs.directions`` writes the stored direction numbers.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs.tails import FloatArray
from twocurves.randomness import MONTHS_PER_DRAW, uniforms

#: Independent randomisations, interleaved over the draws.
REPLICATES = 8
#: Bits of a number; also the longest sequence is 2 to this power.
BITS = 32
#: Dimensions for which direction numbers are stored.
DIMENSIONS = 1024

#: The file under ``data`` that holds them.
DIRECTIONS_FILE = "sobol_directions.npy"

_TABLE_BITS = 8

Bits = NDArray[np.uint32]


def sobol_uniforms(seed: int, name: str, dimension: int, first: int, count: int) -> FloatArray:
    """Return the numbers of a parameter for draws ``first`` to ``first + count - 1``, shape ``(count,)``.

    They lie strictly between 0 and 1. Each depends on the seed, the name, the dimension and the draw's
    index, on nothing else.

    Parameters
    ----------
    seed
        Any whole number.
    name
        The parameter's full name.
    dimension
        Its stored dimension, from 0.
    first, count
        The draws wanted.
    """
    matrices, shifts = _scrambled_directions(seed, name, dimension)
    first_point = first // REPLICATES
    end_point = -(-(first + count) // REPLICATES)
    points = _points(matrices, first_point, end_point - first_point) ^ shifts[:, None]
    in_draw_order = points.T.reshape(-1)
    start = first - first_point * REPLICATES
    return _centred(in_draw_order[start : start + count])


def unscrambled(dimension: int, first: int, count: int) -> FloatArray:
    """Return points of one dimension of the plain sequence, shape ``(count,)``, the first being 0."""
    plain = _points(directions()[dimension][None, :], first, count)[0]
    return np.asarray(plain.astype(np.float64) * 2.0**-BITS)


def stream_uniforms(seed: int, name: str, first: int, count: int) -> FloatArray:
    """Return plain random numbers of a parameter without stored dimension, shape ``(count,)``.

    Number ``i`` of the stream belongs to draw ``i``.
    """
    first_row = first // MONTHS_PER_DRAW
    end_row = -(-(first + count) // MONTHS_PER_DRAW)
    rows = uniforms(seed, f"prior/{name}", first_row, end_row - first_row, MONTHS_PER_DRAW)
    start = first - first_row * MONTHS_PER_DRAW
    return rows.reshape(-1)[start : start + count]


@lru_cache(maxsize=1)
def directions() -> Bits:
    """Return the stored direction numbers, shape ``(DIMENSIONS, BITS)``, the first bit being the highest."""
    raw = (files("twocurves.beliefs") / "data" / DIRECTIONS_FILE).read_bytes()
    stored: Bits = np.load(io.BytesIO(raw), allow_pickle=False)
    return stored


@lru_cache(maxsize=4096)
def _scrambled_directions(seed: int, name: str, dimension: int) -> tuple[Bits, Bits]:
    """Return the direction numbers under each randomisation, ``(8, BITS)``, and the shifts, ``(8,)``."""
    plain = directions()[dimension]
    places = np.arange(BITS - 1, -1, -1, dtype=np.uint32)  # of the bits, the highest first
    has_bit = (plain[:, None] >> places) & np.uint32(1) == 1
    diagonal = np.uint32(1) << places
    numbers = uniforms(seed, f"sobol/{name}", 0, REPLICATES, BITS + 1)  # a "draw" for each randomisation
    random_bits = (numbers * 2.0**BITS).astype(np.uint32)
    columns = diagonal | (random_bits[:, :BITS] & (diagonal - np.uint32(1)))
    products = np.where(has_bit, columns[:, None, :], np.uint32(0))
    return np.bitwise_xor.reduce(products, axis=2), random_bits[:, BITS]


def _points(matrices: Bits, first: int, count: int) -> Bits:
    """Return points ``first`` onwards for each row of direction numbers, shape ``(rows, count)``."""
    index = np.arange(first, first + count, dtype=np.int64)
    gray = index ^ (index >> 1)
    used_bits = int(gray.max(initial=0)).bit_length()
    if used_bits > BITS:
        raise ValueError(f"there are {2**BITS} points, so draw {first + count - 1} does not exist")
    points = np.zeros((len(matrices), count), dtype=np.uint32)
    for low in range(0, used_bits, _TABLE_BITS):
        part = matrices[:, low : low + min(_TABLE_BITS, used_bits - low)]
        points ^= _table(part)[:, (gray >> low) & (2 ** part.shape[1] - 1)]
    return points


def _table(part: Bits) -> Bits:
    """Return the sums (exclusive or) of every subset of a few direction numbers, ``(rows, 2**bits)``."""
    table = np.zeros((len(part), 1), dtype=np.uint32)
    for bit in range(part.shape[1]):
        table = np.concatenate([table, table ^ part[:, bit : bit + 1]], axis=1)
    return table


def _centred(bits: Bits) -> FloatArray:
    centred: FloatArray = (bits.astype(np.float64) + 0.5) * 2.0**-BITS
    return centred
