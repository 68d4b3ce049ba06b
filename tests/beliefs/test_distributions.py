import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats

from twocurves.beliefs.distributions import Distribution, of_prior, of_range
from twocurves.beliefs.plain_families import Fixed, Uniform, ZeroInflatedExponential, uniform_through
from twocurves.beliefs.schema import Family, Prior
from twocurves.beliefs.split_normal import SplitNormal
from twocurves.beliefs.tails import Tails

INF = float("inf")
ANYWHERE = (-INF, INF)
U = np.concatenate([[1e-9, 1e-6], np.linspace(0.001, 0.999, 333), [1 - 1e-6, 1 - 1e-9]])
Z95 = stats.norm.ppf(0.95)


def prior(**numbers: Any) -> Prior:
    return Prior(evidence="J", source="a test", **numbers)


def normal() -> SplitNormal:
    return SplitNormal("identity", 7.0, 12.0, 17.0, ANYWHERE)


@pytest.mark.parametrize(
    ("ours", "oracle"),
    [
        (normal(), stats.norm(12, 5 / Z95)),
        (SplitNormal("log", 2.0, 6.0, 18.0, (0.0, INF)), stats.lognorm(np.log(3) / Z95, scale=6)),
        (Uniform(2.0, 5.0, ANYWHERE), stats.uniform(2, 3)),
        (ZeroInflatedExponential(0.0, 0.3, (0.0, INF)), stats.expon(scale=0.3)),
    ],
)
def test_symmetric_cases_are_the_textbook_distributions(ours: Distribution, oracle: Any) -> None:
    u = U
    x = oracle.ppf(u)
    np.testing.assert_allclose(ours.quantile(u), x, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.cdf(x), u, atol=1e-12)
    np.testing.assert_allclose(ours.density(x), oracle.pdf(x), rtol=1e-6)
    assert ours.mean == pytest.approx(oracle.mean(), rel=1e-6)


def test_a_symmetric_logit_normal_is_one_too() -> None:
    ours = SplitNormal("logit", 0.2, 0.5, 0.8, (0.0, 1.0))
    x = 1 / (1 + np.exp(-stats.norm.ppf(U) * np.log(4) / Z95))
    np.testing.assert_allclose(ours.quantile(U), x, rtol=1e-10)
    assert ours.mean == pytest.approx(0.5)


finite = st.floats(-1e3, 1e3).map(lambda x: round(x, 6))
apart = st.floats(1e-3, 1e3)
fractions = st.lists(st.floats(0.001, 0.999), min_size=3, max_size=3, unique=True).map(sorted)


@st.composite
def split_normals(draw: st.DrawFn) -> SplitNormal:
    scale = draw(st.sampled_from(["identity", "log", "logit"]))
    below, above = draw(apart), draw(apart)
    if scale == "identity":
        median = draw(finite)
        return SplitNormal("identity", median - below, median, median + above, ANYWHERE)
    if scale == "log":
        median, low, high = draw(apart), draw(st.floats(0.01, 0.99)), draw(st.floats(1.01, 100))
        return SplitNormal("log", median * low, median, median * high, (0.0, INF))
    start, width = draw(finite), draw(apart)
    p = draw(fractions)
    assume(min(np.diff(p)) > 1e-3)
    low, median, high = (start + width * each for each in p)
    return SplitNormal("logit", low, median, high, (start, start + width))


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    kind = draw(st.sampled_from(["split", "bounded", "uniform", "zero", "ranged"]))
    if kind == "split":
        return draw(split_normals())
    if kind == "bounded":
        below = draw(st.floats(5.1, 30))
        return SplitNormal("identity", 7.0, 12.0, 17.0, (12.0 - below, 12.0 + draw(st.floats(5.1, 30))))
    if kind == "uniform":
        low = draw(finite)
        return Uniform(low, low + draw(apart), ANYWHERE)
    if kind == "zero":
        return ZeroInflatedExponential(draw(st.floats(0, 0.9)), draw(apart), (0.0, INF))
    return uniform_through(draw(st.floats(1, 4)), 9.0, (0.5, 9.5))


