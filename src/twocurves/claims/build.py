"""From a checked tree to parts that compute: names looked up, units and shapes made to fit.

Months are known here, so every measure is bound to the window of months that its place asks for, and a
month outside the run is found before anything is computed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from twocurves.claims.kinds import IN_WORDS, Kind, What
from twocurves.claims.nodes import Arithmetic, Both, Comparison, Constant, Either, Measured, Negated, Node
from twocurves.claims.syntax import Expression, ExpressionError, entities_of
from twocurves.claims.table import MeasureTable
from twocurves.claims.units import factor, read_unit, shown
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month

if TYPE_CHECKING:
    from pint import Quantity

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_DONE = {"+": "added", "-": "subtracted"}


class BeyondRunError(ExpressionError):
    """The expression asks for a month that the run does not have."""


@dataclass(frozen=True, slots=True)
class Window:
    """Months by their place in the run, ``stop`` not included."""

    start: int
    stop: int

    def moved(self, months: int) -> Window:
        """Return the window so many months later."""
        return Window(self.start + months, self.stop + months)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes
    ----------
    signature
        As a person writes it, for listings and messages.
    meaning
        What it returns.
    fewest, most
        How many arguments it takes.
    build
        Builds its part of an expression from the call and the window of months around it.
    """

    signature: str
    meaning: str
    fewest: int
    most: int
    build: Callable[[Builder, ast.Call, Window | None], Node]


