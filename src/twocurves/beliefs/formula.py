"""Formulas of derived parameters: sums, differences, products and quotients of named numbers only."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from twocurves.beliefs.tails import FloatArray

_OPERATORS: dict[type[ast.operator], Callable[[FloatArray, FloatArray], FloatArray]] = {
    ast.Add: lambda a, b: np.asarray(a + b),
    ast.Sub: lambda a, b: np.asarray(a - b),
    ast.Mult: lambda a, b: np.asarray(a * b),
    ast.Div: lambda a, b: np.asarray(a / b),
}

#: Characters in a formula; a limit far beyond need, so that no nesting is too deep to read.
LONGEST_FORMULA = 500


@dataclass(frozen=True)
class Formula:
    """A formula read from text.

    Attributes
    ----------
    text
        As written, for example ``"(1 - f) / (lag_pub - (1 - s) * l)"``.
    names
        The names in it, each once, in order.
    """

    text: str
    names: tuple[str, ...]
    tree: ast.expr = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, FloatArray]) -> FloatArray:
        """Return the formula's value, elementwise; a division by zero gives an infinity or NaN.

        Parameters
        ----------
        values
            An array of one shape, or a number, for each of ``names``.
        """
        with np.errstate(all="ignore"):
            return _value(self.tree, values)


def read_formula(text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    ValueError
        It holds anything but names, numbers, ``+ - * /`` and parentheses.
    """
    if len(text) > LONGEST_FORMULA:
        raise ValueError(f"a formula has at most {LONGEST_FORMULA} characters, not {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"the formula {text!r} cannot be read: {error.msg}") from None
    names: dict[str, None] = {}
    _collect(tree, text, names)
    return Formula(text, tuple(names), tree)


def _collect(node: ast.expr, text: str, names: dict[str, None]) -> None:
    """Note the names under a node, from left to right, and refuse what no formula may hold."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _collect(node.left, text, names)
        _collect(node.right, text, names)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _collect(node.operand, text, names)
    elif isinstance(node, ast.Name):
        names[node.id] = None
    elif not (isinstance(node, ast.Constant) and type(node.value) in (int, float) and _is_finite(node)):
        part = ast.get_source_segment(text.strip(), node) or text
        raise ValueError(
            f"the formula {text!r} holds {part!r}; allowed are names, numbers, + - * / and parentheses"
        )


def _is_finite(node: ast.Constant) -> bool:
    return isinstance(node.value, int | float) and abs(node.value) <= sys.float_info.max


def _value(node: ast.expr, values: Mapping[str, FloatArray]) -> FloatArray:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return np.asarray(-_value(node.operand, values))
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return np.asarray(float(node.value))
    raise TypeError(f"no formula holds a {type(node).__name__}")
