"""Family: how fast the closed and the open frontier grow, and whether the two rates differ."""

from __future__ import annotations

from twocurves.observed.measures.arena import arena_measures
from twocurves.observed.measures.breaks import find_break
from twocurves.observed.measures.eci import ECONOMIES, UNIT, Dates, eci_rows, eci_scores
from twocurves.observed.measures.frontier_tables import frontier_fits, frontier_points
from twocurves.observed.measures.growth import Growth, estimate_growth
from twocurves.observed.measures.growth_measures import (
    RECORDS_METHOD,
    SIDE_METHOD,
    GrowthMeasures,
    break_month,
    chance_of,
    window_days,
)
from twocurves.observed.measures.imitation import Frontier
from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.metr import metr_measures
from twocurves.observed.measures.rows import hindsight
from twocurves.observed.tables import Observations


def run(observations: Observations, window: Window) -> Measured:
    """Measure the growth of both frontiers.

    Parameters
    ----------
    observations
        What was known.
    window
        Limits the record-setting models that a line runs through. Which models were record-setting is
        decided with all models released by then.
    """
    rows = eci_rows(observations, "released")
    growths = {economy: index_growth(observations, economy, window) for economy in ECONOMIES}
    measures = [
        *_index_measures(observations, window, growths),
        *metr_measures(observations, window),
        *arena_measures(observations, window),
    ]
    return Measured(
        tuple(measures),
        {"frontier_points": frontier_points(rows, window), "frontier_fits": frontier_fits(growths)},
    )


def index_growth(
    observations: Observations, economy: str, window: Window, dates: Dates = "released"
) -> Growth | None:
    """Return the growth of one economy's frontier in the index; None with too few record-setting models."""
    scores = eci_scores(eci_rows(observations, dates), economy)
    return estimate_growth(Frontier.of(scores, *window_days(window)), f"capability/{economy}")


def _index_measures(
    observations: Observations, window: Window, growths: dict[str, Growth | None]
) -> list[Measure]:
    rows = eci_rows(observations, "released")
    about = GrowthMeasures(rows, f"{UNIT} a year", hindsight(rows, observations.as_of))
    found = [
        about.rate(
            f"capability_growth_{economy}",
            f"Growth of the {economy} frontier",
            growth,
            None if growth is None else growth.rate,
            method=RECORDS_METHOD,
        )
        for economy, growth in growths.items()
    ]
    found += about.difference(
        "capability_growth_difference",
        "Growth of the closed frontier minus the open one",
        growths["closed"],
        growths["open"],
        method=RECORDS_METHOD,
    )
    for economy, growth in growths.items():
        found += _break_measures(about, economy, growth)
    for economy in ECONOMIES:
        growth = index_growth(observations, economy, window, "listed")
        found.append(
            about.rate(
                f"capability_growth_{economy}:listed_dates",
                f"Growth of the {economy} frontier, dates as the index lists them",
                growth,
                None if growth is None else growth.rate,
                method=RECORDS_METHOD,
                note="Some versions are listed at their family's first release, o3 at its announcement.",
            )
        )
    return found


def _break_measures(about: GrowthMeasures, economy: str, growth: Growth | None) -> list[Measure]:
    found = None if growth is None else find_break(growth, f"capability/break/{economy}")
    when, said = "a break", ""
    if found is not None:
        when = str(break_month(found))
        said = (
            f"Break at {when}: {found.before.estimate:.1f} a year before, {found.after.estimate:.1f} after; "
            f"{chance_of(found)}"
        )
    sides = (("before", found.before if found else None), ("after", found.after if found else None))
    return [
        about.rate(
            f"capability_growth_{economy}:{side}_break",
            f"Growth of the {economy} frontier {side} {when}",
            growth,
            rate,
            method=SIDE_METHOD,
            note=said or "No break can be looked for: too few record-setting models.",
        )
        for side, rate in sides
    ] + list(
        about.breaks("capability", f"_{economy}", f"the {economy} frontier's growth", growth, found, said)
    )


FAMILY = Family(
    id="capability",
    title="Capability: growth of the two frontiers",
    run=run,
    figures=("frontier",),
    chief=(
        "capability_growth_closed",
        "capability_growth_open",
        "capability_growth_difference",
        "metr_doubling_days",
        "arena_growth_difference",
    ),
)