@given(distribution=split_normals())
def test_the_three_percentiles_are_recovered_exactly(distribution: SplitNormal) -> None:
    stated = [distribution.low, distribution.median, distribution.high]
    scale = max(map(abs, stated))
    found = distribution.quantile(np.array([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(found, stated, rtol=1e-9, atol=1e-11 * scale)


@given(distribution=distributions())
def test_quantiles_rise_inside_the_support(distribution: Distribution) -> None:
    x = distribution.quantile(U)
    assert (np.diff(x) >= 0).all()
    assert (x >= distribution.support[0]).all()
    assert (x <= distribution.support[1]).all()


@given(distribution=distributions())
def test_the_distribution_function_undoes_the_quantile(distribution: Distribution) -> None:
    u = np.linspace(0.01, 0.99, 99)
    at_zero = sum(mass for _, mass in distribution.atoms)
    u = u[u > at_zero]
    x = distribution.quantile(u)
    resolved = np.diff(x, prepend=-INF) > 1e-9 * np.abs(x).max(initial=1.0)
    np.testing.assert_allclose(distribution.cdf(x)[resolved], u[resolved], atol=1e-6)


@given(distribution=distributions())
def test_the_density_is_the_slope_of_the_distribution_function(distribution: Distribution) -> None:
    cuts = np.array([0.011, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.989])
    cuts = cuts[cuts >= sum(mass for _, mass in distribution.atoms)]
    x = distribution.quantile(cuts)
    for start, end in itertools.pairwise(x):
        nodes, weights = np.polynomial.legendre.leggauss(40)
        at = 0.5 * (start + end) + 0.5 * (end - start) * nodes
        inside = float(np.sum(weights * distribution.density(at)) * 0.5 * (end - start))
        gained = float(np.diff(distribution.cdf(np.array([start, end])))[0])
        assert inside == pytest.approx(gained, abs=2e-3)


@pytest.mark.parametrize(
    "distribution",
    [
        normal(),
        SplitNormal("identity", 7.0, 12.0, 15.0, (5.0, 17.0)),
        SplitNormal("log", 2.0, 3.0, 8.0, (1.0, 30.0)),
        SplitNormal("logit", 0.1, 0.3, 0.5, (0.0, 1.0)),
        Uniform(0.0, 1.0, (0.0, 1.0)),
        uniform_through(1.0, 9.0, (0.5, 12.0)),
        ZeroInflatedExponential(0.6, 0.3, (0.0, 3.0)),
    ],
)
def test_densities_and_atoms_add_up_to_one(distribution: Distribution) -> None:
    inner = distribution.quantile(np.array([1e-9, 0.05, 0.1, 0.5, 0.9, 0.95, 1 - 1e-9]))
    total = sum(
        integrate.quad(lambda x: float(distribution.density(np.array(x))), start, end)[0]
        for start, end in itertools.pairwise(inner)
    )
    assert total + sum(mass for _, mass in distribution.atoms) == pytest.approx(1.0, abs=1e-6)


@given(distribution=distributions())
def test_the_mean_is_that_of_an_even_sample(distribution: Distribution) -> None:
    sample = distribution.quantile((np.arange(20000) + 0.5) / 20000)
    spread = float(np.std(sample)) + 1e-12
    assume(np.abs(sample).max() < 1e3 * (spread + abs(float(np.median(sample)))))
    assert distribution.mean == pytest.approx(float(sample.mean()), abs=0.05 * spread)


def test_tails_end_at_the_bounds_and_the_percentiles_stay() -> None:
    bounded = SplitNormal("identity", 7.0, 12.0, 17.0, (6.0, 20.0))
    assert 0 < bounded.moved_mass < 0.05
    np.testing.assert_allclose(bounded.quantile(np.array([0.05, 0.5, 0.95])), [7, 12, 17])
    ends = bounded.quantile(np.array([1e-12, 1 - 1e-12]))
    np.testing.assert_allclose(ends, [6, 20], atol=1e-6)
    inner = np.linspace(0.051, 0.949, 50)
    assert (bounded.quantile(inner) == normal().quantile(inner)).all()


def test_a_whole_tail_beyond_a_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="strictly inside"):
        SplitNormal("identity", 7.0, 12.0, 17.0, (7.0, 20.0))


@given(below=st.floats(0, 0.049), above=st.floats(0, 0.049), u=st.floats(1e-9, 1 - 1e-9))
def test_ending_tails_can_be_undone(below: float, above: float, u: float) -> None:
    tails = Tails(below, above, 0.05, 0.95)
    there = tails.unbounded(np.array(u))
    assert below - 1e-15 <= there <= 1 - above + 1e-15
    assert float(tails.bounded(there)) == pytest.approx(u, abs=1e-12)


@given(distribution=split_normals(), factor=st.floats(0.1, 10))
def test_scaling_multiplies_every_quantile(distribution: SplitNormal, factor: float) -> None:
    assume(distribution.scale != "logit")
    scaled = distribution.scaled(factor).quantile(U)
    np.testing.assert_allclose(
        scaled, factor * distribution.quantile(U), rtol=1e-9, atol=1e-9 * abs(scaled).max()
    )


def test_scaling_keeps_within_bounds_or_is_refused() -> None:
    share = SplitNormal("logit", 0.2, 0.5, 0.8, (0.0, 1.0))
    np.testing.assert_allclose(share.scaled(0.5).quantile(np.array([0.05, 0.5, 0.95])), [0.1, 0.25, 0.4])
    for distribution in (share, Uniform(0.0, 1.0, (0.0, 1.0)), Fixed(0.8, (0.0, 1.0))):
        with pytest.raises(ValueError, match="inside 0 to 1"):
            distribution.scaled(1.5)


@given(distribution=distributions(), p=st.tuples(st.floats(0.2, 0.45), st.floats(0.55, 0.8)))
def test_a_new_range_is_met_exactly(distribution: Distribution, p: tuple[float, float]) -> None:
    assume(not isinstance(distribution, ZeroInflatedExponential))
    low, high = distribution.quantile(np.array(p)).tolist()
    assume(high - low > 1e-6 * (1 + abs(low)))
    moved = distribution.anchored(low, high)
    np.testing.assert_allclose(
        moved.quantile(np.array([0.1, 0.9])), [low, high], rtol=1e-9, atol=1e-9 * (high - low)
    )
    assert type(moved) is type(distribution)


@given(distribution=split_normals())
def test_its_own_range_leaves_a_distribution_as_it_was(distribution: SplitNormal) -> None:
    low, high = distribution.quantile(np.array([0.1, 0.9])).tolist()
    same = distribution.anchored(low, high).quantile(U)
    width = float(np.ptp(distribution.quantile(np.array([0.01, 0.99]))))
    np.testing.assert_allclose(same, distribution.quantile(U), rtol=1e-6, atol=1e-6 * width)


def test_a_zero_inflated_range_starts_at_zero() -> None:
    base = ZeroInflatedExponential(0.6, 0.3, (0.0, 3.0))
    assert base.anchored(0.0, 0.8).quantile(np.array([0.1, 0.6, 0.9])).tolist() == pytest.approx([0, 0, 0.8])
    with pytest.raises(ValueError, match="60% of its probability is at zero"):
        base.anchored(0.1, 0.8)


@pytest.mark.parametrize(
    "family", ["split_normal", "split_lognormal", "split_logitnormal", "uniform", "fixed"]
)
def test_a_range_alone_makes_a_distribution(family: Family) -> None:
    made = of_range(family, 0.3, 0.6, (0.0, 1.0))
    np.testing.assert_allclose(made.quantile(np.array([0.1, 0.9])), [0.3, 0.6])
    with pytest.raises(ValueError, match="inside 0 to 1"):
        of_range(family, 0.3, 1.6, (0.0, 1.0))


@pytest.mark.parametrize(
    ("family", "numbers", "bounds", "sentence"),
    [
        ("split_normal", {"p05": 1, "p50": 2}, ANYWHERE, "p95 is missing"),
        ("split_normal", {"p05": 1, "p50": 1, "p95": 2}, ANYWHERE, "must rise"),
        ("split_normal", {"p05": 3, "p50": 2, "p95": 1}, ANYWHERE, "must rise"),
        ("split_normal", {"p05": 1, "p50": 2, "p95": 3, "value": 2}, ANYWHERE, "not value"),
        ("split_normal", {"p05": 1, "p50": 2, "p95": INF}, ANYWHERE, "finite"),
        ("split_lognormal", {"p05": 0, "p50": 2, "p95": 3}, ANYWHERE, "inside"),
        ("split_lognormal", {"p05": -1, "p50": 2, "p95": 3}, ANYWHERE, "inside"),
        ("split_logitnormal", {"p05": 0.1, "p50": 0.5, "p95": 1}, (0, 1), "strictly inside"),
        ("split_logitnormal", {"p05": 0.1, "p50": 0.5, "p95": 0.9}, (0, INF), "finite bounds"),
        ("split_normal", {"p05": 1, "p50": 2, "p95": 3}, (0.6, 9), "beyond the bounds"),
        ("uniform", {"low": 0, "high": 2}, (0, 1), "inside 0 to 1"),
        ("uniform", {"low": 2, "high": 1}, (0, 3), "less than high"),
        ("zero_inflated_exponential", {"zero_mass": 0.5, "mean": 1}, (0, 2), "beyond"),
        ("zero_inflated_exponential", {"zero_mass": 0.5, "mean": 1}, (1, 2), "lower bound"),
        ("fixed", {"value": 3}, (0, 1), "inside 0 to 1"),
    ],
)
def test_a_prior_that_cannot_be_is_refused(
    family: Family, numbers: dict[str, float], bounds: tuple[float, float], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        of_prior(prior(**numbers), family, bounds)


def test_a_prior_may_name_its_own_family() -> None:
    own = of_prior(prior(distribution="uniform", low=0, high=1), "split_normal", (0.0, 1.0))
    assert own == Uniform(0.0, 1.0, (0.0, 1.0))


def test_a_fixed_number_is_certain() -> None:
    one = Fixed(3.0, (0.0, 5.0))
    assert one.quantile(U).tolist() == [3.0] * len(U)
    assert one.cdf(np.array([2.9, 3.0, 3.1])).tolist() == [0, 1, 1]
    assert (one.mean, one.support, one.atoms, one.moved_mass) == (3.0, (3.0, 3.0), ((3.0, 1.0),), 0.0)
    assert not one.density(np.array([3.0])).any()
    assert one.anchored(1.0, 4.0).quantile(np.array([0.1, 0.9])).tolist() == pytest.approx([1, 4])
