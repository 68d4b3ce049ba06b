"""With which flags the compiler works in this process: they decide the last bits of every result."""

from __future__ import annotations

import os
import sys
from functools import cache

from twocurves.ensemble.precision import prepare_jax


@cache
def compiler_flags() -> tuple[str, ...]:
    """Return the flags that JAX's compiler works with here, sorted; sets JAX up where that was not done yet.

    They are the package's own and those of ``$XLA_FLAGS``. A program that computed with JAX before it called
    this package has fixed its flags by then, so the package's own are not among them.
    """
    too_late = prepare_jax.cache_info().currsize == 0 and _jax_has_begun()
    before = os.environ.get("XLA_FLAGS", "")
    prepare_jax()
    return tuple(sorted((before if too_late else os.environ.get("XLA_FLAGS", "")).split()))


def _jax_has_begun() -> bool:
    """Say whether JAX has computed already; then it refuses another number of devices."""
    jax = sys.modules.get("jax")
    if jax is None:
        return False
    option = "jax_num_cpu_devices"
    devices = getattr(jax.config, option)
    try:
        jax.config.update(option, 1 if devices != 1 else 2)
    except RuntimeError:
        return True
    jax.config.update(option, devices)
    return False
