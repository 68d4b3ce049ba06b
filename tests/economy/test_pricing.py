"""Target prices of the closed labs: the first-order conditions of finite-firm nested CES."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

import tests.economy.central  # noqa: F401  (64-bit types)
from twocurves.economy import pricing
from twocurves.economy.choice import Pull, Substitution, target_shares

NO_FLOOR = np.array([1.0 + 1e-9])

#: Newton's steps from a cold start until prices no longer move.
STEPS = 40

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Cells of one segment, along the bands: labs with several products each, and a nest of open products.

    Attributes
    ----------
    appeal, cost
        Of closed products, shapes ``(cells, labs, channels, tiers)`` and ``(labs, channels, tiers)``.
    open_appeal, open_price
        Shapes ``(cells, open)`` and ``(open,)``.
    premium
        Of the closed nest, shape ``(cells,)``.
    """

    appeal: Floats
    cost: Floats
    open_appeal: Floats
    open_price: Floats
    premium: Floats
    alpha: float
    sigma: float
    sigma_open: float
    elasticity: float = 0.0

    @property
    def lam(self) -> float:
        return self.alpha / self.sigma

    @property
    def lam_open(self) -> float:
        return self.alpha / self.sigma_open

    @property
    def value_open(self) -> Floats:
        """Inclusive value of the open nest, shape ``(cells,)``."""
        weight = np.exp((self.open_appeal - self.alpha * np.log(self.open_price)) / self.lam_open)
        return np.asarray(self.lam_open * np.log(weight.mean(axis=1)))

    @property
    def market(self) -> pricing.Market:
        odds = self.appeal / self.lam
        level = self.premium
        return pricing.Market(
            cost=jnp.asarray(self.cost[None, ..., None]),
            pull=Pull(
                jnp.asarray(odds[None, None, ..., None]),
                jnp.asarray(level[None, :, None]),
                jnp.asarray([float(self.cost.size)]),
            ),
            value_open=jnp.asarray(self.value_open[None, None, :, None]),
            elasticity=jnp.full((1, 1, 1), self.elasticity),
            presence=jnp.ones((self.cost.shape[0], 1)),
            substitutes=Substitution(*(jnp.array([x]) for x in (self.alpha, self.sigma, self.sigma_open))),
        )


def random_case(
    seed: int, *, labs: int = 4, channels: int = 2, tiers: int = 2, cells: int = 3, **given: float
) -> Case:
    """Labs, products and cells that all differ."""
    rng = np.random.default_rng(seed)
    alpha = rng.uniform(1.1, 2.0)
    plain: dict[str, Any] = {
        "appeal": rng.normal(0.0, 0.8, (cells, labs, channels, tiers)),
        "cost": np.exp(rng.normal(0.0, 0.5, (labs, channels, tiers))),
        "open_appeal": rng.normal(0.0, 0.15, (cells, 4)),
        "open_price": np.exp(rng.normal(-1.0, 0.1, 4)),
        "premium": rng.normal(0.5, 1.5, cells),
        "alpha": alpha,
        "sigma": alpha * rng.uniform(1.2, 2.2),
        "sigma_open": alpha * rng.uniform(2.0, 4.0),
    }
    return Case(**(plain | given))


def alike(*, labs: int, each: int = 1, cells: int = 1, premium: float = 0.0, **given: float) -> Case:
    """Identical labs that sell identical products at a cost of one; one open product at a price of one."""
    plain: dict[str, Any] = {"alpha": 1.6, "sigma": 2.6, "sigma_open": 3.0}
    return Case(
        appeal=np.zeros((cells, labs, 1, each)),
        cost=np.ones((labs, 1, each)),
        open_appeal=np.zeros((cells, 1)),
        open_price=np.ones(1),
        premium=np.full(cells, premium),
        **(plain | given),
    )


@jax.jit
def _solve(market: pricing.Market, floor: jax.Array) -> tuple[pricing.Targets, jax.Array]:
    start = jnp.zeros((*market.value_open.shape[:3], market.cost.shape[1], 1))

    def once(markup, _):
        found = pricing.target_prices(market, markup, floor, steps=0, more=0)
        return found.following, found.residual[0]

    markup, residuals = jax.lax.scan(once, start, None, length=STEPS)
    return pricing.target_prices(market, markup, floor, steps=0, more=0), residuals


