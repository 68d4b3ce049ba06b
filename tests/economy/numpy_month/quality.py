"""Quality: the chance that a product does a segment's work well."""

import numpy as np
from scipy.special import expit

from tests.economy.numpy_month.axes import Array, Bag, Numbers, contract, fit
from twocurves.economy.structure import Structure


def quality(
    b: Numbers,
    s: Structure,
    sold: Array,
    opened: Array,
    vintage: Array,
    frontier: Array,
    niche: Array,
    value: Array,
    work: Array,
) -> Bag:
    """Return quality of closed ``[s, l, c]`` and open products ``[r, s, o]`` and of those in use.

    What a product ``lacks`` is one less its quality, with all its digits where quality is near one.
    ``sold`` is ``[l, c]``, ``opened`` ``[o]``, ``vintage``, ``value`` and ``work`` ``[r, s]``.
    """
    tracking = b["task_frontier_tracking"] * b["task_frontier_exposure"]
    hard = b["task_difficulty"] + tracking * np.maximum(frontier - b["task_frontier_reference"], 0.0)
    width = b["difficulty_width"]
    unlike = b["ood_penalty"] * b["ood_exposure"]

    untuned = expit((vintage - unlike - hard) / width)
    uplift = b["customisation_uplift"] * b["customisation_weight"] * (1.0 + niche) * (1.0 - untuned)
    gain = expit((vintage + uplift - unlike - hard) / width) - untuned
    worth = gain * value * work * b["adopters_per_tuned_model"] * b["customisation_life"]
    odds = (np.maximum(worth, 1e-12) / b["customisation_cost"]) ** 2
    tuned = odds / (1.0 + odds)
    raised = uplift * tuned

    on_device = fit(s.open_local, "o", "so") * fit(s.segment_local, "s", "so")
    smaller = on_device * fit(b["local_capability_gap"], "", "so")
    ability = fit(opened, "o", "rso") + fit(raised, "rs", "rso") - fit(unlike + hard, "s", "rso")
    ability = ability - fit(smaller, "so", "rso")
    closed = (fit(sold, "lc", "slc") - fit(hard, "s", "slc")) / fit(width, "s", "slc")
    opened = ability / fit(width, "s", "rso")
    return Bag(
        closed=expit(closed),
        closed_lacks=expit(-closed),
        open=expit(opened),
        open_lacks=expit(-opened),
        in_use=expit((vintage + raised - unlike - hard) / width),
    )


def used(s: Structure, found: Bag, closed: Array, opened: Array) -> Array:
    """Return the mean quality in use over users ``[r, s]``."""
    by_closed = contract("rsvlct,v,slc->rs", closed, s.band_share, found.closed)
    in_use: Array = by_closed + contract("rsvo,v->rs", opened, s.band_share) * found.in_use
    return in_use
