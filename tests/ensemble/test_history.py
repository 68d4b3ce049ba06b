"""The history: every anchor finds its observation, and the central path passes near the firmest of them."""

import datetime as dt
import math
from functools import cache

import numpy as np
import pytest

from twocurves.beliefs import Beliefs, load_beliefs, read_settings
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble.assembly import FIRST, structure_of
from twocurves.ensemble.central import medians
from twocurves.ensemble.history import MONTHS, Anchor, HistoryRow, anchors, beside, history
from twocurves.months import Month
from twocurves.observed.tables import Observations, observations


@cache
def beliefs() -> Beliefs:
    return load_beliefs()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Observations:
    return observations(folder=tmp_path_factory.mktemp("no-own-data"))


def flat(value: float = 0.5) -> dict[str, np.ndarray]:
    """A path on which every measure stands still, in the shapes of the engine; adopters rise a little."""
    names = structure_of(beliefs()).names
    sizes = {
        "lab": len(names.labs),
        "builder": len(names.builders),
        "segment": len(names.segments),
        "region": len(names.regions),
        "layer": len(names.layers),
    }
    shown = {
        name: np.full((MONTHS, *(sizes[axis] for axis in info.axes)), value)
        for name, info in MEASURES.items()
    }
    shown["adopters"] = shown["adopters"] * np.linspace(1.0, 2.0, MONTHS)[:, None]
    return shown


def test_every_anchor_finds_what_was_observed(held: Observations) -> None:
    found = beside(beliefs(), NO_SETTINGS, held, flat())
    wanted = sum(
        1 if anchor.path == "adoption" else len(anchor.targets) + len(anchor.months) for anchor in anchors()
    )
    assert len(found) == wanted
    assert {row.what for row in found} == {anchor.what for anchor in anchors()}
    for row in found:
        assert math.isfinite(row.observed)
        assert row.source
        assert FIRST <= Month.parse(row.month) <= Month.of(2026, 6)


def test_comparisons_are_what_they_say(held: Observations) -> None:
    for row in beside(beliefs(), NO_SETTINGS, held, flat(0.7)):
        if row.by == "ratio":
            assert row.comparison * row.observed == pytest.approx(row.simulated)
        else:
            assert row.comparison + row.observed == pytest.approx(row.simulated)
        assert row.as_record()["month"] == row.month


def test_the_observed_frontier_never_falls_and_open_trails(held: Observations) -> None:
    found = beside(beliefs(), NO_SETTINGS, held, flat())
    closed = [row.observed for row in found if row.what == "Best closed model"]
    opened = [row.observed for row in found if row.what == "Best open model"]
    assert closed == sorted(closed)
    assert opened == sorted(opened)
    assert all(best > trailing for best, trailing in zip(closed, opened, strict=True))


def test_what_was_not_known_is_left_out(held: Observations) -> None:
    early = held.until(dt.date(2025, 1, 31))
    series = {anchor.what for anchor in anchors() if anchor.series}
    found = [row for row in beside(beliefs(), NO_SETTINGS, early, flat()) if row.what in series]
    assert found
    assert all(Month.parse(row.month) <= Month.of(2025, 1) for row in found)


def test_anchors_name_what_exists() -> None:
    names = structure_of(beliefs()).names
    entities = {"lab": names.labs, "segment": names.segments, "region": names.regions}
    for anchor in anchors():
        assert isinstance(anchor, Anchor)
        axes = MEASURES[anchor.measure].axes
        assert bool(axes) == bool(anchor.entity_here)
        if axes:
            assert anchor.entity_here in entities[axes[0]]
        assert set(anchor.targets) <= set(beliefs().targets)


def test_medians_are_medians_and_obey_settings() -> None:
    plain = medians(beliefs())
    for name, distribution in beliefs().distributions.items():
        assert plain.values[name][0] == pytest.approx(float(distribution.quantile(np.array([0.5]))[0]))
    changed = medians(beliefs(), read_settings(beliefs(), ["lag_pub=3", "catch_up_rate=2x"]))
    assert changed.values["lag_pub"][0] == 3.0
    rate = (1.0 - plain.values["own_effort_share"][0]) / (
        3.0 - (1.0 - plain.values["spillover_share"][0]) * plain.values["api_delay_reference"][0]
    )
    assert changed.values["catch_up_rate"][0] == pytest.approx(2.0 * rate)
    untouched = set(beliefs().names) - {"lag_pub", "catch_up_rate"}
    assert all(changed.values[name][0] == plain.values[name][0] for name in untouched)


@pytest.mark.slow
def test_the_central_path_passes_near_the_firmest_anchors(held: Observations) -> None:
    found = history(beliefs(), NO_SETTINGS, held)

    def of(what: str) -> list[HistoryRow]:
        return [row for row in found if row.what == what]

    assert all(math.isfinite(row.simulated) for row in found)
    assert all(0.5 < row.comparison < 2.0 for row in of("Closed revenue"))
    late = [row for row in of("Best closed model") if row.month >= "2024-12"]
    assert all(abs(row.comparison) < 5.0 for row in late)
    assert all(0.5 < row.comparison < 2.0 for row in of("Open lag"))
    assert all(0.8 < row.comparison < 1.25 for row in of("Accelerators in service") if row.month >= "2025")
