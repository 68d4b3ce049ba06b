"""From text to a checked tree: what an expression of a claim may be written with, and nothing else.

Expressions look like Python's and are read by Python's own parser, but never compiled or run: the tree is
walked, and only names, numbers, months in quotes, ``+ - * /``, comparisons, ``and or not``, entities in
brackets and calls by plain name pass.
"""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass, field

#: Characters in an expression; far beyond need.
LONGEST_EXPRESSION = 2000

#: Levels of nesting; far beyond need, and far from Python's limit of recursion.
DEEPEST_NESTING = 40

_ALLOWED = (
    "names, numbers, months in quotes, + - * /, comparisons, and/or/not, entities in brackets and the "
    "functions of the language"
)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "a dot after a name",
    ast.Pow: "a power",
    ast.Lambda: "a function of its own",
    ast.ListComp: "a loop",
    ast.SetComp: "a loop",
    ast.DictComp: "a loop",
    ast.GeneratorExp: "a loop",
    ast.IfExp: "an if",
    ast.NamedExpr: "an assignment",
    ast.JoinedStr: "a formatted string",
    ast.Starred: "a star",
    ast.List: "a list",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.Slice: "a slice",
    ast.Eq: "==, which is never safe between measured numbers: write <= or >=",
    ast.NotEq: "!=, which is never safe between measured numbers: write < or >",
}


class ExpressionError(ValueError):
    """An expression cannot be read or makes no sense.

    Attributes
    ----------
    sentence
        What is wrong, without the claim and the line, which the caller knows.
    """

    def __init__(
        self, sentence: str, *, given: object = None, allowed: object = None, suggestion: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.given = given
        self.allowed = allowed
        self.suggestion = suggestion


@dataclass(frozen=True)
class Expression:
    """An expression that is well formed; whether its names exist is another matter.

    Attributes
    ----------
    text
        As written, on one line.
    tree
        The root of its tree.
    """

    text: str
    tree: ast.expr = field(repr=False, compare=False)

    def part(self, node: ast.AST) -> str:
        """Return the text of a part of the tree, for messages."""
        return ast.get_source_segment(self.text, node) or self.text


def read_expression(text: str) -> Expression:
    """Read an expression and refuse whatever is not in the language.

    Raises
    ------
    ExpressionError
        It is empty, too long, too deep, no expression, or holds something that is not allowed.
    """
    line = " ".join(text.split())
    if not line:
        raise ExpressionError("the expression is empty")
    if len(line) > LONGEST_EXPRESSION:
        raise ExpressionError(
            f"an expression has at most {LONGEST_EXPRESSION} characters, not {len(line)}", given=len(line)
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # Python's advice on code; none of this is run
            tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        near = f" near {line[max(0, error.offset - 1) :][:20]!r}" if error.offset else ""
        raise ExpressionError(f"the expression cannot be read{near}: {error.msg}", given=line) from None
    except (ValueError, RecursionError, MemoryError):  # null bytes; nesting beyond the parser's own limits
        raise ExpressionError("the expression cannot be read", given=line) from None
    found = Expression(line, tree)
    _refuse_deep(tree)
    _check(tree, found)
    return found


def _refuse_deep(tree: ast.expr) -> None:
    """Refuse deep nesting without recursion, since the other walks recurse."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST_NESTING):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise ExpressionError(f"the expression nests deeper than {DEEPEST_NESTING} levels")


def _check(node: ast.expr, whole: Expression) -> None:
    match node:
        case ast.Name():
            return
        case ast.Constant():
            _check_constant(node, whole)
        case ast.BinOp():
            if not isinstance(node.op, _OPERATORS):
                raise _refusal(node.op, node, whole)
            _check(node.left, whole)
            _check(node.right, whole)
        case ast.UnaryOp():
            if not isinstance(node.op, ast.USub | ast.Not):
                raise _refusal(node.op, node, whole)
            _check(node.operand, whole)
        case ast.BoolOp():
            for value in node.values:
                _check(value, whole)
        case ast.Compare():
            for operator in node.ops:
                if not isinstance(operator, _COMPARISONS):
                    raise _refusal(operator, node, whole)
            for value in (node.left, *node.comparators):
                _check(value, whole)
        case ast.Subscript():
            if not isinstance(node.value, ast.Name) or not all(
                isinstance(entity, ast.Name) for entity in entities_of(node)
            ):
                raise ExpressionError(
                    f"{whole.part(node)!r}: brackets follow a measure and hold names of entities, "
                    "as in revenue_by_lab[google]",
                    given=whole.part(node),
                )
        case ast.Call():
            if not isinstance(node.func, ast.Name):
                raise _refusal(node.func, node, whole)
            if node.keywords:
                raise ExpressionError(
                    f"{whole.part(node)!r}: arguments have no names here; write them in order",
                    given=whole.part(node),
                )
            for argument in node.args:
                _check(argument, whole)
        case _:
            raise _refusal(node, node, whole)


def entities_of(node: ast.Subscript) -> list[ast.expr]:
    """Return what stands in the brackets."""
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _check_constant(node: ast.Constant, whole: Expression) -> None:
    value = node.value
    if isinstance(value, str):
        return
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
        return
    raise ExpressionError(
        f"{whole.part(node)[:40]!r} is no number that an expression can hold", given=whole.part(node)[:40]
    )


def _refusal(what: ast.AST, node: ast.AST, whole: Expression) -> ExpressionError:
    named = _REFUSED.get(type(what), type(what).__name__)
    part = whole.part(node)
    return ExpressionError(f"{part!r} holds {named}; allowed are {_ALLOWED}", given=part, allowed=_ALLOWED)