def solve(case: Case, floor: Floats = NO_FLOOR) -> tuple[Floats, pricing.Targets]:
    """Return converged prices, shape ``(cells, labs, channels, tiers)``, and the targets."""
    found, _ = _solve(case.market, jnp.asarray(floor))
    return np.asarray(found.price)[0, 0, ..., 0], found


def within_and_closed(case: Case, price: Floats) -> tuple[Floats, Floats]:
    """Shares within the closed nest, and the nest's share; written apart from the engine."""
    weight = np.exp((case.appeal - case.alpha * np.log(price)) / case.lam)
    whole = weight.sum(axis=(1, 2, 3))
    value = case.lam * np.log(whole / case.cost.size) + case.premium
    return weight / whole[:, None, None, None], 1.0 / (1.0 + np.exp(case.value_open - value))


def open_costs(case: Case, price: Floats) -> Floats:
    """Costs at which single-product sellers in the open nest would ask just its prices, ``(cells, open)``."""
    _, closed = within_and_closed(case, price)
    weight = np.exp((case.open_appeal - case.alpha * np.log(case.open_price)) / case.lam_open)
    within = weight / weight.sum(axis=1, keepdims=True)
    eta = case.sigma_open * (1.0 - within) + case.alpha * within * closed[:, None]
    assert (eta > 1.0).all()
    return np.asarray(case.open_price * (1.0 - 1.0 / eta))


def pyblp_market(case: Case, ours: Floats) -> tuple[Floats, Floats, Floats]:
    """Solve the cells with pyblp: nested logit in the log of price, two nests, several products a lab.

    Each cell is a market of its own, since labs sell by menu. Appeal is entered as the demand shock. The
    outside good of pyblp is pushed out of reach, so that the two nests share the market as they do in the
    engine. Open sellers are single-product firms with the costs that make their given prices best replies.

    Returns
    -------
    tuple
        Closed prices, open prices, shares of closed products.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyblp  # type: ignore[import-untyped]

        pyblp.options.verbose = False
        cells, labs = case.appeal.shape[:2]
        each = case.cost[0].size
        closed, opened = case.cost.size, case.open_price.size
        # The engine's inclusive value uses the mean over the nest, pyblp's the sum.
        mean_closed = case.lam * np.log(closed)
        mean_open = case.lam_open * np.log(opened)
        far = 60.0
        appeal = np.concatenate(
            [
                case.appeal.reshape(cells, closed) + case.premium[:, None] - mean_closed,
                case.open_appeal - mean_open,
            ],
            axis=1,
        )
        products = {
            "market_ids": np.repeat(np.arange(cells), closed + opened),
            "firm_ids": np.tile(np.r_[np.repeat(np.arange(labs), each), labs + np.arange(opened)], cells),
            "nesting_ids": np.tile(np.r_[np.zeros(closed, int), np.ones(opened, int)], cells),
        }
        simulation = pyblp.Simulation(
            (pyblp.Formulation("1 + log(prices)"), None, None),
            products,
            beta=[far, -case.alpha],
            rho=[1.0 - case.lam, 1.0 - case.lam_open],
            xi=appeal.ravel(),
        )
        costs = np.concatenate([np.tile(case.cost.ravel(), (cells, 1)), open_costs(case, ours)], axis=1)
        result = simulation.replace_endogenous(
            costs=costs.reshape(-1, 1),
            prices=2.0 * costs.reshape(-1, 1),
            iteration=pyblp.Iteration("simple", {"atol": 1e-13, "max_evaluations": 20000}),
        )
        price = np.asarray(result.product_data.prices).reshape(cells, closed + opened)
        shares = np.asarray(result.product_data.shares).reshape(cells, closed + opened)
        return price[:, :closed].reshape(case.appeal.shape), price[:, closed:], shares[:, :closed]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_prices_are_those_of_pyblp(seed):
    case = random_case(seed)
    price, found = solve(case)
    assert float(found.residual[0]) < 1e-12
    closed, opened, shares = pyblp_market(case, price)
    np.testing.assert_allclose(price, closed, rtol=1e-8)
    np.testing.assert_allclose(opened, np.broadcast_to(case.open_price, opened.shape), rtol=1e-8)
    within, whole = within_and_closed(case, price)
    ours = (within * whole[:, None, None, None]).reshape(shares.shape)
    np.testing.assert_allclose(ours, shares, rtol=1e-7)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_month_from_near_is_certified_and_the_next_months_reach_the_prices_of_pyblp(seed):
    """Costs having fallen by 5%: one month is within a thousandth, four are within 1e-8."""
    case = random_case(seed)
    cheaper = replace(case, cost=0.95 * case.cost)
    markup = solve(case)[1].following
    closed, _, _ = pyblp_market(cheaper, solve(cheaper)[0])
    for tolerance in (1e-3, 1e-6, 1e-8, 1e-8):
        found = _month(cheaper.market, markup, jnp.asarray(NO_FLOOR))
        markup = found.following
        assert float(found.residual[0]) <= tolerance
    np.testing.assert_allclose(np.asarray(found.price)[0, 0, ..., 0], closed, rtol=1e-8)


_month = jax.jit(pricing.target_prices)


def test_shares_at_target_prices_are_those_of_choice():
    """The shares that pricing reckons with are those that buyers' choice gives."""
    case = random_case(9)
    price, _ = solve(case)
    market = case.market
    odds = case.open_appeal / case.lam_open
    opened = Pull(
        jnp.asarray(odds[None, None, ..., None]),
        jnp.zeros((1, 1, len(odds), 1)),
        jnp.array([float(odds.shape[1])]),
    )
    found = target_shares(
        market.substitutes,
        market.pull,
        opened,
        jnp.log(price)[None, None, ..., None],
        jnp.log(case.open_price)[None, None, None, :, None],
    )
    within, closed = within_and_closed(case, price)
    np.testing.assert_allclose(
        np.asarray(found.closed)[0, 0, ..., 0], within * closed[:, None, None, None], rtol=1e-10
    )


