"""Sums and extremes written out term by term are those of NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy.axes import by_group, greatest, least, of_group, total

ARRAY = np.random.default_rng(3).normal(size=(3, 2, 4, 5))


@pytest.mark.parametrize("axes", [0, 2, (0, 1), (1, 2), (0, 1, 2), (2, 0)])
@pytest.mark.parametrize(("ours", "theirs"), [(total, np.sum), (greatest, np.max), (least, np.min)])
def test_over_named_axes(ours, theirs, axes):
    np.testing.assert_allclose(
        ours(jnp.asarray(ARRAY), axes), theirs(ARRAY, axis=axes), rtol=1e-14, atol=1e-14
    )


def test_groups_are_summed_and_handed_back():
    group = (1, 0, 1)
    sums = by_group(jnp.asarray(ARRAY), group, 3)
    np.testing.assert_allclose(sums, [ARRAY[1], ARRAY[0] + ARRAY[2], 0.0 * ARRAY[0]], rtol=1e-14)
    np.testing.assert_array_equal(of_group(sums, group), np.asarray(sums)[list(group)])
