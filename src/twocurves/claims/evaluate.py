"""The questions of a ledger over the batches of a run, in memory that does not grow with the draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twocurves.claims.compiling import (
    UNDETERMINED,
    BeyondHorizonError,
    CompiledQuestion,
    compile_question,
)
from twocurves.claims.ledger import Question
from twocurves.claims.probability import Probability, Tally
from twocurves.claims.table import MeasureTable
from twocurves.errors import BadInputError

#: Draws computed at once: bounds the working memory whatever the batch.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question that a run cannot answer, and why, in one sentence."""

    id: str
    why: str


class Evaluator:
    """Evaluates questions batch by batch.

    Parameters
    ----------
    questions
        The questions of a ledger, or some of them.
    table
        The measures that the batches will hold.
    catalogue
        All measures that the model has, when the run keeps only some: a question over one that was not kept
        is skipped, a name that does not exist at all is still an error.

    Attributes
    ----------
    compiled
        The questions that will be answered, in order.
    skipped
        Those that this run cannot answer, with the reason: months beyond its end, measures not kept.

    Raises
    ------
    BadFileError
        A question is wrong in itself: a measure that does not exist, units or shapes that do not fit.
    """

    def __init__(
        self, questions: Iterable[Question], table: MeasureTable, catalogue: MeasureTable | None = None
    ) -> None:
        self.table = table
        compiled: list[CompiledQuestion] = []
        skipped: list[Skipped] = []
        for question in questions:
            found = _compiled(question, table, catalogue)
            if isinstance(found, Skipped):
                skipped.append(found)
            else:
                compiled.append(found)
        self.compiled = tuple(compiled)
        self.skipped = tuple(skipped)
        self._tallies = {one.question.id: Tally() for one in compiled}

    @property
    def measures(self) -> frozenset[str]:
        """The measures that batches must hold."""
        return frozenset().union(*(one.measures for one in self.compiled))

    def truths(
        self, values: Mapping[str, NDArray[np.floating]], ok: ArrayLike
    ) -> dict[str, NDArray[np.int8]]:
        """Evaluate a batch without counting it; several threads may do so at once.

        Parameters
        ----------
        values
            Arrays of shape ``(draws, months, *axes)`` by name, at least :attr:`measures`.
        ok
            Whether each draw ended well, shape ``(draws,)``.

        Returns
        -------
        dict
            For each question, 1, 0 or -1 for each draw: true, false, undetermined. A failed draw is -1.

        Raises
        ------
        ValueError
            A measure is missing or an array has another shape than the table says.
        """
        fine = np.asarray(ok, dtype=bool)
        if fine.ndim != 1:
            raise ValueError(f"ok must have one axis, not {fine.ndim}")
        self._check(values, len(fine))
        truths: dict[str, NDArray[np.int8]] = {}
        for one in self.compiled:
            truth = (
                np.concatenate(
                    [
                        one.truth(
                            {name: values[name][start : start + _AT_ONCE] for name in one.measures}, size
                        )
                        for start, size in _blocks(len(fine))
                    ]
                )
                if len(fine)
                else np.empty(0, dtype=np.int8)
            )
            truth[~fine] = UNDETERMINED
            truths[one.question.id] = truth
        return truths

    def add(
        self, values: Mapping[str, NDArray[np.floating]], ok: ArrayLike, index: ArrayLike
    ) -> dict[str, NDArray[np.int8]]:
        """Evaluate a batch as :meth:`truths` does, and count its answers.

        Parameters
        ----------
        values, ok
            As :meth:`truths` takes them; what it returns and raises is returned and raised here.
        index
            The number of each draw in its run, shape ``(draws,)``.
        """
        fine, number = np.asarray(ok, dtype=bool), np.asarray(index, dtype=np.int64)
        if fine.shape != number.shape:
            raise ValueError(f"ok and index must be of one length, not {fine.shape} and {number.shape}")
        found = self.truths(values, fine)
        for name, truth in found.items():
            self._tallies[name].add(truth, fine, number)
        return found

    def merge(self, other: Evaluator) -> None:
        """Add the counts of another evaluator of the same questions (another worker's).

        Raises
        ------
        ValueError
            It evaluates other questions.
        """
        if self._tallies.keys() != other._tallies.keys():
            raise ValueError("evaluators of different questions cannot be merged")
        for name, tally in self._tallies.items():
            tally.merge(other._tallies[name])

    def probabilities(self) -> dict[str, Probability]:
        """Return the probability of each question over the draws so far."""
        return {name: tally.probability(name) for name, tally in self._tallies.items()}

    def _check(self, values: Mapping[str, NDArray[np.floating]], draws: int) -> None:
        for name in sorted(self.measures):
            if name not in values:
                raise ValueError(f"the batch lacks the measure {name}")
            wanted = self.table.shape_of(name, draws)
            if values[name].shape != wanted:
                raise ValueError(f"{name} has the shape {values[name].shape}, and the table says {wanted}")


def _blocks(draws: int) -> list[tuple[int, int]]:
    return [(start, min(_AT_ONCE, draws - start)) for start in range(0, draws, _AT_ONCE)]


def _compiled(
    question: Question, table: MeasureTable, catalogue: MeasureTable | None
) -> CompiledQuestion | Skipped:
    try:
        return compile_question(question, table)
    except BeyondHorizonError as error:
        return Skipped(question.id, error.message)
    except BadInputError:
        if catalogue is None:
            raise
        try:
            needed = compile_question(question, catalogue).measures
        except BeyondHorizonError as error:
            return Skipped(question.id, error.message)
        absent = sorted(name for name in needed if name not in table.measures)
        if not absent:
            raise
        return Skipped(question.id, f"{question.id} needs {', '.join(absent)}, which this run did not keep.")
