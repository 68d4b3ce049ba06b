"""The functions of the language, and how each is built."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from twocurves.claims.build import Builder, Function, Window
from twocurves.claims.kinds import Kind, What
from twocurves.claims.nodes import (
    Constant,
    First,
    Growth,
    Node,
    OverEntities,
    OverMonths,
    Slope,
    Sustained,
    Trailing,
)
from twocurves.claims.units import read_unit

Build = Callable[[Builder, ast.Call, Window | None], Node]

#: Stands for "any number of names behind".
_MANY = 64


def _over_window(builder: Builder, call: ast.Call, what: What, places: tuple[int, int] = (1, 2)) -> Node:
    """Build the first argument over the months between two others."""
    window = builder.window(call.args[places[0]], call.args[places[1]])
    inner = builder.of_kind(call.args[0], window, what)
    if not inner.kind.monthly:
        raise builder.fault(call.args[0], "is the same in every month, so nothing is to be told over months")
    return inner


def _quantity(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    del window
    number, text = call.args
    value = builder.of_kind(number, None, "number")
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        raise builder.fault(text, "is no unit in quotes, as in quantity(2, 'trillion_usd')")
    written = ast.literal_eval(number) if isinstance(number, ast.Constant | ast.UnaryOp) else None
    if value.kind.monthly or not isinstance(written, int | float):
        raise builder.fault(number, "is no plain number, as in quantity(2, 'trillion_usd')")
    return Constant(Kind("number", unit=builder.unit(text.value)), float(written))


def _at(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    del window
    inner = builder.build(call.args[0], builder.window(call.args[1], call.args[1]))
    if not inner.kind.monthly:
        raise builder.fault(call.args[0], "is the same in every month, so no month can be chosen")
    return OverMonths(replace(inner.kind, monthly=False), inner, "max")  # of the one month there is


def _months(how: str, what: What, unit: str | None = None) -> Build:
    def build(builder: Builder, call: ast.Call, window: Window | None) -> Node:
        del window
        inner = _over_window(builder, call, what)
        kind = replace(inner.kind, monthly=False)
        if unit is not None:
            kind = replace(kind, what="number", unit=read_unit(unit))
        return OverMonths(kind, inner, how)

    return build


def _growth(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    del window
    whole = builder.window(call.args[1], call.args[2])
    months = whole.stop - whole.start - 1
    if months < 1:
        raise builder.fault(call, "grows over no time")
    inner = _over_window(builder, call, "number")
    ends = [
        builder.of_kind(call.args[0], Window(place, place + 1), "number")
        for place in (whole.start, whole.stop - 1)
    ]
    return Growth(replace(inner.kind, monthly=False, unit=read_unit("1")), ends[0], ends[1], months)


def _slope(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    del window
    whole = builder.window(call.args[1], call.args[2])
    months = whole.stop - whole.start
    if months < 2:
        raise builder.fault(call, "has no slope over one month")
    inner = _over_window(builder, call, "number")
    unit = inner.kind.unit / read_unit("year") if inner.kind.unit is not None else None
    return Slope(replace(inner.kind, monthly=False, unit=unit), inner, months)


def _sustained(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    del window
    months = builder.whole_number(call.args[1])
    whole = builder.window(call.args[2], call.args[3])
    if months > whole.stop - whole.start:
        raise builder.fault(call, f"asks for {months} months in a window of {whole.stop - whole.start}")
    inner = _over_window(builder, call, "truth", (2, 3))
    return Sustained(replace(inner.kind, monthly=False), inner, months)


def _first(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    del window
    inner = _over_window(builder, call, "truth")
    start = int(builder.month(call.args[1]))
    return First(replace(inner.kind, what="month", monthly=False), inner, start)


def _earlier(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    months = builder.whole_number(call.args[1])
    inner = builder.build(call.args[0], None if window is None else window.moved(-months))
    if not inner.kind.monthly:
        raise builder.fault(call.args[0], "is the same in every month, so it has no earlier value")
    return inner


def _trailing(builder: Builder, call: ast.Call, window: Window | None) -> Node:
    months = builder.whole_number(call.args[1])
    wider = None if window is None else Window(window.start - months + 1, window.stop)
    inner = builder.of_kind(call.args[0], wider, "number")
    if not inner.kind.monthly:
        raise builder.fault(call.args[0], "is the same in every month, so nothing is to be told over months")
    return Trailing(inner.kind, inner, months)


def _over(how: str, what: What) -> Build:
    def build(builder: Builder, call: ast.Call, window: Window | None) -> Node:
        axis_name = call.args[0]
        axes = builder.table.names
        if not isinstance(axis_name, ast.Name):
            raise builder.fault(axis_name, "is no kind of entity, such as lab")
        axis = axis_name.id
        if axis not in axes:
            raise builder.absent("kind of entity", axis, list(axes), axis_name)
        inner = builder.of_kind(call.args[1], window, what)
        if axis not in inner.kind.axes:
            raise builder.fault(call.args[1], f"does not vary over {axis}")
        places = tuple(_place(builder, one, axis) for one in call.args[2:])
        if len(set(places)) < len(places):
            raise builder.fault(call, "names one twice")
        if how == "second" and (len(places) or len(axes[axis])) < 2:
            raise builder.fault(call, "has no second largest")
        left = tuple(one for one in inner.kind.axes if one != axis)
        kind = replace(inner.kind, axes=left)
        if how == "count":
            kind = replace(kind, what="number", unit=read_unit("1"))
        return OverEntities(kind, inner, axis, how, places)

    return build


def _place(builder: Builder, node: ast.expr, axis: str) -> int:
    names = builder.table.names[axis]
    if not isinstance(node, ast.Name):
        raise builder.fault(node, f"is no name of a {axis}")
    if node.id not in names:
        raise builder.absent(axis, node.id, names, node)
    return names.index(node.id)


def _entities(name: str, meaning: str, what: What = "number") -> Function:
    inner = "x" if what == "number" else "condition"
    signature = f"{name}_over(lab, {inner}, [name, ...])"
    return Function(signature, meaning, 2, _MANY, _over(name, what))


#: Every function, by name.
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "quantity": Function(
            "quantity(number, 'unit')",
            "a number with a unit, such as quantity(2, 'trillion_usd')",
            2,
            2,
            _quantity,
        ),
        "at": Function("at(x, month)", "the value in one month", 2, 2, _at),
        "mean": Function("mean(x, from, to)", "the mean over months", 3, 3, _months("mean", "number")),
        "max": Function("max(x, from, to)", "the largest over months", 3, 3, _months("max", "number")),
        "min": Function("min(x, from, to)", "the smallest over months", 3, 3, _months("min", "number")),
        "all": Function(
            "all(condition, from, to)", "whether it held in every month", 3, 3, _months("all", "truth")
        ),
        "any": Function(
            "any(condition, from, to)", "whether it held in some month", 3, 3, _months("any", "truth")
        ),
        "count_months": Function(
            "count_months(condition, from, to)",
            "in how many months it held",
            3,
            3,
            _months("count", "truth", "month"),
        ),
        "growth": Function(
            "growth(x, from, to)", "the factor a year by which a positive number grew", 3, 3, _growth
        ),
        "slope": Function("slope(x, from, to)", "the least-squares slope, in its unit a year", 3, 3, _slope),
        "sustained": Function(
            "sustained(condition, months, from, to)",
            "whether it held that many months on end",
            4,
            4,
            _sustained,
        ),
        "first": Function(
            "first(condition, from, to)",
            "the first month in which it held; never is later than all",
            3,
            3,
            _first,
        ),
        "earlier": Function("earlier(x, months)", "the value so many months before", 2, 2, _earlier),
        "trailing": Function(
            "trailing(x, months)", "the mean over the months that end with each", 2, 2, _trailing
        ),
        "sum_over": _entities("sum", "the sum over entities, or over those named"),
        "mean_over": _entities("mean", "the mean over entities"),
        "median_over": _entities("median", "the median over entities"),
        "max_over": _entities("max", "the largest over entities"),
        "min_over": _entities("min", "the smallest over entities"),
        "second_over": _entities("second", "the second largest over entities"),
        "count_over": _entities("count", "for how many entities it holds", "truth"),
        "any_over": _entities("any", "whether it holds for some entity", "truth"),
        "all_over": _entities("all", "whether it holds for every entity", "truth"),
    }
)
