"""Certificates: what must hold in every month of every draw, and by how much it does.

    pricing     largest relative first-order residual of target prices, off the floors
    deviation   largest share of profit a lab would gain by moving its prices alone (in sampled months)
    clearing    relative distance of hours demanded from supplied at the clearing price, and of those served
    money       relative difference between what final buyers pay and what layers receive
    cash        change of cash not explained by named flows
    shares      largest distance of a cell's shares from one
    finite      1 where something of the state is not a number

A draw in which one exceeds its tolerance has failed: it keeps its numbers up to there and is counted as
failed, with the month, the mechanism and the figure.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from twocurves.economy.accounts import Accounts
from twocurves.economy.axes import greatest, total
from twocurves.economy.clearing import Cleared
from twocurves.economy.pricing import Targets
from twocurves.economy.state import State

#: Months from one deviation check to the next.
DEVIATION_EVERY = 24

#: Largest figure at which each certificate holds, in float32.
TOLERANCES: dict[str, float] = {
    "finite": 0.5,
    "pricing": 1e-2,
    "deviation": 1e-2,
    "clearing": 1e-3,
    "money": 1e-4,
    "cash": 1e-4,
    "shares": 1e-4,
}


class Certificates(NamedTuple):
    """Figures of the month, one a draw; see above. What is no number is the first cause to name."""

    finite: Array
    pricing: Array
    deviation: Array
    clearing: Array
    money: Array
    cash: Array
    shares: Array


class Verdict(NamedTuple):
    """What the certificates say of each draw.

    Attributes
    ----------
    ok
        Whether all held in all months.
    month
        Months after January 2023 of the first that did not, -1 when all held.
    mechanism
        Place in :data:`TOLERANCES` of what failed, -1 when nothing did.
    figure
        By how much, in the certificate's own terms.
    """

    ok: Array
    month: Array
    mechanism: Array
    figure: Array


def certify(targets: Targets, cleared: Cleared, account: Accounts, after: State) -> Certificates:
    """Return the month's certificates; the deviation check, made in sampled months, is left at zero."""
    shares = total(after.closed_shares, (3, 4, 5)) + total(after.open_shares, 3)
    watched = (
        total(jnp.abs(after.cash))
        + total(after.revenue_memory[0])
        + after.investment
        + after.sentiment
        + total(after.capability)
        + total(after.open_public)
        + total(after.vintage, (0, 1))
        + total(after.adopters, (0, 1))
        + total(after.log_price_used, (0, 1))
        + total(after.log_rental)
        + total(after.log_firms)
        + total(after.log_mispricing)
    )
    return Certificates(
        finite=1.0 - jnp.isfinite(watched).astype(watched.dtype),
        pricing=targets.residual,
        deviation=jnp.zeros_like(targets.residual),
        clearing=greatest(cleared.residual),
        money=account.money_gap,
        cash=account.cash_gap,
        shares=greatest(jnp.abs(shares - 1.0), (0, 1, 2)),
    )


def judge(proofs: Certificates) -> Verdict:
    """Return the verdict on each draw from a path of certificates, months first."""
    # Not "greater than": a figure that is no number has failed too.
    broken = jnp.stack(
        [~(figure <= TOLERANCES[name]) for name, figure in zip(proofs._fields, proofs, strict=True)], axis=1
    )
    figures = jnp.stack(list(proofs), axis=1)
    months, mechanisms = broken.shape[:2]
    flat = broken.reshape(months * mechanisms, -1)
    failed = jnp.any(flat, axis=0)
    first = jnp.argmax(flat, axis=0)
    figure = jnp.take_along_axis(figures.reshape(months * mechanisms, -1), first[None], axis=0)[0]
    return Verdict(
        ~failed,
        jnp.where(failed, first // mechanisms, -1),
        jnp.where(failed, first % mechanisms, -1),
        jnp.where(failed, figure, 0.0),
    )
