"""What a plan keeps of what a simulator delivers, and in which columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from twocurves.ensemble.plan import Plan
from twocurves.ensemble.simulator import Description, MeasureInfo
from twocurves.errors import unknown


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of paths: one measure of one entity.

    Attributes
    ----------
    name
        ``revenue_by_lab.openai``; the bare measure where it has no axes.
    measure
        Index into :attr:`Layout.measures`.
    place
        Index along each axis.
    """

    name: str
    measure: int
    place: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """A plan joined to the description of its simulator.

    Raises
    ------
    BadInputError
        The plan keeps a measure that the simulator does not have.
    """

    plan: Plan
    description: Description

    def __post_init__(self) -> None:
        known = {info.name for info in self.description.measures}
        for name in self.plan.measures:
            if name not in known:
                raise unknown("measure", name, known)

    @cached_property
    def measures(self) -> tuple[MeasureInfo, ...]:
        """The measures kept, in the plan's order."""
        by_name = {info.name: info for info in self.description.measures}
        return tuple(by_name[name] for name in self.plan.measures)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table of paths, after draw and month."""
        return tuple(
            column for index, info in enumerate(self.measures) for column in self._columns(index, info)
        )

    def columns_of(self, measure: str) -> tuple[Column, ...]:
        """Return the columns of one measure.

        Raises
        ------
        BadInputError
            The run does not keep it.
        """
        if measure not in self.plan.measures:
            raise unknown("measure in this run", measure, self.plan.measures, field="measure")
        index = self.plan.measures.index(measure)
        return tuple(column for column in self.columns if column.measure == index)

    def shape(self, info: MeasureInfo) -> tuple[int, ...]:
        """Return the lengths of a measure's axes."""
        return tuple(len(self.description.axes[axis]) for axis in info.axes)

    @cached_property
    def month_places(self) -> tuple[int, ...]:
        """Places of the months kept among the months simulated."""
        first = int(self.plan.months[0].parse(self.plan.from_month))
        return tuple(int(month) - first for month in self.plan.months)

    def _columns(self, index: int, info: MeasureInfo) -> Iterator[Column]:
        names = [self.description.axes[axis] for axis in info.axes]
        for place in product(*(range(len(along)) for along in names)):
            entities = (along[where] for along, where in zip(names, place, strict=True))
            yield Column(".".join([info.name, *entities]), index, place)
