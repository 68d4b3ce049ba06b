"""Draws of the real economy once more: as they were, with inputs moved, and half way between two runs."""

import numpy as np
import pytest

from twocurves.drivers.explain import explain
from twocurves.drivers.replay import Replay
from twocurves.drivers.sobol_run import draw_design, read_design, sobol_indices
from twocurves.drivers.target import find_target
from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.columns import columns
from twocurves.ensemble.results import open_run
from twocurves.ensemble.running import carry_out, job
from twocurves.errors import BadInputError
from twocurves.months import Month

OUTCOME, CLAIM = "net_revenue_open@2030-12", "C10"


@pytest.fixture(scope="module")
def replay(real_run):
    return Replay.of(real_run, 64)


def test_draws_that_are_not_moved_come_out_as_they_were_stored(real_run, replay):
    outcome, claim = (find_target(real_run, name) for name in (OUTCOME, CLAIM))
    found = replay.run([outcome, claim])
    index, stored = columns(real_run, [outcome.column], [Month.parse("2030-12")])
    np.testing.assert_array_equal(found[index, 0].astype(np.float32), stored[outcome.column][:, 0])
    assert np.isnan(np.delete(found[:, 0], index)).all()
    assert np.nanmean(found[:, 1]) == pytest.approx(probabilities(real_run)[claim.name].probability)


def test_a_move_changes_what_is_computed_from_it_and_nothing_else(replay):
    derived = replay.beliefs.derived[0]
    source = next(iter(derived.inputs.values()))
    values = replay.moved({source: replay.values[source] * 1.01})
    changed = {name for name, one in values.items() if not np.array_equal(one, replay.values[name])}
    assert source in changed
    assert derived.name in {name.partition(".")[0] for name in changed}
    known = {entry.name for entry in replay.beliefs.derived}
    assert {name.partition(".")[0] for name in changed} <= known | {source}


def test_a_plain_name_moves_all_its_entities(replay):
    name = next(name for name, entry in replay.beliefs.parameters.items() if entry.index == "lab")
    values = replay.moved({name: 0.5})
    assert all((values[full] == 0.5).all() for full in replay.beliefs.full_names(name))
    with pytest.raises(BadInputError, match="No parameter"):
        replay.moved({"no_such_belief": 1.0})


def test_computed_values_out_of_bounds_are_draws_that_failed(replay):
    derived = replay.beliefs.derived[0]
    low, high = replay.beliefs.parameters[derived.name].bounds
    (name, *_) = replay.beliefs.full_names(derived.name)
    beyond = high + 1.0 if np.isfinite(high) else low - 1.0
    assert not replay.in_bounds(replay.moved({name: beyond})).any()


def test_a_run_was_not_drawn_for_sobol_indices(real_run):
    with pytest.raises(BadInputError, match="was not drawn for Sobol indices") as fault:
        read_design(real_run, find_target(real_run, CLAIM))
    assert "--draw-sobol" in fault.value.message


def test_a_design_takes_twice_its_rows(real_run):
    with pytest.raises(BadInputError, match="takes 200 draws"):
        draw_design(real_run, find_target(real_run, CLAIM), ["lag_pub"], rows=100)


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """The same futures with two beliefs fixed and a derived one scaled."""
    planned = job(
        draws=64, settings=["closed_open_price_sensitivity=3", "usage_price_elasticity=0.7", "lag_pub=0.8x"]
    )
    return carry_out(planned, tmp_path_factory.mktemp("moved") / "run")


@pytest.mark.slow
@pytest.mark.parametrize("target", [OUTCOME, CLAIM])
def test_a_change_between_two_runs_is_shared_out_exactly(real_run, moved, target):
    found = explain(real_run, moved, target, draws=64)
    assert found.exact
    assert {part.name for part in found.parts} <= {
        "closed_open_price_sensitivity",
        "usage_price_elasticity",
        "lag_pub",
    }
    scale = max(1.0, abs(found.before))
    assert abs(sum(part.shapley for part in found.parts) - found.change) < 1e-9 * scale
    assert abs(sum(part.ordered for part in found.parts) - found.change) < 1e-9 * scale
    if target == OUTCOME:
        stored = []
        for run in (real_run, moved):
            index, figures = columns(run, ["net_revenue_open"], [Month.parse("2030-12")])
            stored.append(dict(zip(index.tolist(), figures["net_revenue_open"][:, 0].tolist(), strict=True)))
        both = sorted(set(stored[0]) & set(stored[1]))
        if found.draws == len(both):
            assert found.before == pytest.approx(np.mean([stored[0][draw] for draw in both]), rel=1e-5)
            assert found.after == pytest.approx(np.mean([stored[1][draw] for draw in both]), rel=1e-4)


def test_a_run_and_itself_have_nothing_to_explain(real_run):
    with pytest.raises(BadInputError, match="the same values in every future"):
        explain(real_run, real_run, OUTCOME)


@pytest.mark.slow
def test_a_design_is_drawn_kept_and_read(real_run, tmp_path):
    import shutil

    run = open_run(shutil.copytree(real_run.path, tmp_path / real_run.name))
    target = find_target(run, OUTCOME)
    names = ["usage_price_elasticity", "compute_to_capability", "exit_speed"]
    draw_design(run, target, names, rows=32)
    design, found = sobol_indices(run, target)
    assert design.inputs == tuple(names)
    assert found.total[0] > found.total[2]
    assert (found.total_interval[:, 0] <= found.total_interval[:, 1]).all()
    with pytest.raises(BadInputError, match="was drawn for net_revenue_open@2030-12"):
        read_design(run, find_target(run, "net_revenue_closed"))
