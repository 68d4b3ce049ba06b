"""The table of the grid of claims against assumptions, from what decides the claims of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.beliefs.naming import full_plain_name

if TYPE_CHECKING:
    from twocurves.claims import Ledger
    from twocurves.drivers.claims_table import ClaimsTable

#: Assumptions shown at most, those first that move any claim most.
MOST_SHOWN = 24


def grid_table(found: ClaimsTable, ledger: Ledger, most: int = MOST_SHOWN) -> pl.DataFrame:
    """Return the rank correlation of the strongest assumptions with the headline question of every claim.

    Parameters
    ----------
    found
        All claims against all inputs.
    ledger
        The claims; those of which nothing can be said are left out.
    most
        Assumptions at most.

    Returns
    -------
    polars.DataFrame
        ``claim`` (its id), ``name`` and ``belief`` (the assumption), ``effect``, ``above_noise``; in the
        order in which they are drawn. Empty where nothing can be said of any claim.
    """
    headlines = [one for one in ledger.headlines if one.id in found.claims]
    places = [found.claims.index(one.id) for one in headlines]
    rank = found.rank[:, places]
    clear = np.abs(rank) > found.floor[places]
    strength = np.where(clear, np.abs(rank), 0.0).max(axis=1, initial=0.0)
    order = [row for row in np.argsort(-strength, kind="stable")[:most].tolist() if strength[row] > 0]
    schema = {
        "claim": pl.String(),
        "name": pl.String(),
        "belief": pl.String(),
        "effect": pl.Float64(),
        "above_noise": pl.Boolean(),
    }
    return pl.DataFrame(
        [
            {
                "claim": one.claim.id,
                "name": found.inputs[row].name,
                "belief": full_plain_name(found.inputs[row].name),
                "effect": float(rank[row, column]),
                "above_noise": bool(clear[row, column]),
            }
            for row in order
            for column, one in enumerate(headlines)
        ],
        schema=schema,
    )