@pytest.mark.parametrize("elasticity", [0.0, 0.4, 1.1])
def test_one_product_is_the_markup_of_its_own_elasticity(elasticity):
    """Atkeson and Burstein (2008): eta = sigma (1 - w) + w [ alpha (1 - w_c) + eps w_c ]."""
    case = random_case(7, labs=6, channels=1, tiers=1, cells=2, elasticity=elasticity)
    price, _ = solve(case)
    within, closed = within_and_closed(case, price)
    closed = closed[:, None, None, None]
    eta = case.sigma * (1 - within) + within * (case.alpha * (1 - closed) + elasticity * closed)
    np.testing.assert_allclose(price, case.cost * eta / (eta - 1), rtol=1e-10)


@pytest.mark.parametrize("each", [1, 3])
def test_a_monopoly_without_substitutes_takes_the_markup_of_total_demand(each):
    """One lab, nobody to turn to: only work that stops altogether restrains it, at its elasticity of 2.5."""
    price, found = solve(alike(labs=1, each=each, elasticity=2.5, premium=60.0))
    np.testing.assert_allclose(price, 2.5 / 1.5, rtol=1e-8)
    assert float(found.floored[0]) == 0.0


def test_a_monopoly_of_inelastic_demand_stands_on_the_named_floor():
    """Below an elasticity of one no finite price is best; the floor on the elasticity says where it ends."""
    price, found = solve(alike(labs=1, each=2, elasticity=0.6, premium=60.0), np.array([1.15]))
    np.testing.assert_allclose(price, 1.15 / 0.15, rtol=1e-12)
    assert float(found.floored[0]) == 1.0
    assert not np.asarray(found.free).any()
    assert float(found.residual[0]) == 0.0


def test_many_identical_labs_leave_the_markup_of_the_nest():
    """What a lab adds to the markup of differentiation falls with the number of labs."""
    added = []
    for labs in (5, 15, 45):
        price, _ = solve(alike(labs=labs))
        np.testing.assert_allclose(price, price[0, 0, 0, 0], rtol=1e-10)
        added.append(price[0, 0, 0, 0] - 2.6 / 1.6)
    assert added[0] > added[1] > added[2] > 0.0
    assert added[2] < added[0] / 6.0


def test_near_perfect_substitutes_sell_at_cost():
    price, _ = solve(alike(labs=15, sigma=1e4))
    np.testing.assert_allclose(price, 1.0, rtol=2e-3)


