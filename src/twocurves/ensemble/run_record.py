"""A run as ``twocurves run --json`` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twocurves.claims import Ledger, load_ledger
from twocurves.ensemble.answers import claim_record, probabilities
from twocurves.ensemble.captured import captured
from twocurves.ensemble.headline import headline
from twocurves.ensemble.key_numbers import outcome_rows
from twocurves.ensemble.results import StoredRun


def identity(run: StoredRun) -> dict[str, Any]:
    """Return which run it is, as ``--json`` prints it."""
    plan = run.plan
    return {
        "run": run.name,
        "path": run.path,
        "scenario": plan.scenario,
        "settings": dict(plan.settings),
        "seed": plan.seed,
        "digest": run.digest,
    }


def run_record(
    run: StoredRun, *, seconds: float | None = None, ledger: Ledger | None = None
) -> dict[str, Any]:
    """Return a run as ``--json`` prints it: counts, headline, outcomes, claims, provenance.

    Parameters
    ----------
    seconds
        How long it took; None for a run that was only opened.
    ledger
        The claims; the packaged ones when left out.
    """
    questions = load_ledger() if ledger is None else ledger
    said = headline(run)
    year, rows = captured(run)
    found = probabilities(run)
    counts = run.counts
    plan = run.plan
    return {
        **identity(run),
        "data_to": plan.data_to.isoformat(),
        "seconds": seconds,
        "headline": None if said is None else said.sentence,
        "growth": None if said is None else said.as_record(),
        "captured": {"year": year, "rules": [row.as_record() for row in rows]},
        "draws": {
            "asked": counts.asked,
            "ok": counts.ok,
            "failed": counts.failed,
            "causes": counts.causes,
        },
        "outcomes": [row.as_record() for row in outcome_rows(run)],
        "claims": [
            claim_record(question, found.get(question.id))
            for question in questions
            if question.headline or question.claim.id == "C10"
        ],
        "beliefs_from": plan.beliefs_from,
        "months": {"from": plan.from_month, "until": plan.until, "kept": len(plan.months)},
        "command": run.manifest.command,
        "versions": {
            "twocurves": plan.code_version,
            "jax": plan.jax_version,
            "numpy": plan.numpy_version,
            "compiler_flags": list(plan.compiler_flags),
            "code": plan.code_digest,
            "beliefs": plan.beliefs_digest,
            "data": plan.data_digest,
        },
        "precision": plan.precision,
        "device": plan.device,
    }


def causes_in_words(causes: Mapping[str, int]) -> str:
    """Write the causes of failed draws as a phrase."""
    return ", ".join(f"{count:,} {cause}" for cause, count in causes.items())
