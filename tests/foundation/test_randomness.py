import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twocurves.randomness import MONTHS_PER_DRAW, normals, stream_key, uniforms

seeds = st.integers(-(2**80), 2**80)
names = st.text(max_size=20)


@given(
    seed=seeds, name=names, first=st.integers(0, 10**9), draws=st.integers(0, 20), months=st.integers(1, 60)
)
def test_a_number_depends_on_its_draw_and_month_alone(
    seed: int, name: str, first: int, draws: int, months: int
) -> None:
    whole = uniforms(seed, name, first, draws, months)
    assert whole.shape == (draws, months)
    for draw in range(draws):
        one = uniforms(seed, name, first + draw, 1, MONTHS_PER_DRAW)
        assert one[0, :months].tobytes() == whole[draw].tobytes()


@given(seed=seeds, name=names)
def test_numbers_lie_strictly_inside(seed: int, name: str) -> None:
    u = uniforms(seed, name, 0, 4, MONTHS_PER_DRAW)
    assert u.min() > 0.0
    assert u.max() < 1.0
    assert np.isfinite(normals(seed, name, 0, 4, MONTHS_PER_DRAW)).all()


@given(one=st.tuples(seeds, names), other=st.tuples(seeds, names))
def test_streams_differ_by_seed_and_name(one: tuple[int, str], other: tuple[int, str]) -> None:
    assert (stream_key(*one) == stream_key(*other)) == (one == other)
    assert np.array_equal(uniforms(*one, 0, 1, 8), uniforms(*other, 0, 1, 8)) == (one == other)


def test_numbers_are_uniform_and_normal_and_independent() -> None:
    u = uniforms(1, "a", 0, 4000, 8)
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3
    assert stats.kstest(normals(1, "a", 0, 4000, 8).ravel(), "norm").pvalue > 1e-3
    together = np.column_stack([u, uniforms(1, "b", 0, 4000, 8), uniforms(2, "a", 0, 4000, 8)])
    matrix = np.asarray(np.corrcoef(together, rowvar=False))
    correlations = matrix[np.triu_indices(together.shape[1], 1)]
    assert np.abs(correlations).max() < 0.07  # 276 pairs, standard error 0.016
    later = np.asarray(np.corrcoef(u[:-1].ravel(), u[1:].ravel()))
    assert abs(later[0, 1]) < 0.03


@pytest.mark.parametrize("months", [0, -1, MONTHS_PER_DRAW + 1])
def test_months_have_a_limit(months: int) -> None:
    with pytest.raises(ValueError, match="months must be between"):
        uniforms(1, "a", 0, 1, months)
