"""A way of buying the work, and all that such ways are built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twocurves.decide.load import Load
from twocurves.decide.market import Market
from twocurves.decide.need import Need
from twocurves.decide.token_cost import TokenPrice
from twocurves.decide.workload import Workload
from twocurves.decide.world import Paths, World

Truths = NDArray[np.bool_]

MONTHS_PER_YEAR = 12.0

TITLES: Mapping[str, str] = {
    "closed_seats": "closed plans by the seat",
    "closed_api": "the closed API",
    "closed_cloud": "the closed API through a cloud",
    "closed_cheapest": "the cheapest closed model that suffices",
    "hosted_open": "a hosted open model",
    "dedicated_open": "an open model on rented machines",
    "own_open": "an open model on machines of your own",
    "tuned_hosted": "a tuned open model at a host",
    "tuned_dedicated": "a tuned open model on rented machines",
    "tuned_own": "a tuned open model on machines of your own",
    "routed_mix": "a router (easy work open, hard work closed)",
    "keep_both": "both (whichever is cheaper each month)",
}


@dataclass(frozen=True)
class Option:
    """A way of buying the work.

    Attributes
    ----------
    name, title, what
        Its name, what it is in words, and which model and seller it would be today.
    running
        Cost of each month once there, USD, shape ``(draws, months)``: tokens or machines, people, failures,
        expected costs of risks.
    entry
        Cost of entering in each month, USD as of that month, same shape.
    allowed
        Whether it can be entered in that month of that draw.
    token_usd, failing_usd
        Of ``running``, what tokens or machines and their people cost, and what failures cost.
    refused
        Why it is ruled out altogether; empty when it is not.
    risk_usd
        Of ``running``, the expected cost of each risk by name.
    sellers
        Spread of today's sellers, where it is bought by the token.
    """

    name: str
    title: str
    what: str
    running: Paths
    entry: Paths
    allowed: Truths
    token_usd: Paths
    failing_usd: Paths
    refused: str = ""
    risk_usd: Mapping[str, Paths] = field(default_factory=dict)
    sellers: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Setting:
    """All that options are built from.

    Attributes
    ----------
    workload, load, market, world, need
        The buyer's case, today's market, tomorrow's draws.
    volume
        Work of each month over the first's, shape ``(months,)``.
    discount
        Value today of a dollar next month.
    """

    workload: Workload
    load: Load
    market: Market
    world: World
    need: Need
    volume: NDArray[np.float64]
    discount: float

    def tokens_usd(self, price: TokenPrice) -> float:
        """Return the first month's tokens at a price."""
        return price.usd(self.load.input_tokens, self.load.output_tokens, self.load.cached_tokens)

    @property
    def usd_per_failure(self) -> float:
        """What a failed task costs: its value and the error's."""
        return self.workload.quality.usd_per_task + self.workload.quality.usd_per_error

    @property
    def staff_usd(self) -> float:
        """A month's people for machines."""
        operations = self.workload.operations
        return operations.staff_fte * operations.usd_per_fte_year / MONTHS_PER_YEAR

    def failing_usd(self, quality: Paths, easier_by: float = 0.0) -> Paths | float:
        """Return a month's cost of failures at a quality; 0 where neither value nor error is stated."""
        if not self.load.tasks or not self.usd_per_failure:
            return 0.0
        return self.load.tasks * self.volume * self.usd_per_failure * self.need.failing(quality + easier_by)

    def outage_usd(self, unavailable: float) -> NDArray[np.float64]:
        """Return a month's value of tasks not done while a service does not answer."""
        return self.load.tasks * self.volume * self.workload.quality.usd_per_task * unavailable
