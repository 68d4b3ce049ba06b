"""Randomness by name: a stream is its (seed, name), and a number in it is its (draw, month).

One discipline for the whole house. A stream's numbers depend on nothing else: not on which other streams
exist, how many draws are asked for, in what order, in which process or in what chunks. So adding a
parameter, an actor or a shock leaves every other number as it was, and scenarios share their randomness.

The generator is Philox 4x64 (Salmon et al. 2011, counter-based), whose counter is set from the draw and
the month; its integers are the same on every platform.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray
from scipy.special import ndtri

#: Months reserved for each draw in a stream; a multiple of four, the outputs of one Philox counter.
MONTHS_PER_DRAW = 256

_OUTPUTS_PER_COUNTER = 4


def stream_key(seed: int, name: str) -> int:
    """Return the 128-bit key of a stream.

    Parameters
    ----------
    seed
        Any whole number, negative ones included.
    name
        What the numbers are for, for example ``"shock/closed_premium.coding_agents"``.
    """
    digest = blake2b(f"{int(seed)}\x00{name}".encode(), digest_size=16, person=b"twocurves")
    return int.from_bytes(digest.digest(), "little")


def _bits(seed: int, name: str, first_draw: int, draws: int, months: int) -> NDArray[np.uint64]:
    if not 0 < months <= MONTHS_PER_DRAW:
        raise ValueError(f"months must be between 1 and {MONTHS_PER_DRAW}, not {months}")
    generator = Philox(key=stream_key(seed, name))
    generator.advance(first_draw * (MONTHS_PER_DRAW // _OUTPUTS_PER_COUNTER))
    raw = generator.random_raw(draws * MONTHS_PER_DRAW)
    return np.asarray(raw, dtype=np.uint64).reshape(draws, MONTHS_PER_DRAW)[:, :months]


def uniforms(seed: int, name: str, first_draw: int, draws: int, months: int = 1) -> NDArray[np.float64]:
    """Return numbers strictly between 0 and 1, shape ``(draws, months)``.

    Row ``d`` belongs to draw ``first_draw + d`` whatever the other arguments are.
    """
    bits = _bits(seed, name, first_draw, draws, months) >> np.uint64(11)
    uniform: NDArray[np.float64] = (bits.astype(np.float64) + 0.5) * 2.0**-53
    return uniform


def normals(seed: int, name: str, first_draw: int, draws: int, months: int = 1) -> NDArray[np.float64]:
    """Return standard normal numbers, shape ``(draws, months)``, by inverting :func:`uniforms`."""
    return np.asarray(ndtri(uniforms(seed, name, first_draw, draws, months)), dtype=np.float64)
