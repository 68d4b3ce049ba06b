"""A draw's bits depend on the draw alone, in both precisions."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twocurves.ensemble.microbatch import MICRO_BATCH, gather, pad, run_micro_batches, spans
from twocurves.ensemble.precision import FLOAT32_MONEY_RTOL, Precision, prepare_jax

DRAWS = 300
MONTHS = 60


@cache
def kernel():
    """Two years of a small market: the kinds of operations that the engine is made of.

    Nested-logit shares over (segment, product), a markup, and a stock that grows with sales: exp, log,
    division, sums over axes, and a scan over months.
    """
    prepare_jax()
    import jax
    import jax.numpy as jnp

    def run(inputs):
        alpha, quality, cost = inputs["alpha"], inputs["quality"], inputs["cost"]

        def month(stock, _):
            appeal = quality * jnp.log1p(stock)[:, None, None] - alpha[:, None, None] * jnp.log(cost)
            top = appeal.max(axis=-1, keepdims=True)
            weight = jnp.exp(appeal - top)
            share = weight / weight.sum(axis=-1, keepdims=True)
            price = cost * (1 + 1 / (alpha[:, None, None] * (1 - share) + 0.15))
            sales = (share * price).sum(axis=(1, 2))
            return 0.97 * stock + 0.01 * sales, sales

        first = jnp.ones_like(alpha)
        _, sales = jax.lax.scan(month, first, None, length=MONTHS)
        return {"sales": jnp.moveaxis(sales, 0, 1)}

    return jax.jit(run)


def inputs(draws=DRAWS):
    generator = np.random.default_rng(3)
    return {
        "alpha": generator.uniform(1.1, 3.0, draws),
        "quality": generator.normal(0, 1, (draws, 8, 27)),
        "cost": generator.lognormal(0, 1, (draws, 8, 27)),
    }


def simulate(chosen, precision):
    given_inputs = {name: array[chosen] for name, array in inputs().items()}
    return gather(run_micro_batches(kernel(), given_inputs, precision))["sales"]


@pytest.mark.parametrize("precision", list(Precision))
def test_every_chunk_size_gives_the_same_bits(precision):
    whole = simulate(np.arange(DRAWS), precision)
    assert whole.dtype == precision.dtype
    for size in (1, 2, 7, 64, 100, 256):
        parts = [
            simulate(np.arange(first, min(first + size, DRAWS)), precision)
            for first in range(0, 128 if size < 7 else DRAWS, size)
        ]
        joined = np.concatenate(parts)
        assert joined.tobytes() == whole[: len(joined)].tobytes(), size


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(DRAWS)), precision=st.sampled_from(Precision))
def test_order_does_not_change_the_bits(order, precision):
    shuffled = simulate(np.array(order), precision)
    assert shuffled.tobytes() == simulate(np.arange(DRAWS), precision)[order].tobytes()


def test_float32_money_agrees_with_float64_within_the_stated_tolerance():
    single, double = (simulate(np.arange(DRAWS), precision) for precision in Precision)
    np.testing.assert_allclose(single, double, rtol=FLOAT32_MONEY_RTOL)


def test_one_shape_means_one_compilation():
    compiled = kernel()
    simulate(np.arange(DRAWS), Precision.FLOAT32)
    before = compiled._cache_size()
    for size in (1, 63, 65, 200):
        simulate(np.arange(size), Precision.FLOAT32)
    assert compiled._cache_size() == before


@given(st.integers(1, 1000))
def test_spans_cover_every_draw_once(draws):
    covered = [draw for span in spans(draws) for draw in range(span.start, span.stop)]
    assert covered == list(range(draws))
    assert all(span.start % MICRO_BATCH == 0 for span in spans(draws))


@given(st.integers(1, MICRO_BATCH))
def test_padding_repeats_the_last_draw(draws):
    padded = pad(np.arange(draws))
    assert len(padded) == MICRO_BATCH
    assert (padded[draws:] == draws - 1).all()


def test_inputs_that_disagree_on_draws_are_refused():
    with pytest.raises(ValueError, match="same number of draws"):
        list(run_micro_batches(kernel(), {"a": np.zeros(3), "b": np.zeros(4)}))


def test_whole_numbers_keep_their_type():
    cast = Precision.FLOAT32.cast({"actor": np.arange(3), "share": np.ones(3)})
    assert cast["actor"].dtype == np.int64
    assert cast["share"].dtype == np.float32


def test_no_draws_give_no_results():
    assert gather(run_micro_batches(kernel(), {"alpha": np.zeros(0)})) == {}
