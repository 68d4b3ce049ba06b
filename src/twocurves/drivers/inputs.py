"""The inputs of a stored run: what was drawn, whether it is a belief or a choice, its values draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, load_beliefs
from twocurves.beliefs.schema import Nature
from twocurves.drivers.ranks import FloatArray
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import BELIEF
from twocurves.errors import BadInputError

#: Fewest draws from which anything is said.
FEWEST_DRAWS = 128


@dataclass(frozen=True, slots=True)
class Input:
    """A number that a run drew.

    Attributes
    ----------
    name
        Full name, as ``--set`` takes it.
    nature
        ``belief`` (how the world is) or ``choice`` (what somebody decides).
    meaning, unit
        From the belief files; empty where they do not know it any more.
    """

    name: str
    nature: Nature
    meaning: str = ""
    unit: str = "1"


@dataclass(frozen=True, slots=True)
class Draw:
    """What identifies the draws that came through.

    Attributes
    ----------
    ok
        Whether each stored draw came through, shape ``(stored,)``.
    index
        The number of each that did, shape ``(draws,)``.
    replicate
        Its randomisation, shape ``(draws,)``.
    """

    ok: NDArray[np.bool_]
    index: NDArray[np.int64]
    replicate: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of draws that came through."""
        return len(self.replicate)


def inputs_of(run: StoredRun, beliefs: Beliefs | None = None) -> tuple[Input, ...]:
    """Return what a run drew, in order of declaration; what is computed from others is left out.

    Parameters
    ----------
    beliefs
        The belief files; the packaged ones when left out.
    """
    known = load_beliefs() if beliefs is None else beliefs
    settings = {name for name, _ in run.plan.settings}
    found = []
    for name in run.manifest.description.beliefs:
        parameter = known.parameters.get(name.partition(".")[0])
        if parameter is None:
            found.append(Input(name, "belief"))
        elif parameter.role != "derived" or settings & {name, name.partition(".")[0]}:
            found.append(Input(name, parameter.nature, parameter.meaning, parameter.unit))
    return tuple(found)


def draws_of(run: StoredRun) -> Draw:
    """Return which draws came through.

    Raises
    ------
    BadInputError
        They are too few to say anything.
    """
    ok = [np.empty(0, np.bool_)]
    index, replicate = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for table in run.iterate_draws(["draw", "ok", "replicate"]):
        came = np.asarray(from_column(table["ok"]), dtype=np.bool_)
        ok.append(came)
        index.append(from_column(table["draw"])[came])
        replicate.append(from_column(table["replicate"], 0).astype(np.int64)[came])
    found = Draw(np.concatenate(ok), np.concatenate(index), np.concatenate(replicate))
    if found.count < FEWEST_DRAWS:
        raise BadInputError(
            f"What decides an outcome cannot be told from {found.count} futures; it takes {FEWEST_DRAWS} or "
            "more, and 1,024 to see much: make a run with `twocurves run --draws 1024`.",
            field="run",
            given=found.count,
            allowed=f"{FEWEST_DRAWS} futures or more",
        )
    return found


def values_of(run: StoredRun, names: Sequence[str]) -> FloatArray:
    """Return values of inputs in the draws that came through, shape ``(draws, names)``."""
    parts = [np.empty((0, len(names)))]
    columns = [BELIEF + name for name in names]
    for table in run.iterate_draws(["ok", *columns]):
        ok = np.asarray(from_column(table["ok"]), dtype=np.bool_)
        block = np.empty((len(ok), len(columns)))
        for place, column in enumerate(columns):
            block[:, place] = from_column(table[column], 0)
        parts.append(block[ok])
    return np.concatenate(parts)
