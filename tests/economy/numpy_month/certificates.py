"""Certificates of the month, but for the deviation check of prices."""

import numpy as np

from tests.economy.numpy_month.axes import Array, Bag

#: Fields of the state in which anything that is no number must show.
_WATCHED = (
    "cash",
    "investment",
    "sentiment",
    "capability",
    "open_public",
    "vintage",
    "adopters",
    "log_price_used",
    "log_rental",
    "log_firms",
    "log_mispricing",
)


def certify(targets: Bag, cleared: Bag, account: Bag, after: Bag) -> dict[str, Array]:
    """Return the figure of each certificate, one a draw."""
    shares = np.sum(after.closed_shares, axis=(3, 4, 5)) + np.sum(after.open_shares, axis=3)
    watched = [getattr(after, name) for name in _WATCHED] + [after.revenue_memory[0]]
    finite = [np.all(np.isfinite(array.reshape(-1, array.shape[-1])), axis=0) for array in watched]
    return {
        "pricing": targets.residual,
        "clearing": np.max(cleared.residual, axis=0),
        "money": account.money_gap,
        "cash": account.lab.cash_gap,
        "shares": np.max(np.abs(shares - 1.0), axis=(0, 1, 2)),
        "finite": np.where(np.all(finite, axis=0), 0.0, 1.0),
    }
