"""In which worlds a target holds: two or three plain conditions, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass

from twocurves.drivers.discovery import TAIL, Condition, World, discover
from twocurves.drivers.study import Study
from twocurves.serve.house import House
from twocurves.serve.services.claim_mind import said
from twocurves.serve.services.claim_rows import dots_of, percent
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView


@dataclass(frozen=True, slots=True)
class WorldShown:
    """Worlds in which something holds far more often, in words.

    Attributes
    ----------
    title
        What holds there.
    conditions
        Each in words, with the number of ten half samples in which it was found again.
    base, density
        How often it holds in all runs, and in these worlds.
    dots
        The latter as dots of twenty.
    mass, coverage
        Share of all runs that lie in these worlds, and of the runs in which it holds.
    elsewhere
        How often it holds in such worlds of runs that the conditions were not found in.
    """

    title: str
    conditions: tuple[tuple[str, int], ...]
    base: str
    density: str
    dots: int
    mass: str
    coverage: str
    elsewhere: str

    @property
    def in_twenty(self) -> str:
        """The density in words."""
        return f"{self.dots} in 20"


def worlds(house: House, view: RunView, found: Study) -> tuple[WorldShown, ...]:
    """Return the worlds of a studied target; found once."""
    return house.once(f"worlds|{view.run.name}|{found.target.name}", lambda: worlds_of(found))


def worlds_of(found: Study) -> tuple[WorldShown, ...]:
    """Return the worlds of a study in words."""
    return tuple(_shown(found, world) for world in discover(found).worlds)


def _shown(found: Study, world: World) -> WorldShown:
    titles = {
        "true": "Where it comes true",
        "false": "Where it does not",
        "high": f"Where it lies among the highest {percent(TAIL)}",
        "low": f"Where it lies among the lowest {percent(TAIL)}",
    }
    return WorldShown(
        titles[world.holds],
        tuple((_words(condition), round(10 * condition.seen_in)) for condition in world.conditions),
        percent(world.base),
        percent(world.density),
        dots_of(world.density),
        percent(world.mass),
        percent(world.coverage),
        percent(world.density_elsewhere),
    )


def _words(condition: Condition) -> str:
    label, unit = label_of(condition.input.name), condition.input.unit
    if condition.low is not None and condition.high is not None:
        return f"{label} between {said(condition.low, unit)} and {said(condition.high, unit)}"
    if condition.low is not None:
        return f"{label} above {said(condition.low, unit)}"
    return f"{label} below {said(condition.high or 0.0, unit)}"
