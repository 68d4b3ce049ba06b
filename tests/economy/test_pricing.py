"""Target prices of the closed labs: the first-order conditions of finite-firm nested CES."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.economy.central import structure
from twocurves.economy import pricing

NO_FLOOR = 1.0 + 1e-9
ROUNDS = 600

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Some markets: labs with products in the closed nest, and one open product."""

    market: Any
    start: Floats
    lab: Floats
    cell_market: Floats
    closed: NDArray[np.bool_]

    @property
    def cost(self) -> Floats:
        return np.asarray(self.market.cost)


def case(
    *,
    labs: int,
    each: int,
    markets: int = 1,
    cells: int = 1,
    alpha: float = 1.6,
    sigma: float = 2.6,
    elasticity: float = 0.0,
    quality: Any = None,
    weights: Any = None,
    premium: Any = None,
    cost: Any = None,
    work: Any = None,
) -> Case:
    """Build markets with an open product at price one and no appeal: an outside good.

    ``quality`` is (products,), ``weights``, ``premium`` and ``work`` are (markets * cells,).
    """
    count = labs * each
    quality = np.zeros(count) if quality is None else quality
    weights = np.ones(markets * cells) if weights is None else weights
    premium = np.zeros(markets * cells) if premium is None else premium
    work = np.ones(markets * cells) if work is None else work
    cost = np.ones((markets, count)) if cost is None else cost
    rows = markets * cells
    parts: dict[str, Any] = {
        "cost": np.concatenate([cost, np.ones((markets, 1))], axis=1),
        "appeal": np.concatenate([weights[:, None] * quality, np.zeros((rows, 1))], axis=1),
        "premium": premium,
        "work": work,
        "elasticity": np.full(rows, elasticity),
        "weight": np.ones(count + 1),
        "alpha": np.float64(alpha),
        "sigma_closed": np.float64(sigma),
        "sigma_open": np.float64(sigma),
    }
    return Case(
        market=pricing.Market(**parts),
        start=np.concatenate([2.0 * cost, np.ones((markets, 1))], axis=1),
        lab=np.concatenate([np.kron(np.eye(labs), np.ones((each, 1))), np.zeros((1, labs))]),
        cell_market=np.kron(np.eye(markets), np.ones((1, cells))).astype(float),
        closed=np.append(np.ones(count, bool), False),
    )


def random_case(seed: int, *, elasticity: float = 0.0, **sizes: int) -> Case:
    """A market of labs that differ, cells that differ, and costs that differ."""
    rng = np.random.default_rng(seed)
    given = {"labs": 5, "each": 3, "markets": 2, "cells": 4} | sizes
    count, cells = given["labs"] * given["each"], given["markets"] * given["cells"]
    alpha = rng.uniform(1.1, 2.0)
    return case(
        **given,
        alpha=alpha,
        sigma=alpha * rng.uniform(1.2, 2.2),
        elasticity=elasticity,
        quality=rng.normal(0.0, 0.8, count),
        weights=rng.uniform(0.5, 1.8, cells),
        premium=rng.normal(0.5, 1.0, cells),
        cost=np.exp(rng.normal(0.0, 0.5, (given["markets"], count))),
        work=rng.dirichlet(np.ones(given["cells"]), given["markets"]).ravel(),
    )


@jax.jit
def _solve(market, start, lab, cell_market, closed, floor):
    skeleton = replace(structure(), product_closed=closed, product_lab=lab, cell_market=cell_market)

    def once(price, _):
        found = pricing.target_prices(skeleton, market, price, floor, steps=1)
        return found.price, found.residual

    price, residuals = jax.lax.scan(once, start, None, length=ROUNDS)
    return pricing.target_prices(skeleton, market, price, floor, steps=1), residuals


def solve(given: Case, floor: float = NO_FLOOR):
    """Return converged targets and the residual after each step."""
    return _solve(given.market, given.start, given.lab, given.cell_market, given.closed, floor)


