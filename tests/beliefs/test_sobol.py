import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc

from twocurves.beliefs.directions import direction_numbers
from twocurves.beliefs.montecarlo import monte_carlo_error
from twocurves.beliefs.sobol import (
    BITS,
    DIMENSIONS,
    REPLICATES,
    directions,
    sobol_uniforms,
    stream_uniforms,
    unscrambled,
)


def test_plain_points_are_the_public_sequence_of_scipy() -> None:
    public = qmc.Sobol(DIMENSIONS, scramble=False, bits=BITS).random(64)
    for dimension in range(DIMENSIONS):
        assert (unscrambled(dimension, 0, 64) == public[:, dimension]).all(), dimension
    engine = qmc.Sobol(20, scramble=False, bits=BITS)
    engine.fast_forward(70_000)
    later = engine.random(8)
    for dimension in range(20):
        assert (unscrambled(dimension, 70_000, 8) == later[:, dimension]).all()


def test_stored_direction_numbers_are_those_of_scipy() -> None:
    assert (directions() == direction_numbers()).all()


def test_one_more_dimension_changes_the_others_in_scipy_but_not_here() -> None:
    three = qmc.Sobol(3, rng=np.random.default_rng(7)).random(64)
    four = qmc.Sobol(4, rng=np.random.default_rng(7)).random(64)
    assert not np.array_equal(three, four[:, :3])
    names = ["a", "b", "c", "d"]
    ours = {n: [sobol_uniforms(7, name, i, 0, 64) for i, name in enumerate(names[:n])] for n in (3, 4)}
    for before, after in zip(ours[3], ours[4][:3], strict=True):
        assert before.tobytes() == after.tobytes()


@settings(max_examples=60)
@given(
    seed=st.integers(-(2**70), 2**70),
    first=st.integers(0, 10**6),
    counts=st.lists(st.integers(0, 200), min_size=1, max_size=6),
)
def test_a_draw_is_the_same_however_it_is_asked_for(seed: int, first: int, counts: list[int]) -> None:
    whole = sobol_uniforms(seed, "x", 11, first, sum(counts))
    parts, at = [], first
    for count in counts:
        parts.append(sobol_uniforms(seed, "x", 11, at, count))
        at += count
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    streamed = stream_uniforms(seed, "x", first, sum(counts))
    assert (
        streamed[counts[0] :].tobytes()
        == stream_uniforms(seed, "x", first + counts[0], sum(counts[1:])).tobytes()
    )


def test_numbers_lie_strictly_inside() -> None:
    for u in (sobol_uniforms(1, "x", 0, 0, 2**16), stream_uniforms(1, "x", 0, 2**16)):
        assert u.min() > 0.0
        assert u.max() < 1.0
    assert sobol_uniforms(1, "x", 0, 0, 0).shape == (0,)


def test_no_count_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for count in (1, 3, 7, 100, 1000):
            assert sobol_uniforms(1, "x", 5, 0, count).shape == (count,)


def test_far_points_exist_and_the_end_is_named() -> None:
    last = REPLICATES * 2**BITS
    assert sobol_uniforms(1, "x", 5, last - 3, 3).shape == (3,)
    with pytest.raises(ValueError, match="does not exist"):
        sobol_uniforms(1, "x", 5, last, 1)


def _cube(seed: int, dimensions: int, points: int, replicate: int) -> np.ndarray:
    columns = [
        sobol_uniforms(seed, f"p{d}", d, 0, REPLICATES * points)[replicate::REPLICATES]
        for d in range(dimensions)
    ]
    return np.stack(columns, axis=1)


def test_each_randomisation_fills_every_interval_once() -> None:
    for replicate in range(REPLICATES):
        u = _cube(3, 6, 256, replicate)
        assert (np.sort(np.floor(u * 256), axis=0) == np.arange(256)[:, None]).all()


def test_the_discrepancy_is_well_under_that_of_random_numbers() -> None:
    ours = [qmc.discrepancy(_cube(seed, 5, 512, seed % 8)) for seed in range(8)]
    rng = np.random.default_rng(0)
    random = [qmc.discrepancy(rng.random((512, 5))) for _ in range(8)]
    assert np.median(ours) < 0.25 * np.median(random)


