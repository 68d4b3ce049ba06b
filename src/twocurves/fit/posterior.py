"""A posterior: what a fit has learned, small enough to ship, and draws from it.

A fit keeps its particles' coordinates in the directions that the figures speak of; in all others the
posterior is the prior. Draw ``i`` has the coordinates of particle ``i`` (modulo their number) and, in the
other directions, the numbers that it has under the prior::

    number_ki = width_k (V c_p(i))_k + ((1 - V V') z_i)_k,   z_i under the prior,

where the fit's wider prior of beliefs set by hand counts only as far as figures speak. So draws beyond the
number of particles still differ from each other, and a draw of a seed stays one future.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.errors import BadFileError
from twocurves.files import written_whole

FloatArray = NDArray[np.float64]

#: Version of the file format.
FORMAT = 1

_ARRAYS = ("width", "directions", "coordinates", "log_ratio")

#: The posterior that ships with the package.
PACKAGED = "central"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Particles of a fit, and how they were made.

    Attributes
    ----------
    names
        Full names of the beliefs that the fit could move.
    width
        Standard deviation of the number behind each under the fit's prior, shape ``(names,)``.
    directions
        Orthonormal, shape ``(names, directions)``.
    coordinates
        Of equally likely particles, shape ``(particles, directions)``.
    series, log_ratio
        Fitted series, and for each particle ``ln(tau / tau_0)`` of their discrepancies in standard deviations
        of its prior, shape ``(particles, series)``.
    made
        How: data date, digests, seed, method, diagnostics, command.
    """

    names: tuple[str, ...]
    width: FloatArray
    directions: FloatArray
    coordinates: FloatArray
    series: tuple[str, ...]
    log_ratio: FloatArray
    made: dict[str, Any]

    def blended(self, own: FloatArray, first: int) -> FloatArray:
        """Return the numbers behind the beliefs for a block of draws; see :class:`Scores`."""
        places = (first + np.arange(own.shape[1])) % len(self.coordinates)
        told = self.directions @ self.coordinates[places].T
        untold = own - self.directions @ (self.directions.T @ own)
        return self.width[:, None] * told + untold

    @property
    def digest(self) -> str:
        """SHA-256 of names, particles and the data that they were fitted to."""
        parts = [json.dumps([self.names, self.series, self.made.get("data_digest")]).encode()]
        arrays = (self.width, self.directions, self.coordinates, self.log_ratio)
        parts += [np.ascontiguousarray(array, dtype="<f4").tobytes() for array in arrays]
        return sha256(b"\0".join(parts)).hexdigest()

    def write(self, path: Path) -> None:
        """Write the posterior, whole or not at all.

        Raises
        ------
        BadFileError
            The folder cannot be written to.
        """
        about = {
            "format": FORMAT,
            "names": self.names,
            "series": self.series,
            "made": self.made,
            "digest": self.digest,
        }
        held = io.BytesIO()
        np.savez_compressed(
            held,
            width=self.width.astype("<f4"),
            directions=self.directions.astype("<f4"),
            coordinates=self.coordinates.astype("<f4"),
            log_ratio=self.log_ratio.astype("<f4"),
            about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        )
        with written_whole(path) as temporary:
            temporary.write_bytes(held.getvalue())


def read_posterior(path: Path) -> Posterior:
    """Read a posterior from a file.

    Raises
    ------
    BadFileError
        There is no such file, it is none of ours, of another version, or damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise _fault(f"{path} cannot be read: {fault.strerror}.", path) from fault
    return _parsed(content, path)


@cache
def packaged_posterior() -> Posterior | None:
    """Return the posterior that ships with the package, None where there is none."""
    source = resources.files("twocurves.fit") / "data" / "posterior" / f"{PACKAGED}.npz"
    if not source.is_file():
        return None
    return _parsed(source.read_bytes(), Path(f"{PACKAGED}.npz"))


def _parsed(content: bytes, path: Path) -> Posterior:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            about = json.loads(held["about"].tobytes().decode())
            arrays = {name: held[name].astype(np.float64) for name in _ARRAYS}
        found = Posterior(tuple(about["names"]), series=tuple(about["series"]), made=about["made"], **arrays)
    except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as fault:
        raise _fault(f"{path.name} is no posterior that this version can read.", path) from fault
    if about.get("format") != FORMAT:
        raise _fault(f"{path.name} has format {about.get('format')}; this version reads {FORMAT}.", path)
    if found.digest != about.get("digest"):
        raise _fault(f"{path.name} is damaged: its digest is not that of its content.", path)
    return found


def _fault(sentence: str, path: Path) -> BadFileError:
    return BadFileError(
        sentence, field="posterior", given=str(path), allowed="a file that `twocurves fit` wrote"
    )
