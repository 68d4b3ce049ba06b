"""The compiler's flags are part of the plan, as they are in the process that computes."""

import os
import subprocess
import sys

import pytest

from tests.ensemble.fake_simulator import plan
from twocurves.ensemble.compiler import compiler_flags
from twocurves.ensemble.plan import differences
from twocurves.ensemble.precision import COMPILER_FLAGS
from twocurves.ensemble.running import job

ASK = "from twocurves.ensemble.compiler import compiler_flags; print(*compiler_flags())"
BEGUN = "import jax.numpy; jax.numpy.zeros(3).block_until_ready(); "


@pytest.mark.parametrize(
    ("before", "given", "flags"),
    [
        ("", "", set(COMPILER_FLAGS)),
        ("", "--xla_cpu_enable_fast_math=false", {*COMPILER_FLAGS, "--xla_cpu_enable_fast_math=false"}),
        (BEGUN, "--xla_cpu_enable_fast_math=false", {"--xla_cpu_enable_fast_math=false"}),
    ],
)
def test_flags_are_those_that_the_compiler_has_read(before, given, flags):
    told = subprocess.run(
        [sys.executable, "-c", before + ASK],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XLA_FLAGS": given},
    )
    assert set(told.stdout.split()) == flags


def test_other_flags_are_another_plan():
    made = job(draws=64).plan
    assert made.compiler_flags == compiler_flags()
    other = plan(compiler_flags=("--one",))
    assert other.digest != plan().digest
    assert differences(plan(), other) == ["the flags of the compiler (with --one)"]
