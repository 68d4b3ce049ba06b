"""Machines: how many, what they cost, and where they break even."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide.conftest import world
from twocurves.decide import machines
from twocurves.decide.assumptions import Size, number, numbers, size_of
from twocurves.decide.workload import Operations

SIZE = Size(30.0, 3.0, 1.0)


@given(rent=st.floats(0.5, 20), tokens=st.floats(1e5, 1e9), price=st.floats(0.01, 50))
def test_rented_machines_cross_the_price_per_token_at_the_closed_form_utilisation(rent, tokens, price):
    even = float(machines.break_even_utilisation(rent, tokens, price))
    assert machines.dedicated_usd_per_million(rent, tokens, even) == pytest.approx(price)
    assert machines.dedicated_usd_per_million(rent, tokens, even * 1.01) < price
    assert machines.dedicated_usd_per_million(rent, tokens, even * 0.99) > price


@given(load=st.floats(1e5, 1e12), more=st.floats(1.0, 10.0), peak=st.floats(1.0, 20.0))
def test_there_are_always_enough_machines_and_more_work_never_needs_fewer(load, more, peak):
    needs = machines.serving(SIZE, Operations())
    seconds = needs.seconds(load, load / 10, 0.0)
    count = machines.accelerators(needs, np.array([[seconds, seconds * more]]), peak)
    busy = seconds * peak / (730 * 3600)
    working = count[0, 0] - number("spare_replicas") * needs.replica
    assert busy <= working * number("peak_utilisation") * (1 + 1e-6)
    assert count[0, 1] >= count[0, 0]
    assert (count % needs.replica == 0).all()


def test_a_buyers_own_throughput_and_prices_are_used():
    own = Operations(input_tokens_per_second_per_gpu=1000.0, output_tokens_per_second_per_gpu=100.0)
    needs = machines.serving(SIZE, own)
    assert needs.seconds(1000.0, 100.0, 0.0) == pytest.approx(2.0)
    flat = world(draws=2)
    one = np.ones((2, 24))
    rent = machines.rented_usd(one, flat, Operations(usd_per_gpu_hour=1.0))
    assert np.allclose(rent, 730.0)


def test_a_machine_kept_for_its_life_costs_its_price_less_nothing():
    flat = world(draws=1, months=60)
    bought = machines.bought_usd(flat, Operations(usd_per_gpu=1000.0), 1.0)
    assert bought[0, 0] == pytest.approx(1000.0)
    # Half way through its life it brings the resale share of half.
    assert bought[0, 30] == pytest.approx(1000.0 * (1 - 0.5 * number("resale_share")))
    longer = machines.bought_usd(world(draws=1, months=90), Operations(usd_per_gpu=1000.0), 1.0)
    assert longer[0, 0] == pytest.approx(1000.0 + 1000.0 * (1 - 0.5 * number("resale_share")))


def test_a_replica_holds_the_weights():
    for model in ("kimi-k2.6", "gpt-oss-120b", "qwen3.5-397b-a17b", "gemma-4-31b"):
        size = size_of(model)
        assert size is not None
        needs = machines.serving(size, Operations())
        held = size.total_billion * size.bytes_per_parameter
        assert needs.replica * number("memory_gigabytes_per_gpu") >= held


def test_every_number_says_where_it_comes_from():
    for one in numbers().values():
        assert one.source
        assert one.evidence in "VSDJU"
        assert "2025" <= one.date < "2026-07"
    assert size_of("a-name-without-a-size") is None
