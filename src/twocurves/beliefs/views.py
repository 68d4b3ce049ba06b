"""Beliefs and draws as tables and records, for people and for ``--json``."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.drawing import Draws
from twocurves.beliefs.montecarlo import monte_carlo_error
from twocurves.errors import unknown

_PERCENTILES = np.array([0.05, 0.5, 0.95])


def beliefs_table(beliefs: Beliefs) -> pl.DataFrame:
    """Return a row for each full name: group, unit, role, nature, percentiles, bounds, evidence, source."""
    return pl.DataFrame(
        [
            {"group": group.title, **_belief(beliefs, full_name)}
            for group in beliefs.groups
            for name in group.names
            for full_name in beliefs.full_names(name)
        ],
        infer_schema_length=None,
    )


def describe(beliefs: Beliefs, name: str) -> dict[str, Any]:
    """Return all that is said of a parameter (or its symbol), an entity, an event, a target or a scenario.

    Returns
    -------
    dict
        ``kind`` says which of these it is; an event's own kind is ``event_kind``.

    Raises
    ------
    BadInputError
        Nothing has that name; the nearest is suggested.
    """
    for kind, entities in beliefs.entities.items():
        if name in entities:
            entity = entities[name].model_dump(exclude={"priors"})
            own = [
                full for full in beliefs.names if full.endswith(f".{name}") and _is_of(beliefs, full, kind)
            ]
            return {"kind": kind, **entity, "priors": [_short(beliefs, full) for full in own]}
    if name in beliefs.scenarios:
        return {"kind": "scenario", **beliefs.scenarios[name].model_dump()}
    if name in beliefs.events:
        event = beliefs.events[name].model_dump()
        return {"kind": "event", "event_kind": event.pop("kind"), **event}
    if name in beliefs.targets:
        return {"kind": "target", **beliefs.targets[name].model_dump()}
    known = {*beliefs.parameters, *beliefs.scenarios, *beliefs.events, *beliefs.targets}
    known |= {entity for entities in beliefs.entities.values() for entity in entities}
    symbols = {entry.symbol for entry in beliefs.parameters.values() if entry.symbol}
    if name.partition(".")[0] not in known | symbols:
        raise unknown("belief, actor or scenario", name, known, also=symbols)
    canonical = beliefs.canonical(name)
    parameter = beliefs.parameter_of(canonical)
    full_names = beliefs.resolve(canonical)
    return {
        "kind": "parameter",
        **parameter.model_dump(exclude={"default", "distribution"}),
        "priors": [_short(beliefs, full) for full in full_names],
    }


def draws_table(beliefs: Beliefs, drawn: Draws) -> pl.DataFrame:
    """Return a row for each full name: percentiles, mean and its Monte Carlo error, over sound draws."""
    rows = []
    for name in drawn.names:
        values = drawn.values[name][drawn.ok]
        error = monte_carlo_error(values, drawn.replicate[drawn.ok])
        low, middle, high = np.quantile(values, _PERCENTILES) if len(values) else (np.nan,) * 3
        rows.append(
            {
                "full_name": name,
                "unit": beliefs.parameter_of(name).unit,
                "p05": float(low),
                "p50": float(middle),
                "p95": float(high),
                "mean": error.mean,
                "mean_error": error.standard_error,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def accounting(drawn: Draws) -> dict[str, Any]:
    """Return how many draws were asked for, are in order and were rejected, with the causes."""
    return {
        "asked": len(drawn),
        "ok": int(drawn.ok.sum()),
        "failed": int((~drawn.ok).sum()),
        "causes": drawn.rejected(),
    }


def _belief(beliefs: Beliefs, full_name: str) -> dict[str, Any]:
    parameter = beliefs.parameter_of(full_name)
    prior = beliefs.priors.get(full_name)
    return {
        **_short(beliefs, full_name),
        "symbol": parameter.symbol,
        "meaning": parameter.meaning,
        "unit": parameter.unit,
        "role": parameter.role,
        "nature": parameter.nature,
        "lowest": parameter.bounds[0],
        "highest": parameter.bounds[1],
        "identified_by": parameter.identified_by,
        "formula": parameter.formula,
        "note": prior.note if prior is not None else "",
    }


def _short(beliefs: Beliefs, full_name: str) -> dict[str, Any]:
    distribution = beliefs.distributions.get(full_name)
    prior = beliefs.priors.get(full_name)
    low, middle, high = distribution.quantile(_PERCENTILES) if distribution is not None else (None,) * 3
    return {
        "full_name": full_name,
        "p05": None if low is None else float(low),
        "p50": None if middle is None else float(middle),
        "p95": None if high is None else float(high),
        "evidence": prior.evidence if prior is not None else None,
        "source": prior.source if prior is not None else None,
    }


def _is_of(beliefs: Beliefs, full_name: str, kind: str) -> bool:
    return beliefs.parameter_of(full_name).index == kind
