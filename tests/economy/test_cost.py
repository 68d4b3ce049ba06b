"""Cost: hours per unit of work, and prices through the layers of the open stack."""

import jax.numpy as jnp
import numpy as np
import pytest

from tests.economy.central import medians, structure
from twocurves.economy import cost


def stack(firms, **given):
    layers = len(structure().names.layers)
    return cost.stack(medians(**given), structure(), jnp.full((layers, 1), np.log(firms)))


def test_a_thousand_hosts_sell_at_cost_and_one_takes_the_monopoly_markup():
    """Cournot: one over (elasticity times hosts, less one)."""
    plain = {"host_royalty_share": 0.0, "open_licence_fee": 0.0}
    many = stack(1000.0, **plain)
    assert float(many.host[0] / many.host_cost[0]) == pytest.approx(1.0, abs=2e-3)
    one = stack(1.0, layer_demand_elasticity=2.5, **plain)
    assert float(one.host[0] / one.host_cost[0]) == pytest.approx(2.5 / 1.5)


def test_twenty_hosts_for_one_lower_the_hosting_price_alone():
    few, many = stack(3.0), stack(60.0)
    assert float(many.host[0]) < float(few.host[0])
    assert float(many.host_cost[0]) == float(few.host_cost[0])


def test_a_royalty_is_paid_on_top_and_is_a_share_of_the_price():
    without = stack(10.0, host_royalty_share=0.0, open_licence_fee=0.0)
    royal = stack(10.0, host_royalty_share=0.05, open_licence_fee=0.15)
    assert float(royal.royalty[0]) == pytest.approx(0.2)
    assert float(royal.host[0] * (1.0 - royal.royalty[0])) == pytest.approx(float(without.host[0]))


def hours(month=24.0, capability=150.0, log_software=0.0, **given):
    labs, channels = len(structure().names.labs), len(structure().channel_plan)
    sold = jnp.full((labs, channels, 1), capability)
    opened = jnp.full((len(structure().names.open_products), 1), capability)
    return cost.hours_per_unit(
        medians(**given), structure(), jnp.asarray(month), sold, opened, jnp.array([log_software])
    )


def test_hours_rise_with_capability_and_fall_with_software():
    plain, better, leaner = hours(), hours(capability=160.0), hours(log_software=1.0)
    slope, gain = medians()["capability_cost_slope"][0], medians()["software_cost_elasticity"][0]
    np.testing.assert_allclose(better.closed / plain.closed, np.exp(10.0 * slope), rtol=1e-12)
    np.testing.assert_allclose(leaner.open / plain.open, np.exp(-gain), rtol=1e-12)


def test_at_equal_capability_an_open_model_takes_its_factor_of_a_closed_ones_hours():
    found = hours(open_cost_factor=0.7, channel_cost_factor=1.0)
    np.testing.assert_allclose(found.open[0] / found.closed[0, 0, 0], 0.7, rtol=1e-12)


def test_tokens_per_task_grow_to_their_ceiling():
    np.testing.assert_allclose(hours().tokens, 1.0)
    later = hours(month=48.0, tokens_per_task_growth=1.5, tokens_per_task_ceiling=1e9)
    np.testing.assert_allclose(later.tokens, 1.5**2)
    np.testing.assert_allclose(
        hours(month=480.0, tokens_per_task_growth=1.5, tokens_per_task_ceiling=4.0).tokens, 4.0
    )


def test_cheaper_hours_make_every_product_cheaper_but_work_on_devices():
    b = medians()
    layers = len(structure().names.layers)
    regions = len(structure().names.regions)
    made = hours()
    chain = cost.stack(b, structure(), jnp.full((layers, 1), np.log(8.0)))
    dear, cheap = (
        cost.costs(b, structure(), jnp.asarray(24.0), made, jnp.full((regions, 1), rental), chain)
        for rental in (2.0, 1.0)
    )
    np.testing.assert_allclose(cheap.closed, 0.5 * dear.closed, rtol=1e-12)
    ratio = np.asarray(cheap.open / dear.open)[..., 0]
    device = (np.asarray(structure().segment_local) * np.asarray(structure().open_local)[:, 0]) > 0
    np.testing.assert_allclose(ratio[:, ~device], 0.5, rtol=1e-12)
    np.testing.assert_allclose(ratio[:, device], 1.0, rtol=1e-12)


def test_local_models_reach_ever_more_of_the_queries_and_their_energy_falls():
    b = medians()
    reach = [float(cost.local_reach(b, jnp.asarray(month))[0]) for month in (0.0, 33.0, 60.0, 400.0)]
    assert all(0.0 < part <= 1.0 for part in reach)
    assert reach == sorted(reach)
    assert reach[1] == pytest.approx(1.0 - b["local_unserved_2025"][0])
    assert float(cost.local_price(b, jnp.asarray(60.0))[0]) < float(cost.local_price(b, jnp.asarray(24.0))[0])
