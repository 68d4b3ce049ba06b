"""The two precisions of the engine, and how JAX is set up for both.

The engine is generic in dtype: it computes in the dtype of the arrays it is given. float64 is for oracles
and fits, float32 for interactive runs. JAX's 64-bit mode is always on, so that a float64 array is never
silently narrowed; a float32 run stays float32 because Python numbers are weakly typed in JAX.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Relative tolerance within which one pass of arithmetic in float32 agrees with float64. Over a path of the
#: economy the difference grows; tests/economy/test_single_precision.py holds what is true of it.
FLOAT32_MONEY_RTOL = 1e-5

Arrays = Mapping[str, NDArray[np.generic]]


class Precision(Enum):
    """Floating-point precision of a run."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """NumPy dtype of floating-point inputs and outputs."""
        return np.dtype(self.value)

    def cast(self, arrays: Arrays) -> dict[str, NDArray[np.generic]]:
        """Return the arrays with every floating one in this precision; whole numbers and flags are kept."""
        return {
            name: array.astype(self.dtype) if np.issubdtype(array.dtype, np.floating) else array
            for name, array in arrays.items()
        }


def cache_folder() -> Path:
    """Return the folder of compiled programs: ``$TWOCURVES_CACHE``, or the user's cache folder."""
    chosen = os.environ.get("TWOCURVES_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "twocurves"


#: How the compiler is set up: arithmetic on one thread (draws go side by side instead); its light
#: optimisations, which compile faster and, measured on loops along draws, run in half the time of the heavy
#: ones; and the widest vectors of the processor, where the compiler by itself stops at 256 bits.
COMPILER_FLAGS = (
    "--xla_cpu_multi_thread_eigen=false",
    "--xla_backend_optimization_level=1",
    "--xla_cpu_prefer_vector_width=512",
)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def compute_on_one_thread() -> None:
    """Let JAX compute on one thread in this process, unless the user has said on how many (``NPROC``).

    For processes that run side by side. The operations of one micro-batch are too short to be shared out:
    two threads at one program take twice the processor's time and are no faster. To be called before JAX
    first computes, which is when it reads the number.
    """
    os.environ.setdefault("NPROC", "1")


@cache
def prepare_jax() -> None:
    """Set JAX up once per process: 64-bit types on, compiled programs kept between processes.

    A program runs in the thread that calls it, so micro-batches go side by side in one process by threads.

    Flags for the compiler are read when JAX first computes; those that the user has set are left as they are.
    """
    given = os.environ.get("XLA_FLAGS", "")
    ours = [flag for flag in COMPILER_FLAGS if flag.split("=")[0] not in given]
    os.environ["XLA_FLAGS"] = " ".join([given, *ours]).strip()
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