def test_scaling_every_cost_and_price_scales_prices():
    case = random_case(11, elasticity=0.5)
    twice = replace(case, cost=2.0 * case.cost, open_price=2.0 * case.open_price)
    np.testing.assert_allclose(solve(twice)[0], 2.0 * solve(case)[0], rtol=1e-10)


@pytest.mark.parametrize("seed", [20, 21, 22, 23])
def test_prices_are_above_cost_and_no_rival_lowers_ones_own(seed):
    case = random_case(seed, elasticity=0.4)
    price, found = solve(case)
    assert (price > case.cost).all()
    assert np.asarray(found.free).all()


@pytest.mark.parametrize("seed", [20, 21, 22, 23])
def test_cheaper_compute_raises_no_price_when_everybody_has_it(seed):
    """Costs and open prices fall in proportion: so do prices. When labs' costs alone fall, no price rises."""
    case = random_case(seed, elasticity=0.4)
    before, _ = solve(case)
    alone, _ = solve(replace(case, cost=0.8 * case.cost))
    assert (alone < before).all()
    own = case.cost.copy()
    own[0] *= 0.8
    first, _ = solve(replace(case, cost=own))
    assert (first[:, 0] < before[:, 0]).all()


def test_joint_ownership_raises_prices():
    """A merger of substitutes lowers no price of the merged labs."""
    apart = random_case(31, labs=4, channels=1, tiers=1)
    # Two labs with two products each in place of four with one: the same products, other owners.
    merged = replace(
        apart,
        appeal=apart.appeal.reshape(3, 2, 2, 1),
        cost=apart.cost.reshape(2, 2, 1),
    )
    before, _ = solve(apart)
    after, _ = solve(merged)
    assert (after.reshape(3, 4) > before.reshape(3, 4)).all()


def test_splitting_a_product_into_twenty_identical_ones_changes_no_price():
    """A lab's product listed twenty times over, its buyers shared among the listings."""
    case = random_case(33, labs=3, channels=1, tiers=1)
    price, _ = solve(case)
    # All labs get twenty listings; those of a lab are of the same product, and the mean counts them all.
    many = replace(
        case,
        appeal=np.repeat(case.appeal, 20, axis=3),
        cost=np.repeat(case.cost, 20, axis=2),
    )
    split, _ = solve(many)
    np.testing.assert_allclose(split, np.repeat(price, 20, axis=3), rtol=1e-10)


@pytest.mark.parametrize("seed", range(40, 46))
def test_a_cold_start_converges_quadratically_near_the_end(seed):
    _, residuals = _solve(random_case(seed, elasticity=0.3).market, jnp.asarray(NO_FLOOR))
    residuals = np.asarray(residuals)
    near = int(np.flatnonzero(residuals < 1e-2)[0])
    assert near <= 8
    assert residuals[near + 3] < 1e-9
    assert residuals[-1] < 1e-12


def test_the_jacobian_is_that_of_the_map():
    """Diagonal plus rank one, against automatic differentiation of the map itself."""
    case = random_case(61, elasticity=0.6, cells=1)
    market = case.market
    at = jnp.asarray(np.random.default_rng(1).uniform(0.0, 1.5, (1, 1, 1, 4, 1)))

    def mapped(markup):
        return pricing.best_reply(market, markup.reshape(at.shape)).markup.reshape(-1)

    jacobian = np.asarray(jax.jit(jax.jacfwd(mapped))(at.reshape(-1)))
    reply = jax.jit(pricing.best_reply)(market, at)
    slope, gain, pull = (np.asarray(part).reshape(-1) for part in (reply.slope, reply.gain, reply.pull))
    rivals = np.outer(gain, pull)
    np.fill_diagonal(rivals, slope)
    np.testing.assert_allclose(jacobian, rivals, rtol=1e-9, atol=1e-12)


def _profits(case: Case, price: Floats, at: Floats) -> Floats:
    """Each lab's profit in each cell, when the work of a cell answers the value of what is on offer.

    Work moves with the elasticity ``eps`` in the nested-CES price index; ``at`` are the prices at which it is
    one. Written apart from the engine.
    """

    def value(p):
        weight = np.exp((case.appeal - case.alpha * np.log(p)) / case.lam)
        closed = case.lam * np.log(weight.sum(axis=(1, 2, 3)) / case.cost.size) + case.premium
        return np.logaddexp(closed, case.value_open)

    within, closed = within_and_closed(case, price)
    work = np.exp(case.elasticity / case.alpha * (value(price) - value(at)))
    margin = (price - case.cost) * within * (closed * work)[:, None, None, None]
    return np.asarray(margin.sum(axis=(2, 3)))