def _smooth(u: np.ndarray) -> np.ndarray:
    return np.asarray(np.prod(1.0 + 0.5 * (u - 0.5), axis=1))


def test_means_converge_faster_than_random_ones() -> None:
    errors = {}
    for points in (64, 1024):
        means = [_smooth(_cube(seed, 4, points, r)).mean() for seed in range(4) for r in range(REPLICATES)]
        errors[points] = float(np.sqrt(np.mean((np.array(means) - 1.0) ** 2)))
    random_error = float(np.std(_smooth(np.random.default_rng(0).random((100_000, 4))))) / np.sqrt(1024)
    assert errors[1024] < 0.1 * random_error
    assert errors[1024] < errors[64] / 8  # random numbers gain a factor of 4


def test_randomisations_are_independent_and_uniform() -> None:
    firsts = np.array([sobol_uniforms(seed, "x", 3, 0, REPLICATES) for seed in range(500)])
    correlations = np.corrcoef(firsts, rowvar=False)[np.triu_indices(REPLICATES, 1)]
    assert np.abs(correlations).max() < 0.17  # 28 pairs, standard error 0.045
    assert stats.kstest(firsts.ravel(), "uniform").pvalue > 1e-3


def test_seeds_and_names_give_other_numbers() -> None:
    one = sobol_uniforms(1, "x", 3, 0, 100)
    assert not np.array_equal(one, sobol_uniforms(2, "x", 3, 0, 100))
    assert not np.array_equal(one, sobol_uniforms(1, "y", 3, 0, 100))


def test_the_monte_carlo_error_is_as_large_as_the_errors_made() -> None:
    """Intervals of 90% hold the true mean in about 90% of seeds."""
    held, errors, stated = 0, [], []
    seeds = 200
    for seed in range(seeds):
        u = sobol_uniforms(seed, "a", 0, 0, 400)
        v = sobol_uniforms(seed, "b", 1, 0, 400)
        estimate = monte_carlo_error(np.exp(u) * (v < 0.3), np.arange(400) % REPLICATES)
        assert estimate.mean is not None
        assert estimate.standard_error is not None
        assert estimate.half_width is not None
        error = estimate.mean - 0.3 * (np.e - 1)
        held += abs(error) <= estimate.half_width
        errors.append(error)
        stated.append(estimate.standard_error)
    assert 0.83 <= held / seeds <= 0.96
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.sqrt(np.mean(np.square(stated))), rel=0.25)
    binomial = np.sqrt(np.mean(np.exp(np.linspace(0, 1, 400)) ** 2 * 0.3) / 400)
    assert np.mean(stated) < 0.5 * binomial


@given(n=st.integers(0, 300), shift=st.floats(-1e6, 1e6))
def test_errors_are_given_for_any_number_of_draws(n: int, shift: float) -> None:
    values = np.sin(np.arange(n)) + shift
    found = monte_carlo_error(values, np.arange(n) % REPLICATES)
    assert found.n == n
    if n < 16:
        assert found.standard_error is None
        assert found.half_width is None
        assert found.reason
    else:
        assert found.standard_error is not None
        assert found.half_width is not None
        assert found.half_width == pytest.approx(stats.t(7).ppf(0.95) * found.standard_error)
        if n % REPLICATES == 0:
            means = values.reshape(-1, REPLICATES).mean(axis=0)
            assert found.standard_error == pytest.approx(
                means.std(ddof=1) / np.sqrt(REPLICATES), rel=1e-6, abs=1e-9 * abs(shift)
            )


def test_errors_say_why_there_is_none() -> None:
    missing = monte_carlo_error(np.ones(40), np.arange(40) % 7)
    assert missing.standard_error is None
    assert "all 8" in missing.reason
    with pytest.raises(ValueError, match="finite"):
        monte_carlo_error([np.nan] * 16, np.arange(16) % 8)
    with pytest.raises(ValueError, match="one length"):
        monte_carlo_error(np.ones(16), np.arange(15) % 8)
