"""The table of measures that claims are written against: names, units, axes and months, no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twocurves.months import Month


@dataclass(frozen=True, slots=True)
class MeasureShape:
    """What a measure is, without its values.

    Attributes
    ----------
    unit
        As the units table or a measure's name writes it: ``"billion_usd / year"``,
        ``"usd_billion_per_year"``, ``"1"``.
    axes
        The kinds of entity along its axes after draw and month, for example ``("lab",)``; empty for a
        number of the whole economy.
    meaning
        What a value says, for listings.
    """

    unit: str
    axes: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """The measures of a run.

    Values come apart from it, as arrays of shape ``(draws, months, *axes)``, float32 or float64, by name.

    Attributes
    ----------
    measures
        Shape of each measure by name.
    names
        The entities along each axis, in the order of the arrays.
    first, last
        First and last month of every array, both included.
    """

    measures: Mapping[str, MeasureShape]
    names: Mapping[str, tuple[str, ...]]
    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"months run from {self.first} to {self.last}, which is before it")
        for name, shape in self.measures.items():
            for axis in shape.axes:
                if axis not in self.names:
                    raise ValueError(f"{name} runs over {axis!r}, whose entities are not given")

    @property
    def months(self) -> int:
        """Number of months."""
        return int(self.last) - int(self.first) + 1

    def shape_of(self, name: str, draws: int) -> tuple[int, ...]:
        """Return the shape that the values of a measure must have."""
        axes = self.measures[name].axes
        return (draws, self.months, *(len(self.names[axis]) for axis in axes))
