"""A question bound to the measures of a run: checked once, then computed for any batch of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.claims.build import BeyondRunError, Builder
from twocurves.claims.functions import FUNCTIONS
from twocurves.claims.ledger import SIGNS, Question
from twocurves.claims.nodes import Node, compared
from twocurves.claims.syntax import ExpressionError
from twocurves.claims.table import MeasureTable
from twocurves.claims.units import factor, shown
from twocurves.errors import BadInputError

#: What a truth is in a stored array of int8.
TRUE, FALSE, UNDETERMINED = 1, 0, -1


class BeyondHorizonError(BadInputError):
    """A question asks for months that a run does not have, so the run cannot answer it."""


@dataclass(frozen=True)
class CompiledQuestion:
    """A question whose names, units and shapes fit a table of measures.

    Attributes
    ----------
    question
        What was compiled.
    measures
        The measures that it reads.
    """

    question: Question
    measures: frozenset[str]
    node: Node
    threshold_in_node_unit: float | None

    def outcome(self, values: Mapping[str, NDArray[np.floating]], draws: int) -> NDArray[np.float64] | None:
        """Return the number that is held against the threshold, NaN where it cannot be known.

        Parameters
        ----------
        values
            Arrays of shape ``(draws, months, *axes)`` for at least :attr:`measures`.
        draws
            Number of draws.

        Returns
        -------
        NDArray
            Shape ``(draws,)``, in the unit of the threshold; None for a question that is a truth.
        """
        if self.question.sense is None or self.threshold_in_node_unit is None:
            return None
        found = self._row(values, draws)
        threshold = self.question.threshold
        if threshold is None or threshold == 0.0 or self.threshold_in_node_unit == threshold:
            return found
        return found * (threshold / self.threshold_in_node_unit)

    def truth(self, values: Mapping[str, NDArray[np.floating]], draws: int) -> NDArray[np.int8]:
        """Return 1 where the question holds, 0 where not, -1 where an input is not finite.

        Parameters
        ----------
        values, draws
            As for :meth:`outcome`.
        """
        row = self._row(values, draws)
        if self.question.sense is not None and self.threshold_in_node_unit is not None:
            row = compared(SIGNS[self.question.sense], row, np.asarray(self.threshold_in_node_unit))
        return np.where(np.isnan(row), UNDETERMINED, row).astype(np.int8)

    def _row(self, values: Mapping[str, NDArray[np.floating]], draws: int) -> NDArray[np.float64]:
        return np.array(np.broadcast_to(self.node.evaluate(values)[:, 0], (draws,)))


def compile_question(question: Question, table: MeasureTable) -> CompiledQuestion:
    """Check a question against the measures of a run and make it ready to be computed.

    Raises
    ------
    BadFileError
        A name does not exist, units or shapes do not fit; ``field`` is the file and line of the expression.
    BeyondHorizonError
        It asks for months that the run does not have.
    """
    builder = Builder(question.expression, table, FUNCTIONS, question.date, question.threshold, question.unit)
    try:
        node = builder.build(question.expression.tree, None)
        threshold = _finished(question, node, builder)
    except BeyondRunError as error:
        raise BeyondHorizonError(
            f"{question.id} cannot be answered by this run: {error.sentence}.",
            field=question.where,
            given=error.given,
            allowed=error.allowed,
        ) from None
    except ExpressionError as error:
        raise question.fault(error) from None
    return CompiledQuestion(question, frozenset(builder.measures), node, threshold)


def _finished(question: Question, node: Node, builder: Builder) -> float | None:
    """Check how the expression ends; return the threshold in its unit, None when it ends as a truth."""
    kind = node.kind
    if not builder.measures:
        raise ExpressionError("the expression reads no measure")
    if kind.axes:
        raise ExpressionError(
            f"the expression has a value for each {' and '.join(kind.axes)}; "
            f"name one in brackets or join them, as in sum_over({kind.axes[0]}, ...)"
        )
    if kind.what == "month":
        raise ExpressionError("the expression ends as a month; compare it with one, as in first(...) <= date")
    if kind.what == "truth":
        if question.sense is not None:
            raise ExpressionError(
                f"the expression is true or false by itself, so sense = {question.sense!r} has no use"
            )
        if question.threshold is not None and not builder.uses_threshold:
            raise ExpressionError("the question has a threshold, and its expression does not name it")
        return None
    if question.sense is None or question.threshold is None or kind.unit is None:
        raise ExpressionError("the expression ends as a number, so the question needs threshold and sense")
    if question.threshold == 0.0:
        return 0.0
    unit = builder.unit(question.unit)
    scale = factor(unit, kind.unit)
    if scale is None:
        raise ExpressionError(
            f"the expression is in {shown(kind.unit)} and its threshold in {shown(unit)}; "
            "they cannot be compared",
            given=shown(unit),
            allowed=shown(kind.unit),
        )
    return question.threshold * scale
