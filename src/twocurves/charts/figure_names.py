"""The figures of runs and of other commands' findings, by name; light to import, so that lists print fast."""

from __future__ import annotations

from collections.abc import Mapping

#: Figures of a run, and what they show; :mod:`twocurves.charts.run_figures` draws them.
RUN_NAMES: Mapping[str, str] = {
    "two_curves": "net revenue of both economies, and the open part of it",
    "capability": "the best closed and open model, and the lag",
    "prices_paid": "prices paid for closed and for open work, and their ratio",
    "outlook": "small fans: shares, the premium of the best, revenue of labs",
    "claims": "every claim as twenty dots",
    "value_captured": "what both economies capture, under three rules",
    "value_by_layer": "who captures the value, layer by layer",
    "lag_by_year": "the spread of the lag in several years",
    "claim_grid": "which assumptions bear on which claims",
    "claims_moved": "the claims in two runs (--beside)",
    "scenarios": "open net revenue in the runs of several scenarios, as ridges (--beside, again for each)",
}

#: Of these, figures of two runs.
OF_TWO_RUNS = frozenset({"claims_moved"})

#: Of these, figures of the runs of several scenarios.
OF_SEVERAL_RUNS = frozenset({"scenarios"})

#: Figures of what a command prints with --json: what they show, and the command;
#: :mod:`twocurves.charts.input_figures` draws them.
INPUT_NAMES: Mapping[str, tuple[str, str]] = {
    "drivers": ("which beliefs decide an outcome or a claim", "drivers"),
    "tornado": ("an outcome at both ends of each belief", "drivers"),
    "regret": ("the regret of moving a workload, month by month", "decide"),
    "stay_or_move": ("what staying and moving now cost, month by month", "decide"),
    "moved_now": ("what moving a workload now gives, as twenty dots", "decide"),
    "decision_tornado": ("what moving now saves at both ends of each belief", "decide"),
    "break_even": ("how busy a rented machine must be to match a host", "decide"),
    "calibration": ("how often what came lay inside forecast intervals", "score"),
    "pit": ("where what came fell within its forecasts", "score"),
}