def pyblp_prices(given: Case) -> Floats:
    """Solve the same markets with pyblp (nested logit in the log of price, random coefficients in cells)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyblp  # type: ignore[import-untyped]

        pyblp.options.verbose = False
        markets, cells = given.cell_market.shape[0], given.cell_market.shape[1] // given.cell_market.shape[0]
        count = given.lab.shape[0] - 1
        market = given.market
        appeal = np.asarray(market.appeal)[:, :-1]
        weights = appeal[:, 0] / appeal[0, 0]  # relative to the first cell: appeal is weight times quality
        quality = appeal[0]
        alpha, sigma = float(market.alpha), float(market.sigma_closed)
        products = {
            "market_ids": np.repeat(np.arange(markets), count),
            "firm_ids": np.tile(given.lab[:-1].argmax(axis=1), markets),
            "quality": np.tile(quality, markets),
            "nesting_ids": np.ones(markets * count, int),
        }
        # The engine's inclusive value uses the mean over the nest, pyblp's the sum.
        mean = alpha / sigma * np.log(count)
        agents = {
            "market_ids": np.repeat(np.arange(markets), cells),
            "weights": np.asarray(market.work),
            "taste": weights,
            "premium": np.asarray(market.premium) - mean,
            "nodes0": np.zeros(markets * cells),
            "nodes1": np.zeros(markets * cells),
        }
        simulation = pyblp.Simulation(
            (pyblp.Formulation("0 + log(prices)"), pyblp.Formulation("1 + quality")),
            products,
            beta=[-alpha],
            sigma=np.zeros((2, 2)),
            pi=np.array([[0.0, 1.0], [1.0, 0.0]]),
            rho=1.0 - alpha / sigma,
            agent_formulation=pyblp.Formulation("0 + taste + premium"),
            agent_data=agents,
            xi=np.zeros(markets * count),
            omega=np.zeros(markets * count),
        )
        cost = given.cost[:, :-1].reshape(-1, 1)
        result = simulation.replace_endogenous(
            costs=cost,
            prices=2.0 * cost,
            iteration=pyblp.Iteration("simple", {"atol": 1e-13, "max_evaluations": 20000}),
        )
        return np.asarray(result.product_data.prices).reshape(markets, count)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_prices_are_those_of_pyblp(seed):
    given = random_case(seed)
    found, residuals = solve(given)
    assert float(residuals[-1]) < 1e-12
    np.testing.assert_allclose(np.asarray(found.price)[:, :-1], pyblp_prices(given), rtol=1e-8)


@pytest.mark.parametrize("elasticity", [0.0, 0.4, 1.1])
def test_one_product_is_the_markup_of_its_own_elasticity(elasticity):
    given = random_case(7, labs=6, each=1, markets=2, cells=1, elasticity=elasticity)
    found, _ = solve(given)
    price = np.asarray(found.price)
    market = given.market
    alpha, sigma = market.alpha, market.sigma_closed
    reach = np.exp((np.asarray(market.appeal)[:, :-1] - alpha * np.log(price[:, :-1])) * sigma / alpha)
    within = reach / reach.sum(axis=1, keepdims=True)
    value = alpha / sigma * np.log(reach.mean(axis=1)) + np.asarray(market.premium)
    closed = (1.0 / (1.0 + np.exp(-value)))[:, None]
    eta = sigma * (1 - within) + within * (alpha * (1 - closed) + elasticity * closed)
    np.testing.assert_allclose(price[:, :-1], given.cost[:, :-1] * eta / (eta - 1), rtol=1e-9)


@pytest.mark.parametrize("each", [1, 3])
def test_a_monopoly_without_substitutes_takes_the_markup_of_total_demand(each):
    """One lab, nobody to turn to: only work that stops altogether restrains it, at its elasticity of 2.5."""
    given = case(labs=1, each=each, elasticity=2.5, premium=np.array([60.0]))
    found, _ = solve(given)
    np.testing.assert_allclose(np.asarray(found.price)[:, :-1], 2.5 / 1.5, rtol=1e-8)
    assert not np.asarray(found.floored).any()


def test_a_monopoly_of_inelastic_demand_stands_on_the_named_floor():
    """Below an elasticity of one no finite price is best; the floor on the elasticity says where it ends."""
    given = case(labs=1, each=2, elasticity=0.6, premium=np.array([60.0]))
    found, _ = solve(given, floor=1.15)
    np.testing.assert_allclose(np.asarray(found.price)[:, :-1], 1.15 / 0.15, rtol=1e-12)
    assert np.asarray(found.floored)[:, :-1].all()
    assert not np.asarray(found.floored)[:, -1].any()
    assert float(found.residual) == 0.0


@pytest.mark.parametrize(("sigma", "tolerance"), [(3.0, 2e-3), (50.0, 2e-3), (1e4, 2e-3)])
def test_a_thousand_identical_labs_leave_the_markup_of_the_nest(sigma, tolerance):
    """Many labs: no markup but that of differentiation; with near-perfect substitutes, cost."""
    found, _ = solve(case(labs=1000, each=1, sigma=sigma))
    np.testing.assert_allclose(np.asarray(found.price)[:, :-1], sigma / (sigma - 1.0), rtol=tolerance)


def test_scaling_every_cost_and_rival_price_scales_prices():
    given = random_case(11, elasticity=0.5)
    twice = replace(
        given, market=given.market._replace(cost=2.0 * given.market.cost), start=2.0 * given.start
    )
    np.testing.assert_allclose(solve(twice)[0].price, 2.0 * np.asarray(solve(given)[0].price), rtol=1e-10)


def test_closed_prices_are_above_cost_and_open_ones_are_left_alone():
    for seed in range(20, 24):
        given = random_case(seed, elasticity=0.4)
        price = np.asarray(solve(given)[0].price)
        assert (price[:, :-1] > given.cost[:, :-1]).all()
        np.testing.assert_array_equal(price[:, -1], given.start[:, -1])


def test_joint_ownership_raises_prices():
    """A merger of substitutes lowers no price of the merged labs."""
    apart = random_case(31, labs=4, each=1, markets=2, cells=3)
    merged = replace(
        apart,
        lab=np.column_stack([apart.lab[:, 0] + apart.lab[:, 1], 0.0 * apart.lab[:, 1], apart.lab[:, 2:]]),
    )
    merged_price, price = np.asarray(solve(merged)[0].price), np.asarray(solve(apart)[0].price)
    assert (merged_price[:, :2] > price[:, :2]).all()


def test_each_step_brings_the_residual_down():
    for seed in range(40, 45):
        residuals = np.asarray(solve(random_case(seed))[1])
        reached = residuals[:60]
        falling = reached[1:] < reached[:-1]
        assert falling[reached[1:] > 1e-13].all()
        rate = (residuals[13] / residuals[3]) ** 0.1
        assert rate < 0.6


def _profits(given: Case, price: Floats, elasticity: float, at: Floats) -> Floats:
    """Each lab's profit at ``price``, when the work of a cell answers the value of what is on offer.

    Work moves with the elasticity ``eps`` in the nested-CES price index; ``at`` are the prices at which it is
    ``market.work``. Written apart from the engine.
    """
    market = given.market
    alpha, scale = float(market.alpha), float(market.alpha / market.sigma_closed)
    to_cells = given.cell_market.T

    def choices(p):
        utility = np.asarray(market.appeal) - alpha * np.log(to_cells @ p)
        reach = np.exp(utility[:, :-1] / scale)
        value = np.exp(scale * np.log(reach.mean(axis=1)) + np.asarray(market.premium))
        outside = np.exp(utility[:, -1])
        shares = (reach / reach.sum(axis=1, keepdims=True)) * (value / (value + outside))[:, None]
        return shares, np.log(value + outside)

    shares, value = choices(price)
    _, before = choices(at)
    work = np.asarray(market.work) * np.exp(elasticity / alpha * (value - before))
    margin = (to_cells @ (price - given.cost))[:, :-1] * shares * work[:, None]
    return np.asarray((margin @ given.lab[:-1]).sum(axis=0))


@pytest.mark.parametrize("elasticity", [0.0, 0.7])
@pytest.mark.parametrize("seed", [51, 52, 53])
def test_no_lab_gains_by_moving_its_prices_alone(seed, elasticity):
    """A grid of deviations, of all of a lab's prices together and of each of its products."""
    given = random_case(seed, elasticity=elasticity)
    price = np.asarray(solve(given)[0].price)
    best = _profits(given, price, elasticity, price)
    for lab in range(given.lab.shape[1]):
        own = np.flatnonzero(given.lab[:, lab])
        for moved in (own, *own[:, None]):
            for factor in (0.6, 0.8, 0.95, 0.99, 1.01, 1.05, 1.25, 1.6, 2.5, 6.0):
                other = price.copy()
                other[:, moved] *= factor
                gain = _profits(given, other, elasticity, price)[lab] / best[lab] - 1.0
                assert gain < 1e-9, (lab, moved, factor)
