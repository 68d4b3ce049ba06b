"""The order in which derived parameters are computed, and the check of their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twocurves.beliefs.formula import Formula, read_formula
from twocurves.beliefs.schema import Parameter
from twocurves.errors import nearest


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived parameter.

    Attributes
    ----------
    name
        The parameter.
    formula
        How it is computed.
    inputs
        The parameter behind each name in the formula (a formula may use symbols).
    """

    name: str
    formula: Formula
    inputs: Mapping[str, str]


class DerivedFault(ValueError):
    """A formula that cannot be computed; ``name`` is the parameter it belongs to."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


def derived_in_order(parameters: Mapping[str, Parameter]) -> tuple[Derived, ...]:
    """Return the derived parameters so that each comes after those that it uses.

    An indexed parameter is computed for each of its entities, from scalars and from the same entity of
    parameters with the same index; a scalar can only use scalars.

    Raises
    ------
    DerivedFault
        A formula cannot be read, uses a name that does not exist or has another index, or uses itself.
    """
    by_symbol = {entry.symbol: name for name, entry in parameters.items() if entry.symbol}
    read = {
        name: _read(entry, parameters, by_symbol)
        for name, entry in parameters.items()
        if entry.role == "derived"
    }
    ordered: dict[str, Derived] = {}
    for name in read:
        _place(name, read, ordered, ())
    return tuple(ordered.values())


def _read(entry: Parameter, parameters: Mapping[str, Parameter], by_symbol: Mapping[str, str]) -> Derived:
    try:
        formula = read_formula(entry.formula)
    except ValueError as error:
        raise DerivedFault(entry.name, str(error)) from None
    inputs = {used: used if used in parameters else by_symbol.get(used, "") for used in formula.names}
    for used, name in inputs.items():
        if not name:
            near = nearest(used, [*parameters, *by_symbol])
            hint = f"; did you mean {near!r}?" if near is not None else ""
            raise DerivedFault(entry.name, f"the formula uses {used!r}, which is no parameter{hint}")
        index = parameters[name].index
        if index is not None and index != entry.index:
            own = "one number" if entry.index is None else f"indexed by {entry.index}"
            raise DerivedFault(
                entry.name, f"the formula uses {name}, which is indexed by {index}, but {entry.name} is {own}"
            )
    return Derived(entry.name, formula, inputs)


def _place(
    name: str, read: Mapping[str, Derived], ordered: dict[str, Derived], above: tuple[str, ...]
) -> None:
    if name in above:
        circle = " -> ".join((*above[above.index(name) :], name))
        raise DerivedFault(name, f"the formulas run in a circle: {circle}")
    if name in ordered:
        return
    for used in read[name].inputs.values():
        if used in read:
            _place(used, read, ordered, (*above, name))
    ordered[name] = read[name]
