"""Machines for open weights: how much of them work needs, how many to keep, what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from twocurves.decide.assumptions import SECONDS_PER_MONTH, Size, number
from twocurves.decide.workload import Operations
from twocurves.decide.world import Paths, World

#: Accelerators that serve one copy of a model.
_REPLICA_SIZES = (1, 2, 4, 8, 16, 24, 32, 48, 64)


@dataclass(frozen=True, slots=True)
class Serving:
    """What one model takes to serve.

    Attributes
    ----------
    seconds_per_input, seconds_per_output
        Seconds of one accelerator, fully used, for an uncached token read and for a token written.
    replica
        Accelerators that hold one copy.
    """

    seconds_per_input: float
    seconds_per_output: float
    replica: int

    def seconds(self, input_tokens: float, output_tokens: float, cached_tokens: float) -> float:
        """Return seconds of an accelerator, fully used, for these tokens."""
        read = input_tokens - cached_tokens + number("cached_token_work") * cached_tokens
        return read * self.seconds_per_input + output_tokens * self.seconds_per_output


def serving(size: Size, operations: Operations) -> Serving:
    """Work out what a model takes: the throughput measured by the buyer, else the reference scaled.

    The reference service's tokens per second of an accelerator times its active parameters over the
    model's, times the share that one buyer reaches (hardware.toml).
    """
    held = size.total_billion * size.bytes_per_parameter * number("memory_headroom")
    least = held / number("memory_gigabytes_per_gpu")
    replica = next((count for count in _REPLICA_SIZES if count >= least), ceil(least))
    read, written = operations.input_tokens_per_second_per_gpu, operations.output_tokens_per_second_per_gpu
    if read is None or written is None:
        reach = number("share_of_reference_throughput") * number("reference_active_billion")
        reach /= size.active_billion
        read = number("reference_input_tokens_per_second") * reach
        written = number("reference_output_tokens_per_second") * reach
    return Serving(1.0 / read, 1.0 / written, replica)


def accelerators(needs: Serving, seconds_per_month: Paths, peak_over_mean: float) -> Paths:
    """Return how many accelerators to keep: whole copies for the busiest hour, and spares.

    Parameters
    ----------
    seconds_per_month
        Seconds of an accelerator, fully used, that a month's work takes.
    """
    busy = seconds_per_month * peak_over_mean / SECONDS_PER_MONTH
    copies = np.ceil(busy / (needs.replica * number("peak_utilisation")) - 1e-9)
    return (np.maximum(copies, 1.0) + number("spare_replicas")) * needs.replica


def rented_usd(count: Paths, world: World, operations: Operations) -> Paths:
    """Return a month's rent: reserved whole, used or not."""
    hourly = operations.usd_per_gpu_hour or number("rental_usd_per_gpu_hour")
    return count * hourly * world.rental * (SECONDS_PER_MONTH / 3600.0)


def owned_running_usd(count: Paths) -> Paths:
    """Return a month's electricity, site and spares."""
    return count * number("own_running_usd_per_gpu_hour") * (SECONDS_PER_MONTH / 3600.0)


def bought_usd(world: World, operations: Operations, discount: float) -> Paths:
    """Return what one accelerator bought in each month costs, as of that month, to the horizon's end.

    Purchase, purchases anew at the end of its life, less what it brings when the horizon ends: the resale
    share of a new one's price, straight down with age.

    Parameters
    ----------
    discount
        Value today of a dollar next month.
    """
    first = operations.usd_per_gpu or number("purchase_usd_per_gpu")
    price = first * world.machine
    months, life = world.months, round(number("hardware_life_months"))
    cost = np.zeros_like(price)
    for month in range(months):
        bought = month
        while bought < months:
            cost[:, month] += discount ** (bought - month) * price[:, bought]
            bought += life
        age = months - (bought - life)
        left = number("resale_share") * max(0.0, 1.0 - age / life)
        cost[:, month] -= discount ** (months - month) * left * price[:, -1]
    return cost


def break_even_utilisation(
    usd_per_gpu_hour: Paths | float, tokens_per_gpu_hour: Paths | float, usd_per_million: Paths | float
) -> Paths | float:
    """Return the share of hours in which a rented accelerator must work to match a price per token.

    ``u = R / (Q P / 10^6)``: rent per hour over what the tokens of a full hour cost at the host. Above one
    the host is cheaper however busy the machine is.
    """
    return usd_per_gpu_hour / (tokens_per_gpu_hour * usd_per_million / 1e6)


def dedicated_usd_per_million(
    usd_per_gpu_hour: float, tokens_per_gpu_hour: float, utilisation: float
) -> float:
    """Return the cost of a million tokens on a rented accelerator that works this share of its hours."""
    return usd_per_gpu_hour / (tokens_per_gpu_hour * utilisation / 1e6)
