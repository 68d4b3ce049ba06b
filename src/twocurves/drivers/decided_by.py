"""The table of claims and inputs, kept in the folder of a run, so that others can say what decides a claim.

``drivers/claims.json`` names the inputs that decide each claim, ``drivers/claims.parquet`` holds the whole
table, a row for each claim and input. Both can be made again from the run at any time.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twocurves.drivers.claims_table import ClaimsTable, Decider, claims_table
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.storage import Storage, storage_at

#: Folder of everything that is made from a run and kept in it.
FOLDER = "drivers"

_SHORT, _WHOLE = f"{FOLDER}/claims.json", f"{FOLDER}/claims.parquet"

#: Version of the short file.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """What decides a claim.

    Attributes
    ----------
    belief, choice
        Full names; None where none is beyond what a dummy reaches.
    effect
        Effect of the stronger of the two, between -1 and 1; None without one.
    """

    belief: str | None
    choice: str | None
    effect: float | None

    @property
    def name(self) -> str | None:
        """The belief that decides it, or the choice where no belief does."""
        return self.belief or self.choice


def write_decided_by(run: StoredRun) -> ClaimsTable:
    """Find what decides every claim, and keep it in the run's folder.

    Raises
    ------
    BadInputError
        The run has too few draws.
    UnwritableRunError
        The folder takes no file.
    """
    found = claims_table(run)
    storage = storage_at(run.path)
    storage.write(_WHOLE, _parquet(found))
    storage.write(_SHORT, json.dumps(claims_record(run, found), indent=1).encode())
    return found


def read_decided_by(run: StoredRun) -> Mapping[str, DecidedBy] | None:
    """Return what decides each claim of a run, None where nobody has found it yet or the run has changed."""
    storage = storage_at(run.path)
    try:
        held = json.loads(_read(storage, _SHORT) or "null")
    except ValueError:  # half a file, or none of ours: it is made again when it is asked for
        return None
    if not isinstance(held, dict) or held.get("format") != _FORMAT or held.get("digest") != run.digest:
        return None
    return {
        claim: DecidedBy(one["decided_by_belief"], one["decided_by_choice"], one["effect"])
        for claim, one in held["claims"].items()
    }


def _read(storage: Storage, name: str) -> str | None:
    return storage.read(name).decode() if storage.size(name) is not None else None


def claims_record(run: StoredRun, found: ClaimsTable) -> dict[str, Any]:
    """Return what decides every claim, as the short file holds it and ``--json`` prints it."""
    claims = {}
    for place, claim in enumerate(found.claims):
        beliefs, choices = found.deciders(claim, "belief"), found.deciders(claim, "choice")
        both = sorted([*beliefs[:1], *choices[:1]], key=lambda one: -abs(one.effect))
        claims[claim] = {
            "decided_by_belief": beliefs[0].input.name if beliefs else None,
            "decided_by_choice": choices[0].input.name if choices else None,
            "effect": both[0].effect if both else None,
            "beliefs": [decider_record(one) for one in beliefs],
            "choices": [decider_record(one) for one in choices],
            "noise_floor": float(found.floor[place]),
            "explained": float(found.explained[place]),
        }
    return {
        "format": _FORMAT,
        "run": run.name,
        "digest": run.digest,
        "draws": found.draws,
        "claims": claims,
        "skipped": dict(found.skipped),
    }


def decider_record(one: Decider) -> dict[str, Any]:
    """Return an input that decides a claim, as ``--json`` prints it."""
    return {
        "name": one.input.name,
        "effect": one.effect,
        "total": one.total if np.isfinite(one.total) else None,
    }


def _parquet(found: ClaimsTable) -> bytes:
    import polars as pl

    inputs, claims = found.rank.shape
    frame = pl.DataFrame(
        {
            "claim": np.repeat(np.array(found.claims), inputs),
            "name": np.tile(np.array([one.name for one in found.inputs]), claims),
            "nature": np.tile(np.array([one.nature for one in found.inputs]), claims),
            "rank_correlation": found.rank.T.ravel(),
            "effect": found.effect.T.ravel(),
            "total_effect": found.total.T.ravel(),
            "noise_floor": np.repeat(found.floor, inputs),
        }
    ).with_columns(total_effect=pl.col("total_effect").fill_nan(None))
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()
