"""Why an outcome differs between two runs: the change shared out among what differs between them.

Both runs hold the values of every draw, and draw ``i`` of a seed has the same shocks in both. A run half way
between the two has the values of some parameters from one and of the others from the other; its outcome is
computed on the same draws. So two scenarios, a setting more or less, or a prior and a fit are one case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twocurves.drivers.replay import Replay
from twocurves.drivers.shapley import Shares, shares
from twocurves.drivers.target import Target, find_target
from twocurves.ensemble.results import StoredRun
from twocurves.errors import BadInputError
from twocurves.randomness import stream_key

#: Draws computed for each mixture of the two runs.
DRAWS = 128

#: Parameters that differ, up to which each has a share of its own; of more, the groups of the files have one.
MOST_APART = 12


@dataclass(frozen=True)
class Part:
    """What differs between two runs, and its share of the change.

    Attributes
    ----------
    name
        A parameter's name (all its entities), or the title of a group of parameters.
    parameters
        Full names that differ.
    ordered, shapley, error
        Its shares, and the error of the second from the orders that were drawn.
    """

    name: str
    parameters: tuple[str, ...]
    ordered: float
    shapley: float
    error: float


@dataclass(frozen=True)
class Explained:
    """A change shared out.

    Attributes
    ----------
    a, b
        The runs compared from and to.
    target
        What changed.
    before, after
        Its mean (of a claim its probability) over the draws used.
    draws
        Draws that came through in every mixture.
    exact
        Whether the Shapley shares are over all orders.
    parts
        Shares that add up to the change, the largest first.
    """

    a: StoredRun
    b: StoredRun
    target: Target
    before: float
    after: float
    draws: int
    exact: bool
    parts: tuple[Part, ...]

    @property
    def change(self) -> float:
        """What is shared out."""
        return self.after - self.before

    def as_record(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "target": self.target.name,
            "a": self.a.name,
            "b": self.b.name,
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "draws": self.draws,
            "exact": self.exact,
            "parts": [
                {
                    "name": part.name,
                    "parameters": list(part.parameters),
                    "ordered": part.ordered,
                    "shapley": part.shapley,
                    "error": part.error,
                }
                for part in self.parts
            ],
        }


def explain(
    a: StoredRun,
    b: StoredRun,
    target: str,
    *,
    draws: int = DRAWS,
    progress: Callable[[int], None] | None = None,
) -> Explained:
    """Share out the change of a target between two runs.

    Parameters
    ----------
    a, b
        Runs with the same seed.
    target
        An outcome or claim, as for :func:`twocurves.drivers.target.find_target`.
    draws
        How many of their draws are computed for each mixture.
    progress
        Told how many mixtures have been computed.

    Raises
    ------
    BadInputError
        The seeds differ, nothing differs, or there is no such target.
    """
    if a.plan.seed != b.plan.seed:
        raise BadInputError(
            f"{a.name} and {b.name} do not share their futures: seed {a.plan.seed} and seed {b.plan.seed}; "
            f"run one of them again with --seed {a.plan.seed}.",
            field="--seed",
            given=[a.plan.seed, b.plan.seed],
            allowed="the same seed in both",
        )
    asked = find_target(a, target)
    find_target(b, target)
    count = min(draws, a.plan.draws, b.plan.draws)
    before, after = Replay.of(a, count), Replay.of(b, count)
    names = [
        name for name in before.beliefs.names if not np.array_equal(before.values[name], after.values[name])
    ]
    set_in_one = {name for name in names if (name in before.changed) != (name in after.changed)}
    derived = {one for entry in before.beliefs.derived for one in before.beliefs.full_names(entry.name)}
    moved = [name for name in names if name not in derived or name in set_in_one | before.changed]
    if not moved:
        raise BadInputError(
            f"{a.name} and {b.name} hold the same values in every future, so there is nothing to explain.",
            field="run",
            given=b.name,
            allowed="a run in which something differs",
        )
    parts = _parts(before, moved)
    kept = np.ones(count, dtype=np.bool_)
    outcomes: dict[frozenset[int], np.ndarray[Any, np.dtype[np.float64]]] = {}

    def compute(subset: frozenset[int]) -> float:
        taken = [name for place in subset for name in parts[place][1]]
        # Draws that fail in some mixture are dropped from all at the end, so that the shares still add up.
        outcomes[subset] = before.run([asked], {name: after.values[name] for name in taken})[:, 0]
        if progress is not None:
            progress(len(outcomes))
        return 0.0

    seed = stream_key(a.plan.seed, f"drivers/explain/{asked.name}")
    shares(len(parts), compute, np.random.default_rng(seed))
    for figures in outcomes.values():
        kept &= np.isfinite(figures)
    if not kept.any():
        raise BadInputError(
            f"No future came through in every mixture of {a.name} and {b.name}; compare scenarios that are "
            "nearer to each other.",
            field="run",
            given=b.name,
            allowed="runs between which the economy can be computed",
        )
    found = shares(
        len(parts), lambda subset: float(outcomes[subset][kept].mean()), np.random.default_rng(seed)
    )
    return Explained(
        a, b, asked, found.before, found.after, int(kept.sum()), found.exact, _shared(parts, found)
    )


def _parts(replay: Replay, moved: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what differs, by parameter, or by group of the belief files where there are many."""
    plain = {name: name.partition(".")[0] for name in moved}
    groups = {name: group.title for group in replay.beliefs.groups for name in group.names}
    by = plain if len(set(plain.values())) <= MOST_APART else {name: groups[plain[name]] for name in moved}
    found: dict[str, list[str]] = {}
    for name in moved:
        found.setdefault(by[name], []).append(name)
    return [(title, tuple(names)) for title, names in found.items()]


def _shared(parts: list[tuple[str, tuple[str, ...]]], found: Shares) -> tuple[Part, ...]:
    made = [
        Part(
            name, names, float(found.ordered[place]), float(found.shapley[place]), float(found.spread[place])
        )
        for place, (name, names) in enumerate(parts)
    ]
    return tuple(sorted(made, key=lambda part: -abs(part.shapley)))
