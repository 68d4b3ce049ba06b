"""A Saltelli design over the inputs that matter most, drawn for a stored run and kept in its folder.

Sample A is the run's first draws; sample B is as many draws further on, shuffled (a draw and the one so many
further on lie close to each other in a Sobol sequence), with the shocks of A. For each chosen input the draws
of A are computed again with that input from B; inputs that were not chosen, and the shocks, vary from draw to
draw and count among "everything else". Rank correlations between inputs hold within A and within B, but not
between an input that was exchanged and the others: the indices answer what would happen to the spread of the
outcome if the input were moved by itself.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.claims import load_ledger
from twocurves.drivers.decided_by import FOLDER
from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.replay import Replay
from twocurves.drivers.sobol_indices import Indices, indices
from twocurves.drivers.target import Target, find_target
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.storage import storage_at
from twocurves.errors import BadInputError
from twocurves.randomness import stream_key

_FILE = f"{FOLDER}/sobol.npz"
_FORMAT = 1

#: Inputs of a design, and its rows, where nobody says how many.
INPUTS, ROWS = 12, 128


@dataclass(frozen=True)
class Design:
    """A Saltelli design as it was computed.

    Attributes
    ----------
    inputs
        Full names of the inputs that were exchanged.
    targets
        Names of the targets that were read: the one it was drawn for and every claim the run answers.
    a, b
        Outcomes in both samples, shape ``(rows, targets)``.
    ab
        With one input from B, shape ``(inputs, rows, targets)``.
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    a: FloatArray
    b: FloatArray
    ab: FloatArray


def draw_design(
    run: StoredRun,
    target: Target,
    inputs: Sequence[str],
    *,
    rows: int = ROWS,
    progress: Callable[[int, int], None] | None = None,
) -> Design:
    """Compute a design for a run and keep it in the run's folder, in place of an older one.

    Parameters
    ----------
    run
        Its first ``2 x rows`` draws are used.
    target
        What is read beside all claims.
    inputs
        Full names of the inputs that are exchanged.
    rows
        Rows of each sample.
    progress
        Told how many of the samples have been computed, and of how many.

    Raises
    ------
    BadInputError
        The run has fewer draws than the design takes.
    UnwritableRunError
        The folder takes no file.
    """
    if 2 * rows > run.counts.stored:
        raise BadInputError(
            f"A design of {rows} rows takes {2 * rows} draws, and {run.name} has {run.counts.stored}; ask "
            f"for --draw-sobol {max(run.counts.stored // 2, 1)} or make a larger run.",
            field="--draw-sobol",
            given=rows,
            allowed=f"up to {run.counts.stored // 2}",
        )
    both = Replay.of(run, 2 * rows)
    first = _part(both, slice(0, rows))
    order = rows + np.random.default_rng(stream_key(run.plan.seed, "drivers/sobol/b")).permutation(rows)
    second = {name: values[order] for name, values in both.values.items()}
    targets = [target, *(one for one in _claims(run) if one.name != target.name)]
    steps = len(inputs) + 2
    found = []
    moves: list[dict[str, FloatArray]] = [{}, {name: second[name] for name in first.beliefs.names}]
    moves += [{name: second[name]} for name in inputs]
    for step, moved in enumerate(moves, start=1):
        found.append(first.run(targets, moved))
        if progress is not None:
            progress(step, steps)
    found[1][~both.usable[order]] = np.nan
    design = Design(
        tuple(inputs), tuple(one.name for one in targets), found[0], found[1], np.stack(found[2:])
    )
    held = io.BytesIO()
    about = {"format": _FORMAT, "digest": run.digest, "inputs": design.inputs, "targets": design.targets}
    np.savez_compressed(
        held,
        a=design.a,
        b=design.b,
        ab=design.ab,
        about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
    )
    storage_at(run.path).write(_FILE, held.getvalue())
    return design


def read_design(run: StoredRun, target: Target) -> Design:
    """Return the design that was drawn for a run.

    Raises
    ------
    BadInputError
        None was, or none that reads this target.
    """
    storage = storage_at(run.path)
    design = None
    if storage.size(_FILE) is not None:
        with np.load(io.BytesIO(storage.read(_FILE)), allow_pickle=False) as held:
            about: dict[str, Any] = json.loads(held["about"].tobytes().decode())
            if about["format"] == _FORMAT and about["digest"] == run.digest:
                design = Design(
                    tuple(about["inputs"]), tuple(about["targets"]), held["a"], held["b"], held["ab"]
                )
    again = f"draw one with `twocurves drivers {target.name} --run {run.name} --draw-sobol {ROWS}`."
    if design is None:
        raise BadInputError(
            f"{run.name} was not drawn for Sobol indices: its futures move all inputs at once, and the "
            f"indices compare futures that differ in one; {again}",
            field="--sobol",
            given=run.name,
            allowed="a run with a Saltelli design",
            suggestion=f"--draw-sobol {ROWS}",
        )
    if target.name not in design.targets:
        raise BadInputError(
            f"The Saltelli design of {run.name} was drawn for {design.targets[0]} and the claims, without "
            f"{target.name}; {again}",
            field="--sobol",
            given=target.name,
            allowed=list(design.targets),
            suggestion=f"--draw-sobol {ROWS}",
        )
    return design


def sobol_indices(run: StoredRun, target: Target) -> tuple[Design, Indices]:
    """Return the indices of a target from the design that was drawn for a run.

    Raises
    ------
    BadInputError
        There is no such design, or the target does not differ between its rows.
    """
    design = read_design(run, target)
    place = design.targets.index(target.name)
    rng = np.random.default_rng(stream_key(run.plan.seed, f"drivers/sobol/{target.name}"))
    try:
        found = indices(design.a[:, place], design.b[:, place], design.ab[:, :, place].T, rng)
    except ValueError:
        raise BadInputError(
            f"{target.name} is the same in all rows of the Saltelli design of {run.name}; draw one with more "
            "rows.",
            field="--sobol",
            given=target.name,
            allowed="a target that differs between the rows",
        ) from None
    return design, found


def _claims(run: StoredRun) -> list[Target]:
    answered = set(run.manifest.description.claims)
    return [find_target(run, question.id) for question in load_ledger() if question.id in answered]


def _part(replay: Replay, which: slice) -> Replay:
    """Return some of the draws of a replay, from the first on."""
    usable: NDArray[np.bool_] = replay.usable[which]
    return Replay(
        replay.plan,
        replay.beliefs,
        replay.held,
        replay.settings,
        MappingProxyType({name: values[which] for name, values in replay.values.items()}),
        usable,
    )
