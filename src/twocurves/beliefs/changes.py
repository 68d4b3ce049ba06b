"""A change of one number: fixed at a value, scaled, or given a new range.

What each does to a prior:

- ``4.5`` fixes the value. Correlated parameters keep the draws they had: this is an intervention, not
  conditioning on an observation.
- ``0.7x`` multiplies the value; percentiles are multiplied and must stay within the bounds. A derived
  parameter is computed and then multiplied.
- ``3..9`` sets the 10th and 90th percentiles and keeps the family and its asymmetry. A fixed parameter
  becomes uniform; a derived one is drawn (symmetric on its family's scale) instead of computed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.distributions import Distribution, of_range
from twocurves.beliefs.plain_families import Fixed
from twocurves.beliefs.schema import Parameter
from twocurves.errors import BadInputError

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_FIX = re.compile(_NUMBER)
_SCALE = re.compile(rf"({_NUMBER})\s*[xX×]")
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_FORMS = "a number (4.5), a factor (0.7x) or a range of 10th to 90th percentile (3..9)"


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed about a number.

    Attributes
    ----------
    kind
        ``"fix"``, ``"scale"`` or ``"range"``.
    numbers
        The value; the factor; or the 10th and the 90th percentile.
    """

    kind: Literal["fix", "scale", "range"]
    numbers: tuple[float, ...]

    def __str__(self) -> str:
        """Return the change as ``--set``, URLs and scenario files write it; it reads back exactly."""
        shown = [_shortest(number) for number in self.numbers]
        return f"{shown[0]}x" if self.kind == "scale" else "..".join(shown)

    def as_toml(self) -> float | str:
        """Return the change as a scenario file holds it: a number where it fixes, else words."""
        return self.numbers[0] if self.kind == "fix" else str(self)


def read_change(given: str | float, name: str) -> Change:
    """Read a change.

    Parameters
    ----------
    given
        A number, or text in one of the three forms.
    name
        What is to be changed, for the message.

    Raises
    ------
    BadInputError
        The text has none of the forms, a number is not finite, a factor is not positive, or a range does
        not rise.
    """
    text = str(given).strip()
    scale, spread = _SCALE.fullmatch(text), _RANGE.fullmatch(text)
    change: Change | None = None
    if not isinstance(given, bool):
        if _FIX.fullmatch(text):
            change = Change("fix", (float(text),))
        elif scale is not None:
            change = Change("scale", (float(scale[1]),))
        elif spread is not None:
            change = Change("range", (float(spread[1]), float(spread[2])))
    if change is None or not all(map(math.isfinite, change.numbers)):
        raise BadInputError(
            f"{name} takes {_FORMS}; you gave {text[:60]!r}.", field=name, given=text, allowed=_FORMS
        )
    if change.kind == "scale" and change.numbers[0] <= 0.0:
        raise BadInputError(
            f"The factor on {name} must be above 0; you gave {text!r}.",
            field=name,
            given=text,
            allowed="a factor above 0",
        )
    if change.kind == "range" and not change.numbers[0] < change.numbers[1]:
        raise BadInputError(
            f"The range of {name} must rise from its 10th to its 90th percentile; you gave {text!r}.",
            field=name,
            given=text,
            allowed="low..high",
        )
    return change


def changed_distribution(beliefs: Beliefs, full_name: str, change: Change) -> Distribution | None:
    """Return the distribution of a parameter after a change.

    Returns
    -------
    Distribution or None
        None where a derived parameter is scaled: it has no distribution, its computed value is multiplied.

    Raises
    ------
    BadInputError
        The change leaves the parameter's bounds.
    """
    parameter = beliefs.parameter_of(full_name)
    prior = beliefs.distributions.get(full_name)
    if prior is None and change.kind == "scale":
        return None
    try:
        return _changed(prior, parameter, change)
    except ValueError as error:
        raise _out_of_bounds(full_name, parameter, change, str(error)) from None


def allowed_values(parameter: Parameter) -> str:
    """Return the bounds of a parameter in words, with its unit: ``"between 1 and 18 months"``."""
    low, high = parameter.bounds
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    if math.isfinite(low) and math.isfinite(high):
        return f"between {low:g} and {high:g}{unit}"
    if math.isfinite(low):
        return f"at least {low:g}{unit}"
    return f"at most {high:g}{unit}" if math.isfinite(high) else f"any number{unit and ' of'}{unit}"


def _changed(prior: Distribution | None, parameter: Parameter, change: Change) -> Distribution:
    if change.kind == "fix":
        return Fixed(change.numbers[0], parameter.bounds)
    if prior is None:
        p10, p90 = change.numbers
        return of_range(parameter.distribution, p10, p90, parameter.bounds)
    return prior.scaled(*change.numbers) if change.kind == "scale" else prior.anchored(*change.numbers)


def _out_of_bounds(full_name: str, parameter: Parameter, change: Change, reason: str) -> BadInputError:
    allowed = allowed_values(parameter)
    if change.kind == "fix":
        sentence = f"{full_name} must be {allowed}; you gave {change}."
    else:
        sentence = f"{full_name} must stay {allowed}; with {change}, {reason}."
    return BadInputError(sentence, field=full_name, given=str(change), allowed=allowed)


def _shortest(number: float) -> str:
    return repr(number).removesuffix(".0")
