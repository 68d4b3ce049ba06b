"""Accounts: every dollar paid is received, cash moves by named flows, and nobody spends what nobody gives."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.economy.central import blank_state, medians, structure
from twocurves.economy import accounts as books
from twocurves.economy.accounts import Served, lesser
from twocurves.economy.cost import Hours, stack

SEEDS = st.integers(0, 2**32 - 1)


@cache
def _sizes():
    names = structure().names
    return (
        len(names.regions),
        len(names.segments),
        len(names.labs),
        len(structure().channel_plan),
        len(names.tiers),
        len(names.open_products),
        len(names.builders),
        len(names.layers),
    )


def made_up(seed, **given):
    """A month of which only the sums are right: hours served by the market are those that were used."""
    rng = np.random.default_rng(seed)
    regions, segments, labs, channels, tiers, opens, builders, layers = _sizes()
    b = medians(**given)

    def some(*shape, scale=1.0):
        return scale * rng.lognormal(0.0, 1.0, (*shape, 1))

    device = (structure().open_local * structure().segment_local[:, None])[None] * np.ones((regions, 1, 1, 1))
    hours = Hours(some(labs, channels, tiers), some(opens), some(segments))
    closed = some(regions, segments, labs, channels, tiers)
    open_hours = some(regions, segments, opens) * (1.0 - device)
    free_hours, research_hours = some(labs), some(labs)
    builder_hours, other_hours = some(builders), some(regions)
    lab_hours = (closed.sum(axis=0) * hours.tokens[:, None, None, None]).sum(axis=0) * hours.closed
    by_lab = lab_hours.sum(axis=(1, 2)) + free_hours + research_hours
    used = other_hours + open_hours.sum(axis=(1, 2))
    for place, region in enumerate(structure().lab_region):
        used[region] += by_lab[place]
    for place, region in enumerate(structure().builder_region):
        used[region] += builder_hours[place]
    served = Served(
        closed=closed,
        closed_paid=closed * some(labs, channels, tiers, scale=20.0),
        open=some(regions, segments, opens),
        open_paid=some(regions, segments, opens, scale=30.0),
        open_hours=open_hours,
        device=device,
        free_hours=free_hours,
        research_hours=research_hours,
        free_users=some(labs),
        builder_hours=builder_hours,
        other_hours=other_hours,
        hours=used,
    )
    state = blank_state(
        cash=rng.normal(10.0, 20.0, (labs, 1)),
        builder_cash=some(builders),
        sentiment=np.array([rng.uniform(0.4, 1.6)]),
        log_firms=np.log(some(layers) + 3.0),
        research_budget=some(labs, scale=5.0),
        open_budget=some(builders),
    )
    worth = some(labs, scale=300.0)
    return b, state, served, hours, some(regions, scale=2.0), worth


@jax.jit
def _book(b, state, month, served, hours, rental, worth):
    _, _, labs, *_, builders, _ = _sizes()
    chain = stack(b, structure(), state.log_firms)
    here = jnp.ones((builders, 1))
    return books.accounts(
        b,
        structure(),
        state,
        month,
        served,
        hours,
        rental,
        jnp.array([2.0]),
        chain,
        jnp.ones((labs, 1)),
        here,
        worth,
    )


def book(case, month=60.0):
    b, state, served, hours, rental, worth = case
    return jax.tree.map(np.asarray, _book(b, state, jnp.asarray(month), served, hours, rental, worth))


@given(SEEDS, st.floats(0.0, 167.0))
@settings(max_examples=25)
def test_every_dollar_paid_is_received_whatever_the_month(seed, month):
    found = book(made_up(seed), month)
    assert found.money_gap[0] < 1e-12
    assert found.cash_gap[0] < 1e-12


@given(SEEDS)
@settings(max_examples=10)
def test_cash_moves_by_named_flows_alone(seed):
    case = made_up(seed)
    found = book(case)
    named = found.gross_profit - found.running - found.research + found.parents + found.investors
    np.testing.assert_allclose(found.cash, case[1].cash + named / 12.0, rtol=1e-10, atol=1e-10)


@given(SEEDS)
@settings(max_examples=10)
def test_hours_that_nobody_used_show_as_money_that_nobody_received(seed):
    """One hour in fifty served to nobody: compute receives more than is paid, by what those hours cost."""
    b, state, served, hours, rental, worth = made_up(seed)
    right = book((b, state, served, hours, rental, worth))
    wrong = book((b, state, served._replace(hours=1.02 * served.hours), hours, rental, worth))
    extra = 0.02 * (served.hours * rental).sum() * books.BILLION_A_YEAR
    labs = right.revenue.sum() + right.research.sum()
    assert wrong.money_gap[0] == pytest.approx(extra / _final(right, served, rental, b, state), rel=1e-9)
    assert wrong.money_gap[0] > 1e-5
    assert labs > 0


def _final(found, served, rental, b, state):
    """What final buyers pay: buyers, advertisers, research compute and other uses, USD billions a year."""
    lab_rate = rental[list(structure().lab_region)] * b["compute_cost_factor"] * books.BILLION_A_YEAR
    builder_rate = rental[list(structure().builder_region)] * books.BILLION_A_YEAR
    return (
        found.revenue.sum()
        + found.open_spending.sum()
        + (served.research_hours * lab_rate).sum()
        + (served.builder_hours * builder_rate).sum()
        + (served.other_hours * rental).sum() * books.BILLION_A_YEAR
    )


@given(SEEDS)
@settings(max_examples=15)
def test_nobody_spends_what_nobody_gives(seed):
    """Investors give no more than they would or than is lacking; a budget is within what a lab can raise."""
    case = made_up(seed)
    b, state, *_ = case
    found = book(case)
    margin = found.gross_profit / found.revenue
    worth = case[5]
    would = np.asarray(books.raisable(b, state.sentiment, worth, margin))
    assert (found.investors <= would * (1 + 1e-12)).all()
    assert (found.investors >= 0).all()
    held = np.maximum(state.cash, 0.0) / b["cash_spending_years"]
    given_or_held = found.gross_profit + found.parents + would + held
    assert (found.running >= 0).all()
    assert (found.running <= np.maximum(given_or_held, 0.0) * (1 + 1e-12)).all()
    assert (found.research_budget >= 0).all()
    assert (found.research_budget <= np.maximum(given_or_held - found.running, 0.0) * (1 + 1e-12)).all()
    wanted = b["rnd_intensity"] * b["rnd_intensity_policy"] * found.revenue + found.parents
    assert (found.research_budget <= wanted * (1 + 1e-12)).all()


@given(SEEDS)
@settings(max_examples=10)
def test_captured_value_shrinks_from_net_revenue_to_rent(seed):
    """Each definition takes off costs that the one before left in."""
    found = book(made_up(seed))
    for value in (found.closed_value, found.open_value):
        assert (value.gross_profit <= value.net_revenue + 1e-12).all()
        assert (value.rent <= value.gross_profit + 1e-12).all()


@given(SEEDS)
@settings(max_examples=10)
def test_layers_of_the_open_stack_add_up_to_what_its_buyers_pay(seed):
    """Hosted and self-hosted work: what the layers add, builders' royalties and the team."""
    b, state, served, hours, rental, worth = made_up(seed)
    found = book((b, state, served, hours, rental, worth))
    chain = stack(b, structure(), state.log_firms)
    hosted = float(found.open_hosted[0])
    royalty = hosted / float(chain.applied[0]) / float(chain.tuned[0]) * float(chain.royalty[0])
    above = sum(
        found.layer_value_added[place, 0]
        for place in (structure().layer_host, structure().layer_tuning, structure().layer_application)
    )
    on_hosts = (served.open_hours * (1.0 - structure().open_local)).sum(axis=(1, 2))
    bought = (on_hosts * rental).sum() * books.BILLION_A_YEAR
    assert above + royalty + bought == pytest.approx(hosted, rel=1e-10)
    compute = (
        found.layer_value_added[structure().layer_chips, 0]
        + found.layer_value_added[structure().layer_cloud, 0]
    )
    assert compute == pytest.approx(
        (served.open_hours.sum(axis=(1, 2)) * rental).sum() * books.BILLION_A_YEAR
    )


def test_advertising_begins_when_it_is_believed_to():
    b = medians(advertising_start=40.0, advertising_ramp=12.0)
    before, half, late = (
        float(books.advertising_per_user(b, jnp.asarray(m))[0]) for m in (40.0, 52.0, 400.0)
    )
    full = float(b["advertising_revenue_per_free_user"][0] * b["advertising_policy"][0])
    assert before == 0.0
    assert half == pytest.approx(0.5 * full)
    assert late == pytest.approx(full)


def test_the_smooth_minimum_is_above_neither_and_near_the_lesser():
    first = jnp.array([0.0, 1.0, 5.0, 1e3])
    for other in (0.0, 0.5, 2.0, 1e4):
        found = np.asarray(lesser(first, jnp.full(4, other)))
        assert (found <= np.minimum(first, other) + 1e-12).all()
        assert (found >= 2.0**-0.25 * np.minimum(first, other) - 1e-12).all()