@dataclass
class Builder:
    """Builds the parts of one expression.

    Attributes
    ----------
    expression
        The expression, for its text in messages.
    table
        The measures that there are.
    functions
        The functions that there are.
    date
        What the name ``date`` means.
    threshold, threshold_unit
        What the name ``threshold`` means; None where the question has none.
    measures
        The measures met so far.
    uses_threshold
        Whether the name ``threshold`` was met.
    """

    expression: Expression
    table: MeasureTable
    functions: Mapping[str, Function]
    date: Month
    threshold: float | None = None
    threshold_unit: str = "1"
    measures: set[str] = field(default_factory=set)
    uses_threshold: bool = False

    def build(self, node: ast.expr, window: Window | None) -> Node:
        """Build a part.

        Parameters
        ----------
        node
            The part of the tree.
        window
            The months for which monthly measures are meant; None where no function says.

        Raises
        ------
        ExpressionError
            A name does not exist, units or shapes do not fit, or a month is not in the run.
        """
        match node:
            case ast.Name():
                return self._name(node, window)
            case ast.Subscript():
                return self._some_entities(node, window)
            case ast.Constant(value=str()):
                return Constant(Kind("month"), float(int(self.month(node))))
            case ast.Constant(value=int() | float() as number):
                return Constant(Kind("number", unit=read_unit("1")), float(number))
            case ast.UnaryOp(op=ast.Not()):
                inner = self.of_kind(node.operand, window, "truth")
                return Negated(inner.kind, inner, 1.0)
            case ast.UnaryOp():
                inner = self.of_kind(node.operand, window, "number")
                return Negated(inner.kind, inner, 0.0)
            case ast.BoolOp():
                return self._logic(node, window)
            case ast.BinOp():
                return self._arithmetic(node, window)
            case ast.Compare():
                return self._comparisons(node, window)
            case ast.Call(func=ast.Name(id=name)):
                if name not in self.functions:
                    raise self.absent("function", name, self.functions, node)
                function = self.functions[name]
                if not function.fewest <= len(node.args) <= function.most:
                    raise self.fault(
                        node, f"is not written as {function.signature}", allowed=function.signature
                    )
                return function.build(self, node, window)
        raise self.fault(node, "is not in the language")

    def of_kind(self, node: ast.expr, window: Window | None, what: What) -> Node:
        """Build a part that must be a truth, a number or a month."""
        found = self.build(node, window)
        if found.kind.what != what:
            raise self.fault(node, f"is {IN_WORDS[found.kind.what]} where {IN_WORDS[what]} is needed")
        return found

    def month(self, node: ast.expr) -> Month:
        """Return the month that an argument names: text, ``date``, or one of these plus or minus months."""
        match node:
            case ast.Constant(value=str() as text):
                try:
                    return Month.parse(text)
                except BadInputError:
                    raise self.fault(node, "is no month such as '2028-12'", allowed="YYYY-MM") from None
            case ast.Name(id="date"):
                return self.date
            case ast.BinOp(
                left=left, op=(ast.Add() | ast.Sub()) as sign, right=ast.Constant(value=int() as months)
            ) if abs(months) <= 12 * 100:
                return self.month(left) + (months if isinstance(sign, ast.Add) else -months)
        raise self.fault(node, "is no month; write one such as '2028-12', date, or date - 12")

    def window(self, first: ast.expr, last: ast.expr) -> Window:
        """Return the window between two months, both included."""
        start, end = self.month(first), self.month(last)
        if end < start:
            raise ExpressionError(f"a window from {start} to {end} ends before it starts")
        return Window(int(start) - int(self.table.first), int(end) - int(self.table.first) + 1)

    def whole_number(self, node: ast.expr) -> int:
        """Return a number of months written in the expression."""
        match node:
            case ast.Constant(value=int() as months) if 1 <= months <= 12 * 100:
                return months
        raise self.fault(node, "must be a whole number of months")

    def one_unit(
        self, left: Node, right: Node, node: ast.expr, parts: Sequence[ast.expr], doing: str
    ) -> float:
        """Return the factor that brings the right number into the unit of the left one."""
        if left.kind.unit is None or right.kind.unit is None:
            raise self.fault(node, "needs two numbers")
        if _is_zero(left) or _is_zero(right):
            return 1.0
        found = factor(right.kind.unit, left.kind.unit)
        if found is None:
            first, second = (self.expression.part(part) for part in parts)
            raise ExpressionError(
                f"{first!r} is in {shown(left.kind.unit)} and {second!r} in {shown(right.kind.unit)}; "
                f"they cannot be {doing}",
                given=shown(right.kind.unit),
                allowed=shown(left.kind.unit),
            )
        return found

    def fault(self, node: ast.AST, sentence: str, *, allowed: object = None) -> ExpressionError:
        """Build the fault of a part: its text, then the sentence."""
        part = self.expression.part(node)
        return ExpressionError(f"{part!r} {sentence}", given=part, allowed=allowed)

    def absent(self, what: str, name: str, names: Iterable[str], node: ast.AST) -> ExpressionError:
        """Build the fault of a name that does not exist, with the nearest."""
        fault = unknown(what, name, names)
        return ExpressionError(
            fault.message.rstrip(".")[0].lower() + fault.message.rstrip(".")[1:],
            given=self.expression.part(node),
            allowed=fault.allowed,
            suggestion=fault.suggestion,
        )

    def _name(self, node: ast.Name, window: Window | None) -> Node:
        if node.id == "threshold":
            if self.threshold is None:
                raise ExpressionError("the expression names a threshold, and the question has none")
            self.uses_threshold = True
            return Constant(Kind("number", unit=self.unit(self.threshold_unit)), self.threshold)
        if node.id == "date":
            return Constant(Kind("month"), float(int(self.date)))
        return self._measure(node.id, node, window, ())

    def unit(self, text: str) -> Quantity[float]:
        """Read a unit.

        Raises
        ------
        ExpressionError
            The units table has none such.
        """
        try:
            return read_unit(text)
        except BadInputError as fault:
            sentence = fault.message.rstrip(".")
            raise ExpressionError(
                sentence[0].lower() + sentence[1:], given=text, suggestion=fault.suggestion
            ) from None

    def _some_entities(self, node: ast.Subscript, window: Window | None) -> Node:
        if not isinstance(node.value, ast.Name):
            raise self.fault(node, "is not in the language")
        names = tuple(entity.id for entity in entities_of(node) if isinstance(entity, ast.Name))
        return self._measure(node.value.id, node, window, names)

    def _measure(self, name: str, node: ast.expr, window: Window | None, entities: tuple[str, ...]) -> Node:
        table = self.table
        if name not in table.measures:
            raise self.absent("measure", name, list(table.measures), node)
        shape = table.measures[name]
        if window is None:
            raise self.fault(node, "has a value for each month; say when, as in at(..., '2028-12')")
        if window.start < 0 or window.stop > table.months:
            month = table.first + (window.start if window.start < 0 else window.stop - 1)
            raise BeyondRunError(
                f"{self.expression.part(node)!r} is asked for {month}, and the run has "
                f"{table.first} to {table.last}",
                given=str(month),
                allowed=f"{table.first} to {table.last}",
            )
        picks: list[int | None] = [None] * len(shape.axes)
        for entity in entities:
            axis = self._axis_of(entity, shape.axes, name, node)
            if picks[axis] is not None:
                raise self.fault(node, f"names two of one kind ({shape.axes[axis]})")
            picks[axis] = table.names[shape.axes[axis]].index(entity)
        left = tuple(axis for axis, pick in zip(shape.axes, picks, strict=True) if pick is None)
        self.measures.add(name)
        kind = Kind("number", axes=left, monthly=True, unit=self.unit(shape.unit))
        return Measured(kind, name, window.start, window.stop, tuple(picks))

    def _axis_of(self, entity: str, axes: tuple[str, ...], measure: str, node: ast.expr) -> int:
        found = [place for place, axis in enumerate(axes) if entity in self.table.names[axis]]
        if len(found) == 1:
            return found[0]
        if not axes:
            raise self.fault(node, f"has brackets, and {measure} is one number for the whole economy")
        if found:
            raise self.fault(node, f"is not clear: {entity} is in {' and in '.join(axes[i] for i in found)}")
        names = [name for axis in axes for name in self.table.names[axis]]
        raise self.absent(" or ".join(axes), entity, names, node)

    def _logic(self, node: ast.BoolOp, window: Window | None) -> Node:
        found = self.of_kind(node.values[0], window, "truth")
        for value in node.values[1:]:
            right = self.of_kind(value, window, "truth")
            joined = together(found.kind, right.kind)
            found = (Both if isinstance(node.op, ast.And) else Either)(joined, found, right)
        return found

    def _arithmetic(self, node: ast.BinOp, window: Window | None) -> Node:
        sign = _SIGNS[type(node.op)]
        left = self.of_kind(node.left, window, "number")
        right = self.of_kind(node.right, window, "number")
        kind = together(left.kind, right.kind)
        if sign in _DONE:
            scale = self.one_unit(left, right, node, (node.left, node.right), _DONE[sign])
            unit = right.kind.unit if _is_zero(left) else left.kind.unit
            return Arithmetic(replace(kind, unit=unit), left, right, sign, scale)
        if left.kind.unit is None or right.kind.unit is None:
            raise self.fault(node, "needs two numbers")
        unit = left.kind.unit * right.kind.unit if sign == "*" else left.kind.unit / right.kind.unit
        return Arithmetic(replace(kind, unit=unit), left, right, sign, 1.0)

    def _comparisons(self, node: ast.Compare, window: Window | None) -> Node:
        parts = [node.left, *node.comparators]
        found: Node | None = None
        for sign, first, second in zip(node.ops, parts, parts[1:], strict=False):
            one = self._comparison(_SIGNS[type(sign)], first, second, node, window)
            found = one if found is None else Both(together(found.kind, one.kind), found, one)
        if found is None:
            raise self.fault(node, "is not in the language")
        return found

    def _comparison(
        self, sign: str, first: ast.expr, second: ast.expr, node: ast.expr, window: Window | None
    ) -> Node:
        left, right = self.build(first, window), self.build(second, window)
        kind = replace(together(left.kind, right.kind), what="truth", unit=None)
        if left.kind.what == right.kind.what == "month":
            return Comparison(kind, left, right, sign, 1.0)
        for side, part in ((left, first), (right, second)):
            if side.kind.what != "number":
                raise self.fault(
                    part,
                    f"is {IN_WORDS[side.kind.what]}; numbers are compared with numbers, months with months",
                )
        scale = self.one_unit(left, right, node, (first, second), "compared")
        return Comparison(kind, left, right, sign, scale)


def _is_zero(node: Node) -> bool:
    """Return whether this is a zero without unit, which is zero in every unit."""
    unit = node.kind.unit
    return isinstance(node, Constant) and node.value == 0.0 and unit is not None and unit.unitless


def together(left: Kind, right: Kind) -> Kind:
    """Return the kind of what two parts make, over the entities of both."""
    axes = left.axes + tuple(axis for axis in right.axes if axis not in left.axes)
    return Kind(left.what, axes, left.monthly or right.monthly, left.unit)