@pytest.mark.parametrize("elasticity", [0.0, 0.7])
@pytest.mark.parametrize("seed", [51, 52, 53])
def test_no_lab_gains_by_moving_its_prices_alone(seed, elasticity):
    """A grid of deviations, of all of a lab's prices together and of each of its products."""
    case = random_case(seed, elasticity=elasticity)
    price, _ = solve(case)
    best = _profits(case, price, price)
    for lab in range(price.shape[1]):
        for moved in ((slice(None), slice(None)), *np.ndindex(price.shape[2:])):
            for factor in (0.6, 0.8, 0.95, 0.99, 1.01, 1.05, 1.25, 1.6, 2.5, 6.0):
                other = price.copy()
                other[(slice(None), lab, *moved)] *= factor
                gain = _profits(case, other, price)[:, lab] / best[:, lab] - 1.0
                assert (gain < 1e-9).all(), (lab, moved, factor)


_gain = jax.jit(pricing.deviation_gain)


@pytest.mark.parametrize("elasticity", [0.0, 0.7])
@pytest.mark.parametrize("seed", [51, 52, 53])
def test_the_deviation_check_holds_at_equilibrium_and_catches_a_wrong_price(seed, elasticity):
    """Prices a quarter off their equilibrium leave a lab more to gain than the certificate bears."""
    case = random_case(seed, elasticity=elasticity)
    _, found = solve(case)
    floor = jnp.array([1.02])
    assert float(_gain(case.market, found, floor)[0]) < 1e-9
    for factor in (0.75, 1.3):
        wrong = found.price.at[:, :, :, 1].multiply(factor)
        wrong = jnp.maximum(wrong, case.market.cost[:, None])
        assert float(_gain(case.market, found._replace(price=wrong), floor)[0]) > 1e-2


@pytest.mark.parametrize("elasticity", [0.0, 0.7])
def test_the_deviation_check_reckons_the_gain_of_a_lab(elasticity):
    """With one lab's prices wrong by one of the check's own factors it sees the profit that was lost."""
    case = random_case(54, elasticity=elasticity, channels=1, tiers=1)
    price, found = solve(case)
    wrong = price.copy()
    wrong[:, 2] *= 1.0 / 0.8
    lost = _profits(case, price, wrong)[:, 2] / _profits(case, wrong, wrong)[:, 2] - 1.0
    targets = found._replace(price=jnp.asarray(wrong)[None, None, ..., None])
    seen = float(_gain(case.market, targets, jnp.array([1.02]))[0])
    assert seen >= lost.max() * 0.98


def test_prices_differentiate_in_costs_and_substitution():
    """From a converged start one step carries the gradient of the fixed point."""
    case = random_case(71, elasticity=0.4)
    start = solve(case)[1].following

    def price(log_cost, log_sigma):
        market = case.market
        market = market._replace(
            cost=market.cost * jnp.exp(log_cost),
            substitutes=market.substitutes._replace(closed=market.substitutes.closed * jnp.exp(log_sigma)),
        )
        # The odds are stated at a scale that moves with sigma.
        odds = market.pull.log_odds * jnp.exp(log_sigma)
        market = market._replace(pull=market.pull._replace(log_odds=odds))
        found = pricing.target_prices(market, start, jnp.asarray(NO_FLOOR), steps=1, more=0)
        return jnp.log(found.price).mean()

    slope = jax.jit(jax.grad(price, argnums=(0, 1)))(jnp.zeros(()), jnp.zeros(()))
    at = jax.jit(price)
    step = 1e-5
    by_cost = (float(at(step, 0.0)) - float(at(-step, 0.0))) / (2 * step)
    by_sigma = (float(at(0.0, step)) - float(at(0.0, -step))) / (2 * step)
    np.testing.assert_allclose([float(part) for part in slope], [by_cost, by_sigma], rtol=1e-7)
